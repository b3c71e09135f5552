"""The server's side of a process that writes texts: starts it when it is needed, and again when it has died.

Every request gets a stream of its own. The line of those that wait is bounded: more are refused at
once. A process that ends takes the streams under way with it, each with a sentence that says so, and
the next request starts another. One without work ends after a while, so that its memory is free.

Loads no model library. All of it belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.config import worker_environment
from core.errors import Busy, ProofroomError, Unavailable
from core.outgoing.off_network import OFF_NETWORK
from core.serving.protocol import BrokenMessage, Message, packed, read
from core.serving.text_request import Ended, Event, Failed, Started, TextRequest, event_from_json

REPOSITORY = Path(__file__).resolve().parents[2]
STOP_SECONDS = 5.0
# Threads that sleep while they wait for one another. The usual ones spin, and beside a training run each of the thousand
# small products of a token then waits for the end of somebody's time slice: measured, a seventh of the speed.
SLEEPING_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """waiting: texts in line, behind those that are being written. wait_seconds: in the line, the start of the process included.

    start_seconds: until the model is loaded. idle_seconds: without a text, until the process ends.
    """

    waiting: int = 64
    wait_seconds: float = 120.0
    start_seconds: float = 120.0
    idle_seconds: float = 600.0


@dataclass(slots=True)
class TokenCounts:
    """Of texts that came to their end. prompt: read. text: written."""

    prompt: int = 0
    text: int = 0


class Generator:
    """Texts by one base model and its adapters. `process_id` is None while no process runs."""

    def __init__(
        self,
        base: str,
        models: Path,
        *,
        log_file: Path,
        limits: Limits | None = None,
        tokens: TokenCounts | None = None,
    ) -> None:
        """base: as a run's configuration names it. log_file: where the process's complaints go. tokens: where they are counted."""
        self._base, self._models, self._log_file = base, models, log_file
        self._limits, self._tokens = limits or Limits(), tokens or TokenCounts()
        self._streams: dict[str, TextStream] = {}
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self.used_at = time.monotonic()

    @property
    def process_id(self) -> int | None:
        return self._child.process.pid if self._child is not None else None

    @property
    def n_texts(self) -> int:
        """Those that are written or wait."""
        return len(self._streams)

    async def write(self, request: TextRequest) -> TextStream:
        """The stream of a text. Raises Busy when too many wait, Unavailable when the process cannot be started."""
        n_waiting = sum(not stream.has_started for stream in self._streams.values())
        if n_waiting >= self._limits.waiting:
            raise Busy(
                f"{n_waiting} requests wait already, and no more are taken.",
                remedy="Send it again in a few seconds.",
                retry_after_seconds=RETRY_SECONDS,
            )
        stream = TextStream(request, self._forget, wait_seconds=self._limits.wait_seconds)
        self._streams[request.id] = stream
        try:
            child = await self._running_child()
        except BaseException:
            self._forget(stream)
            raise
        child.send({"kind": "write", "id": request.id, "request": request.to_json()})
        return stream

    async def close(self) -> None:
        """End the process; whatever it was writing breaks off."""
        self._cancel_idle()
        child, self._child = self._child, None
        if child is not None:
            await child.stop()
        self._break_streams("The studio was closed while this text was written.")

    async def _running_child(self) -> _Child:
        async with self._starting:
            self._cancel_idle()
            if self._child is None:
                self._child = await _Child.start(
                    self._base, self._models, self._log_file, self._limits.start_seconds, self._hear, self._mourn
                )
            return self._child

    def _hear(self, event: Event) -> None:
        stream = self._streams.get(event.id)
        # One that was cancelled may still be spoken of.
        if stream is not None:
            if isinstance(event, Ended):
                self._tokens.prompt += len(stream.request.prompt)
                self._tokens.text += event.n_tokens
            stream.put(event)

    def _mourn(self, child: _Child, how: str) -> None:
        if self._child is child:
            self._child = None
            self._break_streams(f"The process that writes texts ended {how} while this text was under way.")

    def _break_streams(self, reason: str) -> None:
        for stream in list(self._streams.values()):
            stream.put(Unavailable(reason, remedy="Send it again: the next request starts a fresh one."))

    def _forget(self, stream: TextStream) -> None:
        """A stream was read to its end, or nobody reads it any more."""
        if self._streams.pop(stream.request.id, None) is None:
            return
        self.used_at = time.monotonic()
        if self._child is not None and not stream.has_ended:
            self._child.send({"kind": "cancel", "id": stream.request.id})
        if not self._streams:
            self._cancel_idle()
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._limits.idle_seconds, self._end_when_idle)

    def _end_when_idle(self) -> None:
        child = self._child
        if child is not None and not self._streams:
            self._child = None
            self._ending = asyncio.get_running_loop().create_task(child.stop())

    def _cancel_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class TextStream:
    """One text as it comes: iterate over its pieces; `ended` is set behind the last. Close it when nobody reads on."""

    def __init__(self, request: TextRequest, forget: Callable[[TextStream], None], *, wait_seconds: float) -> None:
        self.request = request
        self._forget = forget
        self._told: asyncio.Queue[Event | ProofroomError] = asyncio.Queue()
        self._deadline = time.monotonic() + wait_seconds
        self._wait_seconds = wait_seconds
        self.has_started = self.has_ended = False
        self.ended: Ended | None = None

    def put(self, event: Event | ProofroomError) -> None:
        if isinstance(event, Started):
            self.has_started = True
        self.has_ended = self.has_ended or isinstance(event, Ended | Failed | ProofroomError)
        self._told.put_nowait(event)

    async def pieces(self) -> AsyncGenerator[str, None]:
        """Text, piece by piece. Raises Unavailable when it breaks off, or has waited too long for its turn."""
        try:
            while self.ended is None:
                event = await self._next()
                if isinstance(event, ProofroomError):
                    raise event
                if isinstance(event, Failed):
                    raise Unavailable(event.message)
                if isinstance(event, Ended):
                    self.ended = event
                elif not isinstance(event, Started):
                    yield event.text
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the text; the process stops writing it."""
        self._forget(self)

    async def _next(self) -> Event | ProofroomError:
        if self.has_started or not self._told.empty():
            return await self._told.get()
        try:
            return await asyncio.wait_for(self._told.get(), max(0.0, self._deadline - time.monotonic()))
        except TimeoutError:
            raise Unavailable(
                f"The request waited {self._wait_seconds:.0f} seconds for its turn, and was given up.",
                remedy="Send it again later, or fewer at once.",
                retry_after_seconds=RETRY_SECONDS,
            ) from None


class _Child:
    """One running process and its pipe."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.process = process
        self._reader, self._writer = reader, writer
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        base: str,
        models: Path,
        log_file: Path,
        seconds: float,
        hear: Callable[[Event], None],
        mourn: Callable[[_Child, str], None],
    ) -> _Child:
        """Start and wait until the model is loaded. Raises Unavailable with the process's own reason."""
        ours, theirs = socket.socketpair()
        with log_file.open("ab") as log, theirs:
            process = subprocess.Popen(
                [
                    sys.executable,
                    *OFF_NETWORK,
                    "core.serving.generator_process",
                    base,
                    str(models),
                    str(theirs.fileno()),
                ],
                cwd=REPOSITORY,
                env=SLEEPING_THREADS | worker_environment() | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )
        child = cls(process, *await asyncio.open_connection(sock=ours))
        try:
            async with asyncio.timeout(seconds):
                first = await child._read()
        except TimeoutError:
            await child.stop()
            raise Unavailable(f"The model was not loaded within {seconds:.0f} seconds.") from None
        except BaseException:
            await child.stop()
            raise
        kinds = [event["kind"] for event in first["events"]] if first else []
        if kinds != ["ready"]:
            await child.stop()
            reason = first["events"][0]["message"] if first else f"The process that writes texts ended {child.how()}."
            raise Unavailable(reason)
        child._listening = asyncio.get_running_loop().create_task(child._listen(hear, mourn))
        return child

    def send(self, message: Message) -> None:
        # Where the process is gone, whoever listens says so.
        with suppress(ConnectionError, RuntimeError):
            self._writer.write(packed(message))

    async def stop(self) -> None:
        """Ask it to end by closing the pipe; a step of the model at most is waited for."""
        if self._listening is not None:
            self._listening.cancel()
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        await asyncio.to_thread(self._end)

    def how(self) -> str:
        """How the process ended, in words."""
        code = self.process.poll()
        if code is None or code >= 0:
            return "unexpectedly" if code is None else f"with the exit code {code}"
        return f"by the signal {signal.Signals(-code).name}"

    async def _listen(self, hear: Callable[[Event], None], mourn: Callable[[_Child, str], None]) -> None:
        """Hand on what it tells, until it is gone."""
        while (message := await self._read()) is not None:
            for event in message["events"]:
                hear(event_from_json(event))
        await asyncio.to_thread(self._end)
        self._writer.close()
        mourn(self, self.how())

    async def _read(self) -> Message | None:
        try:
            return await read(self._reader)
        except BrokenMessage:
            return None

    def _end(self) -> None:
        """Wait for the process, then insist."""
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
