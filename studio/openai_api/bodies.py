"""The bodies of requests: what is understood, and a clear no to what is not.

A field that would change the answer and is not supported is refused by name; with a value that asks for
nothing (`n: 1`, `tools: []`) it is passed over, since many clients always send it.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from core.errors import Invalid
from studio.openai_api.problems import TooLarge

MOST_BYTES = 2 * 1024 * 1024
# Values of unsupported fields that ask for nothing. A name that stands for any value says who asks, or how to store it elsewhere.
ANYTHING = object()
ASKS_FOR_NOTHING: dict[str, Any] = {
    "n": (1,), "logprobs": (False,), "top_logprobs": (0,), "logit_bias": ({},), "best_of": (1,), "echo": (False,), "suffix": ("",),
    "tools": ([],), "tool_choice": ("none", "auto"), "functions": ([],), "function_call": ("none", "auto"), "parallel_tool_calls": ANYTHING,
    "response_format": ({"type": "text"},), "modalities": (["text"],), "store": (False,), "service_tier": ("auto", "default"),
    "user": ANYTHING, "safety_identifier": ANYTHING, "prompt_cache_key": ANYTHING, "metadata": ANYTHING,
}  # fmt: skip
SETTINGS = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
StopString = Annotated[str, Field(min_length=1, max_length=256)]


class StreamOptions(BaseModel):
    model_config = SETTINGS
    include_usage: bool = False
    include_obfuscation: Literal[False] = False


class Asked(BaseModel):
    """What both routes understand. repetition_penalty is not OpenAI's; other servers of open models know it too."""

    model_config = SETTINGS
    model: Annotated[str, Field(min_length=1, max_length=300)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] = 1.0
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stop: StopString | Annotated[list[StopString], Field(max_length=4)] = Field(default_factory=list)
    max_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def stop_strings(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)

    @property
    def wants_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


class TextPart(BaseModel):
    model_config = SETTINGS
    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """developer is OpenAI's newer word for system."""

    model_config = SETTINGS
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    def as_rendered(self) -> dict[str, str]:
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return {"role": "system" if self.role == "developer" else self.role, "content": text}


class ChatAsked(Asked):
    """facts is not OpenAI's: on has passages of the model's project looked up for the last message of the user."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=2_000)]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    facts: Literal["on", "off"] = "off"


class CompletionAsked(Asked):
    prompt: str


A = TypeVar("A", bound=Asked)


async def asked_in(request: Request, kind: type[A]) -> A:
    """The request's body. Raises Invalid naming the field, TooLarge."""
    fields = _json_object(await _bytes_of(request))
    for name in list(fields):
        if fields[name] is None or _asks_for_nothing(name, fields[name]):
            del fields[name]
        elif name in ASKS_FOR_NOTHING:
            raise Invalid(
                f"`{name}` is not supported.", remedy="Leave it out.", param=name, code="unsupported_parameter"
            )
    messages = fields.get("messages")
    if isinstance(messages, list):
        fields["messages"] = [_without_nulls(message) for message in messages]
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise _as_invalid(error) from None


def checked_text(text: str, param: str) -> str:
    """The text, when it is one: half a character in JSON's escapes is none. Raises Invalid."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid(
            f"`{param}` holds half of a character ({text[error.start]!a}).", remedy="Send whole ones.", param=param
        ) from None
    return text


async def _bytes_of(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge(f"The request is longer than {MOST_BYTES:,} bytes.", remedy="Shorten it.")
    return bytes(body)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except RecursionError:
        raise Invalid("The request's JSON is nested too deep to be read.") from None
    except ValueError as error:
        raise Invalid(f"The request is not JSON: {error}.") from None
    if not isinstance(fields, dict):
        raise Invalid("The request is not a JSON object.")
    return fields


def _asks_for_nothing(name: str, value: Any) -> bool:
    neutral = ASKS_FOR_NOTHING.get(name, ())
    # Types too: 1 is not True here.
    return neutral is ANYTHING or any(type(value) is type(one) and value == one for one in neutral)


def _without_nulls(message: Any) -> Any:
    if not isinstance(message, dict):
        return message
    return {name: value for name, value in message.items() if value is not None}


def _as_invalid(error: ValidationError) -> Invalid:
    first = _most_telling(error.errors())
    where = ".".join(map(str, _place(first)))
    if first["type"] == "extra_forbidden":
        return Invalid(
            f"`{where}` is not supported.", remedy="Leave it out.", param=where, code="unsupported_parameter"
        )
    if first["type"] == "missing":
        return Invalid(f"`{where}` is missing.", param=where, code="missing_required_parameter")
    given = repr(first["input"])
    given = given if len(given) <= 80 else given[:80] + "…"
    return Invalid(f"`{where}` is {given}, which does not fit: {first['msg']}.", param=where)


def _most_telling(problems: list[Any]) -> Any:
    """The first; of what may be a string or a list, what is wrong with the list, where one was sent."""
    own = [p for p in problems if _place(p)[:1] == _place(problems[0])[:1] and p["type"] != "string_type"]
    return max(own or problems[:1], key=lambda p: len(p["loc"]))


def _place(found: Any) -> list[str | int]:
    """Where it stands, without the names of the types that were tried there."""
    return [part for part in found["loc"] if isinstance(part, int) or (part.isidentifier() and part != "str")]
