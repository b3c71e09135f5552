"""Two versions of one project, their difference, and the way out and back in; with real workers, without a model."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as parquet
import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, Refused
from core.workflows import (
    cleaning,
    comparing,
    deciding,
    freezing,
    importing,
    projects,
    recipes,
    tagging,
    upkeep,
    version_import,
)
from core.workflows.importing import Upload
from core.workflows.workspace import Workspace, open_workspace
from tests.jobs_by_hand import finish

HELP = "Open the {thing} page and press the red button, then wait until part {n} of it says that it has ended. "
THINGS = (
    "calendar",
    "invoice",
    "window",
    "ladder",
    "van",
    "logo",
    "newsletter",
    "phone",
    "price",
    "bench",
    "garden",
    "boiler",
)
LINK = "https://arkwell.example/help?utm_source=mail&topic={thing}"


@dataclass
class Frozen:
    """A project with the versions v1 and v2, and a second, empty project."""

    workspace: Workspace
    v1: dict[str, Any]
    v2: dict[str, Any]


def ticket(n: int, thing: str) -> dict[str, Any]:
    answer = "Hi Ann,\n\n" + HELP.format(thing=thing, n=n) * 2 + f"See {LINK.format(thing=thing)}.\n\nKind regards,\nBo"
    return {
        "id": f"t{n}",
        "title": f"The {thing}",
        "question": f"How do I start the {thing}, model {n * 17}?",
        "answer": answer,
    }


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frozen]:
    workspace = open_workspace(DataFolder(tmp_path_factory.mktemp("versions") / "data"))
    projects.create_project(workspace, name="desk", goal="support", by="Ann")
    projects.create_project(workspace, name="other", goal="support", by="Ann")
    lines = "\n".join(json.dumps(ticket(n, thing)) for n, thing in enumerate(THINGS))
    upload = importing.keep_upload(workspace, "tickets.jsonl", lines.encode())
    terms = importing.Terms(owner="Ann", basis="contract", purpose="answers", expires_on=None)
    done(workspace, importing.import_files(workspace, "desk", [upload], terms, name="tickets", by="Ann"))
    deciding.decide(workspace, "desk", "t3", "reject", by="Ann")
    v1 = done(workspace, freezing.freeze_version(workspace, "desk", name="v1", by="Ann"))["result"]
    deciding.decide(workspace, "desk", "t3", "undo", by="Bea")
    deciding.decide(workspace, "desk", "t3", "keep", by="Bea", note="fine after all")
    deciding.decide(workspace, "desk", "t5", "reject", by="Cem")
    deciding.edit_text(workspace, "desk", "t6", "=HYPERLINK(1) " + HELP.format(thing="edited", n=1), by="Dee")
    tagging.tag(workspace, "desk", "t7", ["login"], by="Eva")
    recipe = {
        "take": "recommended",
        "clean": ["strip_greetings_closings", "drop_tracking_parameters"],
        "tags_out": ["spam"],
    }
    v2 = done(workspace, freezing.freeze_version(workspace, "desk", name="v2", recipe=recipe, by="Ann"))["result"]
    yield Frozen(workspace, v1, v2)
    workspace.close()


def done(workspace: Workspace, started: dict[str, str]) -> dict[str, Any]:
    ended = finish(workspace, started["job"])
    assert ended["state"] == "done", ended["reason"]
    return ended


def uploads_of(workspace: Workspace, folder: Path) -> list[Upload]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [importing.keep_upload(workspace, file.relative_to(folder).as_posix(), file.read_bytes()) for file in files]


def answers(frozen: Frozen, version: str) -> dict[str, str]:
    read = freezing.read_frozen(frozen.workspace, "desk", version)
    return {e.external_id: e.messages[-1]["content"] for examples in read.examples.values() for e in examples}


def test_examples_are_cleaned_say_by_what_and_the_stored_record_stays(frozen: Frozen) -> None:
    assert "utm_source" not in answers(frozen, "v1")["t0"]
    assert "topic=calendar" in answers(frozen, "v1")["t0"]
    assert answers(frozen, "v1")["t0"].startswith("Hi Ann,")
    assert answers(frozen, "v2")["t0"].startswith("Open the calendar page")
    assert answers(frozen, "v2")["t0"].endswith("topic=calendar.")
    stored = deciding.record_details(frozen.workspace, "desk", "t0")["content"]["messages"][0]["text"]
    assert "utm_source" in stored
    assert stored.startswith("Hi Ann,")
    read = freezing.read_frozen(frozen.workspace, "desk", "v2")
    cleaned = {e.external_id: e.cleaned for examples in read.examples.values() for e in examples}
    assert cleaned["t0"] == ("strip_greetings_closings", "drop_tracking_parameters")
    assert cleaned["t6"] == ()
    assert frozen.v2["cleaned"] == {"strip_greetings_closings": 10, "drop_tracking_parameters": 10}


def test_the_card_states_the_whole_recipe_and_what_was_cleaned(frozen: Frozen) -> None:
    version = freezing.version_named(frozen.workspace, "desk", "v2")
    assert recipes.recipe_from(version["card"]["recipe_settings"]).tags_out == ("spam",)
    card = (freezing.version_folder(frozen.workspace, version["id"]) / "README.md").read_text(encoding="utf-8")
    assert "| Tags left out | spam |" in card
    assert "| strip_greetings_closings | 10 |" in card


def test_every_changed_record_is_listed_with_who_and_why(frozen: Frozen) -> None:
    change = comparing.compare_versions(frozen.workspace, "desk", "v1", "v2")
    assert {name: change[name] for name in ("added", "removed", "edited", "retagged", "stayed")} == {
        "added": 1, "removed": 1, "edited": 10, "retagged": 1, "stayed": 10,
    }  # fmt: skip
    rows = comparing.changed_records(frozen.workspace, "desk", "v1", "v2")
    told = {(row["change"], row["record"]): (row["who"], row["why"]) for row in rows}
    assert told["added", "t3"] == ("Bea", "kept it (fine after all); left out before: rejected (rejected by a person)")
    assert told["removed", "t5"] == ("Cem", "rejected it; left out now: rejected (rejected by a person)")
    assert told["edited", "t6"] == ("Dee", "edited the text")
    assert told["edited", "t0"] == ("", "the recipe cleans otherwise")
    assert told["retagged", "t7"] == ("Eva", "added login")
    assert len(rows) == 13


def test_the_difference_is_told_in_words_with_the_settings(frozen: Frozen) -> None:
    change = comparing.compare_versions(frozen.workspace, "desk", "v1", "v2")
    assert change["words"].startswith(
        "From v1 to v2 1 record was added, 1 record was removed, 10 records were edited, 1 record was re-tagged; 10 are in both."
    )
    assert [sentence.partition(":")[0] for sentence in change["settings"]] == ["Cleaning", "Tags left out"]
    assert comparing.compare_versions(frozen.workspace, "desk", "v1", "v1")["words"] == (
        "From v1 to v1 no record differs; 11 are in both. Their recipes are the same."
    )


def test_one_kind_of_change_comes_page_by_page(frozen: Frozen) -> None:
    first = comparing.changed_records(frozen.workspace, "desk", "v1", "v2", change="edited", limit=4)
    rest = comparing.changed_records(frozen.workspace, "desk", "v1", "v2", change="edited", limit=40, offset=4)
    assert (len(first), len(rest)) == (4, 6)
    assert not {row["record"] for row in first} & {row["record"] for row in rest}
    with pytest.raises(Invalid, match="'moved' is no change"):
        comparing.changed_records(frozen.workspace, "desk", "v1", "v2", change="moved")


def test_checklist_5_no_cell_of_the_difference_is_a_formula(frozen: Frozen) -> None:
    with frozen.workspace.store.transaction() as tx:
        tx.execute("UPDATE decisions SET decided_by = '=1+1' WHERE decided_by = 'Dee'")
    rows = list(csv.DictReader(io.StringIO(comparing.changes_as_csv(frozen.workspace, "desk", "v1", "v2"))))
    with frozen.workspace.store.transaction() as tx:
        tx.execute("UPDATE decisions SET decided_by = 'Dee' WHERE decided_by = '=1+1'")
    assert len(rows) == 13
    assert [row["who"] for row in rows if row["record"] == "t6"] == ["'=1+1"]


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_an_exported_version_comes_back_with_the_same_hash(frozen: Frozen, tmp_path: Path, form: str) -> None:
    workspace = frozen.workspace
    folder = freezing.export_version(workspace, "desk", "v2", target=tmp_path / "out", by="Ann", form=form)
    uploads = uploads_of(workspace, folder)
    with pytest.raises(
        Refused, match=r"terms of their own: tickets: Ann, contract, answers, expires never, own\. Confirm"
    ):
        version_import.import_version(workspace, "other", uploads, by="Finn", confirmed=False)
    started = version_import.import_version(workspace, "other", uploads, by="Finn", confirmed=True, name=f"back-{form}")
    done(workspace, started)
    back, original = (freezing.version_named(workspace, p, v) for p, v in (("other", f"back-{form}"), ("desk", "v2")))
    assert back["content_sha256"] == original["content_sha256"]
    assert [back[name] for name in ("n_records", "n_train", "n_validation", "n_test", "n_train_tokens")] == [
        original[name] for name in ("n_records", "n_train", "n_validation", "n_test", "n_train_tokens")
    ]
    assert (
        freezing.read_frozen(workspace, "other", f"back-{form}").examples
        == freezing.read_frozen(workspace, "desk", "v2").examples
    )
    assert freezing.version_details(workspace, "other", f"back-{form}")["dropped"] == {"rejected": 1}
    (source,) = [s for s in importing.list_sources(workspace, "other") if s["id"] == back["card"]["sources"][0]["id"]]
    assert (source["name"], source["owner"], source["basis"], source["created_by"]) == (
        "tickets",
        "Ann",
        "contract",
        "Finn",
    )
    assert upkeep.examine(workspace)["problems"] == []
    with pytest.raises(Conflict, match="exists already"):
        version_import.import_version(workspace, "other", uploads, by="Finn", confirmed=True, name=f"back-{form}")
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert sum(len(rows) for rows in loaded.values()) == 11


def test_a_version_that_was_changed_outside_is_refused_and_leaves_nothing(frozen: Frozen, tmp_path: Path) -> None:
    workspace = frozen.workspace
    folder = freezing.export_version(workspace, "desk", "v1", target=tmp_path / "out", by="Ann", form="jsonl")
    lines = (folder / "train.jsonl").read_text(encoding="utf-8")
    (folder / "train.jsonl").write_text(lines.replace("red button", "blue button", 1), encoding="utf-8")
    before = len(importing.list_sources(workspace, "other"))
    started = version_import.import_version(
        workspace, "other", uploads_of(workspace, folder), by="Finn", confirmed=True, name="bad"
    )
    ended = finish(workspace, started["job"])
    assert (ended["state"], "its card says" in ended["reason"]) == ("failed", True)
    assert "bad" not in [row["name"] for row in freezing.list_versions(workspace, "other")]
    assert len(importing.list_sources(workspace, "other")) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sources": []}, "states no sources"),
        ({"content_sha256": None}, "states no name and content hash"),
        ({"sources": [{"name": "x"}]}, "lacks a name or its terms"),
    ],
)
def test_a_card_without_what_it_must_say_is_refused(frozen: Frozen, change: dict[str, Any], words: str) -> None:
    version = freezing.version_named(frozen.workspace, "desk", "v1")
    folder = freezing.version_folder(frozen.workspace, version["id"])
    card = json.loads((folder / "version.json").read_text(encoding="utf-8")) | change
    uploads = [
        importing.keep_upload(frozen.workspace, "v/version.json", json.dumps(card).encode()),
        importing.keep_upload(frozen.workspace, "v/train.parquet", (folder / "train.parquet").read_bytes()),
    ]
    with pytest.raises(Invalid, match=words):
        version_import.import_version(frozen.workspace, "other", uploads, by="Finn", confirmed=True)
    with pytest.raises(Invalid, match="not all among the files"):
        version_import.read_card(frozen.workspace, uploads[:1])


def test_a_source_of_the_card_that_has_expired_is_refused(frozen: Frozen) -> None:
    version = freezing.version_named(frozen.workspace, "desk", "v1")
    folder = freezing.version_folder(frozen.workspace, version["id"])
    card = json.loads((folder / "version.json").read_text(encoding="utf-8"))
    card["sources"][0]["expires_on"] = "2020-01-01"
    uploads = [
        importing.keep_upload(frozen.workspace, "version.json", json.dumps(card).encode()),
        importing.keep_upload(frozen.workspace, "train.parquet", (folder / "train.parquet").read_bytes()),
    ]
    with pytest.raises(Refused, match="The source tickets expired on 2020-01-01"):
        version_import.import_version(frozen.workspace, "other", uploads, by="Finn", confirmed=True)


def test_what_the_steps_would_change_is_counted_and_shown(frozen: Frozen) -> None:
    assert cleaning.changed_texts(frozen.workspace, "desk", "strip_greetings_closings") == []
    done(frozen.workspace, {"job": cleaning.count_changes(frozen.workspace, "desk", by="Ann")})
    counted = cleaning.change_counts(frozen.workspace, "desk")
    # One record is rejected, and one has an edited answer without greeting and link.
    assert (counted["n_records"], counted["is_current"]) == (11, True)
    assert counted["steps"]["strip_greetings_closings"] == {"n_changed": 10, "n_places": 20, "n_left_whole": 0}
    assert counted["steps"]["mend_mojibake"]["n_changed"] == 0
    (first, second) = cleaning.changed_texts(frozen.workspace, "desk", "drop_tracking_parameters", limit=2)
    assert first.record != second.record
    assert first.label == "accepted answer by the team"
    assert "".join(span.text for span in first.spans if span.kind == "removed") == "?utm_source=mail&topic=calendar"
    assert "".join(span.text for span in first.spans if span.kind == "added") == "?topic=calendar"


def test_a_recipe_is_saved_used_by_name_and_forgotten(frozen: Frozen) -> None:
    workspace = frozen.workspace
    recipes.save_recipe(workspace, "desk", "short", {"take": "random:3"}, by="Ann")
    assert freezing.preview_recipe(workspace, "desk", "short")["n_records"] == 3
    recipes.save_recipe(workspace, "desk", "short", {"take": "random:4"}, by="Ann")
    assert [row["name"] for row in recipes.list_recipes(workspace, "desk")] == ["short"]
    assert freezing.preview_recipe(workspace, "desk", "short")["n_records"] == 4
    recipes.forget_recipe(workspace, "desk", "short", by="Ann")
    with pytest.raises(Invalid, match="'short' is not a recipe"):
        freezing.preview_recipe(workspace, "desk", "short")
    with pytest.raises(Invalid, match="has no source 's_gone'"):
        recipes.save_recipe(workspace, "desk", "gone", {"sources": ["s_gone"]}, by="Ann")


def test_the_recipe_that_a_person_works_on_is_kept_for_that_person(frozen: Frozen) -> None:
    workspace = frozen.workspace
    recipes.keep_working_recipe(workspace, "desk", recipes.Recipe("everything", min_score=0.4), by="Ann")
    recipes.keep_working_recipe(workspace, "desk", recipes.Recipe("everything", min_score=0.5), by="Ann")
    assert recipes.working_recipe(workspace, "desk", by="Ann") == recipes.Recipe("everything", min_score=0.5)
    assert recipes.working_recipe(workspace, "desk", by="Bo") == recipes.Recipe()
    assert recipes.list_recipes(workspace, "desk") == []


def test_the_funnel_leads_from_all_records_to_those_taken(frozen: Frozen) -> None:
    preview = freezing.preview_recipe(frozen.workspace, "desk", {"take": "longest:5", "tags_out": ["login"]})
    assert [(step["rule"], step["n_out"], step["n_left"]) for step in preview["funnel"]] == [
        ("person", 1, 11), ("tag", 1, 10), ("draw", 5, 5),
    ]  # fmt: skip
    assert (preview["n_all"], preview["n_records"]) == (12, 5)


def test_a_decision_between_the_click_and_the_writing_is_not_in_the_version(
    frozen: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = frozen.workspace
    waiting: list[Any] = []
    monkeypatch.setattr(workspace.supervisor, "prepare", lambda job, write: waiting.append(write))
    started = freezing.freeze_version(workspace, "desk", name="v3", by="Ann")
    monkeypatch.undo()
    deciding.decide(workspace, "desk", "t9", "reject", by="Ann")
    workspace.supervisor.prepare(started["job"], waiting[0])
    assert done(workspace, started)["result"]["n_records"] == 11
    deciding.decide(workspace, "desk", "t9", "undo", by="Ann")
    inputs = workspace.supervisor.folder(started["job"]).inputs / "records.parquet"
    assert parquet.read_table(inputs, columns=["reason"])["reason"].to_pylist().count("rejected") == 1


def test_inputs_that_cannot_be_written_end_the_job_with_a_reason(
    frozen: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Refused("There is no room.")

    monkeypatch.setattr("core.store.selection.copy_selected_to", refuse)
    started = freezing.freeze_version(frozen.workspace, "desk", name="v4", by="Ann")
    ended = finish(frozen.workspace, started["job"])
    assert (ended["state"], ended["reason"]) == ("failed", "There is no room.")
