"""Runs of five words as sets, to compare sample texts by hand, without the code that is tested."""

from __future__ import annotations

import re


def words_of(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"\w+", text)]


def shingles(words: list[str], size: int = 5) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}
