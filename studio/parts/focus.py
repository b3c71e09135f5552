"""Puts the cursor into a field once, when a page opens it for typing, and keeps what is typed through a reload.

A field of Streamlit's sends its text when it is left; until then it would be lost with the page. What is typed lies in
this browser as long as the field's own text is the one it was typed over.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "proofroom_focus", js=(Path(__file__).parent / "focus.js").read_text(encoding="utf-8")
)


def focus_on(field_key: str, *, token: str, given_up_by: str) -> None:
    """Focus the text field with this Streamlit key, at its beginning, once for each token.

    given_up_by: the key of the button that gives up what was typed.
    """
    _component(
        data={
            "selector": f".st-key-{field_key} :is(textarea, input)",
            "name": field_key,
            "token": token,
            "given_up_by": f".st-key-{given_up_by}",
        },
        key="focus",
    )
