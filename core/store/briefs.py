"""SQL of briefs."""

from __future__ import annotations

from core.errors import Conflict
from core.review.briefs import BriefIn
from core.store.connection import Row, Store, Transaction, utc_now

SAID = ("prompt", "audience", "facts", "reference", "record_id", "form", "min_words", "max_words", "must_not_say")


def insert_brief(tx: Transaction, brief_id: str, brief: BriefIn, external_id: str, *, project_id: str, by: str) -> str:
    """Add a brief, or find the very same one. Returns the id that counts. Raises Conflict when the id has another text."""
    said = [
        brief.prompt, brief.audience, list(brief.facts), brief.reference, brief.record_id, brief.form,
        brief.length.lowest if brief.length else 0, brief.length.highest if brief.length else 0, list(brief.must_not_say),
    ]  # fmt: skip
    rows = tx.execute("SELECT * FROM briefs WHERE project_id = ? AND external_id = ?", [project_id, external_id])
    if not rows:
        tx.execute(
            f"INSERT INTO briefs (id, project_id, external_id, created_at, created_by, {', '.join(SAID)}) "
            f"VALUES ({', '.join('?' * (5 + len(SAID)))})",
            [brief_id, project_id, external_id, utc_now(), by, *said],
        )
        return brief_id
    known = rows[0]
    if said != [known[name] for name in SAID]:
        raise Conflict(
            f"There is another brief called {external_id!r}: {known['prompt'][:80]!r}.",
            remedy="A brief never changes once there may be drafts for it; give this one an id of its own.",
        )
    return str(known["id"])


def briefs(store: Store, project_id: str) -> list[Row]:
    return store.read(
        "SELECT b.*, count(d.id) AS n_drafts FROM briefs b LEFT JOIN drafts d ON d.brief_id = b.id WHERE b.project_id = ? "
        "GROUP BY ALL ORDER BY b.created_at, b.external_id",
        [project_id],
    )
