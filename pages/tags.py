"""Tags: one record at a time, tagged by key; the list of tags; and how well the records cover it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.errors import NotFound
from core.workflows import deciding, suggesting, tagging, taxonomy
from studio.parts import frame, job_panel
from studio.parts.alike_ones import alike_ones
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.plain import plain
from studio.parts.suggested import add_field, show_evaluation, show_suggestions
from studio.parts.tag_coverage import tag_coverage
from studio.parts.tag_editor import tag_editor
from studio.parts.tag_keys import tag_keys
from studio.parts.text_view import show_record
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

LIKELY = 0.5
VIEWS = {"tag": "Tag records", "list": "The list", "coverage": "Coverage"}
STEPS = [
    KeyChoice("Z", "undo", "Undo", is_quiet=True),
    KeyChoice("ArrowLeft", "previous", "Back", is_quiet=True),
    KeyChoice("ArrowRight", "next", "Next", is_quiet=True),
]

project = frame.page("Tags", "Say what each record is about, with one key. The ones that teach most come first.")
name = frame.person()
frame.needs_records(project["name"])
state = st.session_state


def show(record: str | None) -> None:
    """Open this record with the next run; nothing leaves the choice to the queue."""
    state["tags_turn"] = state.get("tags_turn", 0) + 1
    st.query_params.pop("alike", None)
    if record:
        st.query_params["record"] = record
    else:
        st.query_params.pop("record", None)


def seen_from(record: str) -> tagging.Waiting:
    suggested = st.query_params.get("suggested", "")
    # Whoever looks for one tag wants the sure ones; whoever teaches starts with the doubtful ones.
    return tagging.waiting(
        workspace(), project["name"], record=record, suggested=suggested, certain_first=bool(suggested)
    )


def go_on(record: str) -> None:
    """The one after this comes next; which it is, the page finds out as it is drawn."""
    state.setdefault("tags_seen", []).append(record)
    state["tags_after"] = record
    show(None)


def act(choice: str, record: str) -> None:
    with frame.said_in_words():
        if choice.startswith("tag:"):
            give(record, choice[4:])
        elif choice == "accept":
            # What was on the screen: suggestions may have been worked out anew since.
            give(record, state["tags_first"][record])
        elif choice == "alike":
            state["tags_turn"] = state.get("tags_turn", 0) + 1
            st.query_params["alike"], st.query_params["alike_tag"] = state["tags_alike"]
        elif choice == "undo":
            undo(record)
        elif choice == "next":
            go_on(record)
        else:
            seen = state.get("tags_seen", [])
            show(seen.pop() if seen else seen_from(record).previous or record)


def give(record: str, tag: str) -> None:
    """Give the tag, or take it off where the record has it; go on after giving, unless the person stays."""
    has = tagging.tags_of(workspace(), project["name"], record)["tags"]
    tagging.tag(workspace(), project["name"], record, [tag], by=name, remove=tag in has)
    state["tags_last"] = (record, tag)
    if tag not in has and not state.get("tags_stay"):
        go_on(record)
    else:
        show(record)


def undo(record: str) -> None:
    undone = tagging.undo_last(workspace(), project["name"], by=name)
    state.pop("tags_last", None)
    frame.notice("There is nothing to undo." if undone is None else f"Taken back, on {undone.n_records:,} record{'' if undone.n_records == 1 else 's'}.")  # fmt: skip
    show(undone.record if undone and undone.record else record)


def add(record: str, field: str) -> None:
    with frame.said_in_words():
        if state[field]:
            give(record, state[field])


def found(record: str | None) -> dict[str, Any] | None:
    if not record:
        return None
    try:
        return deciding.record_named(workspace(), project["name"], record)
    except NotFound:
        return None


def whose_likes(record: str, tags: dict[str, Any]) -> tuple[str, str] | None:
    """The record and tag of which one may want the others: this one's, the one tagged last, or what this one likely is."""
    if tags["tags"]:
        return record, tags["tags"][0]
    if "tags_last" in state:
        last: tuple[str, str] = state["tags_last"]
        return last
    likely = next((one["tag"] for one in tags["suggestions"] if one["confidence"] >= LIKELY), None)
    return (record, likely) if likely else None


view = st.segmented_control(
    "What to do", list(VIEWS), format_func=VIEWS.__getitem__, default="tag", key="view", bind="query-params",
    label_visibility="collapsed", required=True,
)  # fmt: skip
if view == "list":
    tag_editor(project["name"], by=name)
    st.stop()
if view == "coverage":
    tag_coverage(project["name"], by=name)
    st.stop()

listed = taxonomy.listed_tags(workspace(), project["name"])
colours = {tag["tag"]: tag["colour"] for tag in listed}
if not listed:
    st.caption("There is no list of tags yet: make one under The list, and its keys work here.")
after = state.pop("tags_after", "")
record = found(st.query_params.get("record"))
queue = seen_from(record["id"] if record else after)
if record is not None:
    number = queue.n_before + 1 if queue.is_waiting else None
else:
    following = found(queue.next) if after else None
    record = following or found(queue.first)
    number = queue.n_before + queue.is_waiting + 1 if following else 1
    if record is not None:
        # In the address: a reload shows the same record.
        st.query_params["record"] = record["id"]
if record is not None:
    say_who_reads(project["name"], 1, record["id"])
suggested = st.query_params.get("suggested", "")
if record is None:
    if suggested:
        frame.empty(f"No record with the suggestion {plain(suggested)} waits.", "Those that did have a tag by now.", "All without a tag", "tags")  # fmt: skip
    else:
        frame.empty(
            "Every record has its tag.", "Rejected records and doubles are left out.", "Explore them by tag", "explore"
        )
    st.button("Undo the last tag", on_click=act, args=("undo", ""))
    st.stop()
if suggested:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Only records that look like {plain(suggested)}, the surest first.")
        if st.button("Show all without a tag", type="tertiary"):
            frame.go("tags")
place = f"{number:,} of {queue.n:,} without a tag" if number else f"opened by a link; {queue.n:,} wait for a tag"
st.caption(f"{place} · {plain(record['external_id'])} · {record['status']}")
tags = tagging.tags_of(workspace(), project["name"], record["id"])
standing = suggesting.standing(workspace(), project["name"])

alike_of, alike_tag = st.query_params.get("alike"), st.query_params.get("alike_tag")
if alike_of and alike_tag and (like := found(alike_of)):
    alike_ones(
        project["name"], like["id"], like["title"] or like["external_id"], alike_tag, by=name,
        colour=colours.get(alike_tag, ""), on_close=partial(show, record["id"]),
    )  # fmt: skip
    st.stop()
first = tags["suggestions"][0]["tag"] if tags["suggestions"] else None
state["tags_first"] = {record["id"]: first}
choices = [KeyChoice("A", "accept", f"Accept {first}", is_primary=True)] if first else []
choices += tag_keys(listed, tags["tags"])
state["tags_alike"] = whose_likes(record["id"], tags)
if state["tags_alike"]:
    choices.append(KeyChoice("G", "alike", f"Alike ones: {state['tags_alike'][1]}", is_quiet=True))
decision_bar(record["id"], [*choices, *STEPS], act, turn=state.get("tags_turn", 0))
text, beside = st.columns([2, 1], gap="large")
with text:
    with st.container(key="record_title"):
        st.text(record["edited_title"] or record["title"] or record["external_id"])
    show_record(record, key=f"record_{record['id']}")
with beside:
    show_suggestions(tags, standing, colours, listed)
    add_field(record["id"], state.get("tags_turn", 0), [t["tag"] for t in listed if t["tag"] not in tags["tags"]], add)
    st.toggle(
        "Stay after a tag", key="tags_stay", persist_state="session", help="For records that need more than one tag."
    )
    if standing.evaluation and standing.evaluation["n_tags"]:
        with st.expander("How good the suggestions are"):
            show_evaluation(standing.evaluation)
    job_panel.watch_kind(project["name"], "suggest", by=name)
