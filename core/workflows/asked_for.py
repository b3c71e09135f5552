"""What a draft was asked for, as a reviewer reads it beside the text: the same whoever wrote the draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.review.briefs import Length
from core.review.requests import length_of
from core.store import known_facts
from core.store.connection import Row, Transaction, utc_now


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A passage that was found for the brief, and where it comes from. The same for every draft of the brief."""

    title: str
    passage: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """facts: what the brief says itself; looked_up: what was found for it. form, length, must_not_say: what else it asks for, empty where
    it does not."""

    brief: str
    audience: str
    facts: tuple[str, ...]
    looked_up: tuple[LookedUp, ...]
    form: str
    length: Length | None
    must_not_say: tuple[str, ...]


def asked_for(tx: Transaction, row: Row) -> dict[str, Any]:
    """The fields of AskedFor from a row that has the brief's columns and its id as brief_id."""
    found = known_facts.facts_of_brief(tx, row["brief_id"], utc_now().date())
    return {
        "brief": row["prompt"],
        "audience": row["audience"],
        "facts": tuple(row["facts"]),
        "looked_up": tuple(LookedUp(one["title"], one["passage"], one["source"]) for one in found),
        "form": row["form"],
        "length": length_of(row),
        "must_not_say": tuple(row["must_not_say"]),
    }
