"""Cleaning of a whole record: which of its texts are cleaned, and what each step did to it.

thread: the question and every message. document: the body. chat: what user and assistant say.
diff: the comments, never the code. Titles stay. The record given is not changed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.curate.cleaning.changes import Around
from core.curate.cleaning.steps import StepChanges, clean
from core.nouns import RecordKind


@dataclass(frozen=True, slots=True)
class CleanedPart:
    """One text of a record. label: which one, in words. done: what the steps did to it."""

    label: str
    done: tuple[StepChanges, ...]


@dataclass(frozen=True, slots=True)
class CleanedRecord:
    """content: as the record's, cleaned. parts: those that a step changed or had to leave whole."""

    content: dict[str, Any]
    parts: tuple[CleanedPart, ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that changed something, in the order in which they work."""
        return tuple(dict.fromkeys(one.step for part in self.parts for one in part.done if one.changes))

    @property
    def left_whole_by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.step for part in self.parts for one in part.done if one.is_left_whole))


def clean_record(
    kind: RecordKind, content: dict[str, Any], steps: Iterable[str], *, common: frozenset[str]
) -> CleanedRecord:
    """The record's content after the steps. common: lines that stand in many records of the project."""
    wanted = tuple(steps)
    if not wanted:
        return CleanedRecord(content)
    cleaned = copy.deepcopy(content)
    parts: list[CleanedPart] = []
    earlier: list[str] = []
    for label, holder, key in _texts(kind, cleaned):
        before = holder[key]
        holder[key], done = clean(before, wanted, Around(tuple(earlier), common))
        earlier.append(before)
        if done:
            parts.append(CleanedPart(label, done))
    return CleanedRecord(cleaned, tuple(parts))


def texts_of(kind: RecordKind, content: dict[str, Any]) -> list[str]:
    """The texts of a record that are cleaned, in the order of writing."""
    return [holder[key] for _, holder, key in _texts(kind, content)]


def _texts(kind: RecordKind, content: dict[str, Any]) -> list[tuple[str, dict[str, Any], str]]:
    """(label, what holds the text, under which key) of every text that is cleaned, in the order of writing."""
    match kind:
        case RecordKind.DOCUMENT:
            return [("text", content, "body")]
        case RecordKind.THREAD:
            messages = [(_message_label(m), m, "text") for m in content["messages"]]
            return [("question", content, "question"), *messages]
        case RecordKind.DIFF:
            return [(f"comment by {c.get('author') or 'a reviewer'}", c, "text") for c in content["comments"]]
        case RecordKind.CHAT:
            return [(m["role"], m, "content") for m in content["messages"] if m["role"] != "system"]


def _message_label(message: dict[str, Any]) -> str:
    who = message.get("author") or ("the customer" if message.get("is_asker") else "the team")
    return f"accepted answer by {who}" if message.get("is_solution") else f"message by {who}"
