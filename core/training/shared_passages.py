"""Runs of eight words: what two texts share word for word, in one pass over each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

N_WORDS = 8
WORD = re.compile(r"\w+")

Passages = frozenset[int]


def passages(texts: Iterable[str]) -> Passages:
    """A hash of every run of eight words of the texts; a shorter text gives one run."""
    found: set[int] = set()
    for text in texts:
        found.update(_runs(text))
    return frozenset(found)


def shared_share(text: str, others: Collection[int]) -> float:
    """Share of the text's runs that are among the others; 0 for a text without a word."""
    runs = _runs(text)
    return sum(run in others for run in runs) / len(runs) if runs else 0.0


def _runs(text: str) -> list[int]:
    words = [word.lower() for word in WORD.findall(text)]
    if not words:
        return []
    return [hash(tuple(words[i : i + N_WORDS])) for i in range(max(1, len(words) - N_WORDS + 1))]
