"""Train: one button, what it will cost before, the curve while it runs, the figures after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import freezing, training
from studio.parts import charts, frame, job_panel
from studio.parts.durations import day
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
    version = st.selectbox("Version", [v["name"] for v in versions], key="train_version")
    with st.expander("Settings"):
        settings: dict[str, Any] = {}
        epochs = st.number_input("Passes over the examples (epochs); 0 for the preset", 0.0, 50.0, 0.0, 0.5)
        steps = st.number_input("Stop after so many steps; 0 for no limit", 0, 100_000, 0)
        base = st.text_input("Base model: a folder with safetensors; empty for the one that came with the set-up")
        settings |= (
            ({"epochs": epochs} if epochs else {})
            | ({"max_steps": int(steps)} if steps else {})
            | ({"base": base} if base else {})
        )
    plan = training.plan_run(workspace(), project["name"], version, settings=settings)
    chosen, estimate = plan["version"], plan["estimate"]
    facts = st.columns(4)
    facts[0].metric("Examples", f"{chosen['n_train']:,}")
    facts[1].metric("Steps", f"{estimate['n_steps']:,}")
    facts[2].metric("Minutes, about", f"{estimate['minutes']:.0f}")
    facts[3].metric("Memory, about", f"{estimate['peak_memory_mb'] / 1024:.1f} GB")
    measured = "earlier runs here" if estimate["is_measured_here"] else "a comparable machine"
    st.caption(
        f"{estimate['n_train_tokens']:,} tokens at {estimate['tokens_per_second']:.0f} a second, as {measured} did."
    )
    if plan["differs"]:
        st.caption(
            "Not the preset: " + ", ".join(f"{k} {new} instead of {old}" for k, (old, new) in plan["differs"].items())
        )
    for obstacle in plan["obstacles"]:
        st.error(obstacle)
    st.button(
        "Start training" if not plan["obstacles"] else "Mend the above first",
        type="primary",
        disabled=bool(plan["obstacles"]),
        on_click=start,
        args=(version, settings),
    )


def show_run(run: dict[str, Any]) -> None:
    summary = training.run_summary(workspace(), run["id"])
    st.subheader(f"{summary['name']} · {summary['status']}")
    st.caption(f"On {summary['version']}, started by {run['created_by']}, {day(run['created_at'])}")
    if summary["status"] in ("queued", "running"):
        job_panel.watch(summary["job"], by=name)
    elif summary["reason"]:
        st.warning(summary["reason"])
    if summary["status"] in ("cancelled", "lost", "failed"):
        st.button("Resume from the last checkpoint", type="primary", on_click=resume, args=(run["id"],))
    if summary["eval_loss"] is not None:
        figures = st.columns(4)
        change = summary["eval_loss"] / summary["base_eval_loss"] - 1
        figures[0].metric(
            "Hold-out loss, nats per token",
            f"{summary['eval_loss']:.3f}",
            f"{change:+.1%} against the base model's {summary['base_eval_loss']:.3f}",
            delta_color="inverse",
        )
        figures[1].metric("Tokens a second", f"{summary['tokens_per_second']:.0f}")
        figures[2].metric(
            "Minutes",
            f"{summary['seconds'] / 60:.1f}",
            f"estimated {summary['estimate']['minutes']:.0f}",
            delta_color="off",
        )
        figures[3].metric(
            "Peak memory",
            f"{summary['peak_memory_mb'] / 1024:.1f} GB",
            f"estimated {summary['estimate']['peak_memory_mb'] / 1024:.1f}",
            delta_color="off",
        )
    curve = training.run_curve(workspace(), run["id"])
    if curve["steps"]:
        st.altair_chart(charts.loss_curve(curve))
    worst = sorted((run["metrics"] or {}).get("examples", []), key=lambda e: -e["tuned"])[:5]
    if worst:
        st.markdown("Hold-out examples that it does worst on: the next ones to look at")
        st.dataframe(
            [{"example": e["example_id"], "base": e["base"], "tuned": e["tuned"]} for e in worst], hide_index=True
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
        format_func=lambda i: f"{by_id[i]['name']} ({by_id[i]['state']})",
    )
    show_run(by_id[chosen])
