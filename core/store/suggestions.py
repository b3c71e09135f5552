"""SQL of suggested tags: what the job takes in and brings back, and which record to tag next.

Records that wait for a tag: those that carry none, are not rejected and not the double of another.
"""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction

WAITING = """
    FROM records r
    ANTI JOIN (SELECT record_id FROM current_tags WHERE project_id = $project) t ON t.record_id = r.id
    ANTI JOIN (SELECT record_id FROM record_states WHERE project_id = $project AND status = 'rejected') d ON d.record_id = r.id
    ANTI JOIN (SELECT record_id FROM cluster_members WHERE project_id = $project AND NOT is_canonical) c ON c.record_id = r.id
    LEFT JOIN (SELECT * FROM tag_suggestions WHERE project_id = $project AND place = 1) s ON s.record_id = r.id
    WHERE r.project_id = $project AND ($tag = '' OR s.tag = $tag)
"""
# The doubtful ones teach most; what was not measured has no suggestion, and comes last. The hash is far below any difference
# that means something, and makes every rank another one.
DOUBTFUL = "coalesce({s}.margin, 2) + hash({id})::DOUBLE * 5e-29"
CERTAIN = "1 - coalesce({s}.confidence, -1) + hash({id})::DOUBLE * 5e-29"


def next_to_tag(store: Store, project_id: str, *, record: str, tag: str, certain_first: bool) -> Row:
    """Of the records that wait: n, and the first, the previous and the next one after `record`, whether it waits, how many stand before it.

    tag: only those to which this is suggested first; all when empty. certain_first: else the doubtful ones come first.
    A record that waits no longer still has its place between the others.
    """
    key = CERTAIN if certain_first else DOUBTFUL
    return store.read(
        f"""
        WITH here AS (
                SELECT {key.format(s="p", id="$record")} AS rank
                FROM (SELECT 1) one LEFT JOIN (SELECT * FROM tag_suggestions WHERE record_id = $record AND place = 1) p ON true),
             waiting AS (
                SELECT w.id, w.rank, w.id = $record AS is_here, w.rank < h.rank AND w.id <> $record AS is_before
                FROM (SELECT r.id, {key.format(s="s", id="r.id")} AS rank {WAITING}) w, here h)
        SELECT count(*) AS n, arg_min(id, rank) AS first, arg_max(id, rank) FILTER (is_before) AS previous,
               arg_min(id, rank) FILTER (NOT is_before AND NOT is_here) AS next,
               coalesce(bool_or(is_here), false) AS is_waiting, count(*) FILTER (is_before) AS n_before
        FROM waiting
        """,
        {"project": project_id, "record": record, "tag": tag},
    )[0]


def alike(
    store: Store, project_id: str, record: str, tag: str, *, near: float, rather_near: float, sure: float, limit: int
) -> list[Row]:
    """Waiting records that are near this one in meaning, or rather near it and suggested the tag with confidence; nearest first."""
    return store.read(
        f"""
        WITH here AS (SELECT vector FROM vectors WHERE record_id = $record),
             close AS MATERIALIZED (
                SELECT record_id, cosine FROM (
                    SELECT v.record_id, array_inner_product(v.vector, h.vector)::DOUBLE AS cosine FROM vectors v, here h
                    WHERE v.project_id = $project AND v.record_id <> $record) WHERE cosine >= $rather_near),
             chosen AS (
                SELECT r.id, n.cosine, CASE WHEN r.tag = $suggested THEN r.confidence END AS confidence
                FROM (SELECT r.id, s.tag, s.confidence {WAITING}) r JOIN close n ON n.record_id = r.id)
        SELECT c.id, c.cosine, c.confidence, r.external_id, r.title, left(r.text, 160) AS opening
        FROM chosen c JOIN records r ON r.id = c.id
        WHERE c.cosine >= $near OR c.confidence >= $sure ORDER BY c.cosine DESC, c.id LIMIT $most
        """,
        {
            "project": project_id, "record": record, "tag": "", "suggested": tag, "near": near, "rather_near": rather_near,
            "sure": sure, "most": limit,
        },
    )  # fmt: skip


def suggestions_of(store: Store, record: str) -> list[Row]:
    """Suggested tags, the likeliest first, without those that the record carries already."""
    return store.read(
        "SELECT s.tag, s.confidence, s.source, s.n_near, s.n_asked FROM tag_suggestions s "
        "ANTI JOIN (SELECT tag FROM current_tags WHERE record_id = $1) t ON t.tag = s.tag WHERE s.record_id = $1 ORDER BY s.place",
        [record],
    )


def copy_labels_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Every record with a tag, and its tags."""
    tx.execute(
        f"COPY (SELECT record_id, list(tag ORDER BY tag) AS tags FROM current_tags t SEMI JOIN records r ON r.id = t.record_id "
        f"WHERE t.project_id = '{project_id}' GROUP BY record_id ORDER BY record_id) TO '{_escaped(file)}' (FORMAT parquet)"
    )


def replace_suggestions_from(tx: Transaction, project_id: str, file: Path) -> None:
    """Take over suggestions.parquet; what was suggested before goes. Records that left meanwhile are left out."""
    tx.execute("DELETE FROM tag_suggestions WHERE project_id = ?", [project_id])
    tx.execute(
        "INSERT INTO tag_suggestions BY NAME SELECT m.* FROM read_parquet(?) m SEMI JOIN records r ON r.id = m.record_id",
        [str(file)],
    )


def note_run(tx: Transaction, project_id: str, *, job_id: str, n_tagged: int, evaluation: dict[str, object]) -> None:
    tx.execute("DELETE FROM suggestion_runs WHERE project_id = ?", [project_id])
    tx.execute("INSERT INTO suggestion_runs VALUES (?, ?, ?, ?, ?)", [project_id, job_id, n_tagged, evaluation, tx.at])


def run_of(store: Store, project_id: str) -> Row | None:
    """The last suggesting: from how many tagged records, how well it did on those held out, when."""
    return store.read_one("SELECT * FROM suggestion_runs WHERE project_id = ?", [project_id])


def last_job(store: Store, project_id: str) -> Row | None:
    """The newest suggesting job, whatever became of it."""
    return store.read_one(
        "SELECT id, state, facts FROM jobs WHERE project_id = ? AND kind = 'suggest' ORDER BY created_at DESC LIMIT 1",
        [project_id],
    )


def tagged_count(store: Store | Transaction, project_id: str) -> Row:
    """n_tagged: measured records that carry a tag. seq: of the newest tagging, 0 before the first."""
    rows = store.read(
        "SELECT (SELECT count(DISTINCT t.record_id) FROM current_tags t SEMI JOIN vectors v ON v.record_id = t.record_id "
        "WHERE t.project_id = $1) AS n_tagged, (SELECT coalesce(max(seq), 0) FROM taggings WHERE project_id = $1) AS seq",
        [project_id],
    )
    return rows[0]


def taggings_since(store: Store | Transaction, project_id: str, seq: int) -> int:
    rows = store.read("SELECT count(*) AS n FROM taggings WHERE project_id = ? AND seq > ?", [project_id, seq])
    return int(rows[0]["n"])


def _escaped(file: Path) -> str:
    return str(file).replace("'", "''")
