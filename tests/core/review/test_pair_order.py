"""Which pair comes next, on which sides, and which pairs are made: nothing of it tells who wrote what."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, mannwhitneyu

from core.review.pair_drawing import draw_pairs
from core.review.pair_order import PairItem, is_first_left, next_pair
from core.review.queue_order import DISTANCE


def pair(number: int, *, brief: str = "", drafts: tuple[str, str] | None = None) -> PairItem:
    return PairItem(f"p{number}", brief or f"b{number}", frozenset(drafts or (f"t{number}", f"o{number}")))


def walk(reviewer: str, pairs: list[PairItem]) -> list[str]:
    seen: list[PairItem] = []
    while (found := next_pair(reviewer, [one for one in pairs if one not in seen], seen)).id is not None:
        seen.append(next(one for one in pairs if one.id == found.id))
    return [one.id for one in seen]


def test_everybody_sees_all_pairs_each_once_in_an_order_of_their_own() -> None:
    pairs = [pair(n) for n in range(30)]
    ann, bo = walk("Ann", pairs), walk("Bo", pairs)
    assert sorted(ann) == sorted(bo) == sorted(one.id for one in pairs)
    assert ann != bo
    assert ann == walk("Ann", list(reversed(pairs))), "the order in which pairs are stored says nothing"


def test_a_text_that_was_seen_in_a_pair_is_seen_in_no_other() -> None:
    first, second = pair(1, brief="b", drafts=("t", "base")), pair(2, brief="b", drafts=("t", "fewshot"))
    apart = [pair(n) for n in range(3, 3 + DISTANCE)]
    found = next_pair("Ann", [second], [first, *apart])
    assert (found.id, found.n_waiting, found.n_barred) == (None, 0, 1)


def test_between_two_pairs_for_one_brief_lie_others() -> None:
    first, second = pair(1, brief="b"), pair(2, brief="b")
    apart = [pair(n) for n in range(3, 3 + DISTANCE)]
    early = next_pair("Ann", [second], [first, *apart[:-1]])
    assert (early.id, early.n_waiting, early.n_barred) == (None, 1, 0)
    assert next_pair("Ann", [second], [first, *apart]).id == "p2"


def test_the_place_in_the_order_does_not_tell_what_is_compared() -> None:
    pairs = [pair(n) for n in range(400)]
    place = {one: n for n, one in enumerate(walk("Ann", pairs))}
    odd, even = ([place[f"p{n}"] for n in range(first, 400, 2)] for first in (1, 0))
    assert mannwhitneyu(odd, even).pvalue > 0.05


def test_the_sides_are_as_by_the_throw_of_a_coin_and_the_same_every_time() -> None:
    sides = [is_first_left(f"seed {n}", "Ann") for n in range(1_000)]
    assert binomtest(sum(sides), 1_000, 0.5).pvalue > 0.05
    assert sides == [is_first_left(f"seed {n}", "Ann") for n in range(1_000)]
    # Another reviewer's sides are others: who looks over a shoulder learns nothing for their own screen.
    same = sum(one == is_first_left(f"seed {n}", "Bo") for n, one in enumerate(sides))
    assert binomtest(same, 1_000, 0.5).pvalue > 0.05


BRIEFS = [f"b{n}" for n in range(20)]
SHARED = {
    "base": {brief: (f"{brief} tuned", f"{brief} base") for brief in BRIEFS},
    "fewshot": {brief: (f"{brief} tuned", f"{brief} fewshot") for brief in BRIEFS},
}
APART = {"facts": {brief: (f"{brief} tuned_facts", f"{brief} base_facts") for brief in BRIEFS}}


@given(seed=st.integers(0, 2**32))
def test_no_draft_is_drawn_twice_and_every_comparison_gets_as_many(seed: int) -> None:
    drawn = draw_pairs(SHARED | APART, taken=(), made={}, seed=seed)
    drafts = [draft for one in drawn for draft in (one.first, one.second)]
    assert len(drafts) == len(set(drafts))
    counts = {key: sum(one.comparison == key for one in drawn) for key in (*SHARED, *APART)}
    assert counts == {"base": 10, "fewshot": 10, "facts": 20}


def test_what_has_fewer_pairs_so_far_catches_up_and_a_waiting_draft_is_left_alone() -> None:
    drawn = draw_pairs(SHARED, taken={"b0 tuned"}, made={"base": 30}, seed=1)
    assert [one.comparison for one in drawn] == ["fewshot"] * 19
    assert "b0" not in {one.brief for one in drawn}
