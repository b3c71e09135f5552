"""Decisions, judgements and imports that must not undo one another: no model is loaded here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused
from core.review.briefs import BriefIn
from core.store import duplicates as duplicate_rows
from core.store.connection import Transaction
from core.workflows import (
    briefing,
    curating,
    deciding,
    drafting,
    duplicates,
    freezing,
    importing,
    projects,
    results,
    reviewing,
)
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

WORDS = (
    "calendar",
    "invoice",
    "window",
    "ladder",
    "van",
    "logo",
    "newsletter",
    "telephone",
    "price",
    "bench",
    "rota",
    "kettle",
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    yield opened
    opened.close()


def body(n: int) -> str:
    """A post that shares no phrase with the next one."""
    return " ".join(f"{word}{n}" for word in WORDS * 8) + "."


def import_texts(workspace: Workspace, texts: dict[str, str], **options: Any) -> dict[str, str]:
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in texts.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None, **options)
    started = importing.import_files(workspace, "p", uploads, terms, name="s", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return started


def posts(n: int) -> dict[str, str]:
    return {f"post-{i}.md": f"# About {i}\n\n{body(i)}" for i in range(n)}


def measured(workspace: Workspace) -> None:
    job = curating.measure_records(workspace, "p", by="Ann")
    assert job is not None
    assert finish(workspace, job)["state"] == "done"


def replace_pairs(
    tx: Transaction, project: str, pairs: list[tuple[str, str, float]], *, is_mergeable: bool = False
) -> None:
    """Pairs with a score, as if they had been measured."""
    tx.execute("DELETE FROM pairs")
    for a, b, score in pairs:
        tx.execute(
            "INSERT INTO pairs VALUES (?, ?, ?, 'shingles', 0.5, 0.4, 0.6, 0.9, 0.9, ?, '', ?)",
            [project, a, b, score, is_mergeable],
        )


def edit(workspace: Workspace, record: str) -> None:
    edited = {"title": "Mended", "content": {"body": "A mended text."}}
    deciding.decide(workspace, "p", record, "edit", by="Ann", edited=edited)


def test_keeping_an_edited_record_keeps_the_edit(workspace: Workspace) -> None:
    import_texts(workspace, posts(2))
    for name in ("post-0.md", "post-1.md"):
        edit(workspace, name)
    before = deciding.record_details(workspace, "p", "post-0.md")["text_sha256"]
    deciding.decide(workspace, "p", "post-0.md", "keep", by="Bo", expected_text_sha256=before)
    deciding.decide_all(workspace, "p", RecordFilter(status="edited"), "keep", by="Bo", expected=1)
    for name in ("post-0.md", "post-1.md"):
        row = deciding.record_details(workspace, "p", name)
        assert (row["status"], row["edited_content"]) == ("kept", {"body": "A mended text."})
        assert {h["text_sha256"] for h in row["history"][1:]} == {before}


def test_a_decision_on_a_text_that_was_edited_meanwhile_is_refused(workspace: Workspace) -> None:
    import_texts(workspace, posts(1))
    seen = deciding.record_details(workspace, "p", "post-0.md")["text_sha256"]
    edit(workspace, "post-0.md")
    with pytest.raises(Conflict, match="changed while it was on the screen"):
        deciding.decide(workspace, "p", "post-0.md", "keep", by="Bo", expected_text_sha256=seen)


def test_my_undo_leaves_a_colleagues_decision_as_it_is(workspace: Workspace) -> None:
    import_texts(workspace, posts(1))
    deciding.decide(workspace, "p", "post-0.md", "keep", by="Ann")
    deciding.decide(workspace, "p", "post-0.md", "reject", by="Bo")
    deciding.undo_last(workspace, "p", by="Ann")
    assert deciding.record_details(workspace, "p", "post-0.md")["status"] == "rejected"
    deciding.undo_last(workspace, "p", by="Bo")
    assert deciding.record_details(workspace, "p", "post-0.md")["status"] == "undecided"


def test_two_files_of_one_name_both_get_in(workspace: Workspace) -> None:
    uploads = [importing.keep_upload(workspace, "index.md", body(n).encode()) for n in range(2)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test")
    job = importing.import_files(workspace, "p", uploads, terms, name="s", by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"
    assert deciding.count_records(workspace, "p", RecordFilter()) == 2
    with pytest.raises(Conflict, match="Several records of one import are called"):
        deciding.decide(workspace, "p", "index.md", "keep", by="Ann")


def test_an_import_undone_takes_its_file_its_clusters_and_its_counts_along(workspace: Workspace) -> None:
    first = import_texts(workspace, {"a.md": f"# A\n\n{body(1)} One more sentence at its end."})
    import_texts(workspace, {"b.md": f"# B\n\n{body(1)}"})
    measured(workspace)
    ids = {r["external_id"]: r["id"] for r in deciding.list_records(workspace, "p", RecordFilter())}
    duplicates.judge_pair(workspace, "p", ids["a.md"], ids["b.md"], "same", by="Ann", keep=ids["a.md"])
    deciding.decide(workspace, "p", "a.md", "keep", by="Ann")
    assert len(duplicates.list_clusters(workspace, "p")) == 1
    importing.undo_import(workspace, first["source"], by="Ann")
    assert duplicates.duplicate_report(workspace, "p")["clusters"] == []
    assert freezing.preview_recipe(workspace, "p", "recommended")["dropped"].get("duplicate") is None
    assert projects.standing(workspace, "p").counts["kept"] == 0
    assert deciding.undo_last(workspace, "p", by="Ann") is None
    assert len(list(workspace.folder.uploads.iterdir())) == 1


def test_an_import_is_not_undone_while_a_version_is_being_frozen(workspace: Workspace) -> None:
    source = import_texts(workspace, posts(12))["source"]
    job = freezing.freeze_version(workspace, "p", name="v", by="Ann")["job"]
    with pytest.raises(Conflict, match="is being frozen"):
        importing.undo_import(workspace, source, by="Ann")
    assert finish(workspace, job)["state"] == "done"
    with pytest.raises(Refused, match="frozen version v holds records"):
        importing.undo_import(workspace, source, by="Ann")


def test_records_kept_apart_come_back_together_with_one_undo(workspace: Workspace) -> None:
    import_texts(workspace, posts(4))
    measured(workspace)
    ids = sorted(r["id"] for r in deciding.list_records(workspace, "p", RecordFilter()))
    with workspace.store.transaction() as tx:
        project = projects.list_projects(workspace)[0]["id"]
        replace_pairs(tx, project, [(ids[0], other, 0.8) for other in ids[1:]])
    for other in ids[1:]:
        duplicates.judge_pair(workspace, "p", ids[0], other, "same", by="Ann")
    assert [len(c["members"]) for c in duplicates.list_clusters(workspace, "p")] == [4]
    duplicates.keep_all(workspace, "p", ids, by="Ann")
    assert duplicates.list_clusters(workspace, "p") == []
    assert duplicates.undo_last_judgement(workspace, "p", by="Ann")
    assert [len(c["members"]) for c in duplicates.list_clusters(workspace, "p")] == [4]
    assert {p["judgement"] for p in duplicate_rows.joining_pairs(workspace.store, project)} == {"same"}


def test_copies_never_stand_in_two_splits_even_when_nothing_was_measured(workspace: Workspace) -> None:
    texts = posts(30) | {f"copy-{i}.md": f"# Again {i}\n\n{body(i)} And a little more." for i in range(30)}
    import_texts(workspace, texts)
    assert (
        finish(workspace, freezing.freeze_version(workspace, "p", name="v", by="Ann", recipe="everything")["job"])[
            "state"
        ]
        == "done"
    )
    frozen = freezing.read_frozen(workspace, "p", "v")
    split_of = {e.external_id: split for split, examples in frozen.examples.items() for e in examples}
    assert len(split_of) == 60
    assert all(split_of[f"post-{i}.md"] is split_of[f"copy-{i}.md"] for i in range(30))
    assert len(set(split_of.values())) == 3


def test_a_source_that_may_not_be_evaluated_on_is_never_held_out(workspace: Workspace) -> None:
    import_texts(workspace, posts(20), uses=("train", "show"))
    import_texts(workspace, {f"open-{i}.md": body(100 + i) for i in range(20)})
    assert finish(workspace, freezing.freeze_version(workspace, "p", name="v", by="Ann")["job"])["state"] == "done"
    frozen = freezing.read_frozen(workspace, "p", "v")
    held_out = {e.external_id for split, examples in frozen.examples.items() if split != "train" for e in examples}
    assert held_out
    assert not {name for name in held_out if name.startswith("post-")}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a project with a version and a run, and the run's id."""
    root = tmp_path_factory.mktemp("judgements") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    import_texts(opened, posts(20))
    made_up.frozen(opened, "p", "v1")
    run = made_up.trained(opened, "p", "v1")
    opened.close()
    return root, run


@pytest.fixture
def drafted(trained: tuple[Path, str], tmp_path: Path) -> Iterator[tuple[Workspace, str]]:
    root, run = trained
    shutil.copytree(root, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened, run
    opened.close()


def test_the_same_drafts_asked_for_twice_are_in_the_queue_once(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    briefs = briefing.briefs_from_hold_out(workspace, "p", "v1", limit=1)
    n_open = []
    for _ in range(2):
        made_up.drafted(workspace, "p", run, briefs)
        n_open.append(results.results(workspace, "p").n_open)
    assert len(drafting.list_drafts(workspace, "p")) == 4
    # With a human text among them not every draft comes before reviewers.
    assert 1 <= n_open[0] == n_open[1] <= 3


def test_a_brief_never_changes_under_its_id(drafted: tuple[Workspace, str]) -> None:
    workspace, _ = drafted
    (first,) = briefing.add_briefs(workspace, "p", [BriefIn("b1", "Write of the van.")], by="Ann")
    assert briefing.add_briefs(workspace, "p", [BriefIn("b1", "Write of the van.")], by="Ann") == [first]
    with pytest.raises(Conflict, match="another brief called 'b1'"):
        briefing.add_briefs(workspace, "p", [BriefIn("b1", "Write of the bench.")], by="Ann")


def test_a_brief_that_the_run_has_learnt_is_refused(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    frozen = freezing.read_frozen(workspace, "p", "v1")
    learnt = next(e for split, examples in frozen.examples.items() if split == "train" for e in examples)
    brief = BriefIn("x", "Write.", reference="A text.", record_id=learnt.record_id)
    ids = briefing.add_briefs(workspace, "p", [brief], by="Ann")
    with pytest.raises(Refused, match="was trained on"):
        drafting.write_drafts(workspace, "p", run=run, brief_ids=ids, systems=["tuned"], by="Ann")
    with pytest.raises(NotFound, match="no brief 'b_unknown'"):
        drafting.write_drafts(workspace, "p", run=run, brief_ids=["b_unknown"], systems=["tuned"], by="Ann")


def test_who_wrote_a_judged_draft_is_not_told_while_another_of_its_brief_waits(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    made_up.drafted(workspace, "p", run, [BriefIn("b1", "Write of the van.")])
    for reviewer in ("Ann", "Bo", "Cy"):
        newest, _ = results.newest_verdicts(workspace, "p", limit=5)
        assert all(verdict["system"] is None for verdict in newest)
        item = reviewing.next_draft(workspace, "p", by=reviewer).current
        assert item is not None
        reviewing.submit(workspace, item.item, "reject", by=reviewer)
    newest, n = results.newest_verdicts(workspace, "p", limit=2)
    assert (len(newest), n) == (2, 3)
    assert {verdict["system"] for verdict in newest} <= {"tuned", "base", "base_fewshot"}


def test_nobody_is_moved_off_the_draft_they_are_in(
    drafted: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run = drafted
    made_up.drafted(workspace, "p", run, [BriefIn("b1", "Write of the van.")])
    first = reviewing.next_draft(workspace, "p", by="Ann").current
    assert first is not None
    monkeypatch.setattr(reviewing, "SOFT_LOCK_SECONDS", 0.0)
    for other in ("Bo", "Cy", "Di"):
        reviewing.next_draft(workspace, "p", by=other)
    again = reviewing.next_draft(workspace, "p", by="Ann").current
    assert again is not None
    assert again.item == first.item


def test_the_tuned_drafts_of_two_runs_are_counted_apart(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    other = made_up.trained(workspace, "p", "v1")
    for n, its in enumerate((run, other)):
        made_up.drafted(workspace, "p", its, [BriefIn(f"b{n}", f"Write of van {n}.")])
    for reviewer in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo"):
        item = reviewing.next_draft(workspace, "p", by=reviewer).current
        assert item is not None
        reviewing.submit(workspace, item.item, "reject", by=reviewer)
    first, newest = (results.results_json(workspace, "p", run=its) for its in (run, None))
    assert [first["run"], newest["run"]] == ["v1-1", "v1-2"]
    assert [found["systems"]["tuned"]["n"] for found in (first, newest)] == [1, 1]
    assert [found["systems"]["base"]["n"] for found in (first, newest)] == [2, 2], "one base model, whatever the run"
    assert "of v1-2" in newest["headline"]
    assert "v1-1: counted apart" in results.report(workspace, "p", "md")
    with pytest.raises(NotFound, match="Runs with verdicts: v1-2, v1-1"):
        results.results(workspace, "p", run="v9")


def test_an_empty_text_is_no_edit(workspace: Workspace) -> None:
    import_texts(workspace, posts(1))
    (record,) = deciding.queue(workspace, "p", deciding.RecordFilter())
    with pytest.raises(Invalid, match="Nothing can be learnt from an empty text"):
        deciding.edit_text(workspace, "p", record, " \n", by="Ann")
    assert deciding.record_details(workspace, "p", record)["status"] == "undecided"


def test_keeping_the_clean_ones_leaves_defects_and_doubles_as_they_are(workspace: Workspace) -> None:
    import_texts(workspace, posts(6))
    measured(workspace)
    clean = deciding.RecordFilter(is_clean=True)
    n = deciding.count_records(workspace, "p", clean)
    assert 0 < n < 6, "the made-up measurement flags every third record"
    deciding.decide_all(workspace, "p", clean, "keep", by="Ann", expected=n)
    left = deciding.list_records(workspace, "p", deciding.RecordFilter(status="undecided"), order="imported", limit=10)
    assert len(left) == 6 - n
    assert all(row["flags"] for row in left)


def test_the_tuned_model_is_compared_with_the_others_on_the_same_briefs(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    made_up.drafted(workspace, "p", run, [BriefIn(f"b{n}", f"Write of van {n}.") for n in range(4)])
    systems = {row["id"]: row["system"] for row in drafting.list_drafts(workspace, "p")}
    items = {
        row["id"]: systems[row["draft_id"]] for row in workspace.store.read("SELECT id, draft_id FROM review_items")
    }
    n_tuned = 0
    for reviewer in ("Ann", "Bo", "Cy"):
        while (item := reviewing.next_draft(workspace, "p", by=reviewer).current) is not None:
            n_tuned += items[item.item] == "tuned"
            # Three of the four tuned drafts pass, and nothing else.
            passes = items[item.item] == "tuned" and n_tuned <= 3
            reviewing.submit(workspace, item.item, "sign_off" if passes else "reject", by=reviewer)
    found = results.results_json(workspace, "p")["compared"]
    assert [(one["system"], one["against"]) for one in found] == [("tuned", "base"), ("tuned", "base_fewshot")]
    base = found[0]
    assert (base["n"], base["both"], base["ours"], base["theirs"], base["neither"]) == (4, 0, 3, 0, 1)
    assert (base["difference"], base["is_enough"]) == (0.75, False)
    assert base["p_value"] == pytest.approx(0.25)


def test_the_verdicts_behind_a_rate_are_rows_once_no_draft_of_their_brief_waits(
    drafted: tuple[Workspace, str],
) -> None:
    workspace, run = drafted
    made_up.drafted(workspace, "p", run, [BriefIn("b1", "Write of the van.")])
    for n, reviewer in enumerate(("Ann", "Bo", "Cy")):
        assert results.verdict_rows(workspace, "p") == []
        told = results.results_json(workspace, "p", only_told=True)
        assert told["n_held_back"] == n
        assert {one["n"] for one in told["systems"].values()} == {0}
        item = reviewing.next_draft(workspace, "p", by=reviewer).current
        assert item is not None
        reviewing.submit(workspace, item.item, "reject", by=reviewer, reasons=["=too long"], seconds=12.0)
    rows = results.verdict_rows(workspace, "p")
    assert {row["system"] for row in rows} == {"tuned", "base", "base_fewshot"}
    assert {(row["run"], row["version"], row["brief"], row["class"]) for row in rows} == {
        ("v1-1", "v1", "b1", "rejected")
    }
    assert results.report(workspace, "p", "csv").count(",'=too long,") == 3
    summary = results.results_json(workspace, "p")
    assert [(group["name"], group["n"]) for group in summary["versions"]] == [("v1", 1)]
    assert [(load["reviewer"], load["n"], load["seconds"]) for load in summary["reviewers"]] == [
        ("Ann", 1, 12.0), ("Bo", 1, 12.0), ("Cy", 1, 12.0),
    ]  # fmt: skip


def test_a_target_is_a_share_and_results_are_held_against_it(workspace: Workspace) -> None:
    assert results.results(workspace, "p").pass_target == 0.7
    projects.set_pass_target(workspace, "p", target=0.85, by="Ann")
    assert results.results_json(workspace, "p")["pass_target"] == 0.85
    with pytest.raises(Invalid, match="A target of 100% is not possible"):
        projects.set_pass_target(workspace, "p", target=1.0, by="Ann")


def test_a_verdict_that_was_taken_back_comes_back_with_its_reasons(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    made_up.drafted(workspace, "p", run, [BriefIn("b1", "Write of the van.")])
    item = reviewing.next_draft(workspace, "p", by="Ann").current
    assert item is not None
    assert item.reasons == ()
    reviewing.submit(workspace, item.item, "reject", by="Ann", reasons=["too long"])
    reviewing.undo_last_review(workspace, "p", by="Ann")
    again = reviewing.next_draft(workspace, "p", by="Ann").current
    assert again is not None
    assert (again.item, again.reasons) == (item.item, ("too long",))


def test_drafts_that_wait_come_before_new_records_that_were_not_measured(drafted: tuple[Workspace, str]) -> None:
    workspace, run = drafted
    assert projects.standing(workspace, "p").next_step.page == "curate"
    made_up.drafted(workspace, "p", run, [BriefIn("b1", "Write of the van.")])
    assert projects.standing(workspace, "p").next_step.page == "review"


def test_a_preview_says_which_source_forbids_training(workspace: Workspace) -> None:
    import_texts(workspace, posts(3), uses=("evaluate",))
    (obstacle,) = freezing.preview_recipe(workspace, "p", "everything")["obstacles"]
    assert "not to train" in obstacle
    with pytest.raises(Refused, match="not to train"):
        freezing.freeze_version(workspace, "p", name="v1", recipe="everything", by="Ann")


def four_records(workspace: Workspace) -> tuple[str, list[str]]:
    """The project's id and its four records, without any pair."""
    import_texts(workspace, posts(4))
    measured(workspace)
    return projects.list_projects(workspace)[0]["id"], sorted(
        r["id"] for r in deciding.list_records(workspace, "p", RecordFilter())
    )


def test_the_pair_whose_answer_teaches_most_is_asked_first(workspace: Workspace) -> None:
    project, ids = four_records(workspace)
    with workspace.store.transaction() as tx:
        replace_pairs(tx, project, [(ids[0], ids[1], 0.9), (ids[1], ids[2], 0.5), (ids[2], ids[3], 0.3)])
    asked = duplicates.ask_pairs(workspace, "p", limit=10)
    assert [(p["score"], p["n_open"]) for p in asked] == [(0.5, 3), (0.3, 3), (0.9, 3)]


def test_what_another_answer_settles_is_not_asked(workspace: Workspace) -> None:
    project, ids = four_records(workspace)
    with workspace.store.transaction() as tx:
        replace_pairs(tx, project, [(ids[0], ids[1], 0.9), (ids[1], ids[2], 0.8), (ids[0], ids[2], 0.6)])
    duplicates.judge_pair(workspace, "p", ids[0], ids[1], "same", by="Ann")
    assert [(p["a"], p["b"]) for p in duplicates.ask_pairs(workspace, "p", limit=10)] == [(ids[1], ids[2])]
    duplicates.judge_pair(workspace, "p", ids[1], ids[2], "different", by="Ann")
    assert duplicates.ask_pairs(workspace, "p", limit=10) == []


def test_another_threshold_clusters_the_stored_pairs_anew(workspace: Workspace) -> None:
    project, ids = four_records(workspace)
    with workspace.store.transaction() as tx:
        replace_pairs(tx, project, [(ids[0], ids[1], 0.9), (ids[2], ids[3], 0.1)], is_mergeable=True)
    assert duplicates.list_clusters(workspace, "p") == []
    assert duplicates.band_counts(workspace, "p", merge_at=0.8, ask_at=0.05) == {"merge": 1, "ask": 1}
    duplicates.set_thresholds(workspace, "p", merge_at=0.8, ask_at=0.05, by="Ann")
    assert [len(c["members"]) for c in duplicates.list_clusters(workspace, "p")] == [2]
    assert [p["score"] for p in duplicates.ask_pairs(workspace, "p", limit=10)] == [0.1]
    flagged = deciding.list_records(workspace, "p", RecordFilter(flag="near_duplicate"))
    assert len(flagged) == 1


@pytest.mark.parametrize(
    ("merge_at", "ask_at"), [(0.4, 0.2), (0.9, 0.95), (1.1, 0.2), (0.9, 0.01), (float("nan"), 0.2)]
)
def test_thresholds_that_cannot_be_are_refused(workspace: Workspace, merge_at: float, ask_at: float) -> None:
    with pytest.raises(Invalid, match="is not possible"):
        duplicates.set_thresholds(workspace, "p", merge_at=merge_at, ask_at=ask_at, by="Ann")


def test_two_records_called_the_same_are_one_cluster_though_no_pair_was_found(workspace: Workspace) -> None:
    project, ids = four_records(workspace)
    with workspace.store.transaction() as tx:
        replace_pairs(tx, project, [])
    duplicates.judge_pair(workspace, "p", ids[0], ids[3], "same", by="Ann")
    assert [len(c["members"]) for c in duplicates.list_clusters(workspace, "p")] == [2]
