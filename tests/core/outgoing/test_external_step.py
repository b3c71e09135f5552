"""Drafts by an endpoint elsewhere that fails half way: what it wrote stays, and why it ended is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers.external_step import write_elsewhere
from core.training.generation import Sampling
from tests.core.outgoing.listening import Asked, told


def context(folder: Path, server: Asked, *, allows_private: bool = True) -> JobContext:
    job = JobFolder(folder / "job_1")
    scheme = "http" if allows_private else "https"
    endpoint = {"url": f"{scheme}://127.0.0.1:{server.port}/v1", "model": "m", "allows_private": allows_private}
    job.create({"kind": "draft", "settings": {"endpoint": endpoint}})
    return JobContext(job)


def written(job: JobContext, *requests: str) -> tuple[list[str | None], str]:
    texts, why = write_elsewhere(job, requests, Sampling(max_new_tokens=9), seed=1)
    return [text and text.text for text in texts], why


def test_every_request_has_its_text_in_order(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("One.")), (200, {}, told("Two."))]
    assert written(context(tmp_path, server), "a", "b") == (["One.", "Two."], "")


def test_what_was_written_before_a_failure_stays_and_nothing_more_is_asked(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("One.")), (401, {}, b"wrong key")]
    texts, why = written(context(tmp_path, server), "a", "b", "c")
    assert texts == ["One.", None, None]
    assert "answered 401: wrong key" in why
    assert len(server.requests) == 2


def test_a_request_that_it_refuses_does_not_keep_the_others_from_being_written(server: Asked, tmp_path: Path) -> None:
    server.answers = [(400, {}, b"too long"), (200, {}, told("Two.")), (200, {}, told(None)), (200, {}, told("Four."))]
    texts, why = written(context(tmp_path, server), "a", "b", "c", "d")
    assert texts == [None, "Two.", None, "Four."]
    assert "answers with no text" in why


def test_an_address_that_is_not_allowed_any_more_ends_it_without_losing_a_text(server: Asked, tmp_path: Path) -> None:
    texts, why = written(context(tmp_path, server, allows_private=False), "a", "b")
    assert texts == [None, None]
    assert "which is no public address" in why


@pytest.mark.parametrize("usage", ["n/a", [1], {"completion_tokens": "many"}, None])
def test_a_count_that_is_none_is_no_reason_to_lose_the_text(server: Asked, tmp_path: Path, usage: object) -> None:
    answer = {"choices": [{"message": {"content": "One."}}], "usage": usage}
    server.answers = [(200, {}, json.dumps(answer).encode())]
    assert written(context(tmp_path, server), "a") == (["One."], "")
