"""The flat text of a record: what is hashed, embedded, searched and compared.

One definition, so that a decision's text hash, a vector and a near-duplicate score all speak
of the same characters. Nothing here normalises: cleaning is a step that shows what it did.
"""

from __future__ import annotations

import hashlib
from typing import Any

from core.nouns import RecordKind

# Of each kind: a text, a list, and the texts that each element of the list has.
PARTS_OF = {
    RecordKind.DOCUMENT: ("body", "", ()),
    RecordKind.THREAD: ("question", "messages", ("text",)),
    RecordKind.DIFF: ("diff", "comments", ("text",)),
    RecordKind.CHAT: ("", "messages", ("role", "content")),
}


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


def missing_part(kind: RecordKind, content: Any) -> str:
    """The part that a content lacks, or has as something else than what reads records expects; empty where it is whole."""
    if not isinstance(content, dict):
        return "content"
    whole, several, texts = PARTS_OF[kind]
    if whole and not isinstance(content.get(whole), str):
        return whole
    parts = content.get(several) if several else []
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return several
    if any(isinstance(part.get("rating"), str | list | dict) for part in parts):
        return "rating"
    return next((name for part in parts for name in texts if not isinstance(part.get(name), str)), "")


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
