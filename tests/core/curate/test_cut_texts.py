"""When a base model is asked whether a text is whole, and what its word means."""

from __future__ import annotations

import pytest

from core.curate.flags.completeness import LEAST_END_SHARE, cut_off, may_break_off
from core.curate.flags.view import View
from core.curate.records_in import RecordIn
from core.nouns import Goal
from tests.core.curate.test_flags import thread


def view(record: RecordIn) -> View:
    return View(record, Goal.SUPPORT)


@pytest.mark.parametrize(
    ("answer", "is_asked"),
    [
        ("Open the settings of the account and look at what it says on the", True),
        ("Open the settings of the account.", False),
        ("Open the settings and read on here https://example.org/page", False),
        ("It is as I said before, and all is well now.\nMany thanks and kind regards from Ann", False),
        ("Too short to say", False),
        ("# A heading that has more than six words", False),
    ],
)
def test_the_base_model_is_asked_only_where_words_end_without_a_stop(answer: str, is_asked: bool) -> None:
    assert may_break_off(view(thread(answer))) is is_asked


def test_a_text_that_a_base_model_expects_to_go_on_is_truncated() -> None:
    one = view(thread("Open the settings of the account and look at what a clerk called"))
    flag = cut_off(one, 0.004)
    assert flag is not None
    assert (flag.name, flag.limit) == ("truncated", LEAST_END_SHARE)
    assert "0.4%" in flag.evidence
    assert cut_off(one, 0.4) is None
