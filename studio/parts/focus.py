"""Puts the cursor into a field once, when a page opens it for typing, and keeps what is typed through a reload.

A field of Streamlit's sends its text when it is left; until then it would be lost with the page. What is typed lies in
this browser as long as the field's own text is the one it was typed over.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio.parts.scripts import script_of

_component = st.components.v2.component("proofroom_focus", js=script_of("copies.js", "focus.js"))


def focus_on(field_key: str, *, token: str, ended_by: Sequence[str]) -> None:
    """Focus the text field with this Streamlit key, at its beginning, once for each token.

    ended_by: keys of the buttons that store what was typed or give it up; Ctrl+Enter stores it too.
    """
    _component(
        data={
            "selector": f".st-key-{field_key} :is(textarea, input)",
            "name": field_key,
            "token": token,
            "ended_by": ", ".join(f".st-key-{key}" for key in ended_by),
        },
        key="focus",
    )
