"""The API application: routers, errors as JSON with their sentence, and the OpenAPI document."""

from __future__ import annotations

import logging
import secrets

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from core import errors
from studio.access import TokenFirst
from studio.api import (
    assignments,
    audit,
    brand_guide,
    bundles,
    continuations,
    drafts,
    edit_limit,
    endpoint,
    erasures,
    exports,
    fact_documents,
    fact_hosts,
    facts,
    imports,
    jobs,
    keys,
    metrics,
    models,
    pairwise,
    people,
    personal_data,
    projects,
    quality,
    queue,
    recipes,
    records,
    register,
    review_loop,
    reviews,
    rubrics,
    runs,
    tags,
    upkeep,
    versions,
)
from studio.metering import Meter

log = logging.getLogger(__name__)

STATUS = {
    errors.NotFound: 404,
    errors.Invalid: 422,
    errors.UnreadableFile: 422,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.Unauthenticated: 401,
    errors.Refused: 409,
    errors.NotEnoughReviews: 409,
    errors.StoreFull: 507,
    errors.ModelMissing: 409,
    errors.Busy: 429,
    errors.Unavailable: 503,
}


def create_api(token: str, meter: Meter | None = None) -> FastAPI:
    """The API under /api. Every route but its own description (openapi.json) needs the token and declares a role.

    meter: what its /metrics tells; one of its own counts no requests.
    """
    api = FastAPI(title="Proofroom", version="1", docs_url=None, redoc_url=None)
    api.state.token, api.state.meter = token, meter or Meter()
    for module in (
        projects,
        imports,
        records,
        register,
        quality,
        queue,
        tags,
        recipes,
        facts,
        fact_documents,
        fact_hosts,
        personal_data,
        versions,
        runs,
        continuations,
        bundles,
        models,
        exports,
        brand_guide,
        drafts,
        reviews,
        rubrics,
        pairwise,
        assignments,
        edit_limit,
        review_loop,
        jobs,
        upkeep,
        metrics,
        audit,
        erasures,
        endpoint,
        keys,
        people,
    ):
        api.include_router(module.router)
    api.add_middleware(TokenFirst, refuse=_as_problem)
    api.add_exception_handler(errors.ProofroomError, _as_problem)
    api.add_exception_handler(RequestValidationError, _as_invalid)
    api.add_exception_handler(Exception, _as_incident)
    return api


async def _as_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.ProofroomError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse({"error": error.code, "message": error.message, "remedy": error.remedy}, status_code=status)


async def _as_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    message = f"The value of {where or 'the request'} does not fit: {first['msg']}."
    return JSONResponse({"error": "invalid", "message": message, "remedy": "See /api/openapi.json."}, status_code=422)


async def _as_incident(request: Request, error: Exception) -> JSONResponse:
    incident = "i" + secrets.token_hex(4)
    log.error("incident %s on %s", incident, request.url.path, exc_info=error)
    message = f"Something unexpected happened ({type(error).__name__})."
    return JSONResponse(
        {"error": "incident", "message": message, "remedy": f"Quote {incident}; the log has the details."},
        status_code=500,
    )
