"""Going on from a run with its reviewers' edits: pairs from real verdicts, the job on a tiny model, gates, and making it again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, Refused
from core.jobs.folder import whole_events
from core.nouns import PairOrigin
from core.review.briefs import BriefIn
from core.training.chat_format import chat_format
from core.training.preferences import tokenise_pairs
from core.workflows import (
    briefing,
    bundles,
    continuing,
    drafting,
    exporting,
    freezing,
    gates,
    jobs,
    models,
    review_pairs,
    reviewing,
    training,
)
from core.workflows.workspace import Workspace, open_workspace
from tests.core.training.tiny import LONG, tiny_folder
from tests.core.workflows.test_bundles import RealTraining, trained_studio
from tests.e2e import made_up
from tests.jobs_by_hand import finish

# Little to do, so that the tests are quick; a rate at which a random model learns something.
QUICK = {"n_drafts": 0, "learning_rate": 0.01, "epochs": 4}


def reviewed_studio(data: Path, tiny: Path) -> None:
    """A run on the tiny model, drafts for seven briefs, one of them held out, and verdicts on all of them."""
    workspace = trained_studio(data, tiny)
    held_out = briefing.briefs_from_hold_out(workspace, "p", "v1", limit=1)
    typed = [BriefIn(f"typed-{n}", f"Write about van {n}.", audience="our customers") for n in range(6)]
    ids = briefing.add_briefs(workspace, "p", [*typed, *held_out], by="Ann")
    finish(
        workspace,
        drafting.write_drafts(workspace, "p", run="first", brief_ids=ids, systems=["tuned", "base"], by="Ann")["job"],
    )
    # Whatever was left out beside the human text is in the queue too, before the writers of that brief are told.
    for draft in drafting.list_drafts(workspace, "p"):
        made_up.item_of(workspace, draft)
    judge(workspace, ids[0], "base", text="An edit of what the base model wrote.")
    for brief in ids[1:]:
        judge(workspace, brief, "base")
    # The text of the held-out brief itself.
    judge(workspace, ids[6], "human")
    for brief in ids[:5]:
        judge(workspace, brief, "tuned", text="We leave nothing out, in {n} words.")
    judge(workspace, ids[5], "tuned")
    judge(workspace, ids[6], "tuned", text="We looked at this for a month.")
    workspace.close()


def judge(workspace: Workspace, brief: str, system: str, *, text: str | None = None, project: str = "p") -> None:
    """A draft of a system signed off. text: what it was edited into; None for as it was."""
    drafts = {(d["brief_id"], d["system"]): d for d in drafting.list_drafts(workspace, project)}
    draft = drafts[brief, system]
    reviewing.submit(workspace, made_up.item_of(workspace, draft), "sign_off", by="Rita", text=text)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"), context=LONG)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Path:
    root = tmp_path_factory.mktemp("continuing") / "data"
    reviewed_studio(root, tiny)
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=RealTraining())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def continued(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The same studio, with the run "second" that went on from "first"."""
    root = tmp_path_factory.mktemp("continued") / "data"
    shutil.copytree(template, root)
    opened = open_workspace(DataFolder(root), executor=RealTraining())
    started = continuing.start_continuation(opened, "p", "first", by="Ann", name="second", settings=QUICK)
    ended = finish(opened, started["job"])
    assert ended["state"] == "done", ended["reason"]
    yield opened
    opened.close()


def let_expire(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01'")


def weights(workspace: Workspace, run: str) -> bytes:
    folder = training.adapter_folder(workspace, training.run_named(workspace, run))
    return (folder / "adapter_model.safetensors").read_bytes()


def test_the_pairs_are_the_edits_of_the_tuned_models_drafts(workspace: Workspace) -> None:
    found = review_pairs.pairs_of(workspace, "p", "first")
    assert (len(found.pairs), found.n_edits) == (6, 6)
    assert found.left_out == {"other_system": 8, "as_is": 1}
    typed = next(pair for pair in found.pairs if pair.prompt.startswith("Write about van 0."))
    assert typed.prompt == "Write about van 0.\n\nIt is for our customers."
    assert typed.rejected.startswith("We changed one thing this month.")
    assert typed.chosen == "We leave nothing out, in {n} words."
    assert typed.run_ids == (training.run_named(workspace, "first")["id"],)


def test_a_draft_rejected_beside_one_that_was_signed_off_is_a_pair(workspace: Workspace) -> None:
    project = training.run_named(workspace, "first")["project_id"]
    # Another draft for a brief of which one was signed off as it was.
    brief = next(b for b in briefing.list_briefs(workspace, "p") if b["external_id"] == "typed-5")
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO drafts BY NAME SELECT 'dr_other' AS id, project_id, brief_id, run_id, job_id, system, 'Dear valued customer.' AS text, "
            "3 AS seed, 5 AS n_tokens, created_at "
            "FROM drafts WHERE brief_id = ? AND system = 'tuned'",
            [brief["id"]],
        )
        tx.execute("INSERT INTO review_items VALUES ('i_other', ?, 'dr_other')", [project])
    reviewing.submit(workspace, "i_other", "reject", by="Rita")
    found = review_pairs.pairs_of(workspace, "p", "first")
    (pair,) = [pair for pair in found.pairs if pair.origin is PairOrigin.BESIDE]
    assert (pair.rejected, pair.chosen[:31]) == ("Dear valued customer.", "We changed one thing this month."[:31])
    assert (len(found.pairs), found.n_edits, found.left_out) == (7, 6, {"other_system": 8})


def test_verdicts_on_a_brief_that_waits_count_for_no_pair_whoever_wrote_the_draft(workspace: Workspace) -> None:
    project = training.run_named(workspace, "first")["project_id"]
    before = review_pairs.pairs_of(workspace, "p", "first")
    brief = next(b for b in briefing.list_briefs(workspace, "p") if b["external_id"] == "typed-0")
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO drafts BY NAME SELECT 'dr_other' AS id, project_id, brief_id, run_id, job_id, system, 'A text.' AS text, "
            "3 AS seed, 5 AS n_tokens, created_at FROM drafts WHERE brief_id = ? AND system = 'tuned'",
            [brief["id"]],
        )
        tx.execute("INSERT INTO review_items VALUES ('i_other', ?, 'dr_other')", [project])
    found = review_pairs.pairs_of(workspace, "p", "first")
    assert len(found.pairs) == len(before.pairs) - 1
    assert found.left_out == {"other_system": 7, "waiting": 2, "as_is": 1}


def test_a_verdict_that_was_taken_back_makes_no_pair(workspace: Workspace) -> None:
    reviewing.undo_last_review(workspace, "p", by="Rita")
    assert len(review_pairs.pairs_of(workspace, "p", "first").pairs) == 5


def test_a_plan_names_pairs_settings_and_time_and_stores_nothing(workspace: Workspace) -> None:
    before = workspace.store.read("SELECT count(*) AS n FROM runs")
    plan = continuing.plan_continuation(workspace, "p", "first", settings=QUICK)
    assert (plan["n_pairs"], plan["n_edits"], plan["n_beside"], plan["n_aside"], plan["obstacles"]) == (6, 6, 0, 0, [])
    assert (plan["settings"]["beta"], plan["settings"]["epochs"]) == (0.1, 4)
    assert plan["estimate"]["n_steps"] == 6
    assert plan["estimate"]["minutes"] > 0
    assert [one["reason"] for one in plan["left_out"]] == ["other_system", "as_is"]
    assert workspace.store.read("SELECT count(*) AS n FROM runs") == before


def test_a_continued_run_is_one_of_its_own_and_says_what_it_came_from(continued: Workspace) -> None:
    first, second = (training.run_named(continued, name) for name in ("first", "second"))
    assert second["continues"]["run"] == first["id"]
    assert second["continues"]["weights_sha256"] == first["metrics"]["weights_sha256"]
    assert second["metrics"]["weights_sha256"] != first["metrics"]["weights_sha256"]
    assert second["version_id"] == first["version_id"]
    manifest = json.loads((training.adapter_folder(continued, second) / "manifest.json").read_text())
    assert manifest["dataset"]["continues"]["pairs_sha256"] == second["continues"]["pairs_sha256"]
    assert training.run_summary(continued, "second")["continues"] == first["id"]


def test_it_prefers_what_people_signed_off_and_says_what_that_did_to_the_hold_out(continued: Workspace) -> None:
    told = continuing.preference_of(training.run_named(continued, "second"))
    assert told is not None
    assert (told["n_pairs"], told["n_learnt"], told["is_aside"]) == (6, 6, False)
    assert (told["before"]["n_moved"], told["after"]["n_moved"]) == (0, 6)
    assert told["after"]["margin"] > 0
    held_out = told["hold_out"]
    assert held_out["before"] != held_out["after"]
    assert min(held_out["before"], held_out["after"]) > 0
    # One held-out text is the brief of a pair now.
    assert held_out["n_left_out"] == 1


def test_what_was_checked_before_it_learnt_is_kept_with_it_and_the_longest_texts_were_tried(
    continued: Workspace,
) -> None:
    told = training.run_preflight(continued, "second")
    assert told is not None
    assert told["is_of_pairs"]
    assert told["lengths"]["train"]["n"] == 12
    assert told["n_dropped"] == {"pairs": 0, "validation": 0, "test": 0}
    assert told["dry_step"]["longest_tokens"] == told["lengths"]["train"]["longest"]
    assert "stop" not in [finding["level"] for finding in told["findings"]]


def test_pairs_that_are_too_long_fall_out_by_name_and_where_all_are_the_run_is_refused(workspace: Workspace) -> None:
    form = chat_format(Path(training.run_named(workspace, "first")["config"]["base"]))
    pairs = review_pairs.pairs_of(workspace, "p", "first").pairs
    rows, _ = tokenise_pairs(pairs, form, max_length_tokens=LONG)
    longest = sorted(max(row.n_tokens for row in pair.rows) for pair in rows)
    for limit, state in ((longest[-1] - 1, "done"), (longest[0] - 1, "failed")):
        settings = QUICK | {"max_length_tokens": limit, "max_steps": 1}
        started = continuing.start_continuation(workspace, "p", "first", by="Ann", settings=settings)
        ended = finish(workspace, started["job"])
        assert ended["state"] == state, ended["reason"]
        events = list(whole_events(workspace.supervisor.folder(started["job"]).event_file))
        found = [event["sentence"] for event in events if event["kind"] == "finding"]
        n_long = sum(length > limit for length in longest)
        assert [event["split"] for event in events if event["kind"] == "dropped"].count("pairs") == n_long
        if state == "failed":
            assert found == [ended["reason"]]
            assert ended["reason"].startswith("None of the 6 pairs can be learnt. Of the first: ")
        else:
            assert found[0].startswith(
                f"{n_long} pair{'s fall' if n_long > 1 else ' falls'} out: longer than the run allows;"
            )


def test_held_out_texts_that_pairs_speak_of_are_measured_no_more(continued: Workspace) -> None:
    learnt = set(training.run_named(continued, "second")["continues"]["records"])
    assert len(learnt) == 1
    of_first = {e["example_id"] for e in training.run_named(continued, "first")["metrics"]["examples"]}
    of_second = {e["example_id"] for e in training.run_named(continued, "second")["metrics"]["examples"]}
    assert {one.rpartition(":")[0] for one in of_first - of_second} <= learnt
    assert not {one.rpartition(":")[0] for one in of_second} & learnt


def test_its_curve_shows_steps_and_hold_out(continued: Workspace) -> None:
    curve = training.run_curve(continued, "second")
    assert [step["step"] for step in curve["steps"]] == [1, 2, 3, 4, 5, 6]
    assert curve["steps"][0]["margin"] == 0.0
    assert curve["steps"][-1]["margin"] > 0
    assert [point["step"] for point in curve["evaluations"]] == [0, 3, 6]


def test_a_brief_that_was_learnt_from_writes_no_drafts_to_judge_it_by(continued: Workspace) -> None:
    briefs = {b["external_id"]: b["id"] for b in briefing.list_briefs(continued, "p")}
    with pytest.raises(Refused, match="records or reviews that the run second was trained on, such as typed-0"):
        drafting.write_drafts(continued, "p", run="second", brief_ids=[briefs["typed-0"]], systems=["tuned"], by="Ann")
    assert drafting.write_drafts(
        continued, "p", run="second", brief_ids=[briefs["typed-5"]], systems=["tuned"], by="Ann"
    )["job"]


def test_the_same_pairs_again_give_the_same_weights_to_the_byte(continued: Workspace) -> None:
    again = continuing.start_continuation(continued, "p", "first", by="Ann", name="third", pairs_from="second")
    assert finish(continued, again["job"])["state"] == "done"
    assert weights(continued, "third") == weights(continued, "second")
    second, third = (training.run_named(continued, name) for name in ("second", "third"))
    assert second["continues"]["pairs_sha256"] == third["continues"]["pairs_sha256"]


def test_with_the_pairs_of_a_run_come_its_settings_but_for_those_that_a_person_names(continued: Workspace) -> None:
    second = training.run_named(continued, "second")
    again = continuing.plan_continuation(continued, "p", "first", pairs_from="second")["settings"]
    for name in ("epochs", "learning_rate", "n_drafts", "batch_size", "ask_again", "gradient_checkpointing"):
        assert again[name] == second["config"][name]
    assert again["beta"] == second["continues"]["beta"]
    assert again != continuing.plan_continuation(continued, "p", "first")["settings"]
    other = continuing.plan_continuation(continued, "p", "first", pairs_from="second", settings={"beta": 0.5})
    assert other["settings"] == again | {"beta": 0.5}


def test_what_a_run_has_learnt_already_is_not_offered_again(continued: Workspace) -> None:
    plan = continuing.plan_continuation(continued, "p", "second")
    assert plan["n_pairs"] == 0
    assert {one["reason"]: one["n"] for one in plan["left_out"]}["learnt"] == 6
    assert continuing.plan_continuation(continued, "p", "first")["n_pairs"] == 6


def test_a_continuation_can_be_gone_on_from_and_remembers_all_that_was_learnt(continued: Workspace) -> None:
    second = training.run_named(continued, "second")
    # Its own pairs, taken again by name.
    again: dict[str, Any] = {"pairs_from": "second", "settings": {"n_drafts": 0}}
    plan = continuing.plan_continuation(continued, "p", "second", **again)
    assert plan["settings"]["learning_rate"] == second["config"]["learning_rate"]
    started = continuing.start_continuation(continued, "p", "second", by="Ann", **again)
    row = training.run_named(continued, started["run"])
    assert row["name"].startswith("second-reviewed-")
    assert set(row["continues"]["records"]) == set(second["continues"]["records"])
    jobs.cancel_job(continued, started["job"], by="Ann")
    assert finish(continued, started["job"])["state"] in ("cancelled", "done")


def test_a_bundle_cannot_make_it_again_and_says_what_can(continued: Workspace) -> None:
    with pytest.raises(Refused, match="runs continue first --pairs-from second"):
        bundles.bundle_facts(continued, "second")


def test_without_pairs_nothing_is_started(workspace: Workspace) -> None:
    for _ in range(5):
        reviewing.undo_last_review(workspace, "p", by="Rita")
    with pytest.raises(Refused, match="The reviews make 2 pairs to learn from; at least 4 are needed"):
        continuing.start_continuation(workspace, "p", "first", by="Ann")
    for _ in range(3):
        reviewing.undo_last_review(workspace, "p", by="Rita")
    with pytest.raises(Refused, match="The reviews make no pair to learn from"):
        continuing.start_continuation(workspace, "p", "first", by="Ann")


def test_a_source_that_has_expired_bars_the_run_and_every_pair(workspace: Workspace) -> None:
    let_expire(workspace)
    plan = continuing.plan_continuation(workspace, "p", "first")
    assert plan["n_pairs"] == 0
    assert {one["reason"]: one["n"] for one in plan["left_out"]} == {"other_system": 8, "source": 7}
    with pytest.raises(Refused, match="The source s expired on 2020-01-01"):
        continuing.start_continuation(workspace, "p", "first", by="Ann")


def test_an_adapter_that_changed_on_the_disk_is_refused(workspace: Workspace) -> None:
    folder = training.adapter_folder(workspace, training.run_named(workspace, "first"))
    file = folder / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(Invalid, match="The file was changed after training"):
        continuing.start_continuation(workspace, "p", "first", by="Ann")
    file.unlink()
    with pytest.raises(Invalid, match=r"The adapter_model\.safetensors of the adapter is gone from the disk"):
        continuing.start_continuation(workspace, "p", "first", by="Ann")
    assert len(training.list_runs(workspace, "p")) == 1


def test_an_adapter_that_changes_before_the_job_begins_fails_it(workspace: Workspace) -> None:
    folder = training.adapter_folder(workspace, training.run_named(workspace, "first"))
    started = continuing.start_continuation(workspace, "p", "first", by="Ann", settings=QUICK)
    file = folder / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    ended = finish(workspace, started["job"])
    assert ended["state"] == "failed"
    assert "The file was changed after training" in ended["reason"]


def test_a_retired_model_is_not_gone_on_from(workspace: Workspace) -> None:
    models.retire(workspace, "first", reason="It repeats itself.", by="Ann")
    with pytest.raises(Refused, match="The model of first was retired"):
        continuing.start_continuation(workspace, "p", "first", by="Ann")


def test_a_run_that_was_cancelled_is_resumed_and_gives_the_same_weights(
    workspace: Workspace, continued: Workspace
) -> None:
    started = continuing.start_continuation(workspace, "p", "first", by="Ann", name="second", settings=QUICK)
    jobs.cancel_job(workspace, started["job"], by="Ann")
    assert finish(workspace, started["job"])["state"] == "cancelled"
    again = continuing.resume(workspace, started["run"], by="Ann")
    assert again["run"] == started["run"]
    assert finish(workspace, again["job"])["state"] == "done"
    assert weights(workspace, "second") == weights(continued, "second")
    with pytest.raises(Conflict, match="only one that stopped early"):
        continuing.resume(workspace, "second", by="Ann")


def test_resuming_asks_the_gate_again(workspace: Workspace) -> None:
    started = continuing.start_continuation(workspace, "p", "first", by="Ann", settings=QUICK)
    jobs.cancel_job(workspace, started["job"], by="Ann")
    finish(workspace, started["job"])
    let_expire(workspace)
    with pytest.raises(Refused, match="6 of its 6 pairs may no longer be trained on"):
        continuing.resume(workspace, started["run"], by="Ann")


def test_pairs_are_taken_again_only_from_a_run_that_has_some(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="The run first has no pairs"):
        continuing.plan_continuation(workspace, "p", "first", pairs_from="first")


def test_a_resumed_run_of_the_usual_kind_goes_the_usual_way(workspace: Workspace) -> None:
    with pytest.raises(Conflict, match="The run first is done"):
        continuing.resume(workspace, "first", by="Ann")


def test_settings_of_the_adapter_cannot_be_set_anew(workspace: Workspace) -> None:
    settings: dict[str, Any] = {"rank": 8}
    with pytest.raises(Invalid, match="'rank' cannot be set for a continuation"):
        continuing.plan_continuation(workspace, "p", "first", settings=settings)


def test_a_source_of_its_pairs_binds_what_is_made_of_it(continued: Workspace) -> None:
    run = training.run_named(continued, "second")
    version = freezing.version_named(continued, "p", "v1")
    card = {source["id"] for source in version["card"]["sources"]}
    assert set(run["continues"]["sources"]) == card
    other = run | {"continues": run["continues"] | {"sources": ["src_of_a_pair"]}}
    assert gates.source_ids_behind(other, version) == sorted(card | {"src_of_a_pair"})
    assert gates.source_ids_behind(run | {"continues": None}, version) == sorted(card)
    with continued.store.transaction() as tx:
        tx.execute(
            "INSERT INTO sources SELECT * REPLACE ('src_of_a_pair' AS id, 'late' AS name, DATE '2020-01-01' AS expires_on) FROM sources LIMIT 1"
        )
    assert exporting.export_obstacles(continued, run) == []
    assert "The source late expired on 2020-01-01" in exporting.export_obstacles(continued, other)[0]
