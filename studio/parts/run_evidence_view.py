"""What should make one hesitate, what was learnt by heart, general ability, and the loss by tag."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import run_evidence
from studio.parts.plain import plain
from studio.parts.text_view import show_text


def show_evidence(run: dict[str, Any]) -> None:
    """Of a run that has ended well."""
    for one in run_evidence.findings(run):
        say = st.error if one["level"] == "stop" else st.warning
        say(plain(one["sentence"]), icon=":material/visibility:")
    metrics = run["metrics"] or {}
    heart, ability = metrics.get("by_heart"), metrics.get("general_ability")
    if heart or ability:
        with st.container(horizontal=True, gap="large", key="figures_evidence"):
            if heart and heart["n"]:
                limits = heart["limits"]
                st.metric(
                    "Known by heart", f"{heart['n_tuned']} of {heart['n']}", f"base model {heart['n_base']}", delta_color="off", delta_arrow="off",
                    width="content",
                    help=f"Training texts of which the first {limits['n_given']} tokens of the answer were given, and at least "
                    f"{limits['long_run']} of the next {limits['n_asked']} came out word for word.",
                )  # fmt: skip
            if ability and ability["base"]:
                change = ability["tuned"] / ability["base"] - 1
                st.metric(
                    "Plain questions", f"{ability['tuned']:.3f}", f"{change:+.1%}", delta_color="inverse", width="content",
                    help=f"Loss on {ability['n']} questions that have nothing to do with these texts, against the base model. A rise says that the "
                    "model forgets how to answer anything else.",
                )  # fmt: skip
        if heart and not heart["n"]:
            st.caption("No training text is long enough to ask for the rest of it.")
    if heart and heart["passages"]:
        with st.expander("What it knows by heart"):
            for place, one in enumerate(heart["passages"]):
                st.caption(f"{one['n_tokens']} tokens, of {plain(one['example_id'].rpartition(':')[0])}")
                show_text(one["passage"], key=f"by_heart_{place}")
    tags = run_evidence.by_tag(run)
    if tags:
        st.markdown("**By tag**, nats per token on held-out texts")
        st.dataframe(
            [
                {
                    "tag": one["tag"],
                    "texts": one["n"],
                    "base model": f"{one['base']['value']:.3f}",
                    "tuned": f"{one['tuned']['value']:.3f} ({one['tuned']['low']:.3f} to {one['tuned']['high']:.3f})",
                    "change": f"{one['tuned']['value'] / one['base']['value'] - 1:+.1%}",
                }
                for one in tags
            ],
            hide_index=True,
        )
