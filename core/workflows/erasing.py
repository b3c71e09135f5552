"""Erase a person: find every place that holds them, show what would go, take it out, read everything back, and certify it.

It reaches the whole data folder, whatever project a place belongs to: a person asks for themselves, not for a project. One erasure at a time; one
that was cut off goes on by itself, from a journal that only its owner can read.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import Conflict, Invalid, NotFound, ProofroomError
from core.privacy.certificate_words import certificate_report
from core.privacy.erasure_certificate import (
    Certificate,
    Kept,
    MarkedModel,
    Removed,
    RewrittenVersion,
    Verification,
    certificate_from,
    spelling_mac,
)
from core.privacy.person import ALIKE_FROM, Person, masked_value, person_of
from core.privacy.read_back import Place, ReadBack
from core.review.report import html_of
from core.review.report_pdf import pdf_of
from core.store import erasures as erasure_rows
from core.store import every_text
from core.store import exports as export_rows
from core.store import jobs as job_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows import auditing
from core.workflows.erasure_files import (
    find_files,
    look_through,
    remove_exports,
    scratch,
    take_files,
    target_of,
)
from core.workflows.erasure_journal import Choices, Journal, chosen, journals_folder, open_journals
from core.workflows.erasure_rows import (
    ASK,
    ERASE,
    IN_USE,
    KEEP,
    LEAVE,
    Find,
    drop_rewritten,
    erase_rows,
    find_rows,
    names_in_use,
    swap_versions,
)
from core.workflows.workspace import Workspace, checked_person, project_named

__all__ = ["ALIKE_FROM", "Certificate", "Choices", "Find", "chosen"]

# The forms of a certificate, and what each is called and is.
FORMS = {"pdf": "PDF", "html": "HTML", "json": "JSON"}
MIME = {"pdf": "application/pdf", "html": "text/html", "json": "application/json"}

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()
WHY_TRAIL = "The audit trail is append-only and sealed: it says who did what in the studio, by the name of their account, and never what a text says."
WHY_WEIGHTS = "What a model learnt cannot be taken out of its weights. It is not served, approved or exported until it is retired or trained anew."
WHY_BACKUPS = (
    "Files outside the data folder are not reached. Delete them, or restore each, erase again and back up anew."
)
WHY_TAKEN = "What was copied out of the studio is not reached. Tell whoever received it (Art. 19)."
WHY_ASKED = "It is only alike, or a surname alone, and nobody chose it: it may be somebody else."
WHY_LEFT = "It was left by hand, by who asked for the erasure."
WHY_UNCHANGED = "It could not be changed. Look at it by hand."
WHAT = {"remove": "files removed", "mask": "files masked"}


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
    """Every place that holds a person, and what would become of it; nothing is changed. Raises Invalid, Conflict, NotFound.

    also: other spellings, addresses, handles, ids. project: that the request came in for; it is noted, and limits nothing.
    """
    _checked(workspace, name, also, by=by, project=project, alike_from=alike_from)
    person = person_of(name, also, alike_from=alike_from)
    found = _found(workspace, person, choices or Choices())
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
    if not _one_at_a_time.acquire(blocking=False):
        raise _busy()
    try:
        return _carry_out(
            workspace, _begun(workspace, name, by=by, also=also, project=project, choices=choices, expected=expected, alike_from=alike_from)
        )  # fmt: skip
    finally:
        _one_at_a_time.release()


def erase_soon(
    workspace: Workspace, name: str, *, by: str, also: Iterable[str] = (), project: str = "", choices: Choices | None = None,
    expected: int | None = None, alike_from: float = ALIKE_FROM,
) -> str:  # fmt: skip
    """Begin an erasure that the studio carries out in its next round, whatever becomes of whoever asked. Returns its id; raises what `erase` raises."""
    if not _one_at_a_time.acquire(blocking=False):
        raise _busy()
    try:
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
    finally:
        _one_at_a_time.release()


def is_under_way(workspace: Workspace) -> bool:
    """Whether somebody is being erased, or is about to be."""
    return _one_at_a_time.locked() or is_waiting(workspace)


def is_waiting(workspace: Workspace) -> bool:
    """Whether an erasure has begun and not ended."""
    return any(journals_folder(workspace).glob("er_*/state.json"))


def _busy() -> Conflict:
    return Conflict("Somebody is being erased just now.", remedy="Wait until that has ended.")


def _begun(
    workspace: Workspace, name: str, *, by: str, also: Iterable[str], project: str, choices: Choices | None, expected: int | None,
    alike_from: float,
) -> Journal:  # fmt: skip
    """The journal of a new erasure, written; from then on it is carried out."""
    also = list(also)
    asked_by, project_id = _checked(workspace, name, also, by=by, project=project, alike_from=alike_from)
    person = person_of(name, also, alike_from=alike_from)
    if is_waiting(workspace):
        raise _busy()
    _refuse_while_jobs_are_under_way(workspace)
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


def go_on(workspace: Workspace) -> list[str]:
    """Carry on with erasures that were cut off. Returns the ids of those that ended; one that cannot go on yet is tried again later."""
    if not journals_folder(workspace).exists() or job_rows.unsettled_jobs(workspace.store):
        return []
    if not _one_at_a_time.acquire(blocking=False):
        return []
    ended = []
    try:
        for journal in open_journals(workspace):
            try:
                ended.append(_carry_out(workspace, journal).erasure)
            except ProofroomError as error:
                log.warning("the erasure %s waits: %s", journal.id, error)
    finally:
        _one_at_a_time.release()
    return ended


def erasures(workspace: Workspace) -> list[dict[str, Any]]:
    """Every erasure, newest first: id, project, who asked, when it began and ended, what went out of the database."""
    return [
        {
            "erasure": row["id"], "project_id": row["project_id"], "asked_by": row["started_by"], "started_at": row["started_at"],
            "ended_at": row["ended_at"], "result": row["result"],
        }
        for row in erasure_rows.erasures(workspace.store)
    ]  # fmt: skip


def certificate(workspace: Workspace, erasure: str) -> Certificate:
    """The certificate of an erasure that has ended. Raises NotFound, Conflict while it is under way."""
    row = erasure_rows.erasure(workspace.store, erasure)
    if row is None:
        raise NotFound(f"There is no erasure {erasure!r}.", remedy="`proofroom erasures list` shows them.")
    if row["certificate"] is None:
        raise Conflict("The erasure has not ended yet.", remedy="It goes on by itself; ask again.")
    return certificate_from(row["certificate"])


def certificate_document(workspace: Workspace, erasure: str, form: str) -> bytes:
    """The certificate as pdf, html or json. Raises Invalid for another form, and what `certificate` raises."""
    if form not in FORMS:
        raise Invalid(f"A certificate cannot be written as {form!r}.", remedy=f"Choose {', '.join(FORMS)}.")
    made = certificate(workspace, erasure)
    if form == "json":
        return json.dumps(made.as_json(), indent=2, ensure_ascii=False).encode()
    report = certificate_report(made)
    return pdf_of(report) if form == "pdf" else html_of(report).encode()


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


def _refuse_while_jobs_are_under_way(workspace: Workspace, tx: Transaction | None = None) -> None:
    """A job holds copies of texts, and would bring them back with its results."""
    n = len(job_rows.unsettled_jobs(tx or workspace.store))
    if n:
        raise Conflict(
            f"{n} {'job is' if n == 1 else 'jobs are'} under way and may hold the person's words.",
            remedy="Wait for them, or cancel them.",
        )


def _found(workspace: Workspace, person: Person, choices: Choices) -> Preview:
    snapshot = workspace.store.snapshot()
    try:
        rows = list(find_rows(snapshot.read, person, choices, names_in_use(snapshot.read, person)))
        gone = [find.key.partition(":")[2] for find in rows if find.treatment == ERASE]
        goes_with = every_text.going_with(snapshot.read, gone)
    finally:
        snapshot.close()
    files, told = find_files(workspace, person, choices, erasure_rows.documents(workspace.store))
    unread = tuple(f"{one.path}: {one.why}" for one in told.unread)
    return Preview((*rows, *files), dict(goes_with), person.alike_from, unread)


def _carry_out(workspace: Workspace, journal: Journal) -> Certificate:
    """Do what is not done yet, in its order; every step may be done twice."""
    store = workspace.store
    if erasure_rows.erasure(store, journal.id) is None:
        key = store.trail.key
        try:
            with store.transaction() as tx:
                _refuse_while_jobs_are_under_way(workspace, tx)
                erase_rows(workspace, tx, journal, [spelling_mac(one, key) for one in journal.person.spellings])
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
    take_files(
        workspace,
        journal,
        uploads=erasure_rows.uploads_of(store, journal.id),
        documents=documents,
        marked=[run["id"] for run in marked],
    )
    store.rewrite()
    made = _certified(workspace, journal, marked, _read_back(workspace, journal), len(exports), documents)
    with store.transaction() as tx:
        erasure_rows.end_erasure(tx, journal.id, made.as_json())
        tx.event(
            "certified", "person", journal.id, by=journal.by, project_id=journal.project_id, n_before=made.verification.n_places_before,
            n_after=made.verification.n_places_after,
        )  # fmt: skip
    journal.end()
    return made


def _read_back(workspace: Workspace, journal: Journal) -> ReadBack:
    """Decode everything under the data folder, the database from a copy of its file."""
    with scratch(workspace) as folder:
        copy = folder / "read-back.duckdb"
        workspace.store.copy_to(copy)
        return look_through(workspace, journal.person, database=copy)


def _certified(
    workspace: Workspace, journal: Journal, marked: list[Row], read: ReadBack, n_exports: int, documents: set[str]
) -> Certificate:
    store = workspace.store
    row = erasure_rows.erasure(store, journal.id)
    assert row is not None, "the rows were erased before"
    versions = erasure_rows.rewritten_versions(store, journal.id)
    models = tuple(MarkedModel(one["id"], one["name"], one["project"], one["version"] or "") for one in marked)
    left = [place for place in read.places if place.n_certain]
    return Certificate(
        erasure=journal.id,
        project=project_named(workspace, journal.project_id)["name"] if journal.project_id else "",
        person_macs=tuple(row["person_macs"]),
        alike_from=journal.person.alike_from,
        asked_by=journal.by,
        started_at=journal.started_at,
        ended_at=utc_now().isoformat() + "Z",
        removed=_removed(row["result"], journal, len(versions)),
        kept=(*_kept(workspace, journal, left, documents), *_out_of_reach(workspace, row["result"], len(models), n_exports)),
        models=models,
        versions=tuple(
            RewrittenVersion(
                one["version_id"], one["name"], one["project"], one["n_examples"], one["n_masked"], one["sha256_before"], one["sha256_after"],
            )
            for one in versions
        ),
        verification=Verification(
            n_files=read.n_files,
            n_bytes=read.n_bytes,
            n_places_before=journal.n_before,
            n_places_after=len(
                {(place.path, place.inside if place.path == workspace.folder.database.name else "") for place in left}
            ),
            unread=tuple(
                masked_value([f"{one.path}: {one.why}" for one in read.unread], journal.person, whole=journal.whole)
            ),
        ),
    )  # fmt: skip


def _removed(result: dict[str, Any], journal: Journal, n_versions: int) -> tuple[Removed, ...]:
    rows = [
        Removed(table, f"rows {how}", n) for how in ("erased", "masked") for table, n in sorted(result[how].items())
    ]
    files = [Removed(place, WHAT[what], n) for (place, what), n in sorted(journal.removed().items())]
    versions = [Removed("versions", "versions rewritten", n_versions)] if n_versions else []
    return (*rows, *versions, *files, Removed("the database", "files rewritten", 1))


def _kept(workspace: Workspace, journal: Journal, left: list[Place], documents: set[str]) -> list[Kept]:
    """What still holds the person, by place, and why."""
    database = workspace.folder.database.name
    counts: Counter[tuple[str, str]] = Counter()
    in_tables = [place for place in left if place.path == database and place.inside]
    for place in left:
        if place.path != database:
            target = target_of(workspace, place, documents)
            why = WHY_LEFT if target.key in journal.choices.leaves else target.why or WHY_UNCHANGED
            counts[(place.path, why)] += place.n_certain
        elif place.inside:
            counts[(place.inside, _why_in(place.inside.partition(".")[0], workspace, journal))] += place.n_certain
        elif not in_tables:
            counts[(database, WHY_UNCHANGED)] += place.n_certain
    # A file's own name may be the person's.
    return [
        Kept(masked_value(place, journal.person, whole=journal.whole), n, why)
        for (place, why), n in sorted(counts.items())
    ]


def _why_in(table: str, workspace: Workspace, journal: Journal) -> str:
    row = erasure_rows.erasure(workspace.store, journal.id)
    assert row is not None, "the rows were erased before"
    if table in every_text.EXEMPT_TABLES:
        return WHY_TRAIL
    if table in row["result"]["kept"]:
        return IN_USE
    return WHY_LEFT if table in row["result"]["left"] else WHY_UNCHANGED


def _out_of_reach(workspace: Workspace, result: dict[str, Any], n_models: int, n_exports: int) -> list[Kept]:
    kept = [Kept("weights of adapters", n_models, WHY_WEIGHTS)] if n_models else []
    n_backups, _ = erasure_rows.n_backups(workspace.store)
    if n_backups:
        kept.append(Kept("backups", n_backups, WHY_BACKUPS))
    if n_exports:
        kept.append(Kept("exports that were copied", n_exports, WHY_TAKEN))
    if result["n_asked"]:
        kept.append(Kept("possible finds", result["n_asked"], WHY_ASKED))
    return kept
