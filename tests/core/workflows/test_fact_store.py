"""Facts masked in and moved out of versions, the passages that are kept, and taking a move back; with real workers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, Refused
from core.workflows import (
    comparing,
    deciding,
    fact_store,
    facts,
    freezing,
    projects,
    recipes,
    training,
    upkeep,
    version_import,
)
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.test_facts import ANSWERS, PAD, imported
from tests.core.workflows.test_versions import uploads_of
from tests.e2e import made_up
from tests.jobs_by_hand import finish

MORE = {
    "t4": "It costs $12.50 as well, and no more. The Pro plan costs $12.50 a month. " + PAD,
    "t5": "https://arkwell.example/prices",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("facts") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="desk", goal="support", by="Ann")
    imported(opened, ANSWERS | MORE)
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def freeze(workspace: Workspace, name: str, **recipe: Any) -> dict[str, Any]:
    settings = {"take": "everything", "clean": []} | recipe
    job = freezing.freeze_version(workspace, "desk", name=name, recipe=settings, by="Ann")["job"]
    ended = finish(workspace, job)
    assert ended["state"] == "done", ended["reason"]
    return dict(ended["result"])


def messages(workspace: Workspace, version: str) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Question, answer and hidden kinds by external id."""
    read = freezing.read_frozen(workspace, "desk", version)
    return {
        e.external_id: (e.messages[0]["content"], e.messages[1]["content"], e.hidden)
        for examples in read.examples.values()
        for e in examples
    }


def passages(workspace: Workspace, kind: str = "") -> list[str]:
    return sorted(fact["passage"] for fact in fact_store.moved_facts(workspace, "desk", kind=kind)["facts"])


def test_facts_are_kept_unless_the_recipe_says_otherwise(workspace: Workspace) -> None:
    result = freeze(workspace, "v1")
    assert messages(workspace, "v1")["t0"][1].startswith("The Pro plan costs $12.50 a month.")
    assert result["facts"] == {}
    assert passages(workspace) == []


def test_masked_facts_are_placeholders_in_answers_and_the_card_counts_them(workspace: Workspace) -> None:
    kept = freeze(workspace, "v1")
    masked = freeze(workspace, "v2", facts_masked=["price"])
    question, answer, hidden = messages(workspace, "v2")["t0"]
    assert answer.startswith("The Pro plan costs [price] a month.")
    assert question.endswith("was it $3 before?")
    assert hidden == ("price",)
    assert messages(workspace, "v2")["t2"] == (*messages(workspace, "v1")["t2"][:2], ())
    assert masked["facts"] == {"price": {"choice": "mask", "n_spans": 4, "n_examples": 3}}
    assert masked["content_sha256"] != kept["content_sha256"]
    version = freezing.version_named(workspace, "desk", "v2")
    card = (freezing.version_folder(workspace, version["id"]) / "README.md").read_text(encoding="utf-8")
    assert "| price | mask | 4 | 3 |" in card
    assert "| Facts that go stale | prices masked |" in card
    assert passages(workspace) == []
    assert deciding.record_details(workspace, "desk", "t0")["text"].count("$12.50") == 1


def test_what_masking_leaves_nothing_of_is_left_out_with_the_reason(workspace: Workspace) -> None:
    result = freeze(workspace, "v1", facts_masked=["link"])
    assert result["dropped"] == {"nothing_but_facts": 1}
    (left_out,) = freezing.version_details(workspace, "desk", "v1")["left_out"]
    assert (left_out["external_id"], left_out["detail"]) == (
        "t5", "no word is left beside the facts that were put out: link",
    )  # fmt: skip


def test_moved_facts_are_masked_and_their_sentences_kept_once(workspace: Workspace) -> None:
    result = freeze(workspace, "v1", facts_moved=["price", "plan"], facts_masked=["version"])
    assert messages(workspace, "v1")["t0"][1].startswith("The [plan] costs [price] a month.")
    assert messages(workspace, "v1")["t1"][1].startswith("Upgrade to [version] first. It costs [price] as well.")
    assert {kind: (one["choice"], one["n_spans"]) for kind, one in result["facts"].items()} == {
        "price": ("move", 4), "version": ("mask", 1), "plan": ("move", 2),
    }  # fmt: skip
    assert passages(workspace) == [
        "It costs $12.50 as well, and no more.",
        "The Pro plan costs $12.50 a month.",
        "Upgrade to version 4.2 first. It costs $12.50 as well.",
    ]
    card = freezing.version_named(workspace, "desk", "v1")["card"]
    assert facts.put_out_in_words(card) == "4 prices moved, 1 version masked, 2 plans moved"
    assert facts.put_out_in_words({"facts": ["<b>"]}) == facts.put_out_in_words({"facts": {"price": 3}}) == ""
    assert passages(workspace, "plan") == ["The Pro plan costs $12.50 a month."]
    found = fact_store.moved_facts(workspace, "desk", kind="plan")
    (fact,) = found["facts"]
    assert (fact["kinds"], fact["external_id"], fact["source"], fact["versions"], fact["created_by"], fact["expires_on"]) == (
        ["plan", "price"], "t0", "tickets", ["v1"], "Ann", None,
    )  # fmt: skip
    assert (found["n"], found["by_kind"]) == (1, {"price": 3, "plan": 1})
    assert len(fact_store.moved_facts(workspace, "desk", limit=2, offset=2)["facts"]) == 1
    assert upkeep.examine(workspace)["problems"] == []


def test_versions_that_move_the_same_passage_share_it(workspace: Workspace) -> None:
    freeze(workspace, "v1", facts_moved=["price"])
    freeze(workspace, "v2", facts_moved=["price"])
    found = fact_store.moved_facts(workspace, "desk")
    assert found["n"] == 3
    assert {tuple(fact["versions"]) for fact in found["facts"]} == {("v1", "v2")}


def test_a_move_is_taken_back_but_for_what_another_version_moved_too(workspace: Workspace) -> None:
    freeze(workspace, "v1", facts_moved=["price"])
    freeze(workspace, "v2", facts_moved=["plan"])
    assert fact_store.undo_move(workspace, "desk", "v1", by="Bo") == {"version": "v1", "n_gone": 2, "n_kept": 1}
    assert passages(workspace) == ["The Pro plan costs $12.50 a month."]
    assert fact_store.moved_facts(workspace, "desk")["facts"][0]["kinds"] == ["plan"]
    with pytest.raises(Conflict, match="nothing that was moved out of v1"):
        fact_store.undo_move(workspace, "desk", "v1", by="Bo")
    assert "[price]" in messages(workspace, "v1")["t0"][1]
    freeze(workspace, "v3", facts_moved=["price"])
    assert len(passages(workspace)) == 3


def test_a_move_that_a_run_relies_on_stays(workspace: Workspace) -> None:
    freeze(workspace, "v1", facts_moved=["price"])
    run = training.start_run(workspace, "desk", "v1", by="Ann")
    with pytest.raises(Refused, match="was made on v1: what its model writes needs these facts"):
        fact_store.undo_move(workspace, "desk", "v1", by="Bo")
    finish(workspace, run["job"])
    assert len(passages(workspace)) == 3


def test_the_difference_between_versions_names_the_choice(workspace: Workspace) -> None:
    freeze(workspace, "v1")
    freeze(workspace, "v2", facts_moved=["price"])
    change = comparing.compare_versions(workspace, "desk", "v1", "v2")
    assert change["edited"] == 3
    assert change["settings"] == ["Facts that go stale: prices moved to the fact store; before: kept."]
    rows = comparing.changed_records(workspace, "desk", "v1", "v2")
    assert {row["why"] for row in rows} == {"the recipe keeps other facts"}


def test_an_exported_version_with_placeholders_comes_back_the_same(workspace: Workspace, tmp_path: Path) -> None:
    freeze(workspace, "v1", facts_masked=["price"])
    for form in ("parquet", "jsonl"):
        folder = freezing.export_version(workspace, "desk", "v1", target=tmp_path / form, by="Ann", form=form)
        started = version_import.import_version(
            workspace, "desk", uploads_of(workspace, folder), by="Ann", confirmed=True, name=f"back-{form}"
        )
        assert finish(workspace, started["job"])["state"] == "done"
        assert messages(workspace, f"back-{form}") == messages(workspace, "v1")
        assert freezing.version_named(workspace, "desk", f"back-{form}")["card"]["facts"]["price"]["n_spans"] == 4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"facts_masked": ["colour"]}, "'colour' is not a kind of fact"),
        ({"facts_masked": ["price"], "facts_moved": ["price"]}, "'price' is to be masked and moved"),
        ({"facts_moved": "price"}, "no list of texts"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        recipes.recipe_from(settings)


def test_a_recipe_with_choices_is_the_same_when_read_back() -> None:
    recipe = recipes.recipe_from({"facts_masked": ["link", "price"], "facts_moved": ["policy"]})
    assert recipe.facts_masked == ("price", "link")
    assert recipes.recipe_from(recipes.recipe_as_json(recipe)) == recipe
