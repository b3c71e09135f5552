"""The lists of hostile inputs hold each input once, so that the number that README tells is what is tried."""

from __future__ import annotations

from tests.security import inputs


def test_no_input_stands_twice_in_its_list() -> None:
    lists = {name: value for name, value in vars(inputs).items() if name.isupper() and isinstance(value, tuple)}
    assert len(lists) > 8
    assert {name: len(value) - len(set(value)) for name, value in lists.items() if len(value) != len(set(value))} == {}


def test_every_field_gets_its_mark_and_some_markup_within_its_length() -> None:
    for field, most in inputs.FIELDS.items():
        assert inputs.mark(field) in inputs.dose(field)
        assert len(inputs.dose(field)) <= most, field
        assert len(inputs.dose_parts(field)) >= 2, field


def test_every_payload_is_in_many_fields() -> None:
    for payload in inputs.MARKUP:
        assert sum(payload in inputs.dose_parts(field) for field in inputs.FIELDS) >= 8, payload


def test_the_inputs_are_counted_line_by_line() -> None:
    counted = inputs.counts()
    assert all(n > 0 for n in counted.values())
    assert {name.split()[0] for name in counted} == {"1", "3", "4", "5", "6", "8", "11", "13", "14"}
