"""The audit trail's arithmetic: entries as bytes, each linked to the one before, and what tells that one was tampered with.

An entry's MAC is an HMAC-SHA256, under a key that lies outside the database, over the MAC of the entry before and over every field
of its own. Each field goes in with its length before it, so no two different entries have the same bytes. Entries are
numbered 1, 2, 3 without gaps; the head, kept outside the database too, says with which one the trail ends.

Not covered: whoever holds key, head and database can write another trail that verifies. What helps then is a head that was noted
elsewhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

# What the first entry is linked to.
NOTHING_BEFORE = bytes(32)
FORM, HEAD_FORM = b"proofroom audit entry 1", b"proofroom audit head 1"
KEY_BYTES = 32
EPOCH = datetime(1970, 1, 1)
# The noun of entries that the trail writes about itself, and their actions.
NOUN = "audit"
SEALED, RESTORED, FOLLOWED, BROKEN, NEW_KEY = "sealed", "restored", "followed", "broken", "new_key"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. at_us: microseconds since 1970, UTC. facts: JSON as it is stored. previous: the MAC of the entry before."""

    seq: int
    at_us: int
    by: str
    project_id: str
    action: str
    noun: str
    object_id: str
    facts: str
    previous: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """With which entry a trail ends: its number, 0 for an empty trail, and its MAC."""

    seq: int
    mac: bytes


class Tampering(StrEnum):
    """What can be wrong, by the place where it shows."""

    CHANGED = "changed"
    MISSING = "missing"
    DOUBLED = "doubled"
    OUT_OF_PLACE = "out_of_place"
    HEAD_MISSING = "head_missing"
    HEAD_FORGED = "head_forged"
    HEAD_DIFFERS = "head_differs"
    HEAD_BEHIND = "head_behind"
    NOTED_DIFFERS = "noted_differs"
    FOUND_AT_START = "found_at_start"


IN_WORDS = {
    Tampering.CHANGED: "{entries} {were} changed, or written under another key",
    Tampering.MISSING: "{entries} {are} missing",
    Tampering.DOUBLED: "{entries} {are} there more than once",
    Tampering.OUT_OF_PLACE: "{entries} {do} not follow what stands before",
    Tampering.HEAD_MISSING: "the head is missing; the last entry that is here is {last:,}",
    Tampering.HEAD_FORGED: "the head was not written by this studio; the last entry that is here is {last:,}",
    Tampering.HEAD_DIFFERS: "entry {last:,} is not the one that the head names",
    Tampering.HEAD_BEHIND: "the head was put back: {entries} came after it",
    Tampering.NOTED_DIFFERS: "entry {last:,} is not the one that was noted",
    Tampering.FOUND_AT_START: "entry {last:,} says that the trail was found broken when the studio started",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the entries from first to last."""

    kind: Tampering
    first: int
    last: int

    @property
    def n(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        one = self.n == 1
        entries = f"entry {self.last:,}" if one else f"entries {self.first:,} to {self.last:,}"
        verbs = {"were": "was", "are": "is", "do": "does"}
        words = IN_WORDS[self.kind].format(
            entries=entries, last=self.last, **{many: single if one else many for many, single in verbs.items()}
        )
        return f"{words[0].upper()}{words[1:]}."


def encoded(
    seq: int, at_us: int, by: str, project_id: str, action: str, noun: str, object_id: str, facts: str
) -> bytes:
    """The fields of an entry as bytes, one way only."""
    return as_bytes(seq, at_us, by, project_id, action, noun, object_id, facts)


def as_bytes(*fields: int | str) -> bytes:
    """Fields one behind the other, each with its length in eight bytes before it."""
    parts: list[bytes] = []
    for field in fields:
        part = field.encode("utf-8", "surrogatepass") if isinstance(field, str) else b"%d" % field
        parts += (len(part).to_bytes(8, "big"), part)
    return b"".join(parts)


def mac_of(key: bytes, previous: bytes, fields: bytes) -> bytes:
    """What an entry with these bytes is sealed with, after the one whose MAC is `previous` (32 bytes)."""
    return hmac.digest(key, FORM + len(previous).to_bytes(8, "big") + previous + fields, "sha256")


def is_genuine(key: bytes, entry: Entry) -> bool:
    """Whether the entry is as it was written, in its number and in what it is linked to."""
    fields = encoded(
        entry.seq, entry.at_us, entry.by, entry.project_id, entry.action, entry.noun, entry.object_id, entry.facts
    )
    return hmac.compare_digest(mac_of(key, entry.previous, fields), entry.mac)


def head_seal(key: bytes, head: Head) -> bytes:
    """What the head is sealed with."""
    return hmac.digest(key, HEAD_FORM + head.seq.to_bytes(8, "big") + head.mac, "sha256")


def microseconds(at: datetime) -> int:
    """Since 1970; at: UTC without a zone, as the database stores it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at_us: int) -> datetime:
    """UTC, with its zone. A time that no calendar has becomes the last one."""
    try:
        return (EPOCH + timedelta(microseconds=at_us)).replace(tzinfo=UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def follows(key: bytes, head: Head, entries: Iterable[Entry]) -> int | None:
    """How many entries one commit left behind the head; None where they are not what a single commit may have left.

    entries: from the one that the head names on, in their order. A process that is killed between a commit and the writing of the head
    leaves the entries of that commit, which have one moment; two commits never go on at once.
    """
    previous, n, moments = head, 0, set()
    for entry in entries:
        if entry.seq == head.seq:
            if entry.mac != head.mac:
                return None
            continue
        if entry.seq != previous.seq + 1 or entry.previous != previous.mac or not is_genuine(key, entry):
            return None
        previous, n = Head(entry.seq, entry.mac), n + 1
        moments.add(entry.at_us)
    return n if len(moments) <= 1 else None


def merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of one kind on neighbouring entries as one; in the order in which they came."""
    held: Finding | None = None
    for finding in findings:
        if held and held.kind == finding.kind and finding.first == held.last + 1:
            held = Finding(held.kind, held.first, finding.last)
            continue
        if held:
            yield held
        held = finding
    if held:
        yield held
