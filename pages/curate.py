"""Curate: one record at a time, keyboard first, with what speaks for and against it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import NotFound
from core.nouns import RecordKind
from core.workflows import curating, deciding, facts, scoring, tagging, taxonomy
from studio.parts import frame, job_panel
from studio.parts.difficulty_note import difficulty_note
from studio.parts.durations import day
from studio.parts.evidence import show_evidence
from studio.parts.flag_switches import flag_switches, score_note
from studio.parts.focus import focus_on
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.plain import plain
from studio.parts.queue_view import is_held_by_another, progress_line, queue_of
from studio.parts.second_reading import second_reading
from studio.parts.tag_keys import tag_keys
from studio.parts.text_view import show_record
from studio.running import workspace

STATUSES = {
    "open": "what needs you",
    "undecided": "not yet decided",
    "deferred": "put off",
    "kept": "kept",
    "edited": "edited",
    "rejected": "rejected",
    "": "all",
    "second": "to read a second time",
}
DECISIONS = [
    KeyChoice("K", "keep", "Keep", is_primary=True),
    KeyChoice("E", "edit", "Edit"),
    KeyChoice("X", "reject", "Reject"),
    KeyChoice("L", "defer", "Later"),
]
GOLD = {
    False: KeyChoice("G", "gold", "Add to the gold subset", is_quiet=True),
    True: KeyChoice("G", "no_gold", "Take out of the gold subset", is_quiet=True),
}
STEPS = [
    KeyChoice("Z", "undo", "Undo decision", is_quiet=True),
    KeyChoice("ArrowLeft", "previous", "Back", is_quiet=True),
    KeyChoice("ArrowRight", "next", "Next", is_quiet=True),
]

project = frame.page("Curate", "Read a record, decide with one key. The doubtful ones come first.")
name = frame.person()
state = st.session_state
if job_panel.watch_kind(project["name"], "curate", by=name):
    st.stop()
frame.needs_records(project["name"])


def measure() -> None:
    with frame.said_in_words():
        curating.measure_records(workspace(), project["name"], by=name)


def neighbour_of(record: str, step: int) -> str:
    following: str = state["curate_queue"].beside(record, step)
    return following


def show(record: str) -> None:
    """Open this record with the next run; an empty id leaves the choice to the queue."""
    state["curate_turn"] = state.get("curate_turn", 0) + 1
    st.query_params.pop("editing", None)
    if record:
        st.query_params["record"] = record
    else:
        st.query_params.pop("record", None)


def act(choice: str, record: str) -> None:
    with frame.said_in_words():
        if choice.startswith("tag:"):
            toggle_tag(record, choice[4:])
        elif choice == "edit":
            show(record)
            # In the address: a reload goes on with the edit.
            st.query_params["editing"] = "yes"
        elif choice == "undo":
            undone = deciding.undo_last(workspace(), project["name"], by=name)
            frame.notice(
                f"{undone['title'] or undone['external_id']} is {undone['status']} again."
                if undone
                else "There is nothing to undo."
            )
            show(undone["id"] if undone else record)
        elif choice in ("gold", "no_gold"):
            mark_gold(record, remove=choice == "no_gold")
        elif choice in ("next", "previous"):
            show(neighbour_of(record, 1 if choice == "next" else -1))
        else:
            after = neighbour_of(record, 1)
            # The text that was on the screen: a colleague may have edited it since.
            seen = state["curate_seen"].get(record)
            deciding.decide(workspace(), project["name"], record, choice, by=name, expected_text_sha256=seen)
            show(after if after != record else "")


def store_edit(record: dict[str, Any]) -> None:
    with frame.said_in_words():
        deciding.edit_text(
            workspace(), project["name"], record["id"], state[f"edit_{record['id']}"], by=name,
            expected_text_sha256=record["text_sha256"],
        )  # fmt: skip
        show(neighbour_of(record["id"], 1))


def mark_gold(record: str, *, remove: bool) -> None:
    n = scoring.mark_gold(workspace(), project["name"], record, by=name, remove=remove)
    needed = scoring.LEAST_GOLD
    frame.notice(
        f"{n} in the gold subset."
        if n >= needed
        else f"{n} in the gold subset; from {needed} on, records are compared with it."
    )
    state["curate_turn"] = state.get("curate_turn", 0) + 1


def undo_gold() -> None:
    with frame.said_in_words():
        record = scoring.undo_gold(workspace(), project["name"], by=name)
        frame.notice("Your last gold mark is taken back." if record else "There is no gold mark of yours to take back.")
        show(record or st.query_params.get("record", ""))


def toggle_tag(record: str, tag: str) -> None:
    tags = tagging.tags_of(workspace(), project["name"], record)["tags"]
    tagging.tag(workspace(), project["name"], record, [tag], by=name, remove=tag in tags)
    state["curate_turn"] = state.get("curate_turn", 0) + 1


def set_tag(record: str, field: str) -> None:
    with frame.said_in_words():
        if state[field].strip():
            tagging.tag(workspace(), project["name"], record, [state[field].strip()], by=name)
            state["curate_turn"] = state.get("curate_turn", 0) + 1


def found(record: str | None) -> dict[str, Any] | None:
    if not record:
        return None
    try:
        return deciding.record_to_judge(workspace(), project["name"], record)
    except NotFound:
        return None


if not curating.is_current(workspace(), project["name"]):
    with st.container(border=True):
        st.write(
            "Records or the gold subset changed since the last measuring; flags and scores are not known for all of them."
        )
        st.button("Measure the records", type="primary", on_click=measure)
progress = progress_line(project["name"], by=name)
left, middle, right = st.columns([2, 3, 2])
status = left.selectbox("Show", list(STATUSES), format_func=STATUSES.__getitem__, key="status", bind="query-params")
flags = deciding.flag_counts(workspace(), project["name"])
flag = middle.selectbox(
    "With the flag",
    ["", *flags],
    # No count in the label: it stands in the address, where it would be wrong with the next decision.
    format_func=lambda f: f.replace("_", " ") or "any, or none",
    key="flag",
    bind="query-params",
)
fact = right.selectbox(
    "Teaching a fact of the kind", ["", *facts.FactKind], key="fact", bind="query-params",
    format_func=lambda kind: kind or "any, or none",
)  # fmt: skip
if status == "second":
    second_reading(project, by=name)
    st.stop()
asked_for = st.query_params.get("record", "")
queue = queue_of(project["name"], status, flag, fact, by=name, record=asked_for, n_open=progress.n_open)
state["curate_queue"] = queue
# A record named in the address is shown whatever the filter: a link from elsewhere must not open another one.
record = found(asked_for) or found(queue.ids[0] if queue.ids else None)
if record is None:
    if status == "open" and not flag and not fact:
        frame.empty("Nothing is left that needs you.", "The rest is settled, by people or by rule; the other lists show it.",
                    "Go to datasets", "datasets")  # fmt: skip
    elif status or flag or fact:
        frame.empty("Nothing is left here.", "No record fits this filter. What was kept or edited goes into a dataset version.",
                    "Go to datasets", "datasets")  # fmt: skip
    st.stop()
place = (
    f"{queue.ids.index(record['id']) + 1:,} of {queue.n:,}"
    if record["id"] in queue.ids
    else f"opened by a link; {queue.n:,} in this queue"
)
score = f" · score {record['score']:.2f}" if record["score"] is not None else ""
st.caption(
    f"{place} · {plain(record['external_id'])} · {record['status']}{score}{' · gold' if record['is_gold'] else ''}"
)
is_editing = "editing" in st.query_params and st.query_params.get("record") == record["id"]
state["curate_seen"] = {record["id"]: record["text_sha256"]}
if is_held_by_another(project["name"], record["id"], by=name, on_next=act):
    is_editing = False
elif not is_editing:
    decision_bar(
        record["id"],
        [
            *DECISIONS,
            *STEPS,
            GOLD[record["is_gold"]],
            *tag_keys(taxonomy.listed_tags(workspace(), project["name"]), record["tags"]),
        ],
        act,
        turn=state.get("curate_turn", 0),
    )
text, evidence = st.columns([2, 1], gap="large")
with text:
    with st.container(key="record_title"):
        st.text(record["edited_title"] or record["title"] or record["external_id"])
    if is_editing:
        is_whole = record["kind"] == RecordKind.DOCUMENT
        if not is_whole:
            show_record(record, key=f"asked_{record['id']}")
        st.text_area(
            "Edit the text that is learnt",
            value=deciding.text_to_edit(record),
            key=f"edit_{record['id']}",
            height=480 if is_whole else 240,
        )
        with st.container(horizontal=True):
            st.button(
                "Keep it as edited",
                key="keep_edit",
                type="primary",
                shortcut="Ctrl+Enter",
                on_click=store_edit,
                args=(record,),
            )
            st.button("Leave it as it was", key="leave_edit", on_click=show, args=(record["id"],))
        focus_on(
            f"edit_{record['id']}",
            token=f"{record['id']} {state.get('curate_turn', 0)}",
            ended_by=("keep_edit", "leave_edit"),
        )
        with st.expander("The original"):
            show_record(record | {"edited_content": None, "edited_text": None, "edited_title": None}, key="original")
    else:
        marks = [
            {"start": f["start_char"], "end": f["end_char"], "label": f["name"].replace("_", " ")}
            for f in record["flags"]
        ]
        marks += [
            {"start": f["start_char"], "end": f["end_char"], "label": fact}
            for f in record["facts"]
            if f["kind"] == fact
        ]
        show_record(record, key=f"record_{record['id']}", marks=marks)
    for place, earlier in enumerate(record["earlier_texts"]):
        with st.expander(f"The text before the export of {day(earlier['replaced_at'])}"):
            as_then = earlier | {"edited_content": None, "edited_text": None, "edited_title": None}
            show_record(record | as_then, key=f"earlier_{place}_{record['id']}")
with evidence:
    show_evidence(record)
    tag_field = f"tag_{record['id']}_{state.get('curate_turn', 0)}"
    st.text_input("Add a tag", key=tag_field, on_change=set_tag, args=(record["id"], tag_field))
    with st.container(key="plain_links_tags"):
        frame.link("tags", "Tags, their keys and suggestions", record=record["id"])
    score_note(project["name"])
    difficulty_note(project["name"], by=name)
    flag_switches(project["name"], by=name)
    if (n_gold := len(scoring.gold_subset(workspace(), project["name"]))) > 0:
        st.button(f"Undo my last gold mark ({n_gold} in the subset)", key="undo_gold", on_click=undo_gold)
