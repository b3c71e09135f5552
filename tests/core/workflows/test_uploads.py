"""What was sent is kept as long as something holds it or is about to read it, and no longer."""

from __future__ import annotations

from typing import Any

import pytest

from core.store import jobs as job_rows
from core.workflows import fact_documents, importing, projects
from core.workflows.uploads import Upload, upload_path
from core.workflows.workspace import Workspace, new_job_folder, queue_job


@pytest.fixture
def project(workspace: Workspace) -> str:
    project: str = projects.create_project(workspace, name="p", goal="support", by="Ann")["id"]
    return project


def cleared(workspace: Workspace) -> list[str]:
    """What is left when everything is looked through."""
    importing.drop_unused(workspace, list(workspace.folder.uploads.iterdir()))
    return sorted(file.name for file in workspace.folder.uploads.iterdir())


def waits(workspace: Workspace, project: str, kind: str, files: Any) -> None:
    """A job of this kind that is told to read the files, and has not begun."""
    _, folder = new_job_folder(workspace)
    with workspace.store.transaction() as tx:
        queue_job(tx, folder, project_id=project, kind=kind, settings={"files": files}, facts={}, by="Ann")


def test_what_nothing_holds_is_deleted(workspace: Workspace, project: str) -> None:
    importing.keep_upload(workspace, "a.md", b"text")
    assert cleared(workspace) == []


def test_a_document_of_facts_is_kept_until_it_was_read(workspace: Workspace, project: str) -> None:
    kept = importing.keep_upload(workspace, "prices.md", b"# Prices")
    fact_documents.add_documents(workspace, "p", [kept], owner="Ann", by="Ann")
    assert cleared(workspace) == [kept.sha256]


def test_the_files_of_a_version_are_kept_until_they_were_read(workspace: Workspace, project: str) -> None:
    kept = importing.keep_upload(workspace, "train.parquet", b"rows")
    waits(workspace, project, "version", {"train.parquet": str(upload_path(workspace, kept))})
    assert cleared(workspace) == [kept.sha256]


def test_a_job_whose_folder_is_gone_holds_nothing_and_stands_in_nobodys_way(workspace: Workspace, project: str) -> None:
    """As after a backup was restored that was made while files were read: the studio has to start all the same."""
    kept: Upload = importing.keep_upload(workspace, "a.md", b"text")
    with workspace.store.transaction() as tx:
        job_rows.insert_job(tx, "job_gone", project_id=project, kind="import", facts={"source": "s"}, by="Ann")
    assert importing.drop_old_uploads(workspace) == 0
    assert upload_path(workspace, kept).exists()
    assert cleared(workspace) == []
