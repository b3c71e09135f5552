"""The register of sources: every term of every source, what ends soon, what was withdrawn or erased, and which models learnt it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.nouns import Use
from core.store import sources as source_rows
from core.store.connection import Row
from core.workflows import lapsing, limiting, retaining
from core.workflows.gates import lapses_of_sources
from core.workflows.importing import today
from core.workflows.lapsing import Lapsed
from core.workflows.retaining import SOON_DAYS
from core.workflows.workspace import Workspace, project_named

# What of a source nobody has to say, and a record of processing is incomplete without.
UNSTATED = {"controller": "controller", "reference": "consent or contract", "retention": "retention"}


@dataclass(frozen=True, slots=True)
class Register:
    """sources: that were not taken out, newest first, each with `state` and `documents`. ending: those that end within 30 days, the first first.

    limits: newest first, lifted ones too. lapsed: versions and models that learnt what may not be used any more. to_erase: sources that will be erased
    within 30 days. erased: those that were, the last first; their terms and documents stay as the proof of what they rested on. taken_out: those that
    were taken out and not erased, the last first.
    """

    sources: list[Row]
    ending: list[Row]
    limits: list[Row]
    lapsed: Lapsed
    to_erase: list[Row]
    erased: list[Row]
    taken_out: list[Row]


def register(workspace: Workspace, project: str) -> Register:
    row = project_named(workspace, project)
    documents: dict[str, list[Row]] = {}
    for one in source_rows.documents(workspace.store, row["id"]):
        documents.setdefault(one["source_id"], []).append(one)
    day = today()
    sources = [
        one | {"state": state_of(one, day), "documents": documents.get(one["id"], [])}
        for one in source_rows.sources(workspace.store, row["id"])
        if one["undone_at"] is None
    ]
    ending = [one for one in sources if one["state"] == "expires soon"]
    return Register(
        sources, sorted(ending, key=lambda one: one["expires_on"]), limiting.list_limits(workspace, row["id"]),
        lapsing.lapsed(workspace, row["id"]), retaining.soon_erased(workspace, row["id"], today=day),
        [one | {"documents": documents.get(one["id"], [])} for one in retaining.erased_sources(workspace, row["id"])],
        [one | {"documents": documents.get(one["id"], [])} for one in retaining.taken_out_sources(workspace, row["id"])],
    )  # fmt: skip


def state_of(source: Row, day: date) -> str:
    """What is to be known of a source before it is used."""
    if source["withdrawn_at"] is not None:
        return "withdrawn"
    if source["expires_on"] and source["expires_on"] < day:
        return "expired"
    if lapses_of_sources([source], Use.TRAIN, day):
        return "not to be trained on"
    if source["expires_on"] and (source["expires_on"] - day).days <= SOON_DAYS:
        return "expires soon"
    return "in use"


def gaps(source: Row) -> list[str]:
    """What nobody has said of a source, in words."""
    missing = [words for name, words in UNSTATED.items() if not source[name]]
    return missing + ([] if source["documents"] else ["document of the consent or contract"])


def as_json(found: Register) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "sources": found.sources,
        "ending": [one["id"] for one in found.ending],
        "limits": found.limits,
        "to_erase": [
            {
                "source": one["id"],
                **{name: one[name] for name in ("name", "erased_on", "n_records", "why_not")},
                "is_taken_out": one["undone_at"] is not None,
            }
            for one in found.to_erase
        ],
        "erased": found.erased,
        "taken_out": found.taken_out,
        **lapsing.as_json(found.lapsed),
    }
