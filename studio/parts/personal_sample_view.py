"""How much personal data is found: one sampled record after the other to read, and what is known by now."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import personal_data, personal_sample
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.personal_view import words_of
from studio.parts.plain import plain
from studio.parts.text_view import show_text
from studio.parts.who_reads import say_who_reads
from studio.running import workspace


def show(project: str, *, by: str) -> None:
    """The record to read, and below it recall and precision."""
    sampled = personal_sample.sampled_records(workspace(), project)
    left = [one for one in sampled if not one["is_read"]]
    st.caption(
        f"Read {several(len(sampled), 'record')} drawn at random, in about ten minutes: the studio then says how much it finds in texts like "
        "yours. What was found is marked; say what is wrong and what was missed."
    )
    if left:
        say_who_reads(project, 1, left[0]["id"])
        st.markdown(f"**{plain(left[0]['title'])}** · {several(len(left), 'record')} left")
        _read(project, left[0], by=by)
    elif sampled:
        st.write("Every record of the sample is read.")
    _show_measured(project)


def _read(project: str, record: dict[str, Any], *, by: str) -> None:
    state, identity = st.session_state, record["id"]
    spans = personal_sample.found_in(workspace(), project, identity)
    marks = [{"start": s["start_char"], "end": s["end_char"], "label": words_of(s["type"])} for s in spans]
    with st.container(border=True, height=420):
        show_text(record["text"], key=f"sampled_{identity}", marks=marks)
    by_start = {span["start_char"]: span for span in spans}
    missed: list[dict[str, str]] = state.setdefault(f"missed_{identity}", [])

    def add() -> None:
        text = state[f"missed_text_{identity}"].strip()
        if text not in record["text"]:
            frame.notice("This passage does not stand in the record; copy it as it stands there.", icon="!")
        elif text:
            missed.append({"text": text, "type": state[f"missed_kind_{identity}"]})
            state[f"missed_text_{identity}"] = ""

    def done() -> None:
        with frame.said_in_words():
            wrong = state.get(f"wrong_{identity}", [])
            personal_sample.read_record(workspace(), project, identity, wrong=wrong, missed=missed, by=by)

    if spans:
        st.multiselect(
            "Wrong: no personal data", list(by_start), key=f"wrong_{identity}",
            format_func=lambda start: f"{by_start[start]['value'][:60]} ({words_of(by_start[start]['type'])})",
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Missed: copy the passage", key=f"missed_text_{identity}", width=320)
        st.selectbox(
            "What it is", personal_data.KINDS, key=f"missed_kind_{identity}", format_func=words_of, width=200
        )  # fmt: skip
        st.button("Add it", key=f"add_missed_{identity}", on_click=add)
    for one in missed:
        st.caption(f"Missed: {plain(one['text'])} ({words_of(one['type'])})")
    st.button("Done, next record", key="sample_done", type="primary", on_click=done)


def _show_measured(project: str) -> None:
    told = personal_sample.measured_coverage(workspace(), project)
    if not told["n_read"]:
        return
    st.subheader("How much is found")
    st.caption(
        f"On {several(told['n_read'], 'record')} that people read; 95 % intervals, a little too narrow where a record holds many places."
    )
    st.dataframe(
        [
            {"kind": words_of(one["kind"]) or "everything", "found of what there is": _in_words(one["recall"]),
             "personal data of what was found": _in_words(one["precision"])}
            for one in told["coverage"]
        ],
        hide_index=True, key="personal_coverage",
    )  # fmt: skip


def _in_words(share: dict[str, Any]) -> str:
    if not share["n"]:
        return "none to find"
    rate = share["n_good"] / share["n"]
    return f"{share['n_good']:,} of {share['n']:,}: {rate:.0%} ({share['low']:.0%} to {share['high']:.0%})"
