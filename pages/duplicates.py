"""Duplicates: pairs to ask about first, then clusters, side by side with the difference marked."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import curating, deciding, duplicates
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.merged_records import show_merged
from studio.parts.pair_limits import pair_limits
from studio.parts.plain import plain
from studio.parts.side_by_side import show_pair
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

CHOICES = [
    KeyChoice("1", "left", "Same, keep the left"),
    KeyChoice("2", "right", "Same, keep the right"),
    KeyChoice("B", "both", "Different, keep both"),
    KeyChoice("Z", "undo", "Undo last", is_quiet=True),
]

project = frame.page(
    "Duplicates", "Records that say the same; one of each is enough to learn from. Only you can tell near ones apart."
)
name = frame.person()
if job_panel.watch_kind(project["name"], "curate", by=name):
    st.stop()
frame.needs_records(project["name"])


def measure() -> None:
    with frame.said_in_words():
        curating.measure_records(workspace(), project["name"], by=name)


def judge(choice: str, item: str) -> None:
    with frame.said_in_words():
        st.session_state["pair_turn"] = st.session_state.get("pair_turn", 0) + 1
        if choice == "undo":
            if not duplicates.undo_last_judgement(workspace(), project["name"], by=name):
                frame.notice("There is nothing to undo.", icon="!")
            return
        a, b = item.split("|")
        keep = {"left": a, "right": b}.get(choice)
        duplicates.judge_pair(
            workspace(), project["name"], a, b, "different" if choice == "both" else "same", by=name, keep=keep
        )


def ask_about(pair: dict[str, Any]) -> None:
    say_who_reads(project["name"], 2)
    # Nobody would be asked about what is certain.
    likely = f"{pair['score']:.0%}" if pair["score"] < 0.995 else "over 99%"
    st.caption(
        f"{several(pair['n_open'], 'pair')} left{', those first whose answer settles most' if pair['n_open'] > 1 else ''}. The same with a probability of "
        f"{likely}: {pair['words']:.0%} of their words in common, rare ones weighing more, and {pair['jaccard']:.0%} of "
        f"their phrases; {pair['containment']:.0%} of the shorter one's phrases stand in the longer one; their meanings are alike by "
        f"{pair['cosine']:.2f} of 1."
    )
    if pair["swapped"]:
        before, _, after = pair["swapped"].partition(" / ")
        st.warning(f"They differ in what may matter: “{plain(before)}” on the left, “{plain(after)}” on the right.")
    item = f"{pair['a']}|{pair['b']}"
    decision_bar(item, CHOICES, judge, turn=st.session_state.get("pair_turn", 0))
    a, b = (deciding.record_named(workspace(), project["name"], pair[side]) for side in ("a", "b"))
    show_pair(a, b, sides=("Left", "Right"), key=item)


is_current = curating.is_current(workspace(), project["name"])
if not is_current:
    with st.container(border=True):
        st.write("Some records are new or changed since the last comparison.")
        st.button("Compare the records", type="primary", on_click=measure)
asked = duplicates.ask_pairs(workspace(), project["name"])
n_open = asked[0]["n_open"] if asked else 0
n_clusters = duplicates.count_clusters(workspace(), project["name"])
# Not in the tabs' names: a tab is known by its name, and would close with the next judgement.
st.markdown(f"**{several(n_open, 'pair')}** to decide, **{several(n_clusters, 'group')}** merged")
to_ask, merged = st.tabs(["To decide", "Merged"], key="show", bind="query-params")
if to_ask.open:
    with to_ask:
        if asked:
            ask_about(asked[0])
        elif not is_current:
            st.caption("Compare the records first; what is not certain is then asked here.")
        else:
            frame.empty("No pair waits for you.", "What is alike has been settled. The doubtful records are next.",
                        "Go to Curate", "curate")  # fmt: skip
            st.button("Undo the last judgement", on_click=judge, args=("undo", ""))
if merged.open:
    with merged:
        show_merged(project["name"], n_clusters, by=name)
pair_limits(project, by=name)
