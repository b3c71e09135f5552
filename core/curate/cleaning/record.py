"""Cleaning of a whole record: which of its texts are cleaned, and what each step did to it.

thread: the question and every message. document: the body. chat: what user and assistant say.
diff: the comments, never the code. Titles stay. The record given is not changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.curate.cleaning.changes import Around
from core.curate.cleaning.steps import STEPS, StepChanges, clean
from core.nouns import RecordKind
from core.records.text import accepted_answer, reference_comment


@dataclass(frozen=True, slots=True)
class CleanedPart:
    """One text of a record. label: which one, in words. done: what the steps did to it.

    is_learnt: it goes into an example; the other messages of a thread do not.
    """

    label: str
    done: tuple[StepChanges, ...]
    is_learnt: bool = True


@dataclass(frozen=True, slots=True)
class CleanedRecord:
    """content: as the record's, cleaned. parts: those that a step changed or had to leave whole."""

    content: dict[str, Any]
    parts: tuple[CleanedPart, ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that changed a text which goes into an example, in the order in which they work."""
        return self._steps(lambda one: bool(one.changes))

    @property
    def left_whole_by(self) -> tuple[str, ...]:
        """The steps that would have left nothing of such a text."""
        return self._steps(lambda one: one.is_left_whole)

    def _steps(self, fits: Callable[[StepChanges], bool]) -> tuple[str, ...]:
        found = {one.step for part in self.parts if part.is_learnt for one in part.done if fits(one)}
        return tuple(name for name in STEPS if name in found)


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
    for label, holder, key, is_learnt in _texts(kind, cleaned):
        before = holder[key]
        holder[key], done = clean(before, wanted, Around(tuple(earlier), common))
        earlier.append(before)
        if done:
            parts.append(CleanedPart(label, done, is_learnt))
    return CleanedRecord(cleaned, tuple(parts))


def texts_of(kind: RecordKind, content: dict[str, Any]) -> list[str]:
    """The texts of a record that are cleaned, in the order of writing."""
    return [holder[key] for _, holder, key, _ in _texts(kind, content)]


def _texts(kind: RecordKind, content: dict[str, Any]) -> list[tuple[str, dict[str, Any], str, bool]]:
    """(label, what holds the text, under which key, whether it is learnt from) of each, in the order of writing."""
    match kind:
        case RecordKind.DOCUMENT:
            return [("text", content, "body", True)]
        case RecordKind.THREAD:
            answer = accepted_answer(content)
            messages = [(_message_label(m), m, "text", m is answer) for m in content["messages"]]
            return [("question", content, "question", True), *messages]
        case RecordKind.DIFF:
            reference = reference_comment(content)
            return [
                (f"comment by {c.get('author') or 'a reviewer'}", c, "text", c is reference)
                for c in content["comments"]
            ]
        case RecordKind.CHAT:
            return [(m["role"], m, "content", True) for m in content["messages"] if m["role"] != "system"]


def _message_label(message: dict[str, Any]) -> str:
    who = message.get("author") or ("the customer" if message.get("is_asker") else "the team")
    return f"accepted answer by {who}" if message.get("is_solution") else f"message by {who}"
