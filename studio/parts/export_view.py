"""A run's model on its way out: formats to choose, the job that makes one, and the finished ones with what their check found."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import exported, exporting, gates, training
from studio.parts import frame, job_panel
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.running import workspace

CHOICES = {
    ("gguf", "q8_0"): "GGUF in 8 bits: one file for Ollama, llama.cpp",
    ("gguf", "f16"): "GGUF in 16 bits: the same, twice as large",
    ("merged", ""): "Merged: a whole model for vLLM, transformers",
    ("adapter", ""): "Adapter: the trained weights alone (PEFT)",
}


def show_exports(run: str, *, by: str) -> None:
    """Draw it. run: its id; it must have an adapter."""
    row = training.run_named(workspace(), run)
    st.markdown("**Take the model away**")
    _show_start(run, exporting.export_obstacles(workspace(), row), by=by)
    rows = exported.list_exports(workspace(), run)
    for one in rows:
        if one["status"] in ("queued", "running"):
            job_panel.watch(one["job"], by=by)
    if rows and rows[0]["status"] in ("failed", "lost"):
        frame.problem(f"The last export {_what(rows[0])} was not kept. {rows[0]['reason']}")
    for one in rows:
        if one["status"] == "done":
            _show_finished(one)


def _show_start(run: str, obstacles: list[str], *, by: str) -> None:
    st.selectbox("As", list(CHOICES), format_func=CHOICES.__getitem__, key=f"export_as_{run}")
    if obstacles:
        frame.problem(" ".join(obstacles))
        st.text_input(
            "Why it is to be exported all the same", key=f"export_reason_{run}", max_chars=gates.LONGEST_REASON,
            help="Kept with your name in the record of what was done, and written into the export's README.",
        )  # fmt: skip
    st.button("Export all the same" if obstacles else "Export", key=f"export_{run}", on_click=_start, args=(run, by))
    st.caption("Whole models take a minute or more: the files are loaded again and compared with what the run made.")


def _start(run: str, by: str) -> None:
    form, kind = st.session_state[f"export_as_{run}"]
    reason = st.session_state.get(f"export_reason_{run}", "")
    with frame.said_in_words():
        exporting.start_export(workspace(), run, form=form, kind=kind, by=by, override=reason)


def _show_finished(one: dict[str, Any]) -> None:
    with st.container(border=True, key=f"finished_{one['export']}"):
        st.markdown(f"**{_what(one)}** · {size(one['n_bytes'])}")
        st.caption(plain(f"By {one['created_by']}, {day(one['created_at'])}") + _checked(one))
        if one["override_reason"]:
            st.caption(plain(f"Exported over what forbade it: {one['override_reason']}"))
        if one["folder"] is None:
            st.caption("Its files are not on this machine, as a backup leaves them out. Export it again.")
            return
        st.caption("The folder, with a README, and the line that serves it:")
        st.code(one["folder"], language=None, wrap_lines=True)
        st.code(one["command"], language="bash", wrap_lines=True)


def _what(one: dict[str, Any]) -> str:
    names = {"gguf": "GGUF", "merged": "Merged model", "adapter": "Adapter"}
    return f"{names[one['format']]} {one['type']}".strip() if one["format"] == "gguf" else names[one["format"]]


def _checked(one: dict[str, Any]) -> str:
    if one["largest_difference"] is None:
        return ""
    return (
        f" · largest difference of a next-token probability {one['largest_difference']:.2g} after {one['n_prompts']} prompts "
        f"({one['limit']:g} is allowed), {one['mean_in_text']:.2g} on average in running text"
    )


def size(n_bytes: int) -> str:
    """540 MB, 1.2 GB."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{max(0.1, n_bytes / 1e6):,.1f} MB"
