"""Exports and repositories through the command line: what was found and left out is said in the report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command_line import CommandLine
from tests.core.records.dialects.test_github import REMARKS, issue
from tests.core.records.dialects.test_zendesk import PAGE
from tests.core.records.repository import TestRepository
from tests.core.records.test_repositories import BOIL


@pytest.fixture(scope="module")
def proofroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    commands = CommandLine(tmp_path_factory.mktemp("connectors") / "data")

    def run(*arguments: str, code: int = 0) -> str:
        said = commands(*arguments, code=code)
        return said.stdout if code == 0 else said.stderr

    run("project", "create", "desk", "--goal", "support")
    yield run
    commands.stop()


TERMS = ("--owner", "Ann", "--purpose", "support", "--basis", "contract")


def test_the_report_of_an_export_says_what_was_left_out(proofroom: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "tickets.json"
    file.write_text(json.dumps(PAGE), encoding="utf-8")
    answer = json.loads(proofroom("import", str(file), "--project", "desk", *TERMS, "--json"))
    (entry,) = answer["files"]
    assert (entry["status"], entry["n_accepted"]) == ("imported", 1)
    assert entry["notes"][0] == "Zendesk export: 1 ticket, 1 internal note left out."
    shown = proofroom("sources", "show", answer["source"])
    assert "tickets.json: Zendesk export: 1 ticket, 1 internal note left out." in shown


def test_issues_and_comments_of_one_import_are_joined(proofroom: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "issues.json").write_text(json.dumps([issue()]), encoding="utf-8")
    (tmp_path / "comments.json").write_text(json.dumps(REMARKS), encoding="utf-8")
    answer = json.loads(proofroom("import", str(tmp_path), "--project", "desk", *TERMS, "--json"))
    assert [(f["path"], f["status"], f["n_accepted"]) for f in answer["files"]] == [
        ("comments.json", "imported", 0),
        ("issues.json", "imported", 1),
    ]
    assert answer["files"][0]["notes"][1] == "The comments are read together with their issues."


def test_a_repository_is_imported_with_its_code_and_its_commits(proofroom: Callable[..., str], tmp_path: Path) -> None:
    proofroom("project", "create", "kettle", "--goal", "code")
    repository = TestRepository(tmp_path / "kettle")
    repository.commit("Add the heater", {"src/boil.py": BOIL, "logo.png": b"\x89PNG\0"})
    answer = json.loads(proofroom("import", "--git", str(repository.folder), "--project", "kettle", *TERMS, "--json"))
    (entry,) = answer["files"]
    assert (entry["path"], entry["n_accepted"], entry["n_rejected"]) == ("kettle.repository.jsonl", 2, 1)
    assert entry["notes"][0] == "Git repository: 1 file, 1 commit, 1 file left out, 1 short function or class left out."
    rows = [json.loads(line) for line in proofroom("records", "--project", "kettle").splitlines()]
    assert sorted(row["title"] for row in rows) == ["Add the heater", "src/boil.py: heat"]
    again = proofroom("import", "--git", str(repository.folder), "--project", "kettle", *TERMS, "--json", code=1)
    assert again == ""


def test_a_folder_that_is_no_repository_is_refused_before_anything_is_sent(
    proofroom: Callable[..., str], tmp_path: Path
) -> None:
    said = proofroom("import", "--git", str(tmp_path), "--project", "desk", *TERMS, code=1)
    assert "cannot be read as a git repository" in said


def test_a_packed_repository_is_a_file_like_any_and_never_overwritten(
    proofroom: Callable[..., str], tmp_path: Path
) -> None:
    repository = TestRepository(tmp_path / "kettle")
    repository.commit("Add the heater", {"src/boil.py": BOIL})
    target = tmp_path / "mine.jsonl"
    proofroom("pack", str(repository.folder), "--to", str(target))
    proofroom("project", "create", "packed", "--goal", "code")
    answer = json.loads(proofroom("import", str(target), "--project", "packed", *TERMS, "--json"))
    assert answer["files"][0]["n_accepted"] == 2
    assert "exists already" in proofroom("pack", str(repository.folder), "--to", str(target), code=1)
