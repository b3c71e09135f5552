"""The brief of a draft, folded: what was asked for, for whom, and the facts. The same whoever wrote the draft."""

from __future__ import annotations

import streamlit as st

from core.workflows.asked_for import AskedFor
from studio.parts.plain import plain

FOLDED = 110


def show_brief(asked: AskedFor) -> None:
    """asked: with what the brief says itself, and what was found for it among the facts."""
    with st.expander(f"The brief: {plain(asked.brief)[:FOLDED]}{'…' if len(asked.brief) > FOLDED else ''}"):
        st.text(asked.brief)
        if asked.audience:
            st.text(f"For {asked.audience}")
        if asked.form:
            st.text(f"Form: {asked.form}")
        if asked.length:
            st.text(f"Length: {asked.length}")
        for fact in asked.facts:
            st.text(f"• {fact}")
        if asked.must_not_say:
            st.text(f"Not to be said: {'; '.join(asked.must_not_say)}")
        if asked.looked_up:
            st.caption("Found for this brief among your facts")
        for one in asked.looked_up:
            st.text(f"• {one.passage}")
            st.caption(plain(f"{one.title}, from {one.source}" if one.title else f"from {one.source}"))
