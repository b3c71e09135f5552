"""An order that was asked for comes after the rules that keep a review blind, and before what is drawn."""

from __future__ import annotations

from core.nouns import System
from core.review.queue_order import DISTANCE, QueueItem, next_item


def item(name: str, brief: str, system: System = System.TUNED) -> QueueItem:
    return QueueItem(name, brief, system)


def test_the_lowest_rank_comes_first_and_equal_ones_are_drawn() -> None:
    items = [item(f"i{n}", f"b{n}") for n in range(9)]
    ranks = {one.id: 0.3 for one in items} | {"i4": 0.1}
    assert next_item("Ann", items, [], ranks=ranks).id == "i4"
    drawn = {reviewer: next_item(reviewer, items, []).id for reviewer in ("Ann", "Bo", "Cy", "Di")}
    assert {who: next_item(who, items, [], ranks=dict.fromkeys(ranks, 0.3)).id for who in drawn} == drawn


def test_a_rank_brings_no_brief_back_too_early_and_no_control_before_the_others() -> None:
    control = item("human", "b1", System.HUMAN)
    items = [control, item("other", "b1"), item("far", "b2")]
    ranks = {"human": 0.0, "other": 0.2, "far": 0.4}
    assert next_item("Ann", items, [], ranks=ranks).id == "other"
    assert next_item("Ann", items, [item("seen", "b1")], ranks=ranks).id == "far"
    long_ago = [item("seen", "b1"), *(item(f"s{n}", f"x{n}") for n in range(DISTANCE))]
    assert next_item("Ann", items, long_ago, ranks=ranks).id == "other"
