"""Facts that go stale: found, counted, masked and moved, and the adviser; with real workers that need no model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Invalid
from core.store import migrate as migrations
from core.store.connection import Store
from core.workflows import advising, curating, deciding, facts, importing, projects
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

PAD = "Open the page, press the red button and wait until it says that part {n} has ended. "
ANSWERS = {
    "t0": "The Pro plan costs $12.50 a month. " + PAD,
    "t1": "Upgrade to version 4.2 first. It costs $12.50 as well. " + PAD,
    "t2": "Nothing to pay here. " + PAD,
    "t3": "See https://arkwell.example/help and ask again. " + PAD,
}


def ticket(n: int, external_id: str, answer: str) -> dict[str, Any]:
    return {
        "id": external_id,
        "title": f"Ticket {external_id}",
        "question": f"What does it cost, was it ${n + 3} before?",
        "answer": answer.format(n=n),
        "created_at": f"2025-0{n + 1}-10T10:00:00",
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="desk", goal="support", by="Ann")
    yield opened
    opened.close()


def imported(workspace: Workspace, answers: dict[str, str] = ANSWERS) -> None:
    lines = "\n".join(json.dumps(ticket(n, name, answer)) for n, (name, answer) in enumerate(answers.items()))
    upload = importing.keep_upload(workspace, "tickets.jsonl", lines.encode())
    terms = importing.Terms(owner="Ann", basis="contract", purpose="answers", expires_on=None)
    job = importing.import_files(workspace, "desk", [upload], terms, name="tickets", by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"


def measured(workspace: Workspace) -> None:
    job = curating.measure_records(workspace, "desk", by="Ann")
    assert job is not None
    ended = finish(workspace, job)
    assert ended["state"] == "done", ended["reason"]


def counts(workspace: Workspace) -> dict[str, tuple[int, int]]:
    return {row["kind"]: (row["n_records"], row["n_spans"]) for row in facts.list_facts(workspace, "desk")["kinds"]}


def with_fact(workspace: Workspace, kind: str) -> list[str]:
    rows = deciding.list_records(workspace, "desk", RecordFilter(fact=kind))
    return [row["external_id"] for row in rows]


def test_facts_of_the_answers_alone_are_counted_by_kind_in_words(workspace: Workspace) -> None:
    imported(workspace)
    assert facts.list_facts(workspace, "desk")["kinds"] == []
    measured(workspace)
    found = facts.list_facts(workspace, "desk")
    assert counts(workspace) == {"price": (2, 2), "link": (1, 1), "plan": (1, 1), "version": (1, 1)}
    assert (found["n_records"], found["is_current"]) == (4, True)
    price = found["kinds"][0]
    assert price["sentence"] == "2 of 4 records contain a price."
    assert price["values"] == [{"value": "$12.50", "n_records": 2, "n_spans": 2}]


def test_records_are_filtered_by_a_kind_of_fact(workspace: Workspace) -> None:
    imported(workspace)
    measured(workspace)
    assert with_fact(workspace, "price") == ["t0", "t1"]
    assert with_fact(workspace, "offer") == []


def test_offsets_are_those_of_the_flat_text(workspace: Workspace) -> None:
    imported(workspace)
    measured(workspace)
    rows = workspace.store.read(
        "SELECT r.text, s.* FROM fact_spans s JOIN records r ON r.id = s.record_id ORDER BY r.external_id, start_char"
    )
    assert [row["text"][row["start_char"] : row["end_char"]] for row in rows] == [row["value"] for row in rows]
    assert {row["text_version"] for row in rows} == {0}


def test_an_edit_and_its_undo_are_read_at_once(workspace: Workspace) -> None:
    imported(workspace)
    measured(workspace)
    deciding.edit_text(
        workspace, "desk", "t0", "It costs what the list says. Until 31 May 2027 that is less.", by="Ann"
    )
    assert with_fact(workspace, "price") == ["t1"]
    assert with_fact(workspace, "date") == ["t0"]
    deciding.decide(workspace, "desk", "t0", "keep", by="Bo")
    assert with_fact(workspace, "price") == ["t1"]
    deciding.decide(workspace, "desk", "t0", "undo", by="Bo")
    deciding.undo_last(workspace, "desk", by="Ann")
    assert with_fact(workspace, "price") == ["t0", "t1"]
    assert with_fact(workspace, "date") == []


def test_an_edit_taken_back_below_a_decision_on_many_is_read_when_that_goes(workspace: Workspace) -> None:
    imported(workspace)
    measured(workspace)
    deciding.edit_text(workspace, "desk", "t0", "It costs what the list says, and no more than that.", by="Ann")
    deciding.decide_all(workspace, "desk", RecordFilter(), "keep", by="Bo", expected=4)
    deciding.undo_last(workspace, "desk", by="Ann")
    assert with_fact(workspace, "price") == ["t1"]
    deciding.undo_bulk(workspace, "desk", by="Bo")
    assert with_fact(workspace, "price") == ["t0", "t1"]


def test_an_edit_made_while_the_records_are_measured_is_not_overwritten(workspace: Workspace) -> None:
    imported(workspace)
    job = curating.measure_records(workspace, "desk", by="Ann")
    deciding.edit_text(workspace, "desk", "t0", "It costs what the list says, and no more than that.", by="Ann")
    finish(workspace, job or "")
    assert with_fact(workspace, "price") == ["t1"]


def test_what_was_edited_before_facts_were_found_is_read_as_edited(workspace: Workspace) -> None:
    imported(workspace)
    deciding.edit_text(workspace, "desk", "t2", "It costs €99 now, as the list says; there is no more to it.", by="Ann")
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM fact_spans")
    measured(workspace)
    assert with_fact(workspace, "price") == ["t0", "t1", "t2"]


def test_measuring_again_changes_nothing_and_a_source_taken_out_leaves_no_span(workspace: Workspace) -> None:
    imported(workspace)
    measured(workspace)
    before = counts(workspace)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE curations SET fingerprint = 'old'")
    measured(workspace)
    assert counts(workspace) == before
    importing.undo_import(workspace, importing.list_sources(workspace, "desk")[0]["id"], by="Ann")
    assert workspace.store.read("SELECT * FROM fact_spans") == []


def test_projects_measured_before_are_asked_to_measure_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "migrations"
    older.mkdir()
    for file in migrations.MIGRATIONS.glob("*.sql"):
        if file.name < "0013":
            (older / file.name).write_text(file.read_text())
    monkeypatch.setattr(migrations, "MIGRATIONS", older)
    store = Store(tmp_path / "p.duckdb")
    with store.transaction() as tx:
        tx.execute("INSERT INTO curations VALUES ('p', 'j', 'as it was', 'e', 3, now()::TIMESTAMP)")
    store.close()
    monkeypatch.undo()
    store = Store(tmp_path / "p.duckdb")
    assert store.read("SELECT fingerprint FROM curations") == [
        {"fingerprint": "as it was without facts with older flags"}
    ]
    assert store.read("SELECT * FROM current_facts") == []
    store.close()


def test_records_are_shown_with_and_without_a_kind_of_fact(workspace: Workspace) -> None:
    imported(workspace)
    measured(workspace)
    first, second = facts.texts_with_facts(workspace, "desk", "price")
    assert (first.title, first.label) == ("Ticket t0", "accepted answer")
    assert [(span.kind, span.text) for span in second.spans[:4]] == [
        ("same", "Upgrade to version 4.2 first. It costs "), ("removed", "$12.50"), ("added", "[price]"),
        ("same", " as well. " + PAD.format(n=1).strip()),
    ]  # fmt: skip
    assert second.passages == ("Upgrade to version 4.2 first. It costs $12.50 as well.",)
    assert len(facts.texts_with_facts(workspace, "desk", "price", limit=1, offset=1)) == 1
    assert facts.texts_with_facts(workspace, "desk", "price", value="$9") == []
    with pytest.raises(Invalid, match="'colour' is not a kind of fact"):
        facts.texts_with_facts(workspace, "desk", "colour")


def test_the_adviser_counts_what_the_records_teach(workspace: Workspace) -> None:
    # Long enough for one fact among many words, and for one among few.
    long = "It costs $12.50 a month. " + PAD * 7
    imported(workspace, {"short": ANSWERS["t0"], "long": long, "plain": PAD * 2, "gone": "It costs $99. " + PAD})
    assert advising.advice(workspace, "desk")["advice"] == "unknown"
    measured(workspace)
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM flags")
        tx.execute(
            "INSERT INTO signals SELECT project_id, id, 'n_taught_words', len(string_split(content->>'$.messages[0].text', ' ')) FROM records"
        )
    deciding.decide(workspace, "desk", "gone", "reject", by="Ann")
    told = advising.advice(workspace, "desk")
    assert {name: told[name] for name in ("advice", "n_records", "n_measured", "n_with_fact", "n_facts", "n_behaviour", "n_good")} == {
        "advice": "both", "n_records": 3, "n_measured": 3, "n_with_fact": 2, "n_facts": 1, "n_behaviour": 2, "n_good": 3,
    }  # fmt: skip
    assert (told["behaviour_share"], told["fact_share"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert told["sentence"].startswith("Both: 67% of the records teach how to write, 33% teach facts that go stale.")
    assert told["examples"]["low"] == 1_000
    assert [(one["kind"], one["pace"], one["n_months"]) for one in told["changes"]] == [
        ("price", "cannot be told", 3), ("plan", "cannot be told", 1),
    ]  # fmt: skip


def test_new_values_are_counted_month_by_month(workspace: Workspace) -> None:
    imported(workspace, {"a": "It costs $1. " + PAD, "b": "It costs $1. " + PAD, "c": "It costs $2 or $1. " + PAD})
    measured(workspace)
    (price,) = advising.advice(workspace, "desk")["changes"]
    assert {name: price[name] for name in ("n_values", "n_months", "n_later", "n_new")} == {
        "n_values": 2, "n_months": 3, "n_later": 3, "n_new": 1,
    }  # fmt: skip
