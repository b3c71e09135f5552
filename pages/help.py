"""Help: the user guide."""

from __future__ import annotations

import streamlit as st

from studio.parts.guide import chapters

st.title("Help")
st.caption("How the studio works, page by page.")
for title, text in chapters():
    with st.expander(title):
        st.markdown(text)
