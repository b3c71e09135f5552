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
# More than anybody goes on without deciding, and few enough to be found at once.
BEGINNING = 500


@dataclass(frozen=True, slots=True)
class _Held:
    """The record that this tab holds, and since when."""

    record: str
    since: float


@dataclass(frozen=True, slots=True)
class Queue:
    """ids: the first ones in their order, or all where the record on the screen lies deeper. n: how many there are."""

    ids: list[str]
    n: int

    def beside(self, record: str, step: int) -> str:
        """The one after (step 1) or before (-1) a record; the first for one that is not here, round the end when all are."""
        if record not in self.ids:
            return self.ids[0] if self.ids else ""
        place = self.ids.index(record) + step
        return self.ids[place % len(self.ids)] if len(self.ids) == self.n else self.ids[max(0, place)]

    def place(self, record: str) -> str:
        """Where a record stands, in words."""
        if record in self.ids:
            return f"{self.ids.index(record) + 1:,} of {self.n:,}"
        return f"opened by a link; {self.n:,} in this queue"


def progress_line(project: str, *, by: str) -> queueing.Progress:
    """Settled by rule and by people, still open, and the minutes left at this person's own pace."""
    now = queueing.progress(workspace(), project, by=by)
    line = (
        f"{now.n_rule:,} settled by the score ({now.n_taken:,} high, {now.n_left_out:,} low or doubles), {now.n_person:,} by people; "
        f"{now.n_open:,} open"
    )
    if now.n_open:
        pace = f"your pace of {now.seconds_each:.0f} s" if now.is_own_pace else f"{now.seconds_each:.0f} s each"
        line += f", {in_words(now.minutes_left * 60)} at {pace}"
    st.caption(line)
    return now


def queue_of(project: str, status: str, flag: str, fact: str, *, by: str, record: str, n_open: int) -> Queue:
    """What should be seen, in this order: what needs a person (`open`), or all of a status.

    record: the one on the screen. Of a long queue only the beginning is asked for, as long as it stands in there.
    """
    where = deciding.RecordFilter(status="" if status == OPEN else status, flag=flag, fact=fact)
    if status == OPEN and (flag or fact):
        fitting = set(deciding.queue(workspace(), project, where))
        ids = [one for one in queueing.open_records(workspace(), project, by=by) if one in fitting]
        return Queue(ids, len(ids))

    def asked(limit: int | None) -> list[str]:
        if status == OPEN:
            return queueing.open_records(workspace(), project, by=by, limit=limit)
        return deciding.queue(workspace(), project, where, limit=limit)

    ids = asked(BEGINNING)
    if len(ids) < BEGINNING:
        return Queue(ids, len(ids))
    if record and record not in ids[:-1]:
        ids = asked(None)
        return Queue(ids, len(ids))
    return Queue(ids, n_open if status == OPEN else deciding.count_records(workspace(), project, where))


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
