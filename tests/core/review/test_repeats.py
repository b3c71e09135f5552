"""Which draft comes back, and when: drawn by hash, far from its first reading, and telling nothing of who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nouns import System
from core.review.queue_order import DISTANCE, QueueItem
from core.review.repeats import LEAST_NEW, SAME_DAY_DISTANCE, JudgedItem, Places, next_repeat, places

MANY = 1_000
TODAY, YESTERDAY = date(2026, 11, 26), date(2026, 11, 25)


def seen(n: int, system: System = System.TUNED) -> list[QueueItem]:
    """n drafts, each of a brief of its own."""
    return [QueueItem(f"i{k}", f"b{k}", system) for k in range(n)]


def judged(items: Sequence[QueueItem], day: date = YESTERDAY) -> list[JudgedItem]:
    return [JudgedItem(item.id, item.brief, item.system, day) for item in items]


def every_brief(items: Sequence[QueueItem]) -> set[str]:
    return {item.brief for item in items}


def test_one_place_in_each_stretch_is_for_a_draft_that_comes_back() -> None:
    where = Places("Ann", 10, start=20)
    assert not any(where.has(place, MANY) for place in range(20))
    for stretch in range(2, 40):
        assert sum(where.has(place, MANY) for place in range(10 * stretch, 10 * stretch + 10)) == 1
    assert not any(Places("Ann", 0, start=0).has(place, MANY) for place in range(100))


def test_near_the_end_no_draft_comes_back() -> None:
    where = Places("Ann", 10, start=20)
    place = next(place for place in range(20, 40) if where.has(place, MANY))
    assert (where.has(place, LEAST_NEW), where.has(place, LEAST_NEW - 1)) == (True, False)
    assert where.n_until(place, LEAST_NEW - 1) == LEAST_NEW - 1


def test_places_differ_between_reviewers() -> None:
    drawn = {tuple(p for p in range(200) if Places(name, 10, 0).has(p, MANY)) for name in ("Ann", "Bo", "Cy", "Di")}
    assert len(drawn) == 4


def test_on_the_first_day_the_places_begin_later() -> None:
    starts = [
        places("Ann", 10, first_judged_on=day, today=TODAY).start for day in (None, TODAY, YESTERDAY)
    ]  # fmt: skip
    assert starts == [SAME_DAY_DISTANCE, SAME_DAY_DISTANCE, DISTANCE]


@given(st.text(max_size=4), st.integers(4, 30), st.integers(0, 80), st.integers(0, 150), st.integers(0, 300))
def test_what_is_left_falls_by_one_with_every_draft_whether_it_comes_back_or_not(
    reviewer: str, every: int, start: int, place: int, n_new: int
) -> None:
    where = Places(reviewer, every, start)
    while n_new:
        left = where.n_until(place, n_new)
        n_new -= not where.has(place, n_new)
        place += 1
        assert where.n_until(place, n_new) == left - 1


def test_a_draft_comes_back_after_twenty_others_of_another_day() -> None:
    for n in range(1, DISTANCE + 1):
        items = seen(n)
        assert next_repeat("Ann", judged(items), items, open_briefs=every_brief(items), today=TODAY) is None
    items = seen(DISTANCE + 1)
    assert next_repeat("Ann", judged(items), items, open_briefs=every_brief(items), today=TODAY) == "i0"


def test_on_the_same_day_it_comes_back_after_sixty_others() -> None:
    items = seen(SAME_DAY_DISTANCE)
    assert next_repeat("Ann", judged(items, TODAY), items, open_briefs=every_brief(items), today=TODAY) is None
    items = seen(SAME_DAY_DISTANCE + 1)
    assert next_repeat("Ann", judged(items, TODAY), items, open_briefs=every_brief(items), today=TODAY) == "i0"


def test_no_draft_comes_back_near_another_of_its_brief() -> None:
    items = [*seen(30), QueueItem("other", "b0", System.BASE)]
    found = next_repeat("Ann", judged(items[:1]), items, open_briefs=every_brief(items), today=TODAY)
    assert found is None, "b0 was read just now"


def test_no_draft_comes_back_once_who_wrote_it_may_be_told() -> None:
    items = seen(30)
    assert next_repeat("Ann", judged(items), items, open_briefs={"b3"}, today=TODAY) == "i3"
    assert next_repeat("Ann", judged(items), items, open_briefs=set(), today=TODAY) is None


def test_neither_a_human_text_comes_back_nor_a_draft_after_its_briefs_human_text() -> None:
    items = [QueueItem("m", "b0", System.TUNED), *seen(25)[1:], QueueItem("h", "b0", System.HUMAN), *seen(60)[30:]]
    assert next_repeat("Ann", judged(items[:1]), items, open_briefs={"b0"}, today=TODAY) is None
    human = next(item for item in items if item.id == "h")
    assert next_repeat("Ann", judged([human]), items, open_briefs={"b0"}, today=TODAY) is None


@given(
    st.text(min_size=1, max_size=5),
    st.lists(st.sampled_from([s for s in System if s is not System.HUMAN]), min_size=40, max_size=40),
)
def test_which_machine_wrote_a_draft_changes_nothing_of_what_comes_back(reviewer: str, systems: list[System]) -> None:
    items = seen(40)
    written = [replace(item, system=system) for item, system in zip(items, systems, strict=True)]
    briefs = every_brief(items)
    assert next_repeat(reviewer, judged(written), written, open_briefs=briefs, today=TODAY) == next_repeat(
        reviewer, judged(items), items, open_briefs=briefs, today=TODAY
    )


def test_each_of_the_drafts_that_may_come_back_is_drawn_by_some_reviewer() -> None:
    items = seen(24)
    drawn = {
        next_repeat(f"reviewer {n}", judged(items), items, open_briefs=every_brief(items), today=TODAY)
        for n in range(60)
    }
    assert drawn == {"i0", "i1", "i2", "i3"}


def test_what_was_judged_without_being_shown_does_not_come_back() -> None:
    items = seen(30)
    unseen = [JudgedItem("never shown", "b99", System.BASE, YESTERDAY)]
    assert next_repeat("Ann", unseen, items, open_briefs={"b99"}, today=TODAY) is None


@pytest.mark.parametrize("reviewer", ["Ann", "Bo"])
def test_the_same_draw_every_time(reviewer: str) -> None:
    items = seen(45)
    found = {next_repeat(reviewer, judged(items), items, open_briefs=every_brief(items), today=TODAY) for _ in range(3)}
    assert len(found) == 1
