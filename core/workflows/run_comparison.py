"""Two or more runs side by side: settings that differ, what was measured with its intervals, and differences on the same examples."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.errors import Invalid
from core.store.connection import Row
from core.training.loss_intervals import difference_estimate
from core.workflows.run_evidence import measured
from core.workflows.training import run_named, run_summary
from core.workflows.workspace import Workspace

MOST_RUNS = 8


def compare_runs(workspace: Workspace, runs: list[str], *, project: str | None = None) -> dict[str, Any]:
    """runs: their summaries, with what `run_evidence.measured` says and, beside the first, difference on shared examples.

    differs: setting to the value in each run, of those that are not the same everywhere; the version counts as one.
    Raises Invalid for fewer than two or too many.
    """
    rows = compared_rows(workspace, runs, project=project)
    told = []
    first = _examples(rows[0])
    for place, row in enumerate(rows):
        # Nats per token of two base models are of different tokens.
        is_comparable = place and row["config"]["base"] == rows[0]["config"]["base"]
        difference = difference_estimate(_examples(row), first) if is_comparable else None
        told.append(
            run_summary(workspace, row["id"])
            | measured(row)
            | {"difference": asdict(difference) | {"is_apart": difference.is_apart_from_zero} if difference else None}
        )
    return {"runs": told, "differs": _differing([{"version": row["version"]} | row["config"] for row in rows])}


def compared_rows(workspace: Workspace, runs: list[str], *, project: str | None = None) -> list[Row]:
    """The runs by id or name, each once, in their order. Raises NotFound, and Invalid for fewer than two or too many."""
    rows = [run_named(workspace, run, project=project) for run in dict.fromkeys(runs)]
    if not 2 <= len(rows) <= MOST_RUNS:
        raise Invalid(
            f"{len(rows)} {'run' if len(rows) == 1 else 'runs'} cannot be compared.",
            remedy=f"Name 2 to {MOST_RUNS} runs.",
        )
    return rows


def _examples(row: dict[str, Any]) -> list[dict[str, Any]]:
    examples: list[dict[str, Any]] = (row["metrics"] or {}).get("examples", [])
    return examples


def _differing(settings: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for one in settings for name in one)
    values = {name: [one.get(name) for one in settings] for name in names}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}
