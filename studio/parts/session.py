"""What a tab remembers, through one typed door: the project, the person, and what the person may do.

The project stands in the URL, so a reload or a link keeps it. Where people sign in, the person is whose session the
browser's cookie names; elsewhere a name that was typed once in this browser, who may do everything.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import streamlit as st

from core.errors import Forbidden
from core.nouns import Role
from core.people.roles import EVERYWHERE, Caller, Need
from core.workflows import people, signing_in
from studio import running
from studio.gate import COOKIE as SESSION_COOKIE
from studio.running import workspace

COOKIE = "proofroom_name"
# Who sits at a studio that asks nobody to sign in.
EVERYBODY = Caller("", {EVERYWHERE: Role.OWNER})
_set_cookie = st.components.v2.component(
    "proofroom_cookie",
    js="""export default function (component) {
  document.cookie = component.data.cookie + "; path=/; max-age=31536000; SameSite=Strict";
}""",
)


def current_project() -> dict[str, Any] | None:
    """The project of this tab: from the URL, else what it had, else the first; kept in the URL from then on."""
    rows = own_projects()
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


def own_projects() -> list[dict[str, Any]]:
    """Those in which the person has a role."""
    caller = current_caller()
    return people.projects_for(workspace(), caller) if caller else []


def own_jobs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of projects whose work the person may follow."""
    caller = current_caller()
    return [row for row in rows if caller and caller.may(Need(Role.LEAD), row["project_id"])]


def current_caller() -> Caller | None:
    """Who is at this tab, with the roles of this moment; None when nobody is signed in any more, where people sign in."""
    if not running.asks_for_sign_in():
        return EVERYBODY
    return signing_in.caller_of_session(workspace(), st.context.cookies.get(SESSION_COOKIE, ""))


def may(role: Role, *, auditors: bool = False, project: dict[str, Any] | None = None) -> bool:
    """Whether the person has at least this role in a project, the one of this tab where none is given."""
    caller = current_caller()
    if caller is EVERYBODY:
        return True
    chosen = project or current_project()
    return caller is not None and caller.may(Need(role, auditors), chosen["id"] if chosen else EVERYWHERE)


def may_everywhere(role: Role) -> bool:
    """Whether the person has at least this role in what belongs to no project."""
    caller = current_caller()
    return caller is not None and caller.may(Need(role), EVERYWHERE)


def must(role: Role, *, everywhere: bool = False) -> None:
    """For callbacks of what not everybody on the page may do. Raises Forbidden."""
    if not (may_everywhere(role) if everywhere else may(role)):
        raise Forbidden(f"This needs the role {role}.", remedy="Ask an owner to give it to you.")


def current_person() -> str | None:
    """The name of who is signed in; where nobody signs in, the one typed once in this browser, and None before that."""
    if running.asks_for_sign_in():
        caller = current_caller()
        return caller.name if caller else None
    name = st.session_state.get("person_name")
    if name is None:
        found = st.context.cookies.get(COOKIE)
        name = st.session_state["person_name"] = unquote(found) if found else None
    return name


def remember_page(path: str) -> None:
    st.session_state["page_path"] = path


def page_path() -> str:
    """Of the page that is drawn in this tab, as its address has it."""
    return str(st.session_state["page_path"])


def remember_person(name: str | None) -> None:
    st.session_state["person_name"] = name


def keep_person_in_browser() -> None:
    """Write the cookie; mounted on every page once a name is known."""
    name = st.session_state.get("person_name")
    if name and unquote(st.context.cookies.get(COOKIE, "")) != name:
        _set_cookie(data={"cookie": f"{COOKIE}={quote(name)}"}, key="keep_person")
