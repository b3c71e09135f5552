"""The pages that let people in and out: sign in, use a link, change a password, sign out.

They are answered before the gate, so a stranger gets no Streamlit session. A form carries a secret that a cookie holds as
well, so another site cannot fill one in. Off this machine they want an encrypted connection: a password would be read on the way.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import Busy, Invalid, ProofroomError, Unauthenticated
from core.people.attempts import (
    MOST_BY_ACCOUNT,
    MOST_BY_ACCOUNT_AND_ADDRESS,
    MOST_BY_ADDRESS,
    MOST_PASSWORD_CHANGES,
    Attempts,
    place_of,
)
from core.people.passwords import LEAST_CHARACTERS
from core.people.secrets import Secret
from core.workflows import people, signing_in
from studio import running
from studio.access import LOCAL_HOSTS, host_of
from studio.gate import COOKIE, session_in
from studio.plain_page import field, form, page

T = TypeVar("T")
Form = dict[str, str]

FORM_COOKIE = "proofroom_form"
MOST_FORM_BYTES = 10_000
# A hash takes 64 MB and a tenth of a second; many at once would take the machine.
HASHES_AT_ONCE = 2
# Two seconds of hashing: who comes after them is told so at once.
MOST_WAITING = 20
PASSWORD_RULE = f"At least {LEAST_CHARACTERS} characters; a sentence is easy to remember."

_hashing = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="passwords")


class SignIn:
    """The routes, and the attempts that were made at them."""

    def __init__(self) -> None:
        self._by_address, self._by_both = Attempts(MOST_BY_ADDRESS), Attempts(MOST_BY_ACCOUNT_AND_ADDRESS)
        self._by_account, self._changes = Attempts(MOST_BY_ACCOUNT), Attempts(MOST_PASSWORD_CHANGES)
        self._n_hashing = 0

    def routes(self) -> list[Route]:
        return [
            Route("/sign-in", self.ask, methods=["GET"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/join", self.ask_for_link, methods=["GET"]),
            Route("/join", self.join, methods=["POST"]),
            Route("/account", self.show_account, methods=["GET"]),
            Route("/account", self.change_password, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        return _ask_to_sign_in(request, next_page=request.query_params.get("next", "/"))

    async def sign_in(self, request: Request) -> Response:
        async def act(sent: Form) -> Response:
            name, next_page = " ".join(sent.get("name", "").split()), sent.get("next", "/")
            try:
                with self._place_in_queue():
                    self._begin(request, name)
                    secret = await _in_turn(
                        lambda: signing_in.sign_in(running.workspace(), name, sent.get("password", ""))
                    )
            except ProofroomError as error:
                return _ask_to_sign_in(request, next_page=next_page, name=name, error=error)
            self._went_well(request, name)
            return _let_in(request, secret, next_page)

        return await _with_form(request, act)

    async def ask_for_link(self, request: Request) -> Response:
        return _ask_for_link(request)

    async def join(self, request: Request) -> Response:
        """First the link alone, then with the password that it is used with."""

        async def act(sent: Form) -> Response:
            link = sent.get("link", "").rpartition("#")[2].strip()
            try:
                self._begin(request)
                row = await asyncio.to_thread(people.invited, running.workspace(), link)
            except ProofroomError as error:
                return _ask_for_link(request, error=error)
            self._went_well(request)
            if "password" not in sent:
                return _ask_for_password(request, link, row)
            try:
                if sent["password"] != sent.get("again"):
                    raise Invalid("The two passwords are not the same.", remedy="Type it twice.")
                with self._place_in_queue():
                    account = await _in_turn(
                        lambda: people.redeem(
                            running.workspace(), link, name=sent.get("name", ""), password=sent["password"]
                        )
                    )
                secret = await asyncio.to_thread(signing_in.begin_session, running.workspace(), account)
            except ProofroomError as error:
                return _ask_for_password(request, link, row, name=sent.get("name", ""), error=error)
            return _let_in(request, secret, "/")

        return await _with_form(request, act)

    async def show_account(self, request: Request) -> Response:
        return await _show_account(request)

    async def change_password(self, request: Request) -> Response:
        async def act(sent: Form) -> Response:
            session = await asyncio.to_thread(session_in, request.scope)
            if session is None:
                return RedirectResponse("/sign-in", status_code=303)
            try:
                if sent.get("new") != sent.get("again"):
                    raise Invalid("The two passwords are not the same.", remedy="Type the new one twice.")
                with self._place_in_queue():
                    # By the account that is signed in: what strangers try at its name is no reason to refuse it.
                    self._changes.begin(session.account, now=time.monotonic())
                    await _in_turn(
                        lambda: signing_in.change_password(
                            running.workspace(), session, old=sent.get("old", ""), new=sent.get("new", "")
                        )
                    )
            except ProofroomError as error:
                return await _show_account(request, error=error)
            self._changes.forget(session.account)
            return RedirectResponse("/sign-in", status_code=303)

        return await _with_form(request, act)

    async def sign_out(self, request: Request) -> Response:
        async def act(sent: Form) -> Response:
            session = await asyncio.to_thread(session_in, request.scope)
            if session is not None:
                await asyncio.to_thread(signing_in.sign_out, running.workspace(), session)
            answer = RedirectResponse("/sign-in", status_code=303)
            answer.delete_cookie(COOKIE)
            return answer

        return await _with_form(request, act)

    @contextmanager
    def _place_in_queue(self) -> Iterator[None]:
        """A place among the passwords that wait to be hashed. Raises Busy where there is none."""
        if self._n_hashing >= HASHES_AT_ONCE + MOST_WAITING:
            raise Busy(
                "Many passwords are being checked just now.",
                remedy="Try again in a few seconds.",
                retry_after_seconds=5,
            )
        self._n_hashing += 1
        try:
            yield
        finally:
            self._n_hashing -= 1

    def _begin(self, request: Request, name: str | None = None) -> None:
        """Count an attempt. Raises Busy where there were too many."""
        now, place = time.monotonic(), _place(request)
        self._by_address.begin(place, now=now)
        if name is not None:
            # The account last: what is refused at one address does not count against its person anywhere else.
            self._by_both.begin(_both(name, place), now=now)
            self._by_account.begin(_account_key(name), now=now)

    def _went_well(self, request: Request, name: str | None = None) -> None:
        # What failed at this address before still counts: whoever guesses may have an account of their own.
        self._by_address.take_back(_place(request))
        if name is not None:
            self._by_both.forget(_both(name, _place(request)))
            # Nor is what others try elsewhere forgotten, because its person came in.
            self._by_account.take_back(_account_key(name))


def _place(request: Request) -> str:
    return place_of(request.client.host) if request.client else ""


def _account_key(name: str) -> str:
    return name.casefold()[:80]


def _both(name: str, place: str) -> str:
    return f"{place} {_account_key(name)}"


async def _in_turn(work: Callable[[], T]) -> T:
    """In one of the threads that hash, so that the server goes on meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work)


async def _with_form(request: Request, act: Callable[[Form], Awaitable[Response]]) -> Response:
    """Act on what was sent, where it was sent by a page of ours and unseen by others."""
    if not _is_private(request):
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


def _is_private(request: Request) -> bool:
    return request.url.scheme == "https" or host_of(request.headers.get("host", "")) in LOCAL_HOSTS


def _ask_to_sign_in(
    request: Request, *, next_page: str, name: str = "", error: ProofroomError | None = None
) -> Response:
    if not running.asks_for_sign_in():
        return RedirectResponse("/", status_code=303)
    if not _is_private(request):
        return page("Sign in", NOT_PRIVATE, status=403)
    fields = [
        field("name", "Name", value=name, completes="username"),
        field("password", "Password", kind="password", completes="current-password"),
    ]
    return _with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            "Sign in", "With the name and the password of your account here.",
            form("/sign-in", "Sign in", *fields, hidden=hidden | {"next": _own_page(next_page)}),
            said=said, status=status,
        ),
    )  # fmt: skip


def _ask_for_link(request: Request, *, error: ProofroomError | None = None) -> Response:
    if not _is_private(request):
        return page("Join", NOT_PRIVATE, status=403)
    return _with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            "Join", "Paste the link that you were given.",
            form("/join", "Go on", field("link", "Link"), hidden=hidden), said=said, status=status,
        ),
    )  # fmt: skip


def _ask_for_password(
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
        f"Choose a password. {PASSWORD_RULE}" if row["name"] else "It owns this studio. Its name stands with every decision "
        f"that you make. The password: {PASSWORD_RULE[0].lower()}{PASSWORD_RULE[1:]}"
    )  # fmt: skip
    return _with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            title, sentence, form("/join", "Go in", *fields, hidden=hidden | {"link": link}), said=said, status=status
        ),
    )


async def _show_account(request: Request, *, error: ProofroomError | None = None) -> Response:
    session = await asyncio.to_thread(session_in, request.scope)
    if session is None:
        return RedirectResponse("/sign-in" if running.asks_for_sign_in() else "/", status_code=303)
    fields = [
        field("old", "Password now", kind="password", completes="current-password"),
        field("new", "New password", kind="password", completes="new-password"),
        field("again", "The new one once more", kind="password", completes="new-password"),
    ]
    return _with_form_cookie(
        request,
        error,
        lambda hidden, said, status: page(
            session.name, f"Another password ends every session of yours, this one too. {PASSWORD_RULE}",
            form("/sign-out", "Sign out", hidden=hidden),
            form("/account", "Change the password", *fields, hidden=hidden, is_quiet=True),
            '<p><a href="/">Back to the studio</a></p>', said=said, status=status,
        ),
    )  # fmt: skip


def _with_form_cookie(
    request: Request, error: ProofroomError | None, make: Callable[[dict[str, str], str, int], Response]
) -> Response:
    """The page that is made of the form's hidden fields, what is to be said, and the status that goes with it."""
    status = 200
    if error is not None:
        status = 429 if isinstance(error, Busy) else 401 if isinstance(error, Unauthenticated) else 422
    held = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    answer = make({"form": held}, str(error) if error else "", status)
    _set_cookie(request, answer, FORM_COOKIE, held, same_site="strict")
    if isinstance(error, Busy):
        answer.headers["retry-after"] = str(error.facts["retry_after_seconds"])
    return answer


def _let_in(request: Request, secret: Secret, next_page: str) -> Response:
    answer = RedirectResponse(_own_page(next_page), status_code=303)
    # Lax: a link to a page of the studio, from a chat or a mail, opens it. What changes something is checked for its origin.
    _set_cookie(request, answer, COOKIE, secret.shown, same_site="lax")
    return answer


def _set_cookie(request: Request, answer: Response, name: str, value: str, *, same_site: Any) -> None:
    answer.set_cookie(name, value, httponly=True, samesite=same_site, secure=request.url.scheme == "https", path="/")


def _own_page(asked: str) -> str:
    """The page to go to after signing in: one of ours, or the first."""
    is_own = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if is_own else "/"
