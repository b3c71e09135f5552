"""Runs: each with its curve and figures, several side by side, and groups that answer a question."""

from __future__ import annotations

import streamlit as st

from core.workflows import experiments, run_comparison, run_notes, training
from studio.parts import draft_compare, frame, run_compare, run_groups, run_view
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.run_view import in_a_word
from studio.running import workspace

project = frame.page("Runs", "What was trained, on what, and whether it got better; the figures of a run never change.")
name = frame.person()
runs = training.list_runs(workspace(), project["name"])
if not runs:
    frame.empty("There is no run yet.", "A run trains an adapter on a frozen version.", "Plan a run", "train")
    st.stop()
by_id = {run["id"]: run for run in runs}
notes = run_notes.notes_of_project(workspace(), project["name"])

one, several, groups = st.tabs(["One run", "Side by side", "Groups"], key="show", bind="query-params")
if one.open:
    with one:
        asked = st.query_params.get("run")
        # An address may say a run's name, as commands do; the newest of that name is meant.
        wanted = asked if asked in by_id else next((run["id"] for run in runs if run["name"] == asked), None)
        if asked and wanted is None:
            frame.problem(f"There is no run {asked} in this project; this is the newest one.")
        chosen = st.selectbox(
            "Run",
            list(by_id),
            index=list(by_id).index(wanted) if wanted else 0,
            format_func=lambda i: f"{by_id[i]['name']} ({in_a_word(by_id[i]['state'])}, {day(by_id[i]['created_at'])})",
            width=420,
        )
        if st.query_params.get("run") != chosen:
            st.query_params["run"] = chosen
        run_view.show_run(by_id[chosen], by=name)
if several.open:
    with several:
        tags = sorted({tag for note in notes.values() for tag in note["tags"]})
        tag = st.pills("Only those tagged", tags, format_func=plain, key="runs_tag") if tags else None
        offered = [i for i in by_id if tag is None or tag in notes.get(i, {"tags": []})["tags"]]
        # Those that were measured first; one that broke off has nothing to compare.
        likely = sorted(offered, key=lambda i: by_id[i]["state"] != "done")[: 2 if len(offered) > 1 else 0]
        picked = st.multiselect(
            "Runs", offered, default=likely, format_func=lambda i: by_id[i]["name"],
            max_selections=run_comparison.MOST_RUNS, help="The first is what the others are compared with.",
        )  # fmt: skip
        if len(picked) < 2:
            st.caption("Choose two or more.")
        else:
            run_compare.show_comparison(picked)
            draft_compare.show_drafts(project["name"], picked)
if groups.open:
    with groups:
        found = experiments.list_groups(workspace(), project["name"])
        if not found:
            st.caption(
                "No runs were started together yet. Train offers three learning rates and a learning curve with one click each, and a comparison of the choice of records where much is left out."
            )
        for group in found:
            run_groups.show_group(group, by=name)
