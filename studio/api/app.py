"""The API application: routers, errors as JSON with their sentence, and the OpenAPI document."""

from __future__ import annotations

import json
import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core import errors
from core.full_disk import says_full
from core.incidents import note_incident
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
from studio.api.problems import PROBLEMS
from studio.api.sound_body import MOST_BODY_BYTES, SoundBody
from studio.metering import Meter

log = logging.getLogger(__name__)

HTTP_PROBLEMS = {
    404: ("not_found", "There is no such path.", ""),
    405: ("invalid", "This path is not asked for in this way.", ""),
    413: ("too_large", "The request is larger than is read.", "Send less at once, or the file as an upload."),
    400: ("invalid", "The body of the request cannot be read.", ""),
}

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
    api = FastAPI(title="Proofroom", version="1", docs_url=None, redoc_url=None, max_body_size=MOST_BODY_BYTES)
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
        api.include_router(module.router, responses=PROBLEMS)
    api.add_middleware(SoundBody, refuse=_as_unsound)
    # Before it: what somebody without a token sends is not read at all.
    api.add_middleware(TokenFirst, refuse=_as_problem)
    api.add_exception_handler(errors.ProofroomError, _as_problem)
    api.add_exception_handler(RequestValidationError, _as_invalid)
    api.add_exception_handler(HTTPException, _as_http_problem)
    api.add_exception_handler(OSError, _as_trouble)
    api.add_exception_handler(UnicodeEncodeError, _as_half_a_character)
    api.add_exception_handler(Exception, _as_incident)
    return api


class Problem(JSONResponse):
    """May quote whatever was sent: half of a character goes back as the escape that it came as."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


async def _as_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.ProofroomError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    return Problem({"error": error.code, "message": error.message, "remedy": error.remedy}, status_code=status)


async def _as_half_a_character(request: Request, error: Exception) -> JSONResponse:
    """JSON can write half of a character, as a lone surrogate; no text holds one, so neither the store nor a file takes it."""
    body = {"error": "invalid", "message": "The request holds half of a character.", "remedy": "Send whole ones."}
    return JSONResponse(body, status_code=422)


async def _as_http_problem(request: Request, error: Exception) -> JSONResponse:
    """What the routes themselves never see: no such path, a method that it does not have, a body that is too large or is none."""
    assert isinstance(error, HTTPException)
    code, message, remedy = HTTP_PROBLEMS.get(error.status_code, ("invalid", f"{error.detail}.", ""))
    body = {"error": code, "message": message, "remedy": remedy or "See /api/openapi.json."}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _as_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    message = f"The value of {where or 'the request'} does not fit: {first['msg']}."
    return await _as_problem(request, errors.Invalid(message, remedy="See /api/openapi.json."))


async def _as_unsound(request: Request, error: Exception) -> JSONResponse:
    return await (_as_http_problem if isinstance(error, HTTPException) else _as_problem)(request, error)


async def _as_trouble(request: Request, error: Exception) -> JSONResponse:
    """A file could not be read or written."""
    if says_full(error):
        full = errors.StoreFull(
            "The disk is full: a file could not be written.",
            remedy="Free some space; nothing acknowledged so far is lost.",
        )
        return await _as_problem(request, full)
    return await _as_incident(request, error)


async def _as_incident(request: Request, error: Exception) -> JSONResponse:
    # The route, not the path: a tag or a name may stand in that.
    route = getattr(request.scope.get("route"), "path", "a path without a route")
    incident = note_incident(log, f"on {request.method} {route}", error)
    message = f"Something unexpected happened ({type(error).__name__})."
    return JSONResponse(
        {"error": "incident", "message": message, "remedy": f"Quote {incident}; the log has where it came from."},
        status_code=500,
    )
