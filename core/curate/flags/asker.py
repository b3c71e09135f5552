"""How much an answer sounds like the person who asked, from its words alone.

A logistic model on words and pairs of words that say who speaks ("my", "you can", "i have", thanks), without
any name or subject word of its own choosing: its list of terms and weights stands beside this as JSON and was
made by tests/benchmarks/asker_model.py on real threads. English; of other languages it knows little.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.curate.flags.view import blanked, plain_words

MODEL = Path(__file__).with_name("asker_model.json")
MOST_WORDS = 150


def asker_probability(text: str) -> float:
    """From 0 to 1. A text without any known term gets the share of askers in the training set."""
    model = _model()
    weights: dict[str, float] = model["weights"]
    total = model["intercept"] + sum(weights.get(term, 0.0) for term in terms(text))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def terms(text: str) -> set[str]:
    """Words, pairs of words, and a few signs of how the text is built, each once."""
    quoteless = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    words = [word.replace("’", "'") for word in plain_words(blanked(quoteless))[:MOST_WORDS]]
    found = set(words) | {f"{a} {b}" for a, b in itertools.pairwise(words)}
    return found | set(_signs(quoteless, words))


def _signs(text: str, words: list[str]) -> Iterable[str]:
    n = len(words)
    yield "#words " + (
        "0-5" if n <= 5 else "6-15" if n <= 15 else "16-40" if n <= 40 else "41-100" if n <= 100 else "more"
    )
    first_person = sum(word in FIRST for word in words)
    second_person = sum(word in SECOND for word in words)
    yield f"#first {min(3, round(20 * first_person / max(1, n)))}"
    yield f"#second {min(3, round(20 * second_person / max(1, n)))}"
    if first_person and not second_person:
        yield "#first alone"
    if second_person and not first_person:
        yield "#second alone"
    yield from (
        name
        for name, mark in (("#link", "http"), ("#list", "\n- "), ("#path", ">"), ("#asks", "?"), ("#picture", "!["))
        if mark in text
    )
    yield from (f"#opens {word}" for word in words[:1])
    if len(text) != len(text.lstrip("*")) or "said](" in text:
        yield "#answers somebody"


FIRST = frozenset(["i", "my", "me", "mine", "i'm", "i've", "i'd", "i'll", "we", "our", "us", "myself"])
SECOND = frozenset(["you", "your", "yours", "you're", "you've", "you'll", "you'd", "yourself"])


@lru_cache(maxsize=1)
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))
    return model
