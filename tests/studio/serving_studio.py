"""A studio with a served adapter, on the tiny model in the embedded one's place: its texts are noise, its speed is great."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

from core.config import DataFolder
from core.training.base_models import converted_folder
from core.workflows import freezing, importing, projects, serving
from core.workflows.workspace import Workspace, open_workspace
from tests.core.serving.tiny_adapters import save_tiny_adapter
from tests.core.training.tiny import WORDS
from tests.e2e.made_up import MadeUpWorkers, trained
from tests.jobs_by_hand import finish

MODEL = "voice/v1-1"


def put_in_embedded_place(tiny: Path, models: Path) -> Path:
    """models: what PROOFROOM_MODELS names."""
    folder = converted_folder(models)
    shutil.copytree(tiny, folder)
    return folder


def with_run(folder: DataFolder) -> Workspace:
    """An open studio with a project `voice` and its run `v1-1`, whose training was made up."""
    workspace = open_workspace(folder, executor=MadeUpWorkers())
    projects.create_project(workspace, name="voice", goal="voice", by="Ann")
    # Posts that share no phrase, so that they can be split.
    posts = [" ".join(f"{WORDS[(i * 5 + k * k) % len(WORDS)]}{i}" for k in range(60)) + "." for i in range(12)]
    lines = "".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(posts))
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=date(2099, 1, 1))
    upload = importing.keep_upload(workspace, "posts.jsonl", lines.encode())
    _finish(workspace, importing.import_files(workspace, "voice", [upload], terms, name="posts", by="Ann")["job"])
    _finish(workspace, freezing.freeze_version(workspace, "voice", name="v1", recipe="everything", by="Ann")["job"])
    trained(workspace, "voice", "v1")
    return workspace


def with_served_adapter(folder: DataFolder, base: Path, *, std: float = 0.4, rank: int = 4) -> None:
    """The same, closed again, with an adapter of random weights in the run's place for it. std: how far they are from zero."""
    workspace = with_run(folder)
    adapter = serving.model_called(workspace, MODEL).adapter
    assert adapter is not None
    save_tiny_adapter(base, adapter, seed=4, std=std, r=rank)
    workspace.close()


def _finish(workspace: Workspace, job: str) -> None:
    progress = finish(workspace, job)
    assert progress["state"] == "done", progress
