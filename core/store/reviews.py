"""SQL of review: items, what was shown, what was saved while typing, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now
from core.store.limits import JOINS, WHY_NOT
from core.store.open_items import SIGNED_ONE, open_to


def item(store: Store | Transaction, item_id: str) -> Row | None:
    """One item with its draft, brief and system: for the server alone. repeated_for: whom it comes back to, None where it does not."""
    rows = store.read(
        "SELECT i.id, i.project_id, i.draft_id, i.first_id, i.repeated_for, d.text, d.system, d.brief_id, b.prompt, b.audience, b.facts, "
        "b.form, b.min_words, b.max_words, b.must_not_say, p.reviewers_per_draft "
        "FROM queue_items i JOIN drafts d ON d.id = i.draft_id JOIN briefs b ON b.id = d.brief_id "
        "JOIN projects p ON p.id = i.project_id WHERE i.id = ?",
        [item_id],
    )
    return rows[0] if rows else None


def shown_to(tx: Transaction, project_id: str, reviewer: str) -> list[Row]:
    """What this reviewer has seen, repeats too (comes_back), in order of first sight, with brief and system: for the server alone."""
    return tx.execute(
        "SELECT s.item_id AS id, d.brief_id, d.system, i.repeated_for IS NOT NULL AS comes_back, min(s.seq) AS first_seen FROM shown_items s "
        "JOIN queue_items i ON i.id = s.item_id JOIN drafts d ON d.id = i.draft_id "
        "WHERE s.project_id = ? AND s.reviewer = ? GROUP BY ALL ORDER BY first_seen",
        [project_id, reviewer],
    )


def n_shown_to(store: Store | Transaction, project_id: str, reviewer: str) -> int:
    (row,) = store.read(
        "SELECT count(DISTINCT item_id) AS n FROM shown_items WHERE project_id = ? AND reviewer = ?",
        [project_id, reviewer],
    )
    return int(row["n"])


def recent_briefs(
    store: Store | Transaction, project_id: str, reviewer: str, *, n: int, but: str | None = None
) -> set[str]:
    """Of the last so many items that this reviewer saw for the first time, one item left out."""
    rows = store.read(
        "SELECT d.brief_id FROM (SELECT item_id, min(seq) AS first_seen FROM shown_items WHERE project_id = $1 AND reviewer = $2 "
        "AND ($4::TEXT IS NULL OR item_id <> $4) GROUP BY item_id ORDER BY first_seen DESC LIMIT $3) s JOIN queue_items i ON i.id = s.item_id JOIN drafts d ON d.id = i.draft_id",
        [project_id, reviewer, n, but],
    )
    return {row["brief_id"] for row in rows}


def is_in_hands_of(store: Store | Transaction, item_id: str, reviewer: str, since: datetime) -> bool:
    """Whether this reviewer was shown the item, or typed in it, since then."""
    rows = store.read(
        "SELECT 1 AS one FROM shown_items WHERE item_id = $1 AND reviewer = $2 AND shown_at > $3 UNION ALL "
        "SELECT 1 AS one FROM saved_texts WHERE item_id = $1 AND reviewer = $2 AND saved_at > $3 LIMIT 1",
        [item_id, reviewer, since],
    )
    return bool(rows)


def shown_since(tx: Transaction, project_id: str, since: datetime, *, but_judged: bool = True) -> set[tuple[str, str]]:
    """Item and person, of who was shown it, or typed in it, since then, has no verdict on it and did not put it off: the soft lock.

    Items of other projects may be among them. but_judged: false where one verdict is wanted, and so no open item has one.
    """
    rows = tx.execute(
        "SELECT DISTINCT item_id, reviewer FROM (SELECT item_id, reviewer FROM shown_items WHERE project_id = $1 AND shown_at > $2 UNION ALL "
        "SELECT item_id, reviewer FROM saved_texts WHERE saved_at > $2)",
        [project_id, since],
    )
    shown = {(row["item_id"], row["reviewer"]) for row in rows}
    gone: set[tuple[str, str]] = set()
    if but_judged:
        rows = tx.execute(
            "SELECT item_id, reviewer FROM reviews WHERE project_id = $1 AND item_id IN (SELECT unnest($2::TEXT[])) "
            f"GROUP BY item_id, reviewer HAVING sum({SIGNED_ONE}) > 0",
            [project_id, sorted({item for item, _ in shown})],
        )
        gone |= {(row["item_id"], row["reviewer"]) for row in rows}
    if putting_off := people_who_put_off(tx, project_id):
        people = sorted({reviewer for _, reviewer in shown} & putting_off)
        rows = tx.execute(
            "SELECT item_id, reviewer FROM standing_put_off WHERE project_id = ? AND reviewer IN (SELECT unnest(?::TEXT[]))",
            [project_id, people],
        )
        gone |= {(row["item_id"], row["reviewer"]) for row in rows}
    return shown - gone


def was_touched(tx: Transaction, draft_id: str, since: datetime) -> str:
    """Why a draft may not be taken out of the queue: judged (also if taken back), or in somebody's hands since then. Empty where it may."""
    (found,) = tx.execute(
        "SELECT count(r.id) AS n_reviews, count(s.item_id) AS n_shown, count(t.item_id) AS n_saved FROM review_items i "
        "LEFT JOIN reviews r ON r.item_id = i.id LEFT JOIN shown_items s ON s.item_id = i.id AND s.shown_at > $2 "
        "LEFT JOIN saved_texts t ON t.item_id = i.id AND t.saved_at > $2 WHERE i.draft_id = $1",
        [draft_id, since],
    )
    return "judged" if found["n_reviews"] else "in hands" if found["n_shown"] or found["n_saved"] else ""


def insert_shown(tx: Transaction, *, project_id: str, item_id: str, reviewer: str) -> None:
    tx.execute(
        "INSERT INTO shown_items (project_id, item_id, reviewer, shown_at) VALUES (?, ?, ?, ?)",
        [project_id, item_id, reviewer, utc_now()],
    )


def people_who_put_off(store: Store | Transaction, project_id: str) -> set[str]:
    """Who ever put a draft off."""
    rows = store.read("SELECT DISTINCT reviewer FROM put_off_items WHERE project_id = ?", [project_id])
    return {row["reviewer"] for row in rows}


def put_off_by(store: Store | Transaction, project_id: str, reviewer: str) -> list[str]:
    """The items that this reviewer put off and was not shown since, those put off first first."""
    if reviewer not in people_who_put_off(store, project_id):
        return []
    rows = store.read(
        "SELECT item_id FROM standing_put_off WHERE project_id = ? AND reviewer = ? ORDER BY seq",
        [project_id, reviewer],
    )
    return [row["item_id"] for row in rows]


def insert_put_off(tx: Transaction, *, project_id: str, item_id: str, reviewer: str) -> None:
    tx.execute(
        "INSERT INTO put_off_items (project_id, item_id, reviewer, put_off_at) VALUES (?, ?, ?, ?)",
        [project_id, item_id, reviewer, utc_now()],
    )


def was_shown(store: Store | Transaction, item_id: str, reviewer: str) -> bool:
    return bool(
        store.read("SELECT 1 AS one FROM shown_items WHERE item_id = ? AND reviewer = ? LIMIT 1", [item_id, reviewer])
    )


def last_wait(store: Store | Transaction, project_id: str, reviewer: str) -> Row | None:
    """The last time that nothing could be shown to this reviewer: how many items they had seen (n_seen), and which waited (items)."""
    rows = store.read(
        "SELECT n_seen, items FROM review_waits WHERE project_id = ? AND reviewer = ? ORDER BY seq DESC LIMIT 1",
        [project_id, reviewer],
    )
    return rows[0] if rows else None


def insert_wait(tx: Transaction, *, project_id: str, reviewer: str, n_seen: int, items: Sequence[str]) -> None:
    tx.execute(
        "INSERT INTO review_waits (project_id, reviewer, n_seen, items, waited_at) VALUES (?, ?, ?, ?, ?)",
        [project_id, reviewer, n_seen, list(items), utc_now()],
    )


def save_text(tx: Transaction, *, item_id: str, reviewer: str, text: str, seconds: float) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO saved_texts VALUES (?, ?, ?, ?, ?)", [item_id, reviewer, text, seconds, utc_now()]
    )


def saved_text(store: Store | Transaction, item_id: str, reviewer: str) -> Row | None:
    rows = store.read("SELECT text, seconds FROM saved_texts WHERE item_id = ? AND reviewer = ?", [item_id, reviewer])
    return rows[0] if rows else None


def last_reasons(store: Store | Transaction, item_id: str, reviewer: str) -> list[str]:
    """The reasons that this reviewer gave last on the item, taken back or not; none before the first verdict."""
    rows = store.read(
        "SELECT reasons FROM (SELECT item_id, reviewer, decision, seq, reasons FROM reviews UNION ALL "
        "SELECT item_id, reviewer, decision, seq, reasons FROM repeat_reviews) "
        "WHERE item_id = ? AND reviewer = ? AND decision <> 'undo' ORDER BY seq DESC LIMIT 1",
        [item_id, reviewer],
    )
    return list(rows[0]["reasons"]) if rows else []


def last_shown_item(tx: Transaction, project_id: str, reviewer: str) -> str | None:
    """The item that this reviewer was shown last; it may have its verdict by now."""
    rows = tx.execute(
        "SELECT item_id FROM shown_items WHERE project_id = ? AND reviewer = ? ORDER BY seq DESC LIMIT 1",
        [project_id, reviewer],
    )
    return rows[0]["item_id"] if rows else None


def reviewed_by(store: Store | Transaction, project_id: str, reviewer: str, *, item_id: str | None = None) -> Row:
    """n: verdicts of this reviewer, second ones too; n_first: without those. first_at: of the first one, taken back or not; None before it.

    has_judged_item: whether one of them is on this item, which may have come back.
    """
    (row,) = store.read(
        "SELECT coalesce(sum(one), 0)::BIGINT AS n, coalesce(sum(one) FILTER (NOT is_second), 0)::BIGINT AS n_first, "
        "min(reviewed_at) AS first_at, coalesce(sum(one) FILTER (item_id = $3), 0) > 0 AS has_judged_item FROM ("
        f"SELECT item_id, reviewed_at, FALSE AS is_second, {SIGNED_ONE} AS one FROM reviews WHERE project_id = $1 AND reviewer = $2 "
        "UNION ALL "
        f"SELECT item_id, reviewed_at, TRUE AS is_second, {SIGNED_ONE} AS one FROM repeat_reviews WHERE project_id = $1 AND reviewer = $2)",
        [project_id, reviewer, item_id],
    )
    return row


def insert_review(
    tx: Transaction,
    review_id: str,
    *,
    project_id: str,
    item_id: str,
    draft_id: str,
    decision: str,
    final_text: str,
    edit_ratio: float,
    reasons: list[str],
    seconds: float,
    reviewer: str,
    undoes: str | None = None,
) -> None:
    tx.execute(
        "INSERT INTO reviews (id, project_id, item_id, draft_id, decision, undoes, final_text, edit_ratio, reasons, seconds, reviewer, "
        "reviewed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            review_id,
            project_id,
            item_id,
            draft_id,
            decision,
            undoes,
            final_text,
            edit_ratio,
            reasons,
            seconds,
            reviewer,
            utc_now(),
        ],
    )


def reviewers_of(store: Store | Transaction, item_id: str) -> list[str]:
    """Who has judged the item."""
    rows = store.read(
        f"SELECT reviewer FROM reviews WHERE item_id = ? GROUP BY reviewer HAVING sum({SIGNED_ONE}) > 0 ORDER BY min(seq)",
        [item_id],
    )
    return [row["reviewer"] for row in rows]


def has_taken_back(store: Store | Transaction, item_id: str, reviewer: str) -> bool:
    """Whether this reviewer ever took a verdict on the item back."""
    return bool(
        store.read(
            "SELECT 1 AS one FROM reviews WHERE item_id = ? AND reviewer = ? AND decision = 'undo' LIMIT 1",
            [item_id, reviewer],
        )
    )


def last_review(store: Store | Transaction, project_id: str, reviewer: str) -> Row | None:
    rows = store.read(
        "SELECT * FROM reviews r WHERE project_id = ? AND reviewer = ? AND decision <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id) ORDER BY seq DESC LIMIT 1",
        [project_id, reviewer],
    )
    return rows[0] if rows else None


def reviews_by(store: Store, project_id: str, reviewer: str) -> list[Row]:
    """This reviewer's verdicts with draft and brief, newest first; of briefs alone of which no draft lacks a verdict any more."""
    found = open_to(store, project_id, reviewer)
    return store.read(
        "SELECT r.id, r.item_id, r.draft_id, r.decision, r.final_text, r.edit_ratio, r.reasons, r.reviewed_at, t.text, t.brief_id, b.prompt, "
        "r.id IN (SELECT review_id FROM critical_fails) AS is_critical_fail "
        "FROM current_reviews r JOIN drafts t ON t.id = r.draft_id JOIN briefs b ON b.id = t.brief_id "
        f"WHERE r.project_id = $1 AND r.reviewer = $2 AND t.brief_id NOT IN (SELECT d.brief_id {found.rows}) ORDER BY r.seq DESC",
        [project_id, reviewer],
    )


def reviews(store: Store, project_id: str) -> list[dict[str, Any]]:
    """Current verdicts without texts, oldest first, with the draft they judge, the version it was learnt from and the tags of its brief's text.

    is_blind: whether the reviewer could not know who wrote the draft.
    """
    return store.read(
        "SELECT r.id, r.item_id, r.draft_id, r.decision, r.edit_ratio, r.reasons, r.seconds, r.reviewer, r.reviewed_at, "
        "d.system, d.brief_id, d.run_id, d.seed, b.external_id AS brief, coalesce(v.name, '') AS version, coalesce(t.tags, []) AS tags, "
        "r.id IN (SELECT review_id FROM critical_fails) AS is_critical_fail, r.id NOT IN (SELECT review_id FROM not_blind_reviews) AS is_blind "
        "FROM current_reviews r JOIN drafts d ON d.id = r.draft_id JOIN briefs b ON b.id = d.brief_id "
        "LEFT JOIN runs n ON n.id = d.run_id LEFT JOIN versions v ON v.id = n.version_id "
        "LEFT JOIN (SELECT record_id, list(tag ORDER BY tag) AS tags FROM current_tags GROUP BY record_id) t ON t.record_id = b.record_id "
        "WHERE r.project_id = ? ORDER BY r.seq",
        [project_id],
    )


def texts_of(store: Store, review_ids: list[str], *, today: date) -> dict[str, Row]:
    """By verdict: the draft (text), what it became (final_text) and what it was asked for (prompt).

    is_own: the draft is a record itself. is_barred: the record that the brief was taken from may not be shown today.
    """
    rows = store.read(
        f"""SELECT v.id, d.text, v.final_text, b.prompt, d.system = 'human' AS is_own, {WHY_NOT.format(use="show", today="$2")} IS NOT NULL AS is_barred
            FROM reviews v JOIN drafts d ON d.id = v.draft_id JOIN briefs b ON b.id = d.brief_id LEFT JOIN records r ON r.id = b.record_id
            {JOINS.format(of="r", record="id")} WHERE list_contains($1::TEXT[], v.id)""",
        [review_ids, today],
    )
    return {row.pop("id"): row for row in rows}


def judged_drafts(store: Store, project_id: str) -> list[Row]:
    """Current verdicts with all that a draft was asked for, and who wrote it: for learning from them, after the verdict."""
    return store.read(
        "SELECT r.draft_id, r.decision, r.final_text, r.edit_ratio, d.system, d.text, d.run_id, d.brief_id, b.prompt, b.audience, b.facts, "
        "b.form, b.min_words, b.max_words, b.must_not_say, b.record_id, b.external_id AS brief FROM current_reviews r JOIN drafts d ON d.id = r.draft_id JOIN briefs b ON b.id = d.brief_id "
        "WHERE r.project_id = ? ORDER BY r.seq",
        [project_id],
    )
