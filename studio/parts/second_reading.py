"""A second reader's view in Curate: sampled records without the first decision, and how far readers agree."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import deciding, queueing
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.plain import plain
from studio.parts.text_view import show_record
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

CHOICES = [
    KeyChoice("K", "keep", "Keep", is_primary=True),
    KeyChoice("X", "reject", "Reject"),
    KeyChoice("L", "later", "Later", is_quiet=True),
    KeyChoice("Z", "undo", "Undo my last reading", is_quiet=True),
]
PUT_OFF = "second_put_off"


def second_reading(project: dict[str, Any], *, by: str) -> None:
    """Draw it. project: its row."""
    put_off: list[str] = st.session_state.setdefault(PUT_OFF, [])
    waiting = queueing.records_to_read_again(workspace(), project["name"], by=by)
    ordered = [r for r in waiting if r not in put_off] + [r for r in put_off if r in waiting]

    def act(choice: str, record: str) -> None:
        with frame.said_in_words():
            st.session_state["second_turn"] = st.session_state.get("second_turn", 0) + 1
            if choice == "later":
                put_off.append(record)
            elif choice == "undo":
                if not queueing.undo_second_reading(workspace(), project["name"], by=by):
                    frame.notice("There is nothing to undo.")
            else:
                queueing.read_again(workspace(), project["name"], record, choice, by=by)

    if not ordered:
        st.caption(
            "Nothing waits for a second reading by you: either no share is read twice, or you made or read these decisions."
        )
    else:
        record = deciding.record_named(workspace(), project["name"], ordered[0])
        say_who_reads(project["name"], 1, record["id"])
        st.caption(
            f"{several(len(ordered), 'record')} to read. Somebody else has decided on each; what they decided is shown once both of you have."
        )
        decision_bar(record["id"], CHOICES, act, turn=st.session_state.get("second_turn", 0))
        with st.container(key="record_title"):
            st.text(record["edited_title"] or record["title"] or record["external_id"])
        show_record(record, key=f"second_{record['id']}")
    _agreement(project["name"])
    with st.expander("How many are read twice", expanded=not project["second_share"]):
        _sample(project, by)


def _sample(project: dict[str, Any], by: str) -> None:
    def store() -> None:
        with frame.said_in_words():
            queueing.set_second_share(workspace(), project["name"], share=st.session_state["second_share"] / 100, by=by)

    st.slider(
        "Share of the decided records that a second person reads", 0, 100, round(project["second_share"] * 100), 5,
        key="second_share", format="%d%%", on_change=store,
    )  # fmt: skip


def _agreement(project: str) -> None:
    told = queueing.agreement(workspace(), project)
    if not told["n_readings"]:
        return
    st.subheader("Agreement")
    figures = [
        f"{name} {told[key]:.2f}"
        for name, key in (("Cohen's kappa", "kappa"), ("Krippendorff's alpha", "alpha"))
        if told[key] is not None
    ]
    st.write(
        f"Two readers agree on {told['n_agree']:,} of {several(told['n_readings'], 'reading')}"
        + (f"; chance allowed for: {', '.join(figures)} (1 is full agreement, 0 is chance)." if figures else ".")
    )
    if not told["disagreements"]:
        st.caption("No disagreement is open.")
        return
    say_who_reads(project, len(told["disagreements"]))
    st.markdown("**To settle**: open one and decide; the newest decision counts.")
    for row in told["disagreements"][:50]:
        words, button = st.columns([5, 1], vertical_alignment="center")
        words.markdown(
            f"{plain(row['title'] or row['external_id'])}: {plain(row['first_by'])} said {row['first']}, "
            f"{plain(row['second_by'])} said {row['second']}"
        )
        with button:
            frame.link("curate", "Open", record=row["record_id"])
