"""Help: the user guide, with the reviewer's chapter first for those who only review."""

from __future__ import annotations

import streamlit as st

from core.nouns import Role
from studio.parts.guide import FOR_REVIEWERS, chapters
from studio.parts.session import may

st.title("Help")
st.caption("How the studio works, page by page.")
found = chapters()
if not may(Role.LEAD, auditors=True):
    found.sort(key=lambda chapter: chapter[0] != FOR_REVIEWERS)
for place, (title, text) in enumerate(found):
    with st.expander(title, expanded=place == 0):
        st.markdown(text)
