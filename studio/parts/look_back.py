"""What one judged: one verdict at a time, the edit marked, beside the nearest passages of the team's own writing."""

from __future__ import annotations

import streamlit as st

from core.errors import ProofroomError
from core.workflows import looking_back
from core.workflows.looking_back import PastVerdict
from studio.parts.brief_view import show_request
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.given_facts import show_given_facts
from studio.parts.plain import plain
from studio.parts.results_view import CLASSES
from studio.parts.text_view import show_difference, show_text
from studio.parts.who_reads import say_who_reads
from studio.running import workspace


def show_look_back(project: str, *, by: str) -> None:
    """The verdicts of this reviewer that can tell nothing of a draft that still waits."""
    found = looking_back.my_verdicts(workspace(), project, by=by)
    if found.n_waiting:
        st.caption(
            f"{several(found.n_waiting, 'verdict')} of yours will stand here once every draft of the brief is judged: seen earlier, they "
            "could tell who wrote the others."
        )
    if not found.newest:
        st.info("There is nothing to look back at yet.")
        return
    place = 1
    if len(found.newest) > 1:
        st.caption(f"The newest {len(found.newest)} of {found.n:,}, newest first.")
        place = st.pagination(len(found.newest), max_visible_pages=5, key="look_back_at")
    verdict = found.newest[place - 1]
    draft, own = st.columns([6, 5], gap="large")
    with draft:
        _show_verdict(verdict)
    with own:
        st.subheader("Nearest in your own writing")
        _show_nearest(project, verdict.item, by=by)


def _show_verdict(verdict: PastVerdict) -> None:
    st.subheader(f"Yours: {CLASSES[verdict.verdict.value]}")
    reasons = f"; {', '.join(verdict.reasons)}" if verdict.reasons else ""
    st.caption(plain(f"{day(verdict.reviewed_at)}{reasons}"))
    show_request(verdict.brief)
    if verdict.final_text == verdict.draft:
        # A difference without any change would stand there dimmed.
        show_text(verdict.draft, key=f"looked_back_{verdict.item}")
    else:
        show_difference(verdict.difference, key=f"looked_back_{verdict.item}")
    show_given_facts(verdict.facts)


def _show_nearest(project: str, item: str, *, by: str) -> None:
    try:
        with st.spinner("Looking through your writing"):
            passages = looking_back.nearest_writing(workspace(), item, by=by)
    except ProofroomError as error:
        st.caption(plain(str(error)))
        return
    if not passages:
        st.caption("No passage may be shown: your sources do not allow it, or have expired.")
    say_who_reads(project, len(passages))
    for place, passage in enumerate(passages):
        with st.container(border=True):
            st.caption(plain(f"{passage.title}, from {passage.source}" if passage.title else f"from {passage.source}"))
            show_text(passage.passage, key=f"near_{item}_{place}")
            if passage.shared:
                st.caption(
                    f"{passage.n_shared_words} words in a row are the draft's too: “{plain(_short(passage.shared))}”"
                )


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
