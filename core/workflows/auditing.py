"""The audit trail: who did what to which thing and when, filtered, exported, and verified from its first entry to its head.

Every workflow appends to it as it writes. What changes nothing and is to be known all the same, records that are read, a view of
personal data or a file that is taken away, is said here.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.errors import Invalid
from core.jobs.folder import JobFolder
from core.privacy.audit import NOUN
from core.records.spreadsheet import as_csv
from core.store import audit as rows
from core.store import projects as project_rows
from core.store.audit import AuditFilter
from core.store.connection import Row, Snapshot, Transaction, utc_now
from core.workflows.workspace import (
    Workspace,
    as_date,
    checked_person,
    job_spec,
    new_job_folder,
    project_named,
    register_job,
)

__all__ = ["AuditFilter"]

COLUMNS = ("entry", "at", "by", "project", "action", "noun", "object", "facts", "previous", "mac")
FORMS = ("csv", "jsonl")
# What reading records, and a list of them that the API gave, are entries of.
RECORDS = "records"
VIEWED_AGAIN_AFTER = timedelta(hours=1)
# Where nobody signs in a name is what somebody typed, so that there can be any number of them.
MOST_REMEMBERED = 10_000
# Between asking when it was said last and saying it nobody else says it.
_one_looks = threading.Lock()
NOTED = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class State:
    """What can be said of the trail at once, and what its last verification found.

    checked: that verification's result, checked_at: when it ended, and how long ago; None before the first. job: of one under way.
    broke_off: why the newest one has no result, else "".
    """

    n_entries: int
    since: datetime | None
    checked: dict[str, Any] | None
    checked_at: datetime | None
    seconds_since_check: float | None
    job: str | None
    broke_off: str


def viewed(
    workspace: Workspace, noun: str, object_id: str = "", *, by: str, project: str = "", **facts: int | str
) -> None:
    """Say in the trail that a person looked at personal data.

    object_id: "" for the project as a whole. project: by name or id; "" for what belongs to none. facts: counts and names of settings, never what
    was seen.
    """
    _say(workspace, "viewed", noun, object_id, by=by, project=project, **facts)


def viewing(
    workspace: Workspace, noun: str, *, by: str, project: str, again_after: timedelta = VIEWED_AGAIN_AFTER
) -> None:
    """Say in the trail that a person has personal data of a project before them: once an hour, however often it is drawn or listed."""
    _say_at_times(workspace, noun, "", by=by, project=project, place="", again_after=again_after)


def reading(
    workspace: Workspace,
    *,
    by: str,
    project: str,
    place: str,
    n_records: int,
    record: str = "",
    again_after: timedelta = VIEWED_AGAIN_AFTER,
) -> None:
    """Say in the trail that a person has texts of records before them: once an hour for each place, however many they read there.

    place: the path of a page, or what of the API gave them; never what was searched for. n_records, record: how many were shown when it was
    said, and the id of one that stood there alone.
    """
    _say_at_times(
        workspace, RECORDS, record, by=by, project=project, place=place, again_after=again_after, n_records=n_records
    )


def exported(
    workspace: Workspace, noun: str, object_id: str = "", *, by: str, project: str = "", **facts: int | str
) -> None:
    """Say in the trail that a person took something away as a file, where the workflow that writes it does not."""
    _say(workspace, "exported", noun, object_id, by=by, project=project, **facts)


def audit_filter(
    workspace: Workspace,
    *,
    person: str = "",
    noun: str = "",
    action: str = "",
    project: str = "",
    object_id: str = "",
    since: str = "",
    until: str = "",
) -> AuditFilter:
    """A filter from words: project by name or id, days as YYYY-MM-DD. Raises NotFound, Invalid."""
    return AuditFilter(
        person=person,
        noun=noun,
        action=action,
        project_id=project_named(workspace, project)["id"] if project else "",
        object_id=object_id,
        since=_day(since),
        until=_day(until),
    )


def count_entries(workspace: Workspace, where: AuditFilter) -> int:
    return rows.count(workspace.store, where)


def list_entries(workspace: Workspace, where: AuditFilter, *, limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
    """Entries, newest first, with the columns of COLUMNS; project is its name."""
    names = _project_names(workspace)
    return [_told(row, names) for row in rows.page(workspace.store, where, limit=limit, offset=offset)]


def choices(workspace: Workspace) -> dict[str, list[str]]:
    """What there is to filter by, the most frequent first: persons, nouns, actions, projects (names)."""
    names, kinds = _project_names(workspace), rows.kinds(workspace.store)
    found = {}
    for name, column in (("person", "person"), ("noun", "noun"), ("action", "action"), ("project", "project_id")):
        counted = Counter[str]()
        for kind in kinds:
            counted[kind[column]] += kind["n"]
        found[name] = [value for value, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]
    found["project"] = [names[one] for one in found["project"] if one in names]
    return found


def state(workspace: Workspace) -> State:
    checked, under_way = rows.last_check(workspace.store), rows.check_under_way(workspace.store)
    broke_off = rows.last_check_that_broke_off(workspace.store)
    return State(
        n_entries=rows.count(workspace.store, AuditFilter()),
        since=rows.first_moment(workspace.store),
        checked=checked["result"] if checked else None,
        checked_at=checked["ended_at"] if checked else None,
        seconds_since_check=(utc_now() - checked["ended_at"]).total_seconds() if checked else None,
        job=under_way["id"] if under_way else None,
        broke_off=broke_off["reason"] if broke_off else "",
    )


def head(workspace: Workspace) -> dict[str, Any]:
    """With which entry the trail ends. `noted` is what one writes down elsewhere, and has verified against later."""
    end = workspace.store.trail.end
    return {"entry": end.seq, "mac": end.mac.hex(), "noted": f"{end.seq}:{end.mac.hex()}"}


def verify(workspace: Workspace, *, by: str, noted: str = "") -> str:
    """Queue the verification of the trail as it is at this moment. Returns the job's id, of one under way where nothing was noted.

    noted: a head from earlier that the trail has to hold. Raises Invalid.
    """
    person, held = checked_person(by), _noted(noted)
    under_way = rows.check_under_way(workspace.store)
    if under_way and held is None:
        return str(under_way["id"])
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    snapshot, found = workspace.store.snapshot_with_head()
    settings = {"key": str(workspace.folder.audit_key), "noted": held}

    def write() -> None:
        _copy_out(snapshot, folder, found)
        folder.create(job_spec(folder, project_id="", kind="audit", settings=settings))

    # A million entries take a second to copy out; what is verified is what stood there at the click.
    workspace.supervisor.prepare(job_id, write)
    with workspace.store.transaction() as tx:
        register_job(tx, job_id, project_id="", kind="audit", facts={}, by=person)
    workspace.supervisor.wake()
    return job_id


def collect_check(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    tx.event(
        "verified", NOUN, job["id"], by=job["created_by"], is_unbroken=result["is_unbroken"], n_entries=result["n_entries"],
        n_wrong=result["n_wrong"],
    )  # fmt: skip


def export(workspace: Workspace, where: AuditFilter, form: str, *, by: str) -> Iterator[str]:
    """The entries of a filter as CSV or JSON Lines, oldest first, piece by piece; the trail says that it was exported. Raises Invalid."""
    if form not in FORMS:
        raise Invalid(f"The audit trail cannot be exported as {form!r}.", remedy=f"Choose {' or '.join(FORMS)}.")
    until = workspace.store.trail.end.seq
    exported(
        workspace, NOUN, str(until), by=by, project=where.project_id, format=form,
        n_entries=rows.count(workspace.store, where),
    )  # fmt: skip
    return _pieces(workspace, where, form, until)


def _pieces(workspace: Workspace, where: AuditFilter, form: str, until: int) -> Iterator[str]:
    names = _project_names(workspace)
    if form == "csv":
        yield as_csv([], COLUMNS)
    for some in rows.in_order(workspace.store, where, until_seq=until):
        told = [_told(row, names) for row in some]
        if form == "csv":
            flat = [one | {"facts": json.dumps(one["facts"], ensure_ascii=False)} for one in told]
            yield as_csv(flat, COLUMNS).split("\r\n", 1)[1]
        else:
            yield "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told)


def _say(
    workspace: Workspace, action: str, noun: str, object_id: str, *, by: str, project: str, **facts: int | str
) -> datetime:
    person = checked_person(by)
    project_id = project_named(workspace, project)["id"] if project else ""
    with workspace.store.transaction() as tx:
        tx.event(action, noun, object_id or project_id, by=person, project_id=project_id, **facts)
        return tx.at


def _say_at_times(
    workspace: Workspace,
    noun: str,
    object_id: str,
    *,
    by: str,
    project: str,
    place: str,
    again_after: timedelta,
    **facts: int,
) -> None:
    """A view, where the last entry of it is old enough; place: "" where the noun has but one."""
    known, key = workspace.last_views, (noun, place, by, project)
    # Pages are drawn with every click: after the first time nothing is asked of the database, nor waited for.
    said = known.get(key)
    if said is not None and utc_now() - said < again_after:
        return
    with _one_looks:
        person, project_id = checked_person(by), project_named(workspace, project)["id"]
        where = AuditFilter(person=person, noun=noun, action="viewed", project_id=project_id)
        last = rows.last_moment(workspace.store, where, place=place)
        if last is None or utc_now() - last >= again_after:
            at = {"place": place} if place else {}
            last = _say(workspace, "viewed", noun, object_id, by=person, project=project_id, **at, **facts)
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[key] = last


def _copy_out(snapshot: Snapshot, folder: JobFolder, found: bytes | None) -> None:
    try:
        rows.copy_to(snapshot, folder.inputs / "entries.parquet")
    finally:
        snapshot.close()
    if found is not None:
        (folder.inputs / "audit.head").write_bytes(found)


def _told(row: Row, names: dict[str, str]) -> dict[str, Any]:
    return {
        "entry": row["seq"],
        "at": row["happened_at"].isoformat() + "Z",
        "by": row["done_by"],
        "project": names.get(row["project_id"], row["project_id"]),
        "action": row["action"],
        "noun": row["noun"],
        "object": row["object_id"],
        "facts": row["facts"],
        "previous": row["previous"].lower(),
        "mac": row["mac"].lower(),
    }


def _project_names(workspace: Workspace) -> dict[str, str]:
    return {row["id"]: row["name"] for row in project_rows.projects(workspace.store)}


def _noted(text: str) -> tuple[int, str] | None:
    if not text.strip():
        return None
    found = NOTED.fullmatch(text.strip().lower())
    if found is None:
        raise Invalid(
            f"{text[:90]!r} is no head of a trail.", remedy="Give what `proofroom audit head` printed: number:hash."
        )
    return int(found[1]), found[2]


def _day(text: str) -> date | None:
    return as_date(text) if text else None
