"""SQL of the map of the data: where each record lies, its themes, and what the points are coloured by."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction
from core.store.record_filter import Listing, RecordFilter

TABLES = ("positions", "themes")
# One word for each point: of several flags or tags the one that most records of the project carry.
COLOURS = {
    "theme": "(SELECT name FROM themes t WHERE t.project_id = $project AND t.theme = p.theme)",
    "decision": "(SELECT status FROM record_states s WHERE s.record_id = r.id)",
    "source": "(SELECT name FROM sources o WHERE o.id = r.source_id)",
    "flag": "(SELECT name FROM active_flags f JOIN named USING (name) WHERE f.record_id = r.id ORDER BY named.n DESC, name LIMIT 1)",
    "tag": "(SELECT tag FROM current_tags g JOIN named ON named.name = g.tag WHERE g.record_id = r.id ORDER BY named.n DESC, tag LIMIT 1)",
}
NAMED = {
    "flag": "SELECT name, count(DISTINCT record_id) AS n FROM active_flags WHERE project_id = $project GROUP BY name",
    "tag": "SELECT tag AS name, count(*) AS n FROM current_tags WHERE project_id = $project GROUP BY tag",
}


def replace_map_from(tx: Transaction, project_id: str, folder: Path) -> None:
    """Take positions.parquet and themes.parquet over; where a measurement made none, there is no map.

    Records that left while the job ran are left out.
    """
    for table in TABLES:
        tx.execute(f"DELETE FROM {table} WHERE project_id = ?", [project_id])
        file = folder / f"{table}.parquet"
        if file.exists():
            still_here = "SEMI JOIN records r ON r.id = m.record_id" if table == "positions" else ""
            tx.execute(
                f"INSERT INTO {table} BY NAME SELECT m.* FROM read_parquet(?) m {still_here}",
                [str(file)],
            )


def themes(store: Store, project_id: str) -> list[Row]:
    """theme, name, words, x and y of its middle, and n, how many records it holds; the largest first."""
    return store.read(
        "SELECT t.theme, t.name, t.words, t.x, t.y, count(p.record_id) AS n FROM themes t "
        "LEFT JOIN positions p ON p.project_id = t.project_id AND p.theme = t.theme WHERE t.project_id = ? "
        "GROUP BY ALL ORDER BY n DESC, t.theme",
        [project_id],
    )


def points(store: Store, project_id: str, where: RecordFilter, *, colour: str, limit: int) -> list[Row]:
    """id, title, x, y and colour of the records on the map; an even sample, the same each time, where there are more."""
    listing = Listing(project_id, where)
    ids = store.read_one(
        f"SELECT list(id) AS ids FROM (SELECT r.id {listing.sql} AND r.id IN "
        f"(SELECT record_id FROM positions WHERE project_id = $project) ORDER BY hash(r.id) LIMIT {int(limit)})",
        listing.parameters,
    )
    named = f"named AS ({NAMED[colour]})," if colour in NAMED else ""
    return store.read(
        f"""
        WITH {named} page AS (SELECT unnest($ids::TEXT[]) AS id)
        SELECT r.id, CASE WHEN r.title = '' THEN r.external_id ELSE r.title END AS title, p.x, p.y,
               coalesce({COLOURS[colour]}, 'none') AS colour
        FROM page JOIN records r ON r.id = page.id JOIN positions p ON p.record_id = r.id AND p.project_id = $project ORDER BY r.id
        """,
        {"project": project_id, "ids": list((ids or {}).get("ids") or [])},
    )


def count_on_map(store: Store, project_id: str, where: RecordFilter) -> int:
    """How many records of a filter lie on the map."""
    listing = Listing(project_id, where)
    rows = store.read(
        f"SELECT count(*) AS n {listing.sql} AND r.id IN (SELECT record_id FROM positions WHERE project_id = $project)",
        listing.parameters,
    )
    return int(rows[0]["n"])
