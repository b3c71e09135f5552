"""Train: one button, what it will cost before, the curve while it runs, the figures after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.workflows import freezing, training
from studio.parts import charts, frame, job_panel
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.running import workspace

project = frame.page("Train", "Make an adapter: a small set of weights that gives the base model your voice.")
name = frame.person()
versions = freezing.list_versions(workspace(), project["name"])
if not versions:
    frame.empty("There is nothing to train on.", "A run needs a frozen version.", "Freeze a version", "datasets")
    st.stop()


def start(version: str, settings: dict[str, Any]) -> None:
    with frame.said_in_words():
        started = training.start_run(workspace(), project["name"], version, by=name, settings=settings)
        st.query_params["run"] = started["run"]


def resume(run: str) -> None:
    with frame.said_in_words():
        training.resume_run(workspace(), run, by=name)


def run_card() -> None:
    names = [v["name"] for v in versions]
    asked = st.query_params.get("version")
    version = st.selectbox("Version", names, index=names.index(asked) if asked in names else 0, key="train_version")
    with st.expander("Settings"):
        chosen_values = st.container()
        settings: dict[str, Any] = {}
        epochs = st.number_input("Passes over the examples (epochs); 0 for the preset", 0.0, 50.0, 0.0, 0.5)
        steps = st.number_input("Stop after so many steps; 0 for no limit", 0, 100_000, 0)
        base = st.text_input(
            "Base model: a folder, or the hub id of a cached one; empty for the one that came with the set-up"
        )
        settings |= (
            ({"epochs": epochs} if epochs else {})
            | ({"max_steps": int(steps)} if steps else {})
            | ({"base": base} if base else {})
        )
    try:
        plan = training.plan_run(workspace(), project["name"], version, settings=settings)
    except ProofroomError as error:
        frame.problem(str(error))
        return
    with chosen_values:
        st.dataframe(
            [
                {"setting": n.replace("_", " "), "value": f"{plan['config'][n]:g}", "why": why}
                for n, why in training.PRESET_REASONS.items()
            ],
            hide_index=True,
        )
    chosen, estimate = plan["version"], plan["estimate"]
    with st.container(horizontal=True, gap="large", key="figures_plan"):
        st.metric("Examples", f"{chosen['n_train']:,}", width="content")
        st.metric("Steps", f"{estimate['n_steps']:,}", width="content")
        st.metric("Time, about", minutes(estimate["minutes"]), width="content")
        st.metric("Memory, about", f"{estimate['peak_memory_mb'] / 1024:.1f} GB", width="content")
    measured = (
        "as earlier runs here did"
        if estimate["is_measured_here"]
        else "a guess from a server with two cores, until the first run here"
    )
    st.caption(
        f"{estimate['n_train_tokens']:,} tokens at {estimate['tokens_per_second']:.0f} a second: {measured}. "
        "A run goes on when you close this page."
    )
    if plan["differs"]:
        st.caption(
            plain(
                "Not the preset: "
                + ", ".join(
                    f"{k} {new} instead of {'no limit' if k == 'max_steps' and not old else old}"
                    for k, (old, new) in plan["differs"].items()
                )
            )
        )
    for obstacle in plan["obstacles"]:
        frame.problem(obstacle)
    st.button(
        "Start training" if not plan["obstacles"] else "Mend the above first",
        type="primary",
        disabled=bool(plan["obstacles"]),
        on_click=start,
        args=(version, settings),
    )


def minutes(value: float) -> str:
    if value < 1:
        return "under 1 min"
    return f"{value:.0f} min" if value < 90 else f"{value / 60:.1f} h"


def in_a_word(status: str) -> str:
    """What holds until the page is drawn anew: a job may leave its queue meanwhile."""
    return "under way" if status in ("queued", "running") else status


def show_run(run: dict[str, Any]) -> None:
    summary = training.run_summary(workspace(), run["id"])
    st.subheader(f"{plain(summary['name'])} · {in_a_word(summary['status'])}")
    st.caption(f"On {plain(summary['version'])}, started by {plain(run['created_by'])}, {day(run['created_at'])}")
    if summary["status"] in ("queued", "running"):
        job_panel.watch(summary["job"], by=name, below=lambda: show_curve(run["id"]))
        return
    if summary["reason"]:
        st.warning(plain(summary["reason"]))
    if summary["status"] in ("cancelled", "lost", "failed"):
        st.button("Resume from the last checkpoint", type="primary", on_click=resume, args=(run["id"],))
    if summary["eval_loss"] is not None:
        show_figures(summary)
    show_curve(run["id"])
    worst = training.worst_held_out(workspace(), run["id"])
    if worst:
        st.markdown("**Where it does worst on the hold-out**: the next ones to look at (nats per token, base to tuned)")
        with st.container(key="plain_links", gap=None):
            for one in worst:
                frame.link(
                    "curate", f"{one['title']} ({one['base']:.2f} to {one['tuned']:.2f})", record=one["record_id"]
                )


def show_curve(run: str) -> None:
    curve = training.run_curve(workspace(), run)
    if curve["steps"]:
        st.altair_chart(charts.loss_curve(curve))


def show_figures(summary: dict[str, Any]) -> None:
    change = summary["eval_loss"] / summary["base_eval_loss"] - 1
    estimate = summary["estimate"]
    with st.container(horizontal=True, gap="large", key="figures_run"):
        st.metric(
            "Hold-out loss, nats per token",
            f"{summary['eval_loss']:.3f}",
            f"{change:+.1%}",
            delta_color="inverse",
            width="content",
        )
        st.metric("Base model", f"{summary['base_eval_loss']:.3f}", width="content")
        st.metric("Tokens a second", f"{summary['tokens_per_second']:.0f}", width="content")
        st.metric("Minutes", f"{summary['seconds'] / 60:.1f}", f"estimated {estimate['minutes']:.0f}",
                  delta_color="off", delta_arrow="off", width="content")  # fmt: skip
        st.metric("Peak memory", f"{summary['peak_memory_mb'] / 1024:.1f} GB", f"estimated {estimate['peak_memory_mb'] / 1024:.1f}",
                  delta_color="off", delta_arrow="off", width="content")  # fmt: skip
    better = "less" if change < 0 else "more"
    st.caption(
        f"Texts that it has not learnt from surprise the tuned model {abs(change):.1%} {better} than the base model. "
        "Both figures are of the test split; the curve below follows the validation split while it trains."
    )


runs = training.list_runs(workspace(), project["name"])
with st.container(border=True):
    run_card()
if runs:
    ids = [run["id"] for run in runs]
    wanted = st.query_params.get("run")
    by_id = {run["id"]: run for run in runs}
    chosen = st.selectbox(
        "Run",
        ids,
        index=ids.index(wanted) if wanted in ids else 0,
        format_func=lambda i: f"{by_id[i]['name']} ({in_a_word(by_id[i]['state'])})",
    )
    show_run(by_id[chosen])
