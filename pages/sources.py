"""Sources: what came in, on what terms, and what did not get in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.nouns import LawfulBasis, Use
from core.workflows import importing, previewing
from studio.parts import frame, job_panel
from studio.parts.durations import day
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
        "Files: CSV, TSV, JSON, JSONL, Parquet, Markdown, HTML, text, or a ZIP of these",
        accept_multiple_files=True, key=f"files_{turn}",
    )  # fmt: skip
    if not files:
        return
    uploads = [importing.keep_upload(workspace(), file.name, file.getvalue()) for file in files]
    for seen in importing.seen_before(workspace(), project["name"], uploads):
        st.warning(
            f"{seen['path']} was imported before, from {seen['source']} on {day(seen['created_at'])}; it would be refused."
        )
    st.markdown("**How it is read** — the first three rows as records")
    show_preview(project, uploads[0])
    st.markdown("**Whose it is**")
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
        st.error(str(error))
        return
    st.caption(
        f"{preview.format}, {preview.encoding}" + (f"; columns {', '.join(preview.columns)}" if preview.columns else "")
    )
    if preview.mapping:
        st.session_state["mapped_fields"] = list(preview.mapping)
        for column, (field, name) in zip(
            st.columns(min(4, len(preview.mapping))) * 4, preview.mapping.items(), strict=False
        ):
            column.selectbox(f"{field}", preview.columns, index=preview.columns.index(name), key=f"map_{field}")
    for number, record in enumerate(preview.records):
        with st.container(border=True):
            st.markdown(f"**{number + 1}.** `{record['external_id']}`")
            show_record(record, key=f"preview_{number}")
    for row in preview.rejected:
        st.warning(f"Row {row.row}: {row.reason}")


def undo(source: str) -> None:
    with frame.said_in_words():
        gone = importing.undo_import(workspace(), source, by=frame.person())
        frame.notice(f"{gone:,} records were taken out again.")


def show_source(source: dict[str, Any]) -> None:
    uses = ", ".join(source["uses"])
    state = " · undone" if source["undone_at"] else ""
    with st.expander(
        f"{source['name']} — {source['n_accepted']:,} records, {source['n_rejected']:,} rows rejected{state}"
    ):
        st.write(
            f"Owner {source['owner']}; basis {source['basis'].replace('_', ' ')}; purpose {source['purpose']}; used to {uses}; "
            f"expires {source['expires_on'] or 'never'}; licence {source['licence']}. Added by {source['created_by']}, {day(source['created_at'])}."
        )
        report = importing.import_report(workspace(), source["id"])
        refused = [{"file": f["path"], "why": f["reason"]} for f in report["files"] if f["status"] == "refused"]
        rows = [{"file": f["path"], **row} for f in report["files"] for row in f["rejected"]]
        if refused:
            st.markdown("Files that did not get in")
            st.dataframe(refused, hide_index=True)
        if rows:
            st.markdown("Rows that did not get in")
            st.dataframe(rows, hide_index=True)
        if not refused and not rows:
            st.caption("Every row got in.")
        if not source["undone_at"]:
            st.button(
                f"Take all {source['n_accepted']:,} records out again",
                key=f"undo_{source['id']}",
                on_click=undo,
                args=(source["id"],),
            )


project = frame.page("Sources", "Where the writing comes from, whose it is, and what did not get in.")
name = frame.person()
running = job_panel.watch_kind(project["name"], "import", by=name)
rows = importing.list_sources(workspace(), project["name"])
with st.expander("Add a source", expanded=not rows, icon=":material/add:"):
    add_source(project)
for row in rows:
    show_source(row)
