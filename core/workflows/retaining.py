"""The end of a source's time: what is erased then, said before, and begun by the studio when the day has passed; or by an owner, by hand.

It begins an erasure like that of a person, which `erasing` carries out: the same journal, the same steps, the same certificate.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.errors import Conflict
from core.privacy.erasure_certificate import Certificate, ErasedSource
from core.privacy.lawful import erased_on
from core.privacy.person import Person
from core.store import jobs as job_rows
from core.store import source_erasures as rows
from core.store.connection import Row, new_id, utc_now
from core.workflows import erasing
from core.workflows.erasure_failures import has_failed_lately, why_not
from core.workflows.erasure_journal import Choices, Journal, journals_folder
from core.workflows.lapsing import STUDIO
from core.workflows.terms import refuse_of_a_version
from core.workflows.updating import source_called
from core.workflows.workspace import Workspace, checked_person, project_named

SOON_DAYS = 30
NOBODY = Person((), ())


@dataclass(frozen=True, slots=True)
class SourcePreview:
    """What the erasure of a source would take. n_uploads: files that came in and go; shared: names of sources that hold some of them too, which stay.

    n_removed: records that were taken out before; what was made of them goes. versions: that are written anew. models: that learnt it and must be
    retired or trained anew. projects: other ones that some of these versions are of.
    """

    source: str
    name: str
    n_records: int
    n_removed: int
    n_refused_rows: int
    n_uploads: int
    shared: tuple[str, ...]
    versions: tuple[str, ...]
    models: tuple[str, ...]
    projects: tuple[str, ...]

    @property
    def n_places(self) -> int:
        """Records, refused rows and files."""
        return self.n_records + self.n_refused_rows + self.n_uploads

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def preview_source(workspace: Workspace, project: str, source: str) -> SourcePreview:
    """What would go with a source; nothing is changed. source: its id or name. Raises NotFound, Conflict where it was erased, Refused."""
    row = source_called(workspace, project_named(workspace, project), source)
    if row["erasure_id"] is not None:
        raise Conflict(f"{row['name']} was erased already.")
    refuse_of_a_version(workspace, row)
    return _preview(workspace, row)


def erase_source(
    workspace: Workspace, project: str, source: str, *, by: str, expected: int | None = None
) -> Certificate:
    """Take a source out of everything under the data folder. Returns the certificate.

    expected: how many records the person saw that would go. Raises Conflict where there are others now, where a job is under way or something else
    is being erased, and what `preview_source` raises.
    """
    with erasing.alone():
        return erasing.carry_out(workspace, _begun_by_hand(workspace, project, source, by=by, expected=expected))


def erase_source_soon(workspace: Workspace, project: str, source: str, *, by: str, expected: int | None = None) -> str:
    """Begin it; the studio carries it out in its next round, whatever becomes of whoever asked. Returns its id; raises what `erase_source` raises."""
    with erasing.alone():
        return _begun_by_hand(workspace, project, source, by=by, expected=expected).id


def erase_due(workspace: Workspace, *, today: date, now: datetime) -> None:
    """Erase the source whose day passed first and that is to be erased then; where that fails, the next one, and it again an hour later."""
    for _ in rows.due(workspace.store, today):
        if not begin_due(workspace, today=today, now=now) or erasing.go_on(workspace, now=now):
            return


def begin_due(workspace: Workspace, *, today: date, now: datetime | None = None) -> str:
    """Begin the erasure of the first source that is due and did not fail within the hour. Returns its id, or "" where there is none.

    One at a time: beside a job or another erasure it waits, and the next round looks again.
    """
    at = now or utc_now()
    found = [one for one in rows.due(workspace.store, today) if not has_failed_lately(workspace, one["id"], now=at)]
    if not found or erasing.is_under_way(workspace) or job_rows.unsettled_jobs(workspace.store):
        return ""
    try:
        with erasing.alone():
            return _begun(workspace, found[0], by=STUDIO, ended_on=found[0]["expires_on"].isoformat()).id
    except Conflict:
        # Somebody began something in this very moment.
        return ""


def soon_erased(workspace: Workspace, project: str, *, today: date | None = None) -> list[Row]:
    """Sources that will be erased within SOON_DAYS of today, the first first, each with `erased_on`, `n_records` and `why_not`: why that failed, or ""."""
    row = project_named(workspace, project)
    last = (today or utc_now().date()) + timedelta(days=SOON_DAYS - 1)
    return [
        one | {"erased_on": erased_on(one["at_end"], one["expires_on"]), "why_not": why_not(workspace, one["id"])}
        for one in rows.ending(workspace.store, row["id"], last)
    ]


def taken_out_sources(workspace: Workspace, project: str) -> list[Row]:
    """Sources that were taken out, the last first: what was made of them, and what was refused of them, is there until they are erased."""
    return rows.taken_out(workspace.store, project_named(workspace, project)["id"])


def erased_sources(workspace: Workspace, project: str) -> list[Row]:
    """Sources that were erased, the last first: their terms stay, with `erased_at`, `certified_at` (None while it goes on) and `erasure_id`.

    why_not: why it could not be brought to its end when that was tried last, or "".
    """
    found = rows.erased(workspace.store, project_named(workspace, project)["id"])
    return [one | {"why_not": why_not(workspace, one["id"])} for one in found]


def _begun_by_hand(workspace: Workspace, project: str, source: str, *, by: str, expected: int | None) -> Journal:
    person = checked_person(by)
    seen = preview_source(workspace, project, source)
    if expected is not None and seen.n_records != expected:
        raise Conflict(
            f"{seen.name} has {seen.n_records:,} records now, not {expected:,}.", remedy="Look at it again and repeat."
        )
    return _begun(
        workspace, source_called(workspace, project_named(workspace, project), source), by=person, ended_on=""
    )


def _begun(workspace: Workspace, source: Row, *, by: str, ended_on: str) -> Journal:
    """The journal of a new erasure, written; from then on it is carried out."""
    erasing.refuse_beside_another(workspace)
    erasure_id = new_id("er_")
    journal = Journal(
        journals_folder(workspace) / erasure_id, erasure_id, source["project_id"], by, utc_now().isoformat() + "Z",
        _preview(workspace, source).n_places, NOBODY, Choices(), source=ErasedSource(source["id"], source["name"], ended_on),
    )  # fmt: skip
    # Whoever asks for it now does not wait for the hour that follows a failure.
    workspace.failed_erasures.pop(source["id"], None)
    journal.begin()
    return journal


def _preview(workspace: Workspace, source: Row) -> SourcePreview:
    held = rows.what_it_holds(workspace.store, source["id"])
    uploads = rows.uploads_of_source(workspace.store, source["id"])
    stays = rows.living_uses(workspace.store, uploads, but=source["id"])
    shared = sorted({name for names in stays.values() for name in names})
    n_uploads = sum((workspace.folder.uploads / one).exists() for one in uploads - set(stays))
    return SourcePreview(
        source["id"], source["name"], held["n_records"], held["n_removed"], held["n_refused_rows"], n_uploads, tuple(shared),
        tuple(held["versions"]), tuple(held["models"]), tuple(held["projects"]),
    )  # fmt: skip
