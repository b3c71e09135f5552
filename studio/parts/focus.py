"""Puts the cursor into a field once, when a page opens it for typing."""

from __future__ import annotations

import streamlit as st

_component = st.components.v2.component(
    "proofroom_focus",
    js="""const done = new WeakMap();
export default function (component) {
  const { data, parentElement } = component;
  if (done.get(parentElement) === data.token) return;
  done.set(parentElement, data.token);
  // The field may be drawn a moment later; wait for it, but not for ever.
  const attempt = (left) => {
    const field = document.querySelector(data.selector);
    if (field) { field.focus(); field.setSelectionRange(0, 0); field.scrollTop = 0; }
    else if (left) setTimeout(() => attempt(left - 1), 50);
  };
  attempt(20);
}""",
)


def focus_on(field_key: str, *, token: str) -> None:
    """Focus the text field with this Streamlit key, at its beginning, once for each token."""
    _component(data={"selector": f".st-key-{field_key} :is(textarea, input)", "token": token}, key="focus")
