"""The experiments that the data suggests, on the run card: why, and the button that starts each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.workflows import curation_experiment, experiments
from studio.parts import frame, job_panel
from studio.parts.plain import plain
from studio.parts.run_form import Chosen
from studio.running import workspace

Start = Callable[[Callable[..., dict[str, Any]], str, Chosen], None]


def show_offers(project: str, version: str, chosen: Chosen, *, by: str, start: Start, is_barred: bool) -> None:
    """start: of a group of runs, given what starts it. is_barred: something stands in the way of any run."""
    for offer in curation_experiment.offers(workspace(), project, version):
        with st.container(border=True):
            st.markdown(plain(offer.sentence))
            if offer.kind == "learning_curve":
                st.button(
                    "Start the three runs", key="offer_learning_curve", disabled=is_barred, on_click=start,
                    args=(experiments.start_learning_curve, version, chosen),
                )  # fmt: skip
            else:
                _show_curation(project, version, chosen, offer.freezes, by=by, start=start, is_barred=is_barred)


def _show_curation(
    project: str, version: str, chosen: Chosen, freezes: str, *, by: str, start: Start, is_barred: bool
) -> None:
    if not freezes:
        st.button(
            "Start the runs", key="offer_curation", disabled=is_barred, on_click=start,
            args=(curation_experiment.start_curation_comparison, version, chosen),
        )  # fmt: skip
        return
    if not job_panel.watch_kind(project, "freeze", by=by):
        st.button(f"Freeze {freezes}", key="offer_freeze", on_click=_freeze, args=(project, version, by))
        st.caption(f"A version of {freezes}, with the hold-out of this one. The runs are offered when it is there.")


def _freeze(project: str, version: str, by: str) -> None:
    with frame.said_in_words():
        curation_experiment.freeze_counterpart(workspace(), project, version, by=by)
