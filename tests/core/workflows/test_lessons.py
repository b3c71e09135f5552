"""Recurring edits and reasons, with the records that hold the same, and the rule against them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import NotFound, Refused
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import deciding, drafting, guiding, importing, lessons, projects, reviewing, rubrics
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four briefs whose tuned drafts lose their phone calls; one brief waits. Two of eight records speak of phone calls."""
    root = tmp_path_factory.mktemp("lessons") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    words = " ".join(f"word{n}" for n in range(60))
    texts = [f"# On {n}\n\n{words} {'Phone  Calls' if n < 2 else 'letters'} {n}." for n in range(8)]
    files = [importing.keep_upload(opened, f"{n}.md", text.encode()) for n, text in enumerate(texts)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", files, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    run = made_up.trained(opened, "p", "v1")
    names = ("vans", "bills", "keys", "doors", "later")
    made_up.drafted(opened, "p", run, [BriefIn(name, f"Write of {name}.") for name in names])
    items = {
        one["draft_id"]: one["id"]
        for one in open_item_rows.open_items(opened.store, projects.list_projects(opened)[0]["id"])
    }
    for draft in drafting.list_drafts(opened, "p"):
        is_edited = draft["system"] == "tuned"
        if draft["brief"] != "later" or is_edited:
            text = draft["text"].replace("phone calls", "letters") if is_edited else None
            decision = "sign_off" if is_edited else "reject"
            reviewing.submit(opened, items[draft["id"]], decision, by="Rita", text=text, reasons=["too long"])
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def test_an_edit_that_recurs_comes_with_the_records_that_hold_what_it_takes_out(workspace: Workspace) -> None:
    found = lessons.lessons(workspace, "p")
    assert (found["n_edits"], found["n_verdicts"]) == (4, 12), "the brief that waits counts for nothing"
    (edit,) = found["edits"]
    assert (edit["removed"], edit["added"], edit["n"], edit["n_records"], edit["n_kept"]) == (
        "phone calls",
        "letters",
        4,
        2,
        0,
    )
    assert edit["sentence"].endswith(
        "replace “phone calls” by “letters” (4 of the edited drafts held it): 2 records hold it, 0 of them kept."
    )
    where = deciding.RecordFilter(holds=edit["holds"])
    found_records = deciding.list_records(workspace, "p", where, limit=9)
    assert {row["external_id"] for row in found_records} == {"0.md", "1.md"}


def test_the_records_are_counted_in_the_text_that_they_have_now(workspace: Workspace) -> None:
    deciding.decide(workspace, "p", "1.md", "keep", by="Ann")
    deciding.edit_text(workspace, "p", "0.md", "Nothing of the kind.", by="Ann")
    (edit,) = lessons.lessons(workspace, "p")["edits"]
    assert (edit["n_records"], edit["n_kept"]) == (1, 1)


def test_one_click_makes_a_rule_and_a_second_is_refused(workspace: Workspace) -> None:
    assert not lessons.lessons(workspace, "p")["edits"][0]["in_guide"]
    name = lessons.add_rule(workspace, "p", "phone calls", by="Ann")
    assert lessons.lessons(workspace, "p")["edits"][0]["in_guide"]
    (note,) = guiding.check_text(workspace, "p", "Mind the Phone calls.").notes
    assert (note.rule, note.better) == (name, ("letters",))
    with pytest.raises(Refused, match="objects to “phone calls” already"):
        lessons.add_rule(workspace, "p", "phone calls", by="Ann")
    with pytest.raises(NotFound, match="No recurring edit takes out 'vans'"):
        lessons.add_rule(workspace, "p", "vans", by="Ann")


def test_a_reason_of_the_teams_own_points_at_what_its_search_finds(workspace: Workspace) -> None:
    found_by = [{"reason": "too long", "holds": "phone calls"}]
    rubrics.set_rubric(workspace, "p", {"reasons": ["too long", "speaks of phones"], "searches": found_by}, by="Ann")
    (reason,) = lessons.lessons(workspace, "p")["reasons"]
    assert (reason["flag"], reason["holds"], reason["n_records"]) == ("", "phone calls", 2)
    assert reason["sentence"] == "12 of 12 verdicts give the reason “too long”: 2 records hold “phone calls”."
    rubrics.set_rubric(workspace, "p", {"searches": [{"reason": "too long", "flag": "off_topic"}]}, by="Ann")
    assert lessons.lessons(workspace, "p")["reasons"] == [], "no record carries the flag that the team named"
    project = projects.list_projects(workspace)[0]["id"]
    with workspace.store.transaction() as tx:
        for record in ("3.md", "4.md"):
            found = deciding.record_named(workspace, "p", record)["id"]
            tx.execute(
                "INSERT INTO flags VALUES (?, ?, 'off_topic', TRUE, 'Off.', -1, -1, NULL, NULL)", [project, found]
            )
    (reason,) = lessons.lessons(workspace, "p")["reasons"]
    assert reason["sentence"].endswith("“too long”: 2 records carry the flag “off topic”.")


def test_a_reason_points_at_the_records_with_the_flag_that_says_the_same(workspace: Workspace) -> None:
    assert lessons.lessons(workspace, "p")["reasons"] == [], "nothing was measured yet"
    project = projects.list_projects(workspace)[0]["id"]
    record = deciding.record_named(workspace, "p", "3.md")["id"]
    with workspace.store.transaction() as tx:
        tx.execute("INSERT INTO flags VALUES (?, ?, 'too_long', FALSE, 'Long.', -1, -1, NULL, NULL)", [project, record])
    (reason,) = lessons.lessons(workspace, "p")["reasons"]
    assert reason["sentence"] == "12 of 12 verdicts give the reason “too long”: 1 record carries the flag “too long”."
