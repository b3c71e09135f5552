"""Scores every record from its stored signals and flags: by what the decisions teach, else by the fixed formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.learnt_score import LEAST_AUROC, learn
from core.curate.score import Score, score_of
from core.jobs.context import JobContext
from core.nouns import Flag

SCORES = pa.schema(
    [
        ("record_id", pa.string()),
        ("project_id", pa.string()),
        ("score", pa.float64()),
        ("reasons", pa.list_(pa.string())),
    ]
)


def run(context: JobContext) -> dict[str, Any]:
    """Read signals, flags and decisions of the inputs; write scores.parquet. Returns how the scores were made."""
    project = context.settings["project_id"]
    signals, flags = _signals(context.inputs / "signals.parquet"), _flags(context.inputs / "flags.parquet")
    decisions = {
        row["record_id"]: row["is_kept"] for row in parquet.read_table(context.inputs / "decisions.parquet").to_pylist()
    }
    context.report(phase="Learning from your decisions", done=0, total=len(signals))
    learnt = learn(signals, flags, decisions)
    is_used = learnt is not None and learnt.auroc >= LEAST_AUROC
    rows = []
    for i, (record, own) in enumerate(signals.items(), start=1):
        found = flags.get(record, {})
        score = learnt.score(own, found) if learnt is not None and is_used else _by_formula(own, found)
        rows.append({"record_id": record, "project_id": project, "score": score.value, "reasons": list(score.reasons)})
        context.report(phase="Scoring", done=i, total=len(signals))
    parquet.write_table(pa.Table.from_pylist(rows, schema=SCORES), context.out / "scores.parquet")
    facts = learnt.facts if learnt is not None else {}
    return {
        "kind": "learnt" if is_used else "formula",
        "n_decisions": len(decisions),
        "n_records": len(rows),
        "facts": facts,
    }


def _by_formula(signals: dict[str, float], flags: dict[str, str]) -> Score:
    return score_of([Flag(name, evidence) for name, evidence in flags.items()], signals)


def _signals(file: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    columns = parquet.read_table(file).to_pydict()
    for record, name, value in zip(columns["record_id"], columns["name"], columns["value"], strict=True):
        found.setdefault(record, {})[name] = value
    return found


def _flags(file: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    columns = parquet.read_table(file).to_pydict()
    for record, name, evidence in zip(columns["record_id"], columns["name"], columns["evidence"], strict=True):
        found.setdefault(record, {})[name] = evidence
    return found
