"""Signed-off texts on their way to become records: how many there are, on what terms, and the one click."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.nouns import AtEnd, LawfulBasis
from core.workflows import review_records
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

CLASSES = {"as_is": "as they were", "light_edit": "after a light edit", "rewritten": "rewritten"}


def show_signed_off(project: str, *, by: str) -> None:
    """Nothing where no text was signed off yet."""
    found = review_records.candidates_json(workspace(), project)
    if not (found["n_texts"] or found["n_taken"]):
        return
    st.subheader("Signed-off texts as training material")
    if found["n_taken"]:
        with st.container(key="plain_links_taken"):
            st.write(f"{several(found['n_taken'], 'record')} came out of reviews; each says from which draft.")
            frame.link("sources", "See them, or take them out")
    if found["n_outdated"]:
        st.warning(
            f"Of {several(found['n_outdated'], 'record')} the verdict was taken back or has another text by now: reject them, or take "
            "their source out and take the texts over again."
        )
    if found["n_texts"]:
        _offer(project, found, by=by)
    if found["left_out"]:
        st.caption(plain(f"Not among them: {found['left_out_in_words']}."))


def _offer(project: str, found: dict[str, Any], *, by: str) -> None:
    classes = ", ".join(f"{n:,} {CLASSES[one]}" for one, n in found["classes"].items())
    st.write(
        f"{several(found['n_texts'], 'text')} signed off and not yet a record: {classes}. They become candidates: undecided in Curate until "
        "somebody keeps them, and never part of a hold-out."
    )
    terms, own = found["terms"], f"signed_off_{project}"
    with st.expander(
        "Whose they are, and until when: inherited, unless you say otherwise", expanded=not terms["basis"]
    ):
        st.text_input("Owner", value=terms["owner"], key=f"{own}_owner", max_chars=200)
        st.selectbox(
            "Lawful basis", list(LawfulBasis), index=list(LawfulBasis).index(terms["basis"]) if terms["basis"] else None,
            format_func=lambda basis: basis.replace("_", " "), key=f"{own}_basis", placeholder="The sources behind differ: choose one",
        )  # fmt: skip
        st.text_input("Purpose", value=terms["purpose"], key=f"{own}_purpose", max_chars=200)
        st.text_input(
            "Expires on", value=terms["expires_on"], key=f"{own}_expires", help="No later than the sources that they follow from.",
        )  # fmt: skip
        if terms["at_end"] == AtEnd.ERASE:
            st.caption("A source that they follow from is erased at its end; so are they, when they have expired.")
    st.button(
        f"Make {several(found['n_texts'], 'candidate record')} of them", key="take_signed_off", on_click=_take,
        args=(project, own, by),
    )  # fmt: skip


def _take(project: str, own: str, by: str) -> None:
    told = {name: str(st.session_state.get(f"{own}_{name}") or "") for name in ("owner", "basis", "purpose", "expires")}
    with frame.said_in_words():
        taken = review_records.take_over(workspace(), project, by=by, **told)
        frame.notice(f"{several(taken['n_records'], 'record')} wait in Curate for somebody to decide.")
