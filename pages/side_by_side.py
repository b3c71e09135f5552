"""Side by side: one brief and two drafts. The page is given no sign of who wrote which, and the sides are drawn."""

from __future__ import annotations

import streamlit as st

from core.nouns import Role
from core.workflows import pairwise
from studio.parts import frame
from studio.parts.brief_view import show_brief
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.session import may
from studio.parts.two_drafts import show_two
from studio.running import workspace

CHOICES = [
    KeyChoice("ArrowLeft", pairwise.A, "A is better", also=("1",)),
    KeyChoice("ArrowRight", pairwise.B, "B is better", also=("2",)),
    KeyChoice("3", "both_good", "Both good", also=("=",)),
    KeyChoice("4", "both_bad", "Both bad", also=("0",)),
    KeyChoice("L", pairwise.SKIP, "Later", is_quiet=True),
    KeyChoice("Z", "undo", "Undo", is_quiet=True),
]

with st.container(key="pair_page"):
    st.title("Side by side")
with st.container(key="pair_sentence"):
    st.caption("Two drafts for one brief: say which one you would rather publish.")
project = frame.project_or_stop()
name = frame.person()
state = st.session_state


def choose(choice: str, pair: str) -> None:
    state["side_turn"] = state.get("side_turn", 0) + 1
    with frame.said_in_words():
        if choice != "undo":
            pairwise.choose(workspace(), pair, choice, by=name, asked_in=project["id"])
            state["put_off"] = pair if choice == pairwise.SKIP else None
        elif pairwise.undo_last(workspace(), project["name"], by=name) is None:
            frame.notice("There is nothing to undo.", icon="!")


found = pairwise.next_drafts(workspace(), project["name"], by=name)
if found.current is None:
    judged = f"You judged {found.n_done:,} so far." if found.n_done else ""
    if found.why:
        frame.empty("No pair can be shown now.", f"{judged} {found.why}".strip(), "Go to Review", "review")
    elif found.n_done:
        frame.empty("No pair waits for you.", f"{judged} Whose drafts are preferred is counted on Results.",
                    "See the results", "results")  # fmt: skip
    else:
        frame.empty(
            "No pair waits for you.",
            "Two drafts of one brief stand here once your team has put them side by side.",
            "Go to Results",
            "results",
        )
        if not may(Role.LEAD, auditors=True):
            frame.link("review", "Go to Review")
    if found.n_done:
        st.button("Undo my last choice", on_click=choose, args=("undo", ""))
    st.stop()
current = found.current
again = " Put off, and no other pair is left." if state.get("put_off") == current.pair else ""
of_later = "" if found.n_done else " *Later* puts a pair off: it comes again when no other is left."
st.caption(f"{found.n_done:,} done, {current.n_left:,} left.{again or of_later}")
show_brief(current)
decision_bar(current.pair, CHOICES, choose, turn=state.get("side_turn", 0))
show_two(current.pair, current.a, current.b)
