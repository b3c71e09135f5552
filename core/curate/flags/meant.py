"""Flags by what a passage means rather than by its words: an advertisement, an answer that closes without helping.

Each is a logistic model on the encoder's vector of a passage. Weights and limits stand beside this as JSON and were made by
tests/benchmarks/meaning_model.py from written examples and real clean texts. The detectors that go by words come first: they can
point at a reason. English; of other languages the encoder knows little.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.curate.flags.answers import may_only_close
from core.curate.flags.language import identify
from core.curate.flags.view import WORD, View, blanked
from core.curate.records_in import RecordIn
from core.nouns import Flag, Goal, RecordKind

if TYPE_CHECKING:
    from core.curate.encoder import Vectors

MODEL = Path(__file__).with_name("meaning_model.json")
LEAST_ENDING_WORDS = 8
PARAGRAPH = re.compile(r"\n\s*\n")
ADVERTISES = "It reads like an advertisement ({share:.2f} of 1)."
CLOSES = "It reads like an answer that closes the matter and helps with nothing ({share:.2f} of 1)."


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a record's taught text with its vector. start, end: in characters of the taught text."""

    start: int
    end: int
    vector: Vectors


def ending(view: View) -> tuple[int, int] | None:
    """Where the last paragraph of some words stands, which is where advertisements are put; None where the text has but one."""
    parts, start = [], 0
    text = view.taught.rstrip()
    for gap in [*PARAGRAPH.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if len(text[start:end].split()) >= LEAST_ENDING_WORDS:
            parts.append((start, end))
        start = gap.end() if gap else end
    return parts[-1] if len(parts) > 1 else None


def passages_of(
    records: Sequence[RecordIn], goal: Goal, vectors: Vectors, encode: Callable[[Sequence[str]], Vectors]
) -> list[list[Passage]]:
    """Of each record its answer and its last paragraph, of a document the last one alone.

    vectors: of the records; a document of one paragraph is its own passage. encode: called once, with different texts.
    """
    views = [View(record, goal) for record in records]
    places = [_places(view) for view in views]
    texts = list(dict.fromkeys(view.taught[a:b] for view, spans in zip(views, places, strict=True) for a, b in spans))
    known = dict(zip(texts, encode(texts), strict=True)) if texts else {}
    return [
        [Passage(start, end, known[view.taught[start:end]]) for start, end in spans] or _itself(view, vector)
        for view, spans, vector in zip(views, places, vectors, strict=True)
    ]


def _places(view: View) -> list[tuple[int, int]]:
    """What has to be embedded. Nobody advertises over many paragraphs: of a document the last one is enough."""
    last = ending(view)
    whole = [(0, len(view.taught))] if view.taught.strip() and not view.is_document else []
    return [*whole, last] if last else whole


def _itself(view: View, vector: Vectors) -> list[Passage]:
    return [Passage(0, len(view.taught), vector)] if view.is_document and view.taught.strip() else []


def flags_by_meaning(
    view: View, *, question: Vectors | None, passages: Sequence[Passage], known: Mapping[str, Flag]
) -> list[Flag]:
    """What the record's vectors raise beside the flags that are known.

    question: of a thread's title and question; of other records there is none by itself. passages: the taught text and its
    ending, as far as they were embedded.
    """
    found = []
    if "promotional" not in known and (flag := _advertisement(view, question, passages)):
        found.append(flag)
    if "closing_without_help" not in known and view.record.kind is RecordKind.THREAD and may_only_close(view):
        whole = next((p for p in passages if p.start == 0), None)
        share = _share("closing_without_help", whole.vector) if whole is not None else 0.0
        if share >= _limit("closing_without_help"):
            found.append(
                view.flag(
                    "closing_without_help",
                    CLOSES.format(share=share),
                    value=share,
                    limit=_limit("closing_without_help"),
                )
            )
    return found


def _advertisement(view: View, question: Vectors | None, passages: Sequence[Passage]) -> Flag | None:
    limit = _limit("promotional")
    for passage in passages:
        share = _share("promotional", passage.vector)
        if share >= limit and _is_readable(view.taught[passage.start : passage.end]):
            return view.flag(
                "promotional", ADVERTISES.format(share=share), (passage.start, passage.end), value=share, limit=limit
            )
    asked = "\n\n".join(filter(None, (view.record.title, view.question)))
    share = _share("promotional", question) if question is not None else 0.0
    if share < limit or not _is_readable(asked):
        return None
    end = len(asked)
    return Flag("promotional", ADVERTISES.format(share=share), 0, end, value=share, limit=limit)


def _is_readable(text: str) -> bool:
    """Whether a passage has words enough, of a language that the encoder knows, and is not mostly code."""
    prose = blanked(text)
    n_words = len(WORD.findall(prose))
    return (
        n_words >= LEAST_ENDING_WORDS and 2 * len(prose.split()) >= len(text.split()) and identify(prose) in ("", "en")
    )


def _share(name: str, vector: Vectors) -> float:
    weights, intercept, _ = _models()[name]
    return 1 / (1 + math.exp(-float(np.clip(vector @ weights + intercept, -30, 30))))


def _limit(name: str) -> float:
    return _models()[name][2]


@lru_cache(maxsize=1)
def _models() -> dict[str, tuple[Any, float, float]]:
    """(weights, intercept, limit) by the flag's name."""
    read: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))
    return {name: (np.asarray(m["weights"], dtype=np.float32), m["intercept"], m["limit"]) for name, m in read.items()}
