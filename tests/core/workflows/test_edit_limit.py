"""Edits are labelled blind, each once by each person, and the limit that the labels speak for changes every rate."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotEnoughReviews, NotFound
from core.store.integrity import orphans
from core.workflows import edit_limit, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.edited_drafts import settle, sign_off, sign_off_all, workspace_with_drafts


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("edit-limit") / "data"
    workspace_with_drafts(root, n_briefs=8).close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def label_all(workspace: Workspace, by: str, *, rewritten_from: int) -> list[str]:
    """Label all that is shown by how many words are new. Returns the edits in their order."""
    order = []
    while (current := edit_limit.next_edit(workspace, "p", by=by).current) is not None:
        n_edits = sum(span.text.count("other") for span in current.difference if span.kind == "added")
        edit_limit.label_edit(
            workspace, "p", current.edit, "rewritten" if n_edits >= rewritten_from else "light", by=by
        )
        order.append(current.edit)
    return order


def test_what_is_shown_names_no_ratio_reviewer_or_system(workspace: Workspace) -> None:
    assert sign_off(workspace, "Bo", 3)
    settle(workspace)
    current = edit_limit.next_edit(workspace, "p", by="Cy").current
    assert current is not None
    assert set(asdict(current)) == {"edit", "draft", "final"}
    assert {span.kind for span in current.difference} == {"same", "removed", "added"}
    assert "".join(span.text for span in current.difference if span.kind != "added") == current.draft


def test_texts_signed_off_as_they_were_and_rejected_ones_are_not_asked_about(workspace: Workspace) -> None:
    assert sign_off(workspace, "Bo", 0)
    item = reviewing.next_draft(workspace, "p", by="Bo").current
    assert item is not None
    reviewing.submit(workspace, item.item, "reject", by="Bo", text="Something else.")
    assert edit_limit.next_edit(workspace, "p", by="Bo") == edit_limit.Labelling(None, 0, 0)


def test_an_edit_is_shown_to_nobody_while_a_draft_of_its_brief_waits(workspace: Workspace) -> None:
    assert sign_off(workspace, "Bo", 3)
    (edit,) = workspace.store.read("SELECT id FROM current_reviews WHERE reviewer = 'Bo'", [])
    for person in ("Bo", "Cy"):
        assert edit_limit.next_edit(workspace, "p", by=person).current is None
        with pytest.raises(NotFound, match="for you to label"):
            edit_limit.label_edit(workspace, "p", edit["id"], "light", by=person)
    settle(workspace)
    assert edit_limit.next_edit(workspace, "p", by="Cy").n_left == 1


def test_each_labels_an_edit_once_and_can_take_the_label_back(workspace: Workspace) -> None:
    assert sign_off(workspace, "Bo", 3)
    settle(workspace)
    current = edit_limit.next_edit(workspace, "p", by="Cy").current
    assert current is not None
    with pytest.raises(Invalid, match="'as_is' is no label"):
        edit_limit.label_edit(workspace, "p", current.edit, "as_is", by="Cy")
    edit_limit.label_edit(workspace, "p", current.edit, "light", by="Cy")
    with pytest.raises(Conflict, match="labelled this edit already"):
        edit_limit.label_edit(workspace, "p", current.edit, "same", by="Cy")
    edit_limit.label_edit(workspace, "p", current.edit, "same", by="Di")
    assert edit_limit.undo_label(workspace, "p", by="Cy") == current.edit
    assert edit_limit.undo_label(workspace, "p", by="Cy") is None
    assert edit_limit.next_edit(workspace, "p", by="Cy").n_left == 1
    found = edit_limit.calibration(workspace, "p")
    assert found is not None
    assert (found.n_pairs, found.n_people) == (1, 1)
    assert orphans(workspace.store) == []


def test_the_label_of_a_verdict_that_was_taken_back_does_not_count(workspace: Workspace) -> None:
    assert sign_off(workspace, "Bo", 3)
    label_all(workspace, "Cy", rewritten_from=99)
    reviewing.undo_last_review(workspace, "p", by="Bo")
    assert edit_limit.calibration(workspace, "p") is None
    assert edit_limit.calibration_json(workspace, "p")["in_words"] == ["No edit has a label."]


def test_the_best_limit_is_taken_and_every_rate_follows(workspace: Workspace) -> None:
    sign_off_all(workspace, 24)
    before = results.results(workspace, "p")
    assert before.light_edit_origin == "the default"
    with pytest.raises(NotEnoughReviews, match="No edit has a label"):
        edit_limit.take_best_limit(workspace, "p", limit=0.2, by="Ann")
    order = label_all(workspace, "Cy", rewritten_from=16)
    assert len(order) == 24
    assert label_all(workspace, "Di", rewritten_from=16) == order
    told = edit_limit.calibration_json(workspace, "p")
    best = told["best_limit"]
    assert told["calibration"]["best"]["served"]["balanced"] == 1.0
    assert told["calibration"]["n_shared"] == 24
    assert best > 0.10
    with pytest.raises(Conflict, match="The labels now say"):
        edit_limit.take_best_limit(workspace, "p", limit=0.10, by="Ann")
    edit_limit.take_best_limit(workspace, "p", limit=best, by="Ann")
    after = results.results(workspace, "p")
    assert after.light_edit_limit == best
    assert after.light_edit_origin.startswith("calibrated on 24 pairs labelled by 2 people, on 20")
    passed = [sum(s.rate.passed for s in one.systems if s.rate) for one in (before, after)]
    assert passed[1] == 15
    assert passed[0] < 15
    assert f"the limit: {after.light_edit_origin}" in str(results.report(workspace, "p", "md"))
    projects.set_light_edit_limit(workspace, "p", limit=0.3, by="Ann")
    assert results.results(workspace, "p").light_edit_origin == "set by hand"
