"""Entries as bytes, and how they are linked: one way only, in every field, in their order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.privacy.audit import (
    NOTHING_BEFORE,
    Entry,
    Finding,
    Head,
    Tampering,
    encoded,
    follows,
    is_genuine,
    mac_of,
    merged,
)
from core.privacy.audit_check import verify

KEY = bytes(range(32))
Fields = tuple[int, int, str, str, str, str, str, str]
# Also halves of pairs, NULs, digits and what looks like a length.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
FIELDS = st.tuples(NUMBERS, NUMBERS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)


def decoded(content: bytes) -> Fields:
    parts = []
    while content:
        n = int.from_bytes(content[:8], "big")
        parts.append(content[8 : 8 + n])
        content = content[8 + n :]
    first, second, *texts = parts
    by, project, action, noun, thing, facts = (text.decode("utf-8", "surrogatepass") for text in texts)
    return int(first), int(second), by, project, action, noun, thing, facts


def entry(seq: int, previous: bytes, *, at_us: int = 5, by: str = "Ann") -> Entry:
    fields = (seq, at_us, by, "p", "keep", "record", f"r_{seq}", "{}")
    return Entry(*fields, previous, mac_of(KEY, previous, encoded(*fields)))


def trail(n: int) -> list[Entry]:
    entries: list[Entry] = []
    for seq in range(1, n + 1):
        entries.append(entry(seq, entries[-1].mac if entries else NOTHING_BEFORE, at_us=seq))
    return entries


def head_of(entries: list[Entry]) -> Head:
    return Head(entries[-1].seq, entries[-1].mac)


@given(FIELDS)
def test_what_an_entry_says_can_be_read_back_from_its_bytes(fields: Fields) -> None:
    assert decoded(encoded(*fields)) == fields


@given(FIELDS, FIELDS)
def test_no_two_entries_have_the_same_bytes(one: Fields, other: Fields) -> None:
    assert (encoded(*one) == encoded(*other)) == (one == other)


def test_what_moves_from_one_field_to_the_next_makes_other_bytes() -> None:
    assert encoded(1, 2, "ab", "", "", "", "", "") != encoded(1, 2, "a", "b", "", "", "", "")
    assert encoded(1, 23, "", "", "", "", "", "") != encoded(12, 3, "", "", "", "", "", "")


@pytest.mark.parametrize(
    "change",
    [{"seq": 2}, {"at_us": 6}, {"by": "Ben"}, {"project_id": ""}, {"action": "reject"}, {"noun": "draft"}, {"object_id": "r"},
     {"facts": "{} "}, {"previous": bytes(31) + b"1"}, {"previous": b""}, {"mac": bytes(32)}, {"mac": b""}],
)  # fmt: skip
def test_every_field_is_sealed(change: dict[str, object]) -> None:
    one = entry(1, NOTHING_BEFORE)
    assert is_genuine(KEY, one)
    assert not is_genuine(KEY, replace(one, **change))  # type: ignore[arg-type]


def test_a_whole_trail_is_unbroken_and_says_since_when() -> None:
    entries = trail(5)
    found = verify(entries, KEY, head_of(entries))
    assert (found.is_unbroken, found.n_entries, found.last, found.first_at_us, found.n_behind) == (True, 5, 5, 1, 0)


def test_an_empty_trail_is_unbroken() -> None:
    assert verify([], KEY, Head(0, NOTHING_BEFORE)).is_unbroken


def test_entries_of_one_commit_behind_the_head_are_no_tampering_and_are_counted() -> None:
    entries = trail(3)
    for seq in (4, 5):
        entries.append(entry(seq, entries[-1].mac, at_us=4))
    found = verify(entries, KEY, Head(3, entries[2].mac))
    assert (found.is_unbroken, found.n_behind) == (True, 2)
    assert follows(KEY, Head(3, entries[2].mac), entries[2:]) == 2


def test_a_head_that_was_put_back_is_told_from_one_that_a_killed_process_left() -> None:
    entries = trail(5)
    found = verify(entries, KEY, Head(3, entries[2].mac))
    assert found.findings == [Finding(Tampering.HEAD_BEHIND, 4, 5)]
    assert follows(KEY, Head(3, entries[2].mac), entries[2:]) is None


def test_what_follows_a_head_has_to_be_genuine_and_linked() -> None:
    entries = trail(3)
    head = Head(2, entries[1].mac)
    assert follows(KEY, head, entries[1:]) == 1
    assert follows(KEY, head, [entries[1], replace(entries[2], by="Ben")]) is None
    assert follows(KEY, head, [entries[1], entry(3, bytes(32))]) is None
    assert follows(KEY, Head(2, bytes(32)), entries[1:]) is None


def test_an_entry_of_another_branch_is_out_of_its_place() -> None:
    entries = trail(4)
    other = entry(3, entry(2, entries[0].mac, by="Ben").mac)
    assert verify([*entries[:2], other], KEY, head_of([other])).findings == [Finding(Tampering.OUT_OF_PLACE, 3, 3)]


def test_a_head_noted_elsewhere_is_missed_when_another_trail_took_its_place() -> None:
    entries, others = trail(5), [entry(1, NOTHING_BEFORE, by="Ben")]
    assert verify(entries, KEY, head_of(entries), noted=Head(3, entries[2].mac)).is_unbroken
    found = verify(others, KEY, head_of(others), noted=Head(3, entries[2].mac))
    assert found.findings == [Finding(Tampering.NOTED_DIFFERS, 3, 3)]


def test_neighbouring_findings_are_told_as_one() -> None:
    single = [Finding(Tampering.CHANGED, n, n) for n in (1, 2, 3, 7)]
    assert list(merged(single)) == [Finding(Tampering.CHANGED, 1, 3), Finding(Tampering.CHANGED, 7, 7)]
    assert [str(one) for one in merged(single)] == [
        "Entries 1 to 3 were changed, or written under another key.",
        "Entry 7 was changed, or written under another key.",
    ]


@pytest.mark.parametrize("kind", Tampering)
def test_every_kind_of_tampering_names_a_number(kind: Tampering) -> None:
    assert "1,234" in str(Finding(kind, 1_234, 1_234))


def test_the_entries_of_the_helper_are_linked() -> None:
    assert all(later.previous == earlier.mac for earlier, later in pairwise(trail(4)))
