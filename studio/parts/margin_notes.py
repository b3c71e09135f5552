"""Margin notes: what in a text breaks a rule of the brand guide, in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from core.review.guide.check import MarginNote
from core.workflows import reviewing
from core.workflows.guiding import Checked
from studio.parts.brand_words import NAMES
from studio.parts.counting import several
from studio.parts.plain import plain

# A sign goes with each level, so that nobody has to go by a colour.
SIGNS = {
    "error": ":red[**✕ must change**]",
    "warning": ":orange[**! look again**]",
    "suggestion": ":gray[**· perhaps**]",
}
SHOWN = 40
QUOTED = 80
FORMATTING = re.compile(r"^#{1,6} |^[*-] |\*\*?\w[^*\n]*\*|^```", re.MULTILINE)


def show_notes(text: str, checked: Checked) -> None:
    """Each note with the words it is about, once however often they stand there. Notes come from the text and the brief alone: they say nothing
    of who wrote it.
    """
    st.caption("Against your brand guide" if checked.notes else "Nothing breaks a rule of your brand guide.")
    alike: dict[tuple[str, str, str], list[tuple[MarginNote, str]]] = {}
    for note in checked.notes:
        quote = " ".join(text[note.start : note.end].split())
        alike.setdefault((note.rule, quote.casefold(), note.message.casefold()), []).append((note, quote))
    for found in list(alike.values())[:SHOWN]:
        note, quote = found[0]
        quote = f"{quote[:QUOTED]}…" if len(quote) > QUOTED else quote
        often = f", {len(found)} times" if len(found) > 1 else ""
        # A rule of the words' table is named by its kind; that says nothing to whoever reads the note.
        name = "" if note.rule.startswith(tuple(NAMES.values())) else f" :gray[{plain(note.rule)}]"
        st.markdown(f"{SIGNS[note.level.value]} “{plain(quote)}”{often}  \n{plain(note.message)}{name}")
    if len(alike) > SHOWN:
        st.caption(f"And {several(len(alike) - SHOWN, 'note')} more.")
    if checked.unchecked:
        st.caption(
            plain(f"Not checked, since their expression takes too long on this text: {', '.join(checked.unchecked)}.")
        )


def show_formatting(text: str) -> None:
    """What signs of Markdown are, where the text has some: not everybody who reads drafts knows them."""
    if FORMATTING.search(text):
        st.caption(plain("Signs like ## and * are formatting: a heading, a list, words that stand out."))


def show_brief_notes(notes: Sequence[str]) -> None:
    """What the brief asks for and the text does not keep."""
    for note in notes[:SHOWN]:
        st.markdown(f":orange[**! not as the brief asks**]  \n{plain(note)}")


def show_unsupported(text: str, support: Sequence[str]) -> None:
    """Figures, dates, names and links that stand in no brief and no fact, each once. support: the brief and its facts."""
    found = reviewing.unsupported_values(text, support)
    if found:
        st.markdown(
            ":orange[**! not in the brief or its facts**]  \n" + ", ".join(plain(value) for value in found[:SHOWN])
        )
        st.caption("Figures, dates, names and links that nobody gave: check them before you sign off.")
