"""Reading many files in one job: progress by file and row, what a cancelled one leaves, and taking them out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.jobs.context import JobCancelled, JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers import import_job
from core.records import parser_process
from core.store.records import RecordFilter
from core.workflows import deciding, importing, projects
from core.workflows.jobs import job_progress
from core.workflows.workspace import Workspace, open_workspace
from tests.jobs_by_hand import finish

N_LARGE = 3_000


def rows(n: int, word: str) -> bytes:
    padding = "and so on " * 40
    return "".join(
        json.dumps({"id": f"{word}{i}", "text": f"The {word} number {i} {padding}."}) + "\n" for i in range(n)
    ).encode()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    yield workspace
    workspace.close()


def queued(workspace: Workspace, files: dict[str, bytes]) -> dict[str, str]:
    terms = importing.checked_terms(
        owner="Ann", basis="consent", purpose="voice", uses=None, expires=None, licence=None, today=importing.today()
    )
    uploads = [importing.keep_upload(workspace, name, content) for name, content in files.items()]
    return importing.import_files(workspace, "p", uploads, terms, name="many", by="Ann")


def spec(tmp_path: Path, files: dict[str, bytes]) -> JobFolder:
    """A job on these files, without a studio around it."""
    folder = JobFolder(tmp_path / "job")
    listed = []
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        listed.append({"path": str(path), "name": name, "sha256": name, "n_bytes": len(content), "mapping": {}})
    settings = {
        "source_id": "s", "project_id": "p", "goal": "voice", "files": listed, "known": {}, "memory_mb": 4_096, "seconds_per_file": 60,
    }  # fmt: skip
    folder.create({"id": "job", "kind": "import", "settings": settings, "stops_by_itself": False})
    folder.unfinished.mkdir()
    return folder


class Listening(JobContext):
    """A context that remembers what was said; cancel_at: breaks off with that word."""

    def __init__(self, folder: JobFolder, cancel_at: int = -1) -> None:
        super().__init__(folder)
        self.said: list[dict[str, Any]] = []
        self._cancel_at = cancel_at

    def report(self, **word: Any) -> None:
        self.said.append(word)
        if len(self.said) == self._cancel_at:
            self.folder.ask_to_cancel()
        super().report(**word)


def test_many_files_come_in_by_one_job_and_go_by_one_undo(studio: Workspace) -> None:
    files = {
        "large.jsonl": rows(N_LARGE, "van"),
        "small.jsonl": rows(3, "ladder"),
        "note.md": b"# A note\n\nOf mine.",
        "bad.csv": b"\x00" * 99,
    }
    started = queued(studio, files)
    done = finish(studio, started["job"])
    assert done["result"]["n_accepted"] == N_LARGE + 4
    report = importing.import_report(studio, started["source"])
    assert {f["path"]: f["n_accepted"] for f in report["files"]} == {
        "large.jsonl": N_LARGE,
        "small.jsonl": 3,
        "note.md": 1,
        "bad.csv": 0,
    }
    assert deciding.count_records(studio, "p", RecordFilter(words="van number 2999")) == 1
    assert importing.undo_import(studio, started["source"], by="Ann") == N_LARGE + 4
    assert deciding.count_records(studio, "p", RecordFilter()) == 0
    assert list(studio.folder.uploads.iterdir()) == []


def test_progress_names_the_file_and_counts_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Listening(spec(tmp_path, {"a.jsonl": rows(N_LARGE, "van"), "b.md": b"Some words."}))
    import_job.run(context)
    last = context.said[-1]
    assert (last["done"], last["total"], last["file"], last["n_rows"]) == (2, 2, "b.md", N_LARGE + 1)
    assert last["rows_per_second"] > 0
    within = [word for word in context.said[1:] if word["done"] == 0]
    assert within
    assert {word["file"] for word in within} == {"a.jsonl"}
    assert parser_process.SECONDS_BETWEEN_WORDS < 1


def test_a_cancelled_import_leaves_none_of_the_texts_that_it_had_read(tmp_path: Path) -> None:
    folder = spec(tmp_path, {"a.jsonl": rows(N_LARGE, "van"), "b.jsonl": rows(N_LARGE, "bench")})
    with pytest.raises(JobCancelled):
        import_job.run(Listening(folder, cancel_at=3))
    assert [path for path in folder.unfinished.rglob("*") if path.is_file()] == []


def test_a_cancelled_import_brings_no_record_in(studio: Workspace) -> None:
    started = queued(studio, {"large.jsonl": rows(N_LARGE, "van")})
    studio.supervisor.folder(started["job"]).ask_to_cancel()
    assert finish(studio, started["job"])["state"] == "cancelled"
    assert deciding.count_records(studio, "p", RecordFilter()) == 0
    assert job_progress(studio, started["job"])["reason"].startswith("Cancelled")
