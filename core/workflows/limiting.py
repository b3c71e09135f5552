"""Limits beside the terms of a source: withdraw a source, or make some of its records stricter, for a whole filter at once, and take that back.

A record is never looser than its source: of all that is said of it the tightest counts. Nothing is deleted here: what is withdrawn goes into no
next version, and what learnt it is found by `lapsing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from core.errors import Conflict, Invalid, NotFound
from core.nouns import Use
from core.store import limits as limit_rows
from core.store import records as record_rows
from core.store.connection import Row, new_id
from core.store.records import RecordFilter
from core.workflows import lapsing
from core.workflows.deciding import record_named
from core.workflows.importing import source_named, today
from core.workflows.searching import resolve
from core.workflows.workspace import Workspace, as_date, checked_person, project_named

__all__ = ["RecordFilter"]

LONGEST_REASON = 500


def withdraw_source(workspace: Workspace, source: str, *, reason: str, by: str) -> str:
    """Withdraw all of a source. Returns the limit's id, by which it is lifted. Raises Invalid without a reason, Conflict, NotFound."""
    person = checked_person(by)
    row = source_named(workspace, source)
    why = _checked_reason(reason, is_needed=True)
    if row["undone_at"] is not None:
        raise Conflict(f"{row['name']} was taken out again; none of its records are here.")
    if row["withdrawn_at"] is not None:
        raise Conflict(f"{row['name']} is withdrawn already.")
    n = record_rows.count_records(workspace.store, row["project_id"], RecordFilter(source=row["id"]))
    limit_id = new_id("l_")
    with workspace.store.transaction() as tx:
        limit_rows.insert_limit(
            tx, limit_id, project_id=row["project_id"], record_ids=[], source_id=row["id"], uses=None, expires_on=None, is_withdrawn=True,
            reason=why, n_records=n, by=person,
        )  # fmt: skip
        tx.event(
            "withdrew", "source", row["id"], by=person, project_id=row["project_id"], limit=limit_id, n_records=n, reason=_told(limit_id, why)
        )  # fmt: skip
    lapsing.follow(workspace, row["project_id"], by=person)
    return limit_id


def limit_records(
    workspace: Workspace, project: str, where: RecordFilter, *, by: str, expected: int, uses: Sequence[str] | None = None,
    expires: str | None = None, withdraw: bool = False, reason: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Make every record of a filter stricter. Returns the limit's id and on how many records it is.

    uses: what they may be used for at most. expires: the last day. withdraw: from any further use, for which a reason is needed. Raises Conflict when
    the number is not the one that the person saw, Invalid where nothing would be limited.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    narrower, ends = _checked_uses(uses), _checked_day(expires)
    if narrower is None and ends is None and not withdraw:
        raise Invalid("The limit says nothing.", remedy="Choose fewer uses, a last day, or withdraw the records.")
    why = _checked_reason(reason, is_needed=withdraw)
    ids = record_rows.record_ids(workspace.store, row["id"], resolve(workspace, project, where).where)
    if len(ids) != expected:
        raise Conflict(
            f"The filter now holds {len(ids):,} records, not {expected:,}.", remedy="Look at the list again and repeat."
        )
    if not ids:
        raise Invalid("No record fits, so nothing would be limited.", remedy="Choose other records.")
    limit_id = new_id("l_")
    with workspace.store.transaction() as tx:
        limit_rows.insert_limit(
            tx, limit_id, project_id=row["id"], record_ids=ids, source_id=None, uses=narrower, expires_on=ends, is_withdrawn=withdraw,
            reason=why, n_records=len(ids), by=person,
        )  # fmt: skip
        tx.event(
            "withdrew" if withdraw else "limited", "records", limit_id, by=person, project_id=row["id"], n_records=len(ids), uses=narrower,
            expires_on=ends and ends.isoformat(), reason=_told(limit_id, why),
        )  # fmt: skip
    lapsing.follow(workspace, row["id"], by=person)
    return {"limit": limit_id, "n_records": len(ids)}


def lift_limit(workspace: Workspace, limit: str, *, by: str) -> int:
    """Take a limit or a withdrawal back: what the source allows counts again. Returns for how many records. Raises NotFound, Conflict."""
    person = checked_person(by)
    with workspace.store.transaction() as tx:
        row = limit_rows.limit(tx, limit)
        if row is None:
            raise NotFound(f"There is no limit {limit!r}.", remedy="`proofroom register limits` lists those there are.")
        if row["lifted_at"] is not None:
            raise Conflict(f"This was taken back already, by {row['lifted_by']}.")
        limit_rows.lift(tx, limit, by=person)
        tx.event("lifted", "limit", limit, by=person, project_id=row["project_id"], n_records=row["n_records"])
    return int(row["n_records"])


def list_limits(workspace: Workspace, project: str) -> list[Row]:
    """Every limit and withdrawal, newest first, with who lifted it where somebody did."""
    return limit_rows.limits(workspace.store, project_named(workspace, project)["id"])


def limits_on(workspace: Workspace, project: str, record: str) -> list[Row]:
    """The standing limits on one record beside the terms of its source."""
    return limit_rows.limits_on(workspace.store, record_named(workspace, project, record)["id"])


def in_words(limit: Row) -> str:
    """What a limit says, as the rest of a sentence about records or a source."""
    said = ["withdrawn"] if limit["is_withdrawn"] else []
    if limit["uses"] is not None:
        said.append("to be used to " + (", ".join(limit["uses"]) or "nothing") + " at most")
    if limit["expires_on"] is not None:
        said.append(f"until {limit['expires_on']}")
    return ", ".join(said)


def _checked_uses(uses: Sequence[str] | None) -> list[str] | None:
    """In their usual order; None where nothing is said, or all uses stay. Raises Invalid for an unknown one."""
    if uses is None:
        return None
    unknown = sorted(set(uses) - set(Use))
    if unknown:
        raise Invalid(f"The use {unknown[0]} is not possible.", remedy=f"Choose among {', '.join(Use)}.")
    return [use.value for use in Use if use in uses] if len(set(uses)) < len(Use) else None


def _checked_day(expires: str | None) -> date | None:
    ends = as_date(expires) if expires else None
    if ends is not None and ends < today():
        raise Invalid(f"The last day {ends} has passed.", remedy="Choose a day from today on, or withdraw the records.")
    return ends


def _checked_reason(reason: str, *, is_needed: bool) -> str:
    cleaned = " ".join(reason.split())
    if is_needed and not cleaned:
        raise Invalid("A withdrawal needs its reason.", remedy="Write it in a sentence.")
    if len(cleaned) > LONGEST_REASON:
        raise Invalid(f"The reason has {len(cleaned):,} characters.", remedy=f"Use up to {LONGEST_REASON}.")
    return cleaned


def _told(limit_id: str, reason: str) -> dict[str, Any]:
    """A reason as the trail tells it: it may name a person."""
    return {"length": len(reason), "sha256": hashlib.sha256(f"{limit_id}:{reason}".encode()).hexdigest()}
