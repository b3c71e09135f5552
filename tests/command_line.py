"""The command line within a test's own process: a command a line, without the half second that a new process takes.

What a script meets of the process itself (exit codes, two streams, `python -m studio.cli`) is tested with real processes
beside this.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import typer.main

from studio import client
from studio.cli import main

AS_ON_A_DESK = client._start_background_server


@dataclass(frozen=True, slots=True)
class Said:
    """What a command wrote to its two streams, and how it ended."""

    stdout: str
    stderr: str
    code: int


REPOSITORY = Path(__file__).resolve().parents[1]
# More than two hundred commands, each with its parameters: made anew for every line they take longer than what it says.
tree_of_commands = cache(typer.main.get_command)


class CommandLine:
    """Commands on one data folder, and the studio behind them, which a first command has started in the background."""

    def __init__(self, data: Path) -> None:
        self.data = data
        if client._start_background_server is AS_ON_A_DESK:
            # The studio outlives the command's process, whose child it is.
            self.in_process("project", "list")
        else:
            self("project", "list")

    def in_process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command as a script runs it."""
        command = [sys.executable, "-m", "studio.cli", *arguments, "--data", str(self.data)]
        return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)

    def __call__(self, *arguments: str, code: int = 0) -> Said:
        out, err = io.StringIO(), io.StringIO()
        words = ["proofroom", *arguments, "--data", str(self.data)]
        ended = 0
        argv, tree = patch.object(sys, "argv", words), patch.object(typer.main, "get_command", tree_of_commands)
        with redirect_stdout(out), redirect_stderr(err), argv, tree:
            try:
                main()
            except SystemExit as exit_:
                ended = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        said = Said(out.getvalue(), err.getvalue(), ended)
        assert ended == code, said.stderr + said.stdout
        return said

    def stop(self) -> None:
        """End the studio, and wait until it has: it must start nothing more."""
        studio = psutil.Process(json.loads((self.data / "server.json").read_text())["pid"])
        studio.terminate()
        studio.wait(timeout=60)


def answer(said: Said) -> Any:
    """The one JSON object of a command with --json."""
    return json.loads(said.stdout)
