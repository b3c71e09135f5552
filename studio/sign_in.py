"""The pages that let people in and out: sign in, use a link, change a password, sign out.

They are answered before the gate, so a stranger gets no Streamlit session.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import Busy, Invalid, ProofroomError
from core.people.attempts import (
    MOST_BY_ACCOUNT,
    MOST_BY_ACCOUNT_AND_ADDRESS,
    MOST_BY_ADDRESS,
    MOST_PASSWORD_CHANGES,
    Attempts,
    place_of,
)
from core.workflows import people, signing_in
from studio import running
from studio.gate import COOKIE, session_in
from studio.sign_in_pages import (
    Form,
    after_signing_out,
    ask_for_link,
    ask_for_password,
    ask_to_sign_in,
    let_in,
    show_account,
    with_form,
)

T = TypeVar("T")

# A hash takes 64 MB and a tenth of a second; many at once would take the machine.
HASHES_AT_ONCE = 2
# Two seconds of hashing: who comes after them is told so at once.
MOST_WAITING = 20

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
        return ask_to_sign_in(request, next_page=request.query_params.get("next", "/"))

    async def sign_in(self, request: Request) -> Response:
        async def act(sent: Form) -> Response:
            name, next_page = " ".join(sent.get("name", "").split()), sent.get("next", "/")
            try:
                with self._place_in_queue():
                    self.begin(request, name)
                    secret = await _in_turn(
                        lambda: signing_in.sign_in(running.workspace(), name, sent.get("password", ""))
                    )
            except ProofroomError as error:
                return ask_to_sign_in(request, next_page=next_page, name=name, error=error)
            self.went_well(request, name)
            return let_in(request, secret, next_page)

        return await with_form(request, act)

    async def ask_for_link(self, request: Request) -> Response:
        return ask_for_link(request)

    async def join(self, request: Request) -> Response:
        """First the link alone, then with the password that it is used with."""

        async def act(sent: Form) -> Response:
            link = sent.get("link", "").rpartition("#")[2].strip()
            try:
                self.begin(request)
                row = await asyncio.to_thread(people.invited, running.workspace(), link)
            except ProofroomError as error:
                return ask_for_link(request, error=error)
            self.went_well(request)
            if "password" not in sent:
                return ask_for_password(request, link, row)
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
                return ask_for_password(request, link, row, name=sent.get("name", ""), error=error)
            return let_in(request, secret, "/")

        return await with_form(request, act)

    async def show_account(self, request: Request) -> Response:
        return await show_account(request)

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
                return await show_account(request, error=error)
            self._changes.forget(session.account)
            return RedirectResponse("/sign-in", status_code=303)

        return await with_form(request, act)

    async def sign_out(self, request: Request) -> Response:
        async def act(sent: Form) -> Response:
            session = await asyncio.to_thread(session_in, request.scope)
            if session is not None:
                await asyncio.to_thread(signing_in.sign_out, running.workspace(), session)
            answer = after_signing_out()
            answer.delete_cookie(COOKIE)
            return answer

        return await with_form(request, act)

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

    def begin(self, request: Request, name: str | None = None) -> None:
        """Count an attempt. Raises Busy where there were too many."""
        now, place = time.monotonic(), _place(request)
        self._by_address.begin(place, now=now)
        if name is not None:
            # The account last: what is refused at one address does not count against its person anywhere else.
            self._by_both.begin(_both(name, place), now=now)
            self._by_account.begin(_account_key(name), now=now)

    def went_well(self, request: Request, name: str | None = None) -> None:
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
