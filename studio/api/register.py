"""The register of sources: terms, limits, withdrawals, and what learnt the words that lapsed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import auditing, documenting, lapsing, limiting
from core.workflows import register as workflow
from studio import running
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.api.records import Chosen
from studio.running import workspace

router = APIRouter(tags=["register"])
By = Annotated[str, Depends(acting_person)]


class Reason(BaseModel):
    reason: str = ""


class NewLimit(BaseModel):
    """uses: at most these. expires: the last day, YYYY-MM-DD. expected: how many records the person saw that it is about."""

    where: Chosen
    expected: int
    uses: list[str] | None = None
    expires: str | None = None
    withdraw: bool = False
    reason: str = ""


@router.get("/projects/{project}/register", dependencies=[needs(Role.AUDITOR)])
def register(project: str) -> dict[str, Any]:
    return workflow.as_json(workflow.register(workspace(), project))


@router.get(
    "/projects/{project}/documents/{kind}",
    dependencies=[needs(Role.AUDITOR)],
    response_class=Response,
    responses=files(*documenting.MIME.values()),
)
def document(
    project: str, by: By, kind: Literal["record", "dpia", "training", "datasheet"], format: Literal["md", "html", "pdf"] = "md", run: str | None = None,
    version: str | None = None,
) -> Response:  # fmt: skip
    """record: Art. 30. dpia: Art. 35. training: AI Act, Art. 53(1)(d). datasheet: of a version. What the records do not hold is named as a gap."""
    content = documenting.document(
        workspace(), project, kind, format, run=run, version=version, provider=running.provider_host()
    )
    auditing.exported(workspace(), "document", kind, by=by, project=project, format=format)
    return Response(content, media_type=documenting.MIME[format])


@router.post("/sources/{source}/withdrawal", dependencies=[needs(Role.OWNER)])
def withdraw(source: str, body: Reason, by: By) -> dict[str, str]:
    return {"limit": limiting.withdraw_source(workspace(), source, reason=body.reason, by=by)}


@router.get("/projects/{project}/limits", dependencies=[needs(Role.AUDITOR)])
def limits(project: str) -> list[dict[str, Any]]:
    """Limits and withdrawals, newest first, lifted ones too."""
    return limiting.list_limits(workspace(), project)


@router.post("/projects/{project}/limits", dependencies=[needs(Role.OWNER)])
def limit(project: str, body: NewLimit, by: By) -> dict[str, Any]:
    return limiting.limit_records(
        workspace(), project, body.where.filter(), by=by, expected=body.expected, uses=body.uses, expires=body.expires, withdraw=body.withdraw,
        reason=body.reason,
    )  # fmt: skip


@router.delete("/limits/{limit}", dependencies=[needs(Role.OWNER)])
def lift(limit: str, by: By) -> dict[str, int]:
    return {"n_records": limiting.lift_limit(workspace(), limit, by=by)}


@router.post("/runs/{run}/exemption", dependencies=[needs(Role.OWNER)])
def exempt(run: str, body: Reason, by: By) -> dict[str, str]:
    return {"run": lapsing.exempt(workspace(), run, reason=body.reason, by=by)["id"]}


@router.post("/runs/{run}/retrain", dependencies=[needs(Role.OWNER)])
def retrain(run: str, by: By) -> dict[str, str]:
    """Freezes the run's version anew without what lapsed; a run like it starts when that is there, or at once after an erasure."""
    return lapsing.retrain_without(workspace(), run, by=by)
