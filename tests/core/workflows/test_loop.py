"""The loop from upload to report through the workflows, with real worker processes and the real model."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Refused
from core.jobs.folder import JobFolder
from core.nouns import Split
from core.review.briefs import BriefIn
from core.store.connection import utc_now
from core.store.records import RecordFilter
from core.workflows import (
    briefing,
    curating,
    deciding,
    drafting,
    duplicates,
    exported,
    exporting,
    freezing,
    importing,
    jobs,
    leaking,
    projects,
    results,
    reviewing,
    tagging,
    training,
    upkeep,
)
from core.workflows.workspace import Workspace, open_workspace
from tests.core.jobs.test_network_of_jobs import strictest
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.alone]

# Each post says another nine things in its own words: what says the same again and again is flagged.
PARTS = (
    "We rebuilt the {thing} in week {n}, after {m} customers had rung about it on one Monday.",
    "Nobody had looked at the {thing} since the move, and it showed in every single order.",
    "A month of tests followed, {m} of them by people who had never seen a {thing} before.",
    "The {thing} costs us {m} pounds a month now, which is half of what we feared it would.",
    "What we learnt from the {thing} is that asking first is quicker than mending afterwards.",
    "Two of us wrote down what a {thing} should never do; the list was longer than we liked.",
    "By week {n} the new {thing} was on trial in the small shop, and the bell rang less often.",
    "If your own {thing} troubles you, begin with the oldest complaint and work forward from there.",
    "Next year we shall open the {thing} again, count to {m}, and tell you here what we found.",
)


@dataclass
class Loop:
    workspace: Workspace
    run: str
    draft_job: str
    gguf: str


def posts() -> list[tuple[str, str]]:
    things = [
        "calendar",
        "invoice",
        "shop window",
        "parts list",
        "van",
        "logo",
        "newsletter",
        "phone line",
        "price list",
        "bench",
    ]
    made = []
    for i, thing in enumerate(things):
        said = [part.format(thing=thing, n=3 * i + 2, m=7 * i + 11) for part in PARTS]
        body = "\n\n".join(" ".join(said[start : start + 3]) for start in (0, 3, 6))
        made.append((f"2024-01-{i + 10}-{thing.replace(' ', '-')}.md", f"---\ntitle: About the {thing}\n---\n{body}"))
    return [*made, ("copy-of-the-van.md", made[4][1].replace("About the van", "The van again"))]


def terms(**more: Any) -> importing.Terms:
    facts: dict[str, Any] = {
        "owner": "Ann",
        "basis": "consent",
        "purpose": "test",
        "expires_on": date(2099, 1, 1),
    } | more
    return importing.Terms(**facts)


def import_posts(workspace: Workspace, project: str, **more: Any) -> dict[str, str]:
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in posts()]
    started = importing.import_files(workspace, project, uploads, terms(**more), name="posts", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return started


def measured(workspace: Workspace, project: str) -> None:
    job = curating.measure_records(workspace, project, by="Ann")
    assert job is not None
    assert finish(workspace, job)["state"] == "done"


@pytest.fixture(scope="module")
def guard_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the workers' own watch notes: see tests/guard."""
    log = tmp_path_factory.mktemp("guard") / "log.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROOFROOM_GUARD_LOG", str(log))
        patch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2] / "guard"))
        yield log


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory, guard_log: Path) -> Iterator[Loop]:
    workspace = open_workspace(DataFolder(tmp_path_factory.mktemp("loop") / "data"))
    projects.create_project(workspace, name="voice", goal="voice", by="Ann")
    import_posts(workspace, "voice")
    measured(workspace, "voice")
    frozen = freezing.freeze_version(workspace, "voice", name="v1", by="Ann", max_length_tokens=512)
    assert finish(workspace, frozen["job"])["state"] == "done"
    started = training.start_run(
        workspace,
        "voice",
        "v1",
        by="Ann",
        settings={"max_steps": 2, "batch_size": 2, "n_evaluations": 1, "n_drafts": 0},
    )
    assert finish(workspace, started["job"])["state"] == "done"
    held_out = briefing.briefs_from_hold_out(workspace, "voice", "v1", limit=1)
    briefs = [
        *held_out,
        BriefIn("typed", "Write about the van.", reference="A text by a person about the van."),
    ]
    ids = briefing.add_briefs(workspace, "voice", briefs, by="Ann")
    job = drafting.write_drafts(
        workspace,
        "voice",
        run=started["run"],
        brief_ids=ids,
        systems=["tuned", "base", "base_fewshot"],
        by="Ann",
        max_new_tokens=16,
    )["job"]
    assert finish(workspace, job)["state"] == "done"
    export = exporting.start_export(workspace, started["run"], form="gguf", kind="q8_0", by="Ann")
    ended = finish(workspace, export["job"], seconds=600)
    assert ended["state"] == "done", ended["reason"]
    yield Loop(workspace, started["run"], job, export["export"])
    workspace.close()


def test_an_exact_copy_ends_in_a_cluster_and_out_of_the_recipe(loop: Loop) -> None:
    report = duplicates.duplicate_report(loop.workspace, "voice")
    assert [sorted(c["members"]) for c in report["clusters"]] == [["2024-01-14-van.md", "copy-of-the-van.md"]]
    dropped = freezing.version_details(loop.workspace, "voice", "v1")["dropped"]
    assert dropped["duplicate"] == 1


def test_a_text_of_the_training_part_in_a_file_of_ones_own_is_a_leak(loop: Loop) -> None:
    example = freezing.read_frozen(loop.workspace, "voice", "v1").examples[Split.TRAIN][0]
    rows = f"text\n{json.dumps(example.messages[-1]['content'])}\n{json.dumps('Bread, butter and jam. ' * 30)}\n"
    upload = importing.keep_upload(loop.workspace, "own-test.csv", rows.replace("\\n", " ").encode())
    job = leaking.check_leaks(loop.workspace, "voice", "v1", by="Ann", against=upload)
    assert finish(loop.workspace, job)["state"] == "done"
    (check,) = leaking.leak_checks(loop.workspace, "voice", "v1")
    assert (check["against"], check["n_held"], check["n_held_that_leak"]) == ("own-test.csv", 2, 1)
    assert check["leaks"][0]["trained"] == example.external_id


def test_checklist_14_no_worker_of_the_loop_asks_for_a_host_or_writes_beside_its_folder(
    loop: Loop, guard_log: Path
) -> None:
    notes = [json.loads(line) for line in guard_log.read_text(encoding="utf-8").splitlines()]
    kinds = {JobFolder(Path(note["argv"][1])).spec()["kind"] for note in notes if note["argv"][0].endswith("worker.py")}
    assert {"import", "curate", "freeze", "train", "draft", "export"} <= kinds, "not every worker was watched"
    assert [note for note in notes if note["kind"].startswith("socket")] == []
    allowed = (str(loop.workspace.folder.root), tempfile.gettempdir(), "/dev/", "/proc/self/")
    strange = {note["what"] for note in notes if note["kind"] == "write" and not note["what"].startswith(allowed)}
    assert {path for path in strange if "__pycache__" not in path} == set()


def test_checklist_14_no_job_of_the_loop_tried_to_reach_out_and_each_was_kept_off_as_strictly_as_can_be(
    loop: Loop,
) -> None:
    kinds = {"import", "curate", "freeze", "train", "draft", "export"}
    done = loop.workspace.store.read("SELECT id, kind FROM jobs WHERE state = 'done'")
    assert kinds <= {job["kind"] for job in done}
    told = [
        (job["kind"], jobs.job_progress(loop.workspace, job["id"])["network"]) for job in done if job["kind"] in kinds
    ]
    assert {(kind, one["isolation"], one["n_attempts"]) for kind, one in told} == {
        (kind, strictest(), 0) for kind in kinds
    }


def test_the_run_reports_every_figure_of_the_contract(loop: Loop) -> None:
    summary = training.run_summary(loop.workspace, loop.run)
    assert summary["status"] == "done"
    for name in (
        "n_train_examples",
        "n_train_tokens",
        "seconds",
        "tokens_per_second",
        "base_eval_loss",
        "eval_loss",
        "peak_memory_mb",
    ):
        assert summary[name] > 0, name
    assert summary["n_steps"] == 2


def test_the_curve_has_every_step_and_the_hold_out(loop: Loop) -> None:
    curve = training.run_curve(loop.workspace, loop.run)
    assert [step["step"] for step in curve["steps"]] == [1, 2]
    assert [e["step"] for e in curve["evaluations"]] == [0, 2]


def test_every_brief_has_a_draft_of_every_system_and_the_human_text(loop: Loop) -> None:
    drafts = drafting.drafts_of_job(loop.workspace, loop.draft_job)
    by_brief: dict[str, set[str]] = {}
    for draft in drafts:
        by_brief.setdefault(draft["brief"], set()).add(draft["system"])
    assert all(systems == {"tuned", "base", "base_fewshot", "human"} for systems in by_brief.values())


def test_a_review_is_stored_and_counted(loop: Loop) -> None:
    state = reviewing.next_draft(loop.workspace, "voice", by="Rita")
    assert state.current is not None
    reviewing.submit(loop.workspace, state.current.item, "sign_off", by="Rita", seconds=12.0)
    counted = results.results_json(loop.workspace, "voice")
    assert sum(system["n"] for system in counted["systems"].values()) == 1
    with pytest.raises(Conflict, match="have judged this draft already"):
        reviewing.submit(loop.workspace, state.current.item, "reject", by="Rita")
    assert reviewing.undo_last_review(loop.workspace, "voice", by="Rita") == state.current.item
    again = reviewing.next_draft(loop.workspace, "voice", by="Rita")
    assert again.current is not None
    assert again.current.item == state.current.item


def test_what_was_typed_comes_back_after_a_reload(loop: Loop) -> None:
    state = reviewing.next_draft(loop.workspace, "voice", by="Otto")
    assert state.current is not None
    reviewing.save_text(loop.workspace, state.current.item, by="Otto", text="half a sen", seconds=3.0)
    again = reviewing.next_draft(loop.workspace, "voice", by="Otto")
    assert again.current is not None
    assert (again.current.item, again.current.text) == (state.current.item, "half a sen")


def test_two_reviewers_at_once_get_two_items(loop: Loop) -> None:
    first = reviewing.next_draft(loop.workspace, "voice", by="Uma")
    second = reviewing.next_draft(loop.workspace, "voice", by="Vic")
    assert first.current is not None
    assert second.current is not None
    assert first.current.item != second.current.item


def test_a_backup_restores_to_a_studio_that_is_in_order(loop: Loop, tmp_path: Path) -> None:
    upkeep.back_up(loop.workspace, tmp_path / "backup.tar.gz")
    target = DataFolder(tmp_path / "restored")
    upkeep.restore(tmp_path / "backup.tar.gz", target)
    restored = open_workspace(target)
    try:
        found = upkeep.examine(restored)
        assert found["problems"] == []
        assert found["counts"]["drafts"] == upkeep.examine(loop.workspace)["counts"]["drafts"]
    finally:
        restored.close()


def test_an_adapter_is_exported_with_its_manifest(loop: Loop, tmp_path: Path) -> None:
    export = exporting.start_export(loop.workspace, loop.run, form="adapter", by="Ann")["export"]
    copied = exported.copy_export(loop.workspace, export, target=tmp_path / "out", by="Ann")
    assert {"adapter_config.json", "adapter_model.safetensors", "manifest.json"} <= set(copied["files"])


def test_the_trained_model_as_gguf_says_the_same_when_it_is_loaded_again(loop: Loop) -> None:
    told = exported.export_summary(loop.workspace, loop.gguf)
    assert 0 < told["largest_difference"] < 0.02
    assert told["same_likeliest"] > 0.9
    assert told["mean_in_text"] < 0.02
    assert told["n_prompts"] > 1
    assert told["n_positions"] >= 64
    assert told["merging_difference"] < 0.001
    # 135 million numbers of a byte each, with a scale of two bytes for every 32.
    assert 135e6 < told["n_bytes"] < 160e6
    text = (Path(told["folder"]) / "Modelfile").read_text(encoding="utf-8")
    assert 'SYSTEM """You are a helpful AI assistant named SmolLM' in text


def test_a_source_that_may_not_train_is_refused_by_name(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p", uses=("evaluate", "show"))
    with pytest.raises(Refused, match="The source posts may be used to evaluate, show, not to train"):
        freezing.freeze_version(workspace, "p", name="v", by="Ann")


def test_a_source_that_has_expired_is_refused_by_date(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p", expires_on=date(2020, 1, 1))
    with pytest.raises(Refused, match="expired on 2020-01-01"):
        freezing.freeze_version(workspace, "p", name="v", by="Ann")


def test_the_same_bytes_twice_are_noticed(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    again = import_posts(workspace, "p")
    report = importing.import_report(workspace, again["source"])
    assert {f["status"] for f in report["files"]} == {"refused"}
    assert "imported before" in report["files"][0]["reason"]


def test_an_import_can_be_undone_and_done_again(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    started = import_posts(workspace, "p")
    assert importing.undo_import(workspace, started["source"], by="Ann") == 11
    assert deciding.count_records(workspace, "p", RecordFilter()) == 0
    import_posts(workspace, "p")
    assert deciding.count_records(workspace, "p", RecordFilter()) == 11


def test_decisions_are_kept_and_undone_one_by_one(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    record = "2024-01-14-van.md"
    assert deciding.decide(workspace, "p", record, "keep", by="Ann")["status"] == "kept"
    edited = {"title": "The van", "content": {"body": "Mended."}}
    assert deciding.decide(workspace, "p", record, "edit", by="Ann", edited=edited)["status"] == "edited"
    assert deciding.decide(workspace, "p", record, "undo", by="Ann")["status"] == "kept"
    assert deciding.undo_last(workspace, "p", by="Ann") is not None
    details = deciding.record_details(workspace, "p", record)
    assert details["status"] == "undecided"
    assert [h["decision"] for h in details["history"]] == ["keep", "edit", "undo", "undo"]


def test_a_number_on_a_button_that_no_longer_holds_is_refused(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    with pytest.raises(Conflict, match="now holds 11 records, not 10"):
        deciding.decide_all(workspace, "p", RecordFilter(), "reject", by="Ann", expected=10)
    assert deciding.decide_all(workspace, "p", RecordFilter(words="van"), "reject", by="Ann", expected=2) == 2


def test_a_person_splits_a_cluster_and_takes_it_back(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    measured(workspace, "p")
    (cluster,) = duplicates.list_clusters(workspace, "p")
    ids = [m["record_id"] for m in cluster["members"]]
    other = next(m["record_id"] for m in cluster["members"] if not m["is_canonical"])
    duplicates.choose_canonical(workspace, "p", other, by="Ann")
    assert (
        next(m["record_id"] for m in duplicates.list_clusters(workspace, "p")[0]["members"] if m["is_canonical"])
        == other
    )
    duplicates.keep_all(workspace, "p", ids, by="Ann")
    assert duplicates.list_clusters(workspace, "p") == []
    assert duplicates.undo_last_judgement(workspace, "p", by="Ann")
    assert len(duplicates.list_clusters(workspace, "p")) == 1


def test_measuring_again_without_a_change_does_nothing(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    measured(workspace, "p")
    assert curating.measure_records(workspace, "p", by="Ann") is None


def test_an_expiry_defaults_to_twelve_months() -> None:
    assert importing.default_expiry(date(2026, 11, 24)) == date(2027, 11, 24)
    assert importing.default_expiry(date(2024, 2, 29)) == date(2025, 2, 28)
    assert utc_now().tzinfo is None


def test_a_decision_on_a_whole_filter_is_kept_record_by_record(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    assert deciding.decide_all(workspace, "p", RecordFilter(), "keep", by="Ann", expected=11) == 11
    details = deciding.record_details(workspace, "p", "2024-01-14-van.md")
    assert [(h["decision"], h["note"], h["decided_by"]) for h in details["history"]] == [("keep", "in bulk", "Ann")]
    assert details["history"][0]["text_sha256"] == details["text_sha256"]
    assert deciding.count_records(workspace, "p", RecordFilter(status="kept")) == 11


@pytest.mark.parametrize("recipe", ["random:4", "longest:4"])
def test_the_preview_of_a_sized_recipe_counts_the_records_it_draws(workspace: Workspace, recipe: str) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    deciding.decide(workspace, "p", "2024-01-14-van.md", "reject", by="Ann")
    preview = freezing.preview_recipe(workspace, "p", recipe, seed=3)
    started = freezing.freeze_version(workspace, "p", name="v1", recipe=recipe, seed=3, by="Ann")
    result = finish(workspace, started["job"])["result"]
    frozen = freezing.read_frozen(workspace, "p", "v1")
    taken = {example.record_id for examples in frozen.examples.values() for example in examples}
    words = sum(deciding.record_details(workspace, "p", record)["n_words"] for record in taken)
    assert (preview["n_records"], preview["n_words"]) == (result["n_records"], words) == (4, words)
    assert preview["dropped"] == {"not_drawn": 6, "rejected": 1}


@pytest.mark.parametrize("recipe", ["recommended", "everything"])
def test_the_preview_counts_what_the_recipe_then_chooses(workspace: Workspace, recipe: str) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    measured(workspace, "p")
    deciding.decide(workspace, "p", "2024-01-14-van.md", "reject", by="Ann")
    preview = freezing.preview_recipe(workspace, "p", recipe)
    # A number as large as the project draws everything: the same records, chosen one by one.
    one_by_one = freezing.preview_recipe(workspace, "p", "random:1000")
    assert preview["n_records"] + sum(preview["dropped"].values()) == 11
    assert preview["dropped"]["rejected"] == 1
    if recipe == "everything":
        assert preview == one_by_one


def test_a_page_of_records_comes_in_its_order_with_flags_and_tags(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    measured(workspace, "p")
    tagging.tag(workspace, "p", "2024-01-14-van.md", ["travel"], by="Ann")
    everything = deciding.list_records(workspace, "p", RecordFilter(), order="title")
    assert [row["title"] for row in everything] == sorted(row["title"] for row in everything)
    second = deciding.list_records(workspace, "p", RecordFilter(), order="title", limit=3, offset=3)
    assert second == everything[3:6]
    (tagged,) = deciding.list_records(workspace, "p", RecordFilter(tag="travel"))
    assert (tagged["external_id"], tagged["tags"]) == ("2024-01-14-van.md", ["travel"])


def test_the_queue_is_the_listing_by_lowest_score(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    import_posts(workspace, "p")
    measured(workspace, "p")
    listed = deciding.list_records(workspace, "p", RecordFilter(), order="lowest_score")
    assert deciding.queue(workspace, "p", RecordFilter()) == [row["id"] for row in listed]
