"""SQL of what a model elsewhere thinks of drafts: which may be sent to it, and what it answered."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction

# Of briefs that hold nothing of a record or a person, and for which nothing was looked up; the drafts that come before reviewers.
_MAY_LEAVE = """
    FROM drafts d JOIN briefs b ON b.id = d.brief_id
    WHERE d.project_id = $1 AND b.record_id IS NULL AND coalesce(b.reference, '') = ''
      AND b.id NOT IN (SELECT o.brief_id FROM draft_facts f JOIN drafts o ON o.id = f.draft_id)
      AND d.id IN (SELECT draft_id FROM review_items) AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside)
"""


def copy_to_ask_to(tx: Transaction, project_id: str, file: Path, *, url: str, model: str) -> None:
    """Every draft that may be sent, with its brief and what this model said of it before (opinion); briefs with verdicts first. Nothing of who wrote it."""
    to = str(file).replace("'", "''")
    tx.execute(
        "COPY (SELECT d.id, d.brief_id, d.text, b.prompt, b.audience, b.facts, b.form, b.min_words, b.max_words, b.must_not_say, "
        "(SELECT any_value(o.opinion) FROM draft_opinions o WHERE o.draft_id = d.id AND o.url = $2 AND o.model = $3) AS opinion "
        f"{_MAY_LEAVE} ORDER BY b.id IN (SELECT j.brief_id FROM standing_reviews r JOIN drafts j ON j.id = r.draft_id) DESC, md5(b.id), md5(d.id)) "
        f"TO '{to}' (FORMAT parquet)",
        [project_id, url, model],
    )


def counts(store: Store | Transaction, project_id: str, *, url: str, model: str) -> Row:
    """n: drafts that may be sent; n_given: those of them that this model has answered for."""
    (row,) = store.read(
        "SELECT count(*) AS n, count(*) FILTER (d.id IN (SELECT draft_id FROM draft_opinions WHERE url = $2 AND model = $3)) AS n_given "
        f"{_MAY_LEAVE}",
        [project_id, url, model],
    )
    return row


def insert_opinions_from(tx: Transaction, file: Path, *, project_id: str, url: str, model: str) -> None:
    tx.execute(
        "INSERT OR IGNORE INTO draft_opinions (project_id, draft_id, url, model, opinion, given_at) "
        "SELECT $2, draft_id, $3, $4, opinion, $5 FROM read_parquet($1)",
        [str(file), project_id, url, model, tx.at],
    )
