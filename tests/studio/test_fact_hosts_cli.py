"""Hosts whose pages may be fetched for facts, on the command line, and so by the API."""

from __future__ import annotations

from pathlib import Path

from core.config import DataFolder
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.command_line import CommandLine, answer


def test_a_host_is_allowed_and_forbidden_by_command_and_nothing_is_fetched_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    workspace.close()
    proofroom = CommandLine(data)
    fetch = ("fact-store", "fetch", "https://docs.example/prices", "--project", "p", "--owner", "Ann")
    try:
        assert proofroom("fact-store", "hosts").stdout.strip() == "No host is allowed: nothing is fetched."
        assert "Pages of docs.example are not fetched." in proofroom(*fetch, code=1).stderr
        assert "is no name of a host" in proofroom("fact-store", "allow", "https://docs.example", code=1).stderr
        found = answer(proofroom("fact-store", "allow", "Docs.example:8443", "--allow-private", "--json"))
        assert (found["host"], found["allows_private"]) == ("docs.example:8443", True)
        assert "docs.example:8443, also at a private address" in proofroom("fact-store", "hosts").stdout
        assert "Pages of docs.example are not fetched." in proofroom(*fetch, code=1).stderr
        proofroom("fact-store", "forbid", "docs.example:8443")
        assert answer(proofroom("fact-store", "hosts", "--json"))["hosts"] == []
    finally:
        proofroom.stop()
