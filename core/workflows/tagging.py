"""Tag records: one by key, many alike ones at once; take the last act back; find the next record to tag.

Every act is stored when it is made, with the person. What a bulk act did is undone as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.errors import Conflict, Invalid, ProofroomError
from core.store import suggestions as suggestion_rows
from core.store import tags as tag_rows
from core.store.connection import Row, Transaction, new_id
from core.tags.taxonomy import Tag, clean_name, spelled_as_listed
from core.workflows import suggesting
from core.workflows.deciding import record_named
from core.workflows.workspace import Workspace, checked_person, project_named

# Cosines between questions. Being near says little by itself: of two real tickets at 0.7 a third were of one topic, at 0.85 a half
# (tests/benchmarks/tag_suggestions.json, `alike`). So near ones are shown, and only those are ticked that a sure suggestion or
# hardly another word speaks for.
NEAR, VERY_NEAR, RATHER_NEAR, SURE = 0.7, 0.85, 0.4, 0.8
MOST_ALIKE = 200


def tag(
    workspace: Workspace, project: str, record: str, tags: Sequence[str], *, by: str, remove: bool = False
) -> list[str]:
    """Add tags to a record, or take them off. Returns its tags as they now stand.

    What it carries already, or does not carry, is no act.
    """
    person = checked_person(by)
    row = record_named(workspace, project, record)
    act_id = new_id("t_")
    with workspace.store.transaction() as tx:
        changed = 0
        for name in _names(tx, row["project_id"], tags):
            if remove:
                ids = tag_rows.take_off(
                    tx, act_id, project_id=row["project_id"], tag=name, by=person, record_ids=[row["id"]]
                )
            else:
                ids = tag_rows.put_on(
                    tx, act_id, project_id=row["project_id"], tag=name, by=person, record_ids=[row["id"]]
                )
            changed += len(ids)
        if changed:
            tag_rows.insert_act(
                tx, act_id, "untag" if remove else "tag", project_id=row["project_id"], by=person, n_records=1
            )
            tx.event(
                "untagged" if remove else "tagged", "record", row["id"], by=person, project_id=row["project_id"], n_tags=changed
            )  # fmt: skip
        now = tag_rows.tags_of(tx, row["id"])
    _suggest(workspace, project, by=person)
    return now


def tag_alike(workspace: Workspace, project: str, records: Sequence[str], tag: str, *, by: str, expected: int) -> int:
    """Give one tag to several records as one act. Returns how many.

    expected: the number on the button; Conflict, and nothing done, where fewer of them still wait for a tag.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    ids = [record_named(workspace, project, record)["id"] for record in dict.fromkeys(records)]
    if not ids:
        raise Invalid("No record is chosen.", remedy="Tick at least one.")
    act_id = new_id("t_")
    with workspace.store.transaction() as tx:
        (name,) = _names(tx, row["id"], [tag])
        done = tag_rows.put_on(tx, act_id, project_id=row["id"], record_ids=ids, tag=name, by=person)
        if len(done) != expected:
            raise Conflict(
                f"{len(done):,} of these records are without the tag {name!r} by now, not {expected:,}.",
                remedy="Look at the list again and repeat.",
            )
        tag_rows.insert_act(tx, act_id, "tag_alike", project_id=row["id"], by=person, n_records=len(done))
        tx.event("tagged", "records", row["id"], by=person, project_id=row["id"], n_records=len(done))
    _suggest(workspace, project, by=person)
    return len(done)


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the kind of act, how many records it concerned, and the record where it was one."""

    act: str
    n_records: int
    record: str | None


def undo_last(workspace: Workspace, project: str, *, by: str) -> Undone | None:
    """Take back this person's last act on tags, whole: of a record, of many, or of the list. None when there is none.

    What a colleague did to the same records since stays. Raises Conflict when the list was changed since by another act.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        last = tag_rows.last_act(tx, row["id"], by=person)
        if last is None:
            return None
        undo_id = new_id("t_")
        list_after = _list_back(tx, row["id"], last)
        ids = tag_rows.take_back(tx, last["id"], undo_id, by=person)
        tag_rows.insert_act(
            tx, undo_id, "undo", project_id=row["id"], by=person, n_records=len(ids), undoes=last["id"], list_after=list_after
        )  # fmt: skip
        tx.event("undo", "tagging", row["id"], by=person, project_id=row["id"], undoes=last["act"], n_records=len(ids))
    return Undone(last["act"], len(ids), ids[0] if len(ids) == 1 and last["list_after"] is None else None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The records that wait for a tag, seen from one that does or did. n_before: how many of them stand before it."""

    n: int
    first: str | None
    previous: str | None
    next: str | None
    is_waiting: bool
    n_before: int


def waiting(
    workspace: Workspace, project: str, *, record: str = "", suggested: str = "", certain_first: bool = False
) -> Waiting:
    """Records without a tag, rejected ones and doubles aside; those of which most is learnt come first.

    suggested: only those to which this tag is suggested first.
    """
    row = project_named(workspace, project)
    found = suggestion_rows.next_to_tag(
        workspace.store, row["id"], record=record, tag=suggested, certain_first=certain_first
    )
    return Waiting(**found)


def tags_of(workspace: Workspace, project: str, record: str) -> dict[str, Any]:
    """A record's tags, and those that are suggested for it with confidence and reason."""
    row = record_named(workspace, project, record)
    return {
        "record": row["id"],
        "tags": tag_rows.tags_of(workspace.store, row["id"]),
        "suggestions": suggesting.suggestions_of(workspace, row["project_id"], row["id"]),
    }


def alike(workspace: Workspace, project: str, record: str, tag: str) -> list[Row]:
    """Records that wait for a tag and are like this one, nearest first.

    is_sure: this tag is suggested for it with confidence, or it is very near; the others are only near.
    """
    row = record_named(workspace, project, record)
    rows = suggestion_rows.alike(
        workspace.store, row["project_id"], row["id"], clean_name(tag), near=NEAR, rather_near=RATHER_NEAR, sure=SURE, limit=MOST_ALIKE
    )  # fmt: skip
    return [one | {"is_sure": (one["confidence"] or 0.0) >= SURE or one["cosine"] >= VERY_NEAR} for one in rows]


def history(workspace: Workspace, project: str, *, limit: int = 50) -> list[dict[str, Any]]:
    """What was done to tags, newest first, without the lists themselves."""
    rows = tag_rows.acts(workspace.store, project_named(workspace, project)["id"], limit=limit)
    return [{name: row[name] for name in ("id", "act", "undoes", "n_records", "done_by", "done_at")} for row in rows]


def _suggest(workspace: Workspace, project: str, *, by: str) -> None:
    """Have suggestions worked out anew where it is time."""
    # The act is stored; a disk that has no room for the job's inputs is no reason to say that it is not.
    with suppress(ProofroomError, OSError):
        suggesting.suggest_when_due(workspace, project, by=by)


def _names(tx: Transaction, project_id: str, tags: Sequence[str]) -> list[str]:
    listed = [Tag(**row) for row in tag_rows.listed(tx, project_id)]
    return list(dict.fromkeys(spelled_as_listed(clean_name(name), listed) for name in tags))


def _list_back(tx: Transaction, project_id: str, last: Row) -> list[Row] | None:
    """Put the list back as it was before the act; None where the act left it alone."""
    if last["list_before"] is None:
        return None
    later = tag_rows.list_changed_after(tx, project_id, last["seq"])
    if later is not None:
        raise Conflict(
            f"{later['done_by']} changed the list of tags since.", remedy="Change it by hand, or undo that act first."
        )
    before: list[Row] = last["list_before"]["tags"]
    tag_rows.replace_list(tx, project_id, before)
    return before
