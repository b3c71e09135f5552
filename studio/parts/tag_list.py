"""The project's list of tags: one a line, the first nine with the keys 1 to 9."""

from __future__ import annotations

import streamlit as st

from core.workflows import deciding
from studio.parts import frame
from studio.running import workspace

N_KEYS = 9


def tag_list(project: str, *, by: str) -> None:
    """Draw the list to edit, folded; storing it replaces it, and leaves the tags of records alone."""
    listed = [entry["tag"] for entry in deciding.taxonomy(workspace(), project)]

    def store() -> None:
        with frame.said_in_words():
            names = [line.strip() for line in st.session_state["tag_lines"].splitlines() if line.strip()]
            tags = [{"tag": n, "shortcut": str(i) if i <= N_KEYS else ""} for i, n in enumerate(names, start=1)]
            deciding.set_taxonomy(workspace(), project, tags, by=by)
            frame.notice("The list of tags is stored.")

    with st.expander("Tags and their keys", expanded=False):
        st.text_area(
            "One tag a line; the first nine get the keys 1 to 9", value="\n".join(listed), key="tag_lines", height=180
        )
        st.button("Store the list", on_click=store)
