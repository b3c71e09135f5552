"""Commands on people, at the machine itself and from elsewhere with a person's own token."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from core.config import DataFolder
from core.errors import Invalid
from core.workflows import people, projects
from core.workflows.workspace import open_workspace
from studio.client import ADDRESS, TOKEN, _checked_address
from tests.command_line import CommandLine
from tests.core.workflows.accounts_by_hand import PASSWORD, first_owner


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    folder = DataFolder(tmp_path_factory.mktemp("people") / "data")
    workspace = open_workspace(folder)
    for name in ("own", "other"):
        projects.create_project(workspace, name=name, goal="voice", by="Olga")
    first_owner(workspace)
    link = people.invite(workspace, "Lea", role="lead", project="own", by="Olga")
    people.redeem(workspace, link.shown, name="", password=PASSWORD)
    workspace.close()
    opened = CommandLine(folder.root)
    yield opened
    opened.stop()


def test_people_are_invited_given_roles_and_ended_at_the_machine(run: CommandLine) -> None:
    invited = json.loads(run("accounts", "invite", "Bo", "--role", "reviewer", "--project", "own", "--json").stdout)
    assert "/join#invitation-" in invited["link"]
    assert "already" in run("accounts", "invite", "lea", "--role", "reviewer", code=1).stderr
    assert "role engineer in other" in run("accounts", "role", "Lea", "engineer", "--project", "other").stdout
    assert "Lea: engineer in other, lead in own" in run("accounts", "list").stdout
    assert "no role in other" in run("accounts", "role", "Lea", "none", "--project", "other").stdout
    assert "/join#invitation-" in run("accounts", "new-password", "Lea").stdout
    assert "only owner" in run("accounts", "end", "Olga", code=1).stderr


def test_a_person_s_token_does_from_elsewhere_what_the_person_may_and_is_revoked(
    run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("tokens", "add", "script", "--account", "Lea", "--role", "lead", "--project", "own").stdout.split()[0]
    assert "script: Lea, lead in own" in run("tokens", "list").stdout
    monkeypatch.setenv(ADDRESS, json.loads((run.data / "server.json").read_text())["address"])
    monkeypatch.setenv(TOKEN, made)
    assert [row["name"] for row in json.loads(run("project", "list", "--json").stdout)["projects"]] == ["own"]
    assert "The target is 70%." in run("project", "target", "own", "0.7", "--by", "Olga").stdout
    assert "There is no project called 'other'." in run("project", "target", "other", "0.7", code=1).stderr
    assert "needs the role owner" in run("accounts", "list", code=1).stderr
    monkeypatch.delenv(ADDRESS)
    monkeypatch.delenv(TOKEN)
    run("tokens", "revoke", "script")
    monkeypatch.setenv(TOKEN, made)
    assert "no valid token" in run("project", "list", code=1).stderr


def test_a_token_is_not_sent_where_it_could_be_read() -> None:
    assert _checked_address("https://proofroom.example.org/") == "https://proofroom.example.org"
    assert _checked_address("http://127.0.0.1:8501") == "http://127.0.0.1:8501"
    with pytest.raises(Invalid, match="could be read"):
        _checked_address("http://proofroom.example.org")
