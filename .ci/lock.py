"""Renews the hashes in the locks: of each pinned version, the SHA-256 of every file that the package index has.

Run as `make lock` after a version was changed, or a line `name==version` was added. Versions, their order and their spelling
are left as they stand, as are the comments above them; uv asks the index, whose name goes into no lock. What a change of version asks for is seen by
tests/test_locks.py, once it is installed.

Not covered: what torch's CUDA build brings with it, which differs by machine and stands in no lock.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)")
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")

# Builds that lie in PyTorch's own index and not in the general one: the one for the CPU, on Linux with Python 3.11. A set-up
# that finds it fetches no CUDA. Whoever installs another build writes its hash down here.
BUILDS_ELSEWHERE = {
    ("torch", "2.13.0"): ["sha256:6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"],
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of(lock: str) -> list[tuple[str, str]]:
    """Name, as spelled, and version of every pinned line, in their order. Raises ValueError for a line that pins none."""
    pins = []
    for line in lock.splitlines():
        if not line.strip() or line.startswith(("#", "    --hash=")):
            continue
        pin = PIN.match(line)
        if pin is None:
            raise ValueError(f"Not name==version: {line}")
        pins.append((pin[1], pin[2]))
    return pins


def hashes_from_index(pins: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Hashes by canonical name, sorted, of all files of these versions, as uv reads them from the index."""
    uv = Path(sys.executable).with_name("uv")
    options = "--no-config --no-deps --generate-hashes --no-header --no-annotate --quiet"
    done = subprocess.run(
        [uv, "pip", "compile", "-", *options.split()],
        input="\n".join(f"{name}=={version}" for name, version in pins),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    hashes: dict[str, list[str]] = {}
    of: list[str] = []
    for line in done.stdout.splitlines():
        if pin := PIN.match(line):
            of = hashes.setdefault(canonical(pin[1]), [])
        of += HASH.findall(line)
    return hashes


def with_hashes(lock: str, pins: list[tuple[str, str]], hashes: dict[str, list[str]]) -> str:
    lines = [line for line in lock.splitlines() if line.startswith("#")]
    for name, version in pins:
        key = canonical(name)
        of = sorted(set(hashes[key] + BUILDS_ELSEWHERE.get((key, version), [])))
        lines.append(" \\\n    --hash=".join([f"{name}=={version}", *of]))
    return "\n".join(lines) + "\n"


def main(paths: list[Path]) -> None:
    for path in paths:
        lock = path.read_text(encoding="utf-8")
        pins = pins_of(lock)
        text = with_hashes(lock, pins, hashes_from_index(pins))
        path.write_text(text, encoding="utf-8")
        print(f"{path}: {len(pins)} packages, {text.count('--hash=')} hashes")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
