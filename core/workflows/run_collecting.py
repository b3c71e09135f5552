"""Take over what the job of a run left when it ended: adapter, figures, what was checked and written, and the curve."""

from __future__ import annotations

import shutil
from typing import Any

from core.full_disk import DISK_FULL
from core.jobs.folder import JobFolder
from core.nouns import JobState
from core.store import runs as run_rows
from core.store.connection import Row, Transaction
from core.workflows.training import DRAFTS, PREFLIGHT, run_folder
from core.workflows.workspace import Workspace


def collect_run(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Copy the adapter to its place and note the figures."""
    run = run_rows.run_of_job(tx, job["id"])
    if run is None:
        return
    target = run_folder(workspace, run["id"]) / "adapter"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.out / "adapter", target)
    for name in (PREFLIGHT, DRAFTS):
        # A run that began before there was such a file has none.
        if (folder.out / name).exists():
            shutil.copyfile(folder.out / name, run_folder(workspace, run["id"]) / name)
    run_rows.finish_run(
        tx, job["id"], status="done", adapter=str(target.relative_to(workspace.folder.root)), metrics=result
    )
    tx.event(
        "trained",
        "run",
        run["id"],
        by=job["created_by"],
        project_id=job["project_id"],
        weights=result["weights_sha256"],
    )


def note_run_end(tx: Transaction, job: Row, state: str) -> None:
    """Keep the run's own state true when its job ended without a result."""
    if state != JobState.DONE:
        run_rows.finish_run(tx, job["id"], status=state)


def keep_curve(workspace: Workspace, job: Row) -> None:
    """Copy what a training job told of its steps to the run's own folder, which backups hold."""
    told = workspace.supervisor.folder(job["id"]).event_file
    mark = next(run_folder(workspace, job["facts"]["run"]).glob(f"*_{job['id']}"), None)
    if mark is not None and told.exists():
        unfinished = mark.with_name("curve.part")
        try:
            shutil.copyfile(told, unfinished)
            unfinished.replace(mark)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            # That a run ended because the disk is full is not to wait for room; its job's folder has the curve.
            if error.errno not in DISK_FULL:
                raise
