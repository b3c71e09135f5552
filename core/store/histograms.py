"""SQL of histograms: how the signals and the score are spread, in the project and within a filter."""

from __future__ import annotations

from core.store.connection import Row, Store
from core.store.record_filter import SCORE, Listing, RecordFilter

# A few very long texts would press all others into one bar: above this share of records the last bar takes them all.
LAST_BAR_FROM = 0.99


def signal_names(store: Store, project_id: str) -> list[str]:
    """Every signal that was measured in the project, the score first."""
    rows = store.read("SELECT DISTINCT name FROM signals WHERE project_id = ? ORDER BY name", [project_id])
    return [SCORE, *(row["name"] for row in rows)]


def histograms(store: Store, project_id: str, where: RecordFilter, *, n_bars: int) -> list[Row]:
    """name, bar (from 0), low and width of a bar, lowest and highest value, n and n_fitting (within the filter)."""
    listing = Listing(project_id, where)
    fitting = "true" if where.is_empty else f"record_id IN (SELECT r.id {listing.sql})"
    return store.read(
        f"""
        WITH measured AS (
            SELECT record_id, name, value FROM signals WHERE project_id = $project
            UNION ALL SELECT record_id, '{SCORE}', score FROM scores WHERE project_id = $project),
        limits AS (
            SELECT name, min(value) AS lowest, max(value) AS highest, quantile_cont(value, {LAST_BAR_FROM}) AS top
            FROM measured GROUP BY name),
        widths AS (
            SELECT name, lowest, highest, greatest((CASE WHEN highest - lowest > 2 * (top - lowest) AND top > lowest THEN top
                   ELSE highest END - lowest) / {int(n_bars)}, 1e-9) AS width FROM limits)
        SELECT name, least(floor((value - lowest) / width)::BIGINT, {int(n_bars) - 1}) AS bar, any_value(lowest) AS lowest,
               any_value(highest) AS highest, any_value(width) AS width, count(*) AS n,
               count(*) FILTER (WHERE {fitting}) AS n_fitting
        FROM measured JOIN widths USING (name) GROUP BY name, bar ORDER BY name = '{SCORE}' DESC, name, bar
        """,
        listing.parameters,
    )
