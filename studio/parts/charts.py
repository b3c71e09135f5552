"""Charts with axis names and units: loss curves, pass rates with their intervals."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from studio.parts.counting import several

# Between the light and the dark palette: each stands out from both papers.
INK, PENCIL, BLUE = "#868A91", "#CF463C", "#5580BA"
THROUGH, BEYOND = "line through the runs", "beyond what was measured: a guess"
# Of many kinds side by side; a shape goes with each, so that nobody has to go by the colour alone.
HUES = ("#5580BA", "#CF463C", "#4E9468", "#B07A1E", "#8A63B8", "#2C8C99", "#B5527F", "#7C8B2E")


def loss_curve(curve: dict[str, list[dict[str, Any]]]) -> alt.LayerChart:
    """Training loss as a line, loss on the validation split as marked points; nats per trained token over optimiser steps."""
    steps = pd.DataFrame([{"step": s["step"], "loss": s["loss"], "of": "training batch"} for s in curve["steps"]])
    held = pd.DataFrame(
        [{"step": e["step"], "loss": e["loss"], "of": "validation split"} for e in curve["evaluations"]]
    )
    rows = pd.concat([steps, held]) if len(held) else steps
    scale = alt.Scale(domain=["training batch", "validation split"], range=[INK, PENCIL])
    base = alt.Chart(rows).encode(
        x=alt.X("step:Q", title="optimiser step", axis=alt.Axis(tickCount=8, grid=False, format="d")),
        y=alt.Y("loss:Q", title="loss (nats per trained token)", scale=alt.Scale(zero=False)),
        color=alt.Color("of:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
        tooltip=["of", "step", alt.Tooltip("loss:Q", format=".3f")],
    )
    line = base.transform_filter("datum.of == 'training batch'").mark_line(strokeWidth=1.5, opacity=0.8)
    points = base.transform_filter("datum.of == 'validation split'").mark_line(
        point=alt.OverlayMarkDef(size=70), strokeWidth=2
    )
    return (line + points).properties(height=300)


def pass_rates(systems: list[dict[str, Any]]) -> alt.LayerChart:
    """Rates with their 95% intervals. systems: label, rate, low, high, n."""
    frame = pd.DataFrame(systems)
    base = alt.Chart(frame).encode(y=alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)))
    bars = base.mark_rule(strokeWidth=3, color=BLUE).encode(
        x=alt.X("low:Q", title="pass without rewrite", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        x2="high:Q",
    )
    points = base.mark_point(filled=True, size=110, color=PENCIL).encode(
        x="rate:Q", tooltip=["label", alt.Tooltip("rate:Q", format=".0%"), "n"]
    )
    return (bars + points).properties(height=60 + 42 * len(systems))


def learning_curve(curve: dict[str, Any]) -> alt.LayerChart:
    """Measured losses with their intervals over the number of examples, and the line through them, dashed beyond the largest run.

    curve: as `LearningCurve` says it. The band is of the line; both are bootstrapped over the held-out texts.
    """
    measured, line = (
        [{"examples": p["n_examples"], **p["loss"]} for p in curve[part]] for part in ("measured", "line")
    )
    largest = measured[-1]["examples"]
    within = [point for point in line if point["examples"] <= largest]
    # From the last measured size on, so that there is no gap between the two.
    beyond = [within[-1], *(point for point in line if point["examples"] > largest)]
    drawn = pd.DataFrame([p | {"part": THROUGH} for p in within] + [p | {"part": BEYOND} for p in beyond])
    x = alt.X(
        "examples:Q", title="training examples, logarithmic", scale=alt.Scale(type="log", base=2, nice=False, padding=12),
        axis=alt.Axis(values=[*(point["examples"] for point in measured), line[-1]["examples"]], format=",d", grid=False),
    )  # fmt: skip
    title = f"hold-out loss (nats per token, {several(curve['n'], 'text')})"
    y, low = (alt.Y(f"{name}:Q", title=title, scale=alt.Scale(zero=False)) for name in ("value", "low"))
    dashes = alt.StrokeDash(
        "part:N", title=None, scale=alt.Scale(domain=[THROUGH, BEYOND], range=[[1, 0], [5, 4]]),
        legend=alt.Legend(orient="top", columns=1, labelLimit=320),
    )  # fmt: skip
    told = [alt.Tooltip("examples:Q", format=",d"), alt.Tooltip("n:Q", format=",d")]
    told += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high")]
    lines = alt.Chart(drawn).encode(x=x)
    points = alt.Chart(pd.DataFrame(measured)).encode(x=x, tooltip=told)
    through = lines.mark_line(color=BLUE, strokeWidth=1.6).encode(y=y, strokeDash=dashes)
    dots = points.mark_point(filled=True, size=80, color=PENCIL).encode(y=y)
    if measured[0]["low"] is None:
        return (through + dots).properties(height=340)
    band = lines.mark_area(opacity=0.16, color=BLUE).encode(y=low, y2="high:Q")
    intervals = points.mark_rule(strokeWidth=2, color=PENCIL).encode(y=low, y2="high:Q")
    return (band + through + intervals + dots).properties(height=340)


def counts(rows: list[dict[str, Any]], *, unit: str) -> alt.LayerChart:
    """Bars with their number, in the order given. rows: label, n."""
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
        x=alt.X("n:Q", title=unit, axis=alt.Axis(tickMinStep=1, format="d")),
    )
    numbers = base.mark_text(align="left", dx=5, color=INK).encode(text="n:Q")
    return (base.mark_bar(color=BLUE, height=14) + numbers).properties(height=50 + 26 * len(rows))
