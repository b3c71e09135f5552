"""Reads a whole audit trail, entry by entry, and names what is wrong with it by number.

Memory does not grow with the trail; a million entries take some seconds. What the trail says of itself is believed only where its entry
is genuine: that it was restored from a backup, or that it was found broken when the studio started.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.privacy.audit import (
    BROKEN,
    FOLLOWED,
    NEW_KEY,
    NOTHING_BEFORE,
    NOUN,
    RESTORED,
    SEALED,
    Entry,
    Finding,
    Head,
    Tampering,
    is_genuine,
    merged,
)

# Of a trail that is wrong from end to end the first places say enough.
MOST_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup took the studio's place. continues_after: its last entry. n_gone: entries written after it; None where nobody knows."""

    seq: int
    continues_after: int
    n_gone: int | None


@dataclass(slots=True)
class Outcome:
    """What a trail is found to be.

    n_earlier: entries from before the chain, linked when it began. n_behind: entries that the last commit left behind the head.
    n_followed: so many times the head was behind after a process had been killed, and was brought up. findings: the first ones,
    n_wrong: of how many entries there are in all.
    """

    n_entries: int = 0
    last: int = 0
    first_at_us: int | None = None
    n_earlier: int = 0
    sealed_at_us: int | None = None
    n_behind: int = 0
    n_followed: int = 0
    n_wrong: int = 0
    findings: list[Finding] = field(default_factory=list)
    restored: list[Restored] = field(default_factory=list)

    @property
    def is_unbroken(self) -> bool:
        return not self.findings


def verify(
    entries: Iterable[Entry], key: bytes, head: Head | None, *, head_is_forged: bool = False, noted: Head | None = None
) -> Outcome:
    """Check a trail from its first entry to its head.

    entries: by number. head: as it stands outside the database; None where it is missing or, with head_is_forged, not genuine. noted: a head that
    was written down elsewhere, which the trail has to hold.
    """
    check = _Check(key, head, noted)
    for entry in entries:
        check.feed(entry)
    found = check.outcome
    wrong = [*check.findings, *check.about_the_end(head_is_forged=head_is_forged)]
    found.n_wrong = sum(finding.n for finding in wrong)
    found.findings = list(merged(wrong))[:MOST_FINDINGS]
    return found


class _Check:
    def __init__(self, key: bytes, head: Head | None, noted: Head | None) -> None:
        self.outcome, self.findings = Outcome(), list[Finding]()
        self._key, self._head, self._noted = key, head, noted
        self._last = Head(0, NOTHING_BEFORE)
        self._last_is_genuine = True
        self._is_at_head = head is not None and head == self._last
        self._is_as_noted = noted is None or noted == self._last
        self._moments_after_head: set[int] = set()

    def feed(self, entry: Entry) -> None:
        outcome = self.outcome
        outcome.n_entries += 1
        if entry.seq < 1:
            self._note(Tampering.CHANGED, entry.seq)
            return
        genuine = is_genuine(self._key, entry)
        facts = _facts(entry) if genuine and entry.noun == NOUN else {}
        if entry.seq == self._last.seq:
            self._note(Tampering.DOUBLED, entry.seq)
            # Either of the two may be the one that the next is linked to.
            genuine = False
        elif not genuine:
            self._miss_until(entry.seq)
            self._note(Tampering.CHANGED, entry.seq)
        elif entry.action == RESTORED and facts.get("continues_after") == self._last.seq:
            self._take_restored(entry, facts)
        else:
            self._miss_until(entry.seq)
            # After a gap, or after an entry that is not genuine, the break has been named.
            if entry.seq == self._last.seq + 1 and self._last_is_genuine and entry.previous != self._last.mac:
                self._note(Tampering.OUT_OF_PLACE, entry.seq)
            self._read_what_it_says(entry, facts)
        if outcome.first_at_us is None and genuine:
            outcome.first_at_us = entry.at_us
        self._step_to(entry, genuine)

    def about_the_end(self, *, head_is_forged: bool) -> list[Finding]:
        """What the head and what was noted say of the entries that were read."""
        last, head, found = self._last.seq, self._head, list[Finding]()
        if head is None:
            found.append(Finding(Tampering.HEAD_FORGED if head_is_forged else Tampering.HEAD_MISSING, last, last))
        elif head.seq > last:
            found.append(Finding(Tampering.MISSING, last + 1, head.seq))
        elif not self._is_at_head:
            found.append(Finding(Tampering.HEAD_DIFFERS, head.seq, head.seq))
        elif head.seq < last:
            self.outcome.n_behind = last - head.seq
            if len(self._moments_after_head) > 1:
                found.append(Finding(Tampering.HEAD_BEHIND, head.seq + 1, last))
        if not self._is_as_noted and self._noted is not None:
            found.append(Finding(Tampering.NOTED_DIFFERS, self._noted.seq, self._noted.seq))
        return found

    def _note(self, kind: Tampering, seq: int) -> None:
        self.findings.append(Finding(kind, seq, seq))

    def _miss_until(self, seq: int) -> None:
        if seq > self._last.seq + 1:
            self.findings.append(Finding(Tampering.MISSING, self._last.seq + 1, seq - 1))

    def _take_restored(self, entry: Entry, facts: dict[str, Any]) -> None:
        if self._last_is_genuine and entry.previous != self._last.mac:
            self._note(Tampering.OUT_OF_PLACE, entry.seq)
        self.outcome.restored.append(Restored(entry.seq, self._last.seq, facts.get("n_gone")))

    def _read_what_it_says(self, entry: Entry, facts: dict[str, Any]) -> None:
        if entry.noun != NOUN:
            return
        if entry.action in (BROKEN, NEW_KEY):
            self._note(Tampering.FOUND_AT_START, entry.seq)
        elif entry.action == FOLLOWED:
            self.outcome.n_followed += 1
        elif entry.action == SEALED:
            self.outcome.n_earlier, self.outcome.sealed_at_us = int(facts.get("n_entries", 0)), entry.at_us

    def _step_to(self, entry: Entry, genuine: bool) -> None:
        if self._head is not None and entry.seq > self._head.seq:
            self._moments_after_head.add(entry.at_us)
        here = Head(entry.seq, entry.mac)
        self._is_at_head = self._is_at_head or here == self._head
        self._is_as_noted = self._is_as_noted or here == self._noted
        self._last, self._last_is_genuine = here, genuine
        self.outcome.last = entry.seq


def _facts(entry: Entry) -> dict[str, Any]:
    found = json.loads(entry.facts)
    return found if isinstance(found, dict) else {}
