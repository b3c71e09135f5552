"""A small git repository that a test makes for itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PERSON = "Lena Oda <lena@oda.example>"


class TestRepository:
    """Commits with given people and times, so that every run makes the same ids."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._time = 1_700_000_000
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, person: str = PERSON) -> str:
        name, _, address = person.partition(" <")
        self._time += 60
        moment = f"{self._time} +0000"
        environment = {
            "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address.rstrip(">"), "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": address.rstrip(">"), "GIT_COMMITTER_DATE": moment,
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str, files: dict[str, str | bytes], *, person: str = PERSON) -> str:
        for path, content in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", message, person=person)
        return self.git("rev-parse", "HEAD")
