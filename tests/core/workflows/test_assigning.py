"""Briefs given to named reviewers: who gets what, what is left for whom, and what would never be judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Invalid, NotFound
from core.nouns import Role, System
from core.workflows import assigning, projects, reviewing
from core.workflows.assigning import Which
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.accounts_by_hand import first_owner, joined
from tests.core.workflows.queue_by_hand import judge_next, put_drafts

MACHINE = (System.TUNED,)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Four briefs with one draft each: b0 and b1 of one writing, c0 and c1 of another."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    put_drafts(opened, "p", 2, systems=MACHINE)
    put_drafts(opened, "p", 2, systems=MACHINE, prefix="c", job="job_c")
    yield opened
    opened.close()


def given(workspace: Workspace, reviewer: str) -> set[str]:
    """The prompts of all that the queue gives to a reviewer, who judges it and takes it back again."""
    found = set()
    while (current := reviewing.next_draft(workspace, "p", by=reviewer).current) is not None:
        found.add(current.brief)
        reviewing.submit(workspace, current.item, "reject", by=reviewer)
    for _ in found:
        reviewing.undo_last_review(workspace, "p", by=reviewer)
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM shown_items WHERE reviewer = ?", [reviewer])
        tx.execute("DELETE FROM saved_texts WHERE reviewer = ?", [reviewer])
        # As if nobody had judged them: each is the only draft of its brief.
        tx.execute("DELETE FROM told_drafts")
    return {prompt.removeprefix("Write of ").removesuffix(".").replace(" ", "") for prompt in found}


def test_a_brief_that_is_assigned_goes_to_those_people_alone_and_others_to_everybody(workspace: Workspace) -> None:
    done = assigning.assign(workspace, "p", Which(briefs=("b0", "b1")), to=["Rita", "Otto"], by="Ann")
    assert (done["n_briefs"], done["n_drafts"], done["n_changed"]) == (2, 2, 4)
    assert given(workspace, "Rita") == given(workspace, "Otto") == {"b0", "b1", "c0", "c1"}
    assert given(workspace, "Zoe") == {"c0", "c1"}


def test_reviewers_may_get_nothing_but_what_is_theirs(workspace: Workspace) -> None:
    assigning.assign(workspace, "p", Which(briefs=("b0",)), to=["Rita"], by="Ann")
    projects.set_assigned_only(workspace, "p", is_on=True, by="Ann")
    assert given(workspace, "Rita") == {"b0"}
    state = reviewing.next_draft(workspace, "p", by="Zoe")
    assert state.current is None
    assert state.why_waiting == "4 drafts wait that are not given to you."
    assert assigning.assignments(workspace, "p").warnings == [
        "3 drafts wait and are assigned to nobody, so nobody gets them."
    ]


def test_what_is_taken_from_everybody_is_for_all_again(workspace: Workspace) -> None:
    assigning.assign(workspace, "p", Which(all=True), to=["Rita", "Otto"], by="Ann")
    assert given(workspace, "Zoe") == set()
    assigning.unassign(workspace, "p", Which(briefs=("c0",)), of=["Rita"], by="Ann")
    assert given(workspace, "Rita") == {"b0", "b1", "c1"}
    done = assigning.unassign(workspace, "p", Which(briefs=("c0",)), by="Ann")
    assert done["n_changed"] == 1
    assert given(workspace, "Zoe") == {"c0"}


def test_assigning_twice_is_assigning_once(workspace: Workspace) -> None:
    for n_changed in (1, 0):
        done = assigning.assign(workspace, "p", Which(briefs=("b0",)), to=["Rita", "Rita "], by="Ann")
        assert (done["reviewers"], done["n_changed"]) == (["Rita"], n_changed)


def test_briefs_are_chosen_by_the_job_that_wrote_for_them_and_later_drafts_follow(workspace: Workspace) -> None:
    assert assigning.assign(workspace, "p", Which(job="job_c"), to=["Rita"], by="Ann")["n_briefs"] == 2
    project = project_named(workspace, "p")["id"]
    with workspace.store.transaction() as tx:
        (brief,) = tx.execute("SELECT id FROM briefs WHERE external_id = 'c0'")
        tx.execute(
            "INSERT INTO drafts (id, project_id, brief_id, run_id, job_id, system, text, seed, n_tokens, created_at) VALUES ('dr_late', ?, ?, 'run_x', 'job_late', 'base', 'A later text.', 17, 9, '2026-01-02')",
            [project, brief["id"]],
        )
        tx.execute("INSERT INTO review_items VALUES ('i_late', ?, 'dr_late')", [project])
    assert "c0" not in given(workspace, "Zoe")
    assert [(one["job_id"], one["n_briefs"]) for one in assigning.choices(workspace, "p")["jobs"]] == [
        ("job_late", 1), ("job_c", 2), ("job_x", 2),
    ]  # fmt: skip


def test_briefs_are_chosen_by_a_tag_of_their_records(workspace: Workspace) -> None:
    project = project_named(workspace, "p")["id"]
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE briefs SET record_id = 'r1' WHERE external_id = 'b1'")
        tx.execute(
            "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at) VALUES (?, 'r1', 'vans', TRUE, 'Ann', '2026-01-01')",
            [project],
        )
    assert assigning.choices(workspace, "p")["tags"] == [{"tag": "vans", "n_briefs": 1}]
    assigning.assign(workspace, "p", Which(tag="vans"), to=["Rita"], by="Ann")
    assert given(workspace, "Zoe") == {"b0", "c0", "c1"}
    with pytest.raises(NotFound, match="tagged 'winter'"):
        assigning.assign(workspace, "p", Which(tag="winter"), to=["Rita"], by="Ann")


def test_who_has_how_many_left(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    assigning.assign(workspace, "p", Which(briefs=("b0", "b1")), to=["Rita", "Otto", "Uma"], by="Ann")
    projects.set_assigned_only(workspace, "p", is_on=True, by="Ann")
    first = judge_next(workspace, "p", by="Rita")
    reviewing.submit(workspace, first, "reject", by="Otto")
    loads = {
        load.reviewer: (load.n_drafts, load.n_done, load.n_left) for load in assigning.assignments(workspace, "p").loads
    }
    assert loads == {"Rita": (2, 1, 1), "Otto": (2, 1, 1), "Uma": (2, 0, 1)}


def test_a_draft_that_is_assigned_to_too_few_says_so(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    assigning.assign(workspace, "p", Which(briefs=("b0", "b1")), to=["Rita"], by="Ann")
    found = assigning.assignments(workspace, "p")
    assert (found.n_short, found.n_unassigned) == (2, 2)
    assert found.warnings[0].startswith("2 drafts are assigned to fewer people than judge each (2)")
    assigning.assign(workspace, "p", Which(briefs=("b0",)), to=["Otto"], by="Ann")
    assert assigning.assignments(workspace, "p").n_short == 1
    (item,) = workspace.store.read(
        "SELECT i.id FROM review_items i JOIN drafts d ON d.id = i.draft_id JOIN briefs b ON b.id = d.brief_id WHERE b.external_id = 'b1'"
    )
    reviewing.submit(workspace, item["id"], "reject", by="Zoe")
    assert assigning.assignments(workspace, "p").n_short == 0, "Zoe was the other one"


def test_nobody_is_moved_off_the_draft_they_are_in_and_it_goes_once_they_have_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = reviewing.next_draft(workspace, "p", by="Zoe").current
    assert current is not None
    assigning.assign(workspace, "p", Which(all=True), to=["Rita"], by="Ann")
    reviewing.save_text(workspace, current.item, by="Zoe", text="Half a text", seconds=3.0)
    again = reviewing.next_draft(workspace, "p", by="Zoe").current
    assert again is not None
    assert (again.item, again.text, again.n_left) == (current.item, "Half a text", 1)
    monkeypatch.setattr(reviewing, "SOFT_LOCK_SECONDS", 0.0)
    assert reviewing.next_draft(workspace, "p", by="Zoe").current is None


def test_it_must_be_clear_which_briefs_and_who(workspace: Workspace) -> None:
    for which in (Which(), Which(briefs=("b0",), all=True), Which(tag="x", job="y")):
        with pytest.raises(Invalid, match="not clear which briefs"):
            assigning.assign(workspace, "p", which, to=["Rita"], by="Ann")
    with pytest.raises(NotFound, match="no brief 'b9'"):
        assigning.assign(workspace, "p", Which(briefs=("b0", "b9")), to=["Rita"], by="Ann")
    with pytest.raises(NotFound, match="a job 'job_y'"):
        assigning.assign(workspace, "p", Which(job="job_y"), to=["Rita"], by="Ann")
    with pytest.raises(Invalid, match="Nobody is named"):
        assigning.assign(workspace, "p", Which(all=True), to=[], by="Ann")
    assert assigning.assignments(workspace, "p").briefs == ()


def test_everybody_with_a_role_in_the_project_or_everywhere_gets_them(workspace: Workspace) -> None:
    first_owner(workspace)
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    joined(workspace, "Rita", Role.REVIEWER, "p")
    joined(workspace, "Otto", Role.REVIEWER)
    joined(workspace, "Zoe", Role.REVIEWER, "q")
    joined(workspace, "Lea", Role.LEAD, "p")
    done = assigning.assign(workspace, "p", Which(briefs=("b0",)), to=["Max"], role="reviewer", by="Ann")
    assert done["reviewers"] == ["Max", "Otto", "Rita"]
    assert assigning.people_by_role(workspace, "p") == {
        "owner": ["Olga"],
        "lead": ["Lea"],
        "reviewer": ["Otto", "Rita"],
    }
    with pytest.raises(NotFound, match="Nobody has the role engineer in p"):
        assigning.assign(workspace, "p", Which(all=True), role="engineer", by="Ann")
    with pytest.raises(Invalid, match="'auditor' is no role that judges drafts"):
        assigning.assign(workspace, "p", Which(all=True), role="auditor", by="Ann")


def test_every_act_is_kept_with_who_did_it(workspace: Workspace) -> None:
    assigning.assign(workspace, "p", Which(briefs=("b0",)), to=["Rita"], by="Ann")
    assigning.unassign(workspace, "p", Which(briefs=("b0",)), of=["Rita"], by="Bo")
    rows = workspace.store.read("SELECT reviewer, is_assigned, done_by FROM assignments ORDER BY seq")
    assert [tuple(row.values()) for row in rows] == [("Rita", True, "Ann"), ("Rita", False, "Bo")]
    assert assigning.known_reviewers(workspace, "p") == ["Rita"]
