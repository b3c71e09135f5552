"""Two records beside one another, each with its facts and with what only it has marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.workflows import duplicates
from studio.parts.plain import plain
from studio.parts.text_view import show_difference


def show_pair(a: dict[str, Any], b: dict[str, Any], *, sides: tuple[str, str], key: str) -> None:
    """a, b: records. sides: what each of them is here."""
    for column, side, record, spans in zip(
        st.columns(2, gap="large"), sides, (a, b), duplicates.marked_sides(a["text"], b["text"]), strict=True
    ):
        with column:
            _show_side(side, record, spans, f"{side.lower().replace(' ', '_')}_{key}")


def _show_side(side: str, record: dict[str, Any], spans: Sequence[Any], key: str) -> None:
    st.markdown(f"**{plain(record['title'] or record['external_id'])}**")
    moment = str(record["written_at"] or "")
    date = moment[:10] if moment[10:11] == "T" else moment
    written = f" · written {plain(date)}" if date else ""
    st.caption(f"{side} · {plain(record['external_id'])} · {record['n_words']:,} words{written}")
    show_difference(spans, key=key, is_comparison=True)
