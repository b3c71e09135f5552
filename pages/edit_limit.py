"""The light-edit limit: real edits to be called what they are, and the limit that the labels speak for."""

from __future__ import annotations

import streamlit as st

from core.workflows import edit_limit
from studio.parts import frame, limit_view
from studio.parts.counting import several
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.text_view import show_difference
from studio.running import workspace

CHOICES = [
    *(KeyChoice(str(n), name, label) for n, (name, label) in enumerate(limit_view.LABELS.items(), start=1)),
    KeyChoice("Z", "undo", "Undo last", is_quiet=True),
]

project = frame.page(
    "The light-edit limit", "Call edits that reviewers made what they are, and see which limit says the same."
)
name = frame.person()


def label(choice: str, item: str) -> None:
    with frame.said_in_words():
        st.session_state["label_turn"] = st.session_state.get("label_turn", 0) + 1
        if choice != "undo":
            edit_limit.label_edit(workspace(), project["name"], item, choice, by=name)
        elif edit_limit.undo_label(workspace(), project["name"], by=name) is None:
            frame.notice("There is nothing to undo.", icon="!")


def take(limit: float) -> None:
    with frame.said_in_words():
        edit_limit.take_best_limit(workspace(), project["name"], limit=limit, by=name)
        frame.notice(f"Up to {limit:.0%} of the words is a light edit now; every rate follows it.")


state = edit_limit.next_edit(workspace(), project["name"], by=name)
to_label, outcome = st.tabs(["Label edits", "What the labels say"], key="show", bind="query-params")
if to_label.open:
    with to_label:
        if state.current is not None:
            st.caption(
                f"{several(state.n_done, 'edit')} labelled by you, {state.n_left:,} left. From {edit_limit.MIN_PAIRS} on a limit can be told; "
                "40 to 60 tell it well. Crossed out is what the reviewer took out, underlined what they put in."
            )
            st.markdown("Somebody handed in the draft, and this is how it was signed off. What was it?")
            decision_bar(state.current.edit, CHOICES, label, turn=st.session_state.get("label_turn", 0))
            show_difference(state.current.difference, key=f"edit_{state.current.edit}")
        elif state.n_done:
            st.write(
                f"No edit is left for you: you labelled {several(state.n_done, 'edit')}. What they say stands beside."
            )
            st.button("Undo my last label", on_click=label, args=("undo", ""))
        else:
            frame.empty("There is no edit to label.", "Drafts that were signed off with an edit come here once every draft of their brief has its verdicts.",
                        "Go to Review", "review")  # fmt: skip
if outcome.open:
    with outcome:
        limit_view.show_calibration(edit_limit.calibration_json(workspace(), project["name"]), on_take=take)
        frame.link("results", "To the results")
