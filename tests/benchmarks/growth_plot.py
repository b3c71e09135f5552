"""Draws how the stages of measuring grow with the number of records, from the last run of `pipeline_speed`.

.venv/bin/python -m tests.benchmarks.growth_plot
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from reportlab.graphics import renderSVG
from reportlab.graphics.charts.lineplots import LinePlot
from reportlab.graphics.shapes import Drawing, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib.colors import HexColor, black

HERE = Path(__file__).resolve().parent
PICTURE = HERE.parents[1] / "data" / "pictures" / "growth.svg"
# Set apart in lightness as well as in hue.
COLOURS = ("#1b4965", "#c1440e", "#5f8a3a", "#9a6fb0", "#b8860b", "#62b6cb", "#444444", "#d81b60")
LEAST_SECONDS = 0.1
WIDTH, HEIGHT = 720, 400


def main() -> None:
    sizes = json.loads((HERE / "pipeline_speed.json").read_text(encoding="utf-8"))["articles_without_embedding"]
    PICTURE.write_text(renderSVG.drawToString(drawing(sizes)), encoding="utf-8")


def drawing(sizes: list[dict[str, Any]]) -> Drawing:
    """Both axes logarithmic: a line that rises as steeply as the grid is linear."""
    stages = by_stage(sizes)
    drawn, plot = Drawing(WIDTH, HEIGHT), LinePlot()
    plot.x, plot.y, plot.width, plot.height = 60, 50, WIDTH - 260, HEIGHT - 90
    plot.data = [[(math.log10(n), math.log10(seconds)) for n, seconds in points] for points in stages.values()]
    for place, name in enumerate(stages):
        plot.lines[place].strokeColor = HexColor(COLOURS[place % len(COLOURS)])
        plot.lines[place].strokeWidth = 2
        plot.lines[place].symbol = makeMarker("FilledCircle", size=5)
        drawn.add(
            String(
                WIDTH - 185,
                HEIGHT - 60 - 18 * place,
                name,
                fillColor=HexColor(COLOURS[place % len(COLOURS)]),
                fontSize=11,
            )
        )
    plot.xValueAxis.valueMin, plot.xValueAxis.valueMax = 3, 5
    plot.xValueAxis.valueSteps = [3, math.log10(3_000), 4, math.log10(30_000), 5]
    plot.xValueAxis.labelTextFormat = lambda value: f"{round(10**value, -3):,.0f}"
    plot.yValueAxis.valueMin, plot.yValueAxis.valueMax = -1, 3
    plot.yValueAxis.valueSteps = [-1, 0, 1, 2, 3]
    plot.yValueAxis.labelTextFormat = lambda value: f"{10**value:g}"
    for axis in (plot.xValueAxis, plot.yValueAxis):
        axis.visibleGrid, axis.gridStrokeColor = 1, HexColor("#dddddd")
    drawn.add(plot)
    drawn.add(
        String(
            60,
            HEIGHT - 24,
            "Seconds of each stage, by the number of records (both axes logarithmic)",
            fontSize=12,
            fillColor=black,
        )
    )
    drawn.add(String(60 + (WIDTH - 260) / 2, 12, "records", fontSize=11, fillColor=black))
    return drawn


def by_stage(sizes: list[dict[str, Any]]) -> dict[str, list[tuple[int, float]]]:
    """Points of each stage that takes a tenth of a second anywhere, the slowest at the end first."""
    names = {name for size in sizes for name in size["measure"]}
    stages = {"Import": [(size["n_records"], size["import_seconds"]) for size in sizes]}
    for name in sorted(names, key=lambda name: -sizes[-1]["measure"].get(name, 0.0)):
        points = [(size["n_records"], max(LEAST_SECONDS, size["measure"].get(name, LEAST_SECONDS))) for size in sizes]
        if max(seconds for _, seconds in points) > LEAST_SECONDS and name != "Starting":
            stages[name] = points
    return stages


if __name__ == "__main__":
    main()
