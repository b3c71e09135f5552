"""Personal data on the page: counts by kind, decisions on a kind and on a value, and one place after the other by key."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import personal_data
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.keys import KeyChoice, decision_bar
from studio.parts.plain import plain
from studio.parts.text_view import show_difference, show_text
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

KEEP = KeyChoice("K", "keep", "Keep")
MASK = KeyChoice("M", "mask", "Mask")
REPLACE = KeyChoice("R", "replace", "Replace")
UNDO = KeyChoice("Z", "undo", "Undo last", is_quiet=True)
DONE = {"keep": "kept", "mask": "masked", "replace": "replaced"}
VERBS = {"keep": "Keep", "mask": "Mask", "replace": "Replace"}
ALL_KINDS = "every kind"


def show_before_freezing(project: str) -> None:
    """What freezing would do with what nobody decided on; nothing where all is decided."""
    sentence = personal_data.before_freezing(workspace(), project)
    if sentence:
        with st.container(key="plain_links_personal"):
            st.caption(plain(sentence))
            frame.link("personal-data", "Go to Personal data")


def show_counts(project: str, found: dict[str, Any], *, by: str) -> None:
    """Kinds with what was decided, and what a version does with the rest."""
    st.subheader("What was found")
    st.dataframe(
        [
            {"kind": words_of(one["type"]), "places": one["n_spans"], "undecided": one["n_undecided"],
             "kept": one["n_keep"], "masked": one["n_mask"], "replaced": one["n_replace"]}
            for one in found["kinds"]
        ],
        hide_index=True, key="personal_counts",
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name in ("places", "kept", "masked", "replaced", "undecided")
        },
    )  # fmt: skip

    def set_undecided() -> None:
        with frame.said_in_words():
            personal_data.decide_undecided(workspace(), project, st.session_state["personal_undecided"], by=by)

    # What is shown follows what is stored, also after an undo.
    st.session_state["personal_undecided"] = found["undecided"]
    st.radio(
        f"What nobody decided on ({several(found['n_undecided'], 'place')} now)", ["block", "mask"], key="personal_undecided",
        format_func={"block": "stops a version from being frozen", "mask": "is masked in a version"}.__getitem__,
        on_change=set_undecided,
    )  # fmt: skip
    st.caption(
        "A made-up name is the same for the same written name in all records. Whoever has a version alone cannot trace it back; whoever has this studio's "
        "records beside it can. The project's key, by which a name is asked for, lies apart from the database and its backups."
    )


def show_kind(project: str, kinds: list[dict[str, Any]], *, by: str) -> None:
    """Decisions on a whole kind and on one value, then the places that are left."""
    # In an order that no decision changes: a list of other choices would forget which was chosen.
    by_words = {words_of(one["type"]): one for one in sorted(kinds, key=lambda one: one["type"])}
    frame.say_unknown(kind=[ALL_KINDS, *by_words])
    kind = by_words.get(
        st.selectbox("Kind", [ALL_KINDS, *by_words], key="kind", bind="query-params", width=360) or ALL_KINDS
    )
    value = ""
    if kind:
        _bulk(project, kind, by=by)
        value = _values(project, kind, by=by)
    _queue(project, kind["type"] if kind else "", value, by=by)


def words_of(kind: str) -> str:
    """A kind as people read it: PHONE_NUMBER as phone number."""
    return personal_data.KIND_WORDS.get(kind, kind)


def _bulk(project: str, kind: dict[str, Any], *, by: str) -> None:
    def decide(choice: str) -> None:
        with frame.said_in_words():
            personal_data.decide_kind(workspace(), project, kind["type"], choice, by=by)
            frame.notice(f"{several(kind['n_spans'], 'place')} {DONE[choice]}, but for those decided on by themselves.")

    with st.container(horizontal=True, gap="small"):
        for choice, verb in VERBS.items():
            if choice != "replace" or kind["may_be_replaced"]:
                st.button(
                    f"{verb} all {kind['n_spans']:,}", key=f"kind_{choice}", on_click=decide, args=(choice,)
                )  # fmt: skip


def _values(project: str, kind: dict[str, Any], *, by: str) -> str:
    """One value of the kind, with decisions on all its places; its hash, empty for all."""
    values = {one["value_sha256"]: one for one in personal_data.list_values(workspace(), project, kind["type"])}
    chosen = st.selectbox(
        "Value", ["", *values], key=f"value_of_{kind['type']}", width=360,
        format_func=lambda one: "every value" if not one else f"{values[one]['value']} ({values[one]['n_spans']:,})",
    )  # fmt: skip
    if not chosen:
        return ""
    value = values[chosen]

    def decide(choice: str) -> None:
        with frame.said_in_words():
            personal_data.decide_value(workspace(), project, kind["type"], chosen, choice, by=by)
            frame.notice(f"{several(value['n_spans'], 'place')} of this value {DONE[choice]}.")

    what = "this person" if kind["type"] == "PERSON" else "this value"
    with st.container(horizontal=True, gap="small"):
        for choice, verb in VERBS.items():
            if choice != "replace" or kind["may_be_replaced"]:
                st.button(
                    f"{verb} all {value['n_spans']:,} of {what}", key=f"value_{choice}", on_click=decide, args=(choice,)
                )  # fmt: skip
    return chosen


def _queue(project: str, kind: str, value: str, *, by: str) -> None:
    """The first place that nobody decided on, by key."""
    state = st.session_state

    def decide(choice: str, item: str) -> None:
        with frame.said_in_words():
            state["personal_turn"] = state.get("personal_turn", 0) + 1
            if choice != "undo":
                personal_data.decide_passage(workspace(), project, item, choice, by=by)
            elif not personal_data.undo_last(workspace(), project, by=by):
                frame.notice("There is nothing to undo.", icon="!")

    passages = personal_data.list_passages(
        workspace(), project, kind=kind, value_sha256=value, only_undecided=True, limit=1
    )
    if not passages:
        st.write("Nothing of this is left to decide.")
        decision_bar("none", [UNDO], decide, turn=state.get("personal_turn", 0))
        return
    (one,) = passages
    say_who_reads(project, 1, one.record)
    st.markdown(f"**{words_of(one.type)}** in {plain(one.title)}")
    start = len(one.before)
    mark = {"start": start, "end": start + len(one.value), "label": words_of(one.type)}
    show_text(one.before + one.value + one.after, key=f"passage_{one.id}", marks=[mark])
    instead = f"masked it reads “{plain(one.instead['mask'])}”"
    may_be_replaced = one.instead["replace"] != one.instead["mask"]
    if may_be_replaced:
        instead += f", replaced “{plain(one.instead['replace'])}”"
    st.caption(f"Found by {plain(one.found_by)}, score {one.score:.2f}; {instead}.")
    choices = [KEEP, MASK, *([REPLACE] if may_be_replaced else []), UNDO]
    decision_bar(one.id, choices, decide, turn=state.get("personal_turn", 0))
    with st.expander("The record as a version would have it"):
        show_difference(personal_data.preview_difference(workspace(), project, one.record), key=f"frozen_{one.id}")
