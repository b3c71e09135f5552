"""Runs compared and noted, sweeps, and the models of a project: approved on evidence, retired, rolled back, taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.review.briefs import BriefIn
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.workflows import (
    briefing,
    drafting,
    experiments,
    freezing,
    group_report,
    importing,
    jobs,
    models,
    preflighting,
    projects,
    run_checks,
    run_comparison,
    run_notes,
    training,
)
from core.workflows.run_plans import plan_run
from core.workflows.workspace import Workspace, open_workspace
from studio.parts import charts, happenings
from tests.core.workflows.test_judgements import posts
from tests.e2e import made_up
from tests.jobs_by_hand import finish

WHY = "Two of us read ten drafts."


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one frozen version and two runs, a and b."""
    root = tmp_path_factory.mktemp("registry") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    uploads = [importing.keep_upload(opened, name, text.encode()) for name, text in posts(30).items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    for name in ("a", "b"):
        finish(opened, training.start_run(opened, "p", "v1", by="Ann", name=name)["job"])
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def states(workspace: Workspace) -> dict[str, str]:
    return {model.run["name"]: model.state for model in models.list_models(workspace, "p")}


def test_a_run_that_ended_well_leaves_a_candidate(workspace: Workspace) -> None:
    assert states(workspace) == {"a": "candidate", "b": "candidate"}


def test_an_approval_is_stored_with_its_person_reason_and_figures(workspace: Workspace) -> None:
    model = models.approve(workspace, "a", reason=WHY, by="Bo", project="p")
    assert model.act is not None
    assert (model.state, model.act["done_by"], model.act["reason"]) == ("approved", "Bo", WHY)
    metrics = training.run_named(workspace, "a")["metrics"]
    assert model.act["evidence"]["eval_loss"] == metrics["eval_loss"]
    assert model.act["evidence"]["weights_sha256"] == metrics["weights_sha256"]


def test_an_approval_keeps_every_figure_that_it_rests_on_and_no_text(workspace: Workspace) -> None:
    model = models.approve(workspace, "a", reason=WHY, by="Bo", project="p")
    assert model.act is not None
    evidence, metrics = model.act["evidence"], training.run_named(workspace, "a")["metrics"]
    for name in ("voice", "general_ability", "consistency"):
        assert evidence[name] == metrics[name]
    assert evidence["loss"]["low"] < evidence["loss"]["value"] < evidence["loss"]["high"]
    assert evidence["base_loss"]["n"] == len(metrics["examples"])
    assert (evidence["by_heart"]["n_new"], evidence["by_heart"]["share"]) == (1, 1 / 32)
    assert 0 < evidence["by_heart"]["low"] < 1 / 32 < evidence["by_heart"]["high"]
    assert "passages" not in evidence["by_heart"]


def test_approving_another_retires_the_one_before(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    models.approve(workspace, "b", reason=WHY, by="Ann")
    assert states(workspace) == {"b": "approved", "a": "retired"}
    assert models.model_of(workspace, "a").act["reason"] == "b was approved in its place."  # type: ignore[index]


def test_an_act_needs_a_reason_and_happens_once(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="needs its reason"):
        models.approve(workspace, "a", reason="  ", by="Bo")
    models.retire(workspace, "a", reason=WHY, by="Bo")
    with pytest.raises(Conflict, match="retired already"):
        models.retire(workspace, "a", reason=WHY, by="Bo")
    models.approve(workspace, "a", reason=WHY, by="Bo")
    with pytest.raises(Conflict, match="approved already"):
        models.approve(workspace, "a", reason=WHY, by="Bo")


def test_rolling_back_approves_the_one_that_was_approved_before(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    with pytest.raises(Conflict, match="No other model"):
        models.roll_back(workspace, "p", reason=WHY, by="Ann")
    models.approve(workspace, "b", reason=WHY, by="Bo")
    assert models.roll_back(workspace, "p", reason="b repeats itself.", by="Ann").run["name"] == "a"
    assert states(workspace) == {"a": "approved", "b": "retired"}


def test_a_model_that_a_person_retired_is_not_rolled_back_to(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    models.retire(workspace, "a", reason="It makes promises.", by="Bo")
    models.approve(workspace, "b", reason=WHY, by="Bo")
    assert models.before_the_present(workspace, "p") is None
    with pytest.raises(Conflict, match="No other model"):
        models.roll_back(workspace, "p", reason=WHY, by="Ann")


def test_an_approval_that_was_taken_back_is_not_rolled_back_to(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    models.take_back(workspace, "a", by="Bo")
    models.approve(workspace, "b", reason=WHY, by="Bo")
    assert models.before_the_present(workspace, "p") is None
    with pytest.raises(Conflict, match="No other model"):
        models.roll_back(workspace, "p", reason=WHY, by="Ann")


def test_a_retired_model_writes_no_drafts(workspace: Workspace) -> None:
    briefing.add_briefs(workspace, "p", [BriefIn("typed", "Write about the van.")], by="Ann")
    ids = [brief["id"] for brief in briefing.list_briefs(workspace, "p")]
    models.retire(workspace, "a", reason=WHY, by="Bo")
    with pytest.raises(Refused, match="model of a was retired"):
        drafting.write_drafts(workspace, "p", run="a", brief_ids=ids, systems=["tuned"], by="Ann")
    models.take_back(workspace, "a", by="Bo")
    assert drafting.write_drafts(workspace, "p", run="a", brief_ids=ids, systems=["tuned"], by="Ann")["job"]


def expired(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01'")


def test_what_was_learnt_from_an_expired_source_writes_no_drafts(workspace: Workspace) -> None:
    briefing.add_briefs(workspace, "p", [BriefIn("typed", "Write about the van.")], by="Ann")
    ids = [brief["id"] for brief in briefing.list_briefs(workspace, "p")]
    expired(workspace)
    for systems in (["tuned"], ["base", "base_fewshot"]):
        with pytest.raises(Refused, match="expired on 2020-01-01"):
            drafting.write_drafts(workspace, "p", run="a", brief_ids=ids, systems=systems, by="Ann")
    assert drafting.write_drafts(workspace, "p", run="a", brief_ids=ids, systems=["base"], by="Ann")["job"]


def test_data_of_an_expired_source_is_taken_away_by_name_and_with_a_reason_only(
    workspace: Workspace, tmp_path: Path
) -> None:
    expired(workspace)
    target = tmp_path / "out"
    with pytest.raises(Refused, match="expired on 2020-01-01"):
        freezing.export_version(workspace, "p", "v1", target=target, by="Ann")
    assert not target.exists()
    freezing.export_version(workspace, "p", "v1", target=target, by="Ann", override="The owner asked for a copy.")
    assert (target / "train.parquet").exists()
    (event,) = workspace.store.read("SELECT * FROM events WHERE action = 'overridden'")
    (kept,) = workspace.store.read("SELECT id, done_by, reason FROM overrides")
    assert (kept["done_by"], kept["reason"]) == ("Ann", "The owner asked for a copy.")
    assert (event["done_by"], event["facts"]) == ("Ann", {"override": kept["id"], "n_obstacles": 1, "n_characters": 27})


def test_a_name_that_several_projects_gave_a_run_has_to_be_told_apart(workspace: Workspace) -> None:
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in posts(12).items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(workspace, importing.import_files(workspace, "q", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(workspace, "q", "v1")
    other = training.start_run(workspace, "q", "v1", by="Ann", name="a")
    with pytest.raises(Conflict, match="The projects p, q each have a run 'a'"):
        training.run_named(workspace, "a")
    assert training.run_named(workspace, "a", project="q")["id"] == other["run"]
    assert training.run_named(workspace, other["run"])["id"] == other["run"]
    assert training.run_named(workspace, "b")["name"] == "b"


@pytest.mark.parametrize("name", ["two\nlines", "a/b", " a", "a" * 81])
def test_a_name_that_no_run_can_have_starts_none(workspace: Workspace, name: str) -> None:
    with pytest.raises(Invalid, match="cannot name a run"):
        training.start_run(workspace, "p", "v1", by="Ann", name=name)
    assert len(training.list_runs(workspace, "p")) == 2


@pytest.mark.parametrize("base", [5, None, ["a"]])
def test_a_base_model_that_is_no_text_is_named(workspace: Workspace, base: object) -> None:
    with pytest.raises(Invalid, match="Give a text"):
        plan_run(workspace, "p", "v1", settings={"base": base})


def test_a_run_called_by_the_id_of_another_does_not_stand_in_its_place(workspace: Workspace) -> None:
    first = training.run_named(workspace, "a")["id"]
    training.start_run(workspace, "p", "v1", by="Ann", name=first)
    assert training.run_named(workspace, first)["name"] == "a"
    assert training.run_named(workspace, first, project="p")["name"] == "a"


def test_a_run_goes_on_once_where_two_people_ask_at_once(workspace: Workspace) -> None:
    started = training.start_run(workspace, "p", "v1", by="Ann", name="c")
    jobs.cancel_job(workspace, started["job"], by="Ann")
    finish(workspace, started["job"])
    before = training.run_named(workspace, "c")
    training.resume_run(workspace, "c", by="Ann")
    with (
        pytest.raises(Conflict, match="only one that stopped early can be resumed"),
        workspace.store.transaction() as tx,
    ):
        run_rows.continue_run(tx, before["id"], "job_other")


def test_the_desk_tells_of_everything_that_is_done_to_runs_and_models(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    models.retire(workspace, "a", reason=WHY, by="Bo")
    models.take_back(workspace, "a", by="Bo")
    run_notes.write_note(workspace, "a", note="First.", tags=[], by="Ann")
    with workspace.store.transaction() as tx:
        project = projects.list_projects(workspace)[0]["id"]
        job = {"facts": {"version": "v_1", "name": "v1"}, "created_by": "Cy", "project_id": project}
        preflighting.collect_preflight(workspace, tx, job, JobFolder(workspace.folder.jobs / "j"), {"findings": [{}]})
    told = happenings.lines(projects.standing(workspace, "p").recent)
    assert [f"{who} {what}" for _, who, what in told[:5]] == [
        "Cy checked a run on v1 before starting it: 1 finding", "Ann wrote a note beside a run",
        "Bo took a decision on a model back", "Bo retired a model", "Bo approved a model",
    ]  # fmt: skip


def test_a_decision_taken_back_makes_the_one_before_count(workspace: Workspace) -> None:
    models.retire(workspace, "a", reason=WHY, by="Bo")
    models.approve(workspace, "a", reason=WHY, by="Bo")
    assert models.take_back(workspace, "a", by="Ann").state == "retired"
    assert models.take_back(workspace, "a", by="Ann").state == "candidate"
    with pytest.raises(Conflict, match="Nothing was decided"):
        models.take_back(workspace, "a", by="Ann")
    assert [act["act"] for act in models.history(workspace, "a")] == ["retire", "approve", "undo", "undo"]


def test_two_models_are_never_approved_at_once(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    models.approve(workspace, "b", reason=WHY, by="Bo")
    with pytest.raises(Conflict, match="Approve a anew"):
        models.take_back(workspace, "a", by="Ann")
    assert states(workspace) == {"b": "approved", "a": "retired"}


def test_a_run_without_a_model_is_neither_approved_nor_retired(workspace: Workspace) -> None:
    training.start_run(workspace, "p", "v1", by="Ann", name="waiting")
    for act in (models.approve, models.retire):
        with pytest.raises(Refused, match="waiting has no model"):
            act(workspace, "waiting", reason=WHY, by="Bo")


def test_a_note_replaces_the_one_before_and_its_tags_are_cleaned(workspace: Workspace) -> None:
    assert run_notes.note_of(workspace, "a")["note"] == ""
    run_notes.write_note(workspace, "a", note="First.", tags=["try"], by="Ann")
    found = run_notes.write_note(workspace, "a", note=" Second. ", tags=[" base  line", "base line", ""], by="Bo")
    assert (found["note"], found["tags"], found["written_by"]) == ("Second.", ["base line"], "Bo")
    assert list(run_notes.notes_of_project(workspace, "p")) == [training.run_named(workspace, "a")["id"]]


@pytest.mark.parametrize(
    ("note", "tags", "words"), [("x" * 4_001, [], "4,001 characters"), ("", ["a,b"], "cannot be a tag"), ("", ["x" * 61], "cannot be a tag"),
                                ("", [str(n) for n in range(21)], "21 tags")],
)  # fmt: skip
def test_a_note_that_is_too_long_is_refused_with_what_is_allowed(
    workspace: Workspace, note: str, tags: list[str], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        run_notes.write_note(workspace, "a", note=note, tags=tags, by="Ann")


def test_runs_side_by_side_name_what_differs_and_compare_the_same_texts(workspace: Workspace) -> None:
    finish(workspace, training.start_run(workspace, "p", "v1", by="Ann", name="c", settings={"rank": 8})["job"])
    told = run_comparison.compare_runs(workspace, ["a", "c"], project="p")
    assert told["differs"] == {"rank": [16, 8]}
    first, second = told["runs"]
    assert first["difference"] is None
    assert (second["difference"]["value"], second["difference"]["is_apart"]) == (0.0, False)
    assert first["loss"]["n"] == len(training.run_named(workspace, "a")["metrics"]["examples"]) > 1
    assert first["loss"]["low"] < first["loss"]["value"] < first["loss"]["high"]


def test_runs_side_by_side_tell_all_that_was_measured_with_its_intervals(workspace: Workspace) -> None:
    told = run_comparison.compare_runs(workspace, ["a", "b"], project="p")["runs"]
    for run in told:
        assert run["voice"]["tuned"]["low"] < run["voice"]["tuned"]["distance"] < run["voice"]["tuned"]["high"]
        assert run["by_heart"]["low"] < run["by_heart"]["share"] < run["by_heart"]["high"]
        assert run["general_ability"]["n"] == 24
        assert run["consistency"]["tuned"]["length_spread"]["value"] == 0.22


def test_one_run_alone_cannot_be_compared(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="1 run cannot be compared"):
        run_comparison.compare_runs(workspace, ["a", "a"])


def test_a_sweep_is_three_runs_that_differ_in_the_rate_alone(workspace: Workspace) -> None:
    rate = plan_run(workspace, "p", "v1")["config"]["learning_rate"]
    started = experiments.start_sweep(workspace, "p", "v1", by="Ann", settings={"epochs": 1.0})
    group = experiments.group_named(workspace, started["group"])
    assert [run["part"] for run in group.runs] == ["half the rate", "the rate itself", "twice the rate"]
    assert [run["config"]["learning_rate"] for run in group.runs] == [pytest.approx(rate * f) for f in (0.5, 1, 2)]
    compared = run_comparison.compare_runs(workspace, [run["run"] for run in group.runs])
    assert list(compared["differs"]) == ["learning_rate"]
    assert group.best is None
    for run in started["runs"]:
        finish(workspace, run["job"])
    assert experiments.list_groups(workspace, "p")[0].best == started["runs"][0]["run"]


def test_a_sweep_that_may_not_start_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="rank is 0"):
        experiments.start_sweep(workspace, "p", "v1", by="Ann", settings={"rank": 0})
    assert experiments.list_groups(workspace, "p") == []
    assert len(training.list_runs(workspace, "p")) == 2
    with pytest.raises(NotFound, match="no group"):
        experiments.group_named(workspace, "g_none")


def test_a_learning_curve_is_three_shares_with_as_many_passes(workspace: Workspace) -> None:
    started = experiments.start_learning_curve(workspace, "p", "v1", by="Ann")
    group = experiments.group_named(workspace, started["group"])
    assert [(run["part"], run["config"]["train_share"]) for run in group.runs] == [
        ("a quarter", 0.25),
        ("half", 0.5),
        ("all", 1.0),
    ]
    assert len({run["config"]["epochs"] for run in group.runs}) == 1
    whole = plan_run(workspace, "p", "v1")
    assert plan_run(workspace, "p", "v1", settings={"train_share": 0.5})["n_train"] == round(whole["n_train"] / 2)
    assert experiments.curve_of(workspace, group) is None
    for run in started["runs"]:
        finish(workspace, run["job"])
    curve = experiments.curve_of(workspace, experiments.group_named(workspace, started["group"]))
    assert curve is not None
    assert len(curve.measured) == 3
    assert curve.n == len(training.run_named(workspace, "a")["metrics"]["examples"])
    told = group_report.group_facts(workspace, experiments.group_named(workspace, started["group"]))
    assert any("Three points say little" in sentence for sentence in told["findings"])
    chart = charts.learning_curve(told["learning_curve"]).to_dict()
    titles = {layer["encoding"][axis]["title"] for layer in chart["layer"] for axis in ("x", "y")}
    assert titles == {"training examples, logarithmic", f"hold-out loss (nats per token, {curve.n} texts)"}
    report = group_report.report(workspace, "p", "Learning curve of v1")
    assert "## With more examples" in report
    assert f"| {2 * curve.measured[-1].n_examples} | a line through the others |" in report


def test_a_group_of_runs_has_a_report_that_can_be_sent(workspace: Workspace) -> None:
    started = experiments.start_sweep(workspace, "p", "v1", by="Ann")
    before = group_report.report(workspace, "p", "Rates on v1")
    assert "0 of 3 runs have ended; nothing is said of the best until all have." in before
    for run in started["runs"]:
        finish(workspace, run["job"])
    text = group_report.report(workspace, "p", started["group"])
    assert text.startswith(
        "# Rates on v1\n\nWhich learning rate gives the lowest hold-out loss? Runs of the project p, started together by Ann, "
    )
    assert "- Lowest hold-out loss: v1-3: half the rate (3.018 nats per token;" in text
    assert "too few, or too alike under both" in text
    assert "Read by each run, over all its steps: 96,000 tokens; learnt: 61,000 of them, the answers'." in text
    assert "| v1-5: twice the rate | done | v1 |" in text
    assert "| learning rate | 0.0005 | 0.001 | 0.002 |" in text
    assert "The same in all: base model SmolLM2-135M-Instruct" in text
    told = json.loads(group_report.report(workspace, "p", "Rates on v1", "json"))
    assert [run["n_answer_tokens"] for run in told["runs"]] == [61_000] * 3
    assert told["learning_curve"] is None
    with pytest.raises(NotFound, match="no group of runs 'Rates' in p"):
        group_report.report(workspace, "p", "Rates")
    with pytest.raises(Invalid, match="Choose md or json"):
        group_report.report(workspace, "p", "Rates on v1", "pdf")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "Would more examples help?"),
        ({"max_steps": 1_200}, "Would more examples help? The limit of 1,200 steps is left out: each run makes as many passes."),
        (
            {"max_steps": 5, "train_tokens": 9_000},
            "Would more examples help? The limit of 5 steps and of 9,000 tokens is left out: each run makes as many passes.",
        ),
    ],
)  # fmt: skip
def test_a_learning_curve_goes_without_limits_that_would_give_small_shares_more_passes(
    workspace: Workspace, limits: dict[str, int], words: str
) -> None:
    started = experiments.start_learning_curve(workspace, "p", "v1", by="Ann", settings=limits)
    group = experiments.group_named(workspace, started["group"])
    assert [(run["config"]["max_steps"], run["config"]["train_tokens"]) for run in group.runs] == [(0, 0)] * 3
    assert group.row["question"] == words


def test_what_a_run_checked_is_read_from_the_run(workspace: Workspace) -> None:
    told = training.run_preflight(workspace, "a")
    assert told is not None
    version = training.run_named(workspace, "a")
    assert told["lengths"]["train"]["n"] == plan_run(workspace, "p", version["version"])["version"]["n_train"]


def test_a_check_counts_for_settings_that_change_nothing_of_what_it_looked_at(workspace: Workspace) -> None:
    version = plan_run(workspace, "p", "v1")["version"]

    def mark(**settings: object) -> str:
        return run_checks.mark_of(version, plan_run(workspace, "p", "v1", settings=dict(settings))["config"])

    assert mark() == mark(epochs=1.0, learning_rate=0.01)
    assert mark() != mark(rank=8)
    assert preflighting.checked_before(workspace, "p", "v1") is None


def checked(workspace: Workspace, *, dry_step: dict[str, float] | None, **settings: object) -> None:
    """A check that has ended, with what its trial is to have measured."""
    plan = plan_run(workspace, "p", "v1", settings=dict(settings))
    mark, project = run_checks.mark_of(plan["version"], plan["config"]), plan["version"]["project_id"]
    with workspace.store.transaction() as tx:
        job_rows.insert_job(tx, "job_c", project_id=project, kind="preflight", facts={"checked": mark}, by="Ann")
        job_rows.mark_ended(tx, "job_c", state="done", reason="", result={"dry_step": dry_step, "findings": []})


DRY_STEP = {"tokens_per_second": 123.0, "peak_memory_mb": 4_321.0}


def without_earlier_runs(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = NULL")


def test_until_a_run_was_measured_the_estimate_is_what_the_check_of_these_settings_measured(
    workspace: Workspace,
) -> None:
    without_earlier_runs(workspace)
    checked(workspace, dry_step=DRY_STEP)
    estimate = plan_run(workspace, "p", "v1", settings={"epochs": 9.0})["estimate"]
    assert (estimate["tokens_per_second"], estimate["peak_memory_mb"]) == (123.0, 4_321.0)
    assert (estimate["is_tried"], estimate["is_measured_here"]) == (True, False)
    assert not plan_run(workspace, "p", "v1", settings={"rank": 8})["estimate"]["is_tried"]
    assert not plan_run(workspace, "p", "v1", settings={"processes": 2})["estimate"]["is_tried"]


def test_a_run_that_was_measured_counts_for_more_than_a_check(workspace: Workspace) -> None:
    checked(workspace, dry_step=DRY_STEP)
    estimate = plan_run(workspace, "p", "v1")["estimate"]
    assert (estimate["tokens_per_second"], estimate["is_tried"], estimate["is_measured_here"]) == (300.0, False, True)


def test_a_check_that_could_try_nothing_tells_no_estimate(workspace: Workspace) -> None:
    without_earlier_runs(workspace)
    checked(workspace, dry_step=None)
    assert not plan_run(workspace, "p", "v1")["estimate"]["is_tried"]


@pytest.mark.slow
@pytest.mark.alone
def test_a_check_tries_the_longest_rows_on_the_real_model(workspace: Workspace) -> None:
    job = preflighting.check_first(workspace, "p", "v1", by="Ann")
    assert finish(workspace, job, seconds=600)["state"] == "done"
    told = preflighting.checked_before(workspace, "p", "v1", settings={"epochs": 9.0})
    assert told is not None
    assert told["job"] == job
    assert told["dry_step"]["longest_tokens"] == told["lengths"]["train"]["longest"]
    assert told["dry_step"]["tokens_per_second"] > 0
    assert told["dry_step"]["peak_memory_mb"] > 500
