"""SQL of what the search index holds: the current text of each record, edits included, and what changed since."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction

CURRENT = """
    SELECT r.id, concat_ws(chr(10), coalesce(d.edited_title, r.title), coalesce(d.edited_text, r.text)) AS text,
           hash(coalesce(d.edited_title, r.title), coalesce(d.edited_text, r.text)) AS mark
    FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id AND d.edited_text IS NOT NULL
    WHERE r.project_id = $1"""


def revision(store: Store | Transaction, project_id: str) -> str:
    """Changes whenever a record comes, goes or changes its text, and with each edit or undoing of one."""
    # Two questions: a decision that leaves the text alone leaves the answer to the first, which looks at every record.
    (texts,) = store.read(
        "SELECT count(*) || ':' || coalesce(sum(hash(id || text_sha256)::HUGEINT), 0) AS mark FROM records WHERE project_id = ?",
        [project_id],
    )
    (edits,) = store.read(
        "SELECT coalesce(max(seq), 0) AS seq FROM decisions WHERE project_id = $1 AND (decision = 'edit' OR undoes IN "
        "(SELECT id FROM decisions WHERE project_id = $1 AND edited_text IS NOT NULL))",
        [project_id],
    )
    return f"{texts['mark']}:{edits['seq']}"


def copy_texts_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Write id, text and mark of every record."""
    tx.execute(f"COPY ({_of(project_id)}) TO '{_escaped(file)}' (FORMAT parquet)")


def copy_marks_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Write id and mark alone: what an index that is up to date holds."""
    tx.execute(f"COPY (SELECT id, mark FROM ({_of(project_id)})) TO '{_escaped(file)}' (FORMAT parquet)")


def changed_since(store: Store | Transaction, project_id: str, marks: Path, *, limit: int) -> list[Row]:
    """id and text of records that are new or have another text than at those marks; one more than `limit` at most."""
    return store.read(
        f"SELECT c.id, c.text FROM ({CURRENT}) c ANTI JOIN read_parquet($2) k ON k.id = c.id AND k.mark = c.mark "
        f"ORDER BY c.id LIMIT {int(limit) + 1}",
        [project_id, str(marks)],
    )


def gone_since(store: Store | Transaction, project_id: str, marks: Path) -> list[str]:
    rows = store.read(
        "SELECT k.id FROM read_parquet($2) k ANTI JOIN (SELECT id FROM records WHERE project_id = $1) r ON r.id = k.id",
        [project_id, str(marks)],
    )
    return [row["id"] for row in rows]


def all_texts(store: Store | Transaction, project_id: str) -> list[Row]:
    return store.read(f"SELECT id, text FROM ({CURRENT}) ORDER BY id", [project_id])


def texts(store: Store, project_id: str, ids: list[str]) -> dict[str, str]:
    """The current text of these records, by id."""
    # Two plain questions: with a join, or a second condition, the engine reads every text for the sake of twenty.
    rows = store.read("SELECT id, project_id, text FROM records WHERE id IN (SELECT unnest($1::TEXT[]))", [ids])
    own = [row for row in rows if row["project_id"] == project_id]
    edits = store.read(
        "SELECT record_id AS id, edited_text AS text FROM current_decisions "
        "WHERE edited_text IS NOT NULL AND record_id IN (SELECT unnest($1::TEXT[]))",
        [[row["id"] for row in own]],
    )
    return {row["id"]: row["text"] for row in [*own, *edits]}


def _of(project_id: str) -> str:
    # COPY takes no parameter inside its query; the id is one of ours.
    return CURRENT.replace("$1", f"'{project_id}'")


def _escaped(file: Path) -> str:
    return str(file).replace("'", "''")
