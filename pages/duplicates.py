"""Duplicates: pairs to ask about first, then clusters, side by side with the difference marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.workflows import curating, deciding, duplicates
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.plain import plain
from studio.parts.text_view import show_difference
from studio.running import workspace

SHOWN = 50

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


def keep_every(members: list[str]) -> None:
    with frame.said_in_words():
        duplicates.keep_all(workspace(), project["name"], members, by=name)


def keep_this(record: str) -> None:
    with frame.said_in_words():
        duplicates.choose_canonical(workspace(), project["name"], record, by=name)


def undo() -> None:
    judge("undo", "")


def show_differences(cluster: dict[str, Any]) -> None:
    """The record that stays beside each of the others, with what differs marked."""
    kept, *others = (deciding.record_named(workspace(), project["name"], m["record_id"]) for m in cluster["members"])
    for other in others:
        before, after = duplicates.marked_sides(kept["text"], other["text"])
        left, right = st.columns(2, gap="large")
        with left:
            show_side("Stays", kept, before, f"stays_{other['id']}")
        with right:
            show_side("Left out", other, after, f"left_out_{other['id']}")


def show_side(side: str, record: dict[str, Any], spans: Sequence[Any], key: str) -> None:
    st.markdown(f"**{plain(record['title'] or record['external_id'])}**")
    moment = str(record["written_at"] or "")
    date = moment[:10] if moment[10:11] == "T" else moment
    written = f" · written {plain(date)}" if date else ""
    st.caption(f"{side} · {plain(record['external_id'])} · {record['n_words']:,} words{written}")
    show_difference(spans, key=key, is_comparison=True)


is_current = curating.is_current(workspace(), project["name"])
if not is_current:
    with st.container(border=True):
        st.write("Some records are new or changed since the last comparison.")
        st.button("Compare the records", type="primary", on_click=measure)


def set_thresholds() -> None:
    with frame.said_in_words():
        duplicates.set_thresholds(
            workspace(),
            project["name"],
            merge_at=st.session_state["merge_at"],
            ask_at=st.session_state["ask_at"],
            by=name,
        )


def thresholds() -> None:
    """From which probability on pairs are merged and asked about, with what a change would do."""
    with st.expander("How sure is sure enough"):
        st.write(
            "Each pair has a probability that both say the same, learnt from pairs that people labelled. Other limits only sort "
            "the pairs that were found anew; nothing is measured again, and what you answered stays."
        )
        left, right = st.columns(2, gap="large")
        now = (project["merge_at"], project["ask_at"])
        merge_at = left.slider("Merge without asking from", 0.5, 1.0, now[0], 0.01, key="merge_at")
        ask_at = right.slider("Ask from", 0.05, 0.9, now[1], 0.01, key="ask_at")
        counts = duplicates.band_counts(workspace(), project["name"], merge_at=merge_at, ask_at=min(ask_at, merge_at))
        st.caption(
            f"That merges {several(counts['merge'], 'pair')} and leaves {several(counts['ask'], 'pair')} to a person, those "
            "answered already included. A pair that differs in a number or a name is never merged by itself."
        )
        if (merge_at, ask_at) != now:
            st.button("Use these limits", on_click=set_thresholds)


asked = duplicates.ask_pairs(workspace(), project["name"])
n_open = asked[0]["n_open"] if asked else 0
clusters = duplicates.list_clusters(workspace(), project["name"])
to_ask, merged = st.tabs([f"To decide ({n_open:,})", f"Merged ({len(clusters):,})"])
with to_ask:
    if not asked and not is_current:
        st.caption("Compare the records first; what is not certain is then asked here.")
    elif not asked:
        frame.empty(
            "No pair waits for you.",
            "What is alike has been settled. The doubtful records are next.",
            "Go to Curate",
            "curate",
        )
        st.button("Undo the last judgement", on_click=undo)
    else:
        pair = asked[0]
        a, b = (deciding.record_named(workspace(), project["name"], pair[side]) for side in ("a", "b"))
        # Nobody would be asked about what is certain.
        likely = f"{pair['score']:.0%}" if pair["score"] < 0.995 else "over 99%"
        st.caption(
            f"{several(n_open, 'pair')} left, those first whose answer settles most. The same with a probability of "
            f"{likely}: {pair['words']:.0%} of their words in common, rare ones weighing more, and {pair['jaccard']:.0%} of "
            f"their phrases; {pair['containment']:.0%} of the shorter one's phrases stand in the longer one; their meanings are alike by "
            f"{pair['cosine']:.2f} of 1."
        )
        if pair["swapped"]:
            before, _, after = pair["swapped"].partition(" / ")
            st.warning(f"They differ in what may matter: “{plain(before)}” on the left, “{plain(after)}” on the right.")
        item = f"{pair['a']}|{pair['b']}"
        decision_bar(
            item,
            [
                KeyChoice("1", "left", "Same, keep the left"),
                KeyChoice("2", "right", "Same, keep the right"),
                KeyChoice("B", "both", "Different, keep both"),
                KeyChoice("Z", "undo", "Undo last", is_quiet=True),
            ],
            judge,
            turn=st.session_state.get("pair_turn", 0),
        )
        left, right = st.columns(2, gap="large")
        before, after = duplicates.marked_sides(a["text"], b["text"])
        with left:
            show_side("Left", a, before, f"left_{item}")
        with right:
            show_side("Right", b, after, f"right_{item}")
with merged:
    st.caption(
        "These say the same, by nearly all their words or by a person's judgement. The one marked ✓ stays; the recommended recipe leaves "
        "the others out."
    )
    for cluster in clusters[:SHOWN]:
        with st.container(border=True):
            st.caption(
                f"{len(cluster['members'])} records; the least sure of the pairs that join them: {cluster['score']:.0%}"
            )
            for member in cluster["members"]:
                words, button = st.columns([5, 1], vertical_alignment="center")
                mark = "✓ " if member["is_canonical"] else ""
                words.markdown(
                    f"{mark}{plain(member['title'] or member['external_id'])} · {member['n_words']:,} words  \n:gray[{plain(member['external_id'])}]"
                )
                if not member["is_canonical"]:
                    button.button(
                        "Keep this", key=f"keep_{member['record_id']}", on_click=keep_this, args=(member["record_id"],)
                    )
            ids = [m["record_id"] for m in cluster["members"]]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("They differ, keep all", key=f"all_{cluster['cluster']}", on_click=keep_every, args=(ids,))
                is_open = st.toggle("Show them side by side", key=f"sides_{cluster['cluster']}")
            if is_open:
                show_differences(cluster)
    if len(clusters) > SHOWN:
        st.caption(f"Shown are the {SHOWN} least certain of {len(clusters):,}; the others are treated in the same way.")
thresholds()
