"""What is asked of a generator, and what it tells: values that both sides of the pipe know. Loads no model library."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class EndReason(StrEnum):
    """Why a text ended: the model or a stop string ended it, or its length was used up."""

    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One text to write.

    prompt: token ids, at least one. adapter: its folder, "" for the base model alone. temperature 0 takes the likeliest
    token. top_p in (0, 1]. repetition_penalty: divides the logits of what stands in prompt or text, 1 for none.
    presence_penalty, frequency_penalty: taken off the logits of what the text holds already, once and for each time.
    stop: strings that end the text and are not part of it. seed: of this text's own draws; the rows beside it do not matter.
    """

    id: str
    prompt: tuple[int, ...]
    max_tokens: int
    adapter: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int = 0

    @property
    def most_tokens(self) -> int:
        """Of prompt and text together, at most."""
        return len(self.prompt) + self.max_tokens

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TextRequest:
        """Raises TypeError, KeyError for what to_json did not write."""
        known = {field.name: values[field.name] for field in fields(cls)}
        return cls(**known | {"prompt": tuple(known["prompt"]), "stop": tuple(known["stop"])})


@dataclass(frozen=True, slots=True)
class Started:
    """The text left the waiting line."""

    id: str


@dataclass(frozen=True, slots=True)
class Piece:
    """The next whole characters of a text."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes. n_tokens: generated ones, the end mark included."""

    id: str
    reason: EndReason
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The text broke off, or could not be begun; the generator goes on with others."""

    id: str
    message: str


Event = Started | Piece | Ended | Failed
_KINDS: dict[str, type[Event]] = {"started": Started, "piece": Piece, "ended": Ended, "failed": Failed}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def event_to_json(event: Event) -> dict[str, Any]:
    return {"kind": _NAMES[type(event)], **asdict(event)}


def event_from_json(values: dict[str, Any]) -> Event:
    kind = _KINDS[values["kind"]]
    known = {name: value for name, value in values.items() if name != "kind"}
    if kind is Ended:
        known["reason"] = EndReason(known["reason"])
    event: Event = kind(**known)
    return event
