"""Three ways to a brief: typed, from a file, or from what a version holds out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import briefing, freezing
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

FIELDS = ("prompt", "audience", "format", "length", "facts", "must_not_say", "reference")
REFUSED_SHOWN = 20


def add_briefs(project: dict[str, Any], *, by: str) -> None:
    """The three ways as tabs."""
    typed, from_file, held_out = st.tabs(["Type one", "Import a file", "Take from the hold-out"])
    with typed:
        _typed(project, by)
    with from_file:
        _from_file(project, by)
    with held_out:
        _held_out(project, by)


def _typed(project: dict[str, Any], by: str) -> None:
    templates = {one.name: one for one in briefing.templates_of(workspace(), project["name"])}

    def take() -> None:
        chosen = templates.get(st.session_state["brief_template"] or "")
        if chosen is not None:
            told = {
                "prompt": chosen.prompt,
                "audience": chosen.audience,
                "format": chosen.form,
                "length": chosen.length,
            }
            for field, value in (told | {"must_not_say": "\n".join(chosen.must_not_say)}).items():
                st.session_state[f"brief_{field}"] = value

    def add() -> None:
        with frame.said_in_words():
            state = st.session_state
            briefing.add_typed(
                workspace(), project["name"], by=by, **{field: state[f"brief_{field}"] for field in FIELDS}
            )
            for field in FIELDS:
                state[f"brief_{field}"] = ""
            state["brief_template"] = None

    left, right = st.columns(2, gap="large")
    with left:
        st.selectbox(
            "Begin with", list(templates), index=None, key="brief_template", on_change=take, placeholder="nothing; or choose a template",
            help="What stands in curly brackets is for you to fill in.",
        )  # fmt: skip
        prompt = st.text_area("What is to be written", key="brief_prompt", height=100)
        st.text_input("For whom", key="brief_audience")
    with right:
        st.text_input("Form", key="brief_format", placeholder="a title and three paragraphs")
        st.text_input("Length in words", key="brief_length", placeholder="80-120, or 100 for at most so many")
        st.text_area("Facts it must use, one a line", key="brief_facts", height=68)
        st.text_area("Words it must not say, one a line", key="brief_must_not_say", height=68)
    with st.expander("A real text on the same subject, as a control"):
        st.text_area(
            "Reviewers judge it among the drafts, without knowing", key="brief_reference", height=100,
            help="Written by a person. How often your own texts pass is the ceiling for every model.",
        )  # fmt: skip
    st.button("Add the brief", on_click=add, disabled=not prompt.strip())


def _from_file(project: dict[str, Any], by: str) -> None:
    st.write(
        "JSON Lines, or a table (CSV) with a header. Columns: id, prompt, audience, format, length, facts, must_not_say, reference. "
        "Only the prompt is needed; several facts stand in one cell, one a line or with | between them."
    )
    file = st.file_uploader(
        "A file with briefs",
        type=["jsonl", "csv", "tsv", "txt"],
        key="brief_file",
        max_upload_size=briefing.MAX_FILE_MB,
    )
    if file is None:
        return
    with frame.said_in_words():
        found = briefing.read_briefs(file.getvalue(), name=file.name)
        _show_refused(found.refused)
        st.button(
            f"Add {several(len(found.briefs), 'brief')}",
            on_click=_import,
            args=(project["name"], file.getvalue(), file.name, by),
        )


def _import(project: str, content: bytes, file: str, by: str) -> None:
    with frame.said_in_words():
        added = briefing.import_briefs(workspace(), project, content, by=by, name=file)
        left_out = (
            f" {several(len(added.refused), 'row')} did not get in; each is listed below." if added.refused else ""
        )
        frame.notice(f"{several(len(added.ids), 'brief')} added, or there already.{left_out}")


def _show_refused(refused: Any) -> None:
    for one in refused[:REFUSED_SHOWN]:
        st.caption(plain(f"Row {one.row}: {one.reason}"))
    if len(refused) > REFUSED_SHOWN:
        st.caption(f"And {several(len(refused) - REFUSED_SHOWN, 'row')} more.")


def _held_out(project: dict[str, Any], by: str) -> None:
    st.write(
        "Documents that are not trained on in this version; the real text becomes the human control: about one draft in eight that reviewers "
        "get, and some drafts are left out so that the order does not tell which. Those that a run learnt from when it went on with reviews "
        "write no drafts with it."
    )
    versions = [v["name"] for v in freezing.list_versions(workspace(), project["name"])]
    if not versions:
        st.caption("They come with the first frozen version.")
        return
    version = st.selectbox("Version", versions, key="held_out_version")
    limit = int(st.number_input("How many", 1, 500, 10))
    st.button(f"Take {several(limit, 'brief')}", on_click=_take_held_out, args=(project["name"], version, limit, by))


def _take_held_out(project: str, version: str, limit: int, by: str) -> None:
    with frame.said_in_words():
        briefs = briefing.briefs_from_hold_out(workspace(), project, version, limit=limit)
        briefing.add_briefs(workspace(), project, briefs, by=by)
        frame.notice(
            f"{several(len(briefs), 'brief')} from documents that the model has not seen; their real texts come along as controls."
            if briefs
            else "This version holds nothing out, so there is nothing to take."
        )
