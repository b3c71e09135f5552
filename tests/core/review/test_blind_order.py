"""The order of the queue tells nothing of who wrote a draft: hundreds of simulated sessions, and a classifier that tries.

The sessions are drawn from fixed seeds, so a test that passes always passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from random import Random
from typing import Any

import pytest

from core.nouns import System
from core.review.controls import HUMAN_SHARE, chosen_for_review, expected_shares
from core.review.queue_order import NextItem, QueueItem, next_item
from tests.blindness import Received, figures_of_id, guess_human, guess_machine

N_BRIEFS = 45
MACHINES = (System.TUNED, System.BASE, System.BASE_FEWSHOT)
Choose = Callable[[Iterable[QueueItem], Random], list[str]]
Follow = Callable[..., NextItem]


def all_of_them(drafts: Iterable[QueueItem], draw: Random) -> list[str]:
    """Every draft of every brief comes, the human text last: the rule that would give it away."""
    return [draft.id for draft in drafts]


def tuned_first(reviewer: str, opened: list[QueueItem], seen: list[QueueItem], **more: list[QueueItem]) -> NextItem:
    """The order that a reader of results in a hurry would ask for."""
    found = next_item(reviewer, [item for item in opened if item.system is System.TUNED], seen, **more)
    return found if found.id is not None else next_item(reviewer, opened, seen, **more)


def whatever_is_free_now(reviewer: str, opened: list[QueueItem], seen: list[QueueItem], **more: Any) -> NextItem:
    """Gives a reviewer who was told to wait what a colleague's verdict set free."""
    return next_item(reviewer, opened, seen, **more | {"withheld": ()})


@cache
def sessions(
    n_studios: int,
    *,
    n_reviewers: int = 1,
    choose: Choose = chosen_for_review,
    following: Follow = next_item,
    n_briefs: int = N_BRIEFS,
) -> list[Received]:
    """What reviewers could know of each draft from the order in which they got it: one draft for each to the end of the queue.

    Whoever is told to wait asks again later, until nobody gets anything any more.
    """
    received = []
    for studio in range(n_studios):
        draw = Random(f"studio {studio} with {n_reviewers}")
        drafts = [
            QueueItem(f"{studio} {brief} {system}", f"{studio} {brief}", system)
            for brief in range(n_briefs)
            for system in (*MACHINES, System.HUMAN)
        ]
        chosen = set(choose(drafts, draw))
        by_item = {f"i_{draw.randbytes(12).hex()}": draft for draft in drafts if draft.id in chosen}
        opened = {item: QueueItem(item, draft.brief, draft.system) for item, draft in by_item.items()}
        seen: dict[str, list[QueueItem]] = {f"{studio}-{name}": [] for name in range(n_reviewers)}
        held: dict[str, QueueItem] = {}
        waited: dict[str, set[str]] = {name: set() for name in seen}
        active = list(seen)
        while active:
            reviewer = draw.choice(active)
            # The draft in hand gets its verdict; then comes the next. Colleagues may get something once it has.
            if held.pop(reviewer, None):
                active = list(seen)
            found = following(
                reviewer, list(opened.values()), seen[reviewer], held=list(held.values()), withheld=waited[reviewer]
            )
            if found.id is None:
                active.remove(reviewer)
                waited[reviewer] |= set(opened)
                continue
            item = opened.pop(found.id)
            has_waited = bool(waited[reviewer])
            received.append(
                told(reviewer, by_item[item.id].id, item, seen[reviewer], n_left=len(opened), has_waited=has_waited)
            )
            waited[reviewer].clear()
            seen[reviewer].append(item)
            held[reviewer] = item
    return received


def told(
    session: str, draft: str, item: QueueItem, seen: list[QueueItem], *, n_left: int, has_waited: bool
) -> Received:
    places = [place for place, other in enumerate(seen) if other.brief == item.brief]
    figures = {
        "n_done": float(len(seen)),
        "n_left": float(n_left),
        "n_of_the_brief": float(len(places)),
        "since_the_brief": float(len(seen) - places[-1]) if places else -1.0,
        "n_briefs_met": float(len({other.brief for other in seen})),
        "has_waited": float(has_waited),
    }
    return Received(session, draft, item.brief, item.system, figures | figures_of_id(item.id))


@pytest.mark.slow
@pytest.mark.parametrize("n_reviewers", [1, 5])
def test_a_classifier_cannot_tell_the_machines_apart(n_reviewers: int) -> None:
    found = guess_machine(sessions(8, n_reviewers=n_reviewers))
    assert found.n > 700
    assert not found.is_find, found


@pytest.mark.slow
@pytest.mark.parametrize(("n_reviewers", "n_studios"), [(1, 240), (5, 120)])
def test_nor_the_human_text_from_the_machines(n_reviewers: int, n_studios: int) -> None:
    found = guess_human(sessions(n_studios, n_reviewers=n_reviewers))
    assert found.n > 200
    assert not found.is_find, found


@pytest.mark.slow
def test_an_order_that_favours_a_system_is_found() -> None:
    assert guess_machine(sessions(4, following=tuned_first)).is_find


def test_what_a_verdict_sets_free_for_one_who_waits_would_be_the_human_text() -> None:
    free = sessions(40, n_reviewers=8, n_briefs=10, following=whatever_is_free_now)
    after_waits = [one for one in free if one.figures["has_waited"]]
    assert len(after_waits) > 10
    assert all(one.system is System.HUMAN for one in after_waits)


def test_so_it_does_not_come_before_another_draft_does() -> None:
    assert not [one for one in sessions(40, n_reviewers=8, n_briefs=10) if one.figures["has_waited"]]


def test_a_human_text_that_always_comes_last_is_found() -> None:
    found = guess_human(sessions(60, choose=all_of_them), share=1 / 4)
    assert found.is_find
    assert found.right > 0.9, "after three drafts of a brief the fourth would be the human text"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_at_every_place_of_a_brief_the_human_text_is_as_likely(place: int) -> None:
    here = [one for one in sessions(240) if one.figures["n_of_the_brief"] == place]
    share = sum(one.system is System.HUMAN for one in here) / len(here)
    assert share == pytest.approx(HUMAN_SHARE, abs=4 * (HUMAN_SHARE * (1 - HUMAN_SHARE) / len(here)) ** 0.5)


def test_without_a_human_text_every_draft_of_a_brief_comes() -> None:
    drafts = [QueueItem(system.value, "b", system) for system in MACHINES]
    for seed in range(40):
        assert sorted(chosen_for_review(drafts, Random(seed))) == sorted(system.value for system in MACHINES)


def test_with_one_a_brief_never_has_more_drafts_judged_than_machines_wrote() -> None:
    drafts = [QueueItem(system.value, "b", system) for system in (*MACHINES, System.HUMAN)]
    found = {len(chosen_for_review(drafts, Random(seed))) for seed in range(400)}
    assert found == {1, 2, 3}


def test_drafts_are_chosen_in_an_order_that_does_not_follow_the_systems() -> None:
    drafts = [QueueItem(system.value, "b", system) for system in MACHINES]
    assert {chosen_for_review(drafts, Random(seed))[0] for seed in range(40)} == {system.value for system in MACHINES}


@pytest.mark.parametrize("n_machine", [1, 3, 15])
def test_as_many_come_before_reviewers_as_is_said_beforehand(n_machine: int) -> None:
    row = [QueueItem(f"m{n}", "b", System.BASE) for n in range(n_machine)] + [QueueItem("h", "b", System.HUMAN)]
    n_rows, draw = 8_000, Random(17)
    chosen = [chosen_for_review(row, draw) for _ in range(n_rows)]
    machines, humans = expected_shares(n_machine)
    n_humans = sum("h" in one for one in chosen)
    assert sum(len(one) for one in chosen) - n_humans == pytest.approx(machines * n_rows, rel=0.03)
    assert n_humans == pytest.approx(humans * n_rows, rel=0.10)


def test_without_a_machine_draft_nothing_comes() -> None:
    assert expected_shares(0) == (0.0, 0.0)
    assert chosen_for_review([QueueItem("h", "b", System.HUMAN)], Random(1)) == []
