"""What comes out of a file that is looked into: texts, files within it, and what nobody can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """where: in the file, as a person finds it again. readings: the text as it reads once it is decoded, and how it was coded."""

    where: str
    text: str
    readings: Iterable[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Inner:
    """A file within a file. content: its bytes, or what opens them to be read."""

    name: str
    content: bytes | Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a part of one, that was not looked into, and why."""

    path: str
    why: str
