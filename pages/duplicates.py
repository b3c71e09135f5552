"""Duplicates: pairs to ask about first, then clusters, side by side with the difference marked."""

from __future__ import annotations

import streamlit as st

from core.workflows import curating, deciding, duplicates
from studio.parts import frame, job_panel
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.text_view import show_difference
from studio.running import workspace

project = frame.page(
    "Duplicates", "Records that say the same; one of each is enough to learn from. Only you can tell near ones apart."
)
name = frame.person()
if job_panel.watch_kind(project["name"], "curate", by=name):
    st.stop()


def measure() -> None:
    with frame.said_in_words():
        curating.measure_records(workspace(), project["name"], by=name)


def judge(choice: str, item: str) -> None:
    with frame.said_in_words():
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


if not curating.is_current(workspace(), project["name"]):
    st.info("Some records have not been compared yet.")
    st.button("Compare the records", type="primary", on_click=measure)

asked = duplicates.ask_pairs(workspace(), project["name"])
clusters = duplicates.list_clusters(workspace(), project["name"])
to_ask, merged = st.tabs([f"To decide ({len(asked)})", f"Merged ({len(clusters)})"])
with to_ask:
    if not asked:
        st.write("No pair waits for you.")
    else:
        pair = asked[0]
        a, b = (deciding.record_details(workspace(), project["name"], pair[side]) for side in ("a", "b"))
        st.caption(
            f"{len(asked)} left · shared phrases {pair['jaccard']:.0%} · the shorter one contained {pair['containment']:.0%} · meaning {pair['cosine']:.2f}"
        )
        item = f"{pair['a']}|{pair['b']}"
        decision_bar(
            item,
            [
                KeyChoice("1", "left", "Same, keep the left"),
                KeyChoice("2", "right", "Same, keep the right"),
                KeyChoice("B", "both", "Different, keep both"),
                KeyChoice("Z", "undo", "Undo last"),
            ],
            judge,
        )
        left, right = st.columns(2)
        before, after = duplicates.marked_sides(a["text"], b["text"])
        with left:
            st.markdown(f"`{a['external_id']}`")
            show_difference(before, key=f"left_{item}")
        with right:
            st.markdown(f"`{b['external_id']}`")
            show_difference(after, key=f"right_{item}")
with merged:
    st.caption(
        "These are certain: the same words, or nearly all of them. The one marked ✓ is kept, the others stay out of the recommended recipe."
    )
    for cluster in clusters[:50]:
        with st.container(border=True):
            st.caption(f"{len(cluster['members'])} records, least alike {cluster['score']:.2f}")
            for member in cluster["members"]:
                words, button = st.columns([5, 1])
                words.write(
                    f"{'✓ ' if member['is_canonical'] else ''}{member['external_id']} · {member['n_words']:,} words"
                )
                if not member["is_canonical"]:
                    button.button(
                        "Keep this", key=f"keep_{member['record_id']}", on_click=keep_this, args=(member["record_id"],)
                    )
            ids = [m["record_id"] for m in cluster["members"]]
            st.button("They differ, keep all", key=f"all_{cluster['cluster']}", on_click=keep_every, args=(ids,))
    if len(clusters) > 50:
        st.caption(f"The 50 least certain of {len(clusters)} are shown; the others follow as these are settled.")
