"""Briefs to begin with: each can be read as a brief, and says what is to be filled in."""

from __future__ import annotations

import pytest

from core.nouns import Goal
from core.review.brief_templates import TEMPLATES, BriefTemplate, gaps_in
from core.review.briefs import brief_from

EVERY = [(goal, one) for goal in Goal for one in TEMPLATES[goal]]


@pytest.mark.parametrize(("goal", "template"), EVERY, ids=[f"{goal}: {one.name}" for goal, one in EVERY])
def test_a_template_is_a_brief_with_gaps(goal: Goal, template: BriefTemplate) -> None:
    brief = brief_from(
        {"prompt": template.prompt, "length": template.length, "must_not_say": list(template.must_not_say)}
    )
    assert brief.length is not None
    assert gaps_in(template.prompt)


def test_gaps_of_templates_are_told_once_each() -> None:
    assert gaps_in("Explain how to {task}, and {task} with {what}.") == ["{task}", "{what}"]


@pytest.mark.parametrize("code", ['print(f"{name}")', "{ return x; }", '{"a": 1}', "{}", "{not\na gap}"])
def test_curly_brackets_of_ones_own_are_no_gap(code: str) -> None:
    assert gaps_in(f"Review this change:\n\n{code}") == []
