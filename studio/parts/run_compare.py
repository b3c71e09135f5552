"""Runs side by side: their validation curves in one chart, what was set differently, and what was measured with its intervals."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.workflows import run_comparison, training
from core.workflows.group_report import difference_in_words, estimate_in_words, run_label
from studio.parts import figures
from studio.parts.charts import HUES
from studio.running import workspace


def show_comparison(runs: list[str]) -> None:
    """The first run is the one that the others are compared with."""
    compared = run_comparison.compare_runs(workspace(), runs)
    st.dataframe([_row(run) for run in compared["runs"]], hide_index=True)
    st.caption(
        "Brackets: 95 % intervals, from drawing the held-out texts anew. A difference is on the texts that both runs were "
        "measured on; where its interval holds 0, it may be chance."
    )
    names = _headings(compared["runs"])
    beside = measured_beside(compared["runs"], names)
    if beside:
        st.markdown("**What else was measured at their ends**")
        st.dataframe(beside, hide_index=True)
        st.caption(
            "Distances to the voice are comparable between runs with the same hold-out; 1.0 is usual among the authors' own texts. "
            "Scatter: of drafts for one request, asked again in five wordings. Less distance, less scatter and more agreement are better."
        )
    if compared["differs"]:
        st.markdown("**What was set differently**")
        st.dataframe(
            [
                {"setting": setting.replace("_", " ")} | {n: str(v) for n, v in zip(names, values, strict=True)}
                for setting, values in compared["differs"].items()
            ],
            hide_index=True,
        )
    else:
        st.caption("All settings are the same.")
    chart = validation_curves(compared["runs"])
    if chart is not None:
        st.altair_chart(chart)


def validation_curves(runs: list[dict[str, Any]]) -> alt.LayerChart | None:
    """Loss on the validation split of each run over its steps; None where none was measured."""
    names = _headings(runs)
    rows = [
        {"run": name, "step": point["step"], "loss": point["loss"]}
        for name, run in zip(names, runs, strict=True)
        for point in training.run_curve(workspace(), run["run"])["evaluations"]
    ]
    if not rows:
        return None
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("step:Q", title="optimiser step", axis=alt.Axis(grid=False, format="d")),
        y=alt.Y("loss:Q", title="validation loss (nats per trained token)", scale=alt.Scale(zero=False)),
        color=alt.Color(
            "run:N",
            title=None,
            scale=alt.Scale(domain=names, range=list(HUES[: len(names)])),
            legend=alt.Legend(orient="top", labelLimit=320),
        ),
        shape=alt.Shape(
            "run:N", title=None, scale=alt.Scale(domain=names), legend=alt.Legend(orient="top", labelLimit=320)
        ),
        tooltip=["run", "step", alt.Tooltip("loss:Q", format=".3f")],
    )
    chart: alt.LayerChart = (base.mark_line(strokeWidth=1.6) + base.mark_point(filled=True, size=70)).properties(
        height=300
    )
    return chart


def measured_beside(runs: list[dict[str, Any]], names: list[str]) -> list[dict[str, str]]:
    """A row for each figure that one of the runs has beside its losses, with a column for each run. names: of the columns."""
    told = [figures.in_words({n: v for n, v in run.items() if n not in ("loss", "base_loss")}) for run in runs]
    labels = dict.fromkeys(label for one in told for label in one)
    return [
        {"figure": label} | {name: one.get(label, "") for name, one in zip(names, told, strict=True)}
        for label in labels
    ]


def _headings(runs: list[dict[str, Any]]) -> list[str]:
    """The runs' names, with the id where two have the same."""
    names = [run["name"] for run in runs]
    return [f"{name} {run['run']}" if names.count(name) > 1 else name for name, run in zip(names, runs, strict=True)]


def _row(run: dict[str, Any]) -> dict[str, str]:
    return {
        "run": run_label(run),
        "state": run["status"],
        "hold-out loss": estimate_in_words(run["loss"]),
        "base model": estimate_in_words(run["base_loss"]),
        "against the first": difference_in_words(run["difference"]),
        "tokens read": f"{run['n_train_tokens']:,}" if run["n_train_tokens"] else "",
        "answer tokens learnt": f"{run['n_answer_tokens']:,}" if run["n_answer_tokens"] else "",
        "minutes": f"{run['seconds'] / 60:.1f}" if run["seconds"] else "",
    }
