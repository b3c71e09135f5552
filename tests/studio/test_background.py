"""A studio that a command starts, as on a desk: in a process of its own that outlives the command, with workers in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil

from tests.command_line import REPOSITORY, CommandLine


def test_the_first_command_starts_a_studio_that_the_next_ones_and_their_jobs_use(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = [sys.executable, "-m", "studio.cli", "project", "create", "tickets", "--goal", "support"]
    said = subprocess.run([*first, "--data", str(data)], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert (said.returncode, said.stderr) == (0, "")
    studio = psutil.Process(json.loads((data / "server.json").read_text())["pid"])
    proofroom = CommandLine(data)
    try:
        assert studio.cmdline()[1:] == [
            "-m", "studio.cli", "serve", "--data", str(data), "--port", "0", "--ends-when-idle",
        ]  # fmt: skip
        file = tmp_path / "tickets.csv"
        file.write_text("question,answer\nHow do I log in?,Press the button.\n", encoding="utf-8")
        proofroom("import", str(file), "--project", "tickets", "--owner", "Ann", "--basis", "consent", "--purpose", "x")
        (row,) = proofroom("records", "--project", "tickets").stdout.splitlines()
        assert json.loads(row)["status"] == "undecided"
        assert json.loads((data / "server.json").read_text())["pid"] == studio.pid
    finally:
        proofroom.stop()
    assert not studio.is_running()
