"""A group of runs on a page: its question, what came out, its runs side by side, and the report to take along."""

from __future__ import annotations

import json
from functools import partial

import streamlit as st

from core.workflows import group_report
from core.workflows.experiments import Group
from studio.parts import charts, run_compare
from studio.parts.plain import plain
from studio.parts.taking import told
from studio.running import workspace


def show_group(group: Group, *, by: str) -> None:
    facts = group_report.group_facts(workspace(), group)
    n_over = sum(run["status"] not in ("queued", "running") for run in group.runs)
    st.subheader(plain(f"{facts['name']}: {n_over} of {len(group.runs)} runs have ended"))
    st.caption(plain(facts["question"]))
    for sentence in facts["findings"]:
        st.write(plain(sentence))
    if facts["learning_curve"]:
        st.altair_chart(charts.learning_curve(facts["learning_curve"]))
    run_compare.show_comparison([run["run"] for run in group.runs])
    with st.container(horizontal=True):
        for label, content, ending in (
            ("Report as Markdown", group_report.report_text(facts), "md"),
            ("Report as JSON", json.dumps(facts, indent=2, ensure_ascii=False), "json"),
        ):
            st.download_button(
                label, told(partial(str, content), "run_group", facts["group"], by=by, project=group.row["project_id"], format=ending), file_name=f"{facts['name']}.{ending}".replace("/", "-"), key=f"report_{ending}_{facts['group']}",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
