"""A job on the page: how far, how fast, how long still, and a way to stop it. Goes on without the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.workflows import jobs
from studio.parts.durations import in_words
from studio.parts.frame import problem, said_in_words
from studio.parts.job_queue import place_in_words, show_moves
from studio.parts.plain import plain
from studio.running import workspace

REFRESH_SECONDS = 1.0


def watch(job_id: str, *, by: str, below: Callable[[], None] | None = None) -> None:
    """Show a job until it ends, then run the page anew so that it shows the result.

    below: draws what else changes while it runs, anew each second.
    """

    @st.fragment(run_every=REFRESH_SECONDS, key=f"watch_{job_id}")
    def panel() -> None:
        progress = jobs.job_progress(workspace(), job_id)
        if progress["state"] not in ("queued", "running"):
            st.rerun()
        show(progress, by=by)
        if below is not None:
            below()

    panel()


def show(progress: dict[str, Any], *, by: str) -> None:
    """One look at a job that is not over."""
    with st.container(border=True):
        share = progress["done"] / progress["total"] if progress["total"] else 0.0
        st.progress(min(1.0, share), text=f"**{progress['label']}**{phase_of(progress)}")
        facts = []
        if progress["total"]:
            facts.append(
                f"{progress['done']:,.0f} of {progress['total']:,.0f}{' files' if progress['kind'] == 'import' else ''}"
            )
        if progress["facts"].get("n_rows"):
            facts += rows_read(progress["facts"])
        elif progress["facts"].get("tokens_per_second"):
            facts.append(f"{progress['facts']['tokens_per_second']:.0f} tokens/s")
        elif progress["rate"]:
            facts.append(f"{progress['rate']:.1f} a second")
        if progress["eta_seconds"]:
            facts.append(f"{in_words(progress['eta_seconds'])} left")
        facts.append("goes on if you leave")
        left, right = st.columns([4, 1])
        left.caption(" · ".join(facts))
        right.button("Cancel", key=f"cancel_{progress['id']}", on_click=_cancel, args=(progress["id"], by))
        if progress["place"] is not None:
            with st.container(horizontal=True):
                show_moves(progress, by=by)


def rows_read(told: dict[str, Any]) -> list[str]:
    """How many rows of which file were read, and how fast."""
    return [plain(told["file"]), f"{told['n_rows']:,} rows", f"{told['rows_per_second']:,.0f} rows a second"]


def phase_of(progress: dict[str, Any]) -> str:
    """What a job that is not over does now, as it follows its label; empty when the label says it already."""
    waiting = "starting" if progress["place"] is None else place_in_words(progress)
    phase = progress["phase"] or waiting
    return "" if phase == progress["label"] else f": {phase}"


def last_ended(project: str, kind: str) -> dict[str, Any] | None:
    """The newest job of a kind, so that a page can say how it ended."""
    rows = [job for job in jobs.list_jobs(workspace(), project) if job["kind"] == kind]
    return rows[0] if rows else None


def watch_kind(project: str, kind: str, *, by: str, says_end: bool = True) -> bool:
    """Show the job of this kind that runs or failed. True while one runs. says_end: False where the page tells of a failure itself."""
    newest = last_ended(project, kind)
    if newest is None:
        return False
    if newest["state"] in ("queued", "running"):
        watch(newest["id"], by=by)
        return True
    if says_end and newest["state"] in ("failed", "lost"):
        problem(
            f"{newest['label']} {'broke off' if newest['state'] == 'lost' else 'failed'}. {newest['reason']} Quote {newest['id']} if you ask about it."
        )
    return False


def _cancel(job_id: str, by: str) -> None:
    with said_in_words():
        jobs.cancel_job(workspace(), job_id, by=by)
