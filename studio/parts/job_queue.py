"""Jobs that wait: their place, in words and as a list, and the buttons that move one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import jobs
from studio.parts.durations import day
from studio.parts.frame import said_in_words
from studio.parts.plain import plain
from studio.parts.session import own_jobs
from studio.running import workspace

REFRESH_SECONDS = 3


def place_in_words(progress: dict[str, Any]) -> str:
    """Where a waiting job stands among those that wait for the same turn."""
    if progress["n_waiting"] < 2:
        return "waiting for its turn"
    return f"waiting for its turn, number {progress['place']:,} of {progress['n_waiting']:,}"


def show_moves(progress: dict[str, Any], *, by: str) -> None:
    """Buttons for what is possible with a waiting job, side by side; nothing where it waits alone in its usual place."""
    last = progress["place"] == progress["n_waiting"]
    possible = (
        (jobs.NEXT, "Start it next", progress["place"] > 1, "It goes before everything that waits."),
        (jobs.LAST, "Put it last", not last, "It goes behind everything that waits."),
        (jobs.USUAL, "Back to its place", progress["is_moved"], "Where it would be had nobody moved it."),
    )
    for to, label, is_possible, meaning in possible:
        if is_possible:
            st.button(
                label, key=f"move_{to}_{progress['id']}", on_click=_move, args=(progress["id"], to, by), help=meaning
            )


def show_queue(*, by: str | None) -> None:
    """Everything that waits, in the order of its turn; nothing where nothing waits. by: None where nobody said a name yet."""
    if not own_jobs(jobs.waiting_jobs(workspace())):
        return

    @st.fragment(run_every=REFRESH_SECONDS, key="queue_of_jobs")
    def queue() -> None:
        waiting = own_jobs(jobs.waiting_jobs(workspace()))
        if not waiting:
            return
        st.subheader("Waiting for their turn")
        st.caption(
            "What somebody waits for goes before runs and the reading of doubtful answers; of the same kind the older goes first."
        )
        for job in waiting:
            _show_waiting(job, by=by)

    queue()


def _show_waiting(job: dict[str, Any], *, by: str | None) -> None:
    with st.container(border=True, key=f"waiting_{job['id']}"):
        left, right = st.columns([3, 2], vertical_alignment="center")
        subject = f" {plain(job['subject'])}" if job["subject"] else ""
        left.markdown(f"**{plain(job['label'])}{subject}**: {place_in_words(job)}")
        moved = ", moved by hand" if job["is_moved"] else ""
        left.caption(
            f"{plain(job['project'])}, asked for by {plain(job['created_by'])}, {day(job['created_at'])}{moved}"
        )
        if by is not None:
            with right, st.container(horizontal=True, horizontal_alignment="right"):
                show_moves(job, by=by)


def _move(job_id: str, to: str, by: str) -> None:
    with said_in_words():
        jobs.move_job(workspace(), job_id, to, by=by)
