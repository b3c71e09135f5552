"""Serving for real: the embedded model with an adapter, OpenAI's own client, a process that is killed, a server that stops."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import psutil
import pytest

from core.config import DataFolder, models_folder
from core.training.base_models import EMBEDDED
from core.training.models import ready_model_folder
from tests.served import ServedStudio
from tests.studio.serving_studio import MODEL, with_served_adapter

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.model]

PARIS: Any = [{"role": "user", "content": "What is the capital of France?"}]
STORY: Any = [{"role": "user", "content": "Tell me a long story about a bike shop."}]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedStudio]:
    root = tmp_path_factory.mktemp("served")
    # So small a change of the weights that the answers keep their sense.
    with_served_adapter(DataFolder(root / "data"), ready_model_folder(EMBEDDED, models_folder()), std=0.001)
    served = ServedStudio(root)
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def address(studio: ServedStudio) -> str:
    return f"http://{studio.http.base_url.host}:{studio.http.base_url.port}/v1"


@pytest.fixture(scope="module")
def key(studio: ServedStudio) -> str:
    return str(studio.post("/keys", {"name": "real"})["key"])


@pytest.fixture
def client(address: str, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=address, api_key=key, max_retries=0, timeout=300) as opened:
        yield opened


def writers(studio: ServedStudio) -> list[psutil.Process]:
    children = psutil.Process(studio.process.pid).children()
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "core.serving.generator_process" in child.cmdline()]


def test_a_chat_with_the_served_adapter_streams_sense(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["base", MODEL]
    texts = {}
    for model in (MODEL, "base"):
        stream = client.chat.completions.create(
            model=model, messages=PARIS, temperature=0.0, max_tokens=40, stream=True, stream_options={"include_usage": True}
        )  # fmt: skip
        chunks = list(stream)
        pieces = [
            chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content
        ]
        texts[model] = "".join(pieces)
        assert len(pieces) > 3
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens >= len(pieces)
    assert all("Paris" in text for text in texts.values())


def test_a_completion_goes_on_with_its_prompt(client: openai.OpenAI) -> None:
    answer = client.completions.create(
        model=MODEL, prompt="The capital of France is", temperature=0.0, max_tokens=8, stop=["."]
    )
    assert "Paris" in answer.choices[0].text
    assert "." not in answer.choices[0].text


def test_a_wrong_key_is_refused(address: str) -> None:
    with (
        openai.OpenAI(base_url=address, api_key="sk-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as error,
    ):
        stranger.models.list()
    assert error.value.code == "invalid_api_key"


def test_texts_asked_for_at_once_are_written_at_once(address: str, key: str) -> None:
    """The last of eight begins before the first has ended."""

    async def timed(client: openai.AsyncOpenAI, n: int) -> tuple[float, float]:
        stream = await client.chat.completions.create(
            model=MODEL if n % 2 else "base", messages=STORY, max_tokens=32, seed=n, stream=True
        )
        times = [time.monotonic() async for chunk in stream if chunk.choices[0].delta.content]
        return times[0], times[-1]

    async def all_at_once() -> list[tuple[float, float]]:
        async with openai.AsyncOpenAI(base_url=address, api_key=key, max_retries=0, timeout=300) as client:
            return await asyncio.gather(*(timed(client, n) for n in range(8)))

    # In a thread of its own: the browser tests of the same process keep a loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        times = thread.submit(asyncio.run, all_at_once()).result()
    assert max(first for first, _ in times) < min(last for _, last in times)


def test_a_client_that_goes_away_stops_the_writing(studio: ServedStudio, client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="base", messages=STORY, max_tokens=2_000, seed=1, stream=True, frequency_penalty=0.5
    )
    for _, chunk in zip(range(4), stream, strict=False):
        assert chunk.choices
    stream.close()
    (writer,) = writers(studio)
    deadline = time.monotonic() + 30
    while _cpu_share(writer) > 0.05:
        assert time.monotonic() < deadline, "it writes on"


def test_kill_9_in_a_stream_is_an_event_that_says_so_and_the_next_request_works(
    studio: ServedStudio, client: openai.OpenAI
) -> None:
    stream = client.chat.completions.create(
        model=MODEL, messages=STORY, max_tokens=2_000, seed=2, stream=True, frequency_penalty=0.5
    )
    pieces = [chunk.choices[0].delta.content for _, chunk in zip(range(4), stream, strict=False)]
    assert any(pieces)
    (writer,) = writers(studio)
    os.kill(writer.pid, signal.SIGKILL)
    with pytest.raises(openai.APIError, match="ended by the signal SIGKILL while this text was under way") as error:
        list(stream)
    assert not isinstance(error.value, openai.APIStatusError), "the stream had begun, so its status was sent"
    answer = client.chat.completions.create(model=MODEL, messages=PARIS, temperature=0.0, max_tokens=40)
    assert "Paris" in (answer.choices[0].message.content or "")
    (fresh,) = writers(studio)
    assert fresh.pid != writer.pid


def test_the_server_holds_no_model_and_takes_the_process_with_it(studio: ServedStudio) -> None:
    assert "libtorch" not in studio.memory_maps()
    (writer,) = writers(studio)
    studio.process.terminate()
    studio.process.wait(timeout=30)
    writer.wait(timeout=10)


def _cpu_share(process: psutil.Process) -> float:
    before = sum(process.cpu_times()[:2])
    time.sleep(1.0)
    return float(sum(process.cpu_times()[:2]) - before)
