"""What a record teaches, and where it stands in the record's flat text.

document: the body. thread: the accepted answer. diff: the reference comment. chat: everything the
assistant says, since a chat is learnt whole; the flags look at its last reply alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.nouns import RecordKind
from core.records.text import accepted_answer, reference_comment


@dataclass(frozen=True, slots=True)
class TaughtText:
    """start: its first character, counted in the flat text. label: which text of the record, in a word or two."""

    start: int
    text: str
    label: str


def taught_texts(kind: RecordKind, title: str, content: dict[str, Any]) -> list[TaughtText]:
    """The texts in the order of writing; those that are empty are left out."""
    found, position = [], 0
    for text, label in _parts(kind, title, content):
        if text:
            if label:
                found.append(TaughtText(position, text, label))
            # Parts of the flat text stand a blank line apart.
            position += len(text) + 2
    return found


def _parts(kind: RecordKind, title: str, content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(text, label) of each part of the flat text; no label for one that is not learnt."""
    match kind:
        case RecordKind.DOCUMENT:
            yield title, ""
            yield content["body"], "text"
        case RecordKind.THREAD:
            answer = accepted_answer(content)
            yield title, ""
            yield content["question"], ""
            for message in content["messages"]:
                yield message["text"], "accepted answer" if message is answer else ""
        case RecordKind.DIFF:
            reference = reference_comment(content)
            yield content["diff"], ""
            for comment in content["comments"]:
                yield comment["text"], "comment" if comment is reference else ""
        case RecordKind.CHAT:
            for message in content["messages"]:
                yield message["content"], "reply" if message["role"] == "assistant" else ""
