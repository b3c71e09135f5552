"""People on a page: accounts with their roles, links, sessions and tokens. A link or a token is shown once, in the tab that made it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from core.nouns import Role
from core.people.roles import MEANING
from core.workflows import access_tokens, people, projects, signing_in
from studio import running
from studio.parts.durations import day
from studio.parts.frame import notice, said_in_words
from studio.parts.plain import plain
from studio.parts.session import must
from studio.running import workspace

EVERY_PROJECT = "every project"
NO_ROLE = "no role"


def show_new_secret() -> None:
    """The link or token that was just made, until it was copied."""
    new = st.session_state.get("new_secret")
    if new is None:
        return
    words, secret = new
    with st.container(border=True, key="new_secret_box"):
        st.write(plain(words))
        st.code(secret, language=None, wrap_lines=True)
        st.button(
            "I have copied it", key="new_secret_copied", on_click=lambda: st.session_state.pop("new_secret", None)
        )


def show_accounts(*, by: str) -> None:
    st.subheader("Accounts")
    everybody = people.list_people(workspace())
    for one in (one for one in everybody if not one.ended_at):
        with st.container(border=True, key=f"account_{one.account}"):
            st.markdown(f"**{plain(one.name)}**")
            st.write(plain(_roles(one)) + (" · single sign-on" if one.signs_on else ""))
            with st.container(horizontal=True):
                with st.popover("Another role"):
                    _show_role_form(one, by=by)
                st.button(
                    "New password link", key=f"password_{one.account}", on_click=_new_password, args=(one.name, by)
                )
                if one.signs_on:
                    with st.popover("Unlink", type="tertiary"):
                        st.write("Single sign-on lets nobody in as this person any more, and their sessions end.")
                        st.button(
                            f"Unlink {plain(one.name)}",
                            key=f"unlink_{one.account}",
                            on_click=_unlink,
                            args=(one.name, by),
                        )
                with st.popover("End", type="tertiary"):
                    st.write("No session or token of this account opens anything any more. What the person did stays.")
                    st.button(f"End {plain(one.name)}", key=f"end_{one.account}", on_click=_end, args=(one.name, by))
    left = [one for one in everybody if one.ended_at]
    if left:
        st.caption(f"Left: {plain(', '.join(one.name for one in left))}.")


def show_invitations(*, by: str) -> None:
    st.subheader("Invite somebody")
    st.text_input("Name", key="invite_name", max_chars=80, width=360, help="It stands with everything that they do.")
    _choose_role("invite")
    st.button("Make the link", type="primary", key="invite", on_click=_invite, args=(by,))
    for row in people.list_invitations(workspace()):
        with st.container(horizontal=True, vertical_alignment="center", key=f"invitation_{row['id']}"):
            what = f"{row['role']} in {row['project'] or EVERY_PROJECT}" if row["role"] else "another password"
            st.markdown(
                f"{plain(row['name'])} · {plain(what)} · by {plain(row['created_by'])}, until {day(row['expires_at'])}"
            )
            st.button(
                "Take it back", type="tertiary", key=f"revoke_{row['id']}", on_click=_revoke_invitation, args=(row["id"], by)
            )  # fmt: skip


def show_sessions(*, by: str) -> None:
    st.subheader("Signed in now")
    for row in signing_in.list_sessions(workspace()):
        with st.container(horizontal=True, vertical_alignment="center", key=f"session_{row['id']}"):
            st.markdown(f"{plain(row['name'])} · since {day(row['started_at'])} · last used {day(row['used_at'])}")
            st.button("End it", type="tertiary", key=f"end_{row['id']}", on_click=_end_session, args=(row["id"], by))


def show_tokens(*, by: str) -> None:
    st.subheader("Tokens for scripts")
    names = [one.name for one in people.list_people(workspace()) if not one.ended_at]
    for row in (row for row in access_tokens.list_tokens(workspace()) if row["is_in_use"]):
        with st.container(horizontal=True, vertical_alignment="center", key=f"token_{row['id']}"):
            used = f"last used {day(row['used_at'])}" if row["used_at"] else "never used"
            st.markdown(
                f"{plain(row['name'])} · {plain(row['account'])}, {row['role']} in {plain(row['project'] or EVERY_PROJECT)} · "
                f"until {day(row['expires_at'])} · {used}"
            )
            st.button(
                "Revoke", type="tertiary", key=f"revoke_{row['id']}", on_click=_revoke_token, args=(row["id"], by)
            )
    with st.popover("Make a token", icon=":material/key:"):
        st.text_input("What uses it", key="token_name", max_chars=80)
        st.selectbox("Whose it is", names, key="token_account")
        _choose_role("token")
        st.number_input("Days", 1, access_tokens.MOST_DAYS, access_tokens.USUAL_DAYS, key="token_days")
        st.button("Make it", type="primary", key="token_make", on_click=_make_token, args=(by,))


def _roles(one: people.Person) -> str:
    told = [f"{role} in {place or EVERY_PROJECT}" for place, role in sorted(one.roles.items())]
    return ", ".join(told) or "No role yet: they can sign in, and see nothing."


def _show_role_form(one: people.Person, *, by: str) -> None:
    key = f"role_{one.account}"
    _choose_role(key, with_none=True)
    st.button("Set it", key=f"{key}_set", on_click=_set_role, args=(one.name, key, by))


def _choose_role(key: str, *, with_none: bool = False) -> None:
    roles = [role.value for role in reversed(Role)] + ([NO_ROLE] if with_none else [])
    st.selectbox(
        "Role", roles, roles.index(Role.REVIEWER), key=f"{key}_role", width=420,
        format_func=lambda role: f"{role}: {MEANING[Role(role)]}" if role != NO_ROLE else "no role any more",
    )  # fmt: skip
    names = [row["name"] for row in projects.list_projects(workspace())]
    st.selectbox("In", [*names, EVERY_PROJECT], key=f"{key}_project", width=420)


def _chosen(key: str) -> dict[str, Any]:
    role, project = st.session_state[f"{key}_role"], st.session_state[f"{key}_project"]
    return {"role": None if role == NO_ROLE else role, "project": None if project == EVERY_PROJECT else project}


def _invite(by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        name = st.session_state["invite_name"]
        made = people.invite(workspace(), name, by=by, **_chosen("invite"))
        words = f"The link for {name}. It works once, within a week. It is not kept, and cannot be shown again."
        st.session_state["new_secret"] = (words, _origin() + people.link_of(made))
        st.session_state["invite_name"] = ""


def _new_password(name: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        made = people.new_password_link(workspace(), name, by=by)
        words = f"The link by which {name} chooses another password. It works once, within a day."
        st.session_state["new_secret"] = (words, _origin() + people.link_of(made))


def _set_role(name: str, key: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        people.set_role(workspace(), name, by=by, **_chosen(key))
        notice(f"{name} has another role.")


def _unlink(name: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        people.unlink_sign_on(workspace(), name, by=by)
        notice(f"{name} is linked to no identity provider any more.")


def _end(name: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        people.end_account(workspace(), name, by=by)
        notice(f"{name} cannot sign in any more.")


def _revoke_invitation(invitation: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        people.revoke_invitation(workspace(), invitation, by=by)


def _end_session(session: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        signing_in.end_session(workspace(), session, by=by)
        notice("That session has ended.")


def _make_token(by: str) -> None:
    state = st.session_state
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        chosen = _chosen("token")
        made = access_tokens.make_token(
            workspace(), " ".join(state["token_name"].split()), account=state["token_account"], role=chosen["role"],
            project=chosen["project"], days=int(state["token_days"]), by=by,
        )  # fmt: skip
        state["new_secret"] = (f"The token {state['token_name']}. Copy it now: it is not kept.", made.shown)


def _revoke_token(token: str, by: str) -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        access_tokens.revoke_token(workspace(), token, by=by)
        notice("That token opens nothing any more.")


def _origin() -> str:
    """Where people reach the studio: as it was started to say, else as this browser does."""
    found = urlsplit(st.context.url or "")
    return running.public_address() or f"{found.scheme}://{found.netloc}"
