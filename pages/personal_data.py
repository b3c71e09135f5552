"""Personal data: what was found in the records, and what a version does with it."""

from __future__ import annotations

import streamlit as st

from core.workflows import personal_data, personal_search
from studio.parts import frame, job_panel, personal_sample_view, personal_view
from studio.parts.counting import several
from studio.parts.who_reads import say_who_looks
from studio.running import workspace

project = frame.page(
    "Personal data",
    "Names, addresses, numbers and secrets in your records: keep them, mask them, or have made-up ones stand there in a version.",
)
name = frame.person()
if job_panel.watch_kind(project["name"], "pii", by=name):
    st.stop()
frame.needs_records(project["name"])


def look() -> None:
    with frame.said_in_words():
        personal_search.find_in_project(workspace(), project["name"], by=name)


found = personal_data.list_kinds(workspace(), project["name"])
n_left = found["n_records"] - found["n_searched"]
if n_left:
    with st.container(border=True):
        st.write(
            f"{several(n_left, 'record')} came in or changed since the last look."
            if found["was_searched"]
            else "Nobody has looked for personal data yet. It is done on this machine; nothing leaves it."
        )
        st.button(f"Look through {several(n_left, 'record')}", type="primary", on_click=look)
if not found["was_searched"]:
    st.stop()
if not found["kinds"]:
    frame.empty("No personal data was found.", "What remains is to freeze a version.", "Go to Datasets", "datasets")
    st.stop()
say_who_looks(project["name"])
to_decide, measured = st.tabs(["Decide", "How much is found"], key="show", bind="query-params")
if to_decide.open:
    with to_decide:
        left, right = st.columns([3, 2], gap="large")
        with right:
            personal_view.show_counts(project["name"], found, by=name)
        with left:
            personal_view.show_kind(project["name"], found["kinds"], by=name)
if measured.open:
    with measured:
        personal_sample_view.show(project["name"], by=name)
