"""The held-out texts of a run: those it does worst and best, and all of them with their losses, each with the way to its record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.workflows import held_out
from studio.parts import frame
from studio.parts.plain import plain
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

N_NAMED = 5
TABLE_HEIGHT = 420


def show_held_out(run: dict[str, Any]) -> None:
    """Nothing where nothing was measured."""
    rows = held_out.held_out_rows(workspace(), run["id"])
    if not rows:
        return
    say_who_reads(run["project_id"], len(rows))
    st.markdown("**Text by text on the hold-out** (nats per token, base to tuned)")
    # Of few texts none is named twice.
    worst, best = rows[:N_NAMED], rows[N_NAMED:][::-1][:N_NAMED]
    columns = st.columns(2 if best else 1, gap="large")
    with columns[0]:
        _named("Where it does worst: the next ones to look at", worst, key="plain_links_worst")
    if best:
        with columns[1]:
            _named("Where it does best", best, key="plain_links_best")
    folded = st.expander(f"Every held-out text ({len(rows):,})", key=f"held_out_{run['id']}", on_change="rerun")
    if folded.open:
        with folded:
            _table(rows)


def _named(heading: str, rows: Sequence[dict[str, Any]], *, key: str) -> None:
    st.caption(heading)
    with st.container(key=key, gap=None):
        for row in rows:
            words = f"{_title(row)} ({row['base']:.2f} to {row['tuned']:.2f})"
            if row["record_id"] is None:
                st.caption(plain(words))
            else:
                frame.link("curate", words, record=row["record_id"])


def _table(rows: Sequence[dict[str, Any]]) -> None:
    st.dataframe(
        [
            {
                "text": _title(row),
                "before": row["base"],
                "after": row["tuned"],
                "difference": row["difference"],
                "record": frame.address("curate", record=row["record_id"]) if row["record_id"] else None,
            }
            for row in rows
        ],
        hide_index=True,
        height="content" if len(rows) < 12 else TABLE_HEIGHT,
        column_config={
            "text": st.column_config.TextColumn(width=150),
            **{
                name: st.column_config.NumberColumn(format=form, width=80)
                for name, form in (("before", "%.3f"), ("after", "%.3f"), ("difference", "%+.3f"))
            },
            "record": st.column_config.LinkColumn(display_text="open in Curate", width=110),
        },
    )
    st.caption("Nats per token of the base and of the tuned model; below zero, training helped.")


def _title(row: dict[str, Any]) -> str:
    title = row["title"] or "A record that is gone"
    return f"{title}, part {row['part']}" if row["part"] else title
