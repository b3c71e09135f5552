"""Decide on records: keep, edit, reject, defer, undo; find the next one to look at.

Every act is stored when it is made, with the person and the hash of the text it was made on.
"""

from __future__ import annotations

import copy
from typing import Any

from core.errors import Conflict, Invalid, NotFound
from core.nouns import Decision, RecordKind
from core.records.text import accepted_answer, missing_part, record_text, reference_comment
from core.store import decisions as decision_rows
from core.store import facts as fact_rows
from core.store import measures as measure_rows
from core.store import quality as quality_rows
from core.store import records as record_rows
from core.store import tags as tag_rows
from core.store import updates as update_rows
from core.store.connection import Row, Transaction, new_id
from core.store.records import ORDERS, RecordFilter
from core.workflows.facts import read_again
from core.workflows.scoring import rescore
from core.workflows.searching import resolve
from core.workflows.workspace import Workspace, checked_person, project_named

__all__ = ["ORDERS", "RecordFilter"]


def record_details(workspace: Workspace, project: str, record: str) -> dict[str, Any]:
    """One record with all that is known of it: what a person judges it by, and its signals."""
    row = record_to_judge(workspace, project, record)
    return row | {"signals": measure_rows.signals_of(workspace.store, row["id"])}


def record_to_judge(workspace: Workspace, project: str, record: str) -> dict[str, Any]:
    """One record with what a person judges it by: text, status, flags, facts, neighbours, tags, history."""
    row = record_named(workspace, project, record)
    store = workspace.store
    return row | {
        "flags": measure_rows.flags_of(store, row["id"]),
        "neighbours": measure_rows.neighbours_of(store, row["id"]),
        "tags": tag_rows.tags_of(store, row["id"]),
        "history": decision_rows.history(store, row["id"]),
        "is_gold": quality_rows.is_gold(store, row["id"]),
        "facts": fact_rows.spans_of(store, row["id"]),
        "earlier_texts": update_rows.earlier_texts(store, row["id"]),
    }


def list_records(
    workspace: Workspace,
    project: str,
    where: RecordFilter,
    *,
    order: str = "imported",
    limit: int = 50,
    offset: int = 0,
) -> list[Row]:
    """A page of records. order: "relevance" is that of a search, and as imported without one. Raises Invalid."""
    if order not in ORDERS:
        raise Invalid(f"Records cannot be ordered by {order!r}.", remedy=f"Choose one of {', '.join(ORDERS)}.")
    row = project_named(workspace, project)
    found = resolve(workspace, project, where).where
    return record_rows.list_records(workspace.store, row["id"], found, order=order, limit=limit, offset=offset)


def count_records(workspace: Workspace, project: str, where: RecordFilter) -> int:
    found = resolve(workspace, project, where).where
    return record_rows.count_records(workspace.store, project_named(workspace, project)["id"], found)


def queue(workspace: Workspace, project: str, where: RecordFilter, *, limit: int | None = None) -> list[str]:
    """Record ids in the order in which a person should see them: the doubtful ones first. limit: only so many of them."""
    row = project_named(workspace, project)
    found = resolve(workspace, project, where).where
    return record_rows.record_ids(workspace.store, row["id"], found, order="lowest_score", limit=limit)


def decide(
    workspace: Workspace,
    project: str,
    record: str,
    decision: str,
    *,
    by: str,
    note: str = "",
    edited: dict[str, Any] | None = None,
    expected_text_sha256: str | None = None,
) -> Row:
    """Store one decision. `undo` takes back the record's last one.

    edited: {"title", "content"} for an edit, in the shape of the record's kind.
    expected_text_sha256: the text that the person saw; Conflict when the record's text is another.
    Returns the record as it now stands.
    """
    if decision not in list(Decision):
        raise Invalid(f"{decision!r} is not a decision.", remedy=f"Choose one of {', '.join(Decision)}.")
    person = checked_person(by)
    row = record_named(workspace, project, record)
    if expected_text_sha256 is not None and expected_text_sha256 != row["text_sha256"]:
        raise Conflict(
            "The record's text changed while it was on the screen.", remedy="Look at it again and decide anew."
        )
    with workspace.store.transaction() as tx:
        if decision == Decision.UNDO:
            last = decision_rows.last_decision(workspace.store, row["project_id"], record_id=row["id"])
            if last is None:
                raise Conflict(f"There is no decision on {row['external_id']} to undo.")
            _undo(tx, row, last, person)
        else:
            _append(tx, row, Decision(decision), person, note, edited)
            if edited is not None:
                read_again(tx, [row["id"]])
    rescore(workspace, row["project_id"], by=person, only_when_due=True)
    return record_named(workspace, project, row["id"])


def edit_text(
    workspace: Workspace, project: str, record: str, text: str, *, by: str, expected_text_sha256: str | None = None
) -> Row:
    """Decide to edit: put a text in the place of the part that is learnt. Otherwise as `decide`."""
    if not text.strip():
        raise Invalid("Nothing can be learnt from an empty text.", remedy="Reject the record instead.")
    row = record_named(workspace, project, record)
    edited = {"title": row["title"], "content": content_with_text(row, text)}
    return decide(
        workspace, project, row["id"], Decision.EDIT, by=by, edited=edited, expected_text_sha256=expected_text_sha256
    )


def undo_last(workspace: Workspace, project: str, *, by: str) -> Row | None:
    """Take back this person's last decision in the project. Returns the record concerned, None when there is nothing."""
    row = project_named(workspace, project)
    last = decision_rows.last_decision(workspace.store, row["id"], by=checked_person(by))
    if last is None:
        return None
    record = record_named(workspace, project, last["record_id"])
    with workspace.store.transaction() as tx:
        # By its id: a colleague may have decided on the same record since.
        _undo(tx, record, last, by)
    return record_named(workspace, project, record["id"])


def decide_all(
    workspace: Workspace, project: str, where: RecordFilter, decision: str, *, by: str, expected: int
) -> int:
    """One decision on every record of a filter. Raises Conflict when the number is not the one on the button."""
    if decision not in (Decision.KEEP, Decision.REJECT, Decision.DEFER):
        raise Invalid(f"{decision!r} cannot be done to many records.", remedy="Choose keep, reject or defer.")
    person = checked_person(by)
    project_row = project_named(workspace, project)
    ids = record_rows.record_ids(workspace.store, project_row["id"], resolve(workspace, project, where).where)
    if len(ids) != expected:
        raise Conflict(
            f"The filter now holds {len(ids):,} records, not {expected:,}.", remedy="Look at the list again and repeat."
        )
    with workspace.store.transaction() as tx:
        decision_rows.insert_decisions(tx, project_row["id"], ids, decision, by=person, note=decision_rows.IN_BULK)
    rescore(workspace, project_row["id"], by=person, only_when_due=True)
    return len(ids)


def last_bulk_act(workspace: Workspace, project: str, *, by: str) -> dict[str, Any] | None:
    """decision and n of this person's last decision, where it was one on many records and stands; else None."""
    row = project_named(workspace, project)
    return decision_rows.size_of_last_bulk_act(workspace.store, row["id"], by=checked_person(by))


def undo_bulk(workspace: Workspace, project: str, *, by: str) -> int:
    """Take back this person's last decision on many records, all of it. Returns on how many; 0 when there is none.

    A record that somebody decided on since keeps that decision.
    """
    row = project_named(workspace, project)
    person = checked_person(by)
    act = decision_rows.last_bulk_act(workspace.store, row["id"], by=person)
    if act:
        with workspace.store.transaction() as tx:
            decision_rows.insert_undos(tx, row["id"], [one["id"] for one in act], by=person)
            # A record whose edit was taken back before reads as it came from now on.
            read_again(tx, [one["record_id"] for one in act if one["is_on_edited"]])
    return len(act)


def tags_in_use(workspace: Workspace, project: str) -> list[str]:
    """The project's list of tags, then those that records carry beside it."""
    row = project_named(workspace, project)
    listed = [entry["tag"] for entry in tag_rows.listed(workspace.store, row["id"])]
    return list(dict.fromkeys([*listed, *tag_rows.carried(workspace.store, row["id"])]))


def flag_counts(workspace: Workspace, project: str) -> dict[str, int]:
    return measure_rows.flag_counts(workspace.store, project_named(workspace, project)["id"])


def text_to_edit(record: Row) -> str:
    """The part of a record that is learnt: the body, the accepted answer, the reference comment, the last reply."""
    content = record["edited_content"] or record["content"]
    part = _learnt_part(RecordKind(record["kind"]), content)
    return str(part[1][part[0]]) if part else ""


def content_with_text(record: Row, text: str) -> dict[str, Any]:
    """The record's content with the learnt part replaced. Raises Invalid when it has none."""
    content: dict[str, Any] = copy.deepcopy(record["edited_content"] or record["content"])
    part = _learnt_part(RecordKind(record["kind"]), content)
    if part is None:
        raise Invalid(
            "This record has no answer that could be edited.", remedy="Reject it, or mend it where it comes from."
        )
    part[1][part[0]] = text
    return content


def _learnt_part(kind: RecordKind, content: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The key and the dictionary that hold the text which is learnt."""
    match kind:
        case RecordKind.DOCUMENT:
            return "body", content
        case RecordKind.THREAD:
            answer = accepted_answer(content)
            return ("text", answer) if answer else None
        case RecordKind.DIFF:
            comment = reference_comment(content)
            return ("text", comment) if comment else None
        case RecordKind.CHAT:
            last = next((m for m in reversed(content["messages"]) if m["role"] == "assistant"), None)
            return ("content", last) if last else None


def record_named(workspace: Workspace, project: str, record: str) -> Row:
    """One record as it now stands, by its id or external id: text, status, score, cluster. Raises NotFound."""
    project_row = project_named(workspace, project)
    row = record_rows.record(workspace.store, project_row["id"], record)
    if row is None:
        raise NotFound(
            f"There is no record {record!r} in {project_row['name']}.",
            remedy="Use an id or external id that `proofroom records` lists.",
        )
    return row


def _append(
    tx: Transaction, row: Row, decision: Decision, person: str, note: str, edited: dict[str, Any] | None
) -> None:
    if (decision is Decision.EDIT) != (edited is not None):
        raise Invalid(f"A decision of {decision.value!r} came {'with' if edited else 'without'} an edited text.",
                      remedy="Send the edited title and content with an edit, and with nothing else.")  # fmt: skip
    if edited is not None:
        edited = _checked_edit(row, edited)
    elif row["edited_text"] is not None:
        # Keeping, rejecting or putting off says nothing against an edit that was made before.
        edited = {"title": row["edited_title"], "content": row["edited_content"], "text": row["edited_text"]}
    decision_rows.insert_decision(
        tx,
        new_id("d_"),
        project_id=row["project_id"],
        record_id=row["id"],
        decision=decision,
        text_sha256=row["text_sha256"],
        by=person,
        note=note,
        edited=edited,
    )
    tx.event(decision.value, "record", row["id"], by=person, project_id=row["project_id"])


def _checked_edit(row: Row, edited: dict[str, Any]) -> dict[str, Any]:
    kind = RecordKind(row["kind"])
    title, content = str(edited.get("title", row["title"])), edited.get("content")
    missing = missing_part(kind, content)
    if missing:
        raise Invalid(
            f"The edited content of a {kind.value} lacks {missing!r}.",
            remedy="Send it in the shape in which the record came.",
        )
    assert isinstance(content, dict), "its parts were looked at"
    text = record_text(kind, title, content)
    if not text.strip():
        raise Invalid("The edited text is empty.", remedy="Reject the record instead, if nothing of it is to stay.")
    return {"title": title, "content": content, "text": text}


def _undo(tx: Transaction, row: Row, last: Row, person: str) -> None:
    decision_rows.insert_decision(
        tx,
        new_id("d_"),
        project_id=row["project_id"],
        record_id=row["id"],
        decision=Decision.UNDO,
        text_sha256=row["text_sha256"],
        by=person,
        undoes=last["id"],
    )
    tx.event("undo", "record", row["id"], by=person, project_id=row["project_id"], undoes=last["decision"])
    if last["edited_text"] is not None:
        read_again(tx, [row["id"]])
