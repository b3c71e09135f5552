"""Drafts by an endpoint elsewhere that fails half way: what it wrote stays, and why it ended is told."""

from __future__ import annotations

from pathlib import Path

from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers.external_step import write_elsewhere
from core.training.generation import Sampling
from tests.core.outgoing.listening import Asked, told


def context(folder: Path, server: Asked) -> JobContext:
    job = JobFolder(folder / "job_1")
    endpoint = {"url": f"http://127.0.0.1:{server.port}/v1", "model": "m", "allows_private": True}
    job.create({"kind": "draft", "settings": {"endpoint": endpoint}})
    return JobContext(job)


def test_every_request_has_its_text_in_order(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("One.")), (200, {}, told("Two."))]
    texts, why = write_elsewhere(context(tmp_path, server), ["a", "b"], Sampling(max_new_tokens=9), seed=1)
    assert ([text.text for text in texts], why) == (["One.", "Two."], "")


def test_what_was_written_before_a_failure_stays_and_its_reason_is_told(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("One.")), (401, {}, b"wrong key")]
    texts, why = write_elsewhere(context(tmp_path, server), ["a", "b", "c"], Sampling(max_new_tokens=9), seed=1)
    assert [text.text for text in texts] == ["One."]
    assert "answered 401: wrong key" in why
    assert len(server.requests) == 2
