"""The Merged tab of Duplicates: groups of records that say the same, the least certain first, with the one that stays."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import deciding, duplicates
from studio.parts import frame
from studio.parts.plain import plain
from studio.parts.side_by_side import show_pair
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

SHOWN = 20


def show_merged(project: str, n_clusters: int, *, by: str) -> None:
    """A page of groups. n_clusters: how many there are."""
    st.caption(
        "These say the same, by nearly all their words or by a person's judgement. The one marked ✓ stays; the recommended recipe leaves "
        "the others out. The least certain come first."
    )
    above = st.container()
    page = st.pagination(-(-n_clusters // SHOWN), key="merged_page", bind="query-params") if n_clusters > SHOWN else 1
    clusters = duplicates.list_clusters(workspace(), project, limit=SHOWN, offset=(page - 1) * SHOWN)
    with above:
        say_who_reads(project, sum(len(cluster["members"]) for cluster in clusters))
        for cluster in clusters:
            with st.container(border=True):
                _show_cluster(project, cluster, by)


def _show_cluster(project: str, cluster: dict[str, Any], by: str) -> None:
    st.caption(f"{len(cluster['members'])} records; the least sure of the pairs that join them: {cluster['score']:.0%}")
    for member in cluster["members"]:
        with st.container(horizontal=True, vertical_alignment="center"):
            mark = "✓ " if member["is_canonical"] else ""
            st.markdown(
                f"{mark}{plain(member['title'] or member['external_id'])} · {member['n_words']:,} words  \n:gray[{plain(member['external_id'])}]"
            )
            if not member["is_canonical"]:
                st.button(
                    "Keep this", key=f"keep_{member['record_id']}", on_click=_keep_this,
                    args=(project, member["record_id"], by),
                )  # fmt: skip
    ids = [member["record_id"] for member in cluster["members"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "They differ, keep all", key=f"all_{cluster['cluster']}", on_click=_keep_every, args=(project, ids, by)
        )
        is_open = st.toggle("Show them side by side", key=f"sides_{cluster['cluster']}")
    if is_open:
        kept, *others = (deciding.record_named(workspace(), project, record) for record in ids)
        for other in others:
            show_pair(kept, other, sides=("Stays", "Left out"), key=other["id"])


def _keep_this(project: str, record: str, by: str) -> None:
    with frame.said_in_words():
        duplicates.choose_canonical(workspace(), project, record, by=by)


def _keep_every(project: str, records: list[str], by: str) -> None:
    with frame.said_in_words():
        duplicates.keep_all(workspace(), project, records, by=by)
