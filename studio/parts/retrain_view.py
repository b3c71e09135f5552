"""Reasons to train again, on the desk; nothing where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.workflows import retraining
from studio.parts import frame
from studio.parts.plain import plain
from studio.running import workspace


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
