"""How well the records cover the tags: gaps in words first, then every tag with its numbers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import taxonomy
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

SHOWN_GAPS = 12


def tag_coverage(project: str, *, by: str) -> None:
    found = taxonomy.coverage(workspace(), project)
    if not found["tags"]:
        st.markdown("**There is no tag to be covered yet.**")
        st.caption("Make a list of tags first; this page then counts the good examples of each.")
        return
    gaps = sorted((row for row in found["tags"] if row["n_short"]), key=lambda row: -row["n_short"])
    n_leaves = sum(row["target"] is not None for row in found["tags"])
    left, right = st.columns([3, 2], gap="large")
    with left:
        if gaps:
            lacking = (
                f"All {n_leaves} tags lack"
                if len(gaps) == n_leaves > 1
                else f"{len(gaps)} of {several(n_leaves, 'tag')} lack"
            )
            st.markdown(f"**{lacking} good examples; {found['n_short']:,} are missing.**")
        else:
            st.markdown(f"**Every tag has the {found['target']:,} good examples that are wanted.**")
        with st.container(key="plain_links_gaps", gap=None):
            for row in gaps[:SHOWN_GAPS]:
                frame.link("explore", row["words"], tag=row["tag"])
        if len(gaps) > SHOWN_GAPS:
            st.caption(f"The {SHOWN_GAPS} widest gaps; all stand in the table.")
    with right:
        target_field(project, found, by=by)
    st.caption(
        "A good example is kept or edited, or undecided and without a defect; of records that say the same one counts. "
        "A tag with others below it is their sum."
    )
    st.dataframe(
        [_row(one) for one in found["tags"]] + [_row(one, "not in the list") for one in found["unlisted"]],
        hide_index=True,
        placeholder="",
        column_config={
            "good": st.column_config.NumberColumn("good examples"),
            "target": st.column_config.NumberColumn("wanted"),
            "short": st.column_config.NumberColumn("short"),
            "defect": st.column_config.NumberColumn("with a defect"),
            "suggested": st.column_config.NumberColumn("suggested, at 0.5 or more"),
        },
    )
    waiting = [row for row in gaps if row["n_suggested"]]
    if waiting:
        st.markdown("**Records that may close a gap**")
        with st.container(key="plain_links_waiting", gap=None):
            for row in waiting[:SHOWN_GAPS]:
                frame.link(
                    "tags",
                    f"{row['tag']}: {several(row['n_suggested'], 'record')} with this suggestion",
                    suggested=row["tag"],
                )


def target_field(project: str, found: dict[str, Any], *, by: str) -> None:
    """How many good examples each tag is to have; nothing typed for the goal's own range."""

    def store() -> None:
        with frame.said_in_words():
            wanted = st.session_state["tag_target"]
            taxonomy.set_target(workspace(), project, int(wanted) if wanted else None, by=by)

    st.number_input(
        "Good examples wanted for each tag", min_value=1, max_value=taxonomy.MAX_TARGET, step=10, key="tag_target",
        value=found["target"] if found["is_own_target"] else None, on_change=store, placeholder=f"{found['target']}",
        help="Empty: what the goal usually needs at least, divided evenly among the tags.",
    )  # fmt: skip
    if not found["is_own_target"]:
        st.caption(plain(f"{found['target']}: what the goal usually needs at least, divided evenly."))


def _row(one: dict[str, Any], note: str = "") -> dict[str, object]:
    return {
        "tag": one["tag"], "good": one["n_good"], "target": one["target"], "short": one["n_short"] or None, "records": one["n_records"],
        "defect": one["n_defect"], "rejected": one["n_rejected"], "suggested": one["n_suggested"],
    } | ({"note": note} if note else {})  # fmt: skip
