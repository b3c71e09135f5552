"""What a figure rests on: the runs, dataset versions, weights and seeds behind it, and the verdicts by their ids.

Verdicts on briefs that may be told of alone: an id under a system's name says who wrote the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.nouns import ReviewClass, System


@dataclass(frozen=True, slots=True)
class RunTrace:
    """A run with verdicts. is_counted: whether the rate of the tuned drafts is of this run. Hashes are None where the files are gone, seed where it is not known."""

    id: str
    name: str
    version: str
    version_sha256: str
    version_seed: int
    base: str
    base_sha256: str | None
    adapter_sha256: str | None
    seed: int | None
    is_counted: bool


@dataclass(frozen=True, slots=True)
class TracedVerdict:
    review: str
    draft: str
    run: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """verdicts: by system and class, of briefs that may be told of. n_not_listed: verdicts that count, on briefs that may not yet.

    draft_seeds: of the drafts listed. written_at: when the report was written, UTC; None of results that are no report.
    """

    runs: tuple[RunTrace, ...] = ()
    draft_seeds: tuple[int, ...] = ()
    verdicts: Mapping[System, Mapping[ReviewClass, tuple[TracedVerdict, ...]]] = field(default_factory=dict)
    n_not_listed: int = 0
    written_at: datetime | None = None


def rows_of(found: Provenance) -> list[tuple[str, str]]:
    """What it says, in words: a label and its value."""
    rows = []
    for run in found.runs:
        counted = "" if run.is_counted or len(found.runs) == 1 else "; its tuned drafts are counted apart"
        rows += [
            ("Run", f"{run.name} ({run.id}){counted}"),
            ("Dataset version", f"{run.version}, content SHA-256 {run.version_sha256}"),
            ("Adapter", f"SHA-256 {run.adapter_sha256}" if run.adapter_sha256 else "not on this machine"),
            ("Base model", f"{run.base}, SHA-256 {run.base_sha256}" if run.base_sha256 else run.base),
            ("Seeds", f"version {run.version_seed}" + (f", training {run.seed}" if run.seed is not None else "")),
        ]
    if found.draft_seeds:
        rows.append(("Seeds of the drafts", ", ".join(map(str, found.draft_seeds))))
    drafts = {one.draft for classes in found.verdicts.values() for listed in classes.values() for one in listed}
    n_listed = sum(len(listed) for classes in found.verdicts.values() for listed in classes.values())
    if n_listed:
        on_drafts = "1 draft" if len(drafts) == 1 else f"{len(drafts):,} drafts"
        rows.append(("Verdicts", f"{n_listed:,} on {on_drafts}; the report as JSON or CSV has their ids"))
    if found.n_not_listed:
        rows.append(("Not listed", f"{found.n_not_listed:,} verdicts on briefs of which a draft or a pair still waits"))
    if found.written_at:
        rows.append(("Written", f"{found.written_at:%Y-%m-%d %H:%M:%S} UTC"))
    return rows


def provenance_json(found: Provenance) -> dict[str, Any]:
    """Under "runs" what the words say of each; under "verdicts" the ids, by system and class."""
    return {
        "written_at": f"{found.written_at.isoformat()}Z" if found.written_at else None,
        "runs": [
            {
                "run": run.id, "name": run.name, "is_counted": run.is_counted, "adapter_sha256": run.adapter_sha256,
                "base": {"name": run.base, "sha256": run.base_sha256},
                "version": {"name": run.version, "content_sha256": run.version_sha256, "seed": run.version_seed},
                "seed": run.seed,
            }
            for run in found.runs
        ],
        "draft_seeds": list(found.draft_seeds),
        "verdicts": {
            system.value: {
                kind.value: [{"review": one.review, "draft": one.draft, "run": one.run} for one in listed]
                for kind, listed in classes.items()
            }
            for system, classes in found.verdicts.items()
        },
        "n_not_listed": found.n_not_listed,
    }  # fmt: skip
