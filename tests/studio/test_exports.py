"""Exports by API and by command, on a run that was put there: what a script sends and gets back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.workflows.workspace import open_workspace
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from tests.command_line import CommandLine, answer
from tests.core.workflows.finished_run import finished_run

LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path / "data")
    finished_run(running.start(folder), tmp_path)
    token = ensure_token(folder.token_file)
    headers = {"Authorization": f"Bearer {token}", "X-Proofroom-By": "Ann"}
    with TestClient(create_api(token), headers=headers) as opened:
        yield opened
    running.stop()


def test_the_api_makes_lists_and_copies_an_export(client: TestClient, tmp_path: Path) -> None:
    started = client.post("/runs/v1-1/exports", json={"format": "adapter", "project": "voice"}).json()
    assert started["job"] == ""
    (listed,) = client.get("/runs/v1-1/exports", params={"project": "voice"}).json()
    assert listed == client.get(f"/exports/{started['export']}").json()
    assert (listed["format"], listed["status"], listed["created_by"]) == ("adapter", "done", "Ann")
    copied = client.post(f"/exports/{started['export']}/copies", json={"to": str(tmp_path / "out")})
    assert copied.json()["folder"] == str(tmp_path / "out")
    again = client.post(f"/exports/{started['export']}/copies", json={"to": str(tmp_path / "out")})
    assert (again.status_code, again.json()["error"]) == (409, "conflict")


def test_the_api_says_what_it_cannot_export(client: TestClient) -> None:
    refused = client.post("/runs/v1-1/exports", json={"format": "onnx"})
    assert (refused.status_code, refused.json()["message"]) == (422, "A run cannot be exported as 'onnx'.")
    assert client.post("/runs/nope/exports", json={}).status_code == 404


@pytest.fixture
def proofroom(tmp_path: Path) -> Iterator[CommandLine]:
    """Commands on a studio whose run learnt from a source that has expired."""
    folder = DataFolder(tmp_path / "data")
    workspace = open_workspace(folder)
    finished_run(workspace, tmp_path, expires_on=LONG_AGO)
    workspace.close()
    commands = CommandLine(folder.root)
    yield commands
    commands.stop()


def told_by(proofroom: CommandLine, *arguments: str, code: int = 0) -> Any:
    return answer(proofroom(*arguments, "--json", code=code))


def test_the_command_exports_over_what_forbids_it_only_with_a_reason(proofroom: CommandLine, tmp_path: Path) -> None:
    export = ("export", "v1-1", "--project", "voice", "--format", "adapter", "--to", str(tmp_path / "out"))
    refused = told_by(proofroom, *export, code=1)
    assert refused["message"].startswith("The source posts expired on 2020-01-01")
    assert not (tmp_path / "out").exists()
    told = told_by(proofroom, *export, "--override", "Renewed by mail.", "--by", "Ann")
    assert told["folder"] == str(tmp_path / "out")
    assert sorted(told["files"]) == sorted(file.name for file in (tmp_path / "out").iterdir())
    assert f"--lora-modules v1-1={tmp_path / 'out'}" in told["command"]
    (listed,) = told_by(proofroom, "exports", "list", "v1-1", "--project", "voice")["exports"]
    assert (listed["export"], listed["override_reason"]) == (told["export"], "Renewed by mail.")
    exists = told_by(proofroom, *export, "--override", "Renewed by mail.", code=1)
    assert exists["message"] == f"{tmp_path / 'out'} exists already."
    copy = ("exports", "copy", told["export"], "--to", str(tmp_path / "again"), "--override", "Renewed by mail.")
    assert told_by(proofroom, *copy)["files"] == told["files"]
