"""Reasons to train again, and what will be erased before long, on the desk; nothing where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.workflows import retaining, retraining
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace


def show_to_erase(project: str) -> None:
    """What the studio takes out by itself within some days, and where it is kept."""
    found = retaining.soon_erased(workspace(), project)
    if not found:
        return
    with st.container(border=True, key="plain_links_to_erase"):
        for one in found:
            st.markdown(plain(_to_erase_words(one)))
        if any(one["undone_at"] is None for one in found):
            frame.link("register", "Keep it: change its terms")


def _to_erase_words(one: Mapping[str, Any]) -> str:
    if one["why_not"]:
        return f"The source {one['name']} was to be erased and could not be: {one['why_not']}"
    what = f"The source {one['name']} will be erased on {one['erased_on']:%-d %b %Y}"
    if one["undone_at"] is not None:
        return f"{what}: it was taken out, and what is left of it goes."
    return f"{what}, with {several(one['n_records'], 'record')} and all that was made of them."


def show_retraining(project: str, summary: Mapping[str, Any]) -> None:
    """summary: the results that the desk has counted already."""
    found = retraining.retraining(workspace(), project, summary=summary)
    if not found["reasons"]:
        return
    with st.container(border=True, key="plain_links_retraining"):
        n = len(found["reasons"])
        st.markdown(f"**Train again? {'There is a reason' if n == 1 else f'There are {n} reasons'}**")
        for reason in found["reasons"]:
            st.markdown(f"- {plain(reason['sentence'])}")
        frame.link("datasets", "Freeze a new version to train on")
