"""Single sign-on: a person is sent to the identity provider, and comes back with what it says.

What is under way is kept here and in a cookie of the browser that began it, so nobody comes in by an answer that another began.
"""

from __future__ import annotations

import asyncio
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import Busy, ProofroomError, Unauthenticated
from core.outgoing.sign_on_begun import Begun
from core.workflows import people, signing_in, single_sign_on
from core.workflows.signing_in import Session
from studio import running
from studio.gate import session_in
from studio.plain_page import page
from studio.sign_in_pages import Form, is_private, let_in, own_page, set_cookie, with_form

COOKIE = "proofroom_sign_on"
SECONDS = 600.0
MOST_UNDER_WAY = 1_000
TITLE = "Single sign-on"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a sign-on is for: to come in, to use an invitation, or to link the account of an open session."""

    next_page: str = "/"
    invitation: str = ""
    name: str = ""
    session: Session | None = None


class SignOn:
    """The routes, and what is under way. begin: counts an attempt of the request's address; raises Busy where there were too many."""

    def __init__(self, begin: Callable[[Request], None]) -> None:
        self._count = begin
        self._lock = threading.Lock()
        self._under_way: dict[str, tuple[Begun, Purpose, float]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/sign-on", self.leave, methods=["POST"]),
            Route("/sign-on", self.come_back, methods=["GET"]),
        ]

    async def leave(self, request: Request) -> Response:
        async def act(sent: Form) -> Response:
            provider = running.identity_provider()
            if provider is None:
                return RedirectResponse("/sign-in", status_code=303)
            try:
                self._count(request)
                purpose = await asyncio.to_thread(_purpose, request, sent)
                place = f"{request.url.scheme}://{request.url.netloc}/sign-on"
                begun = await asyncio.to_thread(provider.begin, place)
                self._keep(begun, purpose)
            except ProofroomError as error:
                return await asyncio.to_thread(_said, request, error)
            answer: Response = page(TITLE, f"You are on your way to {provider.host}.", goes_to=begun.url)
            # Lax: the provider's page leads back here, and that is another site.
            set_cookie(request, answer, COOKIE, begun.state, same_site="lax")
            return answer

        return await with_form(request, act)

    async def come_back(self, request: Request) -> Response:
        provider = running.identity_provider()
        if provider is None or not request.query_params or not is_private(request):
            return RedirectResponse("/sign-in", status_code=303)
        try:
            begun, purpose = self._taken(request)
            subject = await asyncio.to_thread(provider.subject, begun, dict(request.query_params))
            answer = await asyncio.to_thread(_arrive, request, purpose, provider.issuer, subject)
        except ProofroomError as error:
            answer = await asyncio.to_thread(_said, request, error)
        answer.delete_cookie(COOKIE)
        return answer

    def _keep(self, begun: Begun, purpose: Purpose) -> None:
        with self._lock:
            now = time.monotonic()
            self._under_way = {state: one for state, one in self._under_way.items() if one[2] > now}
            if len(self._under_way) >= MOST_UNDER_WAY:
                raise Busy(
                    "Many people are signing on just now.", remedy="Try again in a minute.", retry_after_seconds=60
                )
            self._under_way[begun.state] = (begun, purpose, now + SECONDS)

    def _taken(self, request: Request) -> tuple[Begun, Purpose]:
        """What this answer belongs to, once. Raises Unauthenticated where this browser began none, or too long ago."""
        state, held = request.query_params.get("state", ""), request.cookies.get(COOKIE, "")
        is_own = bool(held) and hmac.compare_digest(held.encode(), state.encode())
        with self._lock:
            found = self._under_way.pop(state, None) if is_own else None
        if found is None or found[2] <= time.monotonic():
            raise Unauthenticated("This sign-on was begun elsewhere, or too long ago.", remedy="Begin again.")
        return found[0], found[1]


def _purpose(request: Request, sent: Form) -> Purpose:
    """Raises Unauthenticated where an invitation cannot be used, or no session is open."""
    if "joins" in sent:
        row = people.invited(running.workspace(), sent["joins"])
        name = row["name"] or people.checked_account_name(sent.get("name", ""))
        return Purpose(invitation=sent["joins"], name=name)
    if "links" in sent:
        session = session_in(request.scope)
        if session is None:
            raise Unauthenticated("Your session has ended.", remedy="Sign in again.")
        return Purpose(next_page="/account", session=session)
    return Purpose(next_page=own_page(sent.get("next", "/")))


def _arrive(request: Request, purpose: Purpose, issuer: str, subject: str) -> Response:
    workspace = running.workspace()
    if purpose.session is not None:
        now = session_in(request.scope)
        if now is None or now.id != purpose.session.id:
            raise Unauthenticated("Your session ended meanwhile, so nothing was linked.", remedy="Sign in again.")
        single_sign_on.link(workspace, now, issuer=issuer, subject=subject)
        return RedirectResponse(purpose.next_page, status_code=303)
    if purpose.invitation:
        account = single_sign_on.join(workspace, purpose.invitation, name=purpose.name, issuer=issuer, subject=subject)
        return let_in(request, signing_in.begin_session(workspace, account), "/")
    return let_in(request, single_sign_on.sign_on(workspace, issuer=issuer, subject=subject), purpose.next_page)


def _said(request: Request, error: ProofroomError) -> Response:
    """What stood in the way, and the way back: to the account of who is signed in and wanted to link it."""
    is_in = session_in(request.scope) is not None
    sentence, path, back = (
        ("Nothing was linked.", "/account", "Back to your account") if is_in
        else ("You are not signed in.", "/sign-in", "Back to signing in")
    )  # fmt: skip
    status = 429 if isinstance(error, Busy) else 401 if isinstance(error, Unauthenticated) else 422
    return page(
        TITLE,
        sentence,
        f'<p><a href="{path}">{back}</a></p>',
        said=str(error),
        status=status,
    )
