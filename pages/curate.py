"""Curate: one record at a time, keyboard first, with what speaks for and against it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import curating, deciding
from studio.parts import frame, job_panel
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.text_view import show_record
from studio.running import workspace

STATUSES = {
    "undecided": "not yet decided",
    "deferred": "put off",
    "kept": "kept",
    "edited": "edited",
    "rejected": "rejected",
    "": "all",
}
KEYS = [
    KeyChoice("K", "keep", "Keep", is_primary=True),
    KeyChoice("E", "edit", "Edit"),
    KeyChoice("X", "reject", "Reject"),
    KeyChoice("L", "defer", "Later"),
    KeyChoice("Z", "undo", "Undo last"),
    KeyChoice("ArrowRight", "next", "Next"),
    KeyChoice("ArrowLeft", "previous", "Back"),
]

project = frame.page("Curate", "Read a record, decide with one key. The doubtful ones come first.")
name = frame.person()
if job_panel.watch_kind(project["name"], "curate", by=name):
    st.stop()


def measure() -> None:
    with frame.said_in_words():
        curating.measure_records(workspace(), project["name"], by=name)


def decide(choice: str, record: str) -> None:
    with frame.said_in_words():
        state = st.session_state
        state["curate_turn"] = state.get("curate_turn", 0) + 1
        if choice == "edit":
            state["curate_editing"] = record
        elif choice == "undo":
            undone = deciding.undo_last(workspace(), project["name"], by=name)
            frame.notice(
                f"{undone['external_id']} is {undone['status']} again." if undone else "There is nothing to undo."
            )
            if undone:
                st.query_params["record"] = undone["id"]
        elif choice in ("next", "previous"):
            st.query_params["record"] = neighbour_of(record, 1 if choice == "next" else -1)
        else:
            after = neighbour_of(record, 1)
            deciding.decide(workspace(), project["name"], record, choice, by=name)
            st.query_params["record"] = after


def neighbour_of(record: str, step: int) -> str:
    ids = st.session_state["curate_ids"]
    return ids[(ids.index(record) + step) % len(ids)] if record in ids else ids[0]


def store_edit(record: dict[str, Any]) -> None:
    with frame.said_in_words():
        content = deciding.content_with_text(record, st.session_state[f"edit_{record['id']}"])
        edited = {"title": record["title"], "content": content}
        deciding.decide(workspace(), project["name"], record["id"], "edit", by=name, edited=edited)
        st.session_state["curate_editing"] = None
        st.query_params["record"] = neighbour_of(record["id"], 1)


def toggle_tag(record: str, tag: str, remove: bool) -> None:
    with frame.said_in_words():
        deciding.tag(workspace(), project["name"], record, [tag], by=name, remove=remove)
        st.session_state["curate_turn"] = st.session_state.get("curate_turn", 0) + 1


if not curating.is_current(workspace(), project["name"]):
    st.info("Some records have not been measured yet: their flags and scores are unknown.")
    st.button("Measure the records", type="primary", on_click=measure)
left, right = st.columns([2, 3])
status = left.selectbox("Show", list(STATUSES), format_func=STATUSES.__getitem__, key="status", bind="query-params")
flags = deciding.flag_counts(workspace(), project["name"])
flag = right.selectbox(
    "With the flag",
    ["", *flags],
    format_func=lambda f: f"{f.replace('_', ' ')} ({flags[f]})" if f else "any",
    key="flag",
    bind="query-params",
)
ids = deciding.queue(workspace(), project["name"], deciding.RecordFilter(status=status, flag=flag))
if not ids:
    frame.empty(
        "Nothing is left here.",
        "No record fits this filter. The next step is a dataset version.",
        "Go to datasets",
        "datasets",
    )
    st.stop()
st.session_state["curate_ids"] = ids
wanted = st.query_params.get("record")
record_id = wanted if wanted in ids else ids[0]
record = deciding.record_details(workspace(), project["name"], record_id)
st.caption(
    f"{ids.index(record_id) + 1} of {len(ids):,} · {record['external_id']} · {record['status']}"
    + (f" · score {record['score']:.2f}" if record["score"] is not None else "")
)
turn = st.session_state.get("curate_turn", 0)
taxonomy = deciding.taxonomy(workspace(), project["name"])


def act(choice: str, item: str) -> None:
    if choice.startswith("tag:"):
        toggle_tag(item, choice[4:], choice[4:] in record["tags"])
    else:
        decide(choice, item)


tag_keys = [
    KeyChoice(t["shortcut"], f"tag:{t['tag']}", f"{'✓ ' if t['tag'] in record['tags'] else ''}{t['tag']}")
    for t in taxonomy
    if t["shortcut"]
]
decision_bar(record["id"], [*KEYS, *tag_keys], act, turn=turn)
text, evidence = st.columns([2, 1], gap="large")
with text:
    st.subheader(record["edited_title"] or record["title"] or record["external_id"])
    if st.session_state.get("curate_editing") == record["id"]:
        st.text_area(
            "Edit the text that is learnt", value=deciding.text_to_edit(record), key=f"edit_{record['id']}", height=480
        )
        st.button("Keep it as edited", type="primary", on_click=store_edit, args=(record,))
    else:
        marks = [
            {"start": f["start_char"], "end": f["end_char"], "label": f["name"].replace("_", " ")}
            for f in record["flags"]
        ]
        show_record(record, key=f"record_{record['id']}", marks=marks)
with evidence:
    for found in record["flags"]:
        with st.container(border=True):
            st.markdown(f"**{found['name'].replace('_', ' ')}**" + ("" if found["is_defect"] else " (notice)"))
            st.caption(found["evidence"])
    for reason in record["reasons"] or []:
        st.caption(reason)
    if record["neighbours"]:
        st.markdown("**Nearest records**")
        for near in record["neighbours"]:
            st.caption(f"{near['title'] or near['external_id']} · cosine {near['cosine']:.2f}")
    new_tag = st.text_input("Add a tag", key=f"tag_{record['id']}_{turn}")
    if new_tag:
        toggle_tag(record["id"], new_tag, False)
        st.rerun()
    if record["tags"]:
        st.caption("Tags: " + ", ".join(record["tags"]))
    if record["history"]:
        st.caption(" · ".join(f"{h['decided_by']}: {h['decision']}" for h in record["history"]))
