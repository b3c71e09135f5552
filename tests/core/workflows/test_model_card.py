"""A model's card from the records of a studio: nothing but what is stored, and none of the texts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.curate.versions import tag_counts, write_version
from core.errors import Invalid, Refused
from core.nouns import Split
from core.review.briefs import BriefIn
from core.workflows import drafting, freezing, model_card, models, reviewing, training
from core.workflows.workspace import Workspace
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from tests.core.training.tiny import examples
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.test_run_registry import WHY, template, workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

__all__ = ["template", "workspace"]


def test_a_card_tells_what_version_run_and_sources_say(workspace: Workspace) -> None:
    finish(workspace, training.start_run(workspace, "p", "v1", by="Cy", name="c", settings={"rank": 8})["job"])
    version = freezing.version_details(workspace, "p", "v1")
    told = model_card.card_facts(workspace, "c", project="p")
    assert told["base"] == {"name": "SmolLM2-135M-Instruct", "sha256": "made up", "licence": "Apache-2.0"}
    assert (told["run"]["by"], told["training"]["differs"]) == ("Cy", {"rank": [16, 8]})
    assert told["version"]["content_sha256"] == version["content_sha256"]
    assert told["data"]["splits"]["train"] == {
        "examples": version["n_train"],
        "tokens": version["card"]["n_tokens"]["train"],
    }
    (source,) = told["data"]["sources"]
    assert (source["owner"], source["basis"], source["purpose"], source["expires_on"]) == (
        "Ann",
        "consent",
        "test",
        None,
    )
    assert told["data"]["left_out"] == version["dropped"]
    assert told["data"]["fell_out"] == {"n": {"train": 0, "validation": 0, "test": 0}, "reasons": []}
    assert (told["state"], told["acts"], told["quality"]["reviews"]) == ("candidate", [], None)


def test_a_card_counts_the_tags_of_what_was_learnt_and_of_nothing_else(workspace: Workspace, tmp_path: Path) -> None:
    one, two, three, four = (
        replace(e, tags=tags) for e, tags in zip(examples(4), (("a", "b"), ("b",), (), ("c",)), strict=True)
    )
    write_version(tmp_path / "v", {Split.TRAIN: [one, two, three], Split.TEST: [four]}, [], {})
    assert list(tag_counts(tmp_path / "v", Split.TRAIN).items()) == [("b", 2), ("a", 1)]
    assert model_card.card_facts(workspace, "a")["data"]["tags"] == {}
    assert "No training example has a tag." in model_card.card(workspace, "a")


def test_a_card_holds_no_passage_and_no_path(workspace: Workspace) -> None:
    assert training.run_named(workspace, "a")["metrics"]["by_heart"]["passages"][0]["passage"] == "A passage."
    for form in ("md", "json"):
        text = model_card.card(workspace, "a", form)
        assert "A passage." not in text
        assert str(workspace.folder.root) not in text


def test_a_card_follows_what_people_decide(workspace: Workspace) -> None:
    models.approve(workspace, "a", reason=WHY, by="Bo")
    models.take_back(workspace, "a", by="Ann")
    models.retire(workspace, "a", reason="It repeats itself.", by="Ann")
    told = model_card.card_facts(workspace, "a")
    assert told["state"] == "retired"
    assert [(act["act"], act["by"], act["is_taken_back"]) for act in told["acts"]] == [
        ("approve", "Bo", True), ("undo", "Ann", False), ("retire", "Ann", False),
    ]  # fmt: skip
    assert told["acts"][0]["evidence"]["eval_loss"] == 3.018


def test_a_card_tells_the_pass_rates_of_its_own_run(workspace: Workspace) -> None:
    run = training.run_named(workspace, "a")["id"]
    briefs = [BriefIn(f"b{n}", f"Write about van {n}.") for n in range(8)]
    made_up.drafted(workspace, "p", run, briefs)
    for draft in drafting.list_drafts(workspace, "p"):
        if draft["brief"] == "b0":
            reviewing.submit(workspace, made_up.item_of(workspace, draft), "sign_off", by="Bo")
    made_up.reviewed(workspace, "p", by="Cy", most=1)
    told = model_card.card_facts(workspace, "a")["quality"]["reviews"]
    assert sum(one["n"] for one in told["systems"]) == 3
    assert model_card.card_facts(workspace, "b")["quality"]["reviews"] is None
    assert "No draft of it was reviewed" in model_card.card(workspace, "b")


def test_a_run_from_before_says_what_it_did_not_note(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    told = model_card.card_facts(workspace, "v1-1", project="voice")
    text = model_card.card(workspace, "v1-1", project="voice")
    assert told["training"]["differs"] is None
    assert "Which settings were not the preset's was not noted when it started." in told["not_measured"]
    assert "What it knows by heart was not measured." in told["not_measured"]
    assert "The licence of its base model is not known here." in told["not_measured"]
    assert "| all held-out texts | 1 | 4.000 (one text: no interval) | 3.000 (one text: no interval) | -25.0% |" in text
    assert str(tmp_path) not in text


def test_a_run_without_a_model_has_no_card(workspace: Workspace) -> None:
    training.start_run(workspace, "p", "v1", by="Ann", name="waiting")
    with pytest.raises(Refused, match="waiting has no adapter"):
        model_card.card(workspace, "waiting")
    with pytest.raises(Invalid, match="cannot be written as 'pdf'"):
        model_card.card(workspace, "a", "pdf")


@pytest.fixture
def client(template: Path, tmp_path: Path) -> Iterator[TestClient]:
    shutil.copytree(template, tmp_path / "served")
    folder = DataFolder(tmp_path / "served")
    running.start(folder)
    token = ensure_token(folder.token_file)
    with TestClient(create_api(token), headers={"Authorization": f"Bearer {token}"}) as opened:
        yield opened
    running.stop()


def test_the_api_gives_the_card_in_both_forms(client: TestClient) -> None:
    text = client.get("/projects/p/models/a/card")
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.text.startswith("# a\n\nModel card, written on ")
    told = client.get("/projects/p/models/a/card", params={"format": "json"})
    assert json.loads(told.text)["run"]["name"] == told.json()["run"]["name"] == "a"
    assert client.get("/projects/p/models/none/card").status_code == 404
