"""From a checked request to its text: the model by name, the prompt as tokens, the stream, and who may have how much at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core.errors import Invalid, NotFound
from core.serving.generator import TextStream
from core.serving.generators import Generators
from core.serving.text_request import TextRequest
from core.training.base_models import context_tokens
from core.workflows.serving import ServableModel, base_folder, model_called
from studio.openai_api.bodies import Asked
from studio.openai_api.callers import Callers, may_use
from studio.running import workspace

# Of a chat that names no limit: on a CPU a minute and more.
CHAT_TOKENS = 1_024
# OpenAI's own, of a completion that names none.
COMPLETION_TOKENS = 16

Prompt = Callable[[Path], tuple[int, ...]]


class Text:
    """One text that is being written. Its key's turn is over when it is closed."""

    def __init__(self, stream: TextStream, turn: ExitStack) -> None:
        self._stream, self._turn = stream, turn
        self._pieces = stream.pieces()

    async def first(self) -> str:
        """The first piece, empty when the text is. Waits for it: until then an error is a status of its own."""
        return await anext(self._pieces, "")

    def rest(self) -> AsyncIterator[str]:
        return self._pieces

    @property
    def finish_reason(self) -> str:
        return self._stream.ended.reason.value if self._stream.ended is not None else ""

    @property
    def usage(self) -> dict[str, int]:
        """Tokens, the one that ended the text included."""
        n_prompt = len(self._stream.request.prompt)
        n_text = self._stream.ended.n_tokens if self._stream.ended is not None else 0
        return {"prompt_tokens": n_prompt, "completion_tokens": n_text, "total_tokens": n_prompt + n_text}

    async def close(self) -> None:
        await self._pieces.aclose()
        self._stream.close()
        self._turn.close()


async def begin(
    generators: Generators,
    callers: Callers,
    key: dict[str, Any],
    asked: Asked,
    prompt: Prompt,
    *,
    most_tokens: int | None,
    usual_tokens: int,
    param: str,
) -> Text:
    """Have a text written. prompt: makes the tokens, from the base model's folder. param: the field that the prompt came in.

    Raises NotFound, Refused, Invalid, Busy, Unavailable, ModelMissing.
    """
    with ExitStack() as turn:
        turn.enter_context(callers.turn(key))
        model, request = await asyncio.to_thread(
            _prepared, key, asked, prompt, most_tokens=most_tokens, usual_tokens=usual_tokens, param=param
        )
        stream = await generators.write(model.base, request)
        return Text(stream, turn.pop_all())
    raise AssertionError("the turn swallows nothing")


def _prepared(
    key: dict[str, Any], asked: Asked, prompt: Prompt, *, most_tokens: int | None, usual_tokens: int, param: str
) -> tuple[ServableModel, TextRequest]:
    if not may_use(key, asked.model):
        raise NotFound(
            f"There is no model {asked.model!r} here, or this key may not use it.",
            remedy="GET /v1/models lists those it may.",
            param="model",
        )
    model = model_called(workspace(), asked.model)
    folder = base_folder(workspace(), model)
    ids = prompt(folder)
    n_new = _room(len(ids), most_tokens, usual_tokens, context_tokens(folder), param)
    request = TextRequest(
        id=secrets.token_hex(12),
        prompt=ids,
        max_tokens=n_new,
        adapter=str(model.adapter) if model.adapter is not None else "",
        temperature=asked.temperature,
        top_p=asked.top_p,
        repetition_penalty=asked.repetition_penalty,
        presence_penalty=asked.presence_penalty,
        frequency_penalty=asked.frequency_penalty,
        stop=asked.stop_strings,
        seed=asked.seed if asked.seed is not None else secrets.randbits(63),
    )
    return model, request


def _room(n_prompt: int, wanted: int | None, usual: int, context: int, param: str) -> int:
    """How many tokens the text may have. Raises Invalid with the numbers when prompt and text do not fit."""
    if n_prompt + (wanted or 1) > context:
        asked = f" and {wanted:,} were asked for" if wanted else ""
        raise Invalid(
            f"The model holds {context:,} tokens of prompt and text together; the prompt has {n_prompt:,}{asked}.",
            remedy="Shorten the prompt, or ask for fewer tokens.",
            param=param,
            code="context_length_exceeded",
        )
    return wanted or min(usual, context - n_prompt)
