"""What speaks for and against one record: flags with their evidence, the score's reasons, neighbours, tags, history."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio.parts.frame import link
from studio.parts.plain import plain

DONE = {
    "keep": "kept it",
    "edit": "edited it",
    "reject": "rejected it",
    "defer": "put it off",
    "undo": "took that back",
}


def show_evidence(record: dict[str, Any]) -> None:
    """Draw it as a column beside the text. record: as `deciding.record_to_judge` gives it."""
    n_defects = sum(flag["is_defect"] for flag in record["flags"])
    n_notices = len(record["flags"]) - n_defects
    if record["flags"]:
        defects = f"{n_defects} {'defect' if n_defects == 1 else 'defects'}"
        st.caption(f"{defects}, {n_notices} {'notice' if n_notices == 1 else 'notices'}")
    for flag in record["flags"]:
        with st.container(border=True):
            kind = ":red[defect]" if flag["is_defect"] else "notice"
            st.markdown(f"**{flag['name'].replace('_', ' ').capitalize()}** · {kind}")
            st.caption(plain(flag["evidence"]))
    for reason in record["reasons"] or []:
        st.caption(plain(reason))
    if record["neighbours"]:
        st.markdown("**Nearest records**", help="In brackets: how alike the meanings are, at most 1.")
        with st.container(key="plain_links", gap=None):
            for near in record["neighbours"]:
                link("curate", f"{near['title'] or near['external_id']} ({near['cosine']:.2f})", record=near["id"])
            link("explore", "More like this, in Explore", like=record["id"])
    if record["tags"]:
        st.markdown("**Tags:** " + ", ".join(plain(tag) for tag in record["tags"]))
    for act in record["history"]:
        where = ", on the text before a newer export" if act["is_on_earlier_text"] else ""
        why = f": {plain(act['note'])}" if act["note"] else ""
        st.caption(f"{plain(act['decided_by'])} {DONE[act['decision']]}{where}{why}")
