"""Look at all records together: the map with its themes, histograms of signals, and filters as text.

A filter in an address or on the command line is text; here it becomes a RecordFilter, and what it names that does
not exist is said, not dropped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from core.curate.facts import FactKind
from core.errors import Invalid
from core.nouns import RecordStatus
from core.store import histograms as histogram_rows
from core.store import maps as map_rows
from core.store import measures as measure_rows
from core.store import sources as source_rows
from core.store import tags as tag_rows
from core.store.connection import Row
from core.store.record_filter import Area, RecordFilter, SignalRange
from core.workflows.searching import resolve
from core.workflows.workspace import Workspace, project_named

__all__ = ["Area", "RecordFilter", "SignalRange"]

# More points than these cover one another, and a browser draws them slowly.
MAX_POINTS = 5_000
N_BARS = 24
COLOURS = tuple(map_rows.COLOURS)


@dataclass(frozen=True, slots=True)
class MapOfRecords:
    """points: id, title, x, y, colour of each that is drawn. n: how many records fit and lie on the map."""

    points: list[Row]
    themes: list[Row]
    n: int


def map_of_records(
    workspace: Workspace, project: str, where: RecordFilter, *, colour: str = "theme", limit: int = MAX_POINTS
) -> MapOfRecords:
    """The records of a filter on the map, an even sample where there are more than `limit`. Raises Invalid."""
    if colour not in COLOURS:
        raise Invalid(f"Points cannot be coloured by {colour!r}.", remedy=f"Choose one of {', '.join(COLOURS)}.")
    row = project_named(workspace, project)
    found = resolve(workspace, project, where).where
    drawn = map_rows.points(workspace.store, row["id"], found, colour=colour, limit=limit)
    n = len(drawn) if len(drawn) < limit else map_rows.count_on_map(workspace.store, row["id"], found)
    return MapOfRecords(drawn, map_rows.themes(workspace.store, row["id"]), n)


def themes(workspace: Workspace, project: str) -> list[Row]:
    """The themes of the last measurement with their sizes, the largest first; none before it."""
    return map_rows.themes(workspace.store, project_named(workspace, project)["id"])


def signal_histograms(workspace: Workspace, project: str, where: RecordFilter) -> dict[str, dict[str, Any]]:
    """By signal: lowest, highest, width of a bar, n, n_fitting, and bars with low, high, n and n_fitting (within the filter).

    The last bar takes all values up to the highest, where a few lie far out.
    """
    row = project_named(workspace, project)
    found = resolve(workspace, project, where).where
    signals: dict[str, dict[str, Any]] = {}
    for bar in histogram_rows.histograms(workspace.store, row["id"], found, n_bars=N_BARS):
        signal = signals.setdefault(
            bar["name"],
            {
                "lowest": bar["lowest"],
                "highest": bar["highest"],
                "width": bar["width"],
                "n": 0,
                "n_fitting": 0,
                "bars": [],
            },
        )
        low = bar["lowest"] + bar["bar"] * bar["width"]
        high = bar["highest"] if bar["bar"] == N_BARS - 1 else low + bar["width"]
        signal["bars"].append({"low": low, "high": high, "n": bar["n"], "n_fitting": bar["n_fitting"]})
        signal["n"] += bar["n"]
        signal["n_fitting"] += bar["n_fitting"]
    return signals


def unknown_in(workspace: Workspace, project: str, where: RecordFilter) -> tuple[RecordFilter, list[str]]:
    """The filter without what it names that does not exist here, and a sentence on each such thing."""
    row = project_named(workspace, project)
    store = workspace.store
    said: list[str] = []

    def known(value: str, noun: str, there: list[str]) -> bool:
        if value and value not in there:
            said.append(f"No record here has the {noun} “{value}”; it is left out of the filter.")
        return value in there

    flags = list(measure_rows.flag_counts(store, row["id"])) if where.all_flags else []
    tags = _tags(workspace, row["id"]) if where.all_tags else []
    signals = histogram_rows.signal_names(store, row["id"]) if where.ranges else []
    found = replace(
        where,
        flag="", flags=tuple(flag for flag in where.all_flags if known(flag, "flag", flags)),
        tag="", tags=tuple(tag for tag in where.all_tags if known(tag, "tag", tags)),
        ranges=tuple(limits for limits in where.ranges if known(limits.name, "signal", signals)),
    )  # fmt: skip
    if where.status and where.status not in list(RecordStatus):
        said.append(f"“{where.status}” is no status; it is left out of the filter.")
        found = replace(found, status="")
    sources = {source["id"] for source in source_rows.sources(store, row["id"])}
    if where.missing and where.missing not in sources:
        said.append(f"There is no source “{where.missing}” here; it is left out of the filter.")
        found = replace(found, missing="")
    if where.source and where.source not in sources:
        said.append(f"There is no source “{where.source}” here; it is left out of the filter.")
        found = replace(found, source="")
    if where.fact and where.fact not in list(FactKind):
        said.append(f"“{where.fact}” is no kind of fact; it is left out of the filter.")
        found = replace(found, fact="")
    if where.theme is not None and where.theme not in {t["theme"] for t in map_rows.themes(store, row["id"])}:
        said.append(f"There is no theme {where.theme} on the map; it is left out of the filter.")
        found = replace(found, theme=None)
    return found, said


def _tags(workspace: Workspace, project_id: str) -> list[str]:
    listed = [entry["tag"] for entry in tag_rows.listed(workspace.store, project_id)]
    return [*listed, *tag_rows.carried(workspace.store, project_id)]


def range_from(text: str) -> SignalRange:
    """From NAME:LOW..HIGH; either bound may be left out. Raises Invalid."""
    name, colon, bounds = text.rpartition(":")
    low, dots, high = bounds.partition("..")
    if not (name and colon and dots):
        raise Invalid(f"{text!r} is no range of a signal.", remedy="Write NAME:LOW..HIGH, such as score:0..0.5.")
    lowest, highest = _number(low, text, -math.inf), _number(high, text, math.inf)
    if lowest > highest:
        raise Invalid(f"The range {text!r} ends before it begins.", remedy="Write the lower bound first.")
    return SignalRange(name, lowest, highest)


def range_text(limits: SignalRange) -> str:
    """As `range_from` reads it."""
    return f"{limits.name}:{_bound(limits.low)}..{_bound(limits.high)}"


def area_from(text: str) -> Area:
    """From LEFT..RIGHT,LOW..HIGH in the map's coordinates. Raises Invalid."""
    remedy = "Write LEFT..RIGHT,LOW..HIGH, such as -0.5..0,0.2..0.8."
    sides = [side.partition("..") for side in text.split(",")]
    if len(sides) != 2 or not all(dots for _, dots, _ in sides):
        raise Invalid(f"{text!r} is no area of the map.", remedy=remedy)
    (left, _, right), (low, _, high) = sides
    area = Area(*(_number(n, text, math.nan) for n in (left, right, low, high)))
    if not (area.left <= area.right and area.low <= area.high):
        raise Invalid(f"{text!r} is no area of the map.", remedy=remedy)
    return area


def area_text(area: Area) -> str:
    """As `area_from` reads it."""
    return f"{_bound(area.left)}..{_bound(area.right)},{_bound(area.low)}..{_bound(area.high)}"


def _number(text: str, whole: str, default: float) -> float:
    if not text.strip():
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Invalid(f"{text!r} in {whole!r} is no number.", remedy="Write numbers with a point, such as 0.5.")
    return number


def _bound(number: float) -> str:
    # Every digit: a bound that is rounded would leave out the very record that it was read from.
    return repr(float(number)).removesuffix(".0") if math.isfinite(number) else ""
