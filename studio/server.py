"""The ASGI server: Streamlit's pages, the API under /api, clients of OpenAI's API under /v1, /healthz and /metrics, in one process.

It owns the database. It never loads torch: models are asked for in jobs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.config import BACKGROUND_IDLE_SECONDS, DataFolder, offline_environment, worker_environment
from core.errors import Invalid
from core.incidents import note_incident
from core.outgoing.off_network import OFF_NETWORK
from core.outgoing.sign_on_begun import ProviderSettings
from core.serving.generators import Generators
from core.training.base_models import is_converted
from core.workflows import people
from core.workflows.jobs import active_jobs
from core.workflows.projects import list_projects
from core.workflows.sample import make_samples
from studio import running, warming
from studio.access import LOCAL_HOSTS, LocalOnly, ensure_token
from studio.gate import Gate
from studio.metering import CountRequests, Meter
from studio.sign_in import SignIn
from studio.sign_on import SignOn

log = logging.getLogger(__name__)
SWITCH_SECONDS = 0.001
# Where a server listens that listens everywhere.
EVERY_ADDRESS = frozenset({"0.0.0.0", "::", "[::]"})
SCRIPT = Path(__file__).resolve().parent / "app.py"


class LastRequest:
    """Remembers when the last request came and how many are open, for a background server that ends itself when idle."""

    at = time.monotonic()
    # An open page is a request that lasts: its websocket.
    n_open = 0

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        LastRequest.n_open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            LastRequest.n_open -= 1
            LastRequest.at = time.monotonic()


def create_app(folder: DataFolder, *, on_start: Callable[[], None] | None = None, names: Collection[str] = ()) -> Any:
    """The application on one data folder. The workspace must be open (studio.running.start).

    on_start: called once pages can be served. names: hosts beside this machine's own under which people reach it.
    """
    import streamlit as st

    from studio.api.app import create_api
    from studio.openai_api.app import create_openai_api

    meter = Meter()
    generators = Generators(folder.models, log_file=folder.generator_log, tokens=meter.tokens)

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        if on_start is not None:
            on_start()
        yield {}
        await generators.close()

    api, door = create_api(ensure_token(folder.token_file), meter), SignIn()
    return st.App(
        SCRIPT,
        lifespan=lifespan,
        routes=[
            Mount("/api", app=api),
            Mount("/v1", app=create_openai_api(generators)),
            Route("/healthz", health),
            # The route of the API, where monitors look for it: its token and its role are asked for here, too.
            Route("/metrics", api),
            *door.routes(),
            *SignOn(door.begin).routes(),
        ],
        middleware=[
            Middleware(CountRequests, meter=meter),
            Middleware(LastRequest),
            Middleware(LocalOnly, names=names),
            Middleware(Gate),
        ],
        on_script_error=show_incident,
    )


async def health(request: Request) -> JSONResponse:
    """Alive, and the database answers."""
    rows = await asyncio.to_thread(list_projects, running.workspace())
    # How many projects there are is nothing for strangers.
    return JSONResponse({"status": "ok"} | ({} if running.asks_for_sign_in() else {"projects": len(rows)}))


def show_incident(error: Exception) -> bool:
    """An id for the person to quote, instead of a traceback on the page."""
    import streamlit as st

    incident = note_incident(log, "on a page", error)
    st.error(
        f"Something unexpected happened on this page ({type(error).__name__}). What you decided so far is stored. "
        f"Reload the page; if it happens again, quote {incident}."
    )
    return True


def serve(
    folder: DataFolder,
    *,
    host: str,
    port: int,
    ends_when_idle: bool = False,
    sample: Path | None = None,
    opens_browser: bool = False,
    sign_in: bool = False,
    names: Collection[str] = (),
    provider: ProviderSettings | None = None,
) -> None:
    """Open the data folder and serve until stopped. Raises StoreBusy, StoreTooNew, Invalid.

    sample: a folder of sample projects, made when the data folder holds no project yet.
    opens_browser: show the studio in the person's browser, where this machine has a screen.
    sign_in: ask people to sign in; a folder with accounts always does. names: hosts beside this machine's own under which people reach it.
    provider: with which they may sign on; it is asked when somebody does.
    """
    os.environ.update(offline_environment())
    # A request lets go of Python at every question to the engine, and gets it back after this long at the latest where a page is being
    # drawn, or modules are imported: at the usual 5 ms twenty questions would wait a tenth of a second.
    sys.setswitchinterval(SWITCH_SECONDS)
    workspace = running.start(folder, sign_in=sign_in)
    try:
        _check_host(host, names)
        if provider is not None:
            _name_provider(provider)
        listening = _listen(host, port)
        actual = listening.getsockname()[1]
        # The token first: whoever reads the server file may ask at once.
        ensure_token(folder.token_file)
        _write_server_file(folder, f"http://{'127.0.0.1' if host in EVERY_ADDRESS else host}:{actual}", actual)
        config = uvicorn.Config(
            # A server that a command started in the background is there for commands.
            create_app(
                folder,
                on_start=None if ends_when_idle else lambda: warming.start(workspace),
                names={*names, host} - EVERY_ADDRESS,
            ),
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=3,
        )
        # What people search for, and the code of a single sign-on, stand in addresses. Streamlit gives this logger, off or not, a handler.
        logging.getLogger("uvicorn.access").disabled = True
        server = uvicorn.Server(config)
        if ends_when_idle:
            _end_when_idle(server)
        if sample is not None:
            threading.Thread(target=make_samples, args=(workspace, sample), name="sample", daemon=True).start()
        address = f"http://{host}:{actual}"
        print(f"Proofroom is open at {address}", flush=True)
        if names or host not in LOCAL_HOSTS:
            running.set_public_address(f"https://{next(iter(names), host)}")
        link = people.set_up_link(workspace) if sign_in else None
        if link is not None:
            print(
                f"Make the first account, which owns the studio: {running.public_address() or address}{people.link_of(link)}\n"
                f"The link works once, within {people.SET_UP_HOURS} hours; the next start prints another.",
                flush=True,
            )
        if not is_converted(folder.models):
            # An installation without the set-up: the base model is made ready beside the first imports.
            subprocess.Popen(
                [sys.executable, *OFF_NETWORK, "core.training.prepare"],
                cwd=SCRIPT.parents[1],
                env=worker_environment(),
                start_new_session=True,
            )
        if opens_browser and _has_screen():
            webbrowser.open(address)
        server.run(sockets=[listening])
    finally:
        folder.server_file.unlink(missing_ok=True)
        running.stop()


def _check_host(host: str, names: Collection[str]) -> None:
    """Raises Invalid for an address at which strangers could read everything, or under which nobody could ask."""
    is_asked = running.asks_for_sign_in()
    if host not in LOCAL_HOSTS and not is_asked:
        raise Invalid(
            f"The studio does not listen on {host}: there is no sign-in, and everyone there could read everything.",
            remedy="Add --sign-in; or use 127.0.0.1, and reach it from elsewhere through an SSH tunnel.",
        )
    if names and not is_asked:
        raise Invalid(f"Nobody is let in under the name {min(names)} without sign-in.", remedy="Add --sign-in.")
    if host in EVERY_ADDRESS and not names:
        raise Invalid(
            f"{host} is every address of this machine; the studio answers only under names that it knows.",
            remedy="Say with --name under which host people reach it, such as --name proofroom.example.org.",
        )


def _name_provider(settings: ProviderSettings) -> None:
    """Raises Invalid, Refused."""
    if not running.asks_for_sign_in():
        raise Invalid("Nobody signs on where nobody signs in.", remedy="Add --sign-in.")
    from core.outgoing.identity_provider import IdentityProvider

    running.set_identity_provider(IdentityProvider(settings))


def _has_screen() -> bool:
    # Without one, Python would look for a browser that draws in this very terminal.
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small answers at once; else each waits 40 ms for the client's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        # From here on a request waits for the application instead of being refused.
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise Invalid(
            f"Port {port} on {host} cannot be used: {error.strerror}.", remedy="Choose another with --port."
        ) from error
    return listening


def _write_server_file(folder: DataFolder, address: str, port: int) -> None:
    temporary = folder.server_file.with_suffix(".tmp")
    temporary.write_text(json.dumps({"address": address, "port": port, "pid": os.getpid()}), encoding="utf-8")
    temporary.replace(folder.server_file)


def _end_when_idle(server: uvicorn.Server) -> None:
    def watch() -> None:
        while not server.should_exit:
            time.sleep(5)
            if active_jobs(running.workspace()) or LastRequest.n_open:
                LastRequest.at = time.monotonic()
            elif time.monotonic() - LastRequest.at > BACKGROUND_IDLE_SECONDS:
                server.should_exit = True

    threading.Thread(target=watch, name="idle", daemon=True).start()
