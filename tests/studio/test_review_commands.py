"""Assignment, drafts that come back and looking back on the command line, and so by the API."""

from __future__ import annotations

from pathlib import Path

from core.config import DataFolder
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.command_line import CommandLine, answer
from tests.core.workflows.queue_by_hand import put_drafts


def test_briefs_are_assigned_judged_and_looked_back_at(tmp_path: Path) -> None:
    data = tmp_path / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", 2)
    workspace.close()
    proofroom, here = CommandLine(data), ("--project", "p")
    try:
        assert answer(proofroom("project", "repeats", "p", "0", "--json"))["repeat_every"] == 0
        assert "About one draft in 20 comes back." in proofroom("project", "repeats", "p", "20").stdout
        assert "One draft in 2 cannot come back" in proofroom("project", "repeats", "p", "2", code=1).stderr
        said = proofroom("review", "assign", *here, "--to", "Rita", "--to", "Otto", "--brief", "b0")
        assert said.stdout == "1 brief with 2 drafts assigned to Rita, Otto.\n"
        assert "Reviewers get what is assigned to them.\n" in proofroom("project", "assigned-only", "p", "on").stdout
        lines = proofroom("review", "assignments", *here).stdout.splitlines()
        assert lines == [
            "Otto: 2 of 2 drafts left (1 brief)",
            "Rita: 2 of 2 drafts left (1 brief)",
            "Assigned to nobody: 2 drafts.",
            "2 drafts wait and are assigned to nobody, so nobody gets them.",
        ]
        assert "4 drafts wait that are not given to you." in proofroom("review", "next", *here, "--by", "Zoe").stdout
        for reviewer in ("Rita", "Otto"):
            item = answer(proofroom("review", "next", *here, "--by", reviewer, "--json"))["item"]
            proofroom("review", "submit", item, "--decision", "sign_off", "--by", reviewer)
        mine = answer(proofroom("review", "mine", *here, "--by", "Otto", "--json"))
        assert [one["item"] for one in mine["newest"]] == [item]
        assert "That is all." in proofroom("review", "mine", *here, "--by", "Otto").stdout
        assert "was not measured yet" in proofroom("review", "nearest", item, "--by", "Otto", code=1).stderr
        assert "no verdict on an item" in proofroom("review", "nearest", item, "--by", "Zoe", code=1).stderr
        said = proofroom("review", "unassign", *here, "--all")
        assert said.stdout == "2 briefs with 4 drafts taken from Otto, Rita.\n"
        assert answer(proofroom("review", "assignments", *here, "--json"))["loads"] == []
        assert answer(proofroom("results", *here, "--json"))["repeats"]["every"] == 20
    finally:
        proofroom.stop()
