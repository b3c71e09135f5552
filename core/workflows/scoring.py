"""How records are scored: which flags count in a project, the gold subset, and a score learnt from its decisions.

Switching a flag or learning anew measures nothing again: what was measured is stored, and a short job makes new
scores of it.
"""

from __future__ import annotations

from typing import Any

from core.curate.flags.registry import BY_NAME, KINDS, on_by_default
from core.errors import Invalid, NotFound
from core.jobs.folder import JobFolder
from core.nouns import LEAST_GOLD, Goal
from core.store import difficulty as difficulty_rows
from core.store import measures as measure_rows
from core.store import quality as quality_rows
from core.store import records as record_rows
from core.store.connection import Row, Transaction, new_id
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

__all__ = ["LEAST_GOLD"]

LEAST_DECISIONS, LEAST_OF_EACH = 30, 8
DECISIONS_BETWEEN = 20


def prepare_measuring(tx: Transaction, project: Row, *, by: str) -> dict[str, list[str]]:
    """Settings of the measuring job: the gold subset's ids, and the flags that do not count. Notes the goal's defaults."""
    off = sorted(set(BY_NAME) - on_by_default(Goal(project["goal"])))
    quality_rows.insert_default_switches(tx, project["id"], off, by=by)
    switched = quality_rows.switches(tx, project["id"])
    return {
        "gold": [row["id"] for row in quality_rows.gold(tx, project["id"])],
        "flags_off": sorted(name for name, is_on in switched.items() if not is_on),
    }


def list_flags(workspace: Workspace, project: str) -> list[dict[str, Any]]:
    """Every flag: its meaning, whether it is a defect, whether it is on here, and how many records have it."""
    row = project_named(workspace, project)
    on = flags_on(workspace, row)
    counts = measure_rows.all_flag_counts(workspace.store, row["id"])
    return [
        {"name": k.name, "meaning": k.meaning, "is_defect": k.is_defect, "is_on": k.name in on, "n_records": counts.get(k.name, 0)}
        for k in KINDS
    ]  # fmt: skip


def flags_on(workspace: Workspace, project: Row) -> set[str]:
    """Names of the flags that are on: the goal's, as far as nobody switched them."""
    switched = quality_rows.switches(workspace.store, project["id"])
    default = on_by_default(Goal(project["goal"]))
    return {kind.name for kind in KINDS if switched.get(kind.name, kind.name in default)}


def switch_flags(workspace: Workspace, project: str, changes: dict[str, bool], *, by: str) -> str | None:
    """Switch flags on or off. Returns the job that scores anew; None when nothing changed or nothing was measured yet.

    Raises Invalid for a flag that does not exist.
    """
    unknown = sorted(set(changes) - set(BY_NAME))
    if unknown:
        raise Invalid(f"There is no flag {unknown[0]!r}.", remedy=f"Flags are {', '.join(sorted(BY_NAME))}.")
    person = checked_person(by)
    row = project_named(workspace, project)
    on = flags_on(workspace, row)
    changed = {name: is_on for name, is_on in changes.items() if (name in on) != is_on}
    if not changed:
        return None
    with workspace.store.transaction() as tx:
        for name, is_on in changed.items():
            quality_rows.set_switch(tx, row["id"], name, is_on=is_on, by=person)
            tx.event(
                "switched_on" if is_on else "switched_off", "flag", name, by=person, project_id=row["id"], flag=name
            )
        job = queue_scoring(workspace, tx, row["id"], person) if _is_measured(tx, row["id"]) else None
    workspace.supervisor.wake()
    return job


def mark_gold(workspace: Workspace, project: str, record: str, *, by: str, remove: bool = False) -> int:
    """Add a record to the gold subset, or take it out. Returns how many are in it. Raises NotFound."""
    person = checked_person(by)
    row = project_named(workspace, project)
    found = record_rows.record(workspace.store, row["id"], record)
    if found is None:
        raise NotFound(
            f"There is no record {record!r} in {row['name']}.",
            remedy="Use an id or external id that `proofroom records` lists.",
        )
    if quality_rows.is_gold(workspace.store, found["id"]) == remove:
        with workspace.store.transaction() as tx:
            mark = "remove" if remove else "add"
            quality_rows.insert_gold_mark(
                tx, new_id("g_"), project_id=row["id"], record_id=found["id"], mark=mark, by=person
            )
            tx.event(f"gold_{mark}", "record", found["id"], by=person, project_id=row["id"])
    return len(quality_rows.gold(workspace.store, row["id"]))


def undo_gold(workspace: Workspace, project: str, *, by: str) -> str | None:
    """Take back this person's last mark. Returns the record's id, None when there is nothing."""
    person = checked_person(by)
    row = project_named(workspace, project)
    last = quality_rows.last_gold_mark(workspace.store, row["id"], by=person)
    if last is None:
        return None
    with workspace.store.transaction() as tx:
        quality_rows.insert_gold_mark(
            tx,
            new_id("g_"),
            project_id=row["id"],
            record_id=last["record_id"],
            mark="undo",
            by=person,
            undoes=last["id"],
        )
        tx.event("gold_undo", "record", last["record_id"], by=person, project_id=row["id"])
    return str(last["record_id"])


def gold_subset(workspace: Workspace, project: str) -> list[Row]:
    return quality_rows.gold(workspace.store, project_named(workspace, project)["id"])


def score_state(workspace: Workspace, project: str) -> dict[str, Any]:
    """How the scores are made: kind (formula or learnt), from how many decisions, how well, and what is missing to learn."""
    row = project_named(workspace, project)
    kept, rejected = quality_rows.decision_counts(workspace.store, row["id"])
    model = quality_rows.score_model(workspace.store, row["id"])
    return {
        "kind": model["kind"] if model else "formula",
        "n_decisions": model["n_decisions"] if model else 0,
        "facts": model["facts"] if model else {},
        "made_at": model["made_at"] if model else None,
        "n_kept_now": kept,
        "n_rejected_now": rejected,
        "n_missing": max(0, LEAST_DECISIONS - kept - rejected, 2 * LEAST_OF_EACH - min(kept, LEAST_OF_EACH) - min(rejected, LEAST_OF_EACH)),
    }  # fmt: skip


def rescore(workspace: Workspace, project: str, *, by: str, only_when_due: bool = False) -> str | None:
    """Queue the job that scores all records anew. None when nothing was measured, or it is not due yet."""
    person = checked_person(by)
    row = project_named(workspace, project)
    if not _is_measured(workspace.store, row["id"]) or (only_when_due and not _is_due(workspace, row["id"])):
        return None
    with workspace.store.transaction() as tx:
        job = queue_scoring(workspace, tx, row["id"], person)
    workspace.supervisor.wake()
    return job


def after_measuring(workspace: Workspace, tx: Transaction, project: Row, *, by: str) -> None:
    """What follows a measurement in its transaction: scores that rest on more than it, where there is more."""
    kept, rejected = quality_rows.decision_counts(tx, project["id"])
    quality_rows.note_score_model(tx, project["id"], kind="formula", n_decisions=0, facts={})
    # The measurement's own scores know neither decisions nor how hard the answers are.
    if difficulty_rows.write_signals(tx, project["id"]) or _is_enough(kept, rejected):
        queue_scoring(workspace, tx, project["id"], by)


def collect_scores(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    if quality_rows.is_overtaken(tx, job):
        return
    quality_rows.replace_scores_from(
        tx, job["project_id"], folder.out / "scores.parquet", kind=result["kind"], n_decisions=result["n_decisions"], facts=result["facts"]
    )  # fmt: skip
    tx.event("scored", "records", job["id"], by=job["created_by"], project_id=job["project_id"], kind=result["kind"],
             n_records=result["n_records"])  # fmt: skip


def _is_enough(kept: int, rejected: int) -> bool:
    return kept + rejected >= LEAST_DECISIONS and min(kept, rejected) >= LEAST_OF_EACH


def _is_due(workspace: Workspace, project_id: str) -> bool:
    """Whether there is enough to learn from, and twenty decisions more than the last time."""
    if quality_rows.is_scoring(workspace.store, project_id):
        return False
    kept, rejected = quality_rows.decision_counts(workspace.store, project_id)
    model = quality_rows.score_model(workspace.store, project_id)
    before = model["n_decisions"] if model else 0
    return _is_enough(kept, rejected) and (before == 0 or kept + rejected - before >= DECISIONS_BETWEEN)


def _is_measured(store: Any, project_id: str) -> bool:
    return bool(store.read("SELECT 1 AS one FROM curations WHERE project_id = ?", [project_id]))


def queue_scoring(workspace: Workspace, tx: Transaction, project_id: str, by: str) -> str:
    """The copy is taken now; a later one overtakes it."""
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    quality_rows.copy_for_scoring(tx, project_id, folder.inputs)
    queue_job(tx, folder, project_id=project_id, kind="score", settings={"project_id": project_id}, facts={}, by=by)
    return job_id
