"""Drafts of a real model by a server that others wrote, `transformers serve`, which a studio asks as the endpoint elsewhere."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from core.config import DataFolder, models_folder, offline_environment
from core.review.briefs import BriefIn
from core.store import runs as run_rows
from core.store.connection import Row
from core.training.base_models import EMBEDDED, file_sha256
from core.training.models import ready_model_folder
from core.workflows import briefing, drafting, endpoint, missed_drafts, reviewing, serving
from core.workflows.training import run_named
from core.workflows.workspace import Workspace, open_workspace
from tests.jobs_by_hand import finish
from tests.studio.serving_studio import MODEL, with_served_adapter

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.model]


@dataclass(frozen=True, slots=True)
class Foreign:
    url: str
    model: str


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """On a port of this machine, with the embedded model, which it loads when it is first asked."""
    folder = ready_model_folder(EMBEDDED, models_folder())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("foreign") / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("transformers")), "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
            env=os.environ | offline_environment(), stdout=out, stderr=out,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while not _answers(port):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield Foreign(f"http://127.0.0.1:{port}/v1", str(folder))
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Workspace]:
    """With real workers, a run whose adapter is hardly one, and two briefs."""
    folder = DataFolder(tmp_path / "data")
    with_served_adapter(folder, ready_model_folder(EMBEDDED, models_folder()), std=0.001)
    workspace = open_workspace(folder)
    run = run_named(workspace, "v1-1")
    adapter = serving.model_called(workspace, MODEL).adapter
    assert adapter is not None
    metrics = run["metrics"] | {"weights_sha256": file_sha256(adapter / "adapter_model.safetensors")}
    with workspace.store.transaction() as tx:
        run_rows.finish_run(tx, run["job_id"], status="done", metrics=metrics)
    briefs = [BriefIn("b1", "Write a long letter about bread."), BriefIn("b2", "Write two sentences on a bike lamp.")]
    briefing.add_briefs(workspace, "voice", briefs, by="Ann")
    yield workspace
    workspace.close()


def written(studio: Workspace) -> tuple[list[Row], int]:
    """Drafts of both briefs that were written elsewhere, and how many tokens they have by the count there."""
    ids = [brief["id"] for brief in briefing.list_briefs(studio, "voice")]
    job = drafting.write_drafts(
        studio, "voice", run="v1-1", brief_ids=ids, systems=["external"], by="Ann", max_new_tokens=32
    )["job"]
    ended = finish(studio, job)
    assert ended["state"] == "done", ended["reason"]
    return drafting.drafts_of_job(studio, job), ended["result"]["n_tokens"]


def test_two_drafts_come_from_transformers_serve_and_before_a_reviewer(studio: Workspace, foreign: Foreign) -> None:
    endpoint.set_endpoint(studio, foreign.url, foreign.model, by="Ann", allows_private=True)
    drafts, n_tokens = written(studio)
    assert [draft["system"] for draft in drafts] == ["external"] * 2
    assert all(len(draft["text"].split()) >= 3 for draft in drafts)
    assert 6 <= n_tokens <= 64
    assert drafts[0]["text"] != drafts[1]["text"]
    assert missed_drafts.missed_last(studio, "voice") == []
    current = reviewing.next_draft(studio, "voice", by="Rita").current
    assert current is not None
    assert current.draft in [draft["text"] for draft in drafts]


def test_a_model_that_it_does_not_have_costs_the_drafts_alone_and_is_told_of(
    studio: Workspace, foreign: Foreign
) -> None:
    endpoint.set_endpoint(studio, foreign.url, "nobody/none", by="Ann", allows_private=True)
    assert written(studio) == ([], 0)
    (said,) = missed_drafts.missed_last(studio, "voice")
    assert said.startswith("2 drafts were not written elsewhere: http://127.0.0.1:")
    assert "look at the name of its model" in said
