"""What the API's document says of its answers beside the usual one: problems, and files.

Whatever goes wrong is told in one shape; a test asks every route for what the document does not say.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel


class Problem(BaseModel):
    """error: a word that stays the same. message, remedy: what happened and what to do next, for a person."""

    error: str
    message: str
    remedy: str


WHEN = {
    HTTPStatus.BAD_REQUEST: "The body of the request cannot be read.",
    HTTPStatus.UNAUTHORIZED: "The request shows no valid token.",
    HTTPStatus.FORBIDDEN: "The caller's role does not allow it.",
    HTTPStatus.NOT_FOUND: "What is named is not here, or is not the caller's.",
    HTTPStatus.CONFLICT: "Something changed, exists already, or stands in the way.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than is read.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value is not allowed; the message names it.",
    HTTPStatus.TOO_MANY_REQUESTS: "More is asked than is answered at the moment.",
    HTTPStatus.SERVICE_UNAVAILABLE: "What was asked for is not there at the moment.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The disk is full; nothing acknowledged is lost.",
}
OF_VALUES = ("application/json", "application/yaml")
PROBLEMS: dict[int | str, dict[str, Any]] = {
    int(status): {"model": Problem, "description": when} for status, when in WHEN.items()
}


def files(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """For a route that answers with a file of one of these types. What is in one of values, the file itself says."""
    content = {one: {"schema": {} if one in OF_VALUES else {"type": "string"}} for one in media_types}
    return {200: {"description": "The file.", "content": content}}
