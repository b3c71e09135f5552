"""What a model is asked for a brief, word for word; the same when drafts are written and when their reviews are learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.review.briefs import Length


def request_text(
    prompt: str, *, audience: str = "", facts: Sequence[str] = (), form: str = "", length: Length | None = None,
    must_not_say: Sequence[str] = (),
) -> str:  # fmt: skip
    """The brief as one message of a user."""
    parts = [prompt]
    if audience:
        parts.append(f"It is for {audience}.")
    if form:
        parts.append(f"Its form: {form}")
    if length:
        parts.append(f"Write {length}.")
    if facts:
        parts.append("Use these facts:\n" + "\n".join(f"- {fact}" for fact in facts))
    if must_not_say:
        parts.append("Do not say:\n" + "\n".join(f"- {words}" for words in must_not_say))
    return "\n\n".join(parts)


def request_of(brief: dict[str, Any], *, facts: Sequence[str] = ()) -> str:
    """The request for a stored brief. facts: found for it, beside those that it gives itself."""
    return request_text(
        brief["prompt"], audience=brief["audience"], facts=[*brief["facts"], *facts], form=brief["form"], length=length_of(brief),
        must_not_say=brief["must_not_say"],
    )  # fmt: skip


def length_of(brief: dict[str, Any]) -> Length | None:
    """What a stored brief says of the length."""
    return Length(brief["min_words"], brief["max_words"]) if brief["max_words"] else None
