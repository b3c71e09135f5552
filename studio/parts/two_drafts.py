"""Two drafts side by side, A on the left and B on the right; on a phone one above the other. Long ones scroll each by itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "proofroom_two_drafts",
    html=(_HERE / "two_drafts.html").read_text(encoding="utf-8"),
    css=(_HERE / "two_drafts.css").read_text(encoding="utf-8"),
    js=(_HERE / "two_drafts.js").read_text(encoding="utf-8"),
)


def show_two(pair: str, a: str, b: str) -> None:
    """pair: says nothing of who wrote which; with another one both begin at their top."""
    _component(data={"pair": pair, "a": a, "b": b}, key="two_drafts")
