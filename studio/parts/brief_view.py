"""The brief of a draft, folded: what was asked for, for whom, and the facts. The same whoever wrote the draft."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.workflows.reviewing import LookedUp
from studio.parts.plain import plain

FOLDED = 110


def show_brief(brief: str, *, audience: str, facts: Sequence[str], looked_up: Sequence[LookedUp]) -> None:
    """facts: what the brief says itself. looked_up: what was found for it."""
    with st.expander(f"The brief: {plain(brief)[:FOLDED]}{'…' if len(brief) > FOLDED else ''}"):
        st.text(brief)
        if audience:
            st.text(f"For {audience}")
        for fact in facts:
            st.text(f"• {fact}")
        if looked_up:
            st.caption("Found for this brief among your facts")
        for one in looked_up:
            st.text(f"• {one.passage}")
            st.caption(plain(f"{one.title}, from {one.source}" if one.title else f"from {one.source}"))
