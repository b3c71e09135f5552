"""SQL of records that came out of reviews: the verdicts they may come from, those there are, and what they were asked for."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction


def verdicts(store: Store, project_id: str) -> list[Row]:
    """Current verdicts, oldest first, with the draft, its brief, the customer of the brief's record, and the run."""
    return store.read(
        "SELECT r.item_id, r.draft_id, r.decision, r.final_text, r.edit_ratio, r.reasons, r.reviewer, r.reviewed_at, d.system, d.text, "
        "r.id IN (SELECT review_id FROM critical_fails) AS is_critical_fail, "
        "d.run_id, d.brief_id, b.prompt, b.audience, b.facts, b.form, b.min_words, b.max_words, b.must_not_say, b.record_id, "
        "b.external_id AS brief, n.name AS run, o.customer "
        "FROM current_reviews r JOIN drafts d ON d.id = r.draft_id JOIN briefs b ON b.id = d.brief_id JOIN runs n ON n.id = d.run_id "
        "LEFT JOIN records o ON o.id = b.record_id WHERE r.project_id = ? ORDER BY r.seq",
        [project_id],
    )


def taken(store: Store | Transaction, project_id: str) -> list[Row]:
    """Records that came out of reviews: id, the text that they teach as it was taken over, and `review`, what is kept of where they come from."""
    return store.read(
        "SELECT r.id, r.source_id, r.content->>'$.messages[1].content' AS answer, r.meta->'$.review' AS review FROM records r "
        "JOIN sources s ON s.id = r.source_id WHERE r.project_id = ? AND s.kind = 'reviews' ORDER BY r.id",
        [project_id],
    )


def origins(store: Store, record_ids: list[str]) -> list[Row]:
    """Of these records, those that came out of reviews: the brief, and the record that the brief was taken from."""
    return store.read(
        "SELECT r.meta->>'$.review.brief_id' AS brief_id, r.meta->>'$.review.brief_record' AS brief_record FROM records r "
        "JOIN sources s ON s.id = r.source_id WHERE s.kind = 'reviews' AND r.id IN (SELECT unnest(?))",
        [record_ids],
    )


def insert_file(
    tx: Transaction, file_id: str, *, source_id: str, project_id: str, path: str, sha256: str, n_bytes: int, n_records: int
) -> None:  # fmt: skip
    """The file that the texts are kept in, as an import would have it."""
    tx.execute(
        "INSERT INTO source_files (id, source_id, project_id, path, sha256, n_bytes, status, reason, format, encoding, n_accepted, n_rejected) "
        "VALUES (?, ?, ?, ?, ?, ?, 'imported', '', 'reviews', 'utf-8', ?, 0)",
        [file_id, source_id, project_id, path, sha256, n_bytes, n_records],
    )
