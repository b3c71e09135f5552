"""SQL of near-duplicate pairs, what people said of them, and the clusters that follow."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction, new_id

# A pair is asked about while nobody has answered it and no other answer settles it: not inside a cluster, and not between two
# clusters of which some members were called different. What an answer teaches: how unsure the score is, times what it joins.
OPEN_PAIRS = """
    WITH members AS (SELECT record_id, cluster, count(*) OVER (PARTITION BY cluster) AS n FROM cluster_members WHERE project_id = $1),
    placed AS (
        SELECT p.*, coalesce(x.cluster, p.a) AS left_group, coalesce(y.cluster, p.b) AS right_group,
               coalesce(x.n, 1) + coalesce(y.n, 1) AS n_joined
        FROM banded_pairs p LEFT JOIN members x ON x.record_id = p.a LEFT JOIN members y ON y.record_id = p.b
        WHERE p.project_id = $1 AND p.band = 'ask' AND p.judgement IS NULL),
    apart AS (
        SELECT DISTINCT least(g, h) AS g, greatest(g, h) AS h FROM (
            SELECT coalesce(x.cluster, j.a) AS g, coalesce(y.cluster, j.b) AS h FROM current_pair_judgements j
            LEFT JOIN members x ON x.record_id = j.a LEFT JOIN members y ON y.record_id = j.b
            WHERE j.project_id = $1 AND j.judgement = 'different')),
    unsettled AS (
        SELECT * EXCLUDE (n_joined), n_joined * -(score * ln(score) + (1 - score) * ln(greatest(1 - score, 1e-9))) AS teaches
        FROM placed WHERE left_group <> right_group
          AND NOT EXISTS (SELECT 1 FROM apart WHERE g = least(left_group, right_group) AND h = greatest(left_group, right_group))
        QUALIFY row_number() OVER (
            PARTITION BY least(left_group, right_group), greatest(left_group, right_group) ORDER BY score DESC, a, b) = 1)
"""


def open_pairs(store: Store, project_id: str, *, limit: int) -> list[Row]:
    """Pairs that a person has to settle, those first whose answer teaches most. n_open: how many there are in all."""
    return store.read(
        f"{OPEN_PAIRS} SELECT a, b, method, words, jaccard, containment, cosine, score, swapped, count(*) OVER () AS n_open "
        "FROM unsettled ORDER BY teaches DESC, a, b LIMIT $2",
        [project_id, limit],
    )


# Pairs that belong to one cluster: of the merge band, unless a person called them different, and those called the same.
JOINING = """
    SELECT a, b, method, score, band, judgement FROM banded_pairs
    WHERE project_id = $1 AND (judgement = 'same' OR (judgement IS NULL AND band = 'merge'))
    UNION ALL SELECT a, b, 'person', 1.0, 'ask', judgement FROM current_pair_judgements j
    SEMI JOIN records r ON r.id = j.a SEMI JOIN records q ON q.id = j.b
    WHERE project_id = $1 AND judgement = 'same' AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.project_id = $1 AND p.a = j.a AND p.b = j.b)
"""


def joining_pairs(store: Store | Transaction, project_id: str) -> list[Row]:
    return store.read(f"{JOINING} ORDER BY a, b", [project_id])


def pairs_apart(store: Store | Transaction, project_id: str) -> list[Row]:
    """Pairs that a person called different."""
    return store.read(
        "SELECT a, b FROM current_pair_judgements j SEMI JOIN records r ON r.id = j.a SEMI JOIN records q ON q.id = j.b "
        "WHERE project_id = ? AND judgement = 'different' ORDER BY a, b",
        [project_id],
    )


def band_counts(store: Store, project_id: str, *, merge_at: float, ask_at: float) -> dict[str, int]:
    """How many stored pairs each band would hold under these thresholds; judgements are not looked at."""
    row = store.read_one(
        "SELECT count(*) FILTER (is_mergeable AND score >= $2) AS merge, "
        "count(*) FILTER (score >= $3 AND NOT (is_mergeable AND score >= $2)) AS ask FROM pairs WHERE project_id = $1",
        [project_id, merge_at, ask_at],
    )
    return {"merge": row["merge"], "ask": row["ask"]} if row else {"merge": 0, "ask": 0}


def set_thresholds(tx: Transaction, project_id: str, *, merge_at: float, ask_at: float) -> None:
    tx.execute("UPDATE projects SET merge_at = ?, ask_at = ? WHERE id = ?", [merge_at, ask_at, project_id])


def canonical_choices(store: Store | Transaction, project_id: str) -> list[Row]:
    """Records chosen as the one to keep, oldest choice first; undone choices are left out."""
    return store.read(
        "SELECT record_id, seq FROM canonical_choices c WHERE project_id = ? AND undoes IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM canonical_choices u WHERE u.undoes = c.id) ORDER BY seq",
        [project_id],
    )


def insert_judgement(
    tx: Transaction,
    judgement_id: str,
    *,
    project_id: str,
    a: str,
    b: str,
    judgement: str,
    by: str,
    undoes: str | None = None,
) -> None:
    tx.execute(
        "INSERT INTO pair_judgements (id, project_id, a, b, judgement, undoes, judged_by, judged_at, a_version, b_version) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, (SELECT text_version FROM records WHERE id = $3), "
        "(SELECT text_version FROM records WHERE id = $4)",
        [judgement_id, project_id, a, b, judgement, undoes, by, tx.at],
    )


def insert_differences(tx: Transaction, project_id: str, record_ids: list[str], *, by: str) -> None:
    """Every pair among the records as different, in one statement: three hundred copies are 45,000 pairs."""
    tx.execute(
        "WITH named AS (SELECT id, text_version FROM records WHERE id IN (SELECT unnest($2))) "
        "INSERT INTO pair_judgements (id, project_id, a, b, judgement, judged_by, judged_at, a_version, b_version) "
        "SELECT $5 || row_number() OVER (), $1, x.id, y.id, 'different', $3, $4, x.text_version, y.text_version "
        "FROM named x JOIN named y ON x.id < y.id",
        [project_id, record_ids, by, tx.at, new_id("j_") + "_"],
    )


def insert_canonical_choice(
    tx: Transaction, choice_id: str, *, project_id: str, record_id: str, by: str, undoes: str | None = None
) -> None:
    tx.execute(
        "INSERT INTO canonical_choices (id, project_id, record_id, undoes, chosen_by, chosen_at) VALUES (?, ?, ?, ?, ?, ?)",
        [choice_id, project_id, record_id, undoes, by, tx.at],
    )


def last_act(store: Store, project_id: str, *, by: str) -> list[Row]:
    """The rows of this person's last act on duplicates: judgements and choices made at one moment, not undone."""
    return store.read(
        """
        WITH acts AS (
            SELECT 'judgement' AS noun, id, a, b, judgement, NULL AS record_id, judged_at AS at_time, seq FROM pair_judgements j
            WHERE project_id = $1 AND judged_by = $2 AND judgement <> 'undo'
              AND NOT EXISTS (SELECT 1 FROM pair_judgements u WHERE u.undoes = j.id)
            UNION ALL
            SELECT 'choice', id, NULL, NULL, NULL, record_id, chosen_at, seq FROM canonical_choices c
            WHERE project_id = $1 AND chosen_by = $2 AND undoes IS NULL
              AND NOT EXISTS (SELECT 1 FROM canonical_choices u WHERE u.undoes = c.id))
        SELECT * FROM acts WHERE at_time = (SELECT max(at_time) FROM acts) ORDER BY seq
        """,
        [project_id, by],
    )


def replace_clusters(tx: Transaction, project_id: str, members: list[tuple[str, str, bool]]) -> None:
    """members: (cluster, record, whether it is the one kept) of every cluster of two or more."""
    tx.execute("DELETE FROM cluster_members WHERE project_id = ?", [project_id])
    tx.execute("DELETE FROM flags WHERE project_id = ? AND name IN ('exact_duplicate', 'near_duplicate')", [project_id])
    if members:
        tx.execute(
            "INSERT INTO cluster_members SELECT $1, unnest($2), unnest($3), unnest($4)",
            [project_id, [m[0] for m in members], [m[1] for m in members], [m[2] for m in members]],
        )


def insert_duplicate_flags(tx: Transaction, project_id: str, flags: list[tuple[str, str, str, float]]) -> None:
    """flags: (record, flag name, sentence of evidence, score) of every member that is not the one kept."""
    if flags:
        tx.execute(
            "INSERT INTO flags SELECT $1, unnest($2), unnest($3), true, unnest($4), -1, -1, unnest($5), NULL",
            [project_id, [f[0] for f in flags], [f[1] for f in flags], [f[2] for f in flags], [f[3] for f in flags]],
        )


def record_order(store: Store | Transaction, record_ids: list[str]) -> list[Row]:
    """What decides which member of a cluster is kept: length, then age, then the order of import."""
    return store.read(
        "SELECT id, external_id, title, n_words, written_at, created_at, row_number FROM records WHERE id IN (SELECT unnest(?))",
        [record_ids],
    )


def clusters(store: Store, project_id: str, *, only: list[str] | None = None) -> list[Row]:
    """Members of every cluster, or `only` of these, the one that is kept first."""
    return store.read(
        "SELECT c.cluster, c.record_id, c.is_canonical, r.external_id, r.title, r.n_words FROM cluster_members c "
        "JOIN records r ON r.id = c.record_id WHERE c.project_id = $1 AND ($2 IS NULL OR list_contains($2, c.cluster)) "
        "ORDER BY c.cluster, c.is_canonical DESC, r.external_id",
        [project_id, only],
    )


def cluster_scores(store: Store, project_id: str, *, limit: int | None, offset: int) -> dict[str, float]:
    """By cluster the lowest score of a pair inside, the lowest first; 1 where people alone joined its members."""
    rows = store.read(
        f"""
        WITH members AS (SELECT record_id, cluster FROM cluster_members WHERE project_id = $1),
        inside AS (
            SELECT x.cluster, min(p.score) AS score FROM ({JOINING}) p JOIN members x ON x.record_id = p.a
            JOIN members y ON y.record_id = p.b AND y.cluster = x.cluster GROUP BY x.cluster)
        SELECT m.cluster, coalesce(i.score, 1.0) AS score FROM (SELECT DISTINCT cluster FROM members) m
        LEFT JOIN inside i ON i.cluster = m.cluster ORDER BY score, m.cluster LIMIT $2 OFFSET $3
        """,
        [project_id, limit, offset],
    )
    return {row["cluster"]: row["score"] for row in rows}


def count_clusters(store: Store, project_id: str) -> int:
    rows = store.read("SELECT count(DISTINCT cluster) AS n FROM cluster_members WHERE project_id = ?", [project_id])
    return int(rows[0]["n"])
