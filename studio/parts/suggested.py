"""Beside a record that is tagged: its tags, what is suggested and why, and a field for tags without a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.workflows import suggesting
from studio.parts.plain import plain
from studio.parts.tag_marks import marked


def show_suggestions(
    found: dict[str, Any], standing: suggesting.Standing, colours: dict[str, str], listed: Sequence[dict[str, Any]]
) -> None:
    """found: tags and suggestions of a record. colours: of the listed tags by name."""
    if found["tags"]:
        st.markdown("**Tags**  \n" + "  \n".join(marked(tag, colours.get(tag, "")) for tag in found["tags"]))
    st.markdown("**Suggested**")
    if not found["suggestions"]:
        st.caption(standing.words or _why_none(found))
        return
    keys = {tag["tag"]: tag["shortcut"].upper() for tag in listed if tag["shortcut"]}
    for place, one in enumerate(found["suggestions"]):
        key = "A" if place == 0 else keys.get(one["tag"], "")
        st.markdown(
            f"{marked(one['tag'], colours.get(one['tag'], ''))} · **{one['confidence']:.2f}**"
            + (f" `{key}`" if key else "")
        )
        if place == 0:
            st.caption(f"{plain(one['why'])}.")
            st.caption(_reliability(one))


def add_field(record: str, turn: int, names: Sequence[str], on_add: Callable[[str, str], None]) -> None:
    """A field that takes any tag, of the list or new. on_add: called with the record and the field's key."""
    key = f"tag_{record}_{turn}"
    st.selectbox(
        "Another tag", names, index=None, key=key, placeholder="of the list, or a new one", accept_new_options=True,
        on_change=on_add, args=(record, key),
    )  # fmt: skip


def show_evaluation(evaluation: dict[str, Any]) -> None:
    """How far suggestions can be believed: on records held out, against the commonest tag, by confidence."""
    st.caption(
        f"From {evaluation['n_tagged']:,} tagged records, {evaluation['n_tags']} tags. On records held out, the first suggestion was "
        f"right for {evaluation['top1']:.0%}; always saying the commonest tag would be for {evaluation['commonest']:.0%}."
    )
    rows = [
        {
            "confidence": f"{one['low']:.1f} to {one['high']:.1f}",
            "suggestions": one["n"],
            "right": one["n_right"] / one["n"],
        }
        for one in reversed(evaluation["bins"])
        if one["n"]
    ]
    st.dataframe(
        rows, hide_index=True, width="content",
        column_config={"right": st.column_config.NumberColumn("of them right", format="percent")},
    )  # fmt: skip
    if evaluation["left_out"]:
        names = ", ".join(f"{plain(one['tag'])} ({one['n']})" for one in evaluation["left_out"])
        st.caption(f"Not learnt yet, because fewer than three records carry it: {names}.")


def _why_none(found: dict[str, Any]) -> str:
    if found["tags"]:
        return "None beside its tags; a record that waits for one gets suggestions."
    return "None for this record yet. Suggestions come for measured records, anew after some taggings."


def _reliability(one: dict[str, Any]) -> str:
    seen = one["was_right"]
    if seen is None:
        return "Too few suggestions of this confidence were checked to say how often they are right."
    return (
        f"Suggestions at {seen['low']:.1f} to {seen['high']:.1f} were right {seen['n_right']:,} of {seen['n']:,} times "
        "on tagged records held out."
    )
