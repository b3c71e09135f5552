"""Errors in the shape that OpenAI's clients read: {"error": {"message", "type", "param", "code"}}, with the status that each stands for."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from core import errors
from core.incidents import note_incident

log = logging.getLogger(__name__)


class TooLarge(errors.ProofroomError):
    """The body of a request is longer than is read."""

    code = "request_too_large"


@dataclass(frozen=True, slots=True)
class _Meaning:
    """code: OpenAI's where it has one; the error's own facts may name a narrower one."""

    status: int
    kind: str
    code: str


MEANINGS = {
    errors.Unauthenticated: _Meaning(401, "authentication_error", "invalid_api_key"),
    errors.NotFound: _Meaning(404, "invalid_request_error", "model_not_found"),
    errors.Invalid: _Meaning(400, "invalid_request_error", "invalid_value"),
    errors.Refused: _Meaning(403, "permission_error", "model_not_servable"),
    errors.Busy: _Meaning(429, "rate_limit_error", "rate_limit_exceeded"),
    errors.Unavailable: _Meaning(503, "server_error", "generator_unavailable"),
    errors.ModelMissing: _Meaning(503, "server_error", "model_missing"),
    TooLarge: _Meaning(413, "invalid_request_error", "request_too_large"),
}
UNEXPECTED = _Meaning(500, "server_error", "incident")


def problem(error: errors.ProofroomError) -> dict[str, Any]:
    """The error as a body; also the event by which a stream breaks off."""
    meaning = _meaning(error)
    code = error.facts.get("code", meaning.code)
    return _body(str(error), meaning.kind, code=str(code), param=error.facts.get("param"))


def incident(error: Exception, where: str) -> errors.ProofroomError:
    """Something nobody foresaw, with an id to quote; the log has where it came from."""
    number = note_incident(log, f"on {where}", error)
    return errors.ProofroomError(
        f"Something unexpected happened ({type(error).__name__}).", remedy=f"Quote {number}; the log has the details."
    )


async def as_answer(request: Request, error: Exception) -> JSONResponse:
    """The answer to a request that ended in one of ours."""
    assert isinstance(error, errors.ProofroomError)
    seconds = error.facts.get("retry_after_seconds")
    headers = {"Retry-After": str(seconds)} if seconds is not None else {}
    return JSONResponse(problem(error), status_code=_meaning(error).status, headers=headers)


async def as_incident(request: Request, error: Exception) -> JSONResponse:
    return await as_answer(request, incident(error, request.url.path))


async def as_http_answer(request: Request, error: Exception) -> JSONResponse:
    """A path or method that there is not."""
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path} is not there. /v1 has chat/completions, completions and models."
    return JSONResponse(
        _body(message, "invalid_request_error", code="unknown_url"),
        status_code=error.status_code,
        headers=error.headers,
    )


def _meaning(error: errors.ProofroomError) -> _Meaning:
    return next((m for kind, m in MEANINGS.items() if isinstance(error, kind)), UNEXPECTED)


def _body(message: str, kind: str, *, code: str, param: Any = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
