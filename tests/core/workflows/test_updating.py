"""A newer export of a source replaces what changed and nothing else, and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, NotFound, Refused
from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers import import_job
from core.store import measures as measure_rows
from core.store import records as record_rows
from core.store import versions as version_rows
from core.store.records import RecordFilter
from core.workflows import deciding, duplicates, importing, projects, queueing, upkeep
from core.workflows.updating import undo_update, update_source
from core.workflows.workspace import Workspace, open_workspace

FIRST = [{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}, {"id": "c", "text": "Three."}]
NEWER = [{"id": "a", "text": "One."}, {"id": "b", "text": "Two, mended."}, {"id": "d", "text": "Four."}]


class InTurn:
    """Runs the reading in this process, with the real parser process below it."""

    def start(self, folder: JobFolder) -> None:
        folder.unfinished.mkdir()
        context = JobContext(folder)
        result = import_job.run(context)
        folder.unfinished.rename(folder.out)
        context.finish("done", result=result)

    def reap(self) -> None: ...

    def leave(self) -> None: ...


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(DataFolder(tmp_path / "data"), executor=InTurn())
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    yield workspace
    workspace.close()


def kept(workspace: Workspace, rows: list[dict[str, Any]], name: str = "export.jsonl") -> importing.Upload:
    content = "".join(json.dumps(row) + "\n" for row in rows)
    return importing.keep_upload(workspace, name, content.encode())


def first_import(workspace: Workspace, rows: list[dict[str, Any]] = FIRST, **options: Any) -> str:
    terms = importing.checked_terms(
        owner="Ann", basis="consent", purpose="voice", uses=None, expires=None, licence=None, today=importing.today()
    )
    started = importing.import_files(workspace, "p", [kept(workspace, rows)], terms, name="posts", by="Ann", **options)
    settled(workspace)
    return started["source"]


def updated(workspace: Workspace, source: str, *uploads: importing.Upload, **options: Any) -> dict[str, Any]:
    """The counts of the update, with what is gone."""
    update_source(workspace, "p", source, list(uploads), by="Ben", **options)
    settled(workspace)
    report = importing.import_report(workspace, source)
    newest = report["updates"][0]
    return {key[2:]: newest[key] for key in newest if key.startswith("n_")} | {"gone": report["missing"]}


def settled(workspace: Workspace) -> None:
    workspace.supervisor.poll()
    workspace.supervisor.poll()


def texts(workspace: Workspace) -> dict[str, str]:
    found = deciding.list_records(workspace, "p", RecordFilter())
    return {row["external_id"]: deciding.record_details(workspace, "p", row["id"])["text"] for row in found}


def status(workspace: Workspace, record: str) -> str:
    return str(deciding.record_details(workspace, "p", record)["status"])


def test_what_changed_is_replaced_what_is_new_comes_in_and_what_is_gone_is_listed(studio: Workspace) -> None:
    source = first_import(studio)
    found = updated(studio, source, kept(studio, NEWER))
    assert found == {"unchanged": 1, "updated": 1, "new": 1, "missing": 1, "gone": ["c"]}
    assert texts(studio) == {"a": "One.", "b": "Two, mended.", "c": "Three.", "d": "Four."}
    assert importing.list_sources(studio, "p")[0]["n_accepted"] == 4
    assert upkeep.examine(studio)["problems"] == []


def test_a_decision_stays_on_the_text_it_was_made_on(studio: Workspace) -> None:
    source = first_import(studio)
    for record, decision in (("a", "keep"), ("b", "reject"), ("c", "keep")):
        deciding.decide(studio, "p", record, decision, by="Ann")
    updated(studio, source, kept(studio, NEWER))
    assert [status(studio, record) for record in "abcd"] == ["kept", "undecided", "kept", "undecided"]
    details = deciding.record_details(studio, "p", "b")
    assert [(act["decision"], act["is_on_earlier_text"]) for act in details["history"]] == [("reject", True)]
    assert [earlier["text"] for earlier in details["earlier_texts"]] == ["Two."]
    with pytest.raises(Conflict, match="no decision on b to undo"):
        deciding.decide(studio, "p", "b", "undo", by="Ann")


def test_an_edit_of_a_text_that_was_replaced_no_longer_stands_before_it(studio: Workspace) -> None:
    source = first_import(studio)
    deciding.edit_text(studio, "p", "b", "Two, edited.", by="Ann")
    updated(studio, source, kept(studio, NEWER))
    assert deciding.record_details(studio, "p", "b")["edited_text"] is None
    undo_update(studio, source, by="Ben")
    assert deciding.record_details(studio, "p", "b")["edited_text"] == "Two, edited."


def test_a_second_reading_counts_as_long_as_the_record_has_the_text_it_was_made_on(studio: Workspace) -> None:
    source = first_import(studio)
    record = deciding.record_details(studio, "p", "b")["id"]
    queueing.set_second_share(studio, "p", share=1.0, by="Ann")
    deciding.decide(studio, "p", "b", "keep", by="Ann")
    queueing.read_again(studio, "p", record, "reject", by="Bo")
    updated(studio, source, kept(studio, NEWER))
    deciding.decide(studio, "p", "b", "keep", by="Ann")
    assert queueing.agreement(studio, "p")["n_readings"] == 0
    assert queueing.records_to_read_again(studio, "p", by="Bo") == [record]
    undo_update(studio, source, by="Ben")
    assert queueing.agreement(studio, "p")["n_readings"] == 1


def test_undoing_an_update_brings_texts_and_decisions_back(studio: Workspace) -> None:
    source = first_import(studio)
    deciding.decide(studio, "p", "b", "reject", by="Ann")
    before = deciding.record_details(studio, "p", "b")
    mark = record_rows.fingerprint(studio.store, before["project_id"])
    updated(studio, source, kept(studio, NEWER))
    assert record_rows.fingerprint(studio.store, before["project_id"]) != mark
    deciding.decide(studio, "p", "b", "keep", by="Ben")
    assert undo_update(studio, source, by="Ben") == {"n_removed": 1, "n_restored": 1}
    assert texts(studio) == {"a": "One.", "b": "Two.", "c": "Three."}
    after = deciding.record_details(studio, "p", "b")
    told = ("id", "text", "content", "meta", "status", "file_id", "row_number", "text_sha256")
    assert {key: after[key] for key in told} == {key: before[key] for key in told}
    assert record_rows.fingerprint(studio.store, before["project_id"]) == mark
    assert importing.import_report(studio, source)["missing"] == []
    with pytest.raises(Conflict, match="no newer export"):
        undo_update(studio, source, by="Ben")


def test_two_updates_are_taken_back_one_after_the_other(studio: Workspace) -> None:
    source = first_import(studio)
    updated(studio, source, kept(studio, NEWER))
    third = updated(
        studio, source, kept(studio, [{"id": "b", "text": "Two, once more."}, {"id": "c", "text": "Three."}])
    )
    assert third == {"unchanged": 1, "updated": 1, "new": 0, "missing": 2, "gone": ["a", "d"]}
    assert [e["text"] for e in deciding.record_details(studio, "p", "b")["earlier_texts"]] == ["Two, mended.", "Two."]
    undo_update(studio, source, by="Ann")
    assert texts(studio)["b"] == "Two, mended."
    undo_update(studio, source, by="Ann")
    assert texts(studio) == {"a": "One.", "b": "Two.", "c": "Three."}


def test_the_same_bytes_again_change_nothing(studio: Workspace) -> None:
    source = first_import(studio)
    found = updated(studio, source, kept(studio, FIRST))
    assert found == {"unchanged": 3, "updated": 0, "new": 0, "missing": 0, "gone": []}


def test_bytes_that_came_in_as_another_source_are_still_refused(studio: Workspace) -> None:
    source = first_import(studio)
    first_import(studio, NEWER)
    updated(studio, source, kept(studio, NEWER))
    (file,) = [f for f in importing.import_report(studio, source)["files"] if f["update"]]
    assert file["status"] == "refused"
    assert "imported before" in file["reason"]


def test_what_stands_in_a_refused_file_is_not_called_gone(studio: Workspace) -> None:
    source = first_import(studio)
    found = updated(studio, source, kept(studio, NEWER[:1]), importing.keep_upload(studio, "b.csv", b"\x00" * 50))
    assert (found["missing"], found["gone"]) == (None, [])


def test_an_id_that_stands_twice_is_matched_in_order(studio: Workspace) -> None:
    source = first_import(studio, [{"id": "a", "text": "One."}, {"id": "a", "text": "Two."}])
    found = updated(studio, source, kept(studio, [{"id": "a", "text": "One."}, {"id": "a", "text": "Other."}]))
    assert (found["unchanged"], found["updated"], found["new"], found["missing"]) == (1, 1, 0, 0)
    assert texts(studio) == {"a": "One.", "a#2": "Other."}


def test_one_id_in_two_files_is_matched_file_by_file(studio: Workspace) -> None:
    terms = importing.checked_terms(
        owner="Ann", basis="consent", purpose="voice", uses=None, expires=None, licence=None, today=importing.today()
    )
    old = [
        kept(studio, [{"id": "1", "text": "In a."}], "a.jsonl"),
        kept(studio, [{"id": "1", "text": "In b."}], "b.jsonl"),
    ]
    source = importing.import_files(studio, "p", old, terms, name="two", by="Ann")["source"]
    settled(studio)
    # In another order than the first time.
    found = updated(studio, source, kept(studio, [{"id": "1", "text": "New in b."}], "b.jsonl"), old[0])
    assert (found["unchanged"], found["updated"]) == (1, 1)


def test_rows_without_an_id_are_refused_because_nothing_tells_which_changed(studio: Workspace) -> None:
    source = first_import(studio, [{"text": "One."}, {"text": "Two."}])
    found = updated(studio, source, kept(studio, [{"text": "Zero."}, {"text": "One."}, {"text": "Two."}]))
    assert (found["updated"], found["new"], found["missing"]) == (0, 0, None)
    (file,) = [f for f in importing.import_report(studio, source)["files"] if f["update"]]
    assert "no id" in file["reason"]


def test_columns_chosen_by_hand_are_taken_again_and_can_be_chosen_anew(studio: Workspace) -> None:
    rows = [{"id": "a", "note": "Short.", "essay": "A longer text to learn from.", "Firma": "Acme"}]
    source = first_import(studio, rows, mapping={"text": "note", "customer": "Firma"})
    again = updated(studio, source, kept(studio, [*rows, {"id": "b", "note": "New.", "essay": "x", "Firma": "Acme"}]))
    assert (again["unchanged"], again["updated"], again["new"]) == (1, 0, 1)
    other = updated(studio, source, kept(studio, rows), mapping={"text": "essay"})
    assert (other["unchanged"], other["updated"], other["missing"]) == (0, 1, 1)
    assert texts(studio)["a"] == "A longer text to learn from."


def test_changed_facts_alone_leave_the_decision(studio: Workspace) -> None:
    source = first_import(studio)
    deciding.decide(studio, "p", "a", "keep", by="Ann")
    found = updated(studio, source, kept(studio, [FIRST[0] | {"author": "Ann"}, *FIRST[1:]]))
    assert (found["unchanged"], found["updated"]) == (2, 1)
    details = deciding.record_details(studio, "p", "a")
    assert (details["status"], details["meta"]) == ("kept", {"author": "Ann"})


def test_a_judgement_on_a_pair_goes_and_comes_with_the_texts_it_is_on(studio: Workspace) -> None:
    source = first_import(studio)
    project = projects.list_projects(studio)[0]["id"]
    a, b = sorted(deciding.record_details(studio, "p", record)["id"] for record in "ab")
    with studio.store.transaction() as tx:
        tx.execute(
            "INSERT INTO pairs BY NAME SELECT ? AS project_id, ? AS a, ? AS b, 'shingles' AS method, 0.9 AS words, 0.9 AS jaccard, "
            "0.9 AS containment, 0.9 AS cosine, 1.0 AS length_ratio, 0.9 AS score, '' AS swapped, false AS is_mergeable",
            [project, a, b],
        )
        tx.execute("INSERT INTO flags SELECT ?, ?, 'truncated', true, 'x', 0, 2, NULL, NULL", [project, b])
    duplicates.judge_pair(studio, "p", "a", "b", "same", by="Ann")
    judged = "SELECT count(*) AS n FROM current_pair_judgements"
    assert studio.store.read(judged) == [{"n": 1}]
    updated(studio, source, kept(studio, NEWER))
    assert studio.store.read(judged) == [{"n": 0}]
    assert duplicates.duplicate_report(studio, "p")["n_clusters"] == 0
    assert measure_rows.flags_of(studio.store, deciding.record_details(studio, "p", "b")["id"]) == []
    undo_update(studio, source, by="Ann")
    assert studio.store.read(judged) == [{"n": 1}]


def test_what_is_gone_can_be_rejected_in_bulk(studio: Workspace) -> None:
    source = first_import(studio)
    updated(studio, source, kept(studio, NEWER))
    gone = RecordFilter(missing=source)
    assert deciding.decide_all(studio, "p", gone, "reject", by="Ann", expected=1) == 1
    assert status(studio, "c") == "rejected"


def test_a_source_that_is_not_there_was_taken_out_or_has_expired_takes_no_newer_export(studio: Workspace) -> None:
    with pytest.raises(NotFound):
        updated(studio, "s_none", kept(studio, NEWER))
    source = first_import(studio)
    with studio.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01' WHERE id = ?", [source])
    with pytest.raises(Refused, match="expired on 2020-01-01"):
        updated(studio, source, kept(studio, NEWER))
    importing.undo_import(studio, source, by="Ann")
    with pytest.raises(Conflict, match="taken out"):
        updated(studio, source, kept(studio, NEWER))


def test_taking_a_source_out_takes_its_earlier_texts_along(studio: Workspace) -> None:
    source = first_import(studio)
    updated(studio, source, kept(studio, NEWER))
    assert importing.undo_import(studio, source, by="Ann") == 4
    assert studio.store.read("SELECT count(*) AS n FROM earlier_texts") == [{"n": 0}]
    with pytest.raises(Conflict):
        undo_update(studio, source, by="Ann")


def test_an_update_whose_new_records_are_in_a_frozen_version_cannot_be_taken_back(studio: Workspace) -> None:
    source = first_import(studio)
    updated(studio, source, kept(studio, NEWER))
    project, record = projects.list_projects(studio)[0]["id"], deciding.record_details(studio, "p", "d")["id"]
    with studio.store.transaction() as tx:
        version_rows.insert_version(
            tx, "v_1", project_id=project, name="v1", recipe="everything", seed=1, content_sha256="x", n_records=1,
            n_examples={"train": 1, "validation": 0, "test": 0}, n_train_tokens=1, card={}, by="Ann",
        )  # fmt: skip
        tx.execute("INSERT INTO version_examples VALUES ('v_1', 'e', ?, 'train', 1)", [record])
    with pytest.raises(Refused, match="v1"):
        undo_update(studio, source, by="Ann")
