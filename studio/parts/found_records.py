"""The records of Explore: as a table to choose rows in, or, after a search, as a list with the finds marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.workflows import deciding, searching
from core.workflows.exploring import RecordFilter
from studio.parts import address_filter
from studio.parts.address_filter import STATUSES
from studio.parts.frame import link
from studio.parts.plain import plain
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

ROWS, ROWS_OF_SEARCH = 50, 20
TABLE_HEIGHT = 560


def show_table(project: str, found: RecordFilter, n: int, *, order: str) -> list[dict[str, Any]]:
    """A page of records as a table. Returns the rows that the person chose."""
    above = st.container()
    foot = st.container()
    page = _page(foot, n, ROWS)
    rows = deciding.list_records(workspace(), project, found, order=order, limit=ROWS, offset=(page - 1) * ROWS)
    say_who_reads(project, len(rows))
    shown = [
        {
            "title": r["title"] or r["external_id"],
            "status": STATUSES[r["status"]],
            "score": r["score"],
            "words": r["n_words"],
            "flags": [f.replace("_", " ") for f in r["flags"]],
            "tags": r["tags"],
            "record": r["external_id"],
        }
        for r in rows
    ]
    # A key of its own for each filter and after each act: chosen rows are numbers, and would be other records then.
    key = f"table_{page}_{order}_{st.session_state.get('explore_turn', 0)}_{_address()}"
    event = above.dataframe(
        shown, hide_index=True, on_select="rerun", selection_mode="multi-row", key=key,
        height="content" if len(shown) < 15 else TABLE_HEIGHT,
        column_config={
            "title": st.column_config.TextColumn(width=300),
            "score": st.column_config.NumberColumn(format="%.2f", width=70),
            "words": st.column_config.NumberColumn(width=70),
            "flags": st.column_config.ListColumn(width=190),
            "tags": st.column_config.ListColumn(width=130),
        },
    )  # fmt: skip
    return [rows[place] for place in event.selection.rows if place < len(rows)]


def show_list(project: str, found: RecordFilter, n: int, *, order: str, words: str) -> None:
    """A page of what a search found, each with the place where the words stand, and the way on from it."""
    above = st.container()
    page = _page(st.container(), n, ROWS_OF_SEARCH)
    offset = (page - 1) * ROWS_OF_SEARCH
    rows = deciding.list_records(workspace(), project, found, order=order, limit=ROWS_OF_SEARCH, offset=offset)
    say_who_reads(project, len(rows))
    places = searching.snippets(workspace(), project, [row["id"] for row in rows], words)
    for row in rows:
        with above.container(key=f"found_{row['id']}", gap="xsmall"):
            link("curate", row["title"] or row["external_id"], record=row["id"])
            st.markdown(_marked(places.get(row["id"], [])))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(_facts(row))
                st.button(
                    "More like this", key=f"like_{row['id']}", type="tertiary", on_click=look_alike, args=(row["id"],)
                )


def look_alike(record: str) -> None:
    """Search for what is near to this record, in place of the words."""
    st.session_state["words"] = ""
    address_filter.add("like", record)


def _page(foot: Any, n: int, size: int) -> int:
    if n <= size:
        return 1
    return int(foot.pagination(-(-n // size), key="page", bind="query-params"))


def _marked(pieces: Sequence[searching.Piece]) -> str:
    return "".join(
        f"{_space(p.text[:1])}{f':orange-background[**{plain(p.text)}**]' if p.is_find else plain(p.text)}{_space(p.text[-1:])}"
        for p in pieces
    )


def _space(edge: str) -> str:
    return " " if edge.isspace() else ""


def _facts(row: dict[str, Any]) -> str:
    facts = [STATUSES[row["status"]]]
    if row["score"] is not None:
        facts.append(f"score {row['score']:.2f}")
    facts += [flag.replace("_", " ") for flag in row["flags"]]
    return " · ".join([*facts, *(plain(tag) for tag in row["tags"])])


def _address() -> str:
    return "&".join(
        f"{name}={value}" for name, value in sorted(st.query_params.items()) if name not in ("view", "page")
    )
