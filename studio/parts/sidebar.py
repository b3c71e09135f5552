"""Folds the sidebar away on a phone once a page was chosen in it: there it lies over the page."""

from __future__ import annotations

import streamlit as st

_component = st.components.v2.component(
    "proofroom_sidebar",
    js="""let shown = null;
export default function (component) {
  const before = shown;
  shown = component.data.page;
  if (before === null || before === shown || window.innerWidth > 640) return;
  document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
}""",
)


def fold_when_chosen(page: str) -> None:
    """page: the path of the page that is drawn now."""
    _component(data={"page": page}, key="sidebar")
