"""What a model is asked for a brief, word for word; the same when drafts are written and when their reviews are learnt from."""

from __future__ import annotations

from collections.abc import Sequence


def request_text(prompt: str, *, audience: str, facts: Sequence[str]) -> str:
    """The brief as one message of a user."""
    parts = [prompt]
    if audience:
        parts.append(f"It is for {audience}.")
    if facts:
        parts.append("Use these facts:\n" + "\n".join(f"- {fact}" for fact in facts))
    return "\n\n".join(parts)
