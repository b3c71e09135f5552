"""Pairs with their evidence, bands, swapped entities and clusters, on small texts and on real revisions."""

from __future__ import annotations

import numpy as np
import pytest

from core.curate.clusters import clusters_of
from core.curate.duplicates import candidates
from core.curate.duplicates.candidates import candidate_pairs, is_distinctive, nearest_rows
from core.curate.duplicates.entities import swapped_entity
from core.curate.duplicates.evidence import measure
from core.curate.duplicates.find import find_near_duplicates, nearest
from core.curate.duplicates.likelihood import WEIGHTS
from core.curate.duplicates.phrases import Phrases, phrases_of, read_words, words_of
from core.curate.encoder import Vectors
from core.curate.records_in import RecordIn
from core.nouns import Band, RecordKind, ScoredPair

LONG = " ".join(f"word{i}" for i in range(220))
TICKET = "My order {} has not arrived and the tracking page shows nothing at all since last Tuesday, please help me"


def record(identity: str, body: str) -> RecordIn:
    return RecordIn(identity, identity, RecordKind.DOCUMENT, "", body, {"body": body})


def alike(n: int, cosine: float) -> Vectors:
    """n vectors with this cosine to one another."""
    gram = np.full((n, n), cosine) + np.eye(n) * (1 - cosine)
    return np.linalg.cholesky(gram + 1e-9 * np.eye(n)).astype(np.float32)


def pairs(*bodies: str, cosine: float = 0.0) -> list[ScoredPair]:
    """Pairs among records a, b, … whose vectors have this cosine to one another."""
    records = [record("abcdef"[i], body) for i, body in enumerate(bodies)]
    return find_near_duplicates(records, alike(len(bodies), cosine))


def phrases(*texts: str, n_words: int = 5) -> Phrases:
    return phrases_of(read_words([words_of(text) for text in texts]), n_words)


def test_the_same_words_merge_whatever_their_punctuation() -> None:
    (pair,) = pairs("Hello there, dear reader of this.", "hello there dear reader of this")
    assert (pair.method, pair.band(), pair.score) == ("exact", Band.MERGE, 1.0)


def test_a_lightly_edited_long_text_merges() -> None:
    (pair,) = pairs(LONG, LONG.replace("word100", "").replace("word101", "word101 and word7 again"), cosine=0.99)
    assert pair.band() is Band.MERGE
    assert pair.score > 0.99


def test_the_evidence_of_a_pair_is_exact() -> None:
    texts = phrases("a b c d e f", "a b c d e g")
    found = measure(
        np.asarray([[0, 1]]), words=phrases("a b c d e f", "a b c d e g", n_words=1), couples=texts, phrases=texts,
        n_words=np.asarray([6, 12]), vectors=alike(2, 0.5),
    )  # fmt: skip
    rare, common = np.log(1 + 2 / 1), np.log(1 + 2 / 2)
    assert found.phrases[0] == pytest.approx(1 / 3)
    assert found.containment[0] == pytest.approx(1 / 2)
    assert found.words[0] == pytest.approx(5 * common / (5 * common + 2 * rare))
    assert (found.cosine[0], found.length_ratio[0]) == (pytest.approx(0.5), 0.5)


def test_more_in_common_never_makes_a_pair_less_likely() -> None:
    assert min(WEIGHTS.values()) >= 0


def test_tickets_that_differ_only_in_an_order_number_are_asked_about() -> None:
    (pair,) = pairs(TICKET.format(4411), TICKET.format(4412), cosine=0.99)
    assert (pair.band(), pair.swapped) == (Band.ASK, "4411 / 4412")


@pytest.mark.parametrize(
    ("one", "other", "swap"),
    [
        ("It costs $5 a month.", "It costs €5 a month.", "$5 / €5"),
        ("Write 1.5 into the field.", "Write 1-5 into the field.", "1.5 / 1"),
        ("Set it to -5 degrees.", "Set it to 5 degrees.", "-5 / 5"),
        ("Set it to 5 % of it.", "Set it to 5 of it.", "5 % / 5"),
    ],
)
def test_the_same_words_with_another_amount_are_not_the_same(one: str, other: str, swap: str) -> None:
    (pair,) = find_near_duplicates([record("a", f"{LONG} {one}"), record("b", f"{LONG} {other}")], alike(2, 1.0))
    assert (pair.method != "exact", pair.swapped, pair.is_mergeable) == (True, swap, False)


@pytest.mark.parametrize("other", ["On 2020/01/02, it was 5 - or so.", "On 2020-01-02 it was  5, or so!"])
def test_other_marks_between_the_same_words_and_numbers_leave_a_copy_a_copy(other: str) -> None:
    one = f"{LONG} On 2020-01-02 it was 5, or so."
    (pair,) = find_near_duplicates([record("a", one), record("b", f"{LONG} {other}")], alike(2, 1.0))
    assert pair.method == "exact"


def test_no_threshold_merges_a_pair_with_a_swapped_entity() -> None:
    (pair,) = pairs(TICKET.format(4411), TICKET.format(4412), cosine=0.99)
    assert pair.band(merge_at=0.5, ask_at=0.05) is Band.ASK


def test_meaning_alone_never_merges() -> None:
    (pair,) = pairs("the cat sat on the mat today", "a feline rested upon a rug this day", cosine=0.99)
    assert (pair.method, pair.is_mergeable, pair.band(merge_at=0.5)) == ("meaning", False, Band.ASK)


def test_different_texts_make_no_pair() -> None:
    assert pairs("one two three four five six seven", "eight nine ten eleven twelve thirteen") == []


def test_texts_without_a_word_make_no_pair() -> None:
    assert pairs("...", "!!!", "one two three four five six") == []


def test_long_revisions_are_found_without_vectors() -> None:
    longer = LONG + " " + " ".join(f"more{i}" for i in range(80))
    (pair,) = find_near_duplicates([record("a", LONG), record("b", longer)], None)
    assert pair.band() is not Band.LEAVE


def test_a_pair_is_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "BLOCK", 2)
    found = pairs(LONG, "alpha beta gamma delta epsilon", "zeta eta theta iota kappa", LONG)
    assert [(p.a, p.b) for p in found] == [("a", "d")]


def test_above_the_limit_the_index_finds_what_the_exact_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    firsts = [" ".join(f"w{n}" for n in generator.integers(0, 900, 60)) for _ in range(300)]
    texts = firsts + [text.rsplit(" ", 4)[0] + " and so on" for text in firsts[:60]]
    drawn = generator.normal(size=(300, 32))
    vectors = np.concatenate([drawn, drawn[:60] + 0.02 * generator.normal(size=(60, 32))])
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    wanted = {(i, 300 + i) for i in range(60)}
    shared = phrases(*texts)
    for limit in (20_000, 100):
        monkeypatch.setattr(candidates, "EXACT_UP_TO", limit)
        found = {(int(a), int(b)) for a, b in candidate_pairs(shared.among(is_distinctive(shared)), vectors)}
        assert len(wanted & found) >= 58


def test_a_template_makes_a_chain_of_pairs_and_not_all_of_them() -> None:
    template = (
        "thank you for your order number {} which we will send to you as soon as our driver is back from the north"
    )
    shared = phrases(*(template.format(i) for i in range(200)))
    found = candidate_pairs(shared, None)
    assert len(found) <= 200 * candidates.PARTNERS


def test_phrases_have_the_same_hash_in_every_process() -> None:
    assert phrases("one two three four five").hashes[0] == 11392077907338053598


@pytest.mark.parametrize(
    ("a", "b", "swap"),
    [
        ("Thunderbird 115.6.0 does not start any more", "Thunderbird 128.1.0 does not start any more", "115.6.0 / 128.1.0"),
        ("I use Outlook with my mail", "I use Gmail with my mail", "Outlook / Gmail"),
        ("please call anna about the bill", "please call bernd about the bill", "anna / bernd"),
        ("it works in the morning but never later", "it works in the mornign but never later", ""),
        ("it works in the morning", "it works in the morning but never later", ""),
        ("Same words here", "same words here", ""),
        ("Sending by Hotmail/Outlook fails", "Sending by Hotmail/Evolution fails", "Outlook / Evolution"),
        ("Paid on 12/05/2024 by card", "Paid on 12/06/2024 by card", "12/05/2024 / 12/06/2024"),
    ],
)  # fmt: skip
def test_a_swap_is_named_and_a_mended_spelling_is_none(a: str, b: str, swap: str) -> None:
    assert swapped_entity(a, b) == swap


def test_a_long_template_filled_in_anew_in_many_places_is_a_swap() -> None:
    template = " ".join(f"about the {{thing}} we wrote line {i} with words of its own" for i in range(30))
    assert swapped_entity(template.format(thing="calendar"), template.format(thing="invoice")) == "calendar / invoice"


def test_a_mended_date_in_a_rewritten_long_text_is_no_swap() -> None:
    words = [f"word{i}" for i in range(400)]
    changed = [w if i % 40 else f"quite different thing number of {w}x here now and again" for i, w in enumerate(words)]
    assert swapped_entity(" ".join(words) + " in 2019", " ".join(changed) + " in 2020") == ""


def test_clusters_are_connected_groups_and_keep_the_first_in_order() -> None:
    order = {name: (place,) for place, name in enumerate("cabde")}
    clusters = clusters_of([("a", "b"), ("b", "c"), ("d", "e")], order)
    assert [(c.canonical, c.members) for c in clusters] == [("c", ("c", "a", "b")), ("d", ("d", "e"))]


def test_what_a_person_called_different_is_never_in_one_cluster() -> None:
    order = {name: (name,) for name in "abcd"}
    clusters = clusters_of([("a", "b"), ("b", "c"), ("c", "d")], order, apart=[("d", "a")])
    assert [c.members for c in clusters] == [("a", "b", "c")]


def test_nearest_leaves_the_record_itself_out() -> None:
    vectors = np.eye(3, dtype=np.float32)
    vectors[1] = [0.8, 0.6, 0.0]
    assert nearest(vectors, ["a", "b", "c"], n=1)[0] == ("a", "b", 1, pytest.approx(0.8))


def test_equally_near_rows_come_in_their_order() -> None:
    _, rows = nearest_rows(np.eye(6, dtype=np.float32), 2)
    assert rows[0].tolist() == [1, 2]
    assert rows[5].tolist() == [0, 1]
