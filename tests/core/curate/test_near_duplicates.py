"""Pairs, bands and clusters, on small texts and on real revisions."""

from __future__ import annotations

import numpy as np
import pytest

from core.curate.clusters import clusters_of
from core.curate.near_duplicates import find_near_duplicates, nearest
from core.curate.records_in import RecordIn
from core.nouns import Band, RecordKind, ScoredPair

LONG = " ".join(f"word{i}" for i in range(220))


def record(identity: str, body: str) -> RecordIn:
    return RecordIn(identity, identity, RecordKind.DOCUMENT, "", body, {"body": body})


def pairs(*bodies: str, cosine: float = 0.0) -> list[ScoredPair]:
    """Records a, b, … whose vectors have this cosine to one another."""
    n = len(bodies)
    gram = np.full((n, n), cosine) + np.eye(n) * (1 - cosine)
    vectors = np.linalg.cholesky(gram + 1e-9 * np.eye(n)).astype(np.float32)
    return find_near_duplicates([record("abcdef"[i], body) for i, body in enumerate(bodies)], vectors)


def test_the_same_words_merge_whatever_their_punctuation() -> None:
    (pair,) = pairs("Hello there, dear reader of this.", "hello there dear reader of this")
    assert (pair.method, pair.band, pair.score) == ("exact", Band.MERGE, 1.0)


def test_a_lightly_edited_long_text_merges() -> None:
    (pair,) = pairs(LONG, LONG.replace("word100", "other"), cosine=0.99)
    assert pair.band is Band.MERGE
    assert pair.jaccard == pytest.approx(211 / 221)


def test_tickets_that_differ_only_in_an_order_number_are_asked_about() -> None:
    text = "My order {} has not arrived and the tracking page shows nothing at all since last Tuesday, please help me"
    found = pairs(text.format(4411), text.format(4412), cosine=0.99)
    assert [pair.band for pair in found] == [Band.ASK]


def test_meaning_alone_never_merges() -> None:
    (pair,) = pairs("the cat sat on the mat today", "a feline rested upon a rug this day", cosine=0.98)
    assert (pair.method, pair.band) == ("meaning", Band.ASK)


def test_different_texts_make_no_pair() -> None:
    assert pairs("one two three four five six seven", "eight nine ten eleven twelve thirteen") == []


def test_a_pair_is_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.curate.near_duplicates.BLOCK", 2)
    found = pairs(LONG, "alpha beta gamma delta epsilon", "zeta eta theta iota kappa", LONG)
    assert [(p.a, p.b) for p in found] == [("a", "d")]


def test_clusters_are_connected_groups_and_keep_the_first_in_order() -> None:
    order = {name: (place,) for place, name in enumerate("cabde")}
    clusters = clusters_of([("a", "b"), ("b", "c"), ("d", "e")], order)
    assert [(c.canonical, c.members) for c in clusters] == [("c", ("c", "a", "b")), ("d", ("d", "e"))]


def test_nearest_leaves_the_record_itself_out() -> None:
    vectors = np.eye(3, dtype=np.float32)
    vectors[1] = [0.8, 0.6, 0.0]
    assert nearest(vectors, ["a", "b", "c"], n=1)[0] == ("a", "b", 1, pytest.approx(0.8))
