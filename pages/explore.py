"""Explore: every record in a table, with search and filters in the address."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.workflows import deciding, importing
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

ROWS = 50
TABLE_HEIGHT = 560
STATUSES = {
    "": "any",
    "undecided": "undecided",
    "kept": "kept",
    "edited": "edited",
    "rejected": "rejected",
    "deferred": "put off",
}
DONE = {"keep": "kept", "reject": "rejected"}
ORDERS = {
    "imported": "as imported",
    "lowest_score": "lowest score first",
    "highest_score": "highest score first",
    "newest": "newest first",
    "longest": "longest first",
    "title": "by title",
}
FILTERS = ("words", "status", "flag", "tag", "source")

project = frame.page("Explore", "Find records by words, flag, tag or status; decide on all of a filter at once.")
name = frame.person()
frame.needs_records(project["name"])
flags = deciding.flag_counts(workspace(), project["name"])
tags = deciding.tags_in_use(workspace(), project["name"])
sources = {
    row["id"]: row["name"] for row in importing.list_sources(workspace(), project["name"]) if not row["undone_at"]
}
columns = st.columns([3, 2, 2, 2, 2, 2])
words = columns[0].text_input("Words", key="words", bind="query-params", placeholder="as typed, in title or text")
status = columns[1].selectbox(
    "Status", list(STATUSES), format_func=STATUSES.__getitem__, key="status", bind="query-params"
)
flag = columns[2].selectbox(
    "Flag",
    ["", *flags],
    # No count in the label: it stands in the address, where it would be wrong with the next decision.
    format_func=lambda f: f.replace("_", " ") or "any, or none",
    key="flag",
    bind="query-params",
)
tag = columns[3].selectbox(
    "Tag", ["", *tags], format_func=lambda t: t or "any, or none", key="tag", bind="query-params"
)
source = columns[4].selectbox(
    "Source", ["", *sources], format_func=lambda s: sources.get(s, "any"), key="source", bind="query-params"
)
order = columns[5].selectbox("Order", list(ORDERS), format_func=ORDERS.__getitem__, key="order", bind="query-params")
# Not a choice of its own: the link on Sources sets it.
missing = st.query_params.get("missing", "")
where = deciding.RecordFilter(words=words, status=status, flag=flag, tag=tag, source=source, missing=missing)
n = deciding.count_records(workspace(), project["name"], where)


def decide_all(decision: str, expected: int, chosen: deciding.RecordFilter) -> None:
    with frame.said_in_words():
        done = deciding.decide_all(workspace(), project["name"], chosen, decision, by=name, expected=expected)
        frame.notice(f"{several(done, 'record')} {DONE[decision]}. Each can be decided anew.")


def clear_filters() -> None:
    st.query_params.pop("missing", None)
    for key in FILTERS:
        st.session_state[key] = ""


if not n:
    with st.container(border=True):
        st.markdown("**No record fits.**")
        st.button("Clear the filters", type="primary", on_click=clear_filters)
    st.stop()
above = st.container(horizontal=True, vertical_alignment="center")
with above:
    st.markdown(f"**{several(n, 'record')}**")
    if missing:
        st.markdown(f"gone from the newest export of {plain(sources.get(missing, 'a source'))}")
    if words or status or flag or tag or source or missing:
        st.button("Clear the filters", on_click=clear_filters, type="tertiary")
        clean = replace(where, is_clean=True)
        n_clean = deciding.count_records(workspace(), project["name"], clean)
        if 0 < n_clean < n:
            st.button(f"Keep the {n_clean:,} without a defect", on_click=decide_all, args=("keep", n_clean, clean))
        worst = f", {n - n_clean:,} with a defect or a double" if n_clean < n else ""
        st.button(f"Keep all {n:,}{worst}", on_click=decide_all, args=("keep", n, where))
        st.button(f"Reject all {n:,}", on_click=decide_all, args=("reject", n, where))
table = st.container()
page = st.pagination(-(-n // ROWS), key="page", bind="query-params") if n > ROWS else 1
rows = deciding.list_records(workspace(), project["name"], where, order=order, limit=ROWS, offset=(page - 1) * ROWS)
shown = [
    {
        "title": r["title"] or r["external_id"],
        "status": r["status"],
        "score": r["score"],
        "words": r["n_words"],
        "flags": [f.replace("_", " ") for f in r["flags"]],
        "tags": r["tags"],
        "record": r["external_id"],
    }
    for r in rows
]
event = table.dataframe(
    shown, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"table_{page}",
    height="content" if len(shown) < 15 else TABLE_HEIGHT,
    column_config={
        "title": st.column_config.TextColumn(width=300),
        "score": st.column_config.NumberColumn(format="%.2f", width=70),
        "words": st.column_config.NumberColumn(width=70),
        "flags": st.column_config.ListColumn(width=190),
        "tags": st.column_config.ListColumn(width=130),
    },
)  # fmt: skip
with above:
    if event.selection.rows:
        chosen = rows[event.selection.rows[0]]
        if st.button("Open it in Curate", type="primary"):
            frame.go("curate", record=chosen["id"])
    else:
        st.caption("Choose a row to open it.")
