"""SQL of near-duplicate pairs, what people said of them, and the clusters that follow."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction, new_id


def pairs(store: Store | Transaction, project_id: str) -> list[Row]:
    """Every pair in the merge or ask band, with the current judgement on it."""
    return store.read(
        "SELECT p.a, p.b, p.method, p.jaccard, p.containment, p.cosine, p.score, p.band, j.judgement "
        "FROM pairs p LEFT JOIN current_pair_judgements j ON j.project_id = p.project_id AND j.a = p.a AND j.b = p.b "
        "WHERE p.project_id = ? AND p.band IN ('merge', 'ask') ORDER BY p.score, p.a, p.b",
        [project_id],
    )


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
        "INSERT INTO pair_judgements (id, project_id, a, b, judgement, undoes, judged_by, judged_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [judgement_id, project_id, a, b, judgement, undoes, by, tx.at],
    )


def insert_differences(tx: Transaction, project_id: str, record_ids: list[str], *, by: str) -> None:
    """Every pair among the records as different, in one statement: three hundred copies are 45,000 pairs."""
    tx.execute(
        "INSERT INTO pair_judgements (id, project_id, a, b, judgement, judged_by, judged_at) "
        "SELECT $5 || row_number() OVER (), $1, x.id, y.id, 'different', $3, $4 "
        "FROM (SELECT unnest($2) AS id) x JOIN (SELECT unnest($2) AS id) y ON x.id < y.id",
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


def clusters(store: Store, project_id: str) -> list[Row]:
    return store.read(
        "SELECT c.cluster, c.record_id, c.is_canonical, r.external_id, r.title, r.n_words FROM cluster_members c "
        "JOIN records r ON r.id = c.record_id WHERE c.project_id = ? ORDER BY c.cluster, c.is_canonical DESC, r.external_id",
        [project_id],
    )
