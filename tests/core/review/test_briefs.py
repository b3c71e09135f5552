"""Briefs from files: what is wrong is said with its row, the rows beside it get in."""

from __future__ import annotations

import json

import pytest

from core.errors import Invalid
from core.review.briefs import Length, brief_from, length_from, read_briefs

GOOD = '{"id": "b1", "prompt": "Write of the van."}\n'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "It is not valid JSON"),
        ('["a list"]', "It is no brief"),
        ('{"id": "b2"}', "There is no prompt"),
        ('{"prompt": "  "}', "There is no prompt"),
        ('{"prompt": 5}', "There is no prompt"),
        ('{"prompt": {"text": "Write."}}', "There is no prompt"),
        ('{"prompt": "Write.", "facts": 7}', "What stands under facts is not a list"),
        ('{"prompt": "Write.", "must_not_say": {"a": 1}}', "What stands under must not say is not a list"),
        ('{"prompt": "Write.", "length": "long"}', "The length 'long' is not possible"),
        ('{"prompt": "Write.", "length": "90-30"}', "The length '90-30' is not possible"),
        ('{"prompt": "Write.", "length": 0}', "The length 0 is not possible"),
        ('{"id": "b1", "prompt": "Write of the bench."}', "The id 'b1' stands in row 1 already"),
        (json.dumps({"prompt": "x" * 8_001}), "The prompt has 8,001 characters"),
        (json.dumps({"prompt": "x", "audience": "y" * 1_001}), "The audience has 1,001 characters"),
        (json.dumps({"prompt": "x", "facts": ["f"] * 51}), "There is too much under facts"),
        ("[" * 100_000, "It is not valid JSON"),
    ],
)
def test_a_wrong_row_is_named_and_the_one_before_it_gets_in(line: str, says: str) -> None:
    found = read_briefs(GOOD + line)
    assert [brief.id for brief in found.briefs] == ["b1"]
    (refused,) = found.refused
    assert refused.row == 2
    assert says in refused.reason


def test_where_no_row_is_a_brief_the_first_reason_is_said() -> None:
    with pytest.raises(Invalid, match=r"None of 2 rows is a brief\. Row 1: There is no prompt"):
        read_briefs('{"id": "b1"}\n{"id": "b2"}')


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_a_file_without_a_row_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no brief in the file"):
        read_briefs(text)


def test_a_brief_keeps_all_that_it_says() -> None:
    brief = brief_from(
        {"id": 7, "prompt": " Write. ", "audience": "customers", "facts": ["a", 2], "reference": " Real. ", "format": "a letter",
         "length": "80 to 120 words", "must_not_say": ["cheap"]}
    )  # fmt: skip
    assert (brief.id, brief.prompt, brief.audience, brief.facts, brief.reference) == (
        "7", "Write.", "customers", ("a", "2"), "Real.",
    )  # fmt: skip
    assert (brief.form, brief.length, brief.must_not_say) == ("a letter", Length(80, 120), ("cheap",))


@pytest.mark.parametrize(
    ("said", "meant"),
    [("80-120", Length(80, 120)), ("80–120", Length(80, 120)), ("80 to 120 words", Length(80, 120)), (100, Length(0, 100)), ("", None), (None, None)],
)  # fmt: skip
def test_a_length_is_a_range_or_a_most(said: object, meant: Length | None) -> None:
    assert length_from(said) == meant


def test_a_table_has_the_same_fields_with_several_facts_in_a_cell() -> None:
    table = 'ID;Prompt;Facts;Must not say;Length\nb1;Write.;"It costs $12|It opens in May";"cheap\nfree";60-90\n;;;;\n'
    found = read_briefs(table)
    (brief,) = found.briefs
    assert brief.facts == ("It costs $12", "It opens in May")
    assert brief.must_not_say == ("cheap", "free")
    assert brief.length == Length(60, 90)
    assert found.rows == (1,)
    assert [one.row for one in found.refused] == [2]


def test_a_table_without_a_column_of_prompts_says_which_columns_it_has() -> None:
    with pytest.raises(Invalid, match="no column called prompt; it has: name, text"):
        read_briefs("name,text\na,b\n")


def test_a_brief_without_an_id_has_one_that_follows_from_what_it_says() -> None:
    one, other = read_briefs('{"prompt": "One."}\n{"prompt": "Other."}').briefs
    assert one.id != other.id
    assert read_briefs('{"prompt": "One."}').briefs[0].id == one.id
