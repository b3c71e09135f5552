"""A list of tags: names, keys, the tree, and files that are read back as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.tags import taxonomy_file
from core.tags.taxonomy import (
    KEYS,
    TAKEN_KEYS,
    Tag,
    TagColour,
    as_tree,
    check_rows,
    clean_name,
    moved,
    spelled_as_listed,
)

LEVELS = st.builds(
    lambda first, rest: " ".join((first + rest).split()),
    st.sampled_from("aZ9Äж"),
    st.text(alphabet="aß9 .&+'()-_", max_size=12),
)
NAMES = st.lists(LEVELS, min_size=1, max_size=3).map(" / ".join)
MEANINGS = st.text(max_size=20).map(lambda text: " ".join(text.replace("\x00", "").split()))


def rows(*names: str) -> list[tuple[int, dict[str, str]]]:
    return [(number, {"tag": name}) for number, name in enumerate(names, start=1)]


def test_a_name_is_its_whole_path_however_it_was_typed() -> None:
    assert clean_name(" billing/ refunds ") == "billing / refunds"
    assert clean_name("Rückerstattung") == "Rückerstattung"


@pytest.mark.parametrize("name", ["", "a //  b", "a / b / c / d / e", "=1+1", "<img src=x>", "x" * 121, "a / "])
def test_a_name_that_is_none_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(Invalid, match=r"cannot name a tag\. Use letters"):
        clean_name(name)


def test_no_tag_takes_a_key_that_decides_or_steps() -> None:
    assert not set(KEYS) & set(TAKEN_KEYS)
    tags, rejected = check_rows(
        [(1, {"tag": "a", "key": "K"}), (2, {"tag": "b", "key": "R"}), (3, {"tag": "c", "key": "12"})]
    )
    assert tags == [Tag("b", "r")]
    assert [(row.row, row.value) for row in rejected] == [(1, "a"), (3, "c")]
    assert "'k' of a does not work: it is taken by a decision or a step. Choose one of 1 2" in rejected[0].reason


def test_the_second_of_two_equal_names_or_keys_is_refused_by_row() -> None:
    found = [
        (1, {"tag": "Refunds", "key": "1"}),
        (2, {"tag": "refunds"}),
        (3, {"tag": "fees", "key": "1"}),
        (4, {"tag": "tax"}),
    ]
    tags, rejected = check_rows(found)
    assert [tag.tag for tag in tags] == ["Refunds", "tax"]
    assert "'refunds' stands in row 1 already" in rejected[0].reason
    assert "'1' stands in row 1 already. Give each tag a key of its own" in rejected[1].reason


def test_a_colour_is_one_of_the_palette() -> None:
    tags, rejected = check_rows([(1, {"tag": "a", "colour": "Green"}), (2, {"tag": "b", "colour": "red"})])
    assert tags == [Tag("a", colour=TagColour.GREEN)]
    assert "'red' is not a colour that b can have. Choose one of blue, green, amber" in rejected[0].reason


def test_tags_stand_below_their_parent_which_is_put_in_where_it_is_missing() -> None:
    tags, _ = check_rows(rows("fault", "Billing", "app / sync / slow", "billing / refunds", "app"))
    assert [tag.tag for tag in as_tree(tags)] == [
        "fault", "Billing", "Billing / refunds", "app", "app / sync", "app / sync / slow",
    ]  # fmt: skip


def test_moving_a_branch_takes_along_what_is_below_it_and_nothing_beside_it() -> None:
    tags = [Tag("billing"), Tag("billing / refunds"), Tag("billing team")]
    assert moved(tags, "billing", "money") == {"billing": "money", "billing / refunds": "money / refunds"}


def test_a_name_is_spelled_as_the_list_spells_it() -> None:
    tags = [Tag("Billing"), Tag("Billing / Refunds")]
    assert spelled_as_listed("billing / refunds", tags) == "Billing / Refunds"
    assert spelled_as_listed("billing / fees", tags) == "Billing / fees"
    assert spelled_as_listed("van", tags) == "van"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(NAMES, MEANINGS, st.sampled_from(list(TagColour))), max_size=8),
    st.sampled_from(taxonomy_file.FORMS),
)
def test_what_is_written_is_read_back_unchanged(found: list[tuple[str, str, str]], form: str) -> None:
    listed = [
        (n, {"tag": name, "meaning": meaning, "colour": colour}) for n, (name, meaning, colour) in enumerate(found)
    ]
    tags, _ = check_rows(listed)
    text = taxonomy_file.written(tags, form)
    assert taxonomy_file.read(text, form) == (tags, [])
    assert taxonomy_file.written(taxonomy_file.read(text, form)[0], form) == text


def test_a_cell_that_a_spreadsheet_would_compute_is_neutralised_and_comes_back() -> None:
    tags = [Tag("a", meaning="=HYPERLINK(1)"), Tag("b", meaning="'=kept"), Tag("c", meaning="'tis plain")]
    text = taxonomy_file.written(tags, "csv")
    assert text.splitlines()[1:] == ["a,,,'=HYPERLINK(1)", "b,,,''=kept", "c,,,'tis plain"]
    assert taxonomy_file.read(text, "csv") == (tags, [])


def test_a_bad_row_is_named_and_the_good_ones_beside_it_get_in() -> None:
    tags, rejected = taxonomy_file.read(
        'tag;key;colour;meaning\nrefunds;r;;money back\n=x;;;\n"open;;;\nfees;;;\n', "csv"
    )
    assert [tag.tag for tag in tags] == ["refunds", "fees"]
    assert [row.row for row in rejected] == [2, 3]
    assert rejected[0].value == "=x"


def test_a_file_without_the_column_is_refused_with_the_columns_it_has() -> None:
    with pytest.raises(Invalid, match="No column is called tag; there are label, n"):
        taxonomy_file.read("label,n\nrefunds,3\n", "csv")
    with pytest.raises(Invalid, match="'xlsx' is not a form of a list of tags"):
        taxonomy_file.read("", "xlsx")


def test_json_takes_the_keys_of_the_sample_and_names_what_is_no_tag() -> None:
    tags, rejected = taxonomy_file.read('[{"tag": "diary", "key": 1, "meaning": "Rounds"}, 7, {"tag": ["x"]}]', "json")
    assert tags == [Tag("diary", "1", meaning="Rounds")]
    assert [row.row for row in rejected] == [2, 3]
