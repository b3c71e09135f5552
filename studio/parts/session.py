"""What a tab remembers, through one typed door: the project and the person.

The project stands in the URL, so a reload or a link keeps it; the person in a cookie of this
browser, until sign-in exists.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import streamlit as st

from core.workflows import projects
from studio.running import workspace

COOKIE = "proofroom_name"
_set_cookie = st.components.v2.component(
    "proofroom_cookie",
    js="""export default function (component) {
  document.cookie = component.data.cookie + "; path=/; max-age=31536000; SameSite=Strict";
}""",
)


def current_project() -> dict[str, Any] | None:
    """The project of this tab: from the URL, else what it had, else the first; kept in the URL from then on."""
    rows = projects.list_projects(workspace())
    if not rows:
        return None
    by_name = {row["name"]: row for row in rows}
    wanted = st.query_params.get("project") or st.session_state.get("project_name")
    row = by_name.get(str(wanted)) or rows[0]
    if wanted and row["name"] != wanted:
        st.session_state["notice"] = (f"There is no project called {wanted}; this is {row['name']}.", "!")
    st.session_state["project_name"] = row["name"]
    if st.query_params.get("project") != row["name"]:
        st.query_params["project"] = row["name"]
    return row


def choose_project(name: str) -> None:
    st.session_state["project_name"] = name
    st.query_params.clear()
    st.query_params["project"] = name


def current_person() -> str | None:
    """The name typed once in this browser; None before that."""
    name = st.session_state.get("person_name")
    if name is None:
        found = st.context.cookies.get(COOKIE)
        name = st.session_state["person_name"] = unquote(found) if found else None
    return name


def remember_person(name: str | None) -> None:
    st.session_state["person_name"] = name


def keep_person_in_browser() -> None:
    """Write the cookie; mounted on every page once a name is known."""
    name = st.session_state.get("person_name")
    if name and unquote(st.context.cookies.get(COOKIE, "")) != name:
        _set_cookie(data={"cookie": f"{COOKIE}={quote(name)}"}, key="keep_person")
