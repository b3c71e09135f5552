"""Sources: what came in, on what terms, and what did not get in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.nouns import LawfulBasis, Use
from core.workflows import gates, importing, previewing
from studio.parts import frame, job_panel
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.text_view import show_record
from studio.running import workspace

BASES = {
    LawfulBasis.CONSENT: "Consent: the person agreed",
    LawfulBasis.CONTRACT: "Contract: needed to fulfil one with the person",
    LawfulBasis.LEGAL_OBLIGATION: "Legal obligation",
    LawfulBasis.VITAL_INTERESTS: "Vital interests",
    LawfulBasis.PUBLIC_TASK: "Public task",
    LawfulBasis.LEGITIMATE_INTEREST: "Legitimate interest, weighed against the person's",
}
SOON_DAYS = 30


def start_import(project: dict[str, Any], uploads: list[importing.Upload], today: Any) -> None:
    with frame.said_in_words():
        state = st.session_state
        terms = importing.checked_terms(
            owner=state["owner"], basis=state["basis"], purpose=state["purpose"], uses=state["uses"],
            expires="never" if state["never"] else state["expires"].isoformat(), licence=state["licence"], today=today,
        )  # fmt: skip
        mapping = {f: state[f"map_{f}"] for f in state.get("mapped_fields", []) if state.get(f"map_{f}")}
        importing.import_files(
            workspace(), project["name"], uploads, terms, name=state["source_name"], by=frame.person(), mapping=mapping
        )
        state["upload_turn"] = state.get("upload_turn", 0) + 1


def add_source(project: dict[str, Any]) -> None:
    turn = st.session_state.get("upload_turn", 0)
    files = st.file_uploader(
        "1. Files: CSV, TSV, JSON, JSONL, Parquet, Markdown, HTML, text, or a ZIP of these",
        accept_multiple_files=True, key=f"files_{turn}",
    )  # fmt: skip
    if not files:
        st.caption(
            "Next you see three rows as the model will see them, then you say whose they are. Nothing is imported before that."
        )
        return
    uploads = [importing.keep_upload(workspace(), file.name, file.getvalue()) for file in files]
    for seen in importing.seen_before(workspace(), project["name"], uploads):
        st.warning(
            plain(
                f"{seen['path']} was imported before, from {seen['source']} on {day(seen['created_at'])}; it would be refused."
            )
        )
    st.markdown("**2. How it is read**: the first three rows as records")
    show_preview(project, uploads[0])
    st.markdown("**3. Whose it is**")
    left, right = st.columns(2)
    left.text_input("Owner: who answers for this data", key="owner")
    left.text_input("Purpose, in a few words", key="purpose", placeholder="train our support model")
    left.selectbox("Lawful basis", list(BASES), format_func=BASES.__getitem__, key="basis")
    right.multiselect("It may be used to", [use.value for use in Use], default=[use.value for use in Use], key="uses")
    today = importing.today()
    right.date_input("Expires", value=importing.default_expiry(today), min_value=today, key="expires")
    right.checkbox("Never expires", key="never")
    right.text_input("Licence", value="own", key="licence")
    st.text_input(
        "Name of the source",
        value=files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more",
        key="source_name",
    )
    missing = [
        label for name, label in (("owner", "an owner"), ("purpose", "a purpose")) if not st.session_state[name].strip()
    ]
    st.button(
        f"Import {len(files)} file{'s' if len(files) > 1 else ''}" if not missing else f"Name {' and '.join(missing)} first",
        type="primary", disabled=bool(missing), on_click=start_import, args=(project, uploads, today),
    )  # fmt: skip


def show_preview(project: dict[str, Any], upload: importing.Upload) -> None:
    try:
        preview = previewing.preview_upload(workspace(), project["name"], upload)
    except ProofroomError as error:
        frame.problem(str(error))
        return
    columns = f"; columns {', '.join(preview.columns)}" if preview.columns else ""
    st.caption(plain(f"{preview.format}, {preview.encoding}{columns}"))
    if preview.mapping:
        st.session_state["mapped_fields"] = list(preview.mapping)
        for column, (field, name) in zip(
            st.columns(min(4, len(preview.mapping))) * 4, preview.mapping.items(), strict=False
        ):
            column.selectbox(f"{field}", preview.columns, index=preview.columns.index(name), key=f"map_{field}")
    for number, record in enumerate(preview.records):
        with st.container(border=True):
            st.markdown(f"**{number + 1}.** {plain(record['title'] or record['external_id'])}")
            show_record(record, key=f"preview_{number}")
    for row in preview.rejected:
        st.warning(plain(f"Row {row.row}: {row.reason}"))


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
    counts = f"{source['n_accepted']:,} records, {source['n_rejected']:,} rows rejected"
    if is_read_now:
        counts = "being read"
    with st.expander(f"**{plain(source['name'])}** · {counts}" + (f" · {said}" if said else "")):
        show_terms(source)
        show_report(source)
        if not source["undone_at"]:
            with st.container(horizontal=True, vertical_alignment="center"):
                frame.link("explore", "See its records", source=source["name"])
                with st.popover("Take it out again"):
                    st.write(
                        f"All {source['n_accepted']:,} records of this source go, and what was decided on them. The report stays."
                    )
                    st.button(
                        f"Take {source['n_accepted']:,} records out",
                        key=f"undo_{source['id']}",
                        on_click=undo,
                        args=(source["id"],),
                    )


def show_terms(source: dict[str, Any]) -> None:
    facts = {
        "Owner": source["owner"],
        "Lawful basis": source["basis"].replace("_", " "),
        "Purpose": source["purpose"],
        "Used to": ", ".join(source["uses"]),
        "Expires": f"{source['expires_on']:%-d %b %Y}" if source["expires_on"] else "never",
        "Licence": source["licence"],
        "Added by": f"{source['created_by']}, {day(source['created_at'])}",
    }
    for column, (label, value) in zip(st.columns(4) * 2, facts.items(), strict=False):
        column.markdown(f":gray[{label}]  \n{plain(value)}")


def show_report(source: dict[str, Any]) -> None:
    report = importing.import_report(workspace(), source["id"])
    refused = [{"file": f["path"], "why": f["reason"]} for f in report["files"] if f["status"] == "refused"]
    rows = [{"file": f["path"], **row} for f in report["files"] for row in f["rejected"]]
    if refused:
        st.markdown(f"**Files that did not get in: {len(refused):,}**")
        st.dataframe(refused, hide_index=True, column_config={"why": st.column_config.TextColumn(width="large")})
    if rows:
        st.markdown(f"**Rows that did not get in: {len(rows):,}**")
        st.dataframe(rows, hide_index=True, column_config={"reason": st.column_config.TextColumn(width="large")})
    if not refused and not rows:
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
