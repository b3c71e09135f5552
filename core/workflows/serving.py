"""Which models clients of /v1 can ask for, by name, and whether each may be used today.

A model is a run that has made an adapter, called PROJECT/RUN, or `base`, the embedded base model alone. One that was retired, or
whose sources have expired or may no longer be trained on, is listed with the reason and not served.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import NotFound, Refused
from core.store import models as model_rows
from core.store import projects as project_rows
from core.store import runs as run_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.training.base_models import EMBEDDED, model_folder
from core.workflows.gates import against_serving
from core.workflows.models import RETIRED, state_of
from core.workflows.training import adapter_folder
from core.workflows.workspace import Workspace

BASE_NAME = "base"
# OpenAI's list wants a time of birth; the embedded model's is that of its release.
BASE_CREATED_AT = datetime(2024, 11, 1)


@dataclass(frozen=True, slots=True)
class ServableModel:
    """name: what clients write. base: as a run's configuration names it. adapter: its folder, None for the base alone.

    obstacles: sentences; a model is served only when there are none. project: "" for the base.
    """

    name: str
    base: str
    adapter: Path | None
    created_at: datetime
    project: str = ""
    run: str = ""
    obstacles: tuple[str, ...] = ()

    @property
    def is_servable(self) -> bool:
        return not self.obstacles


def servable_models(workspace: Workspace) -> list[ServableModel]:
    """The base first, then every run with an adapter, the newest first; those too that may not be served, with why."""
    models = [ServableModel(BASE_NAME, EMBEDDED, None, BASE_CREATED_AT)]
    for project in project_rows.projects(workspace.store):
        names: set[str] = set()
        acts = model_rows.current_acts(workspace.store, project["id"])
        for run in run_rows.runs(workspace.store, project["id"]):
            if not run["adapter"]:
                continue
            # Of runs with one name the newest has it; the others are called by their ids.
            called = run["id"] if run["name"] in names else run["name"]
            names.add(run["name"])
            models.append(
                ServableModel(
                    f"{project['name']}/{called}", run["config"]["base"], adapter_folder(workspace, run), run["created_at"],
                    project=project["name"], run=run["id"], obstacles=tuple(_obstacles(workspace, run, acts.get(run["id"]))),
                )
            )  # fmt: skip
    return models


def model_names(workspace: Workspace) -> list[str]:
    return [model.name for model in servable_models(workspace)]


def model_called(workspace: Workspace, name: str) -> ServableModel:
    """The model of that name. Raises NotFound, and Refused with the reason when it may not be served."""
    model = next((m for m in servable_models(workspace) if m.name == name), None)
    if model is None:
        raise NotFound(
            f"There is no model {name!r} here, or this key may not use it.", remedy="GET /v1/models lists those it may."
        )
    if model.obstacles:
        raise Refused(" ".join(model.obstacles), remedy=f"{name} is not served until that is settled.")
    return model


def base_folder(workspace: Workspace, model: ServableModel) -> Path:
    """Where the files of the model's base lie. Raises ModelMissing."""
    return model_folder(model.base, workspace.folder.models)


def list_models(workspace: Workspace) -> list[dict[str, Any]]:
    """For the API and pages: name, project, run, whether it can be served, and why not."""
    return [
        {"name": m.name, "project": m.project, "run": m.run, "is_servable": m.is_servable, "reason": " ".join(m.obstacles),
         "created_at": m.created_at.replace(tzinfo=UTC).isoformat()}
        for m in servable_models(workspace)
    ]  # fmt: skip


def _obstacles(workspace: Workspace, run: Row, act: Row | None) -> list[str]:
    if state_of(act) == RETIRED:
        return [f"The model of {run['name']} was retired."]
    version = version_rows.version_named(workspace.store, run["project_id"], run["version_id"])
    if version is None:
        return [f"The version that {run['name']} was trained on is gone."]
    return against_serving(workspace, run, version)
