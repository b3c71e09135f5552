"""/v1: chat completions, completions and models, for clients of OpenAI's API.

Every route needs a key of `core.workflows.api_keys`; the studio's own token opens none of them, and a key opens nothing
under /api. What such clients can ask for and is not supported is refused by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import NotFound, ProofroomError
from core.serving.generators import Generators
from core.serving.prompts import chat_prompt, text_prompt
from core.workflows.serving import ServableModel, servable_models
from studio.openai_api import problems
from studio.openai_api.bodies import Asked, ChatAsked, CompletionAsked, asked_in, checked_text
from studio.openai_api.callers import Callers, may_use
from studio.openai_api.connection import EventStream, while_connected
from studio.openai_api.facts import facts_shape, with_facts
from studio.openai_api.shapes import ChatShape, CompletionShape, Shape, events, model_shape, whole
from studio.openai_api.writing import CHAT_TOKENS, COMPLETION_TOKENS, Prompt, begin
from studio.running import workspace

Handler = Callable[[Request, dict[str, Any]], Awaitable[Response]]
# The client is gone, so nobody reads this; logs know the number.
CLIENT_GONE = 499


def create_openai_api(generators: Generators) -> Starlette:
    """The application under /v1. generators: where its texts are written; whoever made them closes them."""
    callers = Callers()

    def route(path: str, handle: Handler, method: str) -> Route:
        async def with_key(request: Request) -> Response:
            return await handle(request, await callers.caller(request))

        return Route(path, with_key, methods=[method])

    texts = _Texts(generators, callers)
    return Starlette(
        routes=[
            route("/models", _list_models, "GET"),
            route("/models/{model:path}", _one_model, "GET"),
            route("/chat/completions", texts.chat, "POST"),
            route("/completions", texts.completion, "POST"),
        ],
        exception_handlers={
            ProofroomError: problems.as_answer,
            HTTPException: problems.as_http_answer,
            Exception: problems.as_incident,
        },
    )


class _Texts:
    """The two routes that write."""

    def __init__(self, generators: Generators, callers: Callers) -> None:
        self._generators, self._callers = generators, callers

    async def chat(self, request: Request, key: dict[str, Any]) -> Response:
        asked = await asked_in(request, ChatAsked)
        messages = [message.as_rendered() for message in asked.messages]
        for place, message in enumerate(messages):
            checked_text(message["content"], f"messages.{place}.content")
        most = _one_limit(asked)
        shape = ChatShape(asked.model, facts=[] if asked.facts == "on" else None)

        def prompt(folder: Path) -> tuple[int, ...]:
            if shape.facts is None:
                return chat_prompt(folder, messages)
            # Here the key's turn has begun and the model is one that it may use.
            worded, found = with_facts(asked.model, messages)
            shape.facts[:] = facts_shape(found)
            return chat_prompt(folder, worded)

        return await self._answer(
            request, key, asked, prompt, shape, most_tokens=most, usual_tokens=CHAT_TOKENS, param="messages"
        )

    async def completion(self, request: Request, key: dict[str, Any]) -> Response:
        asked = await asked_in(request, CompletionAsked)
        text = checked_text(asked.prompt, "prompt")
        return await self._answer(
            request, key, asked, lambda folder: text_prompt(folder, text), CompletionShape(asked.model),
            most_tokens=asked.max_tokens, usual_tokens=COMPLETION_TOKENS, param="prompt",
        )  # fmt: skip

    async def _answer(
        self,
        request: Request,
        key: dict[str, Any],
        asked: Asked,
        prompt: Prompt,
        shape: Shape,
        *,
        most_tokens: int | None,
        usual_tokens: int,
        param: str,
    ) -> Response:
        async def answer() -> Response:
            text = await begin(
                self._generators, self._callers, key, asked, prompt,
                most_tokens=most_tokens, usual_tokens=usual_tokens, param=param,
            )  # fmt: skip
            if not asked.stream:
                return JSONResponse(await whole(text, shape))
            try:
                first = await text.first()
            except BaseException:
                await text.close()
                raise
            return EventStream(events(text, shape, first, with_usage=asked.wants_usage))

        try:
            return await while_connected(request.receive, answer())
        except ClientDisconnect:
            return Response(status_code=CLIENT_GONE)


async def _list_models(request: Request, key: dict[str, Any]) -> Response:
    return JSONResponse({"object": "list", "data": [model_shape(model) for model in await _models_for(key)]})


async def _one_model(request: Request, key: dict[str, Any]) -> Response:
    name = request.path_params["model"]
    for model in await _models_for(key):
        if model.name == name:
            return JSONResponse(model_shape(model))
    raise NotFound(f"There is no model {name!r} here, or this key may not use it.", param="model")


async def _models_for(key: dict[str, Any]) -> list[ServableModel]:
    """Those that the key may use, and that may be used today."""
    models = await asyncio.to_thread(servable_models, workspace())
    return [model for model in models if model.is_servable and may_use(key, model.name)]


def _one_limit(asked: ChatAsked) -> int | None:
    """max_completion_tokens is the newer name of max_tokens; where both stand, the smaller counts."""
    return min((n for n in (asked.max_completion_tokens, asked.max_tokens) if n is not None), default=None)
