"""Navigation and frame of the pages."""

from __future__ import annotations

import streamlit as st

st.set_page_config(page_title="Proofroom", layout="wide")
st.title("Proofroom")
