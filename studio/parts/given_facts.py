"""The passages that a draft was given to look at, below the draft; once it may be told who wrote it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.workflows.given_facts import GivenFact
from studio.parts.counting import several
from studio.parts.plain import plain


def show_given_facts(facts: Sequence[GivenFact]) -> None:
    """Nothing where the draft was given none."""
    show_facts_in_words([fact.in_words() for fact in facts])


def show_facts_in_words(facts: Sequence[str]) -> None:
    if facts:
        listed = "\n".join(f"- {plain(fact)}" for fact in facts)
        st.caption(f"The draft was given {several(len(facts), 'passage')} to look at:\n\n{listed}")
