"""Erasure on a page: the person that is looked for, what would go, and the certificates of those that went.

Who is looked for stands in this session alone, never in the address, which browsers and proxies keep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

import streamlit as st

from core.nouns import Role
from core.workflows import erasing, erasure_certificates, projects
from studio.parts import frame, taking
from studio.parts.counting import several
from studio.parts.durations import date_words
from studio.parts.plain import plain
from studio.parts.session import must
from studio.running import workspace

PREVIEW, ASKED, CHOSEN, BASE = "erasure_preview", "erasure_asked", "erasure_chosen", "erasure_base"
MOST_SHOWN = 1_000
AS_SAID, TAKE, MASK, LEAVE = "as proposed", "take it as well", "the mention alone", "leave it"
# What becomes of a find, for people.
TREATMENTS = {
    "erase": "the whole record goes", "mask": "the mention is masked", "remove": "the file goes", "rewrite": "is written anew", "keep": "cannot go",
    "ask": "stays: only alike", "leave": "stays, by your choice",
}  # fmt: skip
# Tables whose own names tell a reader little; the others are called as they are, in words.
PLACES = {
    "personal_spans": "personal data found", "personal_searches": "searches for personal data", "personal_decisions": "decisions on personal data",
    "fact_spans": "facts found", "positions": "points of the map", "signals": "measures", "version_examples": "examples of versions", "record_states": "decisions",
}  # fmt: skip
NO_PROJECT = ""


def show_under_way() -> bool:
    """Say that an erasure is being carried out, and look again by itself; whether one is."""
    if not erasing.is_under_way(workspace()):
        return False

    @st.fragment(run_every=2.0)
    def watch() -> None:
        if not erasing.is_under_way(workspace()):
            st.rerun()
        st.info(
            "Somebody, or a source, is being erased. Everything is read back before the certificate is written, so it takes a while with much data; it goes on by itself, "
            "whatever becomes of this page.",
            icon=":material/hourglass_top:",
        )

    watch()
    return True


def show_form(*, by: str) -> None:
    with st.container(border=True, key="erasure_form"):
        st.text_input(
            "Full name", key="erasure_name", max_chars=200, width=420,
            help="Initials, other orders, accents and cases are found by it: Ann Lee also as A. Lee, Lee, Ann and ANN LEE.",
        )  # fmt: skip
        st.text_area(
            "Other spellings, addresses, handles, ids", key="erasure_also", height=100, width=420, placeholder="one a line",
            help="Found exactly as they are written, whatever their case.",
        )  # fmt: skip
        names = [row["name"] for row in projects.list_projects(workspace())]
        st.selectbox(
            "Request came in for", [NO_PROJECT, *names], key="erasure_project", width=420,
            format_func=lambda one: one or "no project",
            help="It stands on the certificate. Every project is looked through all the same.",
        )  # fmt: skip
        st.button("Look everywhere", type="primary", key="erasure_look", on_click=_look, args=(by,))


def show_preview(*, by: str) -> None:
    found: erasing.Preview | None = st.session_state.get(PREVIEW)
    if found is None:
        return
    st.subheader("What would go")
    if not found.finds:
        st.write("No place holds this person. Add other spellings, addresses or ids, and look again.")
        return
    n_asked = sum(one.treatment == "ask" for one in found.finds)
    counted = Counter(one.place for one in found.finds if one.treatment not in ("ask", "keep", "leave"))
    told = ", ".join(f"{n:,} in {in_words(place)}" for place, n in counted.most_common(6))
    st.markdown(
        plain(f"{several(found.n_taken, 'place')} would be erased, masked or removed" + (f": {told}." if told else "."))
    )
    if n_asked:
        st.markdown(
            f"{several(n_asked, 'place')} {'is' if n_asked == 1 else 'are'} only alike, and {'stays' if n_asked == 1 else 'stay'} unless you take {'it' if n_asked == 1 else 'them'}."
        )
    _show_finds(found.finds)
    gone = [f"{several(n, 'row')} of {in_words(table)}" for table, n in sorted(found.goes_with.items())]
    if gone:
        st.caption(plain(f"With the records go {', '.join(gone)}."))
    if found.unread:
        with st.expander(f"{several(len(found.unread), 'place')} not looked into"):
            for one in found.unread:
                st.text(one)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Look again with these choices", key="erasure_again", on_click=_look_again, args=(by,))
        with st.popover("Erase", icon=":material/person_remove:"):
            st.markdown(
                "This cannot be taken back. Models that learnt from what goes are not served, approved or exported any more until they are retired or "
                "trained anew. Backups and exports that were taken out of the studio are not reached."
            )
            st.text_input("Type the full name once more", key="erasure_sure", max_chars=200)
            st.button(
                f"Erase {several(found.n_taken, 'place')}", type="primary", key="erasure_go", on_click=_erase, args=(by,),
                disabled=not found.n_taken,
            )  # fmt: skip


def in_words(place: str) -> str:
    """What a table or a folder is called on the page."""
    return PLACES.get(place, place.replace("_", " "))


def _show_finds(finds: Iterable[erasing.Find]) -> None:
    shown = list(finds)[:MOST_SHOWN]
    rows = [
        {
            "place": in_words(one.place), "where": one.where, "as written": ", ".join(one.spelled), "what becomes of it": TREATMENTS[one.treatment],
            "why": one.why, "yours": st.session_state[BASE].get(one.key, AS_SAID),
        }
        for one in shown
    ]  # fmt: skip
    edited = st.data_editor(
        rows, hide_index=True, key=f"erasure_finds_{st.session_state.get('erasure_turn', 0)}", width="stretch",
        disabled=["place", "where", "as written", "what becomes of it", "why"],
        # A path may be cut: what is to be chosen has to be in view.
        column_config={"where": st.column_config.TextColumn(width=230), "why": "why" if any(one.why for one in shown) else None, "yours": st.column_config.SelectboxColumn(
            "your choice", options=[AS_SAID, TAKE, MASK, LEAVE], required=True, width=150,
            help="Take what is only alike; mask the mention in a record in place of erasing all of it; or leave a place as it is.",
        )},
    )  # fmt: skip
    st.session_state[CHOSEN] = {
        find.key: row["yours"] for find, row in zip(shown, edited, strict=True) if row["yours"] != AS_SAID
    }
    n_more = len(list(finds)) - MOST_SHOWN
    if n_more > 0:
        st.caption(f"{n_more:,} more go as proposed; `proofroom erase --json` lists all of them.")


def show_certificates(*, by: str) -> None:
    every = erasing.erasures(workspace())
    for one in every:
        if one["why_not"]:
            frame.problem(
                f"{one['erasure']}, asked for by {one['asked_by']}: its rows are gone, and what was left to do failed: {one['why_not']} It is tried again "
                "every hour, and when the studio starts."
            )
    done = [one for one in every if one["ended_at"]]
    if not done:
        return
    st.subheader("Certificates")
    for one in done:
        with st.container(horizontal=True, vertical_alignment="center", key=f"certificate_{one['erasure']}"):
            whose = f"the source {plain(one['source_name'])} · " if one["source"] else ""
            st.markdown(
                f"`{one['erasure']}` · {date_words(one['ended_at'])} · {whose}asked for by {plain(one['asked_by'])}"
            )
            for form, label in erasure_certificates.FORMS.items():
                st.download_button(
                    label,
                    taking.told(
                        partial(erasure_certificates.certificate_document, workspace(), one["erasure"], form), "certificate", one["erasure"], by=by, project="",
                        format=form,
                    ),
                    file_name=f"{one['erasure']}.{form}", mime=erasure_certificates.MIME[form], key=f"take_{one['erasure']}_{form}",
                    icon=":material/download:", on_click="ignore",
                )  # fmt: skip
        marked = erasure_certificates.certificate(workspace(), one["erasure"]).models
        if marked:
            st.caption(
                plain(
                    f"To be retired or trained anew, on the page Register: {', '.join(f'{m.name} of {m.project}' for m in marked)}."
                )
            )


def _look(by: str) -> None:
    state = st.session_state
    asked = {
        "name": " ".join(state["erasure_name"].split()),
        "also": tuple(one.strip() for one in state["erasure_also"].splitlines() if one.strip()),
        "project": state["erasure_project"],
    }
    state[CHOSEN] = {}
    _preview(asked, by)


def _look_again(by: str) -> None:
    _preview(st.session_state[ASKED], by)


def _preview(asked: dict[str, Any], by: str) -> None:
    state = st.session_state
    state.pop(PREVIEW, None)
    with frame.said_in_words():
        must(Role.OWNER, everywhere=True)
        state[PREVIEW] = erasing.preview_erasure(workspace(), by=by, choices=_choices(), **asked)
        state[ASKED] = asked
        # The table begins anew, with the choices that it was made with.
        state[BASE] = dict(state[CHOSEN])
        state["erasure_turn"] = state.get("erasure_turn", 0) + 1


def _choices() -> erasing.Choices:
    chosen: dict[str, str] = st.session_state[CHOSEN]
    return erasing.chosen(
        takes=[key for key, what in chosen.items() if what == TAKE],
        masks=[key for key, what in chosen.items() if what == MASK],
        leaves=[key for key, what in chosen.items() if what == LEAVE],
    )


def _erase(by: str) -> None:
    state = st.session_state
    with frame.said_in_words():
        must(Role.OWNER, everywhere=True)
        asked = state[ASKED]
        if " ".join(state["erasure_sure"].split()).casefold() != asked["name"].casefold():
            frame.notice("The name that you typed is another one, so nothing was erased.")
            return
        erasing.erase_soon(workspace(), by=by, choices=_choices(), expected=state[PREVIEW].n_taken, **asked)
        for name in (PREVIEW, ASKED, CHOSEN, BASE, "erasure_sure", "erasure_name", "erasure_also"):
            state.pop(name, None)
