"""A note on doubtful records whose answers no base model has read, with the button that lets it read them."""

from __future__ import annotations

import streamlit as st

from core.workflows import difficulty
from studio.parts import frame
from studio.parts.durations import in_words
from studio.running import workspace


def difficulty_note(project: str, *, by: str) -> None:
    """Nothing where no record is in doubt."""
    standing = difficulty.doubtful(workspace(), project)
    if not standing.n:
        return
    n_read = "none" if not standing.n_measured else f"{standing.n_measured:,}"
    st.caption(
        f"The score leaves {standing.n:,} {'record' if standing.n == 1 else 'records'} in doubt; the base model has read the answers of "
        f"{n_read}. An answer that it foresees no better once it knows the question fits any question."
    )
    if standing.job:
        st.caption("It is reading now; the foot of the sidebar says how far it is.")
    elif standing.n_next:
        st.button(
            f"Let it read {'the next ' if standing.n_next < standing.n - standing.n_measured else ''}{standing.n_next:,} "
            f"({in_words(standing.minutes * 60)})",
            key="read_doubtful",
            on_click=_read,
            args=(project, by),
        )


def _read(project: str, by: str) -> None:
    with frame.said_in_words():
        difficulty.measure_difficulty(workspace(), project, by=by)
