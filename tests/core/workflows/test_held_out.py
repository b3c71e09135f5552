"""What a run was measured on, text by text, and the true reason why it wrote no drafts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.workflows import held_out, jobs, run_evidence, training
from core.workflows.training import run_folder
from core.workflows.workspace import Workspace
from tests.core.workflows.test_run_registry import template, workspace
from tests.jobs_by_hand import finish

__all__ = ["template", "workspace"]


def with_state(workspace: Workspace, run: str, state: str) -> dict[str, Any]:
    return training.run_named(workspace, run) | {"state": state}


def empty_drafts(workspace: Workspace, run: str, *, n_held_out: int) -> dict[str, Any]:
    """The run with a file of drafts in which there is none, and so many texts that were checked to be held out."""
    row = training.run_named(workspace, run)
    own = run_folder(workspace, row["id"])
    (own / training.DRAFTS).write_text('{"requests": []}', encoding="utf-8")
    told = training.run_preflight(workspace, run)
    assert told is not None
    for split in ("validation", "test"):
        told["lengths"][split]["n"] = n_held_out
    (own / training.PREFLIGHT).write_text(json.dumps(told), encoding="utf-8")
    return row


def test_every_held_out_text_is_told_worst_first_with_its_record(workspace: Workspace) -> None:
    examples = training.run_named(workspace, "a")["metrics"]["examples"]
    rows = held_out.held_out_rows(workspace, "a")
    assert [row["tuned"] for row in rows] == sorted((one["tuned"] for one in examples), reverse=True)
    by_record = {one["example_id"].rpartition(":")[0]: one for one in examples}
    for row in rows:
        example = by_record[row["record_id"]]
        assert (row["base"], row["difference"]) == (example["base"], example["tuned"] - example["base"])
        assert row["title"]
        assert row["part"] is None


def test_texts_of_one_record_are_numbered_and_those_whose_record_is_gone_stay(workspace: Workspace) -> None:
    row = training.run_named(workspace, "a")
    known = row["metrics"]["examples"][0]["example_id"].rpartition(":")[0]
    examples = [{"example_id": f"{known}:{n}", "n_target_tokens": 9, "base": 3.0, "tuned": 2.0 - n} for n in range(2)]
    examples.append({"example_id": "gone:0", "n_target_tokens": 9, "base": 3.0, "tuned": 3.5})
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"] | {"examples": examples}, row["id"]])
    told = [(one["record_id"], one["part"]) for one in held_out.held_out_rows(workspace, "a")]
    assert told == [(None, None), (known, 1), (known, 2)]


def test_a_training_text_is_told_with_its_record_where_that_is_still_here(workspace: Workspace) -> None:
    known = training.run_named(workspace, "a")["metrics"]["examples"][0]["example_id"]
    record = known.rpartition(":")[0]
    found = run_evidence.records_behind(workspace, [known, "gone:0", "pp_1:chosen"])
    assert list(found) == [known]
    assert found[known] == (
        record,
        next(r["title"] for r in held_out.held_out_rows(workspace, "a") if r["record_id"] == record),
    )


def test_a_text_has_the_number_of_its_part_in_whatever_order_they_were_measured(workspace: Workspace) -> None:
    row = training.run_named(workspace, "a")
    known = row["metrics"]["examples"][0]["example_id"].rpartition(":")[0]
    examples = [{"example_id": f"{known}:{n}", "n_target_tokens": 9, "base": 3.0, "tuned": 2.0 + n} for n in (4, 0, 2)]
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"] | {"examples": examples}, row["id"]])
    told = [(one["tuned"], one["part"]) for one in held_out.held_out_rows(workspace, "a")]
    assert told == [(6.0, 5), (4.0, 3), (2.0, 1)]


def test_a_run_that_was_never_measured_has_no_text(workspace: Workspace) -> None:
    training.start_run(workspace, "p", "v1", by="Ann", name="waiting")
    assert held_out.held_out_rows(workspace, "waiting") == []


def test_a_cancelled_run_wrote_no_drafts_because_it_was_cancelled(workspace: Workspace) -> None:
    started = training.start_run(workspace, "p", "v1", by="Ann", name="c")
    jobs.cancel_job(workspace, started["job"], by="Ann")
    finish(workspace, started["job"])
    why = held_out.why_no_drafts(workspace, training.run_named(workspace, "c"))
    assert why == "Drafts are written at the end of a run; this one was cancelled before that."


@pytest.mark.parametrize(("state", "words"), [("failed", "this one failed"), ("lost", "this one was lost")])
def test_a_run_that_broke_off_wrote_no_drafts_because_of_that(workspace: Workspace, state: str, words: str) -> None:
    assert words in held_out.why_no_drafts(workspace, with_state(workspace, "a", state))


def test_a_run_that_ended_well_says_which_of_the_other_reasons_holds(workspace: Workspace) -> None:
    row = empty_drafts(workspace, "a", n_held_out=0)
    assert "Nothing was held out" in held_out.why_no_drafts(workspace, row)
    row = empty_drafts(workspace, "a", n_held_out=3)
    assert "leaves no room for an answer" in held_out.why_no_drafts(workspace, row)
    none = row | {"config": row["config"] | {"n_drafts": 0}}
    assert "Its settings asked for none" in held_out.why_no_drafts(workspace, none)
    (run_folder(workspace, row["id"]) / training.DRAFTS).unlink()
    assert "no drafts were kept" in held_out.why_no_drafts(workspace, row)
