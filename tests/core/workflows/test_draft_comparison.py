"""Drafts of several runs for one brief: shown side by side, and none of them while one still waits for its blind verdict."""

from __future__ import annotations

import json

import pytest

from core.errors import Invalid, NotFound
from core.review.briefs import BriefIn
from core.workflows import briefing, draft_comparison, drafting, reviewing, training
from core.workflows.training import run_folder
from core.workflows.workspace import Workspace
from tests.core.workflows.test_run_registry import template, workspace
from tests.jobs_by_hand import finish

__all__ = ["template", "workspace"]


def written(workspace: Workspace, run: str, *briefs: str, systems: tuple[str, ...] = ("tuned",)) -> None:
    made = [BriefIn(name, f"Write about {name}.") for name in briefs]
    ids = briefing.add_briefs(workspace, "p", made, by="Ann")
    job = drafting.write_drafts(workspace, "p", run=run, brief_ids=ids, systems=systems, by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"


def judged(workspace: Workspace, *, by: str) -> int:
    """Everything that the queue gives this reviewer, signed off as it is."""
    n = 0
    while (item := reviewing.next_draft(workspace, "p", by=by).current) is not None:
        reviewing.submit(workspace, item.item, "sign_off", by=by)
        n += 1
    return n


def test_nothing_is_shown_of_a_brief_while_one_of_its_drafts_waits(workspace: Workspace) -> None:
    written(workspace, "a", "van", "bench")
    written(workspace, "b", "van", "bench")
    found = draft_comparison.compare_drafts(workspace, ["a", "b"])
    assert (found.briefs, found.n_held_back, found.n_waiting) == ([], 2, 4)
    assert found.why_held_back == (
        "2 briefs are held back: 4 drafts of them wait for a verdict, and reviewing is blind. They are shown once every draft of the "
        "brief has one."
    )
    # One reviewer meets one draft of each brief; the other half waits for the next one.
    assert judged(workspace, by="Bo") == 2
    assert draft_comparison.compare_drafts(workspace, ["a", "b"]).briefs == []
    assert judged(workspace, by="Cy") == 2
    found = draft_comparison.compare_drafts(workspace, ["a", "b"])
    assert {brief["brief"] for brief in found.briefs} == {"van", "bench"}
    assert found.why_held_back == ""


def test_drafts_stand_in_the_order_of_the_runs_with_their_verdicts(workspace: Workspace) -> None:
    written(workspace, "a", "van")
    written(workspace, "b", "van")
    judged(workspace, by="Bo")
    judged(workspace, by="Cy")
    (brief,) = draft_comparison.compare_drafts(workspace, ["b", "a"], brief="van").briefs
    assert brief["prompt"] == "Write about van."
    assert [(one["name"], one["verdicts"]) for one in brief["drafts"]] == [("b", ["as_is"]), ("a", ["as_is"])]
    assert len({one["text"] for one in brief["drafts"]}) == 2


def test_a_draft_of_another_system_that_waits_holds_the_brief_back_too(workspace: Workspace) -> None:
    written(workspace, "a", "van")
    written(workspace, "b", "van")
    judged(workspace, by="Bo")
    judged(workspace, by="Cy")
    written(workspace, "a", "van", systems=("base",))
    found = draft_comparison.compare_drafts(workspace, ["a", "b"])
    assert (found.briefs, found.n_held_back, found.n_waiting) == ([], 1, 1)
    assert found.why_held_back.startswith("1 brief is held back: 1 draft of it waits for a verdict")


def test_a_brief_that_was_told_stays_so_when_a_verdict_is_taken_back(workspace: Workspace) -> None:
    written(workspace, "a", "van")
    written(workspace, "b", "van")
    judged(workspace, by="Bo")
    judged(workspace, by="Cy")
    reviewing.undo_last_review(workspace, "p", by="Cy")
    # Its writers were known by then: what is given anew counts in no rate, so nothing is left to hide.
    (brief,) = draft_comparison.compare_drafts(workspace, ["a", "b"]).briefs
    assert brief["brief"] == "van"


def test_a_brief_that_one_run_alone_wrote_for_is_not_compared(workspace: Workspace) -> None:
    written(workspace, "a", "van")
    found = draft_comparison.compare_drafts(workspace, ["a", "b"])
    assert (found.briefs, found.n_held_back) == ([], 0)
    with pytest.raises(NotFound, match="Of a brief 'van' there are no drafts of two of these runs"):
        draft_comparison.compare_drafts(workspace, ["a", "b"], brief="van")
    with pytest.raises(Invalid, match="1 run cannot be compared"):
        draft_comparison.compare_drafts(workspace, ["a"])


def test_where_runs_share_no_brief_their_drafts_for_held_out_requests_stand_side_by_side(workspace: Workspace) -> None:
    found = draft_comparison.compare_held_out(workspace, ["b", "a"])
    assert found.n_held_back == 0
    own = {one["example_id"]: one for one in training.run_drafts(workspace, "a")}
    assert {one["example_id"] for one in found.requests} == set(own)
    for one in found.requests:
        entry = own[one["example_id"]]
        assert (one["request"], one["reference"]) == (entry["request"], entry["reference"])
        assert [draft["name"] for draft in one["drafts"]] == ["b", "a"]
        assert one["drafts"][1]["text"] == entry["drafts"]["tuned"]["text"]


def test_a_request_that_only_one_of_the_runs_answered_is_not_compared(workspace: Workspace) -> None:
    file = run_folder(workspace, training.run_named(workspace, "b")["id"]) / training.DRAFTS
    requests = training.run_drafts(workspace, "b")
    file.write_text(json.dumps({"requests": requests[1:]}), encoding="utf-8")
    found = draft_comparison.compare_held_out(workspace, ["a", "b"])
    assert requests[0]["example_id"] not in {one["example_id"] for one in found.requests}
    assert len(found.requests) == len(requests) - 1 > 0


def test_a_held_out_text_is_not_shown_while_a_brief_from_it_waits(workspace: Workspace) -> None:
    (brief,) = briefing.briefs_from_hold_out(workspace, "p", "v1", limit=1)
    (added,) = briefing.add_briefs(workspace, "p", [brief], by="Ann")
    before = draft_comparison.compare_held_out(workspace, ["a", "b"])
    job = drafting.write_drafts(workspace, "p", run="a", brief_ids=[added], systems=("tuned",), by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"
    waiting = draft_comparison.compare_held_out(workspace, ["a", "b"])
    assert brief.record_id not in {one["example_id"].rpartition(":")[0] for one in waiting.requests}
    assert (waiting.n_held_back, len(waiting.requests)) == (1, len(before.requests) - 1)
    for reviewer in ("Bo", "Cy"):
        judged(workspace, by=reviewer)
    assert draft_comparison.compare_held_out(workspace, ["a", "b"]) == before
