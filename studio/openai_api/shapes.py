"""Answers in OpenAI's shapes: whole ones, and the events of a stream."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Protocol

from core.errors import ProofroomError
from core.workflows.serving import ServableModel
from studio.openai_api.problems import incident, problem
from studio.openai_api.writing import Text

DONE = "data: [DONE]\n\n"


class Shape(Protocol):
    """How one route dresses a text."""

    def whole(self, text: str, reason: str, usage: dict[str, int]) -> dict[str, Any]: ...

    def beginning(self) -> dict[str, Any] | None: ...

    def piece(self, text: str, reason: str | None = None) -> dict[str, Any]: ...

    def only_usage(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ChatShape:
    """facts: what was looked up for the chat, filled in before the text begins; None where nobody asked for any."""

    model: str
    facts: list[dict[str, Any]] | None = None
    id: str = field(default_factory=lambda: "chatcmpl-" + secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, text: str, reason: str, usage: dict[str, int]) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        return self._of("chat.completion", [choice]) | {"usage": usage} | self._facts()

    def beginning(self) -> dict[str, Any] | None:
        return self._delta({"role": "assistant", "content": ""}, None) | self._facts()

    def piece(self, text: str, reason: str | None = None) -> dict[str, Any]:
        return self._delta({"content": text} if reason is None else {}, reason)

    def only_usage(self) -> dict[str, Any]:
        return self._of("chat.completion.chunk", [])

    def _facts(self) -> dict[str, Any]:
        return {} if self.facts is None else {"facts": self.facts}

    def _delta(self, delta: dict[str, str], reason: str | None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return self._of("chat.completion.chunk", [choice])

    def _of(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}


@dataclass(frozen=True, slots=True)
class CompletionShape:
    model: str
    id: str = field(default_factory=lambda: "cmpl-" + secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, text: str, reason: str, usage: dict[str, int]) -> dict[str, Any]:
        return self.piece(text, reason) | {"usage": usage}

    def beginning(self) -> dict[str, Any] | None:
        return None

    def piece(self, text: str, reason: str | None = None) -> dict[str, Any]:
        return self._of([{"index": 0, "text": text, "logprobs": None, "finish_reason": reason}])

    def only_usage(self) -> dict[str, Any]:
        return self._of([])

    def _of(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": "text_completion", "created": self.created, "model": self.model, "choices": choices}  # fmt: skip


async def whole(text: Text, shape: Shape) -> dict[str, Any]:
    """The answer, once all of the text is there."""
    try:
        pieces = [await text.first(), *[piece async for piece in text.rest()]]
        return shape.whole("".join(pieces), text.finish_reason, text.usage)
    finally:
        await text.close()


async def events(text: Text, shape: Shape, first: str, *, with_usage: bool) -> AsyncGenerator[str, None]:
    """The events of a stream whose first piece is there. A text that breaks off ends with an event that says why, and no [DONE]."""
    # With usage asked for, the field stands in every event, and holds something in the last alone.
    empty: dict[str, Any] = {"usage": None} if with_usage else {}
    try:
        beginning = shape.beginning()
        if beginning is not None:
            yield _event(beginning | empty)
        if first:
            yield _event(shape.piece(first) | empty)
        async for piece in text.rest():
            yield _event(shape.piece(piece) | empty)
        yield _event(shape.piece("", text.finish_reason) | empty)
        if with_usage:
            yield _event(shape.only_usage() | {"usage": text.usage})
        yield DONE
    except ProofroomError as error:
        yield _event(problem(error))
    except Exception as error:  # noqa: BLE001 - the frame of a stream, whose status is sent already
        yield _event(problem(incident(error, "/v1, in a stream")))
    finally:
        await text.close()


def model_shape(model: ServableModel) -> dict[str, Any]:
    created = int(model.created_at.replace(tzinfo=UTC).timestamp())
    return {"id": model.name, "object": "model", "created": created, "owned_by": "proofroom"}


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n"
