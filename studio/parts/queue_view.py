"""What Curate shows of the queue: how much is settled, which records come, and who holds the one on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.workflows import deciding, queueing
from studio.parts import frame
from studio.parts.durations import in_words
from studio.parts.plain import plain
from studio.running import workspace

OPEN = "open"
RENEWED_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class _Held:
    """The record that this tab holds, and since when."""

    record: str
    since: float


def progress_line(project: str, *, by: str) -> None:
    """Settled by rule and by people, still open, and the minutes left at this person's own pace."""
    now = queueing.progress(workspace(), project, by=by)
    line = (
        f"{now.n_rule:,} settled by rule ({now.n_taken:,} taken, {now.n_left_out:,} left out), {now.n_person:,} by people; "
        f"{now.n_open:,} open"
    )
    if now.n_open:
        pace = f"your pace of {now.seconds_each:.0f} s" if now.is_own_pace else f"{now.seconds_each:.0f} s each"
        line += f", {in_words(now.minutes_left * 60)} at {pace}"
    st.caption(line)


def queue_ids(project: str, status: str, flag: str, *, by: str) -> list[str]:
    """Ids in the order in which they should be seen: what needs a person (`open`), or all of a status."""
    if status != OPEN:
        return deciding.queue(workspace(), project, deciding.RecordFilter(status=status, flag=flag))
    ids = queueing.open_records(workspace(), project, by=by)
    if flag:
        flagged = set(deciding.queue(workspace(), project, deciding.RecordFilter(flag=flag)))
        ids = [record for record in ids if record in flagged]
    return ids


def is_held_by_another(project: str, record: str, *, by: str, on_next: Callable[[str, str], None]) -> bool:
    """Hold the record for this person; where somebody else holds it, say who, and offer to take it over or to go on.

    on_next: called with "next" and the record.
    """
    held: _Held | None = st.session_state.get("held")
    if held and held.record == record and time.monotonic() - held.since < RENEWED_SECONDS:
        return False
    other = queueing.hold(workspace(), project, record, by=by)
    st.session_state["held"] = None if other else _Held(record, time.monotonic())
    if not other:
        return False

    def take_over() -> None:
        with frame.said_in_words():
            queueing.hold(workspace(), project, record, by=by, takes_over=True)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(f"{plain(other)} is looking at this record.")
        st.button("Take it over", on_click=take_over)
        st.button("Next", key="next_free", on_click=on_next, args=("next", record))
    return True
