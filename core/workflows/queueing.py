"""The queue: which records a person should see and in what order, how much is left, who holds what, and second readers.

A record is settled by a person who decided on it, or by rule: a double of one that stays, or a score that leaves little
doubt. Only what lies between is asked of a person; the recommended recipe treats the rest as its flags say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from core.curate.agreement import cohen_kappa, krippendorff_alpha
from core.errors import Conflict, Invalid, NotFound
from core.store import queue as queue_rows
from core.store import records as record_rows
from core.store.connection import Row, new_id, utc_now
from core.workflows.taxonomy import short_tags
from core.workflows.workspace import Workspace, checked_person, project_named

# Between these scores a person decides: below, what lowers the score is certain enough; above, next to nothing lowers it.
OPEN_FROM, OPEN_BELOW = 0.35, 0.95
HOLD_SECONDS = 300
# Told with the counts: more than a page has in hand, as others may hold some of them.
N_FIRST = 600
# Until five of a person's own decisions say how long one takes.
USUAL_SECONDS, LEAST_DECISIONS = 20.0, 5
LONGEST_LOOK_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Records settled by a person and by rule (taken, or left out), those still open, and the minutes that these take.

    seconds_each: this person's own pace, or the usual one where is_own_pace is false.
    """

    n_person: int
    n_taken: int
    n_left_out: int
    n_open: int
    seconds_each: float
    is_own_pace: bool

    @property
    def n_rule(self) -> int:
        return self.n_taken + self.n_left_out

    @property
    def minutes_left(self) -> float:
        return self.n_open * self.seconds_each / 60


def progress(workspace: Workspace, project: str, *, by: str) -> Progress:
    row = project_named(workspace, project)
    counts, _ = _standing(workspace, row)
    own = queue_rows.seconds_between_decisions(workspace.store, row["id"], by=by, longest_seconds=LONGEST_LOOK_SECONDS)
    is_own = len(own) >= LEAST_DECISIONS
    return Progress(
        n_person=counts["person"],
        n_taken=counts["taken"],
        n_left_out=counts["left_out"],
        n_open=counts["open"],
        seconds_each=median(own) if is_own else USUAL_SECONDS,
        is_own_pace=is_own,
    )


def open_records(workspace: Workspace, project: str, *, by: str, limit: int | None = None) -> list[str]:
    """Ids of the records that wait for a person and that nobody else holds, those first whose answer is worth most.

    limit: only so many of them; all of a hundred thousand take longer than a page may.
    """
    row = project_named(workspace, project)
    now = utc_now()
    held = {
        one["record_id"]
        for one in queue_rows.holds(workspace.store, row["id"])
        if one["held_by"] != by and one["held_until"] > now
    }
    if limit is not None and limit + len(held) <= N_FIRST:
        _, ids = _standing(workspace, row)
    else:
        short = short_tags(workspace, row["id"])
        ids = queue_rows.open_ids(workspace.store, row["id"], low=OPEN_FROM, high=OPEN_BELOW, short=short)
    return [one for one in ids if one not in held][:limit]


def _standing(workspace: Workspace, project: Row) -> tuple[dict[str, int], list[str]]:
    """The counts by state and the first open records: one question for both, so that it is answered once."""
    short = short_tags(workspace, project["id"])
    return queue_rows.standing(
        workspace.store, project["id"], low=OPEN_FROM, high=OPEN_BELOW, short=short, n_first=N_FIRST
    )


def hold(workspace: Workspace, project: str, record: str, *, by: str, takes_over: bool = False) -> str:
    """Hold a record for five minutes, and let go of the one held before. Returns who holds it, if that is somebody else.

    record: its id. takes_over: also from somebody else.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    now = utc_now()
    with workspace.store.transaction() as tx:
        other = queue_rows.holder(tx, record, now=now)
        if other and other != person and not takes_over:
            return other
        queue_rows.hold(tx, row["id"], record, by=person, until=now + timedelta(seconds=HOLD_SECONDS))
    return ""


def set_second_share(workspace: Workspace, project: str, *, share: float, by: str) -> Row:
    """Which share of the decided records a second person should read. Raises Invalid outside of 0 to 1."""
    if not 0.0 <= share <= 1.0:
        raise Invalid(f"A share of {share:.2f} is not possible.", remedy="Choose from 0 to 1.")
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        queue_rows.set_second_share(tx, row["id"], share)
        tx.event(
            "changed", "second_share", row["id"], by=person, project_id=row["id"], old=row["second_share"], new=share
        )
    return project_named(workspace, project)


def records_to_read_again(workspace: Workspace, project: str, *, by: str) -> list[str]:
    """Ids of the sampled records that somebody else decided on and this person has not read yet."""
    row = project_named(workspace, project)
    waiting = queue_rows.to_read_again(workspace.store, row["id"], share=row["second_share"], by=by)
    return [one["id"] for one in waiting]


def read_again(workspace: Workspace, project: str, record: str, reading: str, *, by: str) -> None:
    """Store what a second reader says, keep or reject; the first decision stands. record: its id or external id.

    Raises Invalid, NotFound, and Conflict when the record is not one for this person to read again.
    """
    if reading not in ("keep", "reject"):
        raise Invalid(f"{reading!r} is no second reading.", remedy="Choose keep or reject.")
    person = checked_person(by)
    row = project_named(workspace, project)
    found = record_rows.record(workspace.store, row["id"], record)
    if found is None:
        raise NotFound(f"There is no record {record!r} in {row['name']}.")
    waiting = queue_rows.to_read_again(workspace.store, row["id"], share=row["second_share"], by=person)
    decision = next((one["decision_id"] for one in waiting if one["id"] == found["id"]), None)
    if decision is None:
        raise Conflict(
            f"{found['external_id']} does not wait for a second reading by {person}.",
            remedy="Read one that `proofroom second next` names.",
        )
    with workspace.store.transaction() as tx:
        queue_rows.insert_second_reading(
            tx, new_id("sr_"), project_id=row["id"], record_id=found["id"], decision_id=decision, reading=reading,
            by=person,
        )  # fmt: skip
        tx.event("read_again", "record", found["id"], by=person, project_id=row["id"])


def undo_second_reading(workspace: Workspace, project: str, *, by: str) -> str:
    """Take back this person's last second reading. Returns the record's id, empty when there is none."""
    person = checked_person(by)
    row = project_named(workspace, project)
    last = queue_rows.last_second_reading(workspace.store, row["id"], by=person)
    if last is None:
        return ""
    with workspace.store.transaction() as tx:
        queue_rows.insert_second_reading(
            tx, new_id("sr_"), project_id=row["id"], record_id=last["record_id"], decision_id=last["decision_id"],
            reading="undo", by=person, undoes=last["id"],
        )  # fmt: skip
        tx.event("undo", "second_reading", last["record_id"], by=person, project_id=row["id"])
    return str(last["record_id"])


def agreement(workspace: Workspace, project: str) -> dict[str, Any]:
    """n readings, how many agree, Cohen's kappa, Krippendorff's alpha, and the disagreements that nobody has settled.

    kappa and alpha are None while there is nothing to compute them from.
    """
    rows = queue_rows.readings(workspace.store, project_named(workspace, project)["id"])
    by_record: dict[str, list[str]] = {}
    for row in rows:
        by_record.setdefault(row["record_id"], [row["first"]]).append(row["second"])
    return {
        "n_readings": len(rows),
        "n_agree": sum(row["first"] == row["second"] for row in rows),
        "kappa": cohen_kappa([(row["first"], row["second"]) for row in rows]),
        "alpha": krippendorff_alpha(list(by_record.values())),
        "disagreements": [row for row in rows if row["first"] != row["second"] and not row["settled_by"]],
    }
