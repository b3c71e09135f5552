"""Before and after: what one cleaning step does to records of this project, counted by a job and shown as differences."""

from __future__ import annotations

import streamlit as st

from core.workflows import cleaning
from core.workflows.recipes import STEPS
from studio.parts import job_panel
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.frame import said_in_words
from studio.parts.plain import plain
from studio.parts.text_view import show_difference
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

RECORDS = 5


def show(project: str, person: str) -> None:
    st.subheader("What cleaning changes")
    is_running = job_panel.watch_kind(project, "cleaning", by=person)
    counted = cleaning.change_counts(workspace(), project)
    if not counted["steps"]:
        if not is_running:
            st.write("Try every step on every record, and see before and after. Nothing is changed by it.")
            st.button("Count what each step changes", on_click=_count, args=(project, person))
        return
    stale = "" if counted["is_current"] else " Some records are new, changed or gone since."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Counted on all {counted['n_records']:,} records that are not rejected, {day(counted['counted_at'])}.{stale}"
        )
        if not is_running:
            st.button("Count again", type="tertiary", on_click=_count, args=(project, person))
    by_effect = sorted(counted["steps"], key=lambda name: -counted["steps"][name]["n_changed"])
    step = st.selectbox(
        "Step", by_effect, key="cleaning_step",
        format_func=lambda name: f"{STEPS[name].title}: {several(counted['steps'][name]['n_changed'], 'record')}",
    )  # fmt: skip
    _show_step(project, step, counted["steps"][step])


def _show_step(project: str, step: str, counts: dict[str, int]) -> None:
    if counts["n_left_whole"]:
        st.caption(f"{several(counts['n_left_whole'], 'text')} would have been left empty, and stay whole.")
    if not counts["n_changed"]:
        st.write("It changes no record of this project.")
        return
    n_pages = -(-min(counts["n_changed"], 1_000) // RECORDS)
    page = st.pagination(n_pages, key=f"cleaning_page_{step}") if n_pages > 1 else 1
    texts = cleaning.changed_texts(workspace(), project, step, limit=RECORDS, offset=(page - 1) * RECORDS)
    say_who_reads(project, len(texts))
    for n, text in enumerate(texts):
        with st.container(border=True):
            st.markdown(f"**{plain(text.title)}**, {plain(text.label)} :small[:gray[{plain('; '.join(text.reasons))}]]")
            show_difference(text.spans, key=f"cleaned_{step}_{page}_{n}")


def _count(project: str, person: str) -> None:
    with said_in_words():
        cleaning.count_changes(workspace(), project, by=person)
