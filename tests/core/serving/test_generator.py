"""The process that writes: started when needed, bounded, ended when idle, and replaced when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.errors import Busy, Unavailable
from core.serving.generator import Generator, Limits, TextStream
from core.serving.generators import Generators
from core.serving.text_request import EndReason, TextRequest
from tests.core.serving.test_batch import by_transformers, request

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PATIENT = Limits(wait_seconds=60, start_seconds=60)


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="module")
def generator(run: Run, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generator]:
    """One for the module: a process takes seconds to start."""
    folder = tmp_path_factory.mktemp("generator")
    made = Generator(str(tiny), folder, log_file=folder / "log", limits=PATIENT)
    yield made
    run(made.close())
    assert made.process_id is None


async def text_of(stream: TextStream) -> str:
    return "".join([piece async for piece in stream.pieces()])


async def written(generator: Generator, asked: TextRequest) -> str:
    return await text_of(await generator.write(asked))


def ends(pid: int, *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_texts_asked_for_at_the_same_time_are_each_their_own(
    run: Run, generator: Generator, tiny: Path, adapters: tuple[Path, Path]
) -> None:
    asked = [request(f"t{n}", 4 + n, adapter=folder) for n, folder in enumerate(["", str(adapters[0]), str(adapters[1])])]  # fmt: skip

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(written(generator, one) for one in asked))

    texts = run(all_at_once())
    for one, text in zip(asked, texts, strict=True):
        assert text == by_transformers(tiny, one, adapter=Path(one.adapter) if one.adapter else None)


def test_pieces_come_while_the_text_is_written(run: Run, generator: Generator) -> None:
    async def first_piece() -> tuple[str, bool]:
        stream = await generator.write(request("long", 5, max_tokens=200))
        pieces = stream.pieces()
        first = await anext(pieces)
        is_going_on = not stream.has_ended
        rest = [piece async for piece in pieces]
        assert rest
        assert stream.ended is not None
        assert (stream.ended.reason, stream.ended.n_tokens) == (EndReason.LENGTH, 200)
        return first, is_going_on

    first, is_going_on = run(first_piece())
    assert first
    assert is_going_on


def test_a_text_that_nobody_reads_on_is_not_written_on(run: Run, generator: Generator) -> None:
    async def leave() -> float:
        stream = await generator.write(request("left", 5, max_tokens=100_000))
        pieces = stream.pieces()
        await anext(pieces)
        await pieces.aclose()
        started = time.monotonic()
        await written(generator, request("next", 5, max_tokens=3))
        assert generator.n_texts == 0
        await asyncio.sleep(0.3)
        return time.monotonic() - started

    assert run(leave()) < 10
    process = psutil.Process(generator.process_id or 0)
    before = sum(process.cpu_times()[:2])
    time.sleep(0.5)
    assert sum(process.cpu_times()[:2]) - before < 0.1, "the process is still at work"


def test_kill_9_ends_the_texts_under_way_in_words_and_the_next_one_is_written(
    run: Run, generator: Generator, tiny: Path
) -> None:
    async def killed() -> tuple[list[Any], int, int]:
        streams = [await generator.write(request(f"k{n}", 5, max_tokens=100_000)) for n in range(3)]
        await asyncio.gather(*(anext(stream.pieces()) for stream in streams[:1]))
        old = generator.process_id
        assert old is not None
        os.kill(old, signal.SIGKILL)
        ended = await asyncio.gather(*(text_of(stream) for stream in streams[1:]), return_exceptions=True)
        asked = request("after", 6)
        assert await written(generator, asked) == by_transformers(tiny, asked)
        assert generator.process_id is not None
        return ended, old, generator.process_id

    ended, old, new = run(killed())
    assert len(ended) == 2
    for error in ended:
        assert isinstance(error, Unavailable)
        assert "ended by the signal SIGKILL while this text was under way" in str(error)
        assert "the next request starts a fresh one" in str(error)
    assert new != old


@pytest.mark.slow
@pytest.mark.alone
def test_more_than_may_wait_are_refused_at_once_with_a_time(run: Run, tiny: Path, tmp_path: Path) -> None:
    async def crowd() -> list[Any]:
        generator = Generator(str(tiny), tmp_path, log_file=tmp_path / "log", limits=replace(PATIENT, waiting=2))
        try:
            asked = [written(generator, request(f"c{n}", 4, max_tokens=3)) for n in range(5)]
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            await generator.close()

    outcomes = run(crowd())
    refused = [outcome for outcome in outcomes if isinstance(outcome, Busy)]
    assert len(refused) == 3
    assert refused[0].facts["retry_after_seconds"] == 5
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 2


def test_one_that_waits_too_long_is_told_so(run: Run, generator: Generator) -> None:
    async def wait() -> BaseException:
        await written(generator, request("warm", 4, max_tokens=2))
        pid = generator.process_id
        assert pid is not None
        # Stopped, not dead: as a machine that is too busy would look.
        os.kill(pid, signal.SIGSTOP)
        try:
            stream = await generator.write(request("patient", 4))
            stream._deadline = time.monotonic() + 0.2
            with pytest.raises(Unavailable, match="waited 60 seconds for its turn") as error:
                await text_of(stream)
            return error.value
        finally:
            os.kill(pid, signal.SIGCONT)

    run(wait())
    assert generator.n_texts == 0


@pytest.mark.slow
@pytest.mark.alone
def test_an_idle_process_ends_and_the_next_text_starts_another(run: Run, tiny: Path, tmp_path: Path) -> None:
    async def idle() -> tuple[int, int]:
        generator = Generator(str(tiny), tmp_path, log_file=tmp_path / "log", limits=replace(PATIENT, idle_seconds=0.2))
        try:
            await written(generator, request("one", 4, max_tokens=3))
            first = generator.process_id
            assert first is not None
            await asyncio.sleep(0.3)
            assert generator.process_id is None
            assert await asyncio.to_thread(ends, first)
            await written(generator, request("two", 4, max_tokens=3))
            assert generator.process_id is not None
            return first, generator.process_id
        finally:
            await generator.close()

    first, second = run(idle())
    assert first != second
    assert ends(second)


@pytest.mark.slow
@pytest.mark.alone
def test_a_model_that_cannot_be_loaded_says_why(run: Run, tmp_path: Path) -> None:
    async def start() -> None:
        generator = Generator(str(tmp_path / "nowhere"), tmp_path, log_file=tmp_path / "log", limits=PATIENT)
        with pytest.raises(Unavailable, match=r"nowhere' is not there\."):
            await generator.write(request("x", 3))
        assert generator.process_id is None
        assert generator.n_texts == 0
        await generator.close()

    run(start())


@pytest.mark.slow
@pytest.mark.alone
def test_requests_for_one_base_at_once_share_a_process_while_another_gives_way(
    run: Run, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.serving.generators.MOST_PROCESSES", 1)
    other = tmp_path / "other"
    other.symlink_to(tiny)

    async def at_once() -> None:
        generators = Generators(tmp_path, log_file=tmp_path / "log", limits=PATIENT)
        before = {child.pid for child in psutil.Process().children()}
        try:
            await text_of(await generators.write(str(tiny), request("first", 4, max_tokens=2)))
            asked = [generators.write(str(other), request(f"o{n}", 4, max_tokens=2)) for n in range(2)]
            for stream in await asyncio.gather(*asked):
                await text_of(stream)
            running = {child.pid for child in psutil.Process().children()} - before
            assert running == set(generators.process_ids)
            assert len(running) == 1
        finally:
            await generators.close()

    run(at_once())


@pytest.mark.slow
@pytest.mark.alone
def test_a_base_model_that_nobody_uses_gives_way_and_one_at_work_does_not(
    run: Run, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.serving.generators.MOST_PROCESSES", 1)
    other = tmp_path / "other"
    other.symlink_to(tiny)

    async def two_bases() -> None:
        generators = Generators(tmp_path, log_file=tmp_path / "log", limits=PATIENT)
        try:
            stream = await generators.write(str(tiny), request("busy", 4, max_tokens=100_000))
            with pytest.raises(Busy, match="1 other base models are at work"):
                await generators.write(str(other), request("x", 4))
            stream.close()
            (first,) = generators.process_ids
            await text_of(await generators.write(str(other), request("y", 4, max_tokens=3)))
            (second,) = generators.process_ids
            assert first != second
            assert await asyncio.to_thread(ends, first)
        finally:
            await generators.close()
        assert ends(second)

    run(two_bases())
