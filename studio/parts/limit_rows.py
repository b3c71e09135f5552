"""Make the records of a filter stricter than their source: fewer uses, an earlier end, or withdrawn."""

from __future__ import annotations

import streamlit as st

from core.nouns import Role, Use
from core.workflows import limiting
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.session import may, must
from studio.running import workspace


def limit_form(project: str, where: limiting.RecordFilter, n: int, *, key: str, by: str) -> None:
    """For owners. n: how many records the person sees that it is about."""
    if not may(Role.OWNER):
        return
    with st.popover(
        "Limit or withdraw", help="Stricter than their source allows; it can be taken back on the page Register."
    ):
        st.multiselect(
            "May be used to, at most", [use.value for use in Use], default=[use.value for use in Use], key=f"{key}_uses"
        )
        st.date_input("Last day; empty for that of the source", value=None, key=f"{key}_ends", format="YYYY-MM-DD")
        st.checkbox("Withdraw them from any further use", key=f"{key}_withdraw")
        st.text_input("Why, in a sentence; kept with your name", key=f"{key}_why", max_chars=400)
        st.button(
            f"Limit {several(n, 'record')}", key=f"{key}_limit", on_click=_limit, args=(project, where, n, key, by)
        )  # fmt: skip


def _limit(project: str, where: limiting.RecordFilter, n: int, key: str, by: str) -> None:
    state = st.session_state
    ends = state[f"{key}_ends"]
    with frame.said_in_words():
        must(Role.OWNER)
        done = limiting.limit_records(
            workspace(), project, where, by=by, expected=n, uses=state[f"{key}_uses"], expires=ends.isoformat() if ends else None,
            withdraw=state[f"{key}_withdraw"], reason=state[f"{key}_why"],
        )  # fmt: skip
        frame.notice(f"{several(done['n_records'], 'record')} limited; the page Register takes it back.")
