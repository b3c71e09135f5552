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
    records = "record" if standing.n == 1 else "records"
    empty = standing.n_measured - standing.n_read
    st.caption(
        f"The score leaves {standing.n:,} {records} in doubt; the base model has read {f'{standing.n_read:,}' if standing.n_read else 'none'} of them"
        f"{f', and {empty:,} give no example to read' if empty else ''}. A text that it foresees no better once it knows what is "
        "asked fits any question."
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
