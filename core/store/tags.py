"""SQL of tags: the list, what records carry, and acts that can be taken back whole. Append-only but for the list itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.store.connection import Row, Store, Transaction

LISTED = ("tag", "shortcut", "colour", "meaning")


def listed(store: Store | Transaction, project_id: str) -> list[Row]:
    """The project's list of tags, each below its parent."""
    return store.read(f"SELECT {', '.join(LISTED)} FROM tags WHERE project_id = ? ORDER BY place", [project_id])


def replace_list(tx: Transaction, project_id: str, tags: Sequence[Row]) -> None:
    tx.execute("DELETE FROM tags WHERE project_id = ?", [project_id])
    for place, tag in enumerate(tags, start=1):
        tx.execute(
            "INSERT INTO tags (project_id, tag, shortcut, colour, meaning, place) VALUES (?, ?, ?, ?, ?, ?)",
            [project_id, *(tag[name] for name in LISTED), place],
        )


def insert_act(
    tx: Transaction,
    act_id: str,
    act: str,
    *,
    project_id: str,
    by: str,
    n_records: int,
    undoes: str | None = None,
    list_before: Sequence[Row] | None = None,
    list_after: Sequence[Row] | None = None,
) -> None:
    tx.execute(
        "INSERT INTO tag_acts (id, project_id, act, undoes, n_records, list_before, list_after, done_by, done_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [act_id, project_id, act, undoes, n_records, _as_json(list_before), _as_json(list_after), by, tx.at],
    )  # fmt: skip


def last_act(store: Store | Transaction, project_id: str, *, by: str) -> Row | None:
    """The newest act of a person that is not undone and no undoing itself."""
    rows = store.read(
        "SELECT * FROM tag_acts a WHERE project_id = ? AND done_by = ? AND act <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM tag_acts u WHERE u.undoes = a.id) ORDER BY seq DESC LIMIT 1",
        [project_id, by],
    )
    return rows[0] if rows else None


def list_changed_after(tx: Transaction, project_id: str, seq: int) -> Row | None:
    """The first act after this one that changed the list and stands."""
    rows = tx.read(
        "SELECT * FROM tag_acts a WHERE project_id = ? AND seq > ? AND list_after IS NOT NULL AND act <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM tag_acts u WHERE u.undoes = a.id) ORDER BY seq LIMIT 1",
        [project_id, seq],
    )
    return rows[0] if rows else None


def acts(store: Store, project_id: str, *, limit: int = 50) -> list[Row]:
    """What was done to tags, newest first."""
    return store.read("SELECT * FROM tag_acts WHERE project_id = ? ORDER BY seq DESC LIMIT ?", [project_id, limit])


def put_on(tx: Transaction, act_id: str, *, project_id: str, record_ids: Sequence[str], tag: str, by: str) -> list[str]:
    """Give a tag to those of the records that do not carry it. Returns their ids."""
    rows = tx.execute(
        "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at, act_id) "
        "SELECT $1, w.id, $3, true, $4, $5, $6 FROM (SELECT unnest($2) AS id) w ANTI JOIN ("
        # Not by the view: of these records alone the newest tagging is looked for.
        "  SELECT record_id FROM (SELECT t.record_id, t.is_added FROM taggings t SEMI JOIN (SELECT unnest($2) AS id) s ON s.id = t.record_id "
        "  WHERE t.tag = $3 QUALIFY row_number() OVER (PARTITION BY t.record_id ORDER BY t.seq DESC) = 1) WHERE is_added"
        ") c ON c.record_id = w.id RETURNING record_id",
        [project_id, list(record_ids), tag, by, tx.at, act_id],
    )
    return [row["record_id"] for row in rows]


def take_off(
    tx: Transaction, act_id: str, *, project_id: str, tag: str, by: str, record_ids: Sequence[str] | None = None
) -> list[str]:
    """Take a tag off those of the records that carry it; off all of them where none are named. Returns their ids."""
    rows = tx.execute(
        "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at, act_id) "
        "SELECT $1, c.record_id, $3, false, $4, $5, $6 FROM current_tags c WHERE c.project_id = $1 AND c.tag = $3 "
        "AND ($2 IS NULL OR c.record_id IN (SELECT unnest($2))) RETURNING record_id",
        [project_id, None if record_ids is None else list(record_ids), tag, by, tx.at, act_id],
    )
    return [row["record_id"] for row in rows]


def take_back(tx: Transaction, act_id: str, undo_id: str, *, by: str) -> list[str]:
    """Turn round every tagging of an act that nobody has turned round since. Returns the records concerned."""
    rows = tx.execute(
        "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at, act_id) "
        "SELECT project_id, record_id, tag, NOT is_added, $3, $4, $2 FROM ("
        "  SELECT t.* FROM taggings t SEMI JOIN (SELECT record_id, tag FROM taggings WHERE act_id = $1) a "
        "  ON a.record_id = t.record_id AND a.tag = t.tag QUALIFY row_number() OVER (PARTITION BY t.record_id, t.tag ORDER BY t.seq DESC) = 1"
        ") newest WHERE act_id = $1 RETURNING record_id",
        [act_id, undo_id, by, tx.at],
    )  # fmt: skip
    return list(dict.fromkeys(row["record_id"] for row in rows))


def tags_of(store: Store | Transaction, record_id: str) -> list[str]:
    rows = store.read("SELECT tag FROM current_tags WHERE record_id = ? ORDER BY tag", [record_id])
    return [row["tag"] for row in rows]


def carried(store: Store | Transaction, project_id: str) -> dict[str, int]:
    """How many records carry each tag, the most carried first."""
    rows = store.read(
        "SELECT tag, count(*) AS n FROM current_tags t SEMI JOIN records r ON r.id = t.record_id WHERE project_id = ? "
        "GROUP BY tag ORDER BY n DESC, tag",
        [project_id],
    )
    return {row["tag"]: row["n"] for row in rows}


def set_target(tx: Transaction, project_id: str, target: int | None) -> None:
    tx.execute("UPDATE projects SET tag_target = ? WHERE id = ?", [target, project_id])


def coverage(store: Store, project_id: str) -> list[Row]:
    """Each tag that records carry or are suggested, with its branch counted in: records, good ones, defects, rejected, suggested.

    Good: kept or edited, or undecided without a defect; of records that say the same one counts.
    """
    return store.read(
        """
        WITH carried AS (SELECT record_id, tag FROM current_tags WHERE project_id = $1),
             branches AS (
                SELECT tag, unnest(list_transform(range(1, len(levels) + 1), lambda n: array_to_string(levels[1:n], ' / '))) AS branch
                FROM (SELECT DISTINCT tag, string_split(tag, ' / ') AS levels FROM carried)),
             judged AS (
                SELECT s.record_id AS id, coalesce(c.cluster, s.record_id) AS one_of, s.status, s.own_defect IS NOT NULL AS has_defect
                FROM record_states s LEFT JOIN cluster_members c ON c.record_id = s.record_id WHERE s.project_id = $1),
             tagged AS (SELECT DISTINCT b.branch AS tag, j.* FROM carried t JOIN branches b ON b.tag = t.tag JOIN judged j ON j.id = t.record_id),
             counted AS (
                SELECT tag, count(*) AS n_records,
                       count(DISTINCT one_of) FILTER (status IN ('kept', 'edited') OR (status = 'undecided' AND NOT has_defect)) AS n_good,
                       count(*) FILTER (status = 'undecided' AND has_defect) AS n_defect,
                       count(*) FILTER (status = 'rejected') AS n_rejected
                FROM tagged GROUP BY tag),
             proposed AS (
                SELECT s.tag, count(*) AS n_suggested FROM tag_suggestions s ANTI JOIN carried t ON t.record_id = s.record_id
                     JOIN judged j ON j.id = s.record_id
                WHERE s.project_id = $1 AND s.place = 1 AND s.confidence >= 0.5 AND j.status <> 'rejected' GROUP BY s.tag)
        SELECT coalesce(c.tag, p.tag) AS tag, coalesce(n_records, 0) AS n_records, coalesce(n_good, 0) AS n_good,
               coalesce(n_defect, 0) AS n_defect, coalesce(n_rejected, 0) AS n_rejected, coalesce(n_suggested, 0) AS n_suggested
        FROM counted c FULL OUTER JOIN proposed p ON p.tag = c.tag ORDER BY 1
        """,
        [project_id],
    )


def _as_json(tags: Sequence[Row] | None) -> dict[str, Any] | None:
    return None if tags is None else {"tags": [{name: tag[name] for name in LISTED} for tag in tags]}
