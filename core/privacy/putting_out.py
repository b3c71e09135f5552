"""Writes what stands in the place of personal data into a record's texts.

Places are counted in the record's flat text; each of its texts takes those that fall into it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.curate.cleaning.changes import Change, applied
from core.nouns import RecordKind


@dataclass(frozen=True, slots=True)
class Put:
    """start, end: characters of the flat text. text: what stands there instead."""

    start: int
    end: int
    text: str


def put_out(kind: RecordKind, title: str, content: dict[str, Any], puts: Sequence[Put]) -> tuple[str, dict[str, Any]]:
    """Title and content of a record with every place rewritten; what was given stays as it is."""
    done: dict[str, Any] = json.loads(json.dumps(content))
    ordered = sorted(puts, key=lambda put: put.start)
    match kind:
        case RecordKind.DOCUMENT:
            title, done["body"] = _rewritten([title, done["body"]], ordered)
        case RecordKind.THREAD:
            texts = [title, done["question"], *(m["text"] for m in done["messages"])]
            title, done["question"], *rest = _rewritten(texts, ordered)
            for message, text in zip(done["messages"], rest, strict=True):
                message["text"] = text
        case RecordKind.DIFF:
            done["diff"], *rest = _rewritten([done["diff"], *(c["text"] for c in done["comments"])], ordered)
            for comment, text in zip(done["comments"], rest, strict=True):
                comment["text"] = text
        case RecordKind.CHAT:
            for message, text in zip(
                done["messages"], _rewritten([m["content"] for m in done["messages"]], ordered), strict=True
            ):
                message["content"] = text
    return title, done


def _rewritten(texts: Sequence[str], puts: Sequence[Put]) -> list[str]:
    """texts: the parts of the flat text in order; empty ones are left out of it, and the others stand a blank line apart."""
    found, position = [], 0
    for text in texts:
        end = position + len(text)
        inside = [
            Change(max(put.start, position) - position, min(put.end, end) - position, put.text if put.start >= position else "", "personal data")
            for put in puts
            if put.start < end and put.end > position
        ]  # fmt: skip
        found.append(applied(text, inside))
        position = end + 2 if text else position
    return found
