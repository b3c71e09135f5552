"""Personal data in a project's records: found by a real job, decided on, undone, previewed, and put out of a frozen version."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused
from core.privacy.documents import document_of
from core.workflows import (
    deciding,
    documenting,
    freezing,
    importing,
    jobs,
    personal_data,
    personal_sample,
    personal_search,
    projects,
    upkeep,
)
from core.workflows.workspace import Workspace, open_workspace
from tests.jobs_by_hand import finish

PAD = "Open the page, press the red button and wait until it says that part {n} has ended. "
ANSWERS = {
    "t0": "Hi Saoirse,\n\nwe sent it to 14 Orchard Lane, Bristol. " + PAD,
    "t1": "Hi Saoirse,\n\nyour order number is A-20481-7. " + PAD,
    "t2": "Nothing to say of anybody. " + PAD,
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a project with three tickets that nobody has looked through."""
    root = tmp_path_factory.mktemp("imported") / "data"
    opened = open_workspace(DataFolder(root))
    projects.create_project(opened, name="desk", goal="support", by="Ann")
    lines = "\n".join(
        json.dumps({"id": name, "title": f"Ticket {n}", "question": f"How do I end part {n}?", "answer": answer.format(n=n)})
        for n, (name, answer) in enumerate(ANSWERS.items())
    )  # fmt: skip
    upload = importing.keep_upload(opened, "tickets.jsonl", lines.encode())
    terms = importing.Terms(owner="Ann", basis="contract", purpose="answers", expires_on=None)
    job = importing.import_files(opened, "desk", [upload], terms, name="tickets", by="Ann")["job"]
    assert finish(opened, job)["state"] == "done"
    opened.close()
    return root


@pytest.fixture(scope="module")
def looked_through(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after a look: the model that finds names takes its time to load."""
    root = tmp_path_factory.mktemp("looked") / "data"
    shutil.copytree(imported, root)
    opened = open_workspace(DataFolder(root))
    look(opened)
    opened.close()
    return root


@pytest.fixture
def workspace(imported: Path, tmp_path: Path) -> Iterator[Workspace]:
    yield from opened_copy(imported, tmp_path)


@pytest.fixture
def looked(looked_through: Path, tmp_path: Path) -> Iterator[Workspace]:
    yield from opened_copy(looked_through, tmp_path)


def opened_copy(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"))
    yield opened
    opened.close()


def look(workspace: Workspace) -> dict[str, Any]:
    ended = finish(workspace, personal_search.find_in_project(workspace, "desk", by="Ann"))
    assert ended["state"] == "done", ended["reason"]
    return dict(ended["result"])


def counts(workspace: Workspace) -> dict[str, tuple[int, int]]:
    """Places and undecided ones by kind."""
    return {one["type"]: (one["n_spans"], one["n_undecided"]) for one in kinds(workspace)["kinds"]}


def kinds(workspace: Workspace) -> dict[str, Any]:
    return personal_data.list_kinds(workspace, "desk")


def record_id(workspace: Workspace, external_id: str) -> str:
    return str(deciding.record_details(workspace, "desk", external_id)["id"])


def freeze(workspace: Workspace, name: str) -> dict[str, Any]:
    settings = {"take": "everything", "clean": []}
    return finish(workspace, freezing.freeze_version(workspace, "desk", name=name, recipe=settings, by="Ann")["job"])


def answers(workspace: Workspace, version: str) -> dict[str, str]:
    read = freezing.read_frozen(workspace, "desk", version)
    return {e.external_id: e.messages[-1]["content"] for examples in read.examples.values() for e in examples}


def test_places_are_found_with_the_offsets_of_the_flat_text(workspace: Workspace) -> None:
    assert kinds(workspace)["was_searched"] is False
    assert look(workspace)["n_texts"] == 3
    found = counts(workspace)
    assert found["PERSON"] == (2, 2)
    assert found["ORDER_NUMBER"] == (1, 1)
    assert found["STREET_ADDRESS"] == (1, 1)
    (address,) = personal_data.list_passages(workspace, "desk", kind="STREET_ADDRESS")
    assert address.value == "14 Orchard Lane, Bristol"
    text = deciding.record_details(workspace, "desk", "t0")["text"]
    assert (address.before + address.value + address.after) in text
    with pytest.raises(Refused, match="looked through as it reads now"):
        personal_search.find_in_project(workspace, "desk", by="Ann")


def test_the_narrower_decision_counts_and_each_is_taken_back(looked: Workspace) -> None:
    (value,) = personal_data.list_values(looked, "desk", "PERSON")
    assert (value["value"], value["n_spans"]) == ("Saoirse", 2)
    personal_data.decide_kind(looked, "desk", "PERSON", "mask", by="Ann")
    personal_data.decide_value(looked, "desk", "PERSON", value["value_sha256"][:12], "replace", by="Bo")
    first, second = personal_data.list_passages(looked, "desk", kind="PERSON")
    personal_data.decide_passage(looked, "desk", first.id, "keep", by="Bo")
    assert [one.choice for one in personal_data.list_passages(looked, "desk", kind="PERSON")] == ["keep", "replace"]
    assert first.instead["replace"] == second.instead["replace"] != "Saoirse"
    assert personal_data.undo_last(looked, "desk", by="Bo")
    assert personal_data.undo_last(looked, "desk", by="Bo")
    assert not personal_data.undo_last(looked, "desk", by="Bo")
    assert [one.choice for one in personal_data.list_passages(looked, "desk", kind="PERSON")] == ["mask", "mask"]


def test_what_cannot_be_decided_is_said(looked: Workspace) -> None:
    with pytest.raises(Invalid, match="not a kind"):
        personal_data.decide_kind(looked, "desk", "COLOUR", "mask", by="Ann")
    with pytest.raises(Invalid, match="no decision"):
        personal_data.decide_kind(looked, "desk", "PERSON", "burn", by="Ann")
    with pytest.raises(Invalid, match="no pseudonym"):
        personal_data.decide_kind(looked, "desk", "SECRET", "replace", by="Ann")
    with pytest.raises(NotFound):
        personal_data.decide_value(looked, "desk", "PERSON", "nothing", "mask", by="Ann")
    with pytest.raises(NotFound):
        personal_data.decide_passage(looked, "desk", "r:x:3", "mask", by="Ann")
    with pytest.raises(Invalid, match="block or mask"):
        personal_data.decide_undecided(looked, "desk", "keep", by="Ann")


def test_an_edit_leaves_its_old_places_behind_and_is_looked_through_again(looked: Workspace) -> None:
    deciding.edit_text(looked, "desk", "t1", "Ask Dr. Halvorsen, who knows what to do in such a case.", by="Ann")
    assert "ORDER_NUMBER" not in counts(looked)
    assert (kinds(looked)["n_records"], kinds(looked)["n_searched"]) == (3, 2)
    assert look(looked)["n_texts"] == 1
    assert "Halvorsen" in [one.value for one in personal_data.list_passages(looked, "desk", kind="PERSON")]
    assert kinds(looked)["n_searched"] == 3


def test_nothing_changes_in_a_version_where_nobody_looked(workspace: Workspace) -> None:
    ended = freeze(workspace, "v1")
    assert ended["state"] == "done", ended["reason"]
    assert "personal_data" not in ended["result"]
    assert "Saoirse" in answers(workspace, "v1")["t0"]


def test_undecided_places_block_a_version_until_the_project_masks_them(looked: Workspace) -> None:
    ended = freeze(looked, "v1")
    assert ended["state"] == "failed"
    assert "Nobody has decided on" in ended["reason"]
    personal_data.decide_undecided(looked, "desk", "mask", by="Ann")
    assert kinds(looked)["undecided"] == "mask"
    ended = freeze(looked, "v2")
    assert ended["state"] == "done", ended["reason"]
    assert ended["result"]["personal_data"]["kinds"]["PERSON"] == {"masked_undecided": 2}
    assert answers(looked, "v2")["t0"].startswith("Hi [person],\n\nwe sent it to [street address].")


def test_a_version_has_what_was_decided_and_its_card_counts_it(looked: Workspace) -> None:
    for kind in counts(looked):
        personal_data.decide_kind(looked, "desk", kind, "keep", by="Ann")
    personal_data.decide_kind(looked, "desk", "PERSON", "replace", by="Ann")
    personal_data.decide_kind(looked, "desk", "ORDER_NUMBER", "mask", by="Ann")
    (name,) = {one.instead["replace"] for one in personal_data.list_passages(looked, "desk", kind="PERSON")}
    ended = freeze(looked, "v1")
    assert ended["state"] == "done", ended["reason"]
    frozen = answers(looked, "v1")
    assert frozen["t0"].startswith(f"Hi {name},\n\nwe sent it to 14 Orchard Lane, Bristol.")
    assert frozen["t1"].startswith(f"Hi {name},\n\nyour order number is [order number].")
    # The freezing job was given the list; it does not outlive the job.
    assert list((looked.folder.root / "jobs").glob("*/inputs/pseudonyms.parquet")) == []
    version = freezing.version_named(looked, "desk", "v1")
    card = (freezing.version_folder(looked, version["id"]) / "README.md").read_text(encoding="utf-8")
    assert "| PERSON | 0 | 0 | 2 | 0 |" in card
    assert "| ORDER_NUMBER | 0 | 1 | 0 | 0 |" in card
    preview = personal_data.preview_record(looked, "desk", record_id(looked, "t1"))
    assert "Saoirse" in preview["before"]
    assert frozen["t1"] in preview["after"]
    assert [s.text for s in personal_data.preview_difference(looked, "desk", record_id(looked, "t1")) if s.kind == "added"] == [
        name, "[order number]",
    ]  # fmt: skip
    assert deciding.record_details(looked, "desk", "t0")["text"].count("Saoirse") == 1


def test_documents_count_what_was_decided_and_what_a_version_did_with_it(looked: Workspace) -> None:
    n = sum(n_places for n_places, _ in counts(looked).values())
    n_order, n_person = counts(looked)["ORDER_NUMBER"][0], counts(looked)["PERSON"][0]
    personal_data.decide_kind(looked, "desk", "PERSON", "replace", by="Ann")
    personal_data.decide_kind(looked, "desk", "ORDER_NUMBER", "mask", by="Ann")
    decided = f"0 kept, {n_order} masked, {n_person} replaced, {n - n_order - n_person} undecided; 3 of 3 records "
    for kind in ("record", "dpia"):
        assert told_by(looked, kind)["what was decided on places of personal data"].startswith(decided)
    personal_data.decide_undecided(looked, "desk", "mask", by="Ann")
    assert freeze(looked, "v1")["state"] == "done"
    assert told_by(looked, "datasheet")["what became of personal data in it"] == (
        f"0 places kept, {n_order} masked, {n_person} replaced, {n - n_order - n_person} masked without a decision"
    )


def told_by(workspace: Workspace, kind: str) -> dict[str, str]:
    report = document_of(kind, documenting.document_facts(workspace, "desk", kind))
    return {row[0]: row[1] for section in report.sections for row in section.rows if len(row) == 2}


def test_a_record_edited_after_the_look_blocks_a_version(looked: Workspace) -> None:
    for kind in counts(looked):
        personal_data.decide_kind(looked, "desk", kind, "keep", by="Ann")
    deciding.edit_text(looked, "desk", "t2", "Ask somebody who knows what to do in such a case, and wait.", by="Ann")
    ended = freeze(looked, "v1")
    assert "In 1 of the records nobody looked" in ended["reason"]


def test_a_pseudonym_is_traced_back_with_the_key_which_no_backup_holds(looked: Workspace, tmp_path: Path) -> None:
    personal_data.decide_kind(looked, "desk", "PERSON", "replace", by="Ann")
    (name,) = {one.instead["replace"] for one in personal_data.list_passages(looked, "desk", kind="PERSON")}
    assert personal_data.who_is(looked, "desk", name, by="Ann") == ["Saoirse"]
    (entry,) = looked.store.read("SELECT done_by, facts FROM events WHERE action = 'viewed'")
    assert entry == {"done_by": "Ann", "facts": {"n_values": 1}}
    (key,) = (looked.folder.root / "keys").iterdir()
    assert key.stat().st_mode & 0o777 == 0o600
    upkeep.back_up(looked, tmp_path / "b.tar.gz")
    upkeep.restore(tmp_path / "b.tar.gz", DataFolder(tmp_path / "again"))
    assert not (tmp_path / "again" / "keys").exists()
    key.unlink()
    assert personal_data.who_is(looked, "desk", name, by="Ann") == []


def test_a_source_taken_out_leaves_no_place_behind(looked: Workspace) -> None:
    importing.undo_import(looked, importing.list_sources(looked, "desk")[0]["id"], by="Ann")
    assert looked.store.read("SELECT * FROM personal_spans") == []
    assert looked.store.read("SELECT * FROM personal_searches") == []
    assert kinds(looked)["was_searched"] is False


def test_only_a_finished_job_on_a_file_has_spans(workspace: Workspace) -> None:
    job = personal_search.find_in_project(workspace, "desk", by="Ann")
    with pytest.raises(NotFound):
        personal_search.spans_of_file(workspace, job)
    finish(workspace, job)
    with pytest.raises(NotFound):
        personal_search.spans_of_file(workspace, "job_nothing")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE jobs SET project_id = '', state = 'running' WHERE id = ?", [job])
    with pytest.raises(Conflict, match="has no spans"):
        personal_search.spans_of_file(workspace, job)


def test_reading_a_sample_tells_recall_and_precision_by_kind_with_intervals(looked: Workspace) -> None:
    sample = {one["external_id"]: one["id"] for one in personal_sample.sampled_records(looked, "desk")}
    assert set(sample) == {"t0", "t1", "t2"}
    assert personal_sample.measured_coverage(looked, "desk")["coverage"] == []
    order = next(s for s in personal_sample.found_in(looked, "desk", sample["t1"]) if s["type"] == "ORDER_NUMBER")
    personal_sample.read_record(looked, "desk", sample["t0"], wrong=[], missed=[], by="Ann")
    personal_sample.read_record(
        looked, "desk", sample["t1"], wrong=[order["start_char"]], missed=[{"text": "red button", "type": "HANDLE"}], by="Ann"
    )  # fmt: skip
    with pytest.raises(Invalid, match="does not stand in the record"):
        personal_sample.read_record(
            looked, "desk", sample["t1"], wrong=[], missed=[{"text": "blue button", "type": "HANDLE"}], by="Ann"
        )
    with pytest.raises(NotFound):
        personal_sample.read_record(looked, "desk", "nothing", wrong=[], missed=[], by="Ann")
    told = personal_sample.measured_coverage(looked, "desk")
    assert (told["n_read"], told["n_sampled"]) == (2, 3)
    by_kind = {one["kind"]: one for one in told["coverage"]}
    assert by_kind["ORDER_NUMBER"]["precision"] == {
        "n_good": 0,
        "n": 1,
        "low": 0.0,
        "high": pytest.approx(0.7935, abs=1e-4),
    }
    assert by_kind["HANDLE"]["recall"]["n_good"] == 0
    assert (by_kind["PERSON"]["recall"]["n_good"], by_kind["PERSON"]["recall"]["n"]) == (2, 2)
    # A second reading of the same record takes the place of the first.
    personal_sample.read_record(looked, "desk", sample["t1"], wrong=[], missed=[], by="Bo")
    by_kind = {one["kind"]: one for one in personal_sample.measured_coverage(looked, "desk")["coverage"]}
    assert by_kind["ORDER_NUMBER"]["precision"]["n_good"] == 1
    assert "HANDLE" not in by_kind


def test_the_texts_of_a_file_go_with_a_job_that_never_began(workspace: Workspace) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"text": "Hi Saoirse"}'

    job = asyncio.run(personal_search.find_in_stream(workspace, pieces(), by="Ann"))
    file = workspace.supervisor.folder(job).inputs / "texts.jsonl"
    assert file.read_bytes() == b'{"text": "Hi Saoirse"}'
    jobs.cancel_job(workspace, job, by="Ann")
    assert finish(workspace, job)["state"] == "cancelled"
    assert not file.exists()
