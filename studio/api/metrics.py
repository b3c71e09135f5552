"""Counts for a monitor, as Prometheus reads them. Answered under /metrics, too."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.nouns import Role
from studio.access import needs
from studio.api.problems import files

router = APIRouter(tags=["metrics"])


@router.get("/metrics", dependencies=[needs(Role.AUDITOR)], response_class=Response, responses=files("text/plain"))
def metrics(request: Request) -> Response:
    """How many records, jobs, runs, verdicts and requests there are. No name of a project or a person."""
    return Response(generate_latest(request.app.state.meter.registry), media_type=CONTENT_TYPE_LATEST)
