"""Runs side by side: their validation curves in one chart, what was set differently, and what was measured with its intervals."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.workflows import run_comparison, training
from studio.parts import figures
from studio.parts.charts import HUES
from studio.parts.plain import plain
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
    rows = [
        {"run": run["name"], "step": point["step"], "loss": point["loss"]}
        for run in runs
        for point in training.run_curve(workspace(), run["run"])["evaluations"]
    ]
    if not rows:
        return None
    names = [run["name"] for run in runs]
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
        "run": plain_name(run),
        "state": run["status"],
        "hold-out loss": _with_interval(run["loss"]),
        "base model": _with_interval(run["base_loss"]),
        "against the first": _difference(run["difference"]),
        "tokens learnt on": f"{run['n_train_tokens']:,}" if run["n_train_tokens"] else "",
        "minutes": f"{run['seconds'] / 60:.1f}" if run["seconds"] else "",
    }


def plain_name(run: dict[str, Any]) -> str:
    return f"{run['name']}: {run['part']}" if run["part"] else str(run["name"])


def _with_interval(estimate: dict[str, Any] | None) -> str:
    if estimate is None:
        return ""
    if estimate["low"] is None:
        return f"{estimate['value']:.3f} (one text)"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f}; {estimate['n']} texts)"


def _difference(difference: dict[str, Any] | None) -> str:
    if difference is None:
        return ""
    told = f"{difference['value']:+.3f}"
    if difference["low"] is not None:
        told += f" ({difference['low']:+.3f} to {difference['high']:+.3f}; {difference['n']} texts)"
    return told if difference["is_apart"] else told + ", may be chance"


def best_in_words(group: Any) -> str:
    """Which run of a group has the lowest hold-out loss, and whether the others are clearly worse."""
    others = [run["run"] for run in group.runs if run["run"] != group.best]
    compared = run_comparison.compare_runs(workspace(), [group.best, *others])["runs"]
    best, rest = compared[0], compared[1:]
    told = (
        f"Lowest hold-out loss: **{plain(plain_name(best))}** ({best['eval_loss']:.3f} nats per token; chosen by these very texts, so new ones "
        "will do it a little less well)."
    )
    if any(run["difference"] and not run["difference"]["is_apart"] for run in rest):
        told += " The held-out texts are too few, or too alike under both, to say that every other one is worse."
    return told


def curation_in_words(group: Any) -> str:
    """What the first run of an experiment on the choice of records gained over each of the others; empty until all have ended."""
    if group.row["kind"] != "experiment" or group.best is None:
        return ""
    chosen, *others = run_comparison.compare_runs(workspace(), [run["run"] for run in group.runs])["runs"]
    told, is_clear = [], False
    for other in others:
        difference = other["difference"]
        if difference is None:
            continue
        is_clear |= difference["value"] < 0 and difference["is_apart"]
        told.append(f"{other['part']} {_difference(difference)}")
    end = (
        "A choice that is beaten clearly is worth mending: the Datasets page lists what the two versions do not share, record by record."
        if is_clear
        else "Below zero would mean that it beats the choice."
    )
    return plain(f"Hold-out loss against {chosen['part']}, nats per token: {'; '.join(told)}. {end}")


def gain_in_words(gain: float) -> str:
    """What a learning curve says of more examples."""
    if gain <= 0:
        return "Twice the examples did not lower the loss here: better ones, or another rate, are worth more than more of them."
    return f"Each doubling of the examples lowered the loss by {gain:.3f} nats per token. The next one will give somewhat less, as losses flatten."


def group_in_words(group: Any) -> str:
    """A group's name and how far it is, for a heading."""
    n_over = sum(run["status"] not in ("queued", "running") for run in group.runs)
    return plain(f"{group.row['name']}: {n_over} of {len(group.runs)} runs have ended")
