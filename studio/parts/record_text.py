"""The text of the record that is judged: as one reads it, with its flags marked, or in the editor; earlier texts below."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.nouns import RecordKind
from core.workflows import deciding
from studio.parts.durations import day
from studio.parts.focus import focus_on
from studio.parts.record_acts import RecordActs
from studio.parts.text_view import show_record

AS_IMPORTED = {"edited_content": None, "edited_text": None, "edited_title": None}


def show_text_with_marks(record: dict[str, Any], fact: str) -> None:
    """fact: a kind whose places are marked as well; empty for none."""
    marks = [(flag, flag["name"].replace("_", " ")) for flag in record["flags"]]
    marks += [(span, fact) for span in record["facts"] if span["kind"] == fact]
    shown = [{"start": one["start_char"], "end": one["end_char"], "label": label} for one, label in marks]
    show_record(record, key=f"record_{record['id']}", marks=shown)


def edit_text(record: dict[str, Any], acts: RecordActs) -> None:
    """The part that is learnt in a text field, the cursor in it; what is asked above it, the original folded below."""
    is_whole = record["kind"] == RecordKind.DOCUMENT
    if not is_whole:
        show_record(record, key=f"asked_{record['id']}")
    st.text_area(
        "Edit the text that is learnt", value=deciding.text_to_edit(record), key=f"edit_{record['id']}",
        height=480 if is_whole else 240,
    )  # fmt: skip
    with st.container(horizontal=True):
        st.button(
            "Keep it as edited", key="keep_edit", type="primary", shortcut="Ctrl+Enter", on_click=acts.store_edit, args=(record,)
        )  # fmt: skip
        st.button("Leave it as it was", key="leave_edit", on_click=acts.show, args=(record["id"],))
    focus_on(f"edit_{record['id']}", token=f"{record['id']} {acts.turn}", ended_by=("keep_edit", "leave_edit"))
    with st.expander("The original"):
        show_record(record | AS_IMPORTED, key="original")


def show_earlier_texts(record: dict[str, Any]) -> None:
    for place, earlier in enumerate(record["earlier_texts"]):
        with st.expander(f"The text before the export of {day(earlier['replaced_at'])}"):
            show_record(record | earlier | AS_IMPORTED, key=f"earlier_{place}_{record['id']}")
