"""What labelled edits say of the light-edit limit: the classes it gives beside the labels, and the limit that serves best."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.nouns import EditLabel, ReviewClass

LABELS = {
    EditLabel.SAME.value: "The same text",
    EditLabel.LIGHT.value: "A light edit",
    EditLabel.REWRITTEN.value: "Rewritten",
}
SHORT = {EditLabel.SAME.value: "same", EditLabel.LIGHT.value: "light", EditLabel.REWRITTEN.value: "rewritten"}


def show_calibration(told: dict[str, Any], *, on_take: Callable[[float], None]) -> None:
    """on_take: puts the limit that serves best in force."""
    limit, best, found = told["light_edit_limit"], told["best_limit"], told["calibration"]
    st.markdown(f"**In force: up to {limit:.0%} of the words is a light edit** ({told['origin']}).")
    if found is not None:
        st.caption("How edits were labelled, by the class that the limit in force gives them.")
        st.dataframe(
            [
                {"by the limit": f"{_side(kind, limit)}: {kind.replace('_', ' ')}"}
                | {SHORT[name]: n for name, n in counts.items()}
                for kind, counts in found["classes"].items()
            ],
            hide_index=True,
        )
    for sentence in told["in_words"]:
        st.write(sentence)
    if best is None or (best == limit and told["origin"].startswith("calibrated")):
        return
    st.button(f"Take {best:.2f} as the limit", type="primary", on_click=on_take, args=(best,))
    st.caption(
        "It is the one in force; from then on it is said to be calibrated."
        if best == limit
        else "Every rate is computed anew with it, from the edits that are stored."
    )


def _side(kind: str, limit: float) -> str:
    return f"up to {limit:.0%}" if kind == ReviewClass.LIGHT_EDIT else f"above {limit:.0%}"
