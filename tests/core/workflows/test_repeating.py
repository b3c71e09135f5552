"""Drafts that come back: to the same reviewer, unmarked, in their first words, and into no rate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound
from core.nouns import System
from core.store import open_items as open_item_rows
from core.store import repeats as repeat_rows
from core.store import reviews as review_rows
from core.workflows import projects, results, reviewing, rubrics
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.queue_by_hand import a_day_passes, judge_next, put_drafts


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Sixty briefs with two drafts each; one draft in four comes back."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=4, by="Ann")
    put_drafts(opened, "p", 60)
    yield opened
    opened.close()


def repeat_of(workspace: Workspace, item: str) -> str | None:
    """The first item of the draft, where this one came back."""
    row = review_rows.item(workspace.store, item)
    assert row is not None
    return str(row["first_id"]) if row["repeated_for"] else None


def until_one_comes_back(workspace: Workspace, *, by: str, text: str | None = None) -> tuple[str, list[str]]:
    """Judge until a draft comes back, the first 24 a day earlier. Returns its item and those judged before."""
    before = [judge_next(workspace, "p", by=by, text=text) for _ in range(24)]
    a_day_passes(workspace)
    for _ in range(12):
        current = reviewing.next_draft(workspace, "p", by=by).current
        assert current is not None
        if repeat_of(workspace, current.item):
            return current.item, before
        before.append(judge_next(workspace, "p", by=by, text=text))
    raise AssertionError("none of twelve drafts came back")


def test_a_draft_comes_back_in_its_first_words_under_another_id_after_twenty_others(workspace: Workspace) -> None:
    item, before = until_one_comes_back(workspace, by="Ann", text="Something else entirely.")
    first = repeat_of(workspace, item)
    assert first in before
    assert len(before) - 1 - before.index(first) >= 20
    assert item not in before
    assert (item[:2], len(item)) == ("i_", 26), "of the form of every other"
    shown = reviewing.next_draft(workspace, "p", by="Ann").current
    assert shown is not None
    assert shown.text == shown.draft == review_rows.item(workspace.store, first)["text"]  # type: ignore[index]
    assert (shown.reasons, shown.seconds) == ((), 0.0)


def test_nothing_comes_back_on_the_same_day_after_so_few(workspace: Workspace) -> None:
    given = [judge_next(workspace, "p", by="Ann") for _ in range(48)]
    assert [item for item in given if repeat_of(workspace, item)] == []


def test_the_scores_of_a_second_verdict_are_kept_and_count_in_no_rate(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", {"criteria": [{"name": "Sounds like us"}]}, by="Ann")
    item, _ = until_one_comes_back(workspace, by="Ann")
    reviewing.submit(workspace, item, "sign_off", by="Ann", scores={"Sounds like us": "fair"})
    (kept,) = workspace.store.read(
        "SELECT s.score, r.item_id FROM review_scores s JOIN repeat_reviews r ON r.id = s.review_id"
    )
    assert kept == {"score": "fair", "item_id": item}
    assert results.results_json(workspace, "p")["criteria"] == []


def test_the_second_verdict_counts_in_no_rate_no_pair_and_takes_no_draft_from_anybody(workspace: Workspace) -> None:
    item, _ = until_one_comes_back(workspace, by="Ann")
    project = project_named(workspace, "p")["id"]
    before = results.results_json(workspace, "p")
    n_pairs = len(review_rows.judged_drafts(workspace.store, project))
    n_rows = len(results.verdict_rows(workspace, "p"))
    left = reviewing.next_draft(workspace, "p", by="Bo").current
    reviewing.submit(workspace, item, "reject", by="Ann")
    after = results.results_json(workspace, "p")
    for name in ("systems", "n_open", "reasons", "reviewers", "agreement", "compared"):
        assert after[name] == before[name], name
    assert len(review_rows.judged_drafts(workspace.store, project)) == n_pairs
    now = reviewing.next_draft(workspace, "p", by="Bo").current
    assert left is not None
    assert now is not None
    assert (now.n_left, now.n_later) == (left.n_left, left.n_later)
    assert len(results.verdict_rows(workspace, "p")) == n_rows
    together = after["repeats"]["together"]
    assert (together["n"], together["same"]["n_same"]) == (1, 0)


def test_what_is_done_and_what_is_left_move_as_with_any_other_draft(workspace: Workspace) -> None:
    for _ in range(24):
        judge_next(workspace, "p", by="Ann")
    a_day_passes(workspace)
    counts, n_back = [], 0
    for _ in range(12):
        state = reviewing.next_draft(workspace, "p", by="Ann")
        assert state.current is not None
        again = reviewing.next_draft(workspace, "p", by="Ann")
        assert again.current is not None
        left, left_again = ((one.n_left, one.n_later) for one in (state.current, again.current))
        assert left == left_again, "a reload changes nothing"
        n_back += repeat_of(workspace, state.current.item) is not None
        counts.append((state.n_done, sum(left)))
        judge_next(workspace, "p", by="Ann")
    assert n_back >= 2
    assert counts == [(24 + n, counts[0][1] - n) for n in range(12)]


def test_a_draft_comes_back_once(workspace: Workspace) -> None:
    given = []
    for _ in range(56):
        given.append(judge_next(workspace, "p", by="Ann"))
        a_day_passes(workspace)
    came_back = [first for item in given if (first := repeat_of(workspace, item))]
    assert len(came_back) == len(set(came_back)) >= 5


def test_a_second_verdict_is_taken_back_as_any_other(workspace: Workspace) -> None:
    item, before = until_one_comes_back(workspace, by="Ann")
    reviewing.submit(workspace, item, "sign_off", by="Ann", text="As it should be.", reasons=["too long"])
    with pytest.raises(Conflict, match="You have judged this draft already"):
        reviewing.submit(workspace, item, "reject", by="Ann")
    assert reviewing.undo_last_review(workspace, "p", by="Ann") == item
    shown = reviewing.next_draft(workspace, "p", by="Ann").current
    assert shown is not None
    assert (shown.item, shown.text, shown.reasons) == (item, "As it should be.", ("too long",))
    assert results.results_json(workspace, "p")["repeats"]["together"] is None
    reviewing.submit(workspace, item, "reject", by="Ann")
    assert results.results_json(workspace, "p")["repeats"]["together"]["n"] == 1
    reviewing.undo_last_review(workspace, "p", by="Ann")
    assert reviewing.undo_last_review(workspace, "p", by="Ann") == before[-1], "then the verdict before it"


def test_what_comes_back_to_one_reviewer_is_no_item_for_another(workspace: Workspace) -> None:
    item, _ = until_one_comes_back(workspace, by="Ann")
    with pytest.raises(NotFound, match="no review item"):
        reviewing.submit(workspace, item, "reject", by="Bo")
    with pytest.raises(NotFound, match="no review item"):
        reviewing.save_text(workspace, item, by="Bo", text="x", seconds=1.0)


def test_a_draft_of_a_brief_that_is_judged_whole_does_not_come_back(workspace: Workspace) -> None:
    for _ in range(24):
        judge_next(workspace, "p", by="Ann")
    a_day_passes(workspace)
    with workspace.store.transaction() as tx:
        # Nobody waits for a brief that Ann has read.
        tx.execute(
            "DELETE FROM review_items WHERE id NOT IN (SELECT item_id FROM reviews) AND draft_id IN (SELECT o.id FROM drafts o "
            "JOIN drafts d ON d.brief_id = o.brief_id JOIN reviews r ON r.draft_id = d.id)"
        )
    given = [judge_next(workspace, "p", by="Ann") for _ in range(20)]
    assert [item for item in given if repeat_of(workspace, item)] == []


def test_a_draft_that_came_back_is_asked_about_no_more_once_its_writer_is_told(workspace: Workspace) -> None:
    item, _ = until_one_comes_back(workspace, by="Ann")
    row = review_rows.item(workspace.store, item)
    assert row is not None
    others = workspace.store.read(
        "SELECT i.id FROM review_items i JOIN drafts d ON d.id = i.draft_id WHERE d.brief_id = ? AND i.id <> ?",
        [row["brief_id"], row["first_id"]],
    )
    for other in others:
        reviewing.submit(workspace, other["id"], "reject", by="Bo")
    current = reviewing.next_draft(workspace, "p", by="Ann").current
    assert current is not None
    assert current.item != item, "who wrote its brief's drafts is told by now"
    with pytest.raises(Conflict, match="Every draft of this brief is judged by now"):
        reviewing.submit(workspace, item, "sign_off", by="Ann")


def test_a_first_verdict_taken_back_takes_its_second_out_of_the_count(workspace: Workspace) -> None:
    item, _ = until_one_comes_back(workspace, by="Ann")
    reviewing.submit(workspace, item, "sign_off", by="Ann")
    first = repeat_of(workspace, item)
    with workspace.store.transaction() as tx:
        (row,) = tx.execute("SELECT * FROM reviews WHERE item_id = ?", [first])
        review_rows.insert_review(
            tx, "rv_undo", project_id=row["project_id"], item_id=row["item_id"], draft_id=row["draft_id"], decision="undo",
            final_text="", edit_ratio=0.0, reasons=[], seconds=0.0, reviewer="Ann", undoes=row["id"],
        )  # fmt: skip
    assert results.results_json(workspace, "p")["repeats"]["together"] is None
    reviewing.submit(workspace, str(first), "reject", by="Ann")
    assert results.results_json(workspace, "p")["repeats"]["together"] is None, "the verdict given anew came after it"


def test_with_zero_nothing_comes_back_and_few_or_many_are_refused(workspace: Workspace) -> None:
    projects.set_repeat_every(workspace, "p", every=0, by="Ann")
    for _ in range(24):
        judge_next(workspace, "p", by="Ann")
    a_day_passes(workspace)
    given = [judge_next(workspace, "p", by="Ann") for _ in range(20)]
    assert [item for item in given if repeat_of(workspace, item)] == []
    assert repeat_rows.judged_twice(workspace.store, project_named(workspace, "p")["id"]) == []
    for every in (-1, 1, 3, 101):
        with pytest.raises(Invalid, match="cannot come back"):
            projects.set_repeat_every(workspace, "p", every=every, by="Ann")


def test_with_several_people_for_each_draft_a_repeat_takes_nobodys_place(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    item, _ = until_one_comes_back(workspace, by="Ann")
    first = repeat_of(workspace, item)
    reviewing.submit(workspace, item, "sign_off", by="Ann")
    (open_one,) = open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"], ids=[str(first)])
    assert (open_one["reviewers"], open_one["n_wanted"]) == (["Ann"], 1)


def test_a_new_project_asks_again_about_one_draft_in_ten(workspace: Workspace) -> None:
    created = projects.create_project(workspace, name="q", goal="voice", by="Ann")
    assert created["repeat_every"] == 10
    put_drafts(workspace, "q", 1, systems=[System.TUNED], prefix="q")
    assert results.results_json(workspace, "q")["repeats"] == {"every": 10, "together": None, "reviewers": []}
