"""The way to one more filter: choose it in a list, and it becomes a pill and a part of the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.workflows import deciding, facts
from studio.parts import address_filter
from studio.parts.address_filter import STATUSES
from studio.running import workspace


def add_filter(project: str, sources: dict[str, str], themes: dict[int, str]) -> None:
    """A button that opens the lists. sources, themes: names by id and number."""
    flags = deciding.flag_counts(workspace(), project)
    tags = deciding.tags_in_use(workspace(), project)
    with st.popover("Add a filter", key="add_filter"):
        _choice("Status", "status", list(STATUSES), STATUSES.__getitem__)
        _choice("Flag", "flag", list(flags), lambda flag: f"{flag.replace('_', ' ')} ({flags[flag]:,})")
        _choice("Tag", "tag", tags, str)
        _choice("Teaching a fact", "fact", list(facts.FactKind), str)
        _choice("Source", "source", list(sources), sources.__getitem__)
        if themes:
            _choice("Theme", "theme", [str(number) for number in themes], lambda number: themes[int(number)])
        if st.query_params.get("clean") != "yes":
            st.button("Without a defect or a double", on_click=address_filter.add, args=("clean", "yes"))
        st.caption("Several flags or tags: records with all of them. Ranges: on the Histograms tab.")


def _choice(label: str, name: str, options: Sequence[str], shown: Callable[[str], str]) -> None:
    key = f"add_{name}"

    def chosen() -> None:
        value = st.session_state[key]
        if value is not None:
            address_filter.add(name, value)
            # Ready for the next one; what is chosen stands in the pills.
            st.session_state[key] = None

    st.selectbox(
        label,
        options,
        format_func=shown,
        index=None,
        key=key,
        on_change=chosen,
        placeholder="choose",
        disabled=not options,
    )
