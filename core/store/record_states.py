"""Where each record stands: one narrow row each, brought up to date at the end of every write that makes some of it untrue.

A count over all records joins seven tables otherwise. What is true is the view `stated_records`; the rows are written in
the transaction that changes what they follow from, so that they are never behind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

# Texts and ids of records: their rows come, go and change whole.
OWN = "source_id, file_id, row_number, n_words, text_version, left(written_at, 10)"
OWN_STATED = "source_id, file_id, row_number, n_words, text_version, written"
REMOVE_STALE = f"""
    DELETE FROM record_states WHERE record_id IN (
        SELECT t.record_id FROM (SELECT record_id, row({OWN_STATED}) AS own FROM record_states) t
        LEFT JOIN (SELECT id, row({OWN}) AS own FROM records) r ON r.id = t.record_id
        WHERE r.id IS NULL OR r.own IS DISTINCT FROM t.own)
"""
ADD_MISSING = "INSERT INTO record_states BY NAME SELECT n.* FROM stated_records n ANTI JOIN record_states t ON t.record_id = n.record_id"
FOLLOW_DECISIONS = """
    UPDATE record_states t SET status = n.status FROM (
        SELECT j.record_id, coalesce(d.status, 'undecided') AS status
        FROM (SELECT DISTINCT record_id FROM decisions WHERE seq > ?) j LEFT JOIN decision_states d ON d.record_id = j.record_id) n
    WHERE t.record_id = n.record_id
"""
FOLLOW_FLAGS = """
    UPDATE record_states t SET has_defect = n.has_defect, own_defect = n.own_defect FROM (
        SELECT s.record_id, coalesce(f.has_defect, false) AS has_defect, f.own_defect
        FROM record_states s LEFT JOIN flag_states f ON f.record_id = s.record_id
        WHERE s.has_defect <> coalesce(f.has_defect, false) OR s.own_defect IS DISTINCT FROM f.own_defect) n
    WHERE t.record_id = n.record_id
"""
FOLLOW_MEASURES = """
    UPDATE record_states t SET score = n.score, n_taught_words = n.n_taught_words FROM (
        SELECT s.record_id, x.score, coalesce(w.value, s.n_words)::DOUBLE AS n_taught_words
        FROM record_states s LEFT JOIN scores x ON x.record_id = s.record_id
        LEFT JOIN (SELECT record_id, value FROM signals WHERE name = 'n_taught_words') w ON w.record_id = s.record_id
        WHERE s.score IS DISTINCT FROM x.score OR s.n_taught_words <> coalesce(w.value, s.n_words)::DOUBLE) n
    WHERE t.record_id = n.record_id
"""

Execute = Callable[..., list[dict[str, Any]]]


def newest_decision(execute: Execute) -> int:
    """The number of the newest decision, 0 where there is none."""
    return int(execute("SELECT coalesce(max(seq), 0) AS seq FROM decisions")[0]["seq"])


def bring_up_to_date(execute: Execute, written: Collection[str], *, decided_before: int) -> None:
    """Write anew what the tables just written make untrue.

    execute: of the transaction that wrote. decided_before: the newest decision that the rows already follow.
    """
    if "records" in written:
        execute(REMOVE_STALE)
        execute(ADD_MISSING)
    if "decisions" in written:
        execute(FOLLOW_DECISIONS, [decided_before])
    if "flags" in written or "flag_switches" in written:
        execute(FOLLOW_FLAGS)
    if "scores" in written or "signals" in written:
        execute(FOLLOW_MEASURES)
