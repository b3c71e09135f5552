"""Hosts whose pages may be fetched for facts: for owners, since the studio asks other machines then."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import fact_pages
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["facts"])
By = Annotated[str, Depends(acting_person)]


class NewHost(BaseModel):
    """host: as in an address, with its port where that is not 443. allows_private: also on this machine or network."""

    host: str
    allows_private: bool = False


@router.get("/fact-hosts", dependencies=[needs(Role.LEAD, somewhere=True)])
def listing() -> list[dict[str, Any]]:
    return [asdict(one) for one in fact_pages.allowed_hosts(workspace())]


@router.put("/fact-hosts", dependencies=[needs(Role.OWNER)])
def allow(body: NewHost, by: By) -> dict[str, Any]:
    """Let pages of a host be fetched when somebody asks for them."""
    return asdict(fact_pages.allow_host(workspace(), body.host, by=by, allows_private=body.allows_private))


@router.delete("/fact-hosts/{host}", dependencies=[needs(Role.OWNER)])
def forbid(host: str, by: By) -> dict[str, str]:
    """Fetch no page of it any more; facts that were read stay."""
    fact_pages.forbid_host(workspace(), host, by=by)
    return {"host": host}
