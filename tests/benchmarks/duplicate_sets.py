"""The labelled near-duplicates: revised posts, double-posted questions, questions alike in meaning alone.

Truth is transitive: what two labels join is one group, and so are equal texts, however they are labelled. Every pair
of a set that is not in one group counts as different. A pair belongs to one of two halves, by a hash of its group.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.curate.encoder import MiniLMEncoder, Vectors
from core.curate.records_in import RecordIn
from core.nouns import RecordKind
from core.records.markup import html_to_markdown

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"
BLOG, SUPPORT = DATA / "dup-blog-revisions", DATA / "support-thunderbird"


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """texts, one vector each, the group that each belongs to, and the half (0 or 1) of its group."""

    name: str
    texts: list[str]
    vectors: Vectors
    groups: npt.NDArray[np.int64]
    halves: npt.NDArray[np.int64]

    @property
    def n_true_pairs(self) -> int:
        return int(sum(n * (n - 1) // 2 for n in np.bincount(self.groups)))

    def records(self) -> list[RecordIn]:
        """Records whose ids are the texts' places."""
        return [as_record(place, text) for place, text in enumerate(self.texts)]


def as_record(place: int, text: str) -> RecordIn:
    return RecordIn(f"{place:06d}", str(place), RecordKind.DOCUMENT, "", text, {"body": text})


def revised_posts(encoder: MiniLMEncoder) -> LabelledTexts:
    """Old and new versions of 161 posts, and 83 pairs of different posts that are near to one another."""
    pairs = []
    for file, is_same in (("revision_pairs.jsonl", True), ("hard_negatives.jsonl", False)):
        for row in rows(BLOG / file):
            keys = [(row["repo"], row[s]["path"], row[s].get("commit", row[s]["text"][:80])) for s in "ab"]
            pairs.append((keys[0], keys[1], row["a"]["text"], row["b"]["text"], is_same))
    return _labelled("dup-blog-revisions", pairs, encoder)


def double_posts(encoder: MiniLMEncoder) -> LabelledTexts:
    """Questions that one person posted twice, and different questions of one person."""
    pairs = [
        (row["a"]["id"], row["b"]["id"], question(row["a"]), question(row["b"]), row["label"] == "double_post")
        for row in rows(SUPPORT / "double_posts.jsonl")
    ]
    return _labelled("double_posts", pairs, encoder)


def low_overlap() -> list[dict[str, Any]]:
    """Pairs of ids of solved questions with the labels of two readers."""
    return list(rows(HERE / "low_overlap" / "labels.jsonl"))


def solved_questions() -> dict[str, str]:
    """Text by id, in the order of the file."""
    return {row["id"]: question(row) for row in rows(SUPPORT / "resolved_en.jsonl")}


def question(row: dict[str, Any]) -> str:
    return f"{row['title']}\n\n{html_to_markdown(row['body_html'])}"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def half_of(key: object) -> int:
    return int(hashlib.sha256(str(key).encode()).hexdigest(), 16) % 2


def _labelled(name: str, pairs: list[tuple[object, object, str, str, bool]], encoder: MiniLMEncoder) -> LabelledTexts:
    places: dict[object, int] = {}
    texts: list[str] = []
    for first, second, a, b, _ in pairs:
        for key, text in ((first, a), (second, b)):
            if key not in places:
                places[key] = len(texts)
                texts.append(text)
    parent = list(range(len(texts)))

    def root(x: int) -> int:
        while parent[x] != x:
            x = parent[x]
        return x

    first_with: dict[str, int] = {}
    for place, text in enumerate(texts):
        parent[root(place)] = root(first_with.setdefault(text, place))
    for first, second, _, _, is_same in pairs:
        if is_same:
            parent[root(places[first])] = root(places[second])
    groups = np.asarray([root(place) for place in range(len(texts))])
    keys = list(places)
    halves = np.asarray([half_of(keys[group]) for group in groups])
    distinct = list(first_with)
    made = encoder.encode(distinct, lambda n: None)
    vector_of = dict(zip(distinct, made, strict=True))
    return LabelledTexts(name, texts, np.asarray([vector_of[text] for text in texts]), groups, halves)
