"""Look for personal data: in a file that somebody asks about, or in a project's records.

The server loads no language model: a job looks. What is found in a text holds for that text alone; an edited record is looked
through again.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pyarrow.parquet as parquet

from core.config import MAX_UPLOAD_BYTES
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.nouns import JobState
from core.store import jobs as job_rows
from core.store import personal_data as personal_rows
from core.store.connection import Row, Transaction
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

OF_NO_PROJECT = ""
TEXTS = "texts.jsonl"


async def find_in_stream(workspace: Workspace, pieces: AsyncIterator[bytes], *, by: str) -> str:
    """Queue the job that looks through JSON Lines with a text each; they lie in its folder until it has read them.

    Returns the job's id. Raises Invalid once the file is over the size that one upload may have.
    """
    person = checked_person(by)
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    file = folder.inputs / TEXTS
    try:
        n_bytes = 0
        with file.open("wb") as opened:
            async for piece in pieces:
                n_bytes += len(piece)
                if n_bytes > MAX_UPLOAD_BYTES:
                    raise Invalid(
                        f"The file is larger than {MAX_UPLOAD_BYTES // 2**20} MB, the most that one may be.",
                        remedy="Split it.",
                    )
                opened.write(piece)
    except BaseException:
        shutil.rmtree(folder.root)
        raise
    with workspace.store.transaction() as tx:
        queue_job(tx, folder, project_id=OF_NO_PROJECT, kind="pii", settings={"file": str(file)}, facts={}, by=person)
    workspace.supervisor.wake()
    return job_id


def spans_of_file(workspace: Workspace, job_id: str) -> list[dict[str, Any]]:
    """The spans that a finished job found in a file: row, start, end, type, score and found_by, in order.

    Raises NotFound, Conflict while it is not done.
    """
    job = job_rows.job(workspace.store, job_id)
    if job is None or job["kind"] != "pii" or job["project_id"] != OF_NO_PROJECT:
        raise NotFound(f"No job {job_id!r} has looked for personal data in a file.")
    if job["state"] != JobState.DONE:
        raise Conflict(f"The job is {job['state']}; it has no spans.", remedy="Wait for it, or start it again.")
    found: list[dict[str, Any]] = parquet.read_table(
        workspace.supervisor.folder(job_id).out / "spans.parquet"
    ).to_pylist()
    return found


def find_in_project(workspace: Workspace, project: str, *, by: str) -> str:
    """Queue the job that looks through the records that are new or edited since. Returns its id. Raises Refused where none is."""
    person = checked_person(by)
    row = project_named(workspace, project)
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    with workspace.store.transaction() as tx:
        personal_rows.copy_unsearched_to(tx, row["id"], folder.inputs / "records.parquet")
        n_records = parquet.read_metadata(folder.inputs / "records.parquet").num_rows
        if not n_records:
            raise Refused("Every record was looked through as it reads now.", remedy="Import or edit records first.")
        queue_job(
            tx, folder, project_id=row["id"], kind="pii", settings={}, facts={"n_records": n_records}, by=person
        )  # fmt: skip
    workspace.supervisor.wake()
    return job_id


def collect_personal_data(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]
) -> None:
    """Take over what was found in records. Of a file nothing is kept but places and types, in the job's own folder."""
    if job["project_id"] != OF_NO_PROJECT:
        personal_rows.insert_found_from(tx, job["project_id"], folder.out)
    tx.event("searched", "personal_data", job["id"], by=job["created_by"], project_id=job["project_id"], **result)


def forget_pseudonyms(workspace: Workspace, job: Row) -> None:
    """Delete the list of who has which made-up name, which a freezing job was given; without the key it is not made again."""
    (workspace.supervisor.folder(job["id"]).inputs / "pseudonyms.parquet").unlink(missing_ok=True)


def forget_texts(workspace: Workspace, job: Row) -> None:
    """Delete the texts of a file whose job ended before it read them."""
    (workspace.supervisor.folder(job["id"]).inputs / TEXTS).unlink(missing_ok=True)
