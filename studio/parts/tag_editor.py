"""The project's list of tags: as a tree, one tag to change, new ones, import and export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.workflows import taxonomy
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.parts.tag_marks import INKS, mark
from studio.parts.taking import told
from studio.running import workspace

MOST_BYTES = 500_000


def tag_editor(project: str, *, by: str) -> None:
    """Draw the tree on the left and what can be done to it on the right. Every act is stored at once."""
    listed = taxonomy.list_tags(workspace(), project)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_tree(listed)
    with right:
        if listed:
            change_one(project, listed, by=by)
        add_some(project, by=by, is_first=not listed)
        files(project, by=by, is_empty=not listed)


def show_tree(listed: Sequence[dict[str, Any]]) -> None:
    if not listed:
        st.markdown("**There is no tag yet.**")
        st.caption("Tags say what a record is about, so that gaps show and results can be told apart. Ten or so are easy to keep in mind.")  # fmt: skip
        return
    lines = []
    for tag in listed:
        key = f" `{tag['shortcut'].upper()}`" if tag["shortcut"] else ""
        meaning = f"  \n{_indent(tag)}:gray[{plain(tag['meaning'])}]" if tag["meaning"] else ""
        name = plain(taxonomy.leaf_of(tag["tag"]))
        lines.append(f"{_indent(tag)}{mark(tag['colour'])}**{name}**{key} · {several(tag['n'], 'record')}{meaning}")
    with st.container(key="tag_tree"):
        for line in lines:
            st.markdown(line)


def change_one(project: str, listed: Sequence[dict[str, Any]], *, by: str) -> None:
    """One tag's name, key, colour and meaning; merging and removing it."""
    by_name = {tag["tag"]: tag for tag in listed}
    names, chosen = list(by_name), st.session_state.get("tag_chosen")
    # A field of its own after each act: the browser would go on showing a name that is gone.
    turn = st.session_state.get("tag_list_turn", 0)
    name = st.selectbox(
        "Tag to change", names, index=names.index(chosen) if chosen in names else 0, key=f"tag_to_change_{turn}"
    )
    tag = by_name[name]
    taken = {one["shortcut"] for one in listed} - {tag["shortcut"]}
    keys = ["", *(key for key in taxonomy.KEYS if key not in taken)]
    colours = ["", *INKS]
    with st.form(f"change_{name}"):
        new = st.text_input(
            "Name, with the tags above it", value=name, help="“billing / refunds” stands below “billing”."
        )
        key_field, colour_field = st.columns(2)
        key = key_field.selectbox(
            "Key", keys, index=keys.index(tag["shortcut"]), format_func=lambda k: k.upper() or "none"
        )
        colour = colour_field.selectbox(
            "Colour", colours, index=colours.index(tag["colour"]), format_func=lambda c: f"● {c}" if c else "none"
        )
        meaning = st.text_input("Meaning, in one sentence", value=tag["meaning"], max_chars=300)
        if st.form_submit_button("Store the change", type="primary"):
            _store_change(project, tag, new, key=key, colour=colour, meaning=meaning, by=by)
    with st.expander("Merge or remove it"):
        others = [one for one in by_name if one != name and not one.startswith(name + taxonomy.SEPARATOR)]
        into = st.selectbox("Merge it into", others, index=None, key=f"merge_{name}", placeholder="another tag")
        n = f"{several(tag['n'], 'record')} along"
        if st.button(f"Merge, {n}" if into else "Choose the tag that stays", disabled=into is None) and into:
            _act(
                lambda: (
                    f"{several(taxonomy.merge_tag(workspace(), project, name, into, by=by), 'record')} are {into} now."
                )
            )
        st.divider()
        if tag["n"]:
            st.caption(f"{several(tag['n'], 'record')} {'carries' if tag['n'] == 1 else 'carry'} it.")
        with st.container(horizontal=True):
            if st.button("Remove it, and off its records" if tag["n"] else "Remove it"):
                _act(lambda: _removed(name, taxonomy.remove_tag(workspace(), project, name, by=by, in_use="untag")))
            if tag["n"] and st.button("Remove it from the list alone"):
                _act(lambda: _removed(name, taxonomy.remove_tag(workspace(), project, name, by=by, in_use="keep")))


def add_some(project: str, *, by: str, is_first: bool) -> None:
    """New tags, one a line; each takes the next free key."""

    def store() -> None:
        with frame.said_in_words():
            names = [line.strip() for line in st.session_state["new_tags"].splitlines() if line.strip()]
            if names:
                taxonomy.add_tags(workspace(), project, names, by=by)
                st.session_state["new_tags"] = ""
                frame.notice(f"{several(len(names), 'tag')} added.")

    with st.expander("Add tags", expanded=is_first):
        st.text_area("One tag a line", key="new_tags", placeholder="billing / refunds", height=110)
        st.button("Add them", on_click=store, type="primary" if is_first else "secondary")


def files(project: str, *, by: str, is_empty: bool) -> None:
    """A list from a file, and the list as one."""
    with st.expander("Import and export"):
        sent = st.file_uploader("A CSV or JSON with tag, key, colour, meaning", type=["csv", "json"], key="tag_file")
        if sent is not None and st.button(f"Add what {plain(sent.name)} holds"):
            _import(project, sent, by=by)
        report = st.session_state.pop("tag_import", None)
        for line in report or []:
            st.caption(plain(line))
        if is_empty:
            return
        with st.container(horizontal=True):
            for form in ("csv", "json"):
                st.download_button(
                    f"Export as {form.upper()}",
                    told(
                        partial(taxonomy.export_list, workspace(), project, form),
                        "taxonomy",
                        by=by,
                        project=project,
                        format=form,
                    ),
                    f"tags-{project}.{form}",
                )


def _store_change(project: str, tag: dict[str, Any], new: str, *, key: str, colour: str, meaning: str, by: str) -> None:
    def change() -> str:
        if (key, colour, " ".join(meaning.split())) != (tag["shortcut"], tag["colour"], tag["meaning"]):
            taxonomy.change_tag(workspace(), project, tag["tag"], by=by, shortcut=key, colour=colour, meaning=meaning)
        st.session_state["tag_chosen"] = tag["tag"]
        if new.strip() == tag["tag"]:
            return f"{tag['tag']} is stored."
        n = taxonomy.rename_tag(workspace(), project, tag["tag"], new, by=by)
        st.session_state["tag_chosen"] = new.strip()
        return f"{tag['tag']} is {new.strip()} now; {several(n, 'record')} went along."

    _act(change)


def _import(project: str, sent: Any, *, by: str) -> None:
    def take() -> str:
        text = sent.getvalue()[: MOST_BYTES + 1].decode("utf-8-sig", errors="replace")
        done = taxonomy.import_list(workspace(), project, text, sent.name.rpartition(".")[2].lower(), by=by)
        lost = [f"{name} lost its key to a tag of the file." for name in done.lost_keys]
        st.session_state["tag_import"] = lost + [f"Row {row.row} ({row.value}): {row.reason}" for row in done.rejected]
        refused = f", {several(len(done.rejected), 'row')} refused" if done.rejected else ""
        return f"{several(done.n_added, 'tag')} added, {done.n_changed:,} changed{refused}."

    _act(take)


def _act(act: Callable[[], str]) -> None:
    """Do it, and say on the page as it then is what was done or why not."""
    try:
        frame.notice(act())
        st.session_state["tag_list_turn"] = st.session_state.get("tag_list_turn", 0) + 1
    except ProofroomError as error:
        frame.notice(str(error), icon="!")
    st.rerun()


def _removed(name: str, n: int) -> str:
    return f"{name} is off the list" + (f" and off {several(n, 'record')}." if n else ".")


def _indent(tag: dict[str, Any]) -> str:
    return "&emsp;&emsp;" * taxonomy.depth_of(tag["tag"])
