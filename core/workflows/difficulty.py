"""How hard the answers of doubtful records are for a base model: what there is to measure, and the job that measures it.

Reading takes the model a second or so a record, so only those are read whose score says too little, the most doubtful first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, Refused
from core.jobs.folder import JobFolder
from core.store import difficulty as difficulty_rows
from core.store import jobs as job_rows
from core.store import measures as measure_rows
from core.store.connection import Row, Transaction
from core.training.base_models import EMBEDDED, model_folder
from core.workflows.queueing import OPEN_BELOW, OPEN_FROM
from core.workflows.scoring import queue_scoring
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

MOST_AT_ONCE = 500
# Measured with the embedded model on two cores: 200 to 700 tokens a record.
USUAL_RECORDS_PER_SECOND = 0.7


@dataclass(frozen=True, slots=True)
class Doubtful:
    """n records in doubt, n_measured of them looked at, n_read of these read, since the others give no example.

    job: the one that reads now, empty when there is none.

    minutes: for the next `MOST_AT_ONCE`, from the last job's speed on this data folder, else from the usual one.
    """

    n: int
    n_measured: int
    n_read: int
    minutes: float
    job: str

    @property
    def n_next(self) -> int:
        return min(MOST_AT_ONCE, self.n - self.n_measured)


def doubtful(workspace: Workspace, project: str, *, base: str = EMBEDDED) -> Doubtful:
    row = project_named(workspace, project)
    counts = difficulty_rows.doubtful_counts(workspace.store, row["id"], low=OPEN_FROM, high=OPEN_BELOW, base=base)
    n, n_measured = counts["n"], counts["n_measured"]
    done = job_rows.done_jobs(workspace.store, row["id"], "difficulty")
    measured = done[0]["result"].get("records_per_second") if done else 0
    rate = measured or USUAL_RECORDS_PER_SECOND
    return Doubtful(
        n,
        n_measured,
        counts["n_read"],
        min(MOST_AT_ONCE, n - n_measured) / rate / 60,
        difficulty_rows.job_under_way(workspace.store, row["id"]),
    )


def measure_difficulty(
    workspace: Workspace, project: str, *, by: str, limit: int = MOST_AT_ONCE, base: str = EMBEDDED
) -> str | None:
    """Queue the job that reads the most doubtful records, `limit` at most. Returns its id; None when all were read.

    One that is under way is returned instead of a second. base: as for a run. Raises Invalid, Refused before the first
    measuring, and ModelMissing.
    """
    if limit < 1:
        raise Invalid(f"{limit} records cannot be read.", remedy="Choose at least one.")
    person = checked_person(by)
    row = project_named(workspace, project)
    if base != EMBEDDED:
        model_folder(base, workspace.folder.models)
    if measure_rows.curation(workspace.store, row["id"]) is None:
        raise Refused(
            f"The records of {row['name']} were not measured yet.",
            remedy="Measure them first: it says which are in doubt.",
        )
    standing = doubtful(workspace, project, base=base)
    if standing.job or standing.n_measured == standing.n:
        return standing.job or None
    job_id, folder = new_job_folder(workspace)
    with workspace.store.transaction() as tx:
        # Two people may have pressed at once.
        if under_way := difficulty_rows.job_under_way(tx, row["id"]):
            return under_way
        folder.inputs.mkdir(parents=True)
        n = difficulty_rows.copy_doubtful_to(
            tx, row["id"], folder.inputs / "records.parquet", low=OPEN_FROM, high=OPEN_BELOW, base=base, limit=limit
        )
        queue_job(
            tx, folder, project_id=row["id"], kind="difficulty",
            settings={"base": base, "models": str(workspace.folder.models)}, facts={"base": base, "n_records": n},
            by=person, stops_by_itself=True,
        )  # fmt: skip
    workspace.supervisor.wake()
    return job_id


def collect_difficulty(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]
) -> None:
    """Take the losses over, write the signal anew, and score with it."""
    difficulty_rows.add_difficulties_from(
        tx, job["project_id"], folder.out / "difficulties.parquet", base=job["facts"]["base"]
    )
    difficulty_rows.write_signals(tx, job["project_id"])
    if result["n_measured"]:
        queue_scoring(workspace, tx, job["project_id"], job["created_by"])
    tx.event("read", "answers", job["id"], by=job["created_by"], project_id=job["project_id"], **result)
