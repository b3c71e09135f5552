"""Keys for clients of /v1, and the models that they can ask for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import api_keys, serving
from studio.access import acting_person, needs, visible
from studio.running import workspace

router = APIRouter(tags=["keys"])
By = Annotated[str, Depends(acting_person)]


class NewKey(BaseModel):
    """models: those that it may use; none for every model there is and will be."""

    name: str
    models: list[str] = Field(default_factory=list)
    requests_per_minute: int = api_keys.DEFAULT_PER_MINUTE
    requests_at_once: int = api_keys.DEFAULT_AT_ONCE


@router.get("/keys", dependencies=[needs(Role.OWNER)])
def listing() -> list[dict[str, Any]]:
    """Every key without the part that opens anything, revoked ones too."""
    return api_keys.list_keys(workspace())


@router.post("/keys", dependencies=[needs(Role.OWNER)])
def create(body: NewKey, by: By) -> dict[str, Any]:
    """The answer has the key, which is not shown again."""
    made = api_keys.create_key(
        workspace(), body.name, by=by, models=body.models,
        requests_per_minute=body.requests_per_minute, requests_at_once=body.requests_at_once,
    )  # fmt: skip
    return api_keys.key_as_json(made)


@router.post("/keys/{key}/revoke", dependencies=[needs(Role.OWNER)])
def revoke(key: str, by: By) -> dict[str, Any]:
    """key: its id, or the name of one in use. The next request that shows it is refused."""
    return api_keys.revoke_key(workspace(), key, by=by)


@router.get("/servable-models", dependencies=[needs(Role.ENGINEER, somewhere=True)])
def models(request: Request) -> list[dict[str, Any]]:
    """What clients of /v1 can ask for, and what stands in the way of the rest."""
    return visible(request, serving.list_models(workspace()), Role.ENGINEER, key="project")
