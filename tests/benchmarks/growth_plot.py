"""Draws how measuring grows with the number of records, and training with the length and the number of its examples.

From the last runs of `pipeline_speed` and `train_growth`; what was not measured is not drawn.

    .venv/bin/python -m tests.benchmarks.growth_plot
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab.graphics import renderSVG
from reportlab.graphics.charts.lineplots import LinePlot
from reportlab.graphics.shapes import Drawing, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib.colors import HexColor, black

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parents[1] / "data" / "pictures"
# Set apart in lightness as well as in hue.
COLOURS = ("#1b4965", "#c1440e", "#5f8a3a", "#9a6fb0", "#b8860b", "#62b6cb", "#444444", "#d81b60")
LEAST_SECONDS = 0.1
WIDTH, HEIGHT = 720, 400

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands at both axes, which are logarithmic: a line that rises as steeply as the grid is linear."""

    title: str
    below: str
    across: Sequence[float]
    up: Sequence[float]


def main() -> None:
    sizes = json.loads((HERE / "pipeline_speed.json").read_text(encoding="utf-8"))["articles_without_embedding"]
    draw(
        "growth", by_stage(sizes),
        Axes("Seconds of each stage, by the number of records", "records", [1_000, 3_000, 10_000, 30_000, 100_000], [0.1, 1, 10, 100, 1_000]),
    )  # fmt: skip
    if (HERE / "train_growth.json").exists():
        training = json.loads((HERE / "train_growth.json").read_text(encoding="utf-8"))
        draw(
            "training-by-length", by_length(training["by_length"]),
            Axes("Tokens a second in training, by the length of the examples", "tokens of an example", [256, 512, 1_024, 2_048], [25, 50, 100, 200, 400]),
        )  # fmt: skip
        draw(
            "training-by-number", by_number(training["by_number"]),
            Axes("Minutes of one pass, and seconds before it, by the number of examples", "examples", [100, 300, 1_000, 2_000, 5_000], [0.1, 1, 10, 100, 1_000]),
        )  # fmt: skip


def draw(name: str, lines: dict[str, Points], axes: Axes) -> None:
    (PICTURES / f"{name}.svg").write_text(renderSVG.drawToString(drawing(lines, axes)), encoding="utf-8")


def drawing(lines: dict[str, Points], axes: Axes) -> Drawing:
    drawn, plot = Drawing(WIDTH, HEIGHT), LinePlot()
    plot.x, plot.y, plot.width, plot.height = 60, 50, WIDTH - 260, HEIGHT - 90
    plot.data = [[(math.log10(x), math.log10(y)) for x, y in points] for points in lines.values()]
    for place, name in enumerate(lines):
        colour = HexColor(COLOURS[place % len(COLOURS)])
        plot.lines[place].strokeColor, plot.lines[place].strokeWidth = colour, 2
        plot.lines[place].symbol = makeMarker("FilledCircle", size=5)
        drawn.add(String(WIDTH - 185, HEIGHT - 60 - 18 * place, name, fillColor=colour, fontSize=11))
    for axis, values in ((plot.xValueAxis, axes.across), (plot.yValueAxis, axes.up)):
        axis.valueSteps = [math.log10(value) for value in values]
        axis.valueMin, axis.valueMax = axis.valueSteps[0], axis.valueSteps[-1]
        axis.labelTextFormat = lambda value: f"{round(10**value, 3):,g}"
        axis.visibleGrid, axis.gridStrokeColor = 1, HexColor("#dddddd")
    drawn.add(plot)
    drawn.add(String(60, HEIGHT - 24, f"{axes.title} (both axes logarithmic)", fontSize=12, fillColor=black))
    drawn.add(String(60 + (WIDTH - 260) / 2, 12, axes.below, fontSize=11, fillColor=black))
    return drawn


def by_stage(sizes: list[dict[str, Any]]) -> dict[str, Points]:
    """Points of each stage that takes a tenth of a second anywhere, the slowest at the end first."""
    names = {name for size in sizes for name in size["measure"]}
    stages: dict[str, Points] = {"Import": [(size["n_records"], size["import_seconds"]) for size in sizes]}
    for name in sorted(names, key=lambda name: -sizes[-1]["measure"].get(name, 0.0)):
        points = [(size["n_records"], max(LEAST_SECONDS, size["measure"].get(name, LEAST_SECONDS))) for size in sizes]
        if max(seconds for _, seconds in points) > LEAST_SECONDS and name != "Starting":
            stages[name] = points
    return stages


def by_length(measured: list[dict[str, Any]]) -> dict[str, Points]:
    sides = {"ours": "Proofroom", "trl_no_checkpointing": "TRL, tuned"}
    return {
        words: [(one["n_tokens"], one[side]["tokens_per_second"]) for one in measured if one[side]]
        for side, words in sides.items()
    }


def by_number(measured: list[dict[str, Any]]) -> dict[str, Points]:
    return {
        "one pass, minutes": [(one["n_examples"], one["minutes_a_pass_at_this_rate"]) for one in measured],
        "before the first step, seconds": [
            (one["n_examples"], max(LEAST_SECONDS, one["preparing_seconds"])) for one in measured
        ],
    }


if __name__ == "__main__":
    main()
