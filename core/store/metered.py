"""SQL of the counts that a monitor reads: of all projects together, never of one."""

from __future__ import annotations

from core.store.connection import Store

TOTALS = """
    SELECT (SELECT count(*) FROM projects) AS projects, (SELECT count(*) FROM sources WHERE undone_at IS NULL) AS sources,
        (SELECT count(*) FROM versions) AS dataset_versions, (SELECT count(*) FROM drafts) AS drafts,
        (SELECT count(*) FROM current_pair_verdicts) AS pair_verdicts, (SELECT count(*) FROM events) AS audit_entries,
        (SELECT count(*) FROM events WHERE action = 'sign_in_failed') AS refused_sign_ins,
        (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL) AS api_keys
"""


def totals(store: Store) -> dict[str, int]:
    return dict(store.read(TOTALS)[0])


def records_by_status(store: Store) -> dict[str, int]:
    return _by(store.read("SELECT status AS label, count(*) AS n FROM record_states GROUP BY label ORDER BY label"))


def jobs_by_state(store: Store) -> dict[str, int]:
    return _by(store.read("SELECT state AS label, count(*) AS n FROM jobs GROUP BY label ORDER BY label"))


def runs_by_status(store: Store) -> dict[str, int]:
    return _by(store.read("SELECT status AS label, count(*) AS n FROM runs GROUP BY label ORDER BY label"))


def verdicts_by_decision(store: Store) -> dict[str, int]:
    """Those that stand: what was taken back does not count."""
    return _by(
        store.read(
            "SELECT decision AS label, count(*) AS n FROM reviews r WHERE decision <> 'undo' "
            "AND NOT EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id) GROUP BY label ORDER BY label"
        )
    )


def _by(rows: list[dict[str, int]]) -> dict[str, int]:
    return {str(row["label"]): row["n"] for row in rows}
