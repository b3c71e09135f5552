"""SQL of decisions: append-only, what counts is a view."""

from __future__ import annotations

from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now

# What a decision on many records says of itself.
IN_BULK = "in bulk"


def insert_decision(
    tx: Transaction,
    decision_id: str,
    *,
    project_id: str,
    record_id: str,
    decision: str,
    text_sha256: str,
    by: str,
    note: str = "",
    undoes: str | None = None,
    edited: dict[str, Any] | None = None,
) -> None:
    """edited: title, content and text of the record as the person left it, for an edit."""
    edited = edited or {}
    tx.execute(
        "INSERT INTO decisions (id, project_id, record_id, decision, undoes, text_sha256, edited_title, edited_content, edited_text, "
        "note, decided_by, decided_at, text_version) SELECT ?, ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, text_version FROM records WHERE id = ?",
        [decision_id, project_id, decision, undoes, text_sha256, edited.get("title"), edited.get("content"),
         edited.get("text"), note, by, utc_now(), record_id],
    )  # fmt: skip


def insert_decisions(
    tx: Transaction, project_id: str, record_ids: list[str], decision: str, *, by: str, note: str
) -> None:
    """One decision on each of the records, and one event each, as if they had been decided one by one.

    An edited text stays the record's text; the hash is that of the text which the decision is on.
    """
    parameters = [project_id, record_ids, decision, by, note, tx.at]
    tx.execute(
        "INSERT INTO decisions (id, project_id, record_id, decision, text_sha256, edited_title, edited_content, edited_text, note, "
        "decided_by, decided_at, text_version) SELECT 'd_' || left(replace(uuid()::TEXT, '-', ''), 16), $1, r.id, $3, "
        "CASE WHEN d.edited_text IS NULL THEN r.text_sha256 ELSE sha256(d.edited_text) END, "
        "d.edited_title, d.edited_content, d.edited_text, $5, $4, $6, r.text_version "
        "FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id "
        "WHERE r.project_id = $1 AND r.id IN (SELECT unnest($2))",
        parameters,
    )
    tx.events(decision, "record", record_ids, by=by, project_id=project_id)


def last_decision(store: Store, project_id: str, *, by: str | None = None, record_id: str | None = None) -> Row | None:
    """The newest decision that is not undone, of one person or on one record where given.

    Only on records that are still here, in the text that they still have.
    """
    return store.read_one(
        "SELECT * FROM decisions d SEMI JOIN records r ON r.id = d.record_id AND r.text_version = d.text_version "
        "WHERE project_id = $project AND decision <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.id) "
        "AND ($person IS NULL OR decided_by = $person) AND ($record IS NULL OR record_id = $record) ORDER BY seq DESC LIMIT 1",
        {"project": project_id, "person": by, "record": record_id},
    )


# The rows of a person's last decision ($2), where it was on many records at once ($3) and none of it is undone.
LAST_BULK_ACT = """
    WITH mine AS (
        SELECT id, record_id, decision, edited_text IS NOT NULL AS is_on_edited, note, decided_at, seq FROM decisions d
        WHERE project_id = $1 AND decided_by = $2 AND decision <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.id)
          AND record_id IN (SELECT id FROM records WHERE project_id = $1)),
    last AS (SELECT note, decided_at FROM mine ORDER BY seq DESC LIMIT 1),
    act AS (SELECT * FROM mine JOIN last USING (note, decided_at) WHERE note = $3)
"""


def last_bulk_act(store: Store, project_id: str, *, by: str) -> list[Row]:
    """id, decision, record_id and is_on_edited of each row of a person's last act in bulk; none where something came after it."""
    return store.read(
        f"{LAST_BULK_ACT} SELECT id, decision, record_id, is_on_edited FROM act ORDER BY seq", [project_id, by, IN_BULK]
    )


def size_of_last_bulk_act(store: Store, project_id: str, *, by: str) -> Row | None:
    """decision and n, on how many records, of the same act."""
    return store.read_one(
        f"{LAST_BULK_ACT} SELECT any_value(decision) AS decision, count(*) AS n FROM act HAVING count(*) > 0",
        [project_id, by, IN_BULK],
    )


def insert_undos(tx: Transaction, project_id: str, decision_ids: list[str], *, by: str) -> None:
    """Take each of these decisions back, with one event each."""
    tx.execute(
        "INSERT INTO decisions (id, project_id, record_id, decision, undoes, text_sha256, note, decided_by, decided_at) "
        "SELECT 'd_' || left(replace(uuid()::TEXT, '-', ''), 16), $1, d.record_id, 'undo', d.id, d.text_sha256, $5, $3, $4 "
        "FROM decisions d WHERE d.id IN (SELECT unnest($2))",
        [project_id, decision_ids, by, tx.at, IN_BULK],
    )
    undone = tx.read(
        "SELECT record_id, decision FROM decisions WHERE id IN (SELECT unnest(?)) ORDER BY seq", [decision_ids]
    )
    tx.events(
        "undo", "record", [one["record_id"] for one in undone], by=by, project_id=project_id,
        facts=[{"undoes": one["decision"]} for one in undone],
    )  # fmt: skip


def history(store: Store, record_id: str) -> list[Row]:
    """Every decision on a record; is_on_earlier_text: a newer export has replaced the text that it was made on."""
    return store.read(
        "SELECT d.decision, d.note, d.decided_by, d.decided_at, d.text_sha256, d.text_version <> r.text_version AS is_on_earlier_text "
        "FROM decisions d JOIN records r ON r.id = d.record_id WHERE d.record_id = ? ORDER BY d.seq",
        [record_id],
    )
