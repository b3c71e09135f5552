"""What the studio holds, in numbers alone, for a monitor: no name of a project, a person or a model is among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.store import metered
from core.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StudioCounts:
    """totals: by what is counted; the others: of records, jobs, runs and verdicts, by where they stand."""

    totals: Mapping[str, int]
    records: Mapping[str, int]
    jobs: Mapping[str, int]
    runs: Mapping[str, int]
    verdicts: Mapping[str, int]


def studio_counts(workspace: Workspace) -> StudioCounts:
    store = workspace.store
    return StudioCounts(
        totals=metered.totals(store),
        records=metered.records_by_status(store),
        jobs=metered.jobs_by_state(store),
        runs=metered.runs_by_status(store),
        verdicts=metered.verdicts_by_decision(store),
    )
