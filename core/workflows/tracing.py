"""Where a figure of the results comes from: runs, versions, weights and seeds, and the ids of the verdicts that may be told of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.nouns import ReviewClass, System
from core.review.provenance import Provenance, RunTrace, TracedVerdict
from core.store import versions as version_rows
from core.store.connection import Row
from core.workflows.counted import Counted
from core.workflows.workspace import Workspace

MANIFEST = "manifest.json"


def provenance(workspace: Workspace, found: Counted) -> Provenance:
    """What the verdicts that count rest on. Ids, seeds and systems are of told briefs alone."""
    told = found.told
    verdicts: dict[System, dict[ReviewClass, list[TracedVerdict]]] = {}
    for review in told:
        of_system = verdicts.setdefault(System(review["system"]), {})
        of_system.setdefault(found.class_of(review), []).append(
            TracedVerdict(review["id"], review["draft_id"], review["run_id"])
        )
    return Provenance(
        runs=traced_runs(workspace, found),
        draft_seeds=tuple(sorted({review["seed"] for review in told})),
        verdicts={
            system: {kind: tuple(listed) for kind, listed in classes.items()} for system, classes in verdicts.items()
        },
        n_not_listed=len(found.reviews) - len(told),
    )


def traced_runs(workspace: Workspace, found: Counted) -> tuple[RunTrace, ...]:
    """The run whose tuned drafts are counted first, then the others with verdicts."""
    chosen = found.run["id"] if found.run else None
    runs = sorted(found.runs.values(), key=lambda run: run["id"] != chosen)
    if found.run is not None and chosen not in found.runs:
        # Named by whoever asks, though none of its verdicts counts yet.
        runs = [found.run, *runs]
    return tuple(_trace(workspace, run, is_counted=run["id"] == chosen) for run in runs)


def _trace(workspace: Workspace, run: Row, *, is_counted: bool) -> RunTrace:
    version = version_rows.version_named(workspace.store, run["project_id"], run["version_id"])
    assert version is not None, "a run's version is never deleted"
    told = _manifest(workspace, run)
    return RunTrace(
        id=run["id"],
        name=run["name"],
        version=version["name"],
        version_sha256=version["content_sha256"],
        version_seed=version["seed"],
        base=told.get("base", {}).get("name") or Path(run["config"]["base"]).name,
        base_sha256=told.get("base", {}).get("sha256"),
        adapter_sha256=told.get("weights_sha256"),
        seed=run["config"].get("seed"),
        is_counted=is_counted,
    )


def _manifest(workspace: Workspace, run: Row) -> dict[str, Any]:
    """What was written beside the weights; nothing where they are gone."""
    file = workspace.folder.root / run["adapter"] / MANIFEST if run["adapter"] else None
    if file is None or not file.exists():
        return {}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
