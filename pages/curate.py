"""Curate: one record at a time, keyboard first, with what speaks for and against it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import NotFound
from core.workflows import curating, deciding, facts, limiting, review_records, scoring, taxonomy
from studio.parts import frame, job_panel
from studio.parts.difficulty_note import difficulty_note
from studio.parts.evidence import show_evidence
from studio.parts.flag_switches import flag_switches, score_note
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.plain import plain
from studio.parts.queue_view import is_held_by_another, progress_line, queue_of
from studio.parts.record_acts import RecordActs
from studio.parts.record_text import edit_text, show_earlier_texts, show_text_with_marks
from studio.parts.second_reading import second_reading
from studio.parts.tag_keys import tag_keys
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

STATUSES = {
    "open": "what needs you", "undecided": "not yet decided", "deferred": "put off", "kept": "kept", "edited": "edited",
    "rejected": "rejected", "": "all", "second": "to read a second time",
}  # fmt: skip
DECISIONS = [
    KeyChoice("K", "keep", "Keep", is_primary=True), KeyChoice("E", "edit", "Edit"), KeyChoice("X", "reject", "Reject"),
    KeyChoice("L", "defer", "Later"), KeyChoice("Z", "undo", "Undo decision", is_quiet=True),
    KeyChoice("ArrowLeft", "previous", "Back", is_quiet=True), KeyChoice("ArrowRight", "next", "Next", is_quiet=True),
]  # fmt: skip
GOLD = {
    False: KeyChoice("G", "gold", "Add to the gold subset", is_quiet=True),
    True: KeyChoice("G", "no_gold", "Take out of the gold subset", is_quiet=True),
}

project = frame.page("Curate", "Read a record, decide with one key. The doubtful ones come first.")
name = frame.person()
if job_panel.watch_kind(project["name"], "curate", by=name):
    st.stop()
frame.needs_records(project["name"])
acts = RecordActs(project["name"], name)


def measure() -> None:
    with frame.said_in_words():
        curating.measure_records(workspace(), project["name"], by=name)


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
# No count in the label: it stands in the address, where it would be wrong with the next decision.
flags = {"": "any, or none"} | {
    one: one.replace("_", " ") for one in deciding.flag_counts(workspace(), project["name"])
}
kinds = {"": "any, or none"} | {str(kind): str(kind) for kind in facts.FactKind}
frame.say_unknown(status=STATUSES.values(), flag=flags.values(), fact=kinds.values())
left, middle, right = st.columns([2, 3, 2])
status = left.selectbox("Show", list(STATUSES), format_func=STATUSES.__getitem__, key="status", bind="query-params")
flag = middle.selectbox("With the flag", list(flags), format_func=flags.__getitem__, key="flag", bind="query-params")
fact = right.selectbox(
    "Teaching a fact of the kind", list(kinds), format_func=kinds.__getitem__, key="fact", bind="query-params"
)
if status == "second":
    second_reading(project, by=name)
    st.stop()
asked_for = st.query_params.get("record", "")
queue = queue_of(project["name"], status, flag, fact, by=name, record=asked_for, n_open=progress.n_open)
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
acts.seen(record, queue)
say_who_reads(project["name"], 1, record["id"])
score = f" · score {record['score']:.2f}" if record["score"] is not None else ""
gold = " · gold" if record["is_gold"] else ""
st.caption(f"{queue.place(record['id'])} · {plain(record['external_id'])} · {record['status']}{score}{gold}")
if origin := review_records.origin_in_words(record):
    st.caption(plain(origin))
for limit in limiting.limits_on(workspace(), project["name"], record["id"]):
    st.caption(plain(f"Stricter than its source: {limiting.in_words(limit)}, by {limit['set_by']}."))
is_held = is_held_by_another(project["name"], record["id"], by=name, on_next=acts.act)
is_editing = not is_held and "editing" in st.query_params and asked_for == record["id"]
if not is_held and not is_editing:
    of_tags = tag_keys(taxonomy.listed_tags(workspace(), project["name"]), record["tags"])
    decision_bar(record["id"], [*DECISIONS, GOLD[record["is_gold"]], *of_tags], acts.act, turn=acts.turn)
text, evidence = st.columns([2, 1], gap="large")
with text:
    with st.container(key="record_title"):
        st.text(record["edited_title"] or record["title"] or record["external_id"])
    edit_text(record, acts) if is_editing else show_text_with_marks(record, fact)
    show_earlier_texts(record)
with evidence:
    show_evidence(record)
    field = f"tag_{record['id']}_{acts.turn}"
    st.text_input("Add a tag", key=field, on_change=acts.add_tag, args=(record["id"], field))
    with st.container(key="plain_links_tags"):
        frame.link("tags", "Tags, their keys and suggestions", record=record["id"])
    score_note(project["name"])
    difficulty_note(project["name"], by=name)
    flag_switches(project["name"], by=name)
    if (n_gold := len(scoring.gold_subset(workspace(), project["name"]))) > 0:
        st.button(f"Undo my last gold mark ({n_gold} in the subset)", key="undo_gold", on_click=acts.undo_gold)
