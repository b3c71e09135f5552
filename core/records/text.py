"""The flat text of a record: what is hashed, embedded, searched and compared.

One definition, so that a decision's text hash, a vector and a near-duplicate score all speak
of the same characters. Nothing here normalises: cleaning is a step that shows what it did.
"""

from __future__ import annotations

import hashlib
from typing import Any

from core.nouns import RecordKind


def record_text(kind: RecordKind, title: str, content: dict[str, Any]) -> str:
    """Flat text of one record, parts separated by a blank line, empty parts left out."""
    match kind:
        case RecordKind.DOCUMENT:
            parts = [title, content["body"]]
        case RecordKind.THREAD:
            parts = [title, content["question"], *(m["text"] for m in content["messages"])]
        case RecordKind.DIFF:
            parts = [content["diff"], *(c["text"] for c in content["comments"])]
        case RecordKind.CHAT:
            parts = [m["content"] for m in content["messages"]]
    return "\n\n".join(part for part in parts if part)


def text_sha256(text: str) -> str:
    """SHA-256 of the UTF-8 text, hexadecimal; lone surrogates cannot occur in a stored record."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def accepted_answer(content: dict[str, Any]) -> dict[str, Any] | None:
    """The thread's message that answers: the marked solution, else None. Several marks: the first."""
    return next((m for m in content["messages"] if m.get("is_solution")), None)


def reference_comment(content: dict[str, Any]) -> dict[str, Any] | None:
    """The diff's comment to learn from: the human reference, else the best rated, else the first."""
    comments = content["comments"]
    if not comments:
        return None
    reference = next((c for c in comments if c.get("is_reference")), None)
    return reference or max(comments, key=lambda c: c.get("rating") or 0.0)
