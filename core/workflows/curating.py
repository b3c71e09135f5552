"""Measure a project's records in a job, and take over what it found."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from core.curate.flags.registry import is_defect
from core.errors import Refused
from core.jobs.folder import JobFolder
from core.store import facts as fact_rows
from core.store import maps as map_rows
from core.store import measures as measure_rows
from core.store import records as record_rows
from core.store.connection import Row, Transaction
from core.store.records import RecordFilter
from core.workflows.duplicates import recluster
from core.workflows.projects import curation_is_current
from core.workflows.scoring import after_measuring, prepare_measuring, score_state
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

# The encoder's id stands here as a plain name, because its module brings torch with it.
ENCODER_ID = "all-MiniLM-L6-v2"


def measure_records(workspace: Workspace, project: str, *, by: str) -> str | None:
    """Queue the job that embeds, compares and flags all records. Returns its id; None when nothing changed since the last.

    Raises Refused when the project holds no record.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    n_records = record_rows.count_records(workspace.store, row["id"], RecordFilter())
    if not n_records:
        raise Refused(f"{row['name']} holds no records.", remedy="Import some writing first.")
    if curation_is_current(workspace, row["id"]):
        return None
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    with workspace.store.transaction() as tx:
        # The originals are measured, not the edited texts: flags speak of what came in.
        record_rows.copy_to(tx, row["id"], folder.inputs / "records.parquet", original=True)
        fact_rows.copy_edited_to(tx, row["id"], folder.inputs / "edited.parquet")
        measure_rows.copy_vectors_to(tx, row["id"], ENCODER_ID, folder.inputs / "vectors.parquet")
        _give_answers(workspace, row["id"], folder)
        fingerprint = record_rows.fingerprint(workspace.store, row["id"])
        queue_job(
            tx, folder, project_id=row["id"], kind="curate",
            settings={"project_id": row["id"], "goal": row["goal"], "models": str(workspace.folder.models)}
            | prepare_measuring(tx, row, by=person),
            facts={"fingerprint": fingerprint, "n_records": n_records}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return job_id


def _give_answers(workspace: Workspace, project_id: str, folder: JobFolder) -> None:
    """The vectors of answers as the last measurement left them: a second name for its file, where there is one."""
    curation = measure_rows.curation(workspace.store, project_id)
    if curation is not None and curation["encoder"] == ENCODER_ID:
        with suppress(OSError):
            os.link(
                workspace.supervisor.folder(curation["job_id"]).out / "answers.parquet",
                folder.inputs / "answers.parquet",
            )


def is_current(workspace: Workspace, project: str) -> bool:
    """Whether the records are those that were measured last; true when there is none."""
    row = project_named(workspace, project)
    return curation_is_current(workspace, row["id"]) or not record_rows.count_records(
        workspace.store, row["id"], RecordFilter()
    )


def collect_curation(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]
) -> None:
    measure_rows.replace_measures_from(tx, job["project_id"], folder.out, measured=folder.inputs / "records.parquet")
    map_rows.replace_map_from(tx, job["project_id"], folder.out)
    fact_rows.replace_spans_from(tx, job["project_id"], folder.out / "facts.parquet")
    measure_rows.note_curation(
        tx, job["project_id"], job_id=job["id"], fingerprint=job["facts"]["fingerprint"], encoder=ENCODER_ID,
        n_records=result["n_records"],
    )  # fmt: skip
    recluster(tx, job["project_id"])
    after_measuring(workspace, tx, project_named(workspace, job["project_id"]), by=job["created_by"])
    tx.event("measured", "records", job["id"], by=job["created_by"], project_id=job["project_id"], **result)


def score_report(workspace: Workspace, project: str) -> dict[str, Any]:
    """Counts of the last measurement: records, flagged ones, each flag; defects and notices apart; how scores are made."""
    row = project_named(workspace, project)
    counts = measure_rows.flag_counts(workspace.store, row["id"])
    n_defective, n_noticed = measure_rows.flagged_counts(workspace.store, row["id"])
    return {
        "n_records": record_rows.count_records(workspace.store, row["id"], RecordFilter()),
        "n_flagged": measure_rows.flagged_count(workspace.store, row["id"]),
        "flags": counts,
        "n_with_defects": n_defective,
        "n_with_notices": n_noticed,
        "defects": {name: n for name, n in counts.items() if is_defect(name)},
        "notices": {name: n for name, n in counts.items() if not is_defect(name)},
        "score": score_state(workspace, project),
    }
