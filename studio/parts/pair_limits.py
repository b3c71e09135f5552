"""From which probability on pairs are merged and asked about, with what a change would do."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import duplicates
from studio.parts import frame
from studio.parts.counting import several
from studio.running import workspace


def pair_limits(project: dict[str, Any], *, by: str) -> None:
    """Folded away until somebody opens it. project: its row."""
    folded = st.expander("How sure is sure enough", key="pair_limits", on_change="rerun")
    if not folded.open:
        return
    with folded:
        st.write(
            "Each pair has a probability that both say the same, learnt from labelled pairs (*Duplicates* in the guide says which). Other limits only sort "
            "the pairs that were found anew; nothing is measured again, and what you answered stays."
        )
        left, right = st.columns(2, gap="large")
        now = (project["merge_at"], project["ask_at"])
        merge_at = left.slider("Merge without asking from", 0.5, 1.0, now[0], 0.01, key="merge_at")
        ask_at = right.slider("Ask from", 0.05, 0.9, now[1], 0.01, key="ask_at")
        counts = duplicates.band_counts(workspace(), project["name"], merge_at=merge_at, ask_at=min(ask_at, merge_at))
        st.caption(
            f"That merges {several(counts['merge'], 'pair')} and leaves {several(counts['ask'], 'pair')} to a person, those "
            "answered already included. A pair in which a number or a name was swapped is not merged by itself."
        )
        if (merge_at, ask_at) != now:
            st.button("Use these limits", on_click=_set_limits, args=(project["name"], by))


def _set_limits(project: str, by: str) -> None:
    with frame.said_in_words():
        duplicates.set_thresholds(
            workspace(), project, merge_at=st.session_state["merge_at"], ask_at=st.session_state["ask_at"], by=by
        )
