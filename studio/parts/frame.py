"""The frame of a page: title, one sentence, errors and empty states, each in the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from core.errors import ProofroomError
from studio.parts.session import current_person, current_project


def page(title: str, sentence: str) -> dict[str, Any]:
    """Title and purpose. Returns the project; a page that has none sends the person to the desk."""
    st.title(title)
    st.caption(sentence)
    project = current_project()
    if project is None:
        empty(
            "There is no project yet.",
            "A project holds the data, the runs and the reviews of one model.",
            "Make a project",
            "desk",
        )
        st.stop()
    show_notice()
    return project


def person() -> str:
    """Who is at this browser. Asks for a name and stops the page until there is one."""
    name = current_person()
    if name is None:
        st.info("Type your name at the foot of the sidebar first; it is stored with every decision.")
        st.stop()
    return name


def empty(headline: str, why: str, button: str, target: str) -> None:
    """What an empty page says: why it is empty, and the one next action."""
    with st.container(border=True):
        st.markdown(f"**{headline}**")
        st.write(why)
        if st.button(button, type="primary", key=f"empty_{target}"):
            go(target)


def go(target: str) -> None:
    """Open another page of the studio, by its path."""
    from studio.navigation import page_at

    st.switch_page(page_at(target))


def notice(words: str, *, icon: str = "✓") -> None:
    """Say something after the next run of the page: what was just done."""
    st.session_state["notice"] = (words, icon)


def show_notice() -> None:
    found = st.session_state.pop("notice", None)
    if found:
        st.toast(found[0], icon=None)
        st.success(found[0]) if found[1] == "✓" else st.error(found[0])


@contextmanager
def said_in_words() -> Iterator[None]:
    """Inside a callback: an error of ours becomes a sentence on the page, and nothing else happens."""
    try:
        yield
    except ProofroomError as error:
        notice(str(error), icon="!")
