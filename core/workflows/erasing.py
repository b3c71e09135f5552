"""Erase a person, or carry the erasure of a source out: find every place that holds them, show what would go, take it out, read everything back, and certify it.

It reaches the whole data folder, whatever project a place belongs to: a person asks for themselves, not for a project. How a source's erasure begins is said by
`retaining`; from there on it takes the same steps. One erasure at a time; one that was cut off goes on by itself, from a journal that only its owner can read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.errors import Conflict
from core.privacy.erasure_certificate import Certificate, spelling_mac
from core.privacy.person import ALIKE_FROM, Person, person_of
from core.privacy.read_back import ReadBack
from core.store import erasures as erasure_rows
from core.store import every_text
from core.store import exports as export_rows
from core.store import jobs as job_rows
from core.store.connection import Transaction, new_id, utc_now
from core.store.sources import uploads_in_use
from core.workflows import auditing
from core.workflows.erasure_certificates import certified
from core.workflows.erasure_failures import has_failed_lately, is_in_the_way, note_failure, why_not
from core.workflows.erasure_files import (
    find_files,
    look_through,
    remove_exports,
    scratch,
    take_files,
)
from core.workflows.erasure_journal import Choices, Journal, chosen, journals_folder, open_journals
from core.workflows.erasure_models import drop_rewritten, swap_versions
from core.workflows.erasure_rows import (
    ASK,
    ERASE,
    KEEP,
    LEAVE,
    Find,
    erase_rows,
    find_rows,
    names_in_use,
)
from core.workflows.source_erasure import erase_source_rows, take_files_of_source
from core.workflows.workspace import Workspace, checked_person, project_named

__all__ = ["ALIKE_FROM", "Choices", "Find", "chosen"]

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would do. goes_with: rows by table that go with the records, beside themselves. models: that would be marked.

    n_taken: places that hold the person for certain, or were chosen; what `erase` expects.
    """

    finds: tuple[Find, ...]
    goes_with: dict[str, int]
    alike_from: float
    unread: tuple[str, ...]

    @property
    def n_taken(self) -> int:
        return sum(find.treatment not in (ASK, KEEP, LEAVE) for find in self.finds)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"n_taken": self.n_taken}


def preview_erasure(
    workspace: Workspace, name: str, *, by: str, also: Iterable[str] = (), project: str = "", choices: Choices | None = None,
    alike_from: float = ALIKE_FROM,
) -> Preview:  # fmt: skip
    """Every place that holds a person, and what would become of it; nothing is changed. One at a time: a newer one ends it. Raises Invalid, Conflict, NotFound.

    also: other spellings, addresses, handles, ids. project: that the request came in for; it is noted, and limits nothing.
    """
    _checked(workspace, name, also, by=by, project=project, alike_from=alike_from)
    person = person_of(name, also, alike_from=alike_from)
    found = _found(workspace, person, choices or Choices(), is_to_be_shown=True)
    auditing.viewed(workspace, "person", by=by, project=project, n_places=len(found.finds))
    return found


def erase(
    workspace: Workspace, name: str, *, by: str, also: Iterable[str] = (), project: str = "", choices: Choices | None = None,
    expected: int | None = None, alike_from: float = ALIKE_FROM,
) -> Certificate:  # fmt: skip
    """Take a person out of everything under the data folder. Returns the certificate.

    expected: how many places the person saw that would be taken. Raises Conflict where there are others now, where a job is under way or where somebody is being
    erased, and what `preview_erasure` raises. After the rows are gone, what goes wrong is tried again by the studio itself.
    """
    with alone():
        return carry_out(
            workspace, _begun(workspace, name, by=by, also=also, project=project, choices=choices, expected=expected, alike_from=alike_from)
        )  # fmt: skip


def erase_soon(
    workspace: Workspace, name: str, *, by: str, also: Iterable[str] = (), project: str = "", choices: Choices | None = None,
    expected: int | None = None, alike_from: float = ALIKE_FROM,
) -> str:  # fmt: skip
    """Begin an erasure that the studio carries out in its next round, whatever becomes of whoever asked. Returns its id; raises what `erase` raises."""
    with alone():
        return _begun(
            workspace,
            name,
            by=by,
            also=also,
            project=project,
            choices=choices,
            expected=expected,
            alike_from=alike_from,
        ).id


@contextmanager
def alone() -> Iterator[None]:
    """Nothing else is erased meanwhile. Raises Conflict where something is."""
    if not _one_at_a_time.acquire(blocking=False):
        raise _busy()
    try:
        yield
    finally:
        _one_at_a_time.release()


def is_under_way(workspace: Workspace) -> bool:
    """Whether somebody or a source is being erased, or is about to be, and another has to wait."""
    return _one_at_a_time.locked() or is_in_the_way(workspace)


def _busy() -> Conflict:
    return Conflict("Somebody, or a source, is being erased just now.", remedy="Wait until that has ended.")


def _begun(
    workspace: Workspace, name: str, *, by: str, also: Iterable[str], project: str, choices: Choices | None, expected: int | None,
    alike_from: float,
) -> Journal:  # fmt: skip
    """The journal of a new erasure, written; from then on it is carried out."""
    also = list(also)
    asked_by, project_id = _checked(workspace, name, also, by=by, project=project, alike_from=alike_from)
    person = person_of(name, also, alike_from=alike_from)
    refuse_beside_another(workspace)
    found = _found(workspace, person, choices or Choices())
    if expected is not None and found.n_taken != expected:
        raise Conflict(
            f"There are {found.n_taken:,} places now, not {expected:,}.", remedy="Look at them again and repeat."
        )
    erasure_id = new_id("er_")
    journal = Journal(
        journals_folder(workspace) / erasure_id, erasure_id, project_id, asked_by, utc_now().isoformat() + "Z", found.n_taken, person,
        choices or Choices(),
    )  # fmt: skip
    journal.begin()
    return journal


def go_on(workspace: Workspace, *, now: datetime | None = None) -> list[str]:
    """Carry on with erasures that were cut off. Returns the ids of those that ended; one that has to wait is tried again in the next round.

    One that fails keeps no other from going on, and is tried again an hour later. now: by which that hour is told.
    """
    if not journals_folder(workspace).exists() or job_rows.unsettled_jobs(workspace.store):
        return []
    # Whoever holds it carries on by themselves.
    if not _one_at_a_time.acquire(blocking=False):
        return []
    ended, at = [], now or utc_now()
    try:
        for journal in open_journals(workspace):
            if has_failed_lately(workspace, journal.subject, now=at):
                continue
            try:
                ended.append(carry_out(workspace, journal).erasure)
            except Exception as error:  # noqa: BLE001 - the frame of one erasure: its trouble must not stop the others
                if isinstance(error, Conflict) and erasure_rows.erasure(workspace.store, journal.id) is None:
                    # A job was begun in between, or its terms were changed: nothing failed.
                    log.warning("the erasure %s waits: %s", journal.id, error)
                else:
                    note_failure(workspace, journal, error, now=at)
    finally:
        _one_at_a_time.release()
    return ended


def erasures(workspace: Workspace) -> list[dict[str, Any]]:
    """Every erasure, newest first: id, project, who asked, when it began and ended, what went out of the database; of a source its id and name, else "".

    why_not: why one that has not ended failed when it was tried last, or "".
    """
    return [
        {
            "erasure": row["id"], "project_id": row["project_id"], "asked_by": row["started_by"], "started_at": row["started_at"],
            "ended_at": row["ended_at"], "result": row["result"],
            "source": row["source_id"] or "", "source_name": row["source_name"] or "",
            "why_not": why_not(workspace, row["source_id"] or row["id"]),
        }
        for row in erasure_rows.erasures(workspace.store)
    ]  # fmt: skip


def _checked(
    workspace: Workspace, name: str, also: Iterable[str], *, by: str, project: str, alike_from: float
) -> tuple[str, str]:
    """Who asks, and the project's id. Raises Conflict where they name themselves: what they do now would bear the name again."""
    asked_by = checked_person(by)
    project_id: str = project_named(workspace, project)["id"] if project else ""
    if person_of(name, also, alike_from=alike_from).certain(asked_by):
        raise Conflict(
            f"{asked_by} cannot erase themselves: the erasure would be noted under that name.",
            remedy="Have somebody else do it.",
        )
    return asked_by, project_id


def refuse_beside_another(workspace: Workspace) -> None:
    """Raises Conflict where another erasure has not ended, or a job is under way."""
    if is_in_the_way(workspace):
        raise _busy()
    _refuse_while_jobs_are_under_way(workspace)


def _refuse_while_jobs_are_under_way(workspace: Workspace, tx: Transaction | None = None) -> None:
    """A job holds copies of texts, and would bring them back with its results."""
    n = len(job_rows.unsettled_jobs(tx or workspace.store))
    if n:
        raise Conflict(
            f"{n} {'job is' if n == 1 else 'jobs are'} under way and may hold words that are to go.",
            remedy="Wait for them, or cancel them.",
        )


def _found(workspace: Workspace, person: Person, choices: Choices, *, is_to_be_shown: bool = False) -> Preview:
    snapshot = workspace.store.snapshot()
    try:
        rows = list(find_rows(snapshot.read, person, choices, names_in_use(snapshot.read, person)))
        gone = [find.key.partition(":")[2] for find in rows if find.treatment == ERASE]
        goes_with = every_text.going_with(snapshot.read, gone)
    finally:
        snapshot.close()
    documents = erasure_rows.documents(workspace.store)
    files, told = find_files(workspace, person, choices, documents, is_to_be_shown=is_to_be_shown)
    unread = tuple(f"{one.path}: {one.why}" for one in told.unread)
    return Preview((*rows, *files), dict(goes_with), person.alike_from, unread)


def carry_out(workspace: Workspace, journal: Journal) -> Certificate:
    """Do what is not done yet, in its order; every step may be done twice."""
    store = workspace.store
    if erasure_rows.erasure(store, journal.id) is None:
        key = store.trail.key
        try:
            with store.transaction() as tx:
                _refuse_while_jobs_are_under_way(workspace, tx)
                if journal.source is None:
                    erase_rows(workspace, tx, journal, [spelling_mac(one, key) for one in journal.person.spellings])
                else:
                    erase_source_rows(workspace, tx, journal, journal.source)
        except Exception:
            # Nothing was written; a process that is killed here leaves the journal, and begins anew.
            drop_rewritten(workspace)
            journal.end()
            raise
    swap_versions(workspace, journal.id)
    marked = erasure_rows.marked_runs(store, journal.id)
    exports = [one["id"] for run in marked for one in export_rows.exports_of(store, run["id"])]
    documents = erasure_rows.documents(store)
    remove_exports(workspace, journal, exports)
    runs = [run["id"] for run in marked]
    if journal.source is None:
        take_files(
            workspace, journal, uploads=erasure_rows.uploads_of(store, journal.id), documents=documents, marked=runs
        )
    else:
        take_files_of_source(workspace, journal, journal.source, runs)
    store.rewrite()
    made = certified(workspace, journal, marked, _read_back(workspace, journal), len(exports), documents)
    found = _uploads_that_reading_found(workspace, journal)
    with store.transaction() as tx:
        erasure_rows.end_erasure(tx, journal.id, made.as_json())
        erasure_rows.insert_uploads(tx, journal.id, found)
        of_whom = ("source", journal.source.source) if journal.source else ("person", journal.id)
        tx.event(
            "certified", *of_whom, by=journal.by, project_id=journal.project_id, n_before=made.verification.n_places_before,
            n_after=made.verification.n_places_after,
        )  # fmt: skip
    journal.end()
    workspace.failed_erasures.pop(journal.subject, None)
    return made


def _uploads_that_reading_found(workspace: Workspace, journal: Journal) -> list[str]:
    """Hashes of uploads that went although no row of theirs was erased: nobody is to look for them any more."""
    folder = workspace.folder.uploads
    gone = (sha256 for sha256 in uploads_in_use(workspace.store) if not (folder / sha256).exists())
    taken = journal.removed_of(f"{folder.name}/{sha256}" for sha256 in gone)
    return [path.removeprefix(f"{folder.name}/") for path in taken]


def _read_back(workspace: Workspace, journal: Journal) -> ReadBack:
    """Decode everything under the data folder, the database from a copy of its file."""
    with scratch(workspace) as folder:
        copy = folder / "read-back.duckdb"
        workspace.store.copy_to(copy)
        ids = journal.record_ids if journal.source else ()
        return look_through(workspace, journal.person, database=copy, record_ids=ids)
