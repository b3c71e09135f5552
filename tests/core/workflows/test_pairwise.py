"""Drafts side by side: which pairs are made, when they are asked about, what is stored, and what nobody is told too early."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest

from core.errors import Conflict, Invalid, NotFound, Refused
from core.nouns import PairOrigin
from core.store import draft_pairs as pair_rows
from core.store import open_items as open_item_rows
from core.store.integrity import orphans
from core.workflows import (
    draft_comparison,
    drafting,
    pair_making,
    pairwise,
    projects,
    results,
    review_pairs,
    reviewing,
    training,
)
from core.workflows.workspace import Workspace, project_named
from tests.core.workflows.test_draft_comparison import written
from tests.core.workflows.test_run_registry import template, workspace

__all__ = ["template", "workspace"]
NAMES = tuple(f"brief {n}" for n in range(6))


def settled(workspace: Workspace, *, by: str = "Rita", decision: str = "sign_off") -> None:
    """Every draft that waits gets its verdict."""
    for item in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"]):
        reviewing.submit(workspace, item["id"], decision, by=by)


def compared(workspace: Workspace, *briefs: str, systems: tuple[str, ...] = ("tuned", "base")) -> None:
    """Drafts of the run a with their verdicts, and the pairs of tuned and base."""
    written(workspace, "a", *briefs, systems=systems)
    settled(workspace)
    pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a")


def of_two_runs(workspace: Workspace, *briefs: str) -> None:
    """Tuned drafts of the runs a and b, no two of them alike."""
    for run in ("a", "b"):
        written(workspace, run, *briefs)
    with workspace.store.transaction() as tx:
        tx.execute(
            "UPDATE drafts SET text = text || ' And again.' WHERE run_id = ?",
            [training.run_named(workspace, "b")["id"]],
        )


def shown(workspace: Workspace, reviewer: str) -> pairwise.PairToJudge | None:
    return pairwise.next_drafts(workspace, "p", by=reviewer).current


def the_pair(workspace: Workspace, reviewer: str) -> pairwise.PairToJudge:
    found = shown(workspace, reviewer)
    assert found is not None
    return found


def system_of(workspace: Workspace, text: str) -> str:
    return next(row["system"] for row in drafting.list_drafts(workspace, "p") if row["text"] == text)


def prefer(workspace: Workspace, system: str, *, by: str) -> int:
    """Every pair that this reviewer is given, for the draft of one system. Returns how many."""
    n = 0
    while (current := shown(workspace, by)) is not None:
        choice = "a" if system_of(workspace, current.a) == system else "b"
        pairwise.choose(workspace, current.pair, choice, by=by)
        n += 1
    return n


def counted(workspace: Workspace, *, only_told: bool = False) -> dict[str, int]:
    (one,) = results.results_json(workspace, "p", run="a", only_told=only_told)["side_by_side"]
    names = ("first", "second", "both_good", "both_bad", "differ", "same", "waiting")
    return {name: one[name] for name in names if one[name]}


def test_a_pair_is_asked_about_once_every_draft_of_its_brief_has_its_verdict(workspace: Workspace) -> None:
    written(workspace, "a", "van", systems=("tuned", "base"))
    pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a")
    state = pairwise.next_drafts(workspace, "p", by="Ann")
    assert state.current is None
    assert state.why == "1 pair waits until every draft of its brief has its verdict on its own."
    settled(workspace)
    assert shown(workspace, "Ann") is not None


def test_a_reviewer_is_given_two_texts_as_they_are_stored_and_no_sign_of_who_wrote_which(workspace: Workspace) -> None:
    compared(workspace, *NAMES)
    seen = Counter[str]()
    rows = {row["text"]: row for row in drafting.list_drafts(workspace, "p")}
    ids = {row["id"] for row in rows.values()} | {row["run_id"] for row in rows.values()}
    for reviewer in ("Ann", "Bo", "Cy", "Di"):
        current = the_pair(workspace, reviewer)
        seen[rows[current.a]["system"]] += 1
        assert {rows[current.a]["system"], rows[current.b]["system"]} == {"tuned", "base"}
        told = {name: value for name, value in dataclasses.asdict(current).items() if name not in ("a", "b")}
        assert not [one for one in ids if one in str(told)]
        assert not re.search(r"tuned|base", str(told))
        assert re.fullmatch(r"sp_[0-9a-f]{24}", current.pair)
    assert sum(seen.values()) == 4


def test_left_and_right_are_stored_as_the_drafts_that_stood_there(workspace: Workspace) -> None:
    compared(workspace, *NAMES)
    assert prefer(workspace, "tuned", by="Ann") == 6
    assert counted(workspace) == {"first": 6}
    stored = pair_rows.verdicts(workspace.store, project_named(workspace, "p")["id"])
    (one,) = results.results_json(workspace, "p", run="a")["side_by_side"]
    assert one["left"] == sum(row["is_first_left"] for row in stored)
    assert one["left"] + one["right"] == 6


def test_every_choice_is_stored_once_and_what_is_not_a_choice_is_refused(workspace: Workspace) -> None:
    compared(workspace, "van", "bench")
    first = the_pair(workspace, "Ann")
    with pytest.raises(Invalid, match="'left' says nothing of two drafts"):
        pairwise.choose(workspace, first.pair, "left", by="Ann")
    pairwise.choose(workspace, first.pair, "both_good", by="Ann")
    with pytest.raises(Conflict, match="have judged this pair already"):
        pairwise.choose(workspace, first.pair, "a", by="Ann")
    with pytest.raises(Conflict, match="no longer asked about"):
        pairwise.choose(workspace, first.pair, "a", by="Bo")
    pairwise.choose(workspace, the_pair(workspace, "Ann").pair, "both_bad", by="Ann")
    assert counted(workspace) == {"both_good": 1, "both_bad": 1}
    with pytest.raises(NotFound, match="no pair 'sp_x'"):
        pairwise.choose(workspace, "sp_x", "a", by="Ann")
    assert orphans(workspace.store) == []


def test_a_pair_is_judged_by_those_alone_who_were_shown_it_and_on_the_page_of_its_project(workspace: Workspace) -> None:
    compared(workspace, "van")
    first = the_pair(workspace, "Ann")
    for choice in ("a", "skip"):
        with pytest.raises(Conflict, match="You were not shown this pair"):
            pairwise.choose(workspace, first.pair, choice, by="Bo")
    with pytest.raises(NotFound, match="There is no pair"):
        pairwise.choose(workspace, first.pair, "a", by="Ann", asked_in="p_other")
    assert counted(workspace) == {"waiting": 1}
    pairwise.choose(workspace, first.pair, "a", by="Ann", asked_in=project_named(workspace, "p")["id"])


def test_the_pair_on_the_screen_stays_and_two_reviewers_get_two(workspace: Workspace) -> None:
    compared(workspace, "van", "bench")
    first = the_pair(workspace, "Ann")
    assert the_pair(workspace, "Ann") == first
    other = the_pair(workspace, "Bo")
    assert other.pair != first.pair
    state = pairwise.next_drafts(workspace, "p", by="Cy")
    assert (state.current, state.why) == (None, "2 are in a colleague's hands.")
    assert (first.n_left, other.n_left) == (2, 1)


def test_after_five_minutes_a_pair_is_anyones_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    compared(workspace, "van")
    first = the_pair(workspace, "Ann")
    assert shown(workspace, "Bo") is None
    monkeypatch.setattr(pairwise, "SOFT_LOCK_SECONDS", 0.0)
    assert the_pair(workspace, "Bo").pair == first.pair
    assert the_pair(workspace, "Ann").pair == first.pair, "nobody is moved off a pair that they read"
    assert (the_pair(workspace, "Bo").a, the_pair(workspace, "Bo").b) in ((first.a, first.b), (first.b, first.a))


def test_a_pair_that_is_put_off_comes_last_and_is_free_for_others_at_once(workspace: Workspace) -> None:
    compared(workspace, "van", "bench")
    first = the_pair(workspace, "Ann")
    pairwise.choose(workspace, first.pair, "skip", by="Ann")
    second = the_pair(workspace, "Ann")
    assert second.pair != first.pair
    assert the_pair(workspace, "Bo").pair == first.pair
    pairwise.choose(workspace, first.pair, "skip", by="Bo")
    pairwise.choose(workspace, second.pair, "a", by="Ann")
    assert the_pair(workspace, "Ann").pair == first.pair
    pairwise.choose(workspace, first.pair, "skip", by="Ann")
    assert the_pair(workspace, "Ann").pair == first.pair, "the only one that is left"
    assert counted(workspace)["waiting"] == 1


def test_an_undo_takes_back_the_last_choice_or_the_last_putting_off(workspace: Workspace) -> None:
    compared(workspace, "van", "bench")
    assert pairwise.undo_last(workspace, "p", by="Ann") is None
    first = the_pair(workspace, "Ann")
    pairwise.choose(workspace, first.pair, "a", by="Ann")
    second = the_pair(workspace, "Ann")
    pairwise.choose(workspace, second.pair, "skip", by="Ann")
    assert pairwise.undo_last(workspace, "p", by="Ann") == second.pair
    assert the_pair(workspace, "Ann") == second
    assert pairwise.undo_last(workspace, "p", by="Ann") == first.pair
    assert the_pair(workspace, "Ann").pair == first.pair
    assert counted(workspace) == {"waiting": 2}
    pairwise.choose(workspace, first.pair, "b", by="Ann")
    assert len(workspace.store.read("SELECT 1 FROM draft_pair_verdicts")) == 5, "every act is kept"


def test_as_many_people_judge_a_pair_as_a_draft_and_it_counts_once(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Lea")
    written(workspace, "a", "van", "bench", systems=("tuned", "base"))
    settled(workspace, by="Rita")
    settled(workspace, by="Otto")
    pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a")
    assert prefer(workspace, "tuned", by="Ann") == 2
    assert counted(workspace) == {"first": 2, "waiting": 2}
    assert counted(workspace, only_told=True) == {"waiting": 2}
    one = the_pair(workspace, "Bo")
    pairwise.choose(workspace, one.pair, "both_bad", by="Bo")
    assert counted(workspace) == {"first": 1, "differ": 1, "waiting": 1}
    assert counted(workspace, only_told=True) == {"differ": 1, "waiting": 1}
    assert prefer(workspace, "tuned", by="Bo") == 1
    assert shown(workspace, "Cy") is None
    assert pairwise.next_drafts(workspace, "p", by="Bo").n_done == 2


def test_one_and_the_same_text_is_never_asked_about_and_counted_apart(workspace: Workspace) -> None:
    written(workspace, "a", "van", "bench", systems=("tuned", "base"))
    with workspace.store.transaction() as tx:
        tx.execute(
            "UPDATE drafts SET text = 'We moved.\n\nIt went well.  ' WHERE brief_id = (SELECT id FROM briefs WHERE external_id = 'van')"
        )
        tx.execute(
            "UPDATE drafts SET text = 'We moved. It went well.' WHERE text LIKE 'We moved.%' AND system = 'base'"
        )
    settled(workspace)
    assert pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a") == {"made": 1, "same": 1}
    assert prefer(workspace, "base", by="Ann") == 1
    assert counted(workspace) == {"second": 1, "same": 1}


def test_a_pair_is_made_once_and_a_draft_waits_in_one_pair(workspace: Workspace) -> None:
    written(workspace, "a", *NAMES, systems=("tuned", "base", "base_fewshot"))
    settled(workspace)
    plan = pair_making.plan_pairs(workspace, "p", run="a")
    assert {one.comparison: one.n for one in plan.possible} == {"base": 6, "base_fewshot": 6}
    assert pair_making.make_pairs(workspace, "p", ["base", "base_fewshot"], by="Lea") == {"made": 6, "same": 0}
    plan = pair_making.plan_pairs(workspace, "p", run="a")
    assert {one.comparison: (one.n, one.n_made) for one in plan.possible} == {"base": (0, 3), "base_fewshot": (0, 3)}
    with pytest.raises(Refused, match="no new pair to make"):
        pair_making.make_pairs(workspace, "p", ["base"], by="Lea")
    with pytest.raises(Invalid, match="nobody cannot be compared side by side"):
        pair_making.make_pairs(workspace, "p", ["nobody"], by="Lea")
    with pytest.raises(NotFound, match="no draft of a run called 'b'"):
        pair_making.plan_pairs(workspace, "p", run="b")


def test_whoever_saw_a_draft_in_a_pair_is_not_shown_it_in_another(workspace: Workspace) -> None:
    compared(workspace, "van", systems=("tuned", "base", "base_fewshot"))
    assert prefer(workspace, "tuned", by="Ann") == 1
    pair_making.make_pairs(workspace, "p", ["base_fewshot"], by="Lea", run="a")
    state = pairwise.next_drafts(workspace, "p", by="Ann")
    assert (state.current, state.why) == (
        None,
        "1 pair waits for a colleague: you have seen one of the texts in another pair.",
    )
    assert shown(workspace, "Bo") is not None


def test_tuned_drafts_of_two_runs_are_compared_and_told_from_either_side(workspace: Workspace) -> None:
    of_two_runs(workspace, "van", "bench")
    settled(workspace)
    pair_making.make_pairs(workspace, "p", ["run:b"], by="Lea", run="a")
    runs = {row["text"]: row["run_id"] for row in drafting.list_drafts(workspace, "p")}
    ours = training.run_named(workspace, "a", project="p")["id"]
    while (current := shown(workspace, "Ann")) is not None:
        pairwise.choose(workspace, current.pair, "a" if runs[current.a] == ours else "b", by="Ann")
    for run, other, first in (("a", "b", 2), ("b", "a", 0)):
        (one,) = results.results_json(workspace, "p", run=run)["side_by_side"]
        assert (one["ours"], one["theirs"]) == (f"Tuned model of {run}", f"Tuned model of {other}")
        assert (one["first"], one["second"]) == (first, 2 - first)


def test_pairs_of_two_runs_count_together_from_whichever_side_they_were_made(workspace: Workspace) -> None:
    for side, other, brief in (("a", "b", "van"), ("b", "a", "bench")):
        of_two_runs(workspace, brief)
        settled(workspace)
        pair_making.make_pairs(workspace, "p", [f"run:{other}"], by="Lea", run=side)
    # The drafts of b are the ones that end in this.
    while (current := shown(workspace, "Ann")) is not None:
        pairwise.choose(workspace, current.pair, "a" if current.a.endswith("And again.") else "b", by="Ann")
    for run, won in (("b", "first"), ("a", "second")):
        (one,) = results.results_json(workspace, "p", run=run)["side_by_side"]
        assert (one["ours"], one[won], one["n"]) == (f"Tuned model of {run}", 2, 2)


def test_as_long_as_a_pair_waits_nobody_is_told_who_wrote_a_draft_of_its_brief(workspace: Workspace) -> None:
    of_two_runs(workspace, "van", "bench")
    settled(workspace)
    before = results.results_json(workspace, "p", run="a", only_told=True)
    assert before["systems"]["tuned"]["n"] == 2
    pair_making.make_pairs(workspace, "p", ["run:b"], by="Lea", run="a")
    held = results.results_json(workspace, "p", run="a", only_told=True)
    assert (held["systems"]["tuned"]["n"], held["n_held_back"]) == (0, 4)
    assert results.newest_verdicts(workspace, "p", limit=9) == ([], 0)
    assert results.verdict_rows(workspace, "p", run="a") == []
    found = draft_comparison.compare_drafts(workspace, ["a", "b"], project="p")
    assert (found.briefs, found.n_held_back, found.n_waiting, found.n_pairs) == ([], 2, 0, 2)
    assert found.why_held_back.startswith("2 briefs are held back: 2 pairs of them wait for a verdict")
    assert results.results_json(workspace, "p", run="a")["systems"]["tuned"]["n"] == 2, "leads by command count at once"
    assert pair_making.withdraw_pairs(workspace, "p", by="Lea") == 2
    assert results.results_json(workspace, "p", run="a", only_told=True) == before


def test_a_withdrawn_pair_is_not_asked_and_can_be_made_again(workspace: Workspace) -> None:
    compared(workspace, "van")
    first = the_pair(workspace, "Ann")
    assert pair_making.withdraw_pairs(workspace, "p", by="Lea") == 1
    with pytest.raises(Conflict, match="no longer asked about"):
        pairwise.choose(workspace, first.pair, "a", by="Ann")
    assert shown(workspace, "Ann") is None
    assert pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a")["made"] == 1
    assert the_pair(workspace, "Bo").pair != first.pair


def test_new_drafts_for_a_brief_hold_its_pairs_back_until_they_are_judged(workspace: Workspace) -> None:
    compared(workspace, "van")
    assert prefer(workspace, "tuned", by="Ann") == 1
    assert counted(workspace, only_told=True) == {"first": 1}
    written(workspace, "b", "van")
    held = results.results_json(workspace, "p", run="a", only_told=True)
    assert (held["side_by_side"][0]["n"], held["n_pairs_held_back"]) == (0, 1)
    assert counted(workspace) == {"first": 1}


def test_a_draft_seen_beside_another_one_is_not_judged_by_itself_again(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Lea")
    written(workspace, "a", "van", systems=("tuned", "base"))
    pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a")
    for reviewer in ("Rita", "Ann"):
        settled(workspace, by=reviewer)
    for reviewer in ("Rita", "Cy"):
        the_pair(workspace, reviewer)
    with pytest.raises(Conflict, match="seen this draft beside another one since"):
        reviewing.undo_last_review(workspace, "p", by="Rita")
    # One more reviewer is wanted, while the pair waits and nobody was told anything: Dan has seen neither, Cy has seen both.
    projects.set_reviewers_per_draft(workspace, "p", n=3, by="Lea")
    items = [row["id"] for row in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"])]
    with pytest.raises(Conflict, match="You have seen this draft beside another one"):
        reviewing.submit(workspace, items[0], "reject", by="Cy")
    given = reviewing.next_draft(workspace, "p", by="Cy")
    assert given.current is None
    assert given.why_waiting == "2 drafts wait for somebody who has not seen them beside another one."
    state = reviewing.next_draft(workspace, "p", by="Dan")
    assert state.current is not None
    assert (state.current.n_left, state.current.n_later) == (1, 1)


def test_the_better_of_two_makes_a_pair_to_learn_from_where_it_was_signed_off(workspace: Workspace) -> None:
    written(workspace, "a", *NAMES, systems=("tuned", "base"))
    drafts = {(row["brief"], row["system"]): row for row in drafting.list_drafts(workspace, "p")}
    for item in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"]):
        row = next(row for row in drafts.values() if row["id"] == item["draft_id"])
        # The base model's drafts are signed off but for one, the first of them after an edit.
        is_refused = row["system"] == "tuned" or row["brief"] == NAMES[1]
        text = "We put it better." if row["id"] == drafts[NAMES[0], "base"]["id"] else None
        reviewing.submit(workspace, item["id"], "reject" if is_refused else "sign_off", by="Rita", text=text)
    pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run="a")
    before = review_pairs.pairs_of(workspace, "p", "a")
    assert before.pairs == []
    n_alike = 0
    while (current := shown(workspace, "Ann")) is not None:
        is_last = drafts[NAMES[5], "base"]["text"] in (current.a, current.b)
        n_alike += is_last
        better = "a" if system_of(workspace, current.a) == "base" else "b"
        pairwise.choose(workspace, current.pair, "both_good" if is_last else better, by="Ann")
    found = review_pairs.pairs_of(workspace, "p", "a")
    assert (len(found.pairs), found.n_preferred, found.n_edits, n_alike) == (4, 4, 0, 1)
    assert {pair.origin for pair in found.pairs} == {PairOrigin.PREFERRED}
    edited = next(pair for pair in found.pairs if pair.chosen == "We put it better.")
    assert edited.rejected == drafts[NAMES[0], "tuned"]["text"].strip()
    assert (found.left_out["not_signed_off"], found.left_out["no_preference"]) == (1, 1)


def test_what_the_base_model_lost_with_is_not_learnt_from(workspace: Workspace) -> None:
    compared(workspace, "van")
    prefer(workspace, "tuned", by="Ann")
    found = review_pairs.pairs_of(workspace, "p", "a")
    assert found.pairs == []
    assert found.left_out["other_system"] == 2, "the verdict on the base model's draft, and the pair that it lost"
