"""What the pages that let people in show, and how their forms and cookies travel.

A form carries a secret that a cookie holds as well, so another site cannot fill one in. Off this machine they want an encrypted
connection: a password would be read on the way.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.errors import Busy, ProofroomError, Unauthenticated
from core.people.passwords import LEAST_CHARACTERS
from core.people.secrets import Secret
from core.workflows import single_sign_on
from studio import running
from studio.access import LOCAL_HOSTS, host_of
from studio.gate import COOKIE, session_in
from studio.plain_page import field, form, note, page

Form = dict[str, str]

FORM_COOKIE = "proofroom_form"
MOST_FORM_BYTES = 10_000
SIGNED_OUT = "signed-out"
# Who comes again by the link of the first time has an account, and no use for another link.
TO_SIGN_IN = '<p>Were you here before? <a href="/">Go in with your name and password</a></p>'
PASSWORD_RULE = f"At least {LEAST_CHARACTERS} characters; a sentence is easy to remember."


async def with_form(request: Request, act: Callable[[Form], Awaitable[Response]]) -> Response:
    """Act on what was sent, where it was sent by a page of ours and unseen by others."""
    if not is_private(request):
        return page("Sign in", NOT_PRIVATE, status=403)
    sent = await _sent(request)
    held = request.cookies.get(FORM_COOKIE, "")
    if not held or not hmac.compare_digest(held.encode(), sent.get("form", "").encode()):
        return page("Once more", "This form was open too long, or another page sent it. Open it again.", status=403)
    return await act(sent)


async def _sent(request: Request) -> Form:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_FORM_BYTES:
            return {}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


NOT_PRIVATE = (
    "This connection is not encrypted, so a password could be read on its way. Open the studio by its https address, or on "
    "the machine itself."
)


def is_private(request: Request) -> bool:
    return request.url.scheme == "https" or host_of(request.headers.get("host", "")) in LOCAL_HOSTS


def ask_to_sign_in(
    request: Request, *, next_page: str, name: str = "", error: ProofroomError | None = None
) -> Response:
    if not running.asks_for_sign_in():
        return RedirectResponse("/", status_code=303)
    if not is_private(request):
        return page("Sign in", NOT_PRIVATE, status=403)
    fields = [
        field("name", "Name", value=name, completes="username"),
        field("password", "Password", kind="password", completes="current-password"),
    ]
    return with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            "Sign in", _how_to_sign_in(request),
            form("/sign-in", "Sign in", *fields, hidden=hidden | {"next": own_page(next_page)}),
            sign_on_form(hidden | {"next": own_page(next_page)}),
            said=said, status=status,
        ),
    )  # fmt: skip


def ask_for_link(request: Request, *, error: ProofroomError | None = None) -> Response:
    if not is_private(request):
        return page("Join", NOT_PRIVATE, status=403)
    return with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            "Join", "Paste the link that you were given.",
            form("/join", "Go on", field("link", "Link"), hidden=hidden), TO_SIGN_IN, said=said, status=status,
        ),
    )  # fmt: skip


def ask_for_password(
    request: Request, link: str, row: dict[str, Any], *, name: str = "", error: ProofroomError | None = None
) -> Response:
    own_name = [] if row["name"] else [field("name", "Your name", value=name, completes="username")]
    fields = [
        *own_name,
        field("password", "Password", kind="password", completes="new-password"),
        field("again", "The same once more", kind="password", completes="new-password"),
    ]
    title = f"Welcome, {row['name']}" if row["name"] else "The first account"
    sentence = (
        f"Choose a password. {PASSWORD_RULE} Next time you sign in with it and with this name: {row['name']}." if row["name"] else "It owns this studio. Its name stands with every decision "
        f"that you make. The password: {PASSWORD_RULE[0].lower()}{PASSWORD_RULE[1:]}"
    )  # fmt: skip
    return with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            title, sentence, form("/join", "Go in", *fields, hidden=hidden | {"link": link}),
            sign_on_form(hidden | {"joins": link}, note("Or without a password:"), *own_name), said=said, status=status,
        ),
    )  # fmt: skip


async def show_account(request: Request, *, error: ProofroomError | None = None) -> Response:
    session = await asyncio.to_thread(session_in, request.scope)
    if session is None:
        return RedirectResponse("/sign-in" if running.asks_for_sign_in() else "/", status_code=303)
    has_password, is_linked = await asyncio.to_thread(
        lambda: (
            single_sign_on.has_password(running.workspace(), session.account),
            single_sign_on.is_linked(running.workspace(), session.account),
        )
    )
    fields = [
        field("old", "Password now", kind="password", completes="current-password"),
        field("new", "New password", kind="password", completes="new-password"),
        field("again", "The new one once more", kind="password", completes="new-password"),
    ]

    def change(hidden: Form) -> list[str]:
        rule = note(f"Another password ends every session of yours, this one too. {PASSWORD_RULE}")
        return [form("/account", "Change the password", rule, *fields, hidden=hidden)] if has_password else []

    def link(hidden: Form) -> list[str]:
        gain = note("Once it is linked, you come in without a password of this studio.")
        return [] if is_linked else [sign_on_form(hidden | {"links": "yes"}, gain, begins="Link your account to")]

    return with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            session.name, _about_account(has_password, is_linked),
            '<p><a href="/">Back to the studio</a></p>',
            *change(hidden), *link(hidden),
            form("/sign-out", "Sign out", hidden=hidden, is_quiet=True), said=said, status=status,
        ),
    )  # fmt: skip


def with_form_cookie(
    request: Request, error: ProofroomError | None, make: Callable[[dict[str, str], str, int], Response]
) -> Response:
    """The page that is made of the form's hidden fields, what is to be said, and the status that goes with it."""
    status = 200
    if error is not None:
        status = 429 if isinstance(error, Busy) else 401 if isinstance(error, Unauthenticated) else 422
    held = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    answer = make({"form": held}, str(error) if error else "", status)
    set_cookie(request, answer, FORM_COOKIE, held, same_site="strict")
    if isinstance(error, Busy):
        answer.headers["retry-after"] = str(error.facts["retry_after_seconds"])
    return answer


def let_in(request: Request, secret: Secret, next_page: str) -> Response:
    answer = RedirectResponse(own_page(next_page), status_code=303)
    # Lax: a link to a page of the studio, from a chat or a mail, opens it. What changes something is checked for its origin.
    set_cookie(request, answer, COOKIE, secret.shown, same_site="lax")
    return answer


def set_cookie(request: Request, answer: Response, name: str, value: str, *, same_site: Any) -> None:
    answer.set_cookie(name, value, httponly=True, samesite=same_site, secure=request.url.scheme == "https", path="/")


def own_page(asked: str) -> str:
    """The page to go to after signing in: one of ours, or the first."""
    is_own = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if is_own else "/"


def after_signing_out() -> Response:
    """The page for signing in, which says what ended where a provider goes on knowing the person."""
    return RedirectResponse(f"/sign-in?{SIGNED_OUT}" if running.identity_provider() else "/sign-in", status_code=303)


def _how_to_sign_in(request: Request) -> str:
    provider = running.identity_provider()
    if provider is None:
        return "With your whole name, as the invitation gave it, and the password that you chose."
    if SIGNED_OUT in request.query_params:
        return f"You are signed out here. {provider.host} may still know you: sign out there too, where others use this browser."
    return f"With your whole name, as the invitation gave it, and the password that you chose, or by way of {provider.host}."


def sign_on_form(hidden: Form, *fields: str, begins: str = "Sign in with") -> str:
    """A button that leads to the identity provider; nothing where whoever started the studio named none."""
    provider = running.identity_provider()
    return form("/sign-on", f"{begins} {provider.host}", *fields, hidden=hidden, is_quiet=True) if provider else ""


def _about_account(has_password: bool, is_linked: bool) -> str:
    provider = running.identity_provider()
    linked = f" It is linked to you at {provider.host}." if provider and is_linked else ""
    lacks = "" if has_password else " It has no password; an owner can give you a link to choose one."
    return f"Your account in this studio.{linked}{lacks}"
