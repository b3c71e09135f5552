"""Explore: every record, found by words, likeness, filters, the map or a histogram; decided on many at once."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.errors import ProofroomError
from core.workflows import curating, deciding, exploring, importing, searching
from core.workflows.exploring import RecordFilter
from studio.parts import address_filter, frame, job_panel
from studio.parts.add_filter import add_filter
from studio.parts.counting import several
from studio.parts.found_records import look_alike, show_list, show_table
from studio.parts.histogram_view import show_histograms
from studio.parts.limit_rows import limit_form
from studio.parts.map_view import show_map
from studio.parts.plain import plain
from studio.running import workspace

DONE = {"keep": "kept", "reject": "rejected", "defer": "put off"}
ORDERS = {
    "relevance": "as found or imported",
    "lowest_score": "lowest score first",
    "highest_score": "highest score first",
    "newest": "newest first",
    "longest": "longest first",
    "title": "by title",
}

project = frame.page(
    "Explore", "Find records by words, likeness or filters, on a map or a histogram; decide on many at once."
)
name = frame.person()
if job_panel.watch_kind(project["name"], "curate", by=name):
    st.stop()
frame.needs_records(project["name"])
sources = {
    row["id"]: row["name"] for row in importing.list_sources(workspace(), project["name"]) if not row["undone_at"]
}
themes = {theme["theme"]: theme["name"] for theme in exploring.themes(workspace(), project["name"])}


def measure() -> None:
    with frame.said_in_words():
        curating.measure_records(workspace(), project["name"], by=name)


def decide_all(decision: str, expected: int, chosen: RecordFilter) -> None:
    with frame.said_in_words():
        done = deciding.decide_all(workspace(), project["name"], chosen, decision, by=name, expected=expected)
        st.session_state["explore_turn"] = st.session_state.get("explore_turn", 0) + 1
        frame.notice(f"{several(done, 'record')} {DONE[decision]}.")


def undo_bulk() -> None:
    with frame.said_in_words():
        frame.notice(f"Taken back on {several(deciding.undo_bulk(workspace(), project['name'], by=name), 'record')}.")


def decide_buttons(chosen: RecordFilter, n: int, noun: str, *, key: str) -> None:
    for decision, verb in (("keep", "Keep"), ("reject", "Reject"), ("defer", "Put off")):
        st.button(f"{verb} {noun}", key=f"{key}_{decision}", on_click=decide_all, args=(decision, n, chosen))


with st.container(horizontal=True, vertical_alignment="bottom"):
    st.text_input(
        "Words", key="words", bind="query-params", placeholder='all of them; "a phrase" in quotes', width="stretch",
        help="Finds records with all the words, also at the beginning of longer ones. In quotes: exactly these words in a row.",
    )  # fmt: skip
    st.text_input(
        "About", key="about", bind="query-params", placeholder="a sentence like what you look for", width="stretch",
        help="Finds the hundred records nearest in meaning, in whatever words. The first time takes a few seconds.",
    )  # fmt: skip
    order = st.selectbox(
        "Order", list(ORDERS), format_func=ORDERS.__getitem__, key="order", bind="query-params", width=210
    )
    add_filter(project["name"], sources, themes)
where, complaints = address_filter.filter_in_address(project["name"], sources)
if complaints:
    st.warning(plain(" ".join(complaints)))
try:
    search = searching.resolve(workspace(), project["name"], where)
    like_title = address_filter.title_of(project["name"], where.like) if where.like else ""
except ProofroomError as error:
    frame.problem(str(error))
    st.button("Clear the filters", on_click=address_filter.clear)
    st.stop()
pills = address_filter.pills(where, sources, themes, like_title)
if pills:
    with st.container(horizontal=True, key="pills"):
        for place, pill in enumerate(pills):
            st.button(
                f"{plain(pill.label)} ✕", key=f"pill_{place}", help="Take this filter off",
                on_click=address_filter.take_off, args=(pill,),
            )  # fmt: skip
        if len(pills) > 1:
            st.button("Clear the filters", on_click=address_filter.clear, type="tertiary")
if search.note:
    st.caption(search.note)
n = deciding.count_records(workspace(), project["name"], search.where)
act = deciding.last_bulk_act(workspace(), project["name"], by=name)
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"**{several(n, 'record')}**" if n else "**No record fits.**")
    if pills and n:
        n_clean = deciding.count_records(workspace(), project["name"], replace(search.where, is_clean=True))
        if 0 < n_clean < n:
            clean = replace(where, is_clean=True)
            st.button(f"Keep the {n_clean:,} without a defect", on_click=decide_all, args=("keep", n_clean, clean))
        decide_buttons(where, n, f"all {n:,}", key="all")
        limit_form(project["name"], where, n, key="all", by=name)
    if act:
        st.button(f"Undo: {act['n']:,} {DONE[act['decision']]}", key="undo_bulk", type="tertiary", on_click=undo_bulk)


def show_records() -> None:
    """A page of them: a list after a search, else a table to choose rows in."""
    if where.words.strip() or where.like or where.about.strip():
        show_list(project["name"], search.where, n, order=order, words=where.words)
        return
    actions = st.container(horizontal=True, vertical_alignment="center")
    chosen = show_table(project["name"], search.where, n, order=order)
    with actions:
        if len(chosen) == 1:
            if st.button("Open it in Curate", type="primary"):
                frame.go("curate", record=chosen[0]["id"])
            st.button("More like this", on_click=look_alike, args=(chosen[0]["id"],))
        elif chosen:
            ids = tuple(row["id"] for row in chosen)
            decide_buttons(RecordFilter(ids=ids), len(ids), f"these {len(ids)}", key="chosen")
            limit_form(project["name"], RecordFilter(ids=ids), len(ids), key="chosen", by=name)
        else:
            st.caption("Choose a row to open it or to find more like it; several to decide on them.")


table, on_map, spread = st.tabs(["Records", "Map", "Histograms"], key="view", bind="query-params")
if table.open and n:
    with table:
        show_records()
elif on_map.open:
    with on_map:
        show_map(project["name"], where, search.where, measure)
        if n and (where.area is not None or where.theme is not None):
            show_records()
elif spread.open:
    with spread:
        show_histograms(project["name"], where, search.where)
