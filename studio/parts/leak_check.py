"""The leak check of one version: the last result, and a button for another, also against a file of the user's own."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.nouns import Role
from core.workflows import importing, leaking
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.session import may
from studio.parts.who_reads import say_who_reads
from studio.running import workspace


def leak_check(project: str, version: dict[str, Any], *, by: str) -> None:
    """Draw it. version: its row."""
    st.markdown("**Leaks**")
    checks = leaking.leak_checks(workspace(), project, version["id"])
    if not checks:
        st.caption(
            "A held-out text that stands in the training text too, whole or nearly, makes a run look better than it is."
        )
    for check in checks[:2]:
        say_who_reads(project, check["n_leaks"])
        _show(check)
    if not may(Role.ENGINEER):
        return
    held_out = version["n_validation"] + version["n_test"]
    file = st.file_uploader(
        "Compare the training text with a file instead of the hold-out", key=f"leak_file_{version['id']}",
        help="A test set of your own, for example: any file that can be imported.",
    )  # fmt: skip
    words = "Look for leaks against this file" if file else "Look for leaks"
    if st.button(words, key=f"leaks_{version['id']}", disabled=file is None and not held_out):
        with frame.said_in_words():
            upload = importing.keep_upload(workspace(), file.name, file.getvalue()) if file else None
            leaking.check_leaks(workspace(), project, version["id"], by=by, against=upload)
        st.rerun()


def _show(check: dict[str, Any]) -> None:
    against = plain(check["against"]) if check["against"] else "the hold-out"
    if not check["n_leaks"]:
        st.write(f"None against {against}: {check['n_held']:,} texts compared on {day(check['checked_at'])}.")
    else:
        st.warning(
            f"{check['n_held_that_leak']:,} of {check['n_held']:,} texts of {against} stand in the training text too "
            f"({several(check['n_leaks'], 'pair')}, {day(check['checked_at'])})."
        )
        st.dataframe(
            [
                {
                    "held out": leak["held_title"] or leak["held"],
                    "in": leak["held_in"],
                    "in the training text": leak["trained_title"] or leak["trained"],
                    "the same": leak["score"],
                    "differs in": leak["swapped"],
                }
                for leak in check["leaks"]
            ],
            hide_index=True,
            column_config={"the same": st.column_config.NumberColumn(format="percent")},
        )
    for sentence in check["refused"][:5]:
        st.caption(f"Not compared: {plain(sentence)}")
