"""Review: nothing but the draft. Who wrote it stays on the server until the verdict."""

from __future__ import annotations

import streamlit as st

from core.workflows import reviewing
from studio.parts import frame
from studio.parts.editor import Typed, review_editor
from studio.running import workspace

project = frame.page("Review", "Read the draft, edit it until you would publish it, sign it off; or reject it.")
name = frame.person()


def keep(typed: Typed) -> None:
    with frame.said_in_words():
        reviewing.save_text(workspace(), typed.item, by=name, text=typed.text, seconds=typed.seconds)


def decide(decision: str, typed: Typed) -> None:
    with frame.said_in_words():
        if decision == "undo":
            keep(typed)
            if reviewing.undo_last_review(workspace(), project["name"], by=name) is None:
                frame.notice("There is nothing to undo.", icon="!")
            return
        reasons = st.session_state.get(f"reasons_{typed.item}") or []
        reviewing.submit(
            workspace(), typed.item, decision, by=name, text=typed.text, reasons=reasons, seconds=typed.seconds
        )


def undo() -> None:
    with frame.said_in_words():
        if reviewing.undo_last_review(workspace(), project["name"], by=name) is None:
            frame.notice("There is nothing to undo.", icon="!")


queue = reviewing.next_draft(workspace(), project["name"], by=name)
if queue.current is None:
    if queue.n_waiting or queue.why_waiting:
        st.info(queue.why_waiting)
    else:
        st.write(f"Nothing waits for you. You judged {queue.n_done} drafts.")
    if queue.n_done:
        st.button("Undo my last verdict", on_click=undo)
    st.stop()
current = queue.current
st.caption(f"{queue.n_done} done, {current.n_left} left")
with st.expander("The brief", expanded=False):
    st.text(current.brief)
    if current.audience:
        st.text(f"For {current.audience}")
    for fact in current.facts:
        st.text(f"• {fact}")
review_editor(current.item, text=current.text, seconds=current.seconds, on_save=keep, on_decision=decide)
st.pills(
    "Why, if you changed or reject it",
    reviewing.reasons_for(workspace(), project["name"]),
    selection_mode="multi",
    key=f"reasons_{current.item}",
)
st.caption(
    "Keys: Ctrl or Cmd + Enter signs off, also while you type. Outside the text: S sign off, X reject, Z undo, E edit."
)
