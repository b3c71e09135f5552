"""A worker whose process may not take more memory than it has with the libraries loaded, but for a little."""

from __future__ import annotations

import importlib
import resource
import sys
from pathlib import Path

from core.jobs import worker

MORE_BYTES = 512 * 2**20


def main(kind: str, arguments: list[str]) -> int:
    importlib.import_module(f"core.jobs.handlers.{kind}_job")
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MORE_BYTES, size + MORE_BYTES))
    return worker.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
