"""The frame of a page: title, one sentence, errors and empty states, each in the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.errors import ProofroomError
from core.workflows import deciding
from studio.parts.plain import plain
from studio.parts.session import current_person, current_project, remember_person
from studio.running import workspace


def page(title: str, sentence: str) -> dict[str, Any]:
    """Title and purpose. Returns the project; a page that has none sends the person to the desk."""
    st.title(title)
    st.caption(sentence)
    return project_or_stop()


def project_or_stop() -> dict[str, Any]:
    """The project of this tab, with what is to be said of the last act; the way to the desk where there is none."""
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
        _ask_for_name()
        st.stop()
    return name


def _ask_for_name() -> None:
    def named() -> None:
        name = " ".join(st.session_state["first_name"].split())
        remember_person(name or None)
        st.session_state["name_is_missing"] = not name

    with st.container(border=True):
        st.markdown("**Who is at this desk?**")
        st.text_input("Your name", key="first_name", on_change=named, max_chars=80, width=360)
        st.caption("It is stored with every decision that you make, and kept in this browser.")
        st.button("Go on", type="primary", on_click=named)
        if st.session_state.get("name_is_missing"):
            st.caption(":red[Type a name first.]")


def needs_records(project: str) -> None:
    """Stop the page with the way to the sources, where the project holds no record."""
    if not deciding.count_records(workspace(), project, deciding.RecordFilter()):
        empty("Nothing has been imported yet.", "This page works on records; they come from a source.",
              "Add a source", "sources")  # fmt: skip
        st.stop()


def say_unknown(**lists: Iterable[str]) -> None:
    """Say what the address asks of a list that does not hold it; Streamlit ignores it. lists: labels, by parameter.

    Called before the lists are made: they take what they do not know out of the address.
    """
    asked = {name: st.query_params.get(name, "") for name in lists}
    unknown = [f"{name}={value}" for name, value in asked.items() if value and value not in set(lists[name])]
    if unknown:
        st.warning(
            plain(f"The address asks for {' and '.join(unknown)}, which is not in this project; it was left out.")
        )


def empty(headline: str, why: str, button: str, target: str) -> None:
    """What an empty page says: why it is empty, and the one next action, where the person may see the page that it leads to."""
    from studio.navigation import is_open, spec_at

    with st.container(border=True):
        st.markdown(f"**{headline}**")
        st.write(why)
        if is_open(spec_at(target)) and st.button(button, type="primary", key=f"empty_{target}"):
            go(target)


def go(target: str, **parameters: str) -> None:
    """Open another page of the studio, by its path, on the same project."""
    from studio.navigation import page_at

    st.switch_page(page_at(target), query_params=_address(parameters))


def link(target: str, label: str, **parameters: str) -> None:
    """A link to another page of the studio on the same project. label: any text, shown as it is."""
    from studio.navigation import page_at

    st.page_link(page_at(target), label=plain(label), query_params=_address(parameters))


def address(target: str, **parameters: str) -> str:
    """Of another page of the studio on the same project, seen from any of its pages: for a link in a table."""
    return f"{target}?{urlencode(_address(parameters))}"


def notice(words: str, *, icon: str = "✓") -> None:
    """Say something after the next run of the page: what was just done (✓), or why it was not (!)."""
    st.session_state["notice"] = (words, icon)


def show_notice() -> None:
    # Always there, empty or not: what stands below would be drawn anew when it comes and goes, and a field lose what is typed into it.
    place = st.empty()
    found = st.session_state.pop("notice", None)
    if found and found[1] == "✓":
        st.toast(plain(found[0]))
    elif found:
        with place:
            problem(found[0])
        # The page may be scrolled down to where the person acted.
        st.toast(plain(found[0]), icon=":material/error:")


def problem(words: str) -> None:
    """An error as a sentence; it may quote anything."""
    st.error(plain(words))


@contextmanager
def said_in_words() -> Iterator[None]:
    """Inside a callback: an error of ours becomes a sentence on the page, and nothing else happens."""
    try:
        yield
    except ProofroomError as error:
        notice(str(error), icon="!")


def _address(parameters: dict[str, str]) -> dict[str, str]:
    project = st.session_state.get("project_name")
    return ({"project": project} if project else {}) | parameters
