"""What an erasure removed, what it did not and why, as one value: the page, the PDF and JSON tell it alike.

A source that was erased is named in it, since its row stays on the register. Who a person was is not in it: of each spelling it holds a keyed hash, so that whoever has the studio's key and the name can tell that this is about
that person, and nobody else can.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.privacy.person import fold

FORM = 1
PURPOSE = b"proofroom erased person 1:"


@dataclass(frozen=True, slots=True)
class Removed:
    """n: how many rows, files or places. what: rows erased, rows masked, files removed, files masked, versions rewritten."""

    place: str
    what: str
    n: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What was not removed, and why, in a sentence. n: how many; 0 where nobody can count it."""

    place: str
    n: int
    why: str


@dataclass(frozen=True, slots=True)
class MarkedModel:
    """A model that learnt the person. It must be retired or trained anew: it is not served, approved or exported."""

    run: str
    name: str
    project: str
    version: str


@dataclass(frozen=True, slots=True)
class RewrittenVersion:
    """A frozen version, with its hash before and after."""

    version: str
    name: str
    project: str
    n_erased: int
    n_masked: int
    sha256_before: str
    sha256_after: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What reading everything back found. Places are rows and files before, columns and files after. unread: what was not looked into, and why."""

    n_files: int
    n_bytes: int
    n_places_before: int
    n_places_after: int
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErasedSource:
    """A source that was taken out: its id and name. ended_on: the last day of its time, as ISO 8601; "" where somebody had it erased by hand."""

    source: str
    name: str
    ended_on: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """source: that was erased, None where it was a person. person_macs: of every spelling. alike_from: the least ratio of what was asked about as possible. Times are UTC, as ISO 8601."""

    erasure: str
    project: str
    person_macs: tuple[str, ...]
    alike_from: float
    asked_by: str
    started_at: str
    ended_at: str
    removed: tuple[Removed, ...]
    kept: tuple[Kept, ...]
    models: tuple[MarkedModel, ...]
    versions: tuple[RewrittenVersion, ...]
    verification: Verification
    source: ErasedSource | None = None

    def as_json(self) -> dict[str, Any]:
        return {"form": FORM} | asdict(self)

    def is_about(self, spelling: str, key: bytes) -> bool:
        """Whether the spelling is one that was looked for. key: the studio's."""
        return any(hmac.compare_digest(spelling_mac(spelling, key), one) for one in self.person_macs)


def spelling_mac(spelling: str, key: bytes) -> str:
    """A keyed hash of a spelling, whatever its case and accents."""
    return hmac.new(key, PURPOSE + " ".join(fold(spelling)[0].split()).encode(), "sha256").hexdigest()


def certificate_from(told: Mapping[str, Any]) -> Certificate:
    """The certificate as it was stored."""
    return Certificate(
        erasure=told["erasure"],
        project=told["project"],
        person_macs=tuple(told["person_macs"]),
        alike_from=told["alike_from"],
        asked_by=told["asked_by"],
        started_at=told["started_at"],
        ended_at=told["ended_at"],
        removed=tuple(Removed(**one) for one in told["removed"]),
        kept=tuple(Kept(**one) for one in told["kept"]),
        models=tuple(MarkedModel(**one) for one in told["models"]),
        versions=tuple(RewrittenVersion(**one) for one in told["versions"]),
        verification=Verification(**told["verification"] | {"unread": tuple(told["verification"]["unread"])}),
        # One from before sources were erased tells of none.
        source=ErasedSource(**told["source"]) if told.get("source") else None,
    )
