"""Briefs as JSON Lines: what is wrong is said with its line, and what is allowed."""

from __future__ import annotations

import json

import pytest

from core.errors import Invalid
from core.workflows.drafting import read_briefs


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "Line 2 of the briefs is not valid JSON"),
        ('["a list"]', "Line 2 of the briefs has no prompt"),
        ('{"id": "b2"}', "Line 2 of the briefs has no prompt"),
        ('{"prompt": "  "}', "Line 2 of the briefs has no prompt"),
        ('{"prompt": 5}', "Line 2 of the briefs has no prompt"),
        ('{"prompt": {"text": "Write."}}', "Line 2 of the briefs has no prompt"),
        ('{"prompt": "Write.", "facts": "one"}', "The facts in line 2 are not a list"),
        (json.dumps({"prompt": "x" * 8_001}), "The prompt in line 2 has 8,001 characters"),
    ],
)
def test_a_wrong_brief_is_named_by_its_line(line: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_briefs('{"prompt": "Write of the van."}\n' + line)


def test_a_file_without_a_brief_is_refused() -> None:
    with pytest.raises(Invalid, match="no brief in the file"):
        read_briefs("\n \n")


def test_a_brief_keeps_all_that_it_says() -> None:
    (brief,) = read_briefs(
        '{"id": 7, "prompt": " Write. ", "audience": "customers", "facts": ["a", 2], "reference": " Real. "}'
    )
    assert (brief.id, brief.prompt, brief.audience, brief.facts, brief.reference) == (
        "7", "Write.", "customers", ("a", "2"), "Real.",
    )  # fmt: skip
