"""SQL of erasures: what went, which runs learnt the person or the source, which versions were rewritten, which uploads went whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from core.store.connection import Row, Store, Transaction


def insert_erasure(
    tx: Transaction, erasure_id: str, *, project_id: str, person_macs: Sequence[str], result: dict[str, Any], by: str
) -> None:
    tx.execute(
        "INSERT INTO erasures (id, project_id, person_macs, result, started_at, started_by) VALUES (?, ?, ?, ?, ?, ?)",
        [erasure_id, project_id, list(person_macs), result, tx.at, by],
    )


def erasure(store: Store, erasure_id: str) -> Row | None:
    return store.read_one("SELECT * FROM erasures WHERE id = ?", [erasure_id])


def erasures(store: Store) -> list[Row]:
    """Newest first."""
    return store.read(
        "SELECT e.*, s.name AS source_name FROM erasures e LEFT JOIN sources s ON s.id = e.source_id ORDER BY e.seq DESC"
    )


def end_erasure(tx: Transaction, erasure_id: str, certificate: dict[str, Any]) -> None:
    tx.execute("UPDATE erasures SET certificate = ?, ended_at = ? WHERE id = ?", [certificate, tx.at, erasure_id])


def mark_run(tx: Transaction, erasure_id: str, *, project_id: str, run_id: str) -> None:
    tx.execute("INSERT INTO erased_runs VALUES (?, ?, ?, ?)", [erasure_id, project_id, run_id, tx.at])


def marks_on(store: Store, run_id: str) -> list[Row]:
    """The erasures after which a run is to be retired or trained anew, oldest first; source: the name of one that was erased, None for a person."""
    return store.read(
        "SELECT r.erasure_id, r.erased_at, s.name AS source FROM erased_runs r JOIN erasures e ON e.id = r.erasure_id "
        "LEFT JOIN sources s ON s.id = e.source_id WHERE r.run_id = ? ORDER BY r.erased_at, r.erasure_id",
        [run_id],
    )


def marked_runs(store: Store, erasure_id: str) -> list[Row]:
    """Id, name, project and version of the runs that an erasure marked."""
    return store.read(
        "SELECT r.id, r.name, r.project_id, p.name AS project, v.name AS version FROM erased_runs e JOIN runs r ON r.id = e.run_id "
        "JOIN projects p ON p.id = r.project_id LEFT JOIN versions v ON v.id = r.version_id WHERE e.erasure_id = ? ORDER BY p.name, r.name",
        [erasure_id],
    )


def trained_runs(store: Store | Transaction) -> list[Row]:
    """Every run with what it learnt from: its version, and the run, records and briefs that it went on with."""
    return store.read("SELECT id, project_id, version_id, name, adapter, continues FROM runs ORDER BY created_at, id")


def every_version(store: Store | Transaction) -> list[Row]:
    return store.read("SELECT id, project_id, name, content_sha256, card FROM versions ORDER BY created_at, id")


def holds_unknown_records(tx: Transaction, version_id: str) -> bool:
    """Whether a version has examples of records that are not here: one that was taken out before an erasure, and came back."""
    return bool(
        tx.read(
            "SELECT 1 AS one FROM version_examples e ANTI JOIN records r ON r.id = e.record_id WHERE e.version_id = ? LIMIT 1",
            [version_id],
        )
    )


def rewrite_version(
    tx: Transaction, erasure_id: str, version: Row, *, sha256: str, card: dict[str, Any], n_records: int, n_examples: dict[str, int],
    gone: Sequence[str], n_masked: int,
) -> None:  # fmt: skip
    """Register a version as it was rewritten. gone: the ids of examples that are no longer in it."""
    tx.execute(
        "DELETE FROM version_examples WHERE version_id = ? AND example_id IN (SELECT unnest(?::TEXT[]))",
        [version["id"], list(gone)],
    )
    tx.execute(
        "UPDATE versions SET content_sha256 = $2, card = $3, n_records = $4, n_train = $5, n_validation = $6, n_test = $7, n_train_tokens = "
        "(SELECT coalesce(sum(n_tokens), 0)::BIGINT FROM version_examples WHERE version_id = $1 AND split = 'train') WHERE id = $1",
        [version["id"], sha256, card, n_records, n_examples["train"], n_examples["validation"], n_examples["test"]],
    )
    tx.execute(
        "INSERT INTO erased_versions VALUES (?, ?, ?, ?, ?, ?, ?)",
        [erasure_id, version["project_id"], version["id"], version["content_sha256"], sha256, len(gone), n_masked],
    )


def rewritten_versions(store: Store, erasure_id: str) -> list[Row]:
    """The versions that an erasure rewrote, with their names and hashes."""
    return store.read(
        "SELECT e.*, v.name, p.name AS project FROM erased_versions e JOIN versions v ON v.id = e.version_id "
        "JOIN projects p ON p.id = v.project_id WHERE e.erasure_id = ? ORDER BY p.name, v.name",
        [erasure_id],
    )


def has_other_examples(store: Store, version_id: str) -> bool:
    """Whether an erasure changed what a version teaches; not where it changed its card or the list of what was left out alone."""
    return bool(
        store.read(
            "SELECT 1 AS one FROM erased_versions WHERE version_id = ? AND sha256_before <> sha256_after", [version_id]
        )
    )


def insert_uploads(tx: Transaction, erasure_id: str, hashes: Collection[str]) -> None:
    tx.execute("INSERT INTO erased_uploads SELECT ?, unnest(?::TEXT[])", [erasure_id, sorted(hashes)])


def uploads_of(store: Store, erasure_id: str) -> set[str]:
    return {row["sha256"] for row in store.read("SELECT sha256 FROM erased_uploads WHERE erasure_id = ?", [erasure_id])}


def documents(store: Store | Transaction) -> set[str]:
    """Hashes of the consents and contracts that sources rest on."""
    return {row["sha256"] for row in store.read("SELECT DISTINCT sha256 FROM source_documents")}


def open_accounts_in(read: Callable[..., list[Row]]) -> list[str]:
    """The names of accounts that have not ended."""
    return [row["name"] for row in read("SELECT name FROM accounts WHERE ended_at IS NULL ORDER BY name")]


def projects_of_records(tx: Transaction, record_ids: Collection[str]) -> list[Row]:
    return tx.execute(
        "SELECT DISTINCT project_id AS id FROM records WHERE id IN (SELECT unnest(?::TEXT[])) ORDER BY 1",
        [list(record_ids)],
    )


def found_values(tx: Transaction) -> list[Row]:
    """Every different value of personal data that was found in a text."""
    return tx.execute("SELECT DISTINCT value FROM personal_spans")


def n_backups(store: Store) -> tuple[int, Any]:
    """How many backups the trail tells of, and when the last was written."""
    (row,) = store.read("SELECT count(*) AS n, max(happened_at) AS last FROM events WHERE action = 'backed_up'")
    return int(row["n"]), row["last"]
