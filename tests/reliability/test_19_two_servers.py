"""Checklist 19: two servers on one data folder. The second refuses, names the first, and takes nothing away from it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.reliability.faults import faults_of
from tests.served import REPOSITORY, ServedStudio

pytestmark = [pytest.mark.slow, pytest.mark.alone]


def command(data: Path) -> list[str]:
    return [sys.executable, "-m", "studio.cli", "serve", "--port", "0", "--data", str(data)]


def test_19_a_second_server_is_refused_and_names_the_first(studio: ServedStudio) -> None:
    under_way = studio.data / "exchange" / "backup_x"
    under_way.write_text("half of it", encoding="utf-8")
    second = subprocess.run(command(studio.data), cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert f"process {studio.process.pid}" in second.stderr
    assert studio.get("/projects") == []
    assert json.loads((studio.data / "server.json").read_text())["pid"] == studio.process.pid
    assert under_way.exists()


def test_19_of_two_servers_at_the_same_moment_one_serves_and_the_other_names_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    both = [
        subprocess.Popen(command(data), cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        deadline = time.monotonic() + 60
        while all(process.poll() is None for process in both):
            assert time.monotonic() < deadline, "both serve"
            time.sleep(0.05)
        (refused,) = [process for process in both if process.poll() is not None]
        (serving,) = [process for process in both if process is not refused]
        assert refused.stderr is not None
        assert (refused.returncode, f"process {serving.pid}" in refused.stderr.read()) == (1, True)
        while not (data / "server.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert json.loads((data / "server.json").read_text())["pid"] == serving.pid
    finally:
        for process in both:
            process.kill()
            process.communicate()


def test_19_after_kill_9_of_the_first_the_second_starts(studio: ServedStudio) -> None:
    studio.post("/projects", {"name": "p", "goal": "voice"})
    studio.kill_9()
    studio.start()
    assert [row["name"] for row in studio.get("/projects")] == ["p"]


def test_19_every_fault_has_its_test() -> None:
    assert len(faults_of(19)) == sum(name.startswith("test_19_") for name in globals()) - 1
