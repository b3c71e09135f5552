"""A run of the embedded model, made again from its bundle by another process, has the same weights to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataFolder
from core.workflows import bundles, importing, projects, training
from core.workflows.workspace import open_workspace
from tests.core.workflows.test_bundles import RealTraining
from tests.core.workflows.test_judgements import WORDS
from tests.e2e import made_up
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.model]

# Two steps on short texts, and nothing asked at the end.
SETTINGS = {"max_steps": 2, "batch_size": 2, "n_evaluations": 0, "n_drafts": 0, "ask_again": False, "keep_best": False}


def test_a_run_of_the_embedded_model_is_made_again_to_the_byte(tmp_path: Path) -> None:
    workspace = open_workspace(DataFolder(tmp_path / "data"), executor=RealTraining())
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    texts = {f"post-{n}.md": f"# About {n}\n\n{' '.join(f'{word}{n}' for word in WORDS * 3)}." for n in range(12)}
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in texts.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(workspace, importing.import_files(workspace, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(workspace, "p", "v1")
    first = training.start_run(workspace, "p", "v1", by="Ann", name="first", settings=SETTINGS)
    progress = finish(workspace, first["job"], seconds=900)
    assert progress["state"] == "done", progress["reason"]
    again = bundles.start_from_bundle(workspace, "p", bundles.bundle_facts(workspace, "first"), by="Bo")
    progress = finish(workspace, again["job"], seconds=900)
    assert progress["state"] == "done", progress["reason"]
    told = bundles.reproduction(training.run_named(workspace, again["run"]))
    assert told is not None
    assert (told["of"], told["is_identical"], told["differs"]) == ("first", True, {})
    workspace.close()
