"""The rubric in the review: what reviewers are given, what a score does to a verdict, and what Results tell of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pypdfium2
import pytest

from core.config import DataFolder
from core.errors import Invalid
from core.nouns import Goal, ReviewClass, System
from core.review.reasons import REASONS
from core.workflows import looking_back, projects, results, review_choices, reviewing, rubrics
from core.workflows.reviewing import ItemToReview
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.queue_by_hand import put_drafts

RUBRIC = {
    "reasons": ["too long", "not us"],
    "criteria": [
        {"name": "Facts are right", "meaning": "As in the brief.", "critical": True},
        {"name": "Sounds like us", "meaning": "", "critical": False},
    ],
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """One brief with one tuned draft."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=0, by="Ann")
    put_drafts(opened, "p", 1, systems=(System.TUNED,))
    yield opened
    opened.close()


def current(workspace: Workspace, by: str = "Rita") -> ItemToReview:
    found = reviewing.next_draft(workspace, "p", by=by).current
    assert found is not None
    return found


def judged(workspace: Workspace, scores: dict[str, str], *, edit: str = "", decision: str = "sign_off") -> ItemToReview:
    item = current(workspace)
    reviewing.submit(workspace, item.item, decision, by="Rita", text=item.text + edit, scores=scores)
    return item


def verdict_class(workspace: Workspace) -> str:
    (newest,), _ = results.newest_verdicts(workspace, "p", limit=5)
    return str(newest["class"])


def test_a_project_without_a_rubric_has_its_goals_reasons_and_no_criterion(workspace: Workspace) -> None:
    found = rubrics.rubric_json(workspace, "p")
    assert (tuple(found["reasons"]), found["criteria"], found["changed_by"]) == (REASONS[Goal.VOICE], [], "")


def test_a_rubric_in_force_is_what_reviewers_are_given(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    given = current(workspace).rubric
    assert given.reasons == ("too long", "not us")
    assert [one.name for one in given.criteria] == ["Facts are right", "Sounds like us"]
    assert rubrics.rubric_json(workspace, "p")["changed_by"] == "Ann"


def test_criteria_alone_leave_the_goals_reasons(workspace: Workspace) -> None:
    found = rubrics.set_rubric(workspace, "p", {"criteria": RUBRIC["criteria"]}, by="Ann")
    assert tuple(found["reasons"]) == REASONS[Goal.VOICE]


def test_the_goals_reasons_given_as_ones_own_stay_the_goals(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", {"reasons": list(REASONS[Goal.VOICE])}, by="Ann")
    (row,) = workspace.store.read("SELECT content->>'$.reasons' AS reasons FROM rubrics")
    assert row["reasons"] == "[]"


def test_a_light_edit_of_a_draft_that_fails_a_critical_criterion_is_no_pass(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "fails"}, edit=" Mended.")
    assert verdict_class(workspace) == ReviewClass.CRITICAL_FAIL
    assert results.results_json(workspace, "p")["systems"]["tuned"]["passed"] == 0


def test_failing_what_is_not_critical_leaves_the_pass(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "good", "Sounds like us": "fails"}, edit=" Mended.")
    assert verdict_class(workspace) == ReviewClass.LIGHT_EDIT


def test_what_fails_critically_cannot_be_signed_off_as_it_came(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    with pytest.raises(Invalid) as refused:
        judged(workspace, {"Facts are right": "fails"})
    assert refused.value.message == "“Facts are right” is critical and fails, and no word of the draft is changed."
    assert "Mend the text" in refused.value.remedy
    assert workspace.store.read("SELECT 1 FROM reviews UNION ALL SELECT 1 FROM review_scores") == []


def test_it_can_be_rejected_as_it_came(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "fails"}, decision="reject")
    assert verdict_class(workspace) == ReviewClass.REJECTED


def test_a_verdict_that_is_taken_back_comes_back_with_its_scores(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Sounds like us": "fair"})
    reviewing.undo_last_review(workspace, "p", by="Rita")
    assert current(workspace).scores == {"Sounds like us": "fair"}
    assert results.results_json(workspace, "p")["criteria"] == []


def test_what_was_chosen_before_the_verdict_is_there_again_for_who_chose_it(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    item = current(workspace).item
    save = partial(review_choices.save_choices, workspace, item)
    save(by="Rita", reasons=["not us"], scores={"Sounds like us": "fails"})
    save(by="Rita", reasons=["too long"], scores={"Sounds like us": "fair"})
    save(by="Otto", reasons=["not us"], scores={})
    again = current(workspace)
    assert (again.reasons, again.scores) == (("too long",), {"Sounds like us": "fair"})
    with pytest.raises(Invalid, match="There is no criterion 'Short'"):
        save(by="Rita", reasons=[], scores={"Short": "fails"})


def test_a_verdict_holds_what_it_was_given_with_whatever_was_chosen_before(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    item = current(workspace).item
    review_choices.save_choices(workspace, item, by="Rita", reasons=["too long"], scores={})
    reviewing.submit(workspace, item, "reject", by="Rita", reasons=["not us"], scores={"Facts are right": "fails"})
    reviewing.undo_last_review(workspace, "p", by="Rita")
    again = current(workspace)
    assert (again.reasons, again.scores) == (("not us",), {"Facts are right": "fails"})


def test_a_new_rubric_leaves_the_scores_that_were_given(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "fails"}, edit=" Mended.")
    rubrics.set_rubric(workspace, "p", {"criteria": [{"name": "Short"}]}, by="Ann")
    assert verdict_class(workspace) == ReviewClass.CRITICAL_FAIL
    (found,) = results.results_json(workspace, "p")["criteria"]
    assert (found["criterion"], found["critical"], found["systems"]["tuned"]["n"]) == ("Facts are right", True, 1)


def test_results_tell_each_criterion_in_the_order_of_the_rubric(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Sounds like us": "fails", "Facts are right": "good"}, edit=" Mended.")
    told = results.results_json(workspace, "p")
    assert [one["criterion"] for one in told["criteria"]] == ["Facts are right", "Sounds like us"]
    assert told["criteria"][1]["systems"]["tuned"]["scores"] == {"good": 0, "fair": 0, "fails": 1}
    assert told["limit_in_words"].endswith(", that fails no critical criterion.")


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_report_tells_them(workspace: Workspace, form: str) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "fails"}, edit=" Mended.")
    text = str(results.report(workspace, "p", form))
    assert "Sounds like us" not in text
    assert "critical fail" in text
    assert "failed no critical criterion (Facts are right)" in text


def test_the_report_as_pdf_has_room_for_them(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "fails"}, edit=" Mended.")
    document = pypdfium2.PdfDocument(results.report(workspace, "p", "pdf"))
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "Facts are right" in text


def test_the_verdicts_as_csv_hold_the_scores(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "good", "Sounds like us": "fair"})
    (row,) = csv.DictReader(io.StringIO(str(results.report(workspace, "p", "csv"))))
    assert (row["scores"], row["class"]) == ("Facts are right: good; Sounds like us: fair", "as_is")


def test_who_looks_back_sees_that_it_was_a_critical_fail(workspace: Workspace) -> None:
    rubrics.set_rubric(workspace, "p", RUBRIC, by="Ann")
    judged(workspace, {"Facts are right": "fails"}, edit=" Mended.")
    (past,) = looking_back.my_verdicts(workspace, "p", by="Rita").newest
    assert past.verdict is ReviewClass.CRITICAL_FAIL
