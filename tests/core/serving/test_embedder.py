"""The process that embeds what is asked right now: real vectors, one process, a death in between, an end when idle."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from core.curate.encoder import MiniLMEncoder
from core.serving.embedder import Embedder

pytestmark = pytest.mark.model
TEXTS = ["The Pro plan costs 12 euros.", "Quarks and gluons."]


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    opened = Embedder(log_file=tmp_path_factory.mktemp("embedder") / "log")
    yield opened
    opened.close()


def test_vectors_are_those_of_the_encoder(embedder: Embedder) -> None:
    expected = MiniLMEncoder().encode(TEXTS, lambda _: None)
    assert embedder.embed(TEXTS) == pytest.approx(expected, abs=1e-5)
    assert embedder.embed([]).shape[0] == 0


def test_many_callers_share_one_process(embedder: Embedder) -> None:
    with ThreadPoolExecutor(max_workers=6) as threads:
        found = list(threads.map(lambda n: embedder.embed([TEXTS[n % 2]])[0], range(12)))
    assert all(np.allclose(found[n], found[n % 2], atol=1e-5) for n in range(12))


def test_after_kill_9_the_next_text_is_embedded_by_another(embedder: Embedder) -> None:
    embedder.embed(TEXTS)
    before = embedder.process_id
    assert before is not None
    os.kill(before, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(before)] if psutil.pid_exists(before) else [], timeout=5)
    assert embedder.embed(TEXTS).shape == (2, 384)
    assert embedder.process_id not in (None, before)


def test_it_ends_when_nobody_asks_and_starts_again(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedder, "_idle_seconds", 0.2)
    embedder.embed(TEXTS)
    deadline = time.monotonic() + 30
    while embedder.process_id is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert embedder.embed(TEXTS).shape == (2, 384)
    embedder.close()
    assert embedder.process_id is None
