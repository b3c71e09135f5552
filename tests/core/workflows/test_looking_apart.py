"""What people sent is looked into by a process of its own: one that crashes, stops or wants too much costs one file, which is named."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from core.config import DataFolder
from core.errors import Conflict
from core.privacy.person import person_of
from core.privacy.pieces import Unread
from core.privacy.read_back import Look, read_back
from core.records.child import LineChild
from core.workflows import erasing, looking_apart
from core.workflows.workspace import Workspace, open_workspace
from tests.core.privacy.packed_forms import docx, pdf, zipped

PERSON = person_of("Maren Öldenkott")
TEXT = "Then Maren Öldenkott rang."
SECONDS_OF_SILENCE = 0.5
STOPPED = "it stopped what reads it: it is damaged, or needs more memory or time than it may take"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    root.mkdir()
    for name, content in {
        "a.zip": zipped({"one.docx": docx(TEXT), "bad.txt": TEXT, "two.txt": TEXT}),
        "b.pdf": pdf(TEXT),
        "c.txt": TEXT.encode(),
    }.items():
        (root / name).write_bytes(content)
    return root


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    (tmp_path / "scratch").mkdir()
    with looking_apart.looking_apart(PERSON, scratch=tmp_path / "scratch") as look:
        yield look


def when_it_is_at(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], act: Callable[[int], None]) -> None:
    """Do something to the process when it says that it is about to look into one of these; what it said after that is not heard."""
    next_line = LineChild.line

    def line(child: LineChild, deadline: float) -> bytes | None:
        # A busy machine may be slow with any other file: of one that is stopped alone no word can come.
        if child.is_running() and psutil.Process(child._process.pid).status() == psutil.STATUS_STOPPED:
            deadline = time.monotonic() + SECONDS_OF_SILENCE
        told = next_line(child, deadline)
        if told and json.loads(told).get("at", "").endswith(names):
            act(child._process.pid)
            if (
                child._process.poll() is not None
                or psutil.Process(child._process.pid).status() == psutil.STATUS_STOPPED
            ):
                unheard(child)
        return told

    monkeypatch.setattr(LineChild, "line", line)


def unheard(child: LineChild) -> None:
    """On a busy machine it may have been done with the file before it was hit."""
    assert child._process.stdout is not None
    pipe = child._process.stdout.fileno()
    child._buffer.clear()
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while os.read(pipe, 1_000_000):
            pass
    os.set_blocking(pipe, True)


def stopped(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)


def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait()


def test_every_file_is_looked_into_by_one_process_that_is_gone_afterwards(root: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    before = set(psutil.Process().children())
    with looking_apart.looking_apart(PERSON, scratch=tmp_path / "scratch") as look:
        found = read_back(root, look)
        (child,) = set(psutil.Process().children()) - before
    assert not child.is_running()
    assert {one.path for one in found.places if one.n_certain} == {"a.zip", "b.pdf", "c.txt"}
    assert (found.unread, found.n_files > 3) == ((), True)
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("how", ["crashes", "stops"])
def test_what_breaks_it_off_is_named_and_its_bytes_and_every_other_file_are_looked_at(
    root: Path, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    done: list[int] = []

    def once(pid: int) -> None:
        if not done:
            done.append(pid)
            killed(pid) if how == "crashes" else stopped(pid)

    when_it_is_at(monkeypatch, ("bad.txt",), once)
    found = read_back(root, look)
    assert found.unread == (Unread("a.zip / bad.txt", STOPPED),)
    held = {(one.path, one.inside) for one in found.places if one.n_certain}
    assert held >= {
        ("a.zip", "one.docx / word/document.xml (markup)"),
        ("a.zip", "bad.txt"),
        ("a.zip", "two.txt"),
        ("b.pdf", "page 1"),
        ("c.txt", ""),
    }
    assert not psutil.pid_exists(done[0])
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_file_whose_bytes_alone_break_it_off_is_named_and_the_next_one_read(
    root: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    when_it_is_at(monkeypatch, ("b.pdf",), killed)
    found = read_back(root, look)
    assert found.unread == (Unread("b.pdf", looking_apart.WHY_BYTES_TOO),)
    assert {one.path for one in found.places if one.n_certain} == {"a.zip", "c.txt"}


def test_who_is_looked_for_stands_in_no_command_line(root: Path, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    when_it_is_at(monkeypatch, ("c.txt",), lambda pid: lines.extend(psutil.Process(pid).cmdline()))
    read_back(root, look)
    assert lines
    assert PERSON.mentions(" ".join(lines)) == []


def test_it_may_take_no_more_memory_than_it_is_given(root: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    # A few kilobytes that stand for more than a gigabyte.
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 300, pa.int32()), pa.array(["x" * 4_000_000]))
    parquet.write_table(pa.table({"text": long}), root / "a.zip", store_schema=False)
    with looking_apart.looking_apart(PERSON, scratch=tmp_path / "scratch", memory_mb=700) as look:
        found = read_back(root, look)
    assert {one.path for one in found.unread} == {"a.zip"}
    assert {one.path for one in found.places if one.n_certain} == {"b.pdf", "c.txt"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "studio"))
    (opened.folder.root / "held.txt").write_text(TEXT, encoding="utf-8")
    yield opened
    opened.close()


class Beside(threading.Thread):
    """Something that looks into files, whose process stands still at held.txt."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, does: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._does, self._stands_still, self.pid = does, threading.Event(), 0
        self.came_of_it: object = None
        next_line = LineChild.line

        def line(child: LineChild, deadline: float) -> bytes | None:
            told = next_line(child, deadline)
            if threading.current_thread() is self and not self.pid and told and b"held.txt" in told:
                stopped(child._process.pid)
                self.pid = child._process.pid
                self._stands_still.set()
            return told

        monkeypatch.setattr(LineChild, "line", line)
        self.start()
        assert self._stands_still.wait(60)

    def run(self) -> None:
        try:
            self.came_of_it = self._does()
        except Conflict as error:
            self.came_of_it = str(error)

    def ended(self) -> object:
        self.join(60)
        assert not self.is_alive()
        return self.came_of_it


def test_a_preview_that_goes_on_is_ended_by_the_next_one(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    left = Beside(monkeypatch, lambda: erasing.preview_erasure(workspace, "Maren Öldenkott", by="Ann"))
    assert erasing.preview_erasure(workspace, "Maren Öldenkott", by="Bo").n_taken == 1
    assert left.ended() == "Another look was asked for meanwhile, and ended this one. Ask again later."
    assert not psutil.pid_exists(left.pid)
    assert list(workspace.folder.exchange.iterdir()) == []


def test_a_preview_ends_no_erasure(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    erasure = Beside(monkeypatch, lambda: erasing.erase(workspace, "Maren Öldenkott", by="Ann"))
    assert erasing.preview_erasure(workspace, "Maren Öldenkott", by="Bo").n_taken == 1
    os.kill(erasure.pid, signal.SIGCONT)
    assert isinstance(erasure.ended(), erasing.Certificate)
    assert erasing.preview_erasure(workspace, "Maren Öldenkott", by="Bo").n_taken == 0


def test_a_studio_that_is_closed_waits_for_no_look(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = Beside(monkeypatch, lambda: erasing.erase(workspace, "Maren Öldenkott", by="Ann"))
    workspace.close()
    assert looked.ended() == "The studio was closed while it looked. Ask again later."
    assert not psutil.pid_exists(looked.pid)
