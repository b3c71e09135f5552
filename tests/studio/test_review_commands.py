"""Assignment, drafts that come back and looking back on the command line, and so by the API."""

from __future__ import annotations

import json
from pathlib import Path

from core.config import DataFolder
from core.nouns import System
from core.review.briefs import BriefIn, Length
from core.store import open_items as open_item_rows
from core.workflows import projects, results, reviewing
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


def test_a_rubric_is_put_in_force_scored_and_told(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "rubric.yml"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", 1, systems=(System.TUNED,))
    workspace.close()
    file.write_text(
        "reasons: [too long]\ncriteria: [{name: Facts are right, critical: true}, {name: Our tone}]\n", encoding="utf-8"
    )
    proofroom, here = CommandLine(data), ("--project", "p")
    try:
        said = proofroom("rubric", "set", str(file), *here)
        assert said.stdout == "Reviewers choose among 1 reason and score 2 criteria, 1 of them critical.\n"
        file.write_text(proofroom("rubric", "show", *here).stdout, encoding="utf-8")
        assert "2 criteria" in proofroom("rubric", "set", str(file), *here).stdout
        given = answer(proofroom("review", "next", *here, "--by", "Rita", "--json"))
        assert [one["name"] for one in given["rubric"]["criteria"]] == ["Facts are right", "Our tone"]
        said = proofroom("review", "later", given["item"], "--by", "Rita")
        assert said.stdout == f"{given['item']} comes again when nothing else does.\n"
        assert answer(proofroom("review", "next", *here, "--by", "Rita", "--json"))["item"] == given["item"]
        submit = ("review", "submit", given["item"], "--by", "Rita", "--decision")
        assert "names no criterion" in proofroom(*submit, "reject", "--score", "fails", code=1).stderr
        assert "is no score" in proofroom(*submit, "reject", "--score", "Our tone=7", code=1).stderr
        refused = proofroom(*submit, "sign_off", "--score", "Facts are right=fails", code=1)
        assert "is critical and fails" in refused.stderr
        proofroom(*submit, "reject", "--score", "Facts are right=fails", "--score", "Our tone=good")
        told = answer(proofroom("results", *here, "--json"))["criteria"]
        assert [(one["criterion"], one["critical"]) for one in told] == [("Facts are right", True), ("Our tone", False)]
    finally:
        proofroom.stop()


def test_whose_rate_is_told_is_chosen_by_command(tmp_path: Path) -> None:
    data = tmp_path / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", 2, systems=(System.TUNED, System.TUNED_FACTS))
    for item in open_item_rows.open_items(workspace.store, projects.list_projects(workspace)[0]["id"]):
        reviewing.submit(workspace, item["id"], "sign_off", by="Rita")
    workspace.close()
    proofroom, here, file = CommandLine(data), ("--project", "p"), tmp_path / "report.json"
    try:
        assert "2 of at least 20 tuned drafts have" in proofroom("results", *here).stdout
        assert (
            "2 of at least 20 tuned drafts with facts have"
            in proofroom("results", *here, "--system", "tuned_facts").stdout
        )
        proofroom("report", *here, "--format", "json", "--to", str(file), "--system", "tuned_facts")
        told = json.loads(file.read_text(encoding="utf-8"))
        assert (told["system"], told["systems_told"]) == ("tuned_facts", ["tuned", "tuned_facts"])
        assert told["provenance"]["written_at"]
        assert {one["system"] for one in told["notable"]["best"]} == {"tuned_facts"}
        assert "Choose tuned or tuned_facts" in proofroom("results", *here, "--system", "base", code=1).stderr
    finally:
        proofroom.stop()


def test_all_that_a_brief_asks_for_stands_with_the_draft(tmp_path: Path) -> None:
    data = tmp_path / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    asked = BriefIn(
        "b0", "Announce the new van.", audience="customers", form="a title and a paragraph", length=Length(40, 90),
        facts=("It carries 900 kg.",), must_not_say=("excited", "game changer"),
    )  # fmt: skip
    put_drafts(workspace, "p", 0, briefs=[asked], systems=(System.TUNED,))
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO fact_documents SELECT 'd', id, 'Prices', 'prices.csv', 'Ann', NULL, '', 1, '2026-01-01', 'Ann', NULL, NULL FROM projects"
        )
        tx.execute("INSERT INTO fact_passages SELECT 'f', id, 'd', 0, '', 'The van costs $30.' FROM projects")
        tx.execute(
            "INSERT INTO draft_facts VALUES ('dr_b0_tuned', 0, 'f', 'Prices', 'The van costs $30.', 'prices.csv', NULL)"
        )
    workspace.close()
    proofroom = CommandLine(data)
    try:
        told = proofroom("review", "next", "--project", "p", "--by", "Rita").stdout
        assert told.split("\n\n")[1].splitlines() == [
            "Brief: Announce the new van.",
            "For: customers",
            "Form: a title and a paragraph",
            "Length: 40 to 90 words",
            "Not to be said: excited; game changer",
            "Fact to use: It carries 900 kg.",
            "Found among your facts: The van costs $30. (Prices, prices.csv)",
        ]
    finally:
        proofroom.stop()


def test_what_stands_beside_the_rate_is_told_by_command_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    put_drafts(workspace, "p", 20, systems=(System.TUNED, System.HUMAN))
    for item in open_item_rows.open_items(workspace.store, projects.list_projects(workspace)[0]["id"]):
        for reviewer in ("Rita", "Otto"):
            reviewing.submit(workspace, item["id"], "sign_off", by=reviewer)
    told = results.results_json(workspace, "p")
    workspace.close()
    assert "Five points to each side" in told["outlook"]
    assert "your own texts are the ceiling" in told["ceiling"]
    assert told["agreement_in_words"].startswith("40 drafts had two or more reviewers")
    proofroom = CommandLine(data)
    try:
        lines = proofroom("results", "--project", "p").stdout.splitlines()
        assert lines[:4] == [told["headline"], told["outlook"], told["ceiling"], told["agreement_in_words"]]
    finally:
        proofroom.stop()
