"""Briefs, single drafts and the endpoint elsewhere on the command line, and so by the API."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.workflows import drafting
from core.workflows.workspace import open_workspace
from tests.command_line import CommandLine, answer
from tests.core.workflows.test_draft_comparison import written
from tests.core.workflows.test_run_registry import template
from tests.e2e import made_up

__all__ = ["template"]
HERE = ("--project", "p")


@pytest.fixture(scope="module")
def data(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A studio in which a run has written for two briefs; nobody has judged anything."""
    folder = tmp_path_factory.mktemp("briefs") / "data"
    shutil.copytree(template, folder)
    workspace = open_workspace(DataFolder(folder), executor=made_up.MadeUpWorkers())
    written(workspace, "a", "van", "bench")
    found = {row["text"]: row["id"] for row in drafting.list_drafts(workspace, "p")}
    (folder / "drafts_of_the_test.json").write_text(json.dumps(found), encoding="utf-8")
    workspace.close()
    return folder


@pytest.fixture(scope="module")
def drafts(data: Path) -> dict[str, str]:
    """The ids of both drafts by their text."""
    found: dict[str, str] = json.loads((data / "drafts_of_the_test.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def proofroom(data: Path) -> Iterator[CommandLine]:
    commands = CommandLine(data)
    yield commands
    commands.stop()


def test_a_brief_is_added_with_all_that_it_asks(proofroom: CommandLine) -> None:
    proofroom("briefs", "add", "Write of the door.", *HERE, "--length", "40-80", "--fact", "It is red.", "--not-say", "cheap", "--format", "a letter")  # fmt: skip
    brief = next(
        b for b in answer(proofroom("briefs", "list", *HERE, "--json"))["briefs"] if b["prompt"] == "Write of the door."
    )
    assert (brief["form"], brief["min_words"], brief["max_words"]) == ("a letter", 40, 80)
    assert (brief["facts"], brief["must_not_say"]) == (["It is red."], ["cheap"])


def test_a_length_that_is_none_is_said(proofroom: CommandLine) -> None:
    said = proofroom("briefs", "add", "Write.", *HERE, "--length", "short", code=1)
    assert "The length 'short' is not possible" in said.stderr


def test_rows_of_a_file_that_are_no_brief_are_named_and_the_rest_get_in(proofroom: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "briefs.csv"
    file.write_text("id,prompt,length\nx1,Write of the roof.,50\nx2,,50\n", encoding="utf-8-sig")
    said = proofroom("briefs", "import", str(file), *HERE)
    assert said.stdout.strip() == "1 brief added or there already."
    assert said.stderr.startswith("briefs.csv, row 2: There is no prompt.")


def test_templates_are_those_of_the_goal(proofroom: CommandLine) -> None:
    names = [one["name"] for one in answer(proofroom("briefs", "templates", *HERE, "--json"))["templates"]]
    assert "What we think" in names


def test_a_draft_is_set_aside_and_put_back(proofroom: CommandLine, drafts: dict[str, str]) -> None:
    def shown() -> dict[str, Any]:
        return answer(proofroom("review", "next", *HERE, "--by", "Rita", "--json"))

    held = shown()
    (other,) = [draft for text, draft in drafts.items() if text != held["text"]]
    proofroom("draft", "aside", other)
    assert (shown()["item"], shown()["n_left"]) == (held["item"], held["n_left"] - 1)
    proofroom("draft", "back", other)
    assert shown()["n_left"] == held["n_left"]


def test_a_draft_that_there_is_not_is_said(proofroom: CommandLine) -> None:
    assert "There is no draft 'dr_nope'" in proofroom("draft", "again", "dr_nope", code=1).stderr


def test_the_key_of_the_endpoint_is_shown_to_nobody_and_does_not_go_along_to_another_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFROOM_ENDPOINT_KEY", "hidden")
    monkeypatch.setenv("PROOFROOM_ENDPOINT_KEY_FOR", "https://models.example/v1")
    proofroom = CommandLine(tmp_path / "data")
    try:
        proofroom("endpoint", "set", "https://models.example/v1", "--model", "m")
        own, told = proofroom("endpoint", "show").stdout, proofroom("endpoint", "show", "--json").stdout
        proofroom("endpoint", "set", "https://other.example/v1", "--model", "m")
        other = proofroom("endpoint", "show").stdout
    finally:
        proofroom.stop()
    assert own.startswith("m at https://models.example/v1. Sent with the key in PROOFROOM_ENDPOINT_KEY. Write drafts")
    assert json.loads(told)["has_key"] is True
    assert "The key is not sent, since it was given for another address" in other
    assert "hidden" not in own + told + other


def test_the_endpoint_elsewhere_is_off_until_it_is_named(proofroom: CommandLine) -> None:
    assert proofroom("endpoint", "show").stdout.strip() == "No endpoint is set up: nothing leaves this machine."
    refused = proofroom("endpoint", "set", "http://models.example/v1", "--model", "m", code=1)
    assert "Without https everybody on the way can read" in refused.stderr
    found = answer(proofroom("endpoint", "set", "https://models.example/v1/", "--model", "m", "--json"))
    assert (found["url"], found["model"], found["has_key"]) == ("https://models.example/v1", "m", False)
    assert found["may_judge"] is False
    assert "No key is sent, since there is none in PROOFROOM_ENDPOINT_KEY" in proofroom("endpoint", "show").stdout
    assert "It is asked what it thinks of drafts." in proofroom("endpoint", "judging", "--on").stdout
    assert answer(proofroom("endpoint", "judging", "--off", "--json"))["may_judge"] is False
    proofroom("endpoint", "off")
    assert answer(proofroom("endpoint", "show", "--json")) == {"url": None}
