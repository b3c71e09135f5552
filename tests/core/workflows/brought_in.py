"""Sources of made-up texts that came in by an import, and versions frozen from them."""

from __future__ import annotations

from typing import Any

from core.workflows import freezing, importing
from core.workflows.workspace import Workspace
from tests.jobs_by_hand import finish

KEPT = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)


def brought_in(
    workspace: Workspace, name: str, texts: dict[str, str], asked: importing.Terms = KEPT, project: str = "p"
) -> str:
    """Import texts by file name. Returns the source's id."""
    files = [importing.keep_upload(workspace, path, text.encode()) for path, text in texts.items()]
    started = importing.import_files(workspace, project, files, asked, name=name, by="Ann")
    finish(workspace, started["job"])
    return str(started["source"])


def words_of(name: str, n: int) -> str:
    """A text that shares no word with another's."""
    return f"# On {name} {n}\n\n" + " ".join(f"{name}{n}w{k}" for k in range(40)) + f" {n}."


def frozen(workspace: Workspace, name: str, **recipe: Any) -> None:
    """Freeze everything of the project p, but for what the recipe says."""
    job = freezing.freeze_version(workspace, "p", name=name, by="Ann", recipe={"take": "everything"} | recipe)["job"]
    done = finish(workspace, job)
    assert done["state"] == "done", done["reason"]
