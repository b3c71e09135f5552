"""Which of a version's training examples a run learns from: all, so many at random, or the longest ones."""

from __future__ import annotations

import streamlit as st

from core.workflows.training import TAKE

TAKES = {"": "all", "random": "a random sample", "longest": "the longest answers"}
DEFAULT_SIZE = 200


def is_take(text: str) -> bool:
    """Whether it is a choice of examples as a run's settings say it."""
    return TAKE.fullmatch(text) is not None


def show_take(start: str, of: str) -> str:
    """The choice as it stands in the form, as the run's settings say it. of: what the form's fields depend on."""
    base, _, size = start.partition(":")
    left, right = st.columns(2)
    chosen = left.selectbox(
        "Of the examples", list(TAKES), list(TAKES).index(base), format_func=TAKES.__getitem__, key=f"run take {of}",
        help="All that the version trains on, or a part of them: for a comparison with what somebody chose. The longest have the most characters.",
    )  # fmt: skip
    if not chosen:
        return ""
    n = right.number_input("How many examples", 1, 999_999_999, int(size or DEFAULT_SIZE), key=f"run take size {of}")
    return f"{chosen}:{n}"
