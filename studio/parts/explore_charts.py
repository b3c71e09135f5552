"""The map of the records and the histograms of their signals, as charts in which a range can be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from core.workflows.exploring import Area
from studio.parts.charts import BLUE, HUES, INK
from studio.parts.signal_names import signal_axis

BRUSH = "area"
# Told apart by shape as well, so that nobody has to go by the colour alone.
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
REST, NONE = "all others", "none"


def record_map(
    points: Sequence[dict[str, Any]], themes: Sequence[dict[str, Any]], *, coloured_by: str, area: Area | None, ink: str
) -> Any:
    """Points with their theme's names over them. Drawing a rectangle selects `area`: ranges of x and y. ink: of the names."""
    names = [name for name, _ in Counter(point["colour"] for point in points).most_common() if name != NONE]
    kept = names[: len(HUES)]
    is_more = len(names) > len(kept)
    rows = pd.DataFrame(
        [{"title": p["title"], "x": p["x"], "y": p["y"], "is": _named(p["colour"], kept)} for p in points]
    )
    domain = (
        [_shown(name) for name in kept] + ([REST] if is_more else []) + ([NONE] if (rows["is"] == NONE).any() else [])
    )
    n_extra = len(domain) - len(kept)
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    scale = alt.Scale(domain=[-1.08, 1.08])
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=320, title=coloured_by, symbolOpacity=1)
    dots = (
        alt.Chart(rows)
        .mark_point(filled=True, opacity=0.75, size=_size(len(rows)))
        .encode(
            x=alt.X("x:Q", axis=axis, scale=scale),
            y=alt.Y("y:Q", axis=axis, scale=scale),
            color=alt.Color(
                "is:N", scale=alt.Scale(domain=domain, range=[*HUES[: len(kept)], *[INK] * n_extra]), legend=legend
            ),
            shape=alt.Shape(
                "is:N",
                scale=alt.Scale(domain=domain, range=[*SHAPES[: len(kept)], *["circle"] * n_extra]),
                legend=legend,
            ),
            tooltip=[alt.Tooltip("title:N", title="record"), alt.Tooltip("is:N", title=coloured_by)],
        )
        .add_params(alt.selection_interval(name=BRUSH, encodings=["x", "y"]))
    )
    layers: list[Any] = [dots]
    if area is not None:
        frame = pd.DataFrame([{"x": area.left, "x2": area.right, "y": area.low, "y2": area.high}])
        layers.append(
            alt.Chart(frame)
            .mark_rect(fillOpacity=0.08, fill=BLUE, stroke=BLUE, strokeWidth=2)
            .encode(x="x:Q", x2="x2:Q", y="y:Q", y2="y2:Q")
        )
    if themes:
        labels = pd.DataFrame([{"x": t["x"], "y": t["y"], "name": t["name"]} for t in themes])
        layers.append(
            alt.Chart(labels)
            .mark_text(fontSize=12, fontWeight="bold", color=ink)
            .encode(x="x:Q", y="y:Q", text="name:N")
        )
    return alt.layer(*layers).properties(height=500)


def histogram(name: str, signal: dict[str, Any], *, is_filtered: bool) -> Any:
    """Bars of all records, and in front of them of those that fit the filter. Drawing along x selects `area`."""
    all_of_them, fitting = f"all {signal['n']:,} records", f"the {signal['n_fitting']:,} of this filter"
    rows = pd.DataFrame(signal["bars"]).assign(edge=lambda bars: bars["low"] + signal["width"], floor=0)
    domain = [all_of_them, fitting] if is_filtered else [all_of_them]
    colour = alt.Color(
        "of:N",
        title=None,
        legend=alt.Legend(orient="top"),
        scale=alt.Scale(domain=domain, range=[INK, BLUE] if is_filtered else [BLUE]),
    )
    x = alt.X(
        "low:Q",
        title=signal_axis(name),
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(grid=False, tickCount=6),
    )
    tooltip = [
        alt.Tooltip("low:Q", title="from", format=".4g"),
        alt.Tooltip("high:Q", title="to", format=".4g"),
        alt.Tooltip("n:Q", title="all records"),
        *([alt.Tooltip("n_fitting:Q", title="of this filter")] if is_filtered else []),
    ]
    bars = (
        alt.Chart(rows.assign(of=all_of_them))
        .mark_bar(opacity=0.55 if is_filtered else 0.9, binSpacing=1)
        .encode(
            x=x,
            x2="edge:Q",
            y=alt.Y("n:Q", title="records", axis=alt.Axis(tickMinStep=1)),
            y2="floor:Q",
            color=colour,
            tooltip=tooltip,
        )
        .add_params(alt.selection_interval(name=BRUSH, encodings=["x"]))
    )
    layers: list[Any] = [bars]
    if is_filtered:
        layers.append(
            alt.Chart(rows.assign(of=fitting))
            .mark_bar(binSpacing=1)
            .encode(x=x, x2="edge:Q", y="n_fitting:Q", y2="floor:Q", color=colour, tooltip=tooltip)
        )
    return alt.layer(*layers).properties(height=220)


def _named(name: str, kept: Sequence[str]) -> str:
    return _shown(name) if name in kept else NONE if name == NONE else REST


def _shown(name: str) -> str:
    return name.replace("_", " ")


def _size(n: int) -> int:
    return 70 if n < 300 else 36 if n < 1_500 else 18
