"""Which flags count in this project, and how its scores are made; both in the words of a person who reads records."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import scoring
from studio.parts import frame
from studio.running import workspace


def flag_switches(project: str, *, by: str) -> None:
    """A list of all flags with a switch each, drawn when it is unfolded; what is switched is stored and scored at once."""
    folded = st.expander("Which flags count", key="which_flags", on_change="rerun")
    if not folded.open:
        return
    with folded:
        st.caption("A defect lowers the score and keeps an undecided record out of the recommended recipe; a notice only informs. "
                   "Switching one off deletes nothing: it can be switched on again.")  # fmt: skip
        rows = scoring.list_flags(workspace(), project)
        for is_defect, heading in ((True, "**Defects**"), (False, "**Notices**")):
            st.markdown(heading)
            for row in (r for r in rows if r["is_defect"] is is_defect):
                key = f"flag_on_{project}_{row['name']}"
                # The store is what counts: a colleague may have switched it since this page was drawn.
                st.session_state[key] = row["is_on"]
                st.toggle(
                    f"{row['name'].replace('_', ' ').capitalize()} ({row['n_records']:,})",
                    key=key,
                    help=row["meaning"],
                    on_change=_switch,
                    args=(project, row["name"], key, by),
                )


def _switch(project: str, name: str, key: str, by: str) -> None:
    with frame.said_in_words():
        scoring.switch_flags(workspace(), project, {name: st.session_state[key]}, by=by)


def score_note(project: str) -> None:
    """One sentence on how the scores of this project are made."""
    st.caption(_in_words(scoring.score_state(workspace(), project)))


def _in_words(state: dict[str, Any]) -> str:
    facts = state["facts"]
    if state["kind"] == "learnt":
        return (
            f"Scores are learnt from {state['n_decisions']:,} of your team's decisions. On decisions left out it agrees with "
            f"{facts['accuracy']:.0%} of them; always saying the same would agree with {facts['share_of_larger']:.0%} "
            f"(AUROC {facts['auroc']:.2f}, n = {state['n_decisions']:,})."
        )
    if facts:
        return (
            f"Scores follow the fixed formula: {state['n_decisions']:,} decisions showed no pattern that is better than chance "
            f"(AUROC {facts['auroc']:.2f})."
        )
    if state["n_missing"]:
        many = "one more decision" if state["n_missing"] == 1 else f"{state['n_missing']:,} more decisions"
        return f"Scores follow a fixed formula. After {many}, eight of them on either side, they are learnt from yours."
    return "Scores follow a fixed formula."
