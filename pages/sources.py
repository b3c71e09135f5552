"""Sources: what came in, on what terms, and what did not get in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.nouns import Use
from core.workflows import gates, importing, register
from studio.parts import frame, job_panel
from studio.parts.add_source import add_source
from studio.parts.counting import several
from studio.parts.newer_export import newer_export, show_updates
from studio.parts.plain import plain
from studio.parts.terms_view import change_form, show_terms
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

ROWS_SHOWN = 200
NOTES_SHOWN = 10
ROWS_HIGH, TABLE_HEIGHT = 10, 380


def undo(source: str) -> None:
    with frame.said_in_words():
        gone = importing.undo_import(workspace(), source, by=frame.person())
        frame.notice(f"{gone:,} records were taken out again.")


def standing(source: dict[str, Any], *, is_read_now: bool) -> str:
    """What is to be known of a source before it is used."""
    if is_read_now:
        return "being read"
    if source["erasure_id"]:
        return "erased"
    if source["undone_at"]:
        return "taken out again"
    state = register.state_of(source, importing.today())
    if not source["n_accepted"] and state not in ("withdrawn", "expired"):
        return "nothing got in"
    return state


def choose_source(rows: list[dict[str, Any]], being_read: str | None) -> dict[str, Any]:
    """The table of all sources; the one whose row is chosen, else the newest."""
    table = [
        {
            "source": row["name"],
            "state": standing(row, is_read_now=row["id"] == being_read),
            "records": 0 if row["undone_at"] else row["n_accepted"],
            "rejected": row["n_rejected"],
            "expires": f"{row['expires_on']:%-d %b %Y}" if row["expires_on"] else "never",
            "lawful basis": row["basis"].replace("_", " "),
            "owner": row["owner"],
        }
        for row in rows
    ]
    event = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"sources_table_{len(table)}",
        height="content" if len(table) < ROWS_HIGH else TABLE_HEIGHT,
        column_config={"source": st.column_config.TextColumn(width=220), "owner": st.column_config.TextColumn(width=200)},
    )  # fmt: skip
    if len(rows) > 1:
        st.caption("Choose a row to see its terms and its report.")
    chosen = event.selection.rows
    return rows[chosen[0]] if chosen and chosen[0] < len(rows) else rows[0]


def show_source(source: dict[str, Any], *, is_read_now: bool) -> None:
    n = several(source["n_accepted"], "record")
    st.subheader(plain(source["name"]))
    state = standing(source, is_read_now=is_read_now)
    st.caption(f"{state.capitalize()} · {n}, {several(source['n_rejected'], 'row')} rejected")
    report = importing.import_report(workspace(), source["id"])
    show_terms(source, report["documents"])
    show_report(report, is_read_now=is_read_now)
    if source["undone_at"]:
        return
    change_form(source)
    show_updates(report)
    with st.container(horizontal=True, vertical_alignment="center"):
        frame.link("explore", "See its records", source=source["name"])
        with st.popover("Take it out again"):
            versions = importing.versions_holding(workspace(), source["id"])
            if versions:
                st.write(
                    f"{plain(', '.join(versions))} holds records of it, and a frozen version keeps what it was made of. "
                    "Reject the records in Explore, and freeze a new version."
                )
            else:
                st.write(
                    f"{n} of this source and its files go. What was decided on them no longer counts; the report stays."
                )
                st.button(f"Take {n} out", key=f"undo_{source['id']}", on_click=undo, args=(source["id"],))
    if not is_read_now and source["n_accepted"] and source["kind"] == "files":
        newer_export(project, source)


def show_report(report: dict[str, Any], *, is_read_now: bool) -> None:
    notes = [note for f in report["files"] for note in f["notes"]]
    more = (
        [f"And {len(notes) - NOTES_SHOWN:,} more; the command line lists them all."] if len(notes) > NOTES_SHOWN else []
    )
    if notes:
        st.markdown("  \n".join([plain(note) for note in notes[:NOTES_SHOWN]] + more))
    refused = [{"file": f["path"], "why": f["reason"]} for f in report["files"] if f["status"] == "refused"]
    rows = [{"file": f["path"], **row} for f in report["files"] for row in f["rejected"]]
    if refused:
        st.markdown(f"**Files that did not get in: {len(refused):,}**")
        st.dataframe(refused, hide_index=True, column_config={"file": st.column_config.TextColumn(width=240)})
    if rows:
        # Reasons quote the rows in part.
        say_who_reads(project["name"], min(len(rows), ROWS_SHOWN))
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
        plain(sentence) + " Its records go into no next version, and no run learns from a version that holds them.",
        icon=":material/event_busy:",
    )
with st.expander("Add a source", expanded=not in_use, icon=":material/add:", key="add_source"):
    add_source(project)
newest = job_panel.last_ended(project["name"], "import")
if rows:
    being_read = newest["facts"]["source"] if running and newest is not None else None
    shown = choose_source(rows, being_read)
    show_source(shown, is_read_now=shown["id"] == being_read)
