"""Shared fixtures: a data folder, an open workspace, and the real data where it is there."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import which
from typing import TYPE_CHECKING, Any

import duckdb
import psutil
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from core.config import DataFolder, offline_environment
from core.jobs import supervisor
from core.jobs.executor import ChildProcessExecutor
from core.people import passwords
from core.store import migrate, opening
from core.store.connection import Store
from core.store.integrity import states_behind
from core.workflows.workspace import Workspace, open_workspace
from studio import client
from tests import forked_workers
from tests.forked_workers import Nursery

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parents[1]
REAL_DATA = REPOSITORY.parent / "shared" / "data"

SEED_OF_THE_QUEUE = 5
BROWSER_FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
THE_MIGRATIONS = migrate.MIGRATIONS
# Since this migration the store says where each record stands.
STATES_SINCE = 16
REAL_START, REAL_CONNECT, REAL_HASHER = ChildProcessExecutor.start, opening.connect, passwords._hasher
REAL_BACKGROUND = client._start_background_server
HOW_PROCESSES_START = ("tests/core/jobs/", "tests/studio/test_background.py")

os.environ.update(offline_environment())
# Most jobs of tests take tens of milliseconds; a studio looks after them at a person's pace.
client.POLL_SECONDS = 0.1
supervisor.POLL_SECONDS = forked_workers.STUDIO_POLL_SECONDS
# Every act of a studio waits until the disk has it. Here it lies in memory where there is enough: nothing of a test outlives it.
IN_MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 8 * 2**30
if IN_MEMORY.exists() and min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available) > ENOUGH_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
if "PYTEST_XDIST_WORKER" in os.environ:
    # Each of the two processes has a core to itself: threads that wait for a core that is taken cost most of the time.
    os.environ["OMP_NUM_THREADS"] = "1"
    opening.n_threads = lambda: 1
# The same examples every time: what a new seed finds is found while one works on it, not when somebody else waits for CI.
settings.register_profile("same examples", derandomize=True)
settings.load_profile("same examples")
# Files that train or embed with a real model: the longest, so they come first, and no process is left alone with them at the end.
MODEL_FILES = ("tests/core/training/test_embedded_model.py", "tests/core/training/test_training.py")


class FileByFile(LoadScopeScheduling):
    """A file's tests run in one process, in their order: they share what a fixture of the file made."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    # In the order of collection, which begins with the model's files.
    config.option.loadscopereorder = False
    return FileByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first."""
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in MODEL_FILES)


def pytest_collection_finish() -> None:
    """Streamlit looks for garbage after every run of a page: what all tests imported is none, and takes the most of that time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    # What libraries free as the process ends must not look forgotten.
    gc.unfreeze()


@pytest.fixture(autouse=True)
def states_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test did: where it says each record stands is what its decisions and measures say. An older shape says nothing."""
    close = Store.close

    def checked_close(store: Store) -> None:
        n_behind = states_behind(store) if has_records(store) else 0
        close(store)
        assert not n_behind, f"{n_behind} rows of record_states are not true"

    monkeypatch.setattr(Store, "close", checked_close)


def has_records(store: Store) -> bool:
    """Whether any are there or stated. Where there is none nothing can differ, and to compare them would take as long as a small test."""
    is_stated = store.read("SELECT 1 AS one FROM schema_migrations WHERE number = ?", [STATES_SINCE])
    return bool(is_stated and store.read("SELECT 1 AS one FROM records UNION ALL SELECT 1 FROM record_states LIMIT 1"))


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def the_same_drafts_come_before_reviewers() -> Iterator[None]:
    """Where a human text is among the drafts of a brief, chance leaves some of them out; here the same ones every time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "SystemRandom", lambda: Random(SEED_OF_THE_QUEUE))
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all folders: a second one in a process is refused by its library."""
    chromium = which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("there is no chromium; CI must have one")
        pytest.skip("there is no chromium on this machine; install Debian's package of that name")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in its newest shape with nothing in it."""
    file = tmp_path_factory.mktemp("empty-store") / "proofroom.duckdb"
    Store(file).close()
    return file


@pytest.fixture(scope="module", autouse=True)
def workers_are_forked(request: pytest.FixtureRequest, nursery: Nursery, empty_store: Path) -> Iterator[None]:
    """Those of a module's own fixtures too, and studios that a command starts; but in slow tests and those of how they are started."""
    with pytest.MonkeyPatch.context() as patch:
        if not is_slow(request.node) and not request.node.nodeid.startswith(HOW_PROCESSES_START):
            patch.setattr(ChildProcessExecutor, "start", lambda _, folder: nursery.start(folder))
            patch.setattr(client, "_start_background_server", lambda folder: nursery.serve(folder, empty_store))
        yield


@pytest.fixture(scope="module", autouse=True)
def new_stores_are_copies(request: pytest.FixtureRequest, empty_store: Path) -> Iterator[None]:
    """But in slow tests and those of the migrations: a new store has its shape without some forty of them one by one."""

    def connected(path: Path) -> duckdb.DuckDBPyConnection:
        # A test that puts older migrations in force makes its store by them.
        if not path.exists() and migrate.MIGRATIONS == THE_MIGRATIONS:
            shutil.copyfile(empty_store, path)
        return REAL_CONNECT(path)

    with pytest.MonkeyPatch.context() as patch:
        if not is_slow(request.node) and request.node.nodeid != "tests/core/store/test_store.py":
            patch.setattr(opening, "connect", connected)
        yield


@pytest.fixture(scope="module", autouse=True)
def passwords_are_hashed_in_little_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """By the same function with its least memory and turns; but in slow tests, those of the hashes, and every studio in a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        if not is_slow(request.node) and not request.node.nodeid.startswith("tests/core/people/"):
            patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True)
def slow_tests_among_quick_ones(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """They start their workers, make their stores and hash passwords as a studio does."""
    if is_slow(request.node):
        monkeypatch.setattr(ChildProcessExecutor, "start", REAL_START)
        monkeypatch.setattr(client, "_start_background_server", REAL_BACKGROUND)
        monkeypatch.setattr(opening, "connect", REAL_CONNECT)
        monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)


def is_slow(node: pytest.Item | pytest.Module) -> bool:
    """But for tests in a browser: it meets a studio in a process of its own, and this one only prepares what that is to show."""
    return node.get_closest_marker("slow") is not None and node.get_closest_marker("browser") is None


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    if not REAL_DATA.exists():
        pytest.skip(f"the real data is not beside the repository ({REAL_DATA.name})")
    return REAL_DATA
