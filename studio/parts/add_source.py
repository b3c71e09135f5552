"""Add a source in short steps: files, how they are read, whose they are. Nothing is imported before the last button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.nouns import Use
from core.workflows import importing, previewing
from studio.parts import frame
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.terms_view import BASES, FIRST_DAY, LAST_DAY, kept_document, more_asked, more_terms
from studio.parts.text_view import show_messages
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

FORMATS = "tables, documents, books, mail, chats, or a ZIP of them"
READ = (
    "CSV, TSV, JSON, JSONL, Parquet, Arrow, XLSX, XLS, ODS, Markdown, HTML, text, DOCX, PDF, EPUB, mbox, EML; each also as gz, bz2 "
    "or xz; ZIP of any of these. Help says what becomes of each."
)
COLUMNS_WIDE = 4


def add_source(project: dict[str, Any]) -> None:
    """The steps, one below the other; the later ones appear when there is a file."""
    turn = st.session_state.get("upload_turn", 0)
    files = st.file_uploader(f"1. Files: {FORMATS}", accept_multiple_files=True, key=f"files_{turn}", help=READ)
    if not files:
        st.caption(
            "Next you see three rows as the model will see them, then you say whose they are. Nothing becomes a record before that."
        )
        st.caption(
            "Exports of Zendesk, Intercom, Freshdesk and GitHub are recognised by their fields. A git repository: run "
            "`proofroom pack FOLDER --to NAME.repository.jsonl`, and choose that file."
        )
        return
    uploads = [_kept(file) for file in files]
    for seen in importing.seen_before(workspace(), project["name"], uploads):
        st.warning(
            plain(
                f"{seen['path']} was imported before, from {seen['source']} on {day(seen['created_at'])}; it would be refused."
            )
        )
    st.markdown("**2. How it is read**: the first three rows as the model will see them")
    is_readable = _reading(project, uploads, turn) or len(uploads) > 1
    st.markdown("**3. Whose it is**")
    _terms(files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more")
    obstacle = "Mend how it is read first" if not is_readable else _missing_terms()
    st.button(
        obstacle or f"Import {len(files)} file{'s' if len(files) > 1 else ''}",
        type="primary", disabled=bool(obstacle), on_click=_start_import, args=(project, uploads),
    )  # fmt: skip


def _missing_terms() -> str:
    """What has to be said before an import, as the button says it; empty when nothing is missing."""
    state = st.session_state
    missing = [label for name, label in (("owner", "an owner"), ("purpose", "a purpose")) if not state[name].strip()]
    if missing:
        return f"Name {' and '.join(missing)} first"
    if state["basis"] is None:
        return "Choose the lawful basis first"
    if not state["uses"]:
        return "Choose at least one use first"
    if not state["never"] and (state["expires"] is None or state["expires"] < importing.today()):
        return "Choose an expiry from today on first"
    return ""


def _kept(file: Any) -> importing.Upload:
    """The upload behind a chosen file; kept once, however often the page is drawn."""
    kept: dict[str, importing.Upload] = st.session_state.setdefault("kept_uploads", {})
    if file.file_id not in kept:
        kept[file.file_id] = importing.keep_upload(workspace(), file.name, file.getvalue())
    return kept[file.file_id]


def _mappings() -> dict[str, dict[str, str]]:
    """What was chosen over the guess, by the upload's hash: looking at another file must not lose it."""
    mappings: dict[str, dict[str, str]] = st.session_state.setdefault("file_mappings", {})
    return mappings


def _reading(project: dict[str, Any], uploads: list[importing.Upload], turn: int) -> bool:
    """Show how a file is read, and let its columns be chosen. False when nothing of it would get in."""
    place = 0
    if len(uploads) > 1:
        place = st.selectbox("Look at", range(len(uploads)), format_func=lambda i: uploads[i].path, key=f"look_{turn}")
    said = st.container()
    try:
        guessed = previewing.preview_upload(workspace(), project["name"], uploads[place], others=uploads)
        known = _mappings().get(uploads[place].sha256, {})
        chosen = _choices(guessed, known, f"map_{turn}_{place}")
        _mappings()[uploads[place].sha256] = chosen
        shown = (
            previewing.preview_upload(workspace(), project["name"], uploads[place], chosen, uploads)
            if chosen
            else guessed
        )
    except ProofroomError as error:
        with said:
            frame.problem(str(error))
        return False
    if shown.notes:
        first, *others = (plain(note) for note in shown.notes)
        said.markdown("  \n".join([f"**{first}**", *others]))
    if shown.problem:
        with said:
            frame.problem(shown.problem)
    say_who_reads(project["name"], len(shown.examples))
    for number, example in enumerate(shown.examples):
        _show_example(number, example, len(shown.examples) > 1)
    for row in shown.rejected:
        st.warning(plain(f"Row {row.row}: {row.reason}"))
    return not shown.problem


def _choices(guessed: previewing.Preview, known: dict[str, str], key: str) -> dict[str, str]:
    columns = f"; columns {', '.join(guessed.columns)}" if guessed.columns else ""
    st.caption(plain(", ".join(part for part in (guessed.part, guessed.format, guessed.encoding) if part) + columns))
    if not guessed.columns:
        return {}
    mapped = [field for field in guessed.fields if field in guessed.mapping]
    others = [field for field in guessed.fields if field not in guessed.mapping]
    chosen = _selects(mapped, guessed, known, key)
    with st.expander("Other columns that mean something" if mapped else "Which column holds what", expanded=not mapped):
        chosen |= _selects(others, guessed, known, key)
    return {field: column for field, column in chosen.items() if column and column != guessed.mapping.get(field)}


def _selects(fields: list[str], guessed: previewing.Preview, known: dict[str, str], key: str) -> dict[str, str]:
    chosen = {}
    for start in range(0, len(fields), COLUMNS_WIDE):
        for place, field in zip(st.columns(COLUMNS_WIDE), fields[start : start + COLUMNS_WIDE], strict=False):
            # What was guessed can be another column but not none: it is what the record is made of, or a fact kept with it.
            options = [*guessed.columns] if field in guessed.mapping else ["", *guessed.columns]
            chosen[field] = place.selectbox(
                field.replace("_", " "), options,
                index=options.index(known.get(field) or guessed.mapping.get(field, options[0])),
                format_func=lambda column: column or "none", key=f"{key}_{field}",
            )  # fmt: skip
    return chosen


def _show_example(number: int, example: previewing.ExamplePreview, is_folded: bool) -> None:
    more = f" · the first of {example.n_examples} sections" if example.n_examples > 1 else ""
    with st.expander(f"**{number + 1}.** {plain(example.title)}{more}", expanded=number == 0 or not is_folded):
        if example.messages:
            show_messages(example.messages, key=f"preview_{number}")
        else:
            st.caption(plain(f"It gets in, but nothing is learnt from it: {example.reason}."))


def _terms(name: str) -> None:
    left, right = st.columns(2)
    left.text_input("Owner: who answers for this data", key="owner")
    left.text_input("Purpose, in a few words", key="purpose", placeholder="train our support model")
    left.selectbox(
        "Lawful basis", list(BASES), index=None, format_func=BASES.__getitem__, key="basis", placeholder="Choose one"
    )
    right.multiselect("It may be used to", [use.value for use in Use], default=[use.value for use in Use], key="uses")
    today = importing.today()
    # No limits here: a day outside of them would be marked, and the one before it imported.
    right.date_input(
        "Expires",
        value=importing.default_expiry(today),
        min_value=FIRST_DAY,
        max_value=LAST_DAY,
        key="expires",
        format="YYYY-MM-DD",
    )
    right.checkbox("Never expires", key="never")
    right.text_input("Licence", value="own", key="licence")
    with st.expander(
        "Controller, special categories, consent or contract, how long it is kept", icon=":material/gavel:"
    ):
        more_terms("")
    st.text_input("Name of the source", value=name, key="source_name")


def _start_import(project: dict[str, Any], uploads: list[importing.Upload]) -> None:
    with frame.said_in_words():
        state = st.session_state
        terms = importing.checked_terms(
            owner=state["owner"], basis=state["basis"], purpose=state["purpose"], uses=state["uses"],
            expires="never" if state["never"] else state["expires"].isoformat(), licence=state["licence"],
            today=importing.today(), **more_asked(""),
        )  # fmt: skip
        importing.import_files(
            workspace(), project["name"], uploads, terms, name=state["source_name"], by=frame.person(),
            file_mappings=_mappings(), document=kept_document(""),
        )  # fmt: skip
        state["kept_uploads"], state["file_mappings"] = {}, {}
        state["upload_turn"] = state.get("upload_turn", 0) + 1
