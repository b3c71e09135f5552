"""Help: the user guide."""

from __future__ import annotations

import streamlit as st

from studio.parts.guide import chapters

st.title("Help")
st.caption("How the studio works, page by page.")
for place, (title, text) in enumerate(chapters()):
    with st.expander(title, expanded=place == 0):
        st.markdown(text)
