"""The brief of a draft, folded: what was asked for, for whom, and the facts. The same whoever wrote the draft."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.workflows.asked_for import AskedFor
from studio.parts.plain import plain

FOLDED = 140


def show_brief(asked: AskedFor) -> None:
    """asked: with what the brief says itself, and what was found for it among the facts."""
    more = (asked.audience, asked.form, asked.length, asked.facts, asked.must_not_say, asked.looked_up)
    show_request(asked.brief, show_more=partial(_show_more, asked) if any(more) else None)


def show_request(text: str, *, show_more: Callable[[], None] | None = None) -> None:
    """What a brief asks for in one line; folded below it what does not fit there, and whatever else it says.

    Words that stand in the line whole are not said a second time.
    """
    is_whole = len(text) <= FOLDED and "\n" not in text.strip()
    line = f"The brief: {plain(_first_words(text))}"
    if is_whole and show_more is None:
        st.markdown(line)
        return
    with st.expander(line):
        if not is_whole:
            st.text(text)
        if show_more is not None:
            show_more()


def _first_words(text: str) -> str:
    """What fits in the line, and no half word where there is a whole one."""
    if len(text) <= FOLDED:
        return text
    return f"{text[:FOLDED].rsplit(maxsplit=1)[0]}…"


def _show_more(asked: AskedFor) -> None:
    if asked.audience:
        st.text(f"For {asked.audience}")
    if asked.form:
        st.text(f"Form: {asked.form}")
    if asked.length:
        st.text(f"Length: {asked.length}")
    if asked.facts:
        st.caption("Facts that the text is to use")
    for fact in asked.facts:
        st.text(f"• {fact}")
    if asked.must_not_say:
        st.text(f"Not to be said: {'; '.join(asked.must_not_say)}")
    if asked.looked_up:
        st.caption("Found for this brief among your facts")
    for one in asked.looked_up:
        st.text(f"• {one.passage}")
        st.caption(plain(f"{one.title}, from {one.source}" if one.title else f"from {one.source}"))
