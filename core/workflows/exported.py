"""What was exported: each run's exports with their folder, the figures of their check and the line that serves them.

Finished files stay under the data folder until they are copied to where somebody wants them: a server that ends
between the two loses neither.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from core.errors import Conflict, NotFound, Refused
from core.nouns import JobState
from core.store import exports as export_rows
from core.store.connection import Row
from core.training.base_models import EMBEDDED, converted_folder
from core.training.export_card import MANIFEST, serving_command
from core.whole_files import cannot_be_written, whole_folder
from core.workflows.exporting import export_folder, export_obstacles
from core.workflows.gates import passed, refuse_erased
from core.workflows.training import run_named
from core.workflows.workspace import Workspace, checked_person


def copy_export(workspace: Workspace, export: str, *, target: Path, by: str, override: str = "") -> dict[str, Any]:
    """Copy a finished export to a folder that must not exist. Returns its summary, as it lies there.

    What stands in the way is asked again: a source may have expired since. Raises NotFound, Conflict, Refused, Invalid
    when the folder cannot be written.
    """
    person = checked_person(by)
    row = _export(workspace, export)
    source = _finished_folder(workspace, row)
    run = run_named(workspace, row["run_id"])
    refuse_erased(workspace, run)
    taken = passed(export_obstacles(workspace, run), override, by=person)
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a folder that does not.")
    _copy(source, target)
    with workspace.store.transaction() as tx:
        taken.note(tx, "export", row["id"], project_id=run["project_id"], run=run["id"])
        tx.event("copied", "export", row["id"], by=person, project_id=row["project_id"], run=run["id"])
    return _summary(workspace, run, row, folder=target)


def list_exports(workspace: Workspace, run: str, *, project: str | None = None) -> list[dict[str, Any]]:
    """The exports of a run, newest first; those that failed or are under way too."""
    row = run_named(workspace, run, project=project)
    return [_summary(workspace, row, export) for export in export_rows.exports_of(workspace.store, row["id"])]


def export_summary(workspace: Workspace, export: str) -> dict[str, Any]:
    """One export: state, folder, figures of its check, and the line that serves it. Raises NotFound."""
    row = _export(workspace, export)
    return _summary(workspace, run_named(workspace, row["run_id"]), row)


def _copy(source: Path, target: Path) -> None:
    try:
        with whole_folder(target) as unfinished:
            shutil.copytree(source, unfinished)
    except OSError as error:
        raise cannot_be_written(target, error) from error


def _summary(workspace: Workspace, run: Row, export: Row, *, folder: Path | None = None) -> dict[str, Any]:
    """folder: where its files lie, when it is not their own place."""
    folder, manifest = folder or export_folder(workspace, export["id"]), export["manifest"] or {}
    is_here = export["state"] == JobState.DONE and folder.exists()
    checked = (
        "largest_difference", "limit", "n_prompts", "mean_in_text", "largest_in_text", "n_positions", "same_likeliest", "merging_difference",
    )  # fmt: skip
    return {
        "export": export["id"],
        "run": run["id"],
        "run_name": run["name"],
        "format": export["format"],
        "type": manifest.get("type", export["type"]),
        "status": export["state"],
        "reason": export["reason"],
        "job": export["job_id"],
        "folder": str(folder) if is_here else None,
        "files": sorted([*manifest.get("files", {}), MANIFEST]) if is_here else [],
        "n_bytes": export["n_bytes"],
        **{name: manifest.get(name) for name in checked},
        "command": _command(workspace, run, export["format"], folder) if is_here else None,
        "override_reason": export["override_reason"],
        "created_at": export["created_at"],
        "created_by": export["created_by"],
    }


def _command(workspace: Workspace, run: Row, form: str, folder: Path) -> str:
    base = run["config"]["base"]
    if base == EMBEDDED:
        # Where it is, or will be once it is made ready: a list of exports does not wait for that.
        base = str(converted_folder(workspace.folder.models))
    return serving_command(form, run_name=run["name"], folder=str(folder), base=base, rank=run["config"]["rank"])


def _export(workspace: Workspace, export: str) -> Row:
    row = export_rows.export(workspace.store, export)
    if row is None:
        raise NotFound(f"There is no export {export!r}.", remedy="`proofroom exports list RUN` shows those of a run.")
    return row


def _finished_folder(workspace: Workspace, export: Row) -> Path:
    """Raises Refused when it is not done, or its files are not there (a backup leaves them out)."""
    folder = export_folder(workspace, export["id"])
    if export["state"] != JobState.DONE:
        raise Refused(
            f"The export {export['id']} is {export['state']}. {export['reason']}".strip(),
            remedy="Wait for it, or export again.",
        )
    if not folder.exists():
        raise Refused(f"The files of the export {export['id']} are not on this machine.", remedy="Export again.")
    return folder
