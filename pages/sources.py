"""Sources: what came in, on what terms, and what did not get in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.nouns import Use
from core.workflows import gates, importing
from studio.parts import frame, job_panel
from studio.parts.add_source import add_source
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.running import workspace

SOON_DAYS = 30
ROWS_SHOWN = 200


def undo(source: str) -> None:
    with frame.said_in_words():
        gone = importing.undo_import(workspace(), source, by=frame.person())
        frame.notice(f"{gone:,} records were taken out again.")


def standing(source: dict[str, Any]) -> str:
    """What is to be known of a source before it is used; empty when all is well."""
    if source["undone_at"]:
        return ":gray[taken out again]"
    expires = source["expires_on"]
    if expires and expires < importing.today():
        return f":red[expired on {expires:%-d %b %Y}]"
    if Use.TRAIN not in source["uses"]:
        return ":orange[not to be trained on]"
    if expires and (expires - importing.today()).days <= SOON_DAYS:
        return f":orange[expires on {expires:%-d %b %Y}]"
    return ""


def show_source(source: dict[str, Any], *, is_read_now: bool) -> None:
    said = standing(source)
    counts = f"{several(source['n_accepted'], 'record')}, {several(source['n_rejected'], 'row')} rejected"
    if is_read_now:
        counts = "being read"
    with st.expander(f"**{plain(source['name'])}** · {counts}" + (f" · {said}" if said else "")):
        show_terms(source)
        show_report(source, is_read_now=is_read_now)
        if not source["undone_at"]:
            with st.container(horizontal=True, vertical_alignment="center"):
                frame.link("explore", "See its records", source=source["name"])
                with st.popover("Take it out again"):
                    st.write(
                        f"{several(source['n_accepted'], 'record')} of this source and its files go. What was decided on them no longer counts; the report stays."
                    )
                    st.button(
                        f"Take {several(source['n_accepted'], 'record')} out",
                        key=f"undo_{source['id']}",
                        on_click=undo,
                        args=(source["id"],),
                    )


def show_terms(source: dict[str, Any]) -> None:
    facts = {
        "Owner": source["owner"],
        "Lawful basis": source["basis"].replace("_", " "),
        "Purpose": source["purpose"],
        "May be used to": ", ".join(source["uses"]),
        "Expires": f"{source['expires_on']:%-d %b %Y}" if source["expires_on"] else "never",
        "Licence": source["licence"],
        "Added by": f"{source['created_by']}, {day(source['created_at'])}",
    }
    for column, (label, value) in zip(st.columns(4) * 2, facts.items(), strict=False):
        column.markdown(f":gray[{label}]  \n{plain(value)}")


def show_report(source: dict[str, Any], *, is_read_now: bool) -> None:
    report = importing.import_report(workspace(), source["id"])
    refused = [{"file": f["path"], "why": f["reason"]} for f in report["files"] if f["status"] == "refused"]
    rows = [{"file": f["path"], **row} for f in report["files"] for row in f["rejected"]]
    if refused:
        st.markdown(f"**Files that did not get in: {len(refused):,}**")
        st.dataframe(refused, hide_index=True, column_config={"why": st.column_config.TextColumn(width="large")})
    if rows:
        st.markdown(f"**Rows that did not get in: {len(rows):,}**")
        if len(rows) > ROWS_SHOWN:
            st.caption(f"The first {ROWS_SHOWN:,} are shown; the command line and the API list them all.")
        st.dataframe(
            rows[:ROWS_SHOWN], hide_index=True, column_config={"reason": st.column_config.TextColumn(width="large")}
        )
    if not report["files"]:
        st.caption("It is still being read." if is_read_now else "The import did not end, and nothing got in.")
    elif not refused and not rows:
        st.caption("Every row got in.")


project = frame.page("Sources", "Where the writing comes from, whose it is, and what did not get in.")
name = frame.person()
running = job_panel.watch_kind(project["name"], "import", by=name)
rows = importing.list_sources(workspace(), project["name"])
in_use = [row for row in rows if not row["undone_at"]]
for sentence in gates.sources_that_forbid(in_use, Use.TRAIN, importing.today()):
    st.warning(
        plain(sentence)
        + " No version that holds its records can be frozen or trained on: reject them in Explore, or take the source out.",
        icon=":material/event_busy:",
    )
with st.expander("Add a source", expanded=not in_use, icon=":material/add:"):
    add_source(project)
newest = job_panel.last_ended(project["name"], "import")
for row in rows:
    show_source(row, is_read_now=running and newest is not None and newest["facts"]["source"] == row["id"])
