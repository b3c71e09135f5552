"""What edits and reasons say of the data: each with the way to the records, and to a rule of the brand guide."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import lessons
from studio.parts import frame
from studio.parts.plain import plain
from studio.running import workspace


def show_lessons(project: str, *, by: str) -> None:
    """Folded; the records are counted when it is opened."""
    folded = st.expander("What edits and reasons say of your data", key="lessons", on_change="rerun")
    if not folded.open:
        return
    with folded:
        found = lessons.lessons(workspace(), project)
        if not (found["edits"] or found["reasons"]):
            st.write(
                f"No edit recurs yet among {found['n_edits']:,}: a wording counts once three edits take it out, and at least half of those "
                "that met it."
            )
            return
        for place, edit in enumerate(found["edits"]):
            _edit(project, edit, place, by=by)
        for place, reason in enumerate(found["reasons"]):
            with st.container(key=f"plain_links_reason_{place}"):
                st.write(plain(reason["sentence"]))
                where = "holds" if reason["holds"] else "flag"
                frame.link("explore", "See these records", **{where: reason[where]})


def _edit(project: str, edit: dict[str, Any], place: int, *, by: str) -> None:
    st.write(plain(edit["sentence"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        if edit["n_records"]:
            frame.link("explore", "See these records", holds=edit["holds"])
        if edit["in_guide"]:
            st.caption("The brand guide objects already.")
        else:
            st.button(
                "Add a rule to the brand guide", key=f"lesson_rule_{place}", on_click=_add_rule, args=(project, edit["removed"], by)
            )  # fmt: skip


def _add_rule(project: str, removed: str, by: str) -> None:
    with frame.said_in_words():
        name = lessons.add_rule(workspace(), project, removed, by=by)
        frame.notice(f"The brand guide has the rule “{name}”.")
