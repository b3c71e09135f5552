"""What the adviser says of a project: one sentence, and the counts behind it folded below."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import advising
from core.workflows.readiness import Readiness
from studio.parts.plain import plain
from studio.running import workspace


def show_advice(project: dict[str, Any], ready: Readiness) -> None:
    """ready: where the project stands with the recommended recipe, which the desk has counted already."""
    found = advising.advice(workspace(), project["name"], ready=ready)
    st.subheader("Fine-tune or retrieve")
    st.write(plain(found["sentence"]))
    if not found["n_measured"]:
        return
    examples = found["examples"]
    about = "about " if examples["is_estimated"] else ""
    with st.expander("The counts behind it"):
        st.markdown(
            f"- **{found['n_behaviour']:,} of {found['n_measured']:,}** measured records teach behaviour: they are good, and state "
            "no fact that goes stale, or at most one in a hundred words.\n"
            f"- **{found['n_facts']:,}** teach facts: they state more than that. {found['n_with_fact']:,} state at least one. Links do not count.\n"
            f"- **{about}{examples['n_good']:,}** good examples; this goal usually needs {examples['low']:,} to {examples['high']:,}."
        )
        for change in found["changes"]:
            st.caption(plain(change["sentence"]))
        st.caption(
            "Different values may speak of different things, so facts may change less often than it seems. Help says how this is counted."
        )
