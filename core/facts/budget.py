"""Which of the found passages go into a prompt: the best ones that fit a number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.facts.retrieval import Hit

# What a small model still reads with care, beside the request and room for the answer.
TOKENS = 600
MOST_FACTS = 6
# Below this a passage is taken for one about something else. Chosen by hand, not measured.
LEAST_COSINE = 0.15


def within_budget(
    hits: Iterable[Hit],
    texts: Sequence[str],
    count_tokens: Callable[[str], int],
    *,
    tokens: int = TOKENS,
    most: int = MOST_FACTS,
) -> list[int]:
    """Places of the passages to use, best first. One that does not fit is passed over; smaller ones after it may."""
    chosen: list[int] = []
    left = tokens
    for hit in hits:
        if hit.cosine < LEAST_COSINE or len(chosen) == most:
            continue
        size = count_tokens(texts[hit.place])
        if size <= left:
            chosen.append(hit.place)
            left -= size
    return chosen
