"""Frozen versions: what is in each, what differs from another one, and the way back in for an exported one."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.nouns import Role
from core.workflows import comparing, fact_store, facts, freezing, importing, personal_data, version_import
from studio.parts import job_panel
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.frame import link, notice, problem, said_in_words
from studio.parts.leak_check import leak_check
from studio.parts.plain import plain
from studio.parts.session import may, must
from studio.parts.taking import told
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

ROWS = 25
CHANGES = {"": "all", "added": "added", "removed": "removed", "edited": "edited", "retagged": "re-tagged"}


def show(project: str, versions: list[dict[str, Any]], *, by: str) -> None:
    """Every version, the newest first; what is in it is read when it is unfolded."""
    for version in versions:
        n_examples = version["n_train"] + version["n_validation"] + version["n_test"]
        folded = st.expander(
            f"{plain(version['name'])} — {n_examples:,} examples of {version['n_records']:,} records · {day(version['created_at'])}",
            key=f"version_{version['id']}", on_change="rerun",
        )  # fmt: skip
        if folded.open:
            with folded:
                _show_version(project, version, by=by)


def show_difference(project: str, versions: list[dict[str, Any]], *, by: str) -> None:
    """Two versions chosen from the list, and every record that differs between them."""
    names = [version["name"] for version in versions]
    left, right = st.columns(2)
    older = left.selectbox("From", names[1:], key="compare_older", bind="query-params")
    newer = right.selectbox("To", names, key="compare_newer", bind="query-params")
    ids = {version["name"]: version["id"] for version in versions}
    change = _compared(project, ids[older], ids[newer])
    st.write(plain(change["words"]))
    n_rows = {kind: change[kind] for kind in CHANGES if kind} | {"": sum(change[kind] for kind in CHANGES if kind)}
    if not n_rows[""]:
        return
    kind = st.segmented_control(
        "Changes", [kind for kind in CHANGES if n_rows[kind]], default="", key="compare_change", label_visibility="collapsed",
        format_func=lambda one: f"{CHANGES[one]} ({n_rows[one]:,})",
    ) or ""  # fmt: skip
    page = st.pagination(-(-n_rows[kind] // ROWS), key=f"compare_page_{kind}") if n_rows[kind] > ROWS else 1
    rows = _changed(project, ids[older], ids[newer], kind, page)
    say_who_reads(project, len(rows))
    st.dataframe(
        [{name: row[name] for name in comparing.COLUMNS} | {"change": CHANGES[row["change"]]} for row in rows], hide_index=True,
        column_config={"change": st.column_config.TextColumn(width=80), "record": st.column_config.TextColumn(width=130),
                       "title": st.column_config.TextColumn(width=260), "who": st.column_config.TextColumn(width=100)},
    )  # fmt: skip
    st.download_button(
        f"All {n_rows['']:,} as a table (CSV)", told(
            partial(comparing.changes_as_csv, workspace(), project, older, newer), "version_changes", ids[newer], by=by, project=project,
        ),
        file_name=f"{older} to {newer}.csv", mime="text/csv", on_click="ignore",
    )  # fmt: skip


# A frozen version never changes: what differs between two is read from their files once, not at every click on the page.
@st.cache_data(max_entries=64, show_spinner=False)
def _compared(project: str, older: str, newer: str) -> dict[str, Any]:
    return comparing.compare_versions(workspace(), project, older, newer)


@st.cache_data(max_entries=64, show_spinner=False)
def _changed(project: str, older: str, newer: str, kind: str, page: int) -> list[dict[str, Any]]:
    offset = (page - 1) * ROWS
    return comparing.changed_records(workspace(), project, older, newer, change=kind, limit=ROWS, offset=offset)


def show_taking_back(project: str, person: str) -> None:
    """Files of an exported version, the terms of its sources, and the button that confirms them."""
    job_panel.watch_kind(project, "version", by=person)
    with st.expander("Take an exported version back"):
        st.write(
            "Choose all files of its folder. It comes back as a frozen version with the same content hash; "
            "a folder whose examples or splits were changed since is refused."
        )
        chosen = st.file_uploader("Files of the version", accept_multiple_files=True, key="version_files")
        if not chosen:
            return
        with said_in_words():
            uploads = [importing.keep_upload(workspace(), file.name, file.getvalue()) for file in chosen]
            card = version_import.read_card(workspace(), uploads)
            st.dataframe(
                [
                    {key: source.get(key) for key in ("name", "owner", "basis", "purpose", "licence")}
                    | {"uses": ", ".join(source["uses"]), "expires": source.get("expires_on") or "never"}
                    for source in card["sources"]
                ],
                hide_index=True,
            )
            st.text_input("Name", value=card["name"], key="taken_back_as", max_chars=80)
            is_confirmed = st.checkbox("These terms of its sources hold here", key="terms_confirmed")
            st.button(
                "Take it back" if is_confirmed else "Confirm the terms first", disabled=not is_confirmed, key="take_back",
                on_click=_take_back, args=(project, person, uploads),
            )  # fmt: skip
            return
        # The frame keeps the words for the next run; here the person is still at it.
        words, _ = st.session_state.pop("notice")
        problem(words)


def _take_back(project: str, person: str, uploads: list[importing.Upload]) -> None:
    with said_in_words():
        must(Role.ENGINEER)
        version_import.import_version(
            workspace(), project, uploads, by=person, name=st.session_state["taken_back_as"],
            confirmed=st.session_state["terms_confirmed"],
        )  # fmt: skip
        notice("Its files are being checked.")


def _show_version(project: str, version: dict[str, Any], *, by: str) -> None:
    card = version["card"]
    who = (
        f"taken back by {plain(card['imported_by'])}"
        if card.get("imported_by")
        else f"frozen by {plain(version['created_by'])}"
    )
    st.write(
        f"{version['n_train']:,} to train on ({version['n_train_tokens']:,} tokens), {version['n_validation']:,} for validation, "
        f"{version['n_test']:,} for the test. Recipe {plain(version['recipe'])}, seed {version['seed']}, {who}."
    )
    if card.get("recipe_in_words"):
        with st.popover("The whole recipe"):
            for name, words in card["recipe_in_words"].items():
                st.markdown(f"**{plain(name)}**: {plain(words)}")
    cleaned = card.get("cleaned") or {}
    if cleaned:
        said = ", ".join(f"{step.replace('_', ' ')} {several(n, 'example')}" for step, n in cleaned.items())
        st.write(f"Cleaned: {plain(said)}.")
    _show_facts(project, version, by=by)
    said, warning = freezing.from_reviews_in_words(card)
    if said:
        st.write(plain(said))
    if warning:
        st.warning(plain(warning))
    details = freezing.version_details(workspace(), project, version["id"])
    st.caption(f"Content hash `{version['content_sha256']}`")
    if not version["n_test"]:
        st.warning(
            "Nothing is held out: the records are too few, or all alike or of one customer. A run on it compares nothing."
        )
    if details["left_out"]:
        n_left_out = sum(details["dropped"].values())
        st.markdown(f"**Left out: {n_left_out:,}**")
        if n_left_out > len(details["left_out"]):
            st.caption(f"The first {len(details['left_out']):,} are shown; the exported version lists them all.")
        st.dataframe(
            [
                {"record": d["external_id"], "reason": d["reason"].replace("_", " "), "detail": d["detail"]}
                for d in details["left_out"]
            ],
            hide_index=True,
        )
    leak_check(project, version, by=by)
    link("train", f"Train on {version['name']}", version=version["name"])


def _show_facts(project: str, version: dict[str, Any], *, by: str) -> None:
    """What was masked and moved, and the way to take the move back."""
    said = facts.put_out_in_words(version["card"])
    if said:
        st.write(f"Facts put out of the answers: {plain(said)}.")
    if put_out := personal_data.put_out_in_words(version["card"]):
        st.write(f"Places of personal data: {plain(put_out)}.")
    n_moved = fact_store.n_moved_by(workspace(), version)
    if n_moved and may(Role.ENGINEER):
        st.button(
            f"Take its {several(n_moved, 'passage')} out of the fact store", key=f"undo_move_{version['id']}",
            on_click=_undo_move, args=(project, version["id"], by),
            help="The version keeps its placeholders. What other versions moved stays.",
        )  # fmt: skip


def _undo_move(project: str, version: str, by: str) -> None:
    with said_in_words():
        must(Role.ENGINEER)
        undone = fact_store.undo_move(workspace(), project, version, by=by)
        kept = f", {undone['n_kept']:,} stay for other versions" if undone["n_kept"] else ""
        notice(f"{several(undone['n_gone'], 'passage')} left the fact store{kept}.")
