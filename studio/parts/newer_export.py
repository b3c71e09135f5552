"""A newer export of a source: bring it in, see what it changed, take it back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import importing, updating
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.running import workspace


def newer_export(project: dict[str, Any], source: dict[str, Any]) -> None:
    """Files, and the button that compares them with the source; its terms and columns hold."""
    turn = st.session_state.get("newer_turn", 0)
    with st.expander("Bring in a newer export of this source", icon=":material/update:", key=f"newer_{source['id']}"):
        files = st.file_uploader(
            "The newer export, of all its files", accept_multiple_files=True, key=f"newer_{source['id']}_{turn}"
        )
        st.caption(
            "Rows are matched by their id, documents by their path. A changed text replaces the one here, which stays readable; "
            "its record is undecided again. New rows come in. What is gone from the export is listed and kept. "
            "The terms and the columns are those of the source."
        )
        if files:
            st.button(
                f"Compare {several(len(files), 'file')} and update", type="primary", key=f"update_{source['id']}",
                on_click=_update, args=(project, source, files),
            )  # fmt: skip


def show_updates(report: dict[str, Any]) -> None:
    """What the newest export changed, and the ways to what is gone and back."""
    updates = [update for update in report["updates"] if update["undone_at"] is None]
    if not updates:
        return
    newest = updates[0]
    st.markdown(f"**The newest export**, {day(newest['created_at'])}, by {plain(newest['created_by'])}")
    st.write(plain(in_words(newest)))
    with st.container(horizontal=True, vertical_alignment="center"):
        if report["missing"]:
            frame.link("explore", f"See the {len(report['missing']):,} that are gone", missing=report["source"])
        with st.popover("Take this export back"):
            st.write(
                plain(
                    f"{several(newest['n_new'], 'record')} that came with it {'goes' if newest['n_new'] == 1 else 'go'}, "
                    f"{several(newest['n_updated'], 'record')} {'has' if newest['n_updated'] == 1 else 'have'} the earlier text again, "
                    "and what was decided on that text counts again."
                )
            )
            st.button("Take it back", key=f"take_back_{report['source']}", on_click=_undo, args=(report["source"],))


def in_words(update: dict[str, Any]) -> str:
    """The counts of an update as a sentence."""
    if not (update["n_updated"] or update["n_new"] or update["n_missing"] or update["n_missing"] is None):
        return f"Nothing changed: {several(update['n_unchanged'], 'record')}, all as they were."
    gone = (
        "what is gone is not known, because a file could not be read"
        if update["n_missing"] is None
        else f"{update['n_missing']:,} gone from the export and kept here"
    )
    return f"{several(update['n_updated'], 'record')} updated, {update['n_new']:,} new, {update['n_unchanged']:,} unchanged; {gone}."


def _update(project: dict[str, Any], source: dict[str, Any], files: list[Any]) -> None:
    with frame.said_in_words():
        uploads = [importing.keep_upload(workspace(), file.name, file.getvalue()) for file in files]
        updating.update_source(workspace(), project["name"], source["id"], uploads, by=frame.person())
        st.session_state["newer_turn"] = st.session_state.get("newer_turn", 0) + 1


def _undo(source: str) -> None:
    with frame.said_in_words():
        back = updating.undo_update(workspace(), source, by=frame.person())
        frame.notice(
            f"{several(back['n_removed'], 'record')} taken out again, {back['n_restored']:,} with the earlier text again."
        )
