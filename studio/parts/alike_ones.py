"""Records alike one that has a tag: listed with their titles, ticked or not, and tagged all at once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.workflows import tagging
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.parts.tag_marks import marked
from studio.running import workspace

HEIGHT = 460


def alike_ones(
    project: str, record: str, title: str, tag: str, *, by: str, colour: str, on_close: Callable[[], None]
) -> None:
    """Draw the list; storing it is one act, which one undo takes back. on_close: leaves the list."""
    rows = tagging.alike(workspace(), project, record, tag)
    st.markdown(f"**Like “{plain(title)}”, and without a tag yet**")
    if not rows:
        st.caption("None that is near enough in meaning, or surely of the same tag.")
        st.button("Back to the record", key="alike_close", on_click=on_close)
        return
    st.caption(
        "Ticked are those for which the tag is suggested with a confidence of 0.8 or more, or that say nearly the same. "
        "The others are only near in meaning: look before you tick them."
    )

    def store(ids: list[str]) -> None:
        with frame.said_in_words():
            n = tagging.tag_alike(workspace(), project, ids, tag, by=by, expected=len(ids))
            frame.notice(f"{several(n, 'record')} tagged {tag}. Undo takes it back as a whole.")
            on_close()

    above = st.container(horizontal=True, vertical_alignment="center")
    ticked = []
    with st.container(height=HEIGHT if len(rows) > 8 else "content", key="alike_rows"):
        for row in rows:
            sure = f", suggested at {row['confidence']:.2f}" if row["confidence"] else ""
            label = f"{plain(row['title'] or row['opening'] or row['external_id'])} :gray[· {row['cosine']:.2f} alike{sure}]"
            if st.checkbox(label, value=row["is_sure"], key=f"alike_{record}_{row['id']}"):
                ticked.append(row["id"])
    with above:
        st.button(
            f"Tag {several(len(ticked), 'record')}: {marked(tag, colour)}" if ticked else "Tick the records to tag",
            type="primary", key="alike_store", disabled=not ticked, on_click=store, args=(ticked,),
        )  # fmt: skip
        st.button("Back to the record", key="alike_close", on_click=on_close)
    if len(rows) == tagging.MOST_ALIKE:
        st.caption(f"The nearest {tagging.MOST_ALIKE} are shown; there may be more once these have their tag.")
