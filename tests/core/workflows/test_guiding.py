"""The brand guide of a project: kept with every change, checked against, brought along."""

from __future__ import annotations

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.workflows import guiding, projects
from core.workflows.workspace import Workspace

WORDS = {"name": "words", "kind": "existence", "tokens": ["leverage"]}
STYLE = ("Brand/Terms.yml", b"extends: substitution\nmessage: \"Use '%s' instead of '%s'.\"\nswap: {utilise: use}\n")


@pytest.fixture(autouse=True)
def project(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")


def test_without_a_guide_nothing_is_noted(workspace: Workspace) -> None:
    found = guiding.guide_of(workspace, "p")
    assert (found.changed_by, found.n_changes, found.guide.all_rules()) == ("", 0, ())
    assert guiding.check_text(workspace, "p", "We leverage it!").notes == ()


def test_a_guide_is_in_force_from_when_it_is_set_and_the_one_before_is_kept(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", {"rules": [WORDS]}, by="Ann")
    assert [note.rule for note in guiding.check_text(workspace, "p", "We leverage it!").notes] == ["words"]
    found = guiding.set_guide(workspace, "p", {"presets": ["no-exclamation-marks"]}, by="Bo")
    assert (found.changed_by, found.n_changes) == ("Bo", 2)
    assert [note.rule for note in guiding.check_text(workspace, "p", "We leverage it!").notes] == [
        "no-exclamation-marks"
    ]
    rows = workspace.store.read("SELECT changed_by FROM guides ORDER BY seq")
    assert [row["changed_by"] for row in rows] == ["Ann", "Bo"]


def test_the_same_guide_again_is_no_change(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", {"rules": [WORDS]}, by="Ann")
    again = guiding.set_guide_file(workspace, "p", guiding.guide_file(workspace, "p").encode(), by="Bo")
    assert (again.changed_by, again.n_changes) == ("Ann", 1)


def test_a_guide_that_is_wrong_changes_nothing(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", {"rules": [WORDS]}, by="Ann")
    with pytest.raises(Invalid, match="kind is 'wish'"):
        guiding.set_guide(workspace, "p", {"rules": [WORDS | {"kind": "wish"}]}, by="Ann")
    assert guiding.guide_of(workspace, "p").n_changes == 1


def test_rules_of_vale_are_added_or_replaced_by_name(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", {"rules": [WORDS]}, by="Ann")
    bad = ("Brand/Code.yml", b"extends: script\nmessage: x\n")
    first = guiding.bring_from_vale(workspace, "p", [STYLE, bad], by="Ann")
    assert (first.added, first.replaced) == (("Brand.Terms",), ())
    assert [one.file for one in first.refused] == ["Brand/Code.yml"]
    newer = (STYLE[0], STYLE[1].replace(b"use}", b"employ}"))
    second = guiding.bring_from_vale(workspace, "p", [newer], by="Ann")
    assert (second.added, second.replaced) == ((), ("Brand.Terms",))
    (note,) = guiding.check_text(workspace, "p", "We utilise it.").notes
    assert note.message == "Use 'employ' instead of 'utilise'."
    with pytest.raises(Invalid, match="No file was chosen"):
        guiding.bring_from_vale(workspace, "p", [], by="Ann")


def test_a_rule_is_taken_out_by_its_name(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", {"rules": [WORDS]}, by="Ann")
    guiding.remove_rule(workspace, "p", "words", by="Ann")
    assert guiding.guide_of(workspace, "p").guide.rules == ()
    with pytest.raises(NotFound, match="no rule called 'words'"):
        guiding.remove_rule(workspace, "p", "words", by="Ann")


def test_the_brief_and_its_facts_prove_a_claim(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", {"presets": ["proof-of-superlatives"]}, by="Ann")
    text = "It is the fastest, at 40 ms."
    assert len(guiding.check_text(workspace, "p", text).notes) == 1
    assert guiding.check_text(workspace, "p", text, support=("40 ms a page",)).notes == ()


def test_a_change_to_a_guide_that_somebody_changed_meanwhile_is_refused(workspace: Workspace) -> None:
    before = guiding.guide_of(workspace, "p").guide.sha256
    guiding.set_guide(workspace, "p", {"rules": [WORDS]}, by="Ann", expected=before)
    with pytest.raises(Conflict, match="changed the guide meanwhile"):
        guiding.set_guide(workspace, "p", {"presets": ["no-emoji"]}, by="Bo", expected=before)
    assert guiding.guide_of(workspace, "p").changed_by == "Ann"
