"""What a frozen version is exported as comes back as the same chats, and what lies beside it stays out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.store import records as record_rows
from core.workflows import freezing, importing, projects
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.test_loop import import_posts, terms
from tests.jobs_by_hand import finish

THREAD = {
    "title": "Printer {i}",
    "question": "It does not print, for the {i}th time.\n\n    indented code\n\nWhat now?",
    "answers": [{"author": "Bob", "text": "* Turn it on.\n* Wait {i} minutes.", "is_solution": True}],
    "tags": ["printer"],
}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A version v1 of threads in the project support, and one of posts in the project voice."""
    workspace = open_workspace(DataFolder(tmp_path_factory.mktemp("round_trip") / "data"))
    for goal in ("support", "voice"):
        projects.create_project(workspace, name=goal, goal=goal, by="Ann")
    rows = [json.dumps(THREAD).replace("{i}", str(i)) for i in range(12)]
    take_in(workspace, "support", [("threads.jsonl", "\n".join(rows).encode())])
    import_posts(workspace, "voice")
    for project in ("support", "voice"):
        job = freezing.freeze_version(workspace, project, name="v1", by="Ann", recipe="everything")["job"]
        assert finish(workspace, job)["state"] == "done"
    yield workspace
    workspace.close()


def take_in(workspace: Workspace, project: str, files: list[tuple[str, bytes]]) -> dict[str, Any]:
    uploads = [importing.keep_upload(workspace, name, content) for name, content in files]
    started = importing.import_files(workspace, project, uploads, terms(), name="in", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return importing.import_report(workspace, started["source"])


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
@pytest.mark.parametrize("goal", ["support", "voice"])
def test_an_exported_version_comes_back_as_the_same_chats(
    frozen: Workspace, tmp_path: Path, goal: str, form: str
) -> None:
    folder = freezing.export_version(frozen, goal, "v1", target=tmp_path / "v1", by="Ann", form=form)
    files = [(f"v1/{f.relative_to(folder)}", f.read_bytes()) for f in sorted(folder.rglob("*")) if f.is_file()]
    projects.create_project(frozen, name=f"{goal} {form}", goal=goal, by="Ann")
    report = take_in(frozen, f"{goal} {form}", files)
    examples = [e for split in freezing.read_frozen(frozen, goal, "v1").examples.values() for e in split]
    project = project_named(frozen, f"{goal} {form}")
    ids = record_rows.record_ids(frozen.store, project["id"], record_rows.RecordFilter())
    records = [record for i in ids if (record := record_rows.record(frozen.store, project["id"], i)) is not None]
    assert {record["kind"] for record in records} == {"chat"}
    assert sorted(
        (r["title"], json.dumps(r["content"]["messages"]), json.dumps(r["meta"].get("tags", []))) for r in records
    ) == sorted((e.title, json.dumps(list(e.messages)), json.dumps(list(e.tags))) for e in examples)
    refused = {f["path"]: f["reason"] for f in report["files"] if f["status"] == "refused"}
    beside = {"v1/version.json", "v1/README.md", "v1/left_out/dropped.parquet"}
    assert beside <= set(refused)
    assert all(path in beside or "has no rows" in reason or "is empty" in reason for path, reason in refused.items())
    assert not any(f["rejected"] for f in report["files"])
