"""Backup, restore and doctor: the studio's own health; and what it does by itself while it is open."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from core.config import DataFolder
from core.curate.versions import read_version
from core.errors import Conflict, Invalid, ProofroomError
from core.store import integrity
from core.store.connection import new_id, utc_now
from core.store.sources import uploads_in_use
from core.training.base_models import file_sha256
from core.workflows import lapsing
from core.workflows.workspace import Workspace

# Jobs, models and exports are left out: the first are work in progress (what a run told is kept with it), the second come with the
# set-up, the third are large and can be made again from their runs.
KEPT_FOLDERS = ("uploads", "versions", "runs")


def look_after(workspace: Workspace) -> None:
    """Put on the trail what expired by today, with what follows from it, and start the runs that wait for their version."""
    lapsing.note_expired(workspace, today=utc_now().date())
    lapsing.start_retrains(workspace)


def back_up(workspace: Workspace, target: Path) -> dict[str, Any]:
    """Write one file that `restore` turns into the same studio. The studio goes on meanwhile."""
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a file that does not.")
    copy = workspace.folder.exchange / (new_id("backup_") + ".duckdb")
    unfinished = target.with_name(target.name + ".part")
    try:
        workspace.store.checkpointed_copy(copy)
        with tarfile.open(unfinished, "w:gz", compresslevel=1) as archive:
            archive.add(copy, "proofroom.duckdb")
            for name in KEPT_FOLDERS:
                archive.add(workspace.folder.root / name, name)
        unfinished.replace(target)
    finally:
        copy.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return {
        "file": str(target),
        "n_bytes": target.stat().st_size,
        "sha256": file_sha256(target),
        "at": utc_now().isoformat() + "Z",
    }


def restore(backup: Path, folder: DataFolder) -> None:
    """Unpack a backup into a data folder that holds no database. Raises Invalid, Conflict."""
    if folder.database.exists():
        raise Conflict(f"{folder.root} holds a studio already.", remedy="Restore into an empty folder, then use that.")
    folder.create()
    with tempfile.TemporaryDirectory(dir=folder.root, prefix="restore_") as temporary:
        try:
            with tarfile.open(backup, "r:gz") as archive:
                # The data filter refuses absolute names, `..`, links out and devices.
                archive.extractall(temporary, filter="data")
        except (tarfile.TarError, OSError, EOFError) as error:
            raise Invalid(f"{backup} is not a backup that can be read: {error}.") from error
        unpacked = Path(temporary)
        if not (unpacked / "proofroom.duckdb").exists():
            raise Invalid(f"{backup} holds no Proofroom database.")
        for name in KEPT_FOLDERS:
            shutil.rmtree(folder.root / name, ignore_errors=True)
            if (unpacked / name).exists():
                (unpacked / name).rename(folder.root / name)
        # Last, so that a kill in the middle leaves no database that lacks its files.
        (unpacked / "proofroom.duckdb").rename(folder.database)


def examine(workspace: Workspace) -> dict[str, Any]:
    """Check what no foreign key checks, and the files behind the rows. `problems` are sentences."""
    problems = integrity.orphans(workspace.store)
    for version in integrity.all_versions(workspace.store):
        problems += _version_problems(workspace, version)
    for run in integrity.runs_with_adapter(workspace.store):
        manifest = workspace.folder.root / run["adapter"] / "manifest.json"
        weights = manifest.with_name("adapter_model.safetensors")
        if not manifest.exists() or not weights.exists():
            problems.append(f"The adapter of the run {run['name']} is not on disk.")
        elif file_sha256(weights) != json.loads(manifest.read_text(encoding="utf-8"))["weights_sha256"]:
            problems.append(f"The adapter of the run {run['name']} is not the one that was trained.")
    for sha256 in sorted(uploads_in_use(workspace.store)):
        if not (workspace.folder.uploads / sha256).exists():
            problems.append(f"The upload {sha256[:12]}… is not on disk.")
    return {"ok": not problems, "problems": problems, "counts": integrity.table_counts(workspace.store)}


def _version_problems(workspace: Workspace, version: dict[str, Any]) -> list[str]:
    try:
        read_version(workspace.folder.versions / version["id"], expected_sha256=version["content_sha256"])
    except (ProofroomError, OSError, ValueError) as error:
        return [f"The version {version['name']} cannot be read as it was frozen: {error}"]
    return []
