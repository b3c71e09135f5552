"""SQL of pairs of drafts: who was shown which, what was said, what waits. For the server alone: rows name drafts and systems."""

from __future__ import annotations

from datetime import datetime

from core.store.connection import Row, Store, Transaction, utc_now

_OPEN = (
    "SELECT p.id, p.brief_id, p.first_draft, p.second_draft, coalesce(v.reviewers, []) AS reviewers, "
    "j.reviewers_per_draft - coalesce(len(v.reviewers), 0) AS n_wanted "
    "FROM draft_pairs p JOIN projects j ON j.id = p.project_id LEFT JOIN ("
    "SELECT pair_id, list(reviewer) AS reviewers FROM current_pair_verdicts GROUP BY pair_id) v ON v.pair_id = p.id "
    "WHERE p.project_id = ? AND p.withdrawn_at IS NULL AND NOT p.is_same AND n_wanted > 0 "
    "AND NOT EXISTS (SELECT 1 FROM current_drafts_aside a WHERE a.draft_id IN (p.first_draft, p.second_draft)) ORDER BY p.id"
)


def open_pairs(store: Store | Transaction, project_id: str) -> list[Row]:
    """Pairs that lack verdicts, with who has judged them and how many more each waits for; without those of a draft that was set aside."""
    return store.read(_OPEN, [project_id])


def pair(store: Store | Transaction, pair_id: str) -> Row | None:
    """One pair with both texts, what they were written for, and how many people it wants."""
    rows = store.read(
        "SELECT p.*, f.text AS first_text, s.text AS second_text, b.prompt, b.audience, b.facts, b.form, b.min_words, b.max_words, b.must_not_say, j.reviewers_per_draft "
        "FROM draft_pairs p JOIN drafts f ON f.id = p.first_draft JOIN drafts s ON s.id = p.second_draft "
        "JOIN briefs b ON b.id = p.brief_id JOIN projects j ON j.id = p.project_id WHERE p.id = ?",
        [pair_id],
    )
    return rows[0] if rows else None


def pairs(store: Store | Transaction, project_id: str) -> list[Row]:
    """Every pair, with the system and the run of either draft."""
    return store.read(
        "SELECT p.id, p.brief_id, p.first_draft, p.second_draft, p.is_same, p.withdrawn_at, f.system AS first_system, f.run_id AS first_run, "
        "s.system AS second_system, s.run_id AS second_run FROM draft_pairs p JOIN drafts f ON f.id = p.first_draft "
        "JOIN drafts s ON s.id = p.second_draft WHERE p.project_id = ? ORDER BY p.id",
        [project_id],
    )


def verdicts(store: Store | Transaction, project_id: str) -> list[Row]:
    """Current verdicts, oldest first; those on a pair that was withdrawn afterwards count on."""
    return store.read(
        "SELECT pair_id, verdict, is_first_left, reviewer, judged_at FROM current_pair_verdicts WHERE project_id = ? ORDER BY seq",
        [project_id],
    )


def reviewers_of(tx: Transaction, pair_id: str) -> list[str]:
    """Who has judged the pair."""
    return [
        row["reviewer"] for row in tx.read("SELECT reviewer FROM current_pair_verdicts WHERE pair_id = ?", [pair_id])
    ]


def n_judged_by(store: Store | Transaction, project_id: str, reviewer: str) -> int:
    (row,) = store.read(
        "SELECT count(*) AS n FROM current_pair_verdicts WHERE project_id = ? AND reviewer = ?", [project_id, reviewer]
    )
    return int(row["n"])


def shown_to(store: Store | Transaction, project_id: str, reviewer: str) -> list[Row]:
    """The pairs that this reviewer has seen, in order of first sight."""
    return store.read(
        "SELECT s.pair_id AS id, p.brief_id, p.first_draft, p.second_draft, min(s.seq) AS first_seen FROM shown_draft_pairs s "
        "JOIN draft_pairs p ON p.id = s.pair_id WHERE s.project_id = ? AND s.reviewer = ? GROUP BY ALL ORDER BY first_seen",
        [project_id, reviewer],
    )


def on_screen(store: Store | Transaction, project_id: str, reviewer: str) -> str | None:
    """The pair that this reviewer was shown last, where nothing was said of it since."""
    rows = store.read(
        "SELECT s.pair_id, EXISTS (SELECT 1 FROM draft_pair_verdicts v WHERE v.pair_id = s.pair_id AND v.reviewer = s.reviewer "
        "AND v.seq > s.seq) AS is_answered FROM shown_draft_pairs s WHERE s.project_id = ? AND s.reviewer = ? ORDER BY s.seq DESC LIMIT 1",
        [project_id, reviewer],
    )
    return rows[0]["pair_id"] if rows and not rows[0]["is_answered"] else None


def skipped_by(store: Store | Transaction, project_id: str, reviewer: str) -> list[str]:
    """The pairs that this reviewer has put off, the longest ago first."""
    rows = store.read(
        "SELECT pair_id, max(seq) AS last FROM standing_pair_acts WHERE project_id = ? AND reviewer = ? AND verdict = 'skip' "
        "GROUP BY pair_id ORDER BY last",
        [project_id, reviewer],
    )
    return [row["pair_id"] for row in rows]


def in_hands(store: Store | Transaction, project_id: str, since: datetime) -> list[Row]:
    """Who was shown which pair since then, and has neither judged it nor put it off after that: the soft lock."""
    return store.read(
        "SELECT DISTINCT s.pair_id, s.reviewer FROM shown_draft_pairs s WHERE s.project_id = ? AND s.shown_at > ? AND NOT EXISTS ("
        "SELECT 1 FROM draft_pair_verdicts v WHERE v.pair_id = s.pair_id AND v.reviewer = s.reviewer AND v.seq > s.seq)",
        [project_id, since],
    )


def was_shown(store: Store | Transaction, pair_id: str, reviewer: str) -> bool:
    rows = store.read(
        "SELECT 1 AS one FROM shown_draft_pairs WHERE pair_id = ? AND reviewer = ? LIMIT 1", [pair_id, reviewer]
    )
    return bool(rows)


def has_seen_beside(store: Store | Transaction, draft_id: str, reviewer: str) -> bool:
    """Whether this reviewer has seen the draft beside another one."""
    rows = store.read(
        "SELECT 1 FROM shown_draft_pairs s JOIN draft_pairs p ON p.id = s.pair_id "
        "WHERE s.reviewer = $2 AND (p.first_draft = $1 OR p.second_draft = $1) LIMIT 1",
        [draft_id, reviewer],
    )
    return bool(rows)


def last_act(store: Store | Transaction, project_id: str, reviewer: str) -> Row | None:
    """The last verdict of this reviewer, or the last time that a pair was put off; None when all was taken back."""
    rows = store.read(
        "SELECT * FROM standing_pair_acts WHERE project_id = ? AND reviewer = ? ORDER BY seq DESC LIMIT 1",
        [project_id, reviewer],
    )
    return rows[0] if rows else None


def drafts_and_writers(store: Store | Transaction, project_id: str) -> list[Row]:
    """Every draft without its text, the oldest first; without those that were set aside."""
    return store.read(
        "SELECT id, brief_id, system, run_id FROM drafts WHERE project_id = ? "
        "AND id NOT IN (SELECT draft_id FROM current_drafts_aside) ORDER BY created_at, id",
        [project_id],
    )


def texts_of(store: Store | Transaction, draft_ids: list[str]) -> dict[str, str]:
    """Texts by draft."""
    rows = store.read("SELECT id, text FROM drafts WHERE id IN (SELECT unnest(?))", [draft_ids])
    return {row["id"]: row["text"] for row in rows}


def insert_act(
    tx: Transaction,
    act_id: str,
    *,
    project_id: str,
    pair_id: str,
    verdict: str,
    is_first_left: bool,
    reviewer: str,
    undoes: str | None = None,
) -> None:
    tx.execute(
        "INSERT INTO draft_pair_verdicts (id, project_id, pair_id, verdict, undoes, is_first_left, reviewer, judged_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [act_id, project_id, pair_id, verdict, undoes, is_first_left, reviewer, utc_now()],
    )


def insert_shown(tx: Transaction, *, project_id: str, pair_id: str, reviewer: str) -> None:
    tx.execute(
        "INSERT INTO shown_draft_pairs (project_id, pair_id, reviewer, shown_at) VALUES (?, ?, ?, ?)",
        [project_id, pair_id, reviewer, utc_now()],
    )


def insert_pair(
    tx: Transaction,
    pair_id: str,
    *,
    project_id: str,
    brief_id: str,
    first_draft: str,
    second_draft: str,
    is_same: bool,
    sides_seed: str,
    by: str,
) -> None:
    tx.execute(
        "INSERT INTO draft_pairs (id, project_id, brief_id, first_draft, second_draft, is_same, sides_seed, made_at, made_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [pair_id, project_id, brief_id, first_draft, second_draft, is_same, sides_seed, tx.at, by],
    )


def withdraw(tx: Transaction, pair_ids: list[str], *, by: str) -> None:
    tx.execute(
        "UPDATE draft_pairs SET withdrawn_at = ?, withdrawn_by = ? WHERE id IN (SELECT unnest(?))",
        [tx.at, by, pair_ids],
    )
