"""The Map tab of Explore: points to draw a rectangle around; a theme can be chosen by name as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.workflows import exploring
from core.workflows.exploring import Area, RecordFilter
from studio.parts import address_filter
from studio.parts.counting import several
from studio.parts.explore_charts import BRUSH, record_map
from studio.parts.plain import plain
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

# A name over the points has to be read on either paper.
INKS = {"light": "#22252B", "dark": "#E8E6E1"}


def show_map(project: str, where: RecordFilter, found: RecordFilter, ask_to_measure: Callable[[], None]) -> None:
    """where: the filter in the address; found: the same, with words looked up. The drawn area shows what lies around it."""
    around = replace(found, area=None)
    left, right = st.columns([1, 2])
    colour = left.selectbox("Colour by", list(exploring.COLOURS), key="colour", bind="query-params")
    drawn = exploring.map_of_records(workspace(), project, around, colour=colour)
    if not drawn.themes:
        with st.container(border=True):
            st.markdown("**There is no map yet.**")
            st.write("Measuring the records places them by their meaning and names the themes among them.")
            st.button("Measure the records", type="primary", on_click=ask_to_measure)
        return
    names = {theme["theme"]: f"{theme['name']} ({theme['n']:,})" for theme in drawn.themes}
    st.session_state["choose_theme"] = where.theme

    def chosen() -> None:
        theme = st.session_state["choose_theme"]
        if theme is None:
            st.query_params.pop("theme", None)
        else:
            address_filter.add("theme", str(theme))

    right.selectbox(
        "Theme", list(names), format_func=names.__getitem__, index=None, key="choose_theme", on_change=chosen, placeholder="all themes",
    )  # fmt: skip
    if not drawn.points:
        st.caption("None of these records lies on the map: they came after the last measurement.")
        return
    say_who_reads(project, len(drawn.points))
    shown = (
        f"{len(drawn.points):,} of {drawn.n:,} records, an even sample"
        if len(drawn.points) < drawn.n
        else several(drawn.n, "record")
    )
    st.caption(
        f"{shown}. What lies together is alike in meaning; distances across the map, and its directions, mean nothing. "
        "Drag over the map to choose an area, or choose a theme by name."
    )
    key = f"map_{st.session_state.get('explore_turn', 0)}_{colour}_{'' if where.area is None else exploring.area_text(where.area)}"

    def area_drawn() -> None:
        selection = st.session_state[key].selection.get(BRUSH) or {}
        if "x" in selection and "y" in selection:
            sides = [round(side, 3) for side in (*sorted(selection["x"]), *sorted(selection["y"]))]
            address_filter.add("area", exploring.area_text(Area(*sides)))

    in_view = {theme["theme"] for theme in drawn.themes} if where.theme is None else {where.theme}
    st.altair_chart(
        record_map(
            drawn.points, [t for t in drawn.themes if t["theme"] in in_view], coloured_by=colour, area=where.area,
            ink=INKS[st.context.theme.type or "light"],
        ),
        key=key, on_select=area_drawn, width="stretch",
        alt=f"Map of {shown}, coloured by {colour}. Themes: " + "; ".join(plain(name) for name in names.values()),
    )  # fmt: skip
