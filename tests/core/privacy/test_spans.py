"""Overlaps: the surer span stays whole, and nothing is covered twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.privacy.spans import PersonalSpan, PersonalType, trimmed, without_overlaps

PERSON, PHONE = PersonalType.PERSON, PersonalType.PHONE_NUMBER


def test_the_surer_span_stays_and_the_other_keeps_what_sticks_out() -> None:
    guess, sure = PersonalSpan(0, 20, PERSON, 0.5, "model"), PersonalSpan(5, 10, PHONE, 0.9, "numbers")
    assert [(s.start, s.end, s.type) for s in without_overlaps([guess, sure])] == [
        (0, 5, PERSON), (5, 10, PHONE), (10, 20, PERSON),
    ]  # fmt: skip


def test_of_equally_sure_ones_the_longer_stays() -> None:
    short, long = PersonalSpan(2, 6, PERSON, 0.8, "a"), PersonalSpan(0, 8, PHONE, 0.8, "b")
    assert without_overlaps([short, long]) == [long]


def test_a_name_within_an_address_is_part_of_it() -> None:
    address, name = PersonalSpan(0, 20, PersonalType.STREET_ADDRESS, 0.7, "a"), PersonalSpan(5, 10, PERSON, 0.88, "n")
    assert without_overlaps([name, address]) == [address]


def test_ends_lose_spaces_and_commas() -> None:
    span = trimmed("a, Bob ;", PersonalSpan(1, 8, PERSON, 0.8, "a"))
    assert span is not None
    assert (span.start, span.end) == (3, 6)
    assert trimmed("a, ;", PersonalSpan(1, 4, PERSON, 0.8, "a")) is None


spans = st.builds(
    lambda start, length, kind, score: PersonalSpan(start, start + length, kind, score, "x"),
    st.integers(0, 60), st.integers(1, 30), st.sampled_from(list(PersonalType)), st.sampled_from([0.4, 0.6, 0.8]),
)  # fmt: skip


@given(st.lists(spans, max_size=12))
def test_no_character_is_covered_twice_and_the_surest_stay_whole(found: list[PersonalSpan]) -> None:
    kept = without_overlaps(found)
    places = [at for span in kept for at in range(span.start, span.end)]
    assert len(places) == len(set(places))
    assert {at for span in kept for at in range(span.start, span.end)} <= {
        at for span in found for at in range(span.start, span.end)
    }
    alone = [
        span for span in found
        if all(other == span or other.end <= span.start or span.end <= other.start for other in found)
    ]  # fmt: skip
    assert set(alone) <= set(kept)
