"""What a recipe takes: how near that is to enough, and what each rule leaves out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows.recipes import RULES
from studio.parts.frame import link
from studio.parts.plain import plain


def show_readiness(ready: dict[str, Any], *, with_link: bool) -> None:
    """The meter against the goal's range, and the one next step. with_link: unless the page has a button for it."""
    about = "about " if ready["is_estimated"] else ""
    st.progress(
        min(1.0, ready["n_good"] / ready["high"]),
        text=f"**{about}{ready['n_good']:,}** of the {ready['low']:,} to {ready['high']:,} examples that this goal usually needs",
    )
    st.write(plain(ready["sentence"]))
    if with_link:
        link(ready["page"], ready["button"])


def show_funnel(preview: dict[str, Any]) -> None:
    """Rule by rule from all records to those that are taken; then the reasons."""
    rows = [{"rule": "All records", "left out": 0, "left": preview["n_all"]}]
    rows += [{"rule": RULES[one["rule"]], "left out": one["n_out"], "left": one["n_left"]} for one in preview["funnel"]]
    st.dataframe(
        rows, hide_index=True, key="funnel",
        column_config={
            "rule": st.column_config.TextColumn("rule", width=230),
            "left out": st.column_config.NumberColumn("leaves out", format="localized", width=80),
            "left": st.column_config.ProgressColumn("left", format="localized", min_value=0, max_value=max(1, preview["n_all"])),
        },
    )  # fmt: skip
    if preview["dropped"]:
        folded = st.expander("Left out, by reason", key="reasons", on_change="rerun")
        if folded.open:
            reasons = [{"reason": reason.replace("_", " "), "records": n} for reason, n in preview["dropped"].items()]
            folded.dataframe(reasons, hide_index=True)
