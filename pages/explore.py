"""Explore: every record in a table, with search and filters in the address."""

from __future__ import annotations

import streamlit as st

from core.workflows import deciding, importing
from studio.parts import frame
from studio.running import workspace

ROWS = 50
ORDERS = {
    "imported": "as imported",
    "lowest_score": "lowest score first",
    "highest_score": "highest score first",
    "newest": "newest first",
    "longest": "longest first",
    "title": "by title",
}

project = frame.page("Explore", "Find records by words, flag, tag or status; decide on all of a filter at once.")
name = frame.person()
flags = deciding.flag_counts(workspace(), project["name"])
tags = [t["tag"] for t in deciding.taxonomy(workspace(), project["name"])]
sources = {
    row["id"]: row["name"] for row in importing.list_sources(workspace(), project["name"]) if not row["undone_at"]
}
columns = st.columns([3, 2, 2, 2, 2])
words = columns[0].text_input("Words", key="words", bind="query-params")
status = columns[1].selectbox(
    "Status", ["", "undecided", "kept", "edited", "rejected", "deferred"], key="status", bind="query-params"
)
flag = columns[2].selectbox(
    "Flag",
    ["", *flags],
    format_func=lambda f: f"{f.replace('_', ' ')} ({flags[f]})" if f else "any",
    key="flag",
    bind="query-params",
)
tag = columns[3].selectbox("Tag", ["", *tags], key="tag", bind="query-params")
order = columns[4].selectbox("Order", list(ORDERS), format_func=ORDERS.__getitem__, key="order", bind="query-params")
where = deciding.RecordFilter(words=words, status=status, flag=flag, tag=tag)
n = deciding.count_records(workspace(), project["name"], where)


def decide_all(decision: str, expected: int) -> None:
    with frame.said_in_words():
        done = deciding.decide_all(workspace(), project["name"], where, decision, by=name, expected=expected)
        frame.notice(f"{done:,} records: {decision}.")


if not n:
    st.write("No record fits." if sources else "Nothing has been imported yet.")
    st.stop()
is_filtered = bool(words or status or flag or tag)
with st.container(horizontal=True):
    st.markdown(f"**{n:,} records**")
    if is_filtered:
        st.button(f"Keep all {n:,}", on_click=decide_all, args=("keep", n))
        st.button(f"Reject all {n:,}", on_click=decide_all, args=("reject", n))
page = st.pagination(-(-n // ROWS), key="page", bind="query-params") if n > ROWS else 1
rows = deciding.list_records(workspace(), project["name"], where, order=order, limit=ROWS, offset=(page - 1) * ROWS)
shown = [
    {
        "record": r["external_id"],
        "title": r["title"],
        "status": r["status"],
        "score": r["score"],
        "flags": r["flags"],
        "tags": r["tags"],
        "words": r["n_words"],
    }
    for r in rows
]
event = st.dataframe(
    shown, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"table_{page}",
    column_config={"score": st.column_config.NumberColumn(format="%.2f"), "flags": st.column_config.ListColumn(), "tags": st.column_config.ListColumn()},
)  # fmt: skip
if event.selection.rows:
    chosen = rows[event.selection.rows[0]]
    if st.button(f"Open {chosen['external_id']} in Curate", type="primary"):
        st.session_state["open_record"] = chosen["id"]
        st.switch_page(
            st.session_state["pages"]["curate"],
            query_params={"project": project["name"], "record": chosen["id"], "status": ""},
        )
