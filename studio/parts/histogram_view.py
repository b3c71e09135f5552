"""The Histograms tab of Explore: how each signal is spread, and a range of it as a filter."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import exploring
from core.workflows.exploring import RecordFilter, SignalRange
from studio.parts import address_filter
from studio.parts.explore_charts import BRUSH, histogram
from studio.parts.signal_names import signal_label
from studio.running import workspace


def show_histograms(project: str, where: RecordFilter, found: RecordFilter) -> None:
    """where: the filter in the address; found: the same, with words looked up."""
    signals = exploring.signal_histograms(workspace(), project, found)
    if not signals:
        st.caption("Nothing was measured yet; Curate and the map offer it.")
        return
    _range_by_numbers(signals)
    st.caption(
        "Drag along a histogram to filter by that range, or type it. The last bar of a long tail takes everything up to the highest value."
    )
    columns = st.columns(2, gap="large")
    for place, (name, signal) in enumerate(signals.items()):
        with columns[place % 2]:
            _one(name, signal, is_filtered=not where.is_empty)


def _one(name: str, signal: dict[str, Any], *, is_filtered: bool) -> None:
    key = f"histogram_{name}_{st.session_state.get('explore_turn', 0)}_{'|'.join(st.query_params.get_all('signal'))}"

    def range_drawn() -> None:
        selection = st.session_state[key].selection.get(BRUSH) or {}
        if "low" in selection:
            low, high = (float(f"{edge:.4g}") for edge in sorted(selection["low"]))
            # The last bar stands for everything above it as well.
            if high > signal["lowest"] + (exploring.N_BARS - 0.5) * signal["width"]:
                high = signal["highest"]
            address_filter.add("signal", exploring.range_text(SignalRange(name, low, high)))

    st.altair_chart(
        histogram(name, signal, is_filtered=is_filtered), key=key, on_select=range_drawn, width="stretch",
        alt=f"Histogram of {signal_label(name)}, from {signal['lowest']:.4g} to {signal['highest']:.4g}, {signal['n']:,} records",
    )  # fmt: skip


def _range_by_numbers(signals: dict[str, dict[str, Any]]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Signal", list(signals), format_func=signal_label, key="range_signal", width=280)
        signal = signals[name]
        low = st.number_input("From", value=float(signal["lowest"]), format="%.4g", key=f"range_low_{name}", width=160)
        high = st.number_input("To", value=float(signal["highest"]), format="%.4g", key=f"range_high_{name}", width=160)
        st.button(
            "Filter by this range", disabled=low > high, on_click=address_filter.add,
            args=("signal", exploring.range_text(SignalRange(name, min(low, high), max(low, high)))),
        )  # fmt: skip
