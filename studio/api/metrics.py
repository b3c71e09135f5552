"""Counts for a monitor, as Prometheus reads them. Answered under /metrics, too."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.nouns import Role
from studio.access import needs

router = APIRouter(tags=["metrics"])


@router.get("/metrics", dependencies=[needs(Role.AUDITOR)], response_class=PlainTextResponse)
def metrics(request: Request) -> PlainTextResponse:
    """How many records, jobs, runs, verdicts and requests there are. No name of a project or a person."""
    return PlainTextResponse(generate_latest(request.app.state.meter.registry), media_type=CONTENT_TYPE_LATEST)
