"""What tells of a record goes out of a value of JSON, and all else stays as it is."""

from __future__ import annotations

from core.privacy.without_records import names_one, without_records

GONE, OTHER = "r_00000000000000aa", "r_00000000000000bb"


def test_an_object_that_names_a_record_goes_whole_from_a_list_and_out_of_a_field() -> None:
    told = {
        "examples": [{"example_id": f"{GONE}:0", "base": 3.1}, {"example_id": f"{OTHER}:0", "base": 3.2}],
        "nearest": {"example_id": f"{GONE}:1", "passage": "its words"},
        "records": [GONE, OTHER],
    }
    assert without_records(told, {GONE}) == {
        "examples": [{"example_id": f"{OTHER}:0", "base": 3.2}], "nearest": None, "records": [OTHER],
    }  # fmt: skip


def test_a_field_at_the_top_loses_its_own_value_alone() -> None:
    assert without_records({"record": GONE, "run": "x", "n": 3}, {GONE}) == {"record": "", "run": "x", "n": 3}


def test_what_names_none_of_them_is_the_same_value() -> None:
    told = {"a": [1, {"b": [OTHER, None, True]}], "c": "r_ and more"}
    assert without_records(told, {GONE}) == told
    assert names_one(f"see {GONE}:2", {GONE})
    assert not names_one(f"see {OTHER}", {GONE})
