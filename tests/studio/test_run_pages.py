"""The pages of runs and models: what a check found, what a run took against its estimate, its held-out texts, and what a decision rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import DownloadButton

from core.config import DataFolder
from core.jobs.folder import write_json
from core.store import jobs as job_rows
from core.workflows import auditing, jobs, models, run_checks, training
from core.workflows.workspace import Workspace
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from studio.parts import figures
from studio.parts.run_compare import _headings, measured_beside, validation_curves
from tests.jobs_by_hand import finish
from tests.studio.opened_page import opened_page
from tests.studio.serving_studio import with_run

SENTENCE = "No token after the answer is learnt: drafts may not know when to stop."
LENGTHS = {"n": 3, "n_tokens": 90, "n_trained_tokens": 60, "median": 30, "longest": 31, "edges": [31], "counts": [3]}
TOLD: dict[str, Any] = {
    "findings": [], "lengths": {"train": LENGTHS}, "template": {"ends_with": "<|im_end|>", "before_answer": "assistant"},
    "dropped": {"train": []}, "n_dropped": {"train": 0}, "leaks": [], "n_leaks": 0, "first_batch": [],
}  # fmt: skip


def preflight(told: dict[str, object]) -> None:
    from studio.parts.preflight_view import show_preflight

    show_preflight(told, project="p")


def figures_of(summary: dict[str, object]) -> None:
    from studio.parts.run_view import show_figures

    show_figures(summary)


def drafts(runs: list[str]) -> None:
    from studio.parts.draft_compare import show_drafts

    show_drafts("voice", runs)


def checked(**more: Any) -> AppTest:
    """What the page shows of a check."""
    app = AppTest.from_function(preflight, args=(TOLD | more,), default_timeout=60).run()
    assert not app.exception
    return app


def unescaped(words: str) -> str:
    """Text from outside is shown with its Markdown escaped."""
    return re.sub(r"\\(.)", r"\1", words)


def captions(app: AppTest) -> list[str]:
    return [unescaped(one.value) for one in app.caption]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """With the runs `v1-1`, whose model is approved, `again`, and `stopped`, which was cancelled."""
    folder = DataFolder(tmp_path_factory.mktemp("pages") / "data")
    opened = with_run(folder)
    finish(opened, training.start_run(opened, "voice", "v1", by="Ann", name="again")["job"])
    started = training.start_run(opened, "voice", "v1", by="Ann", name="stopped")
    jobs.cancel_job(opened, started["job"], by="Ann")
    finish(opened, started["job"])
    models.approve(opened, "v1-1", reason="Two of us read ten drafts.", by="Bo")
    opened.close()
    yield running.start(folder)
    running.stop()


def found(workspace: Workspace, job: str, *findings: dict[str, str], **settings: Any) -> None:
    """A check of version and settings that has ended, and found this."""
    plan = training.plan_run(workspace, "voice", "v1", settings=settings)
    mark, project = run_checks.mark_of(plan["version"], plan["config"]), plan["version"]["project_id"]
    folder = workspace.supervisor.folder(job)
    folder.out.mkdir(parents=True)
    write_json(folder.out / "preflight.json", TOLD | {"findings": findings})
    with workspace.store.transaction() as tx:
        job_rows.insert_job(tx, job, project_id=project, kind="preflight", facts={"checked": mark}, by="Ann")
        job_rows.mark_ended(tx, job, state="done", reason="", result={"dry_step": None, "findings": findings})
        job_rows.mark_collected(tx, job)


def broke_off(workspace: Workspace, job: str, reason: str, **settings: Any) -> None:
    """A check of version and settings whose worker died."""
    plan = training.plan_run(workspace, "voice", "v1", settings=settings)
    mark, project = run_checks.mark_of(plan["version"], plan["config"]), plan["version"]["project_id"]
    with workspace.store.transaction() as tx:
        job_rows.insert_job(tx, job, project_id=project, kind="preflight", facts={"checked": mark}, by="Ann")
        job_rows.mark_ended(tx, job, state="lost", reason=reason, result={})


def starts(app: AppTest) -> dict[str, bool]:
    """By label, whether a button that would use the settings on the card can be pressed."""
    assert not app.exception
    wanted = (
        "Start training",
        "Mend the above first",
        "Check first",
        "Try three learning rates",
        "Would more examples help?",
    )
    return {one.label: not one.disabled for one in app.button if one.label in wanted}


def metrics(app: AppTest) -> dict[str, str]:
    return {one.label: one.delta for one in app.metric}


def with_examples(workspace: Workspace, run: str, n: int) -> None:
    """Give the run n held-out texts, of which only the first has a record here."""
    row = training.run_named(workspace, run)
    known = row["metrics"]["examples"][0]["example_id"]
    examples = [
        {"example_id": f"gone{i}:0" if i else known, "n_target_tokens": 90, "base": 3.0, "tuned": 3.5 - i / 10}
        for i in range(n)
    ]
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"] | {"examples": examples}, row["id"]])


def test_nothing_stands_against_a_run_only_where_nothing_does() -> None:
    assert [one.value for one in checked().success] == ["Nothing stands against this run."]
    finding = {"level": "look", "name": "no_end", "sentence": SENTENCE}
    app = checked(findings=[finding], template={"ends_with": "", "before_answer": "assistant"})
    assert (list(app.success), [unescaped(one.value) for one in app.warning]) == ([], [SENTENCE])


def test_a_check_from_before_the_missing_end_was_a_finding_is_not_called_clear_either() -> None:
    assert not checked(template={"ends_with": "", "before_answer": "assistant"}).success


def test_of_a_long_list_of_rows_that_fall_out_it_is_said_how_many_more_there_are() -> None:
    rows = [{"external_id": f"x{i}", "detail": "too long"} for i in range(1_010)]
    app = checked(dropped={"train": rows}, n_dropped={"train": 1_010})
    assert len(app.dataframe[0].value) == 1_000
    assert any(one.startswith("10 more. ") for one in captions(app))
    assert not any("more." in one for one in captions(checked(dropped={"train": rows[:60]}, n_dropped={"train": 60})))


def test_a_check_that_says_stop_keeps_the_start_button_off_in_both_views_until_it_says_otherwise(
    workspace: Workspace,
) -> None:
    stop = {
        "level": "stop",
        "name": "memory",
        "sentence": "The longest examples do not fit into memory: the trial ran out.",
    }
    found(workspace, "job_stops", stop, rank=8)
    barred = {"Mend the above first": False, "Check first": True, "Try three learning rates": False, "Would more examples help?": False}  # fmt: skip
    app = opened_page("train", version="v1", settings="rank=8")
    for is_expert in (True, False):
        assert app.toggle(key="train_expert").value is is_expert
        assert starts(app) == barred
        beside = [one.value for one in app.error if "The check of these settings found" in one.value]
        assert [unescaped(one) for one in beside] == [f"The check of these settings found: {stop['sentence']}"]
        app.toggle(key="train_expert").set_value(False).run()
    assert all(starts(opened_page("train", version="v1", settings="rank=4")).values())
    found(workspace, "job_clears", stop | {"level": "look"}, rank=8)
    app = opened_page("train", version="v1", settings="rank=8")
    assert "Start training" in starts(app)
    assert all(starts(app).values())


def test_a_check_that_broke_off_keeps_the_start_button_off_until_one_goes_through(workspace: Workspace) -> None:
    broke_off(workspace, "job_dies", "It was killed.", rank=16, alpha=64)
    app = opened_page("train", version="v1", settings="alpha=64")
    assert starts(app) == {"Mend the above first": False, "Check first": True, "Try three learning rates": False, "Would more examples help?": False}  # fmt: skip
    # Once: the panel of the last check does not say it again.
    said = [words for one in app.error if "It was killed." in (words := unescaped(one.value))]
    assert said == ["The check of these settings did not come to its end. It was killed."]
    assert all(starts(opened_page("train", version="v1", settings="alpha=16")).values())
    found(workspace, "job_ends", alpha=64)
    assert all(starts(opened_page("train", version="v1", settings="alpha=64")).values())


def test_leaks_beyond_those_listed_are_counted_too() -> None:
    leaks = [{"external_id": f"x{i}", "split": "test", "share": 0.8} for i in range(50)]
    assert any(one.startswith("71 more.") for one in captions(checked(leaks=leaks, n_leaks=121)))


def test_energy_stands_with_its_estimate_like_time_and_memory(workspace: Workspace) -> None:
    told = metrics(opened_page("runs", run="again"))
    for label in ("Minutes, all in all", "Peak memory", "Energy"):
        assert told[label].startswith("estimated "), label


def test_a_graphics_processors_memory_stands_with_its_estimate_and_its_energy_is_said_to_be_left_out() -> None:
    summary = {
        "eval_loss": 3.0, "base_eval_loss": 4.0, "tokens_per_second": 900.0, "job_seconds": 60.0, "peak_memory_mb": 2_048.0,
        "device_memory_mb": 6_144.0, "energy_wh": 2.0, "energy_is_measured": True, "stopped_early": False, "best_step": None, "n_steps": 9,
        "estimate": {"minutes": 1.0, "peak_memory_mb": 2_048.0, "energy_wh": 1.0, "device_memory_mb": 5_120.0},
    }  # fmt: skip
    left_out = "The energy of the graphics processor is not counted: the watt-hours are those of the processor alone."
    app = AppTest.from_function(figures_of, args=(summary,), default_timeout=60).run()
    assert metrics(app)["Peak memory, GPU"] == "estimated 5.0"
    assert left_out in captions(app)
    without = summary | {"device_memory_mb": None}
    app = AppTest.from_function(figures_of, args=(without,), default_timeout=60).run()
    assert "Peak memory, GPU" not in metrics(app)
    assert left_out not in captions(app)


def test_the_page_says_how_the_run_was_kept_off_the_network(workspace: Workspace) -> None:
    assert "Network: not recorded." in captions(opened_page("runs", run="again"))
    row = training.run_named(workspace, "again")
    network = {"isolation": "isolated", "why_not": "", "n_attempts": 2, "n_hosts": 1, "n_native": 0, "n_workers": 1}
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"] | {"network": network}, row["id"]])
    said = (
        "isolated, in a network namespace of its own without a route; 2 attempts to reach out were refused, at 1 host."
    )
    assert f"Network: {said}" in captions(opened_page("runs", run="again"))


def test_the_best_and_the_worst_held_out_texts_are_named_each_once(workspace: Workspace) -> None:
    with_examples(workspace, "again", 7)
    said = captions(opened_page("runs", run="again"))
    worst, best = (
        next(i for i, one in enumerate(said) if one.startswith(w))
        for w in ("Where it does worst", "Where it does best")
    )
    assert "A record that is gone (3.00 to 3.40)" in said[worst:best]
    assert said[best + 1 : best + 3] == ["A record that is gone (3.00 to 2.90)", "A record that is gone (3.00 to 3.00)"]


def test_all_held_out_texts_stand_in_a_table_worst_first_with_the_way_to_the_record(workspace: Workspace) -> None:
    with_examples(workspace, "again", 7)
    row = training.run_named(workspace, "again")
    app = opened_page("runs", run="again")
    app.session_state[f"held_out_{row['id']}"] = True
    app.run()
    (table,) = [one.value for one in app.dataframe if "difference" in one.value]
    assert table["after"].tolist() == pytest.approx([3.5, 3.4, 3.3, 3.2, 3.1, 3.0, 2.9])
    assert table["difference"].tolist() == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.1, 0.0, -0.1])
    record = row["metrics"]["examples"][0]["example_id"].rpartition(":")[0]
    assert table["record"].dropna().tolist() == [f"curate?project=voice&record={record}"]


def test_a_tag_on_the_parts_of_one_record_alone_has_a_loss_without_an_interval(workspace: Workspace) -> None:
    row = training.run_named(workspace, "again")
    parts = [
        {"example_id": f"r{i // 3}:{i % 3}", "n_target_tokens": 90, "base": 3.0, "tuned": 2.5, "tags": ["vans"] if i < 3 else ["bikes"]}
        for i in range(9)
    ]  # fmt: skip
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"] | {"examples": parts}, row["id"]])
    (table,) = [one.value for one in opened_page("runs", run="again").dataframe if "tag" in one.value]
    assert dict(zip(table["tag"], table["tuned"], strict=True)) == {
        "bikes": "2.500 (2.500 to 2.500)",
        "vans": "2.500 (of one record)",
    }


def test_where_two_runs_share_no_brief_what_they_wrote_at_their_ends_stands_side_by_side(workspace: Workspace) -> None:
    ids = [training.run_named(workspace, name)["id"] for name in ("v1-1", "again")]
    app = AppTest.from_function(drafts, args=(ids,), default_timeout=60)
    app.session_state["person_name"], app.session_state["page_path"] = "Ann", "runs"
    app.run()
    assert not app.exception
    assert any("At their ends, for the same held-out requests." in one for one in captions(app))
    headings = [unescaped(one.value) for one in app.markdown]
    assert [one for one in headings if one.startswith("**")] == [
        "**What they wrote**",
        "**v1-1**",
        "**again**",
        "**What was really written**",
    ]
    where = auditing.audit_filter(workspace, person="Ann", noun="records", action="viewed")
    assert "runs" in [entry["facts"]["place"] for entry in auditing.list_entries(workspace, where)]


def test_whoever_reads_by_the_api_what_a_model_knows_by_heart_is_in_the_trail(workspace: Workspace) -> None:
    run = training.run_named(workspace, "v1-1")
    paths = {
        "runs": (f"/runs/{run['id']}", "/projects/voice/runs"),
        "jobs": (f"/jobs/{run['job_id']}", "/projects/voice/jobs"),
    }
    token = ensure_token(workspace.folder.token_file)
    with TestClient(create_api(token), base_url="http://127.0.0.1:8501") as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for n, (place, path) in enumerate((place, path) for place, of_it in paths.items() for path in of_it):
            answer = client.get(path, headers={"X-Proofroom-By": f"Rob {n}"})
            assert '"passage":' in answer.text, path
            where = auditing.audit_filter(workspace, person=f"Rob {n}", noun="records", action="viewed")
            (entry,) = auditing.list_entries(workspace, where)
            assert entry["facts"]["place"] == f"API, {place}", path


def test_a_cancelled_run_shows_no_figures_and_says_why_it_has_no_drafts(workspace: Workspace) -> None:
    app = opened_page("runs", run="stopped")
    assert not app.metric
    app.session_state[f"run_drafts_{training.run_named(workspace, 'stopped')['id']}"] = True
    app.run()
    assert "Drafts are written at the end of a run; this one was cancelled before that." in captions(app)


def test_a_resumed_run_says_from_which_step_it_went_on(workspace: Workspace) -> None:
    (mark,) = training.run_folder(workspace, training.run_named(workspace, "again")["id"]).glob("*_job_*")
    with mark.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": "resumed", "step": 30, "sentence": "Goes on from step 30."}) + "\n")
    assert "Resumed: Goes on from step 30." in captions(opened_page("runs", run="again"))
    assert not any(one.startswith("Resumed") for one in captions(opened_page("runs", run="v1-1")))


def bundle_button(app: AppTest) -> DownloadButton:
    (button,) = [one for one in app.get("download_button") if one.label.startswith("Take the bundle")]
    assert isinstance(button, DownloadButton)
    return button


def test_a_bundle_is_one_click_and_the_commands_beside_it_name_the_project(workspace: Workspace) -> None:
    app = opened_page("runs", run="again")
    button = bundle_button(app)
    assert (button.label, button.disabled) == ("Take the bundle", False)
    (commands,) = [one.value for one in app.code if "runs bundle" in one.value]
    assert commands == (
        "proofroom runs bundle again --project voice --to again.zip\nproofroom train --bundle again.zip --project voice --wait"
    )


def test_a_bundle_of_what_may_not_be_learnt_any_more_needs_a_reason(workspace: Workspace) -> None:
    row = training.run_named(workspace, "again")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01'")
    try:
        app = opened_page("runs", run="again")
        assert (bundle_button(app).label, bundle_button(app).disabled) == ("Take the bundle all the same", True)
        app.text_input(key=f"bundle_reason_{row['id']}").set_value("The owner asked for a copy.").run()
        assert not bundle_button(app).disabled
    finally:
        with workspace.store.transaction() as tx:
            tx.execute("UPDATE sources SET expires_on = DATE '2099-01-01'")


def test_an_approval_shows_the_figures_that_it_rests_on(workspace: Workspace) -> None:
    figure = "\n".join(captions(opened_page("models")))
    for words in ("**Voice distance** 1.31 (1.18 to 1.44; 12 requests)", "**Of the way to the voice** 63% (45% to 79%)",
                  "**Learnt by heart** 1 of 32 texts, 3% (1% to 16%)", "**Scatter of the length** 22% (17% to 28%; 25 drafts)"):  # fmt: skip
        assert words in figure


def test_runs_stand_side_by_side_with_every_figure_that_one_of_them_has() -> None:
    voice = {"n": 12, "tuned": {"distance": 1.3, "low": 1.1, "high": 1.4, "share": None}}
    ability = {"base": 2.0, "tuned": 2.1, "n": 24}
    assert measured_beside([{"voice": voice, "loss": {}}, {"general_ability": ability}], ["a", "b"]) == [
        {"figure": "Voice distance", "a": "1.30 (1.10 to 1.40; 12 requests)", "b": ""},
        {"figure": "Loss on plain questions", "a": "", "b": "2.100, +5.0% to the base model (24 questions)"},
    ]


def test_two_runs_of_one_name_have_a_line_each(workspace: Workspace) -> None:
    runs = [{"name": "twin", "run": training.run_named(workspace, name)["id"]} for name in ("v1-1", "again")]
    names = _headings(runs)
    chart = validation_curves(runs, names)
    assert chart is not None
    (rows,) = chart.to_dict()["datasets"].values()
    assert {row["run"] for row in rows} == set(names) == {f"twin {run['run']}" for run in runs}


def test_what_was_not_measured_is_named_and_what_an_older_approval_lacks_is_not() -> None:
    assert figures.not_measured({"voice": None, "by_heart": None}) == ["voice", "what is known by heart"]
    assert figures.in_words({"voice": None}) == {}
