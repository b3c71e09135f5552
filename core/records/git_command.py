"""The git command on one local repository, in an environment in which it runs nothing else and reaches nobody.

A repository from elsewhere is not to be trusted: hooks, file-system monitors, external diffs, text
converters, signatures, transports and lazy fetching are off, no configuration but its own is read, and
submodules are not entered. git itself refuses a folder that belongs to somebody else.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from core.errors import Invalid
from core.records.values import shown, storable

SECONDS = 120.0
MEMORY_MB = 4_096
# No local setting may run a program.
SETTINGS = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.attributesFile=/dev/null",
    "core.sshCommand=false", "core.alternateRefsCommand=false", "credential.helper=", "protocol.allow=never",
    "submodule.recurse=false", "log.showSignature=false", "gpg.program=false", "core.packedGitWindowSize=32m",
    "core.packedGitLimit=512m", "core.quotePath=false",
)  # fmt: skip
# No local setting may change how a diff looks.
DIFF = (
    "diff-tree", "--patch", "--root", "--no-commit-id", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short",
    "--ignore-submodules=all", "--find-renames", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3",
    "--diff-algorithm=default", "--no-relative",
)  # fmt: skip


class Git:
    """Reads commits, files and diffs of the repository whose top is `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_CEILING_DIRECTORIES": str(self._folder.parent),
            "GIT_ALLOW_PROTOCOL": "", "GIT_ASKPASS": "false", "GIT_SSH_COMMAND": "false", "GIT_PAGER": "cat",
        }  # fmt: skip

    def checked(self, revision: str) -> tuple[str, str]:
        """The repository's name and the commit of a revision. Raises Invalid."""
        if not self._folder.is_dir():
            raise Invalid(f"There is no folder {self._folder}.", remedy="Check the path.")
        try:
            self.output("rev-parse", "--git-dir")
        except Invalid as error:
            raise Invalid(
                f"{self._folder} cannot be read as a git repository: {error.facts.get('said', error.message)}.",
                remedy="Name the folder that holds .git; it must belong to you.",
            ) from error
        try:
            commit = self.output("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
        except Invalid as error:
            raise Invalid(
                f"{self._folder} has no commit {shown(revision)!r}.", remedy="Name a branch, a tag or a commit of it."
            ) from error
        return storable(self._folder.name.removesuffix(".git")) or "repository", commit

    def diff_of(self, commit: str, *, most: int) -> bytes:
        """What a commit changed, against its parent or against nothing; the first `most` bytes."""
        return self.output(*DIFF, commit, most=most)

    def output(self, *arguments: str, most: int | None = None) -> bytes:
        """What git prints. most: stop after so many bytes. Raises Invalid when git says no, or takes too long."""
        with tempfile.TemporaryFile() as errors:
            with self._running(arguments, errors) as process:
                assert process.stdout is not None
                printed = process.stdout.read() if most is None else process.stdout.read(most)
                if len(printed) == most:
                    return printed
                process.wait()
            self._check(arguments, process.returncode, errors)
        return printed

    def blobs(self, ids: Sequence[str]) -> Iterator[bytes]:
        """The content of each of these objects, in order. Raises Invalid when one is not there."""
        if not ids:
            return
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as errors:
            asked.write("".join(f"{blob}\n" for blob in ids).encode())
            asked.seek(0)
            with self._running(("cat-file", "--batch"), errors, asked) as process:
                assert process.stdout is not None
                for _ in ids:
                    head = process.stdout.readline().split()
                    if len(head) != 3:
                        raise Invalid(
                            f"{self._folder} lacks some of its own files, as a partial clone does, or is too large to be "
                            f"read in {SECONDS:.0f} seconds.",
                            remedy="Fetch what is missing.",
                        )
                    yield process.stdout.read(int(head[2]))
                    process.stdout.read(1)

    @contextlib.contextmanager
    def _running(
        self, arguments: Sequence[str], errors: IO[bytes], asked: IO[bytes] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        try:
            process = subprocess.Popen(
                ["git", "--no-pager", "--literal-pathspecs", "-C", str(self._folder), *settings, *arguments],
                stdin=asked or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=self._environment,
            )  # fmt: skip
        except FileNotFoundError:
            raise Invalid("There is no git command on this machine.", remedy="Install git.") from None
        clock = threading.Timer(SECONDS, process.kill)
        with process:
            try:
                _limit_memory(process.pid)
                clock.start()
                yield process
            finally:
                clock.cancel()
                process.kill()

    def _check(self, arguments: Sequence[str], code: int, errors: IO[bytes]) -> None:
        if code == 0:
            return
        if code < 0:
            raise Invalid(
                f"git {arguments[0]} on {self._folder} took more than {SECONDS:.0f} seconds, and was stopped.",
                remedy="Try again when the machine has time, or take fewer commits.",
            )
        errors.seek(0)
        first = errors.read(2_000).decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
        words = shown(first).rstrip(".") or f"it ended with {code}"
        raise Invalid(f"git {arguments[0]} failed on {self._folder}: {words}.", said=words)


def _limit_memory(pid: int) -> None:
    limit = MEMORY_MB * 2**20
    # It may have ended already.
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
