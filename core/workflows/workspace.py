"""An open studio: its data folder, store and jobs, which every workflow is given.

Opened once by the server. Joins the job kinds to the workflows that take their results over.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.config import DataFolder
from core.errors import Invalid, NotFound
from core.jobs.executor import ChildProcessExecutor, Executor
from core.jobs.folder import JobFolder
from core.jobs.supervisor import Collector, Supervisor, usual_priority
from core.serving.embedder import Embedder
from core.store import jobs as job_rows
from core.store import projects as project_rows
from core.store.connection import Row, Store, Transaction, new_id
from core.workflows.looking_apart import end_looks

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}")


@dataclass(frozen=True, slots=True)
class FailedErasure:
    """When an erasure was tried last, and why it failed, in words that quote nothing of what it was to take."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """What workflows act on. `folder` holds files, `store` the database, `supervisor` the jobs.

    embedder: vectors of what is asked right now, from a process that is started with the first. failed_erasures: those that did not succeed when they
    were tried last, by what they are of; known as long as the studio is open. last_views: when the trail was last told of a view that it is told of at
    times, by what was viewed, where, by whom and in which project.
    """

    folder: DataFolder
    store: Store
    supervisor: Supervisor
    embedder: Embedder
    failed_erasures: dict[str, FailedErasure] = field(default_factory=dict, compare=False)
    last_views: dict[tuple[str, str, str, str], datetime] = field(default_factory=dict, compare=False)

    def close(self) -> None:
        """Stop watching jobs, end what is looked through, and let go of the file. Workers go on."""
        end_looks()
        self.supervisor.stop()
        self.embedder.close()
        self.store.close()


def open_workspace(folder: DataFolder, *, executor: Executor | None = None) -> Workspace:
    """Open the data folder, making it where it is new. Raises StoreBusy, StoreTooNew. Jobs are not watched yet."""
    from core.workflows.job_results import COLLECTORS, note_end

    folder.create()
    store = Store(folder.database)
    # Only now: a second server that is refused must not take away what the first is in the middle of.
    shutil.rmtree(folder.exchange, ignore_errors=True)
    folder.exchange.mkdir(mode=0o700)
    collectors: dict[str, Collector] = {}

    def on_end(tx: Transaction, job: Row, state: str) -> None:
        note_end(workspace, tx, job, state)

    workspace = Workspace(
        folder,
        store,
        Supervisor(store, folder.jobs, executor or ChildProcessExecutor(), collectors, on_end),
        Embedder(log_file=folder.generator_log),
    )
    for kind, collect in COLLECTORS.items():
        collectors[kind] = _bound(collect, workspace)
    return workspace


def _bound(collect: Any, workspace: Workspace) -> Collector:
    def collector(tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
        collect(workspace, tx, job, folder, result)

    return collector


def project_named(workspace: Workspace, name: str) -> Row:
    """The project of that name or id. Raises NotFound naming the projects there are."""
    project = project_rows.project_named(workspace.store, name)
    if project is None:
        names = ", ".join(row["name"] for row in project_rows.projects(workspace.store)) or "none yet"
        raise NotFound(f"There is no project called {name!r}.", remedy=f"Projects here: {names}.")
    return project


def checked_name(name: str, noun: str) -> str:
    """The name if it is allowed. Raises Invalid with what is allowed."""
    if not NAME.fullmatch(name):
        raise Invalid(
            f"{name[:90]!r} cannot name a {noun}.",
            remedy="Use 1 to 80 letters, digits, spaces, dots, dashes or underscores, beginning with a letter or digit.",
        )
    return name


def checked_person(name: str) -> str:
    """The name that is stored with every decision. Raises Invalid when it is empty or over 80 characters."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 80:
        raise Invalid(f"{name[:90]!r} cannot stand for a person.", remedy="Type a name of 1 to 80 characters.")
    return cleaned


def new_job_folder(workspace: Workspace) -> tuple[str, JobFolder]:
    job_id = new_id("job_")
    return job_id, workspace.supervisor.folder(job_id)


def queue_job(
    tx: Transaction,
    folder: JobFolder,
    *,
    project_id: str,
    kind: str,
    settings: dict[str, Any],
    facts: dict[str, Any],
    by: str,
    stops_by_itself: bool = False,
) -> None:
    """Write the spec, then the ledger's row: a row never stands for a folder that is not there."""
    folder.create(
        job_spec(folder, project_id=project_id, kind=kind, settings=settings, stops_by_itself=stops_by_itself)
    )
    register_job(tx, folder.id, project_id=project_id, kind=kind, facts=facts, by=by)


def job_spec(
    folder: JobFolder, *, project_id: str, kind: str, settings: dict[str, Any], stops_by_itself: bool = False
) -> dict[str, Any]:
    return {
        "id": folder.id,
        "kind": kind,
        "project_id": project_id,
        "settings": settings,
        "stops_by_itself": stops_by_itself,
    }


def register_job(tx: Transaction, job_id: str, *, project_id: str, kind: str, facts: dict[str, Any], by: str) -> None:
    """The ledger's row alone: for a job whose inputs the supervisor has written in the background."""
    job_rows.insert_job(tx, job_id, project_id=project_id, kind=kind, facts=facts, by=by, priority=usual_priority(kind))
    tx.event("queued", "job", job_id, by=by, project_id=project_id, kind=kind)


def as_date(value: str | date | None) -> date | None:
    """A date from YYYY-MM-DD, None from "never". Raises Invalid."""
    if value is None or isinstance(value, date):
        return value
    if value == "never":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(f"{value!r} is not a date.", remedy="Write YYYY-MM-DD, or never.") from None
