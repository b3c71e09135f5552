"""Who has records, or personal data that was found in them, before them on a page: said in the audit trail, once an hour.

What the trail cannot hold is not shown: the page stops there, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import ProofroomError
from core.workflows import auditing
from studio.parts import frame
from studio.parts.session import page_path
from studio.running import workspace


def say_who_reads(project: str, n_records: int, record: str = "") -> None:
    """Before texts of records are shown, or their titles. project: its name or id. record: the id of the one that is shown."""
    if not n_records:
        return
    with _or_stop():
        auditing.reading(
            workspace(), by=frame.person(), project=project, place=page_path(), n_records=n_records, record=record
        )


def say_who_looks(project: str) -> None:
    """Before what was found as personal data is shown."""
    with _or_stop():
        auditing.viewing(workspace(), "personal_data", by=frame.person(), project=project)


@contextmanager
def _or_stop() -> Iterator[None]:
    try:
        yield
    except ProofroomError as error:
        frame.problem(str(error))
        st.stop()
