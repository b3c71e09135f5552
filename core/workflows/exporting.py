"""Make a run's model ready to be taken away: as adapter, merged or as GGUF, and what stands in the way of it.

An adapter is there at once; the others are made and checked by a job. Finished files stay under the data folder, one
folder an export; `exported` shows them and copies them out.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import Invalid, NotFound
from core.jobs.folder import JobFolder
from core.nouns import FINAL_JOB_STATES
from core.store import exports as export_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.training.base_models import base_name, model_folder
from core.training.export_card import write_manifest, write_words
from core.training.gguf_settings import gguf_settings, read_config
from core.training.manifests import MANIFEST, WEIGHTS, manifest_of, read_manifest
from core.whole_files import whole_folder
from core.workflows import model_card, run_evidence
from core.workflows.freezing import version_folder
from core.workflows.gates import Passed, against_run, passed, refuse_erased
from core.workflows.training import adapter_folder, run_named
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

# How numbers may be stored, by format; the first is what is taken when nobody says. "": there is no choice.
TYPES = {"adapter": ("",), "merged": ("",), "gguf": ("q8_0", "f16")}


def export_obstacles(workspace: Workspace, run: Row) -> list[str]:
    """Sentences that forbid taking this run's model away today; an export goes ahead when there are none, or over them by name."""
    version = _version(workspace, run)
    return [*against_run(workspace, run, version), *run_evidence.export_obstacles(run)]


def start_export(
    workspace: Workspace,
    run: str,
    *,
    form: str,
    by: str,
    kind: str = "",
    override: str = "",
    project: str | None = None,
) -> dict[str, str]:
    """Make a run's model ready to be taken away. Returns the ids of export and job; the job's is empty for an adapter.

    form: adapter, merged or gguf. kind: q8_0 or f16, for gguf alone. override: why it is exported although something
    stands in the way. One under way that makes the same is returned instead of a second. Raises Invalid, NotFound,
    ModelMissing, and Refused with every obstacle.
    """
    person = checked_person(by)
    kind = _checked_kind(form, kind)
    row = run_named(workspace, run, project=project)
    adapter = adapter_folder(workspace, row)
    refuse_erased(workspace, row)
    taken = passed(export_obstacles(workspace, row), override, by=person)
    for other in export_rows.exports_of(workspace.store, row["id"]):
        if (other["format"], other["type"]) == (form, kind) and other["state"] not in FINAL_JOB_STATES:
            return {"export": other["id"], "job": other["job_id"]}
    read_manifest(adapter)
    card = _card(workspace, row, adapter, form)
    if taken.obstacles:
        card["override"] = asdict(taken)
    export_id = new_id("ex_")
    facts = {
        "run_id": row["id"],
        "form": form,
        "kind": kind,
    }
    if form == "adapter":
        return _export_adapter(workspace, row, export_id, adapter, card, facts, taken)
    return _queue_export(workspace, row, export_id, adapter, card, facts, taken)


def collect_export(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Move the finished files to their place: they may be many gigabytes, and a copy would hold every write up."""
    export_id = job["facts"]["export"]
    target, made = export_folder(workspace, export_id), folder.out / "export"
    # A server that ended between the move and the commit finds them moved already.
    if made.exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(made, target)
    elif not target.exists():
        raise NotFound("The files of the export are gone.", remedy="Export again.")
    _note_finished(
        workspace, tx, job["facts"]["run"], export_id, result, by=job["created_by"], project=job["project_id"]
    )


def export_folder(workspace: Workspace, export_id: str) -> Path:
    return workspace.folder.exports / export_id


def _export_adapter(
    workspace: Workspace,
    run: Row,
    export_id: str,
    adapter: Path,
    card: dict[str, Any],
    facts: dict[str, Any],
    taken: Passed,
) -> dict[str, str]:
    with whole_folder(export_folder(workspace, export_id)) as unfinished:
        unfinished.mkdir()
        for name in (WEIGHTS, "adapter_config.json"):
            shutil.copyfile(adapter / name, unfinished / name)
        trained = json.dumps(_trained(adapter), indent=2, ensure_ascii=False)
        (unfinished / MANIFEST).write_text(trained, encoding="utf-8")
        write_words(unfinished, card, model_card=model_card.card(workspace, run["id"]))
        manifest = write_manifest(unfinished, card)
    with workspace.store.transaction() as tx:
        _insert(tx, run, export_id, "", facts, taken)
        _note_finished(workspace, tx, run["id"], export_id, manifest, by=taken.by, project=run["project_id"])
    return {"export": export_id, "job": ""}


def _queue_export(
    workspace: Workspace,
    run: Row,
    export_id: str,
    adapter: Path,
    card: dict[str, Any],
    facts: dict[str, Any],
    taken: Passed,
) -> dict[str, str]:
    folder_of_base = model_folder(run["config"]["base"], workspace.folder.models)
    if facts["form"] == "gguf":
        gguf_settings(read_config(folder_of_base), base_name(folder_of_base))
    job_id, folder = new_job_folder(workspace)
    settings = {
        "format": facts["form"],
        "type": facts["kind"],
        "adapter": str(adapter),
        "base": run["config"]["base"],
        "models": str(workspace.folder.models),
        "version_folder": str(version_folder(workspace, run["version_id"])),
        "card": card,
        "model_card": model_card.card(workspace, run["id"]),
    }
    with workspace.store.transaction() as tx:
        _insert(tx, run, export_id, job_id, facts, taken)
        queue_job(
            tx, folder, project_id=run["project_id"], kind="export", settings=settings,
            facts={"run": run["id"], "export": export_id, "format": facts["form"], "type": facts["kind"]}, by=taken.by,
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"export": export_id, "job": job_id}


def _insert(tx: Transaction, run: Row, export_id: str, job_id: str, facts: dict[str, Any], taken: Passed) -> None:
    export_rows.insert_export(
        tx, export_id, project_id=run["project_id"], job_id=job_id, by=taken.by, obstacles=taken.obstacles,
        override_reason=taken.reason, **facts,
    )  # fmt: skip
    taken.note(tx, "export", export_id, project_id=run["project_id"], run=run["id"])


def _note_finished(
    workspace: Workspace,
    tx: Transaction,
    run: str,
    export_id: str,
    manifest: Mapping[str, Any],
    *,
    by: str,
    project: str,
) -> None:
    n_bytes = sum(file.stat().st_size for file in export_folder(workspace, export_id).rglob("*") if file.is_file())
    export_rows.finish_export(tx, export_id, manifest=dict(manifest), n_bytes=n_bytes)
    tx.event(
        "exported", "run", run, by=by, project_id=project, export=export_id, format=manifest["format"],
        largest_difference=manifest.get("largest_difference"),
    )  # fmt: skip


def _card(workspace: Workspace, run: Row, adapter: Path, form: str) -> dict[str, Any]:
    """What export.json and the README say of the run and its version; the check's figures come later, the rest is the model card's."""
    project, version = project_named(workspace, run["project_id"]), _version(workspace, run)
    trained = _trained(adapter)
    metrics = run["metrics"] or {}
    return {
        "format": form,
        "run": run["id"],
        "run_name": run["name"],
        "project": project["name"],
        "goal": project["goal"],
        "base": trained["base"],
        "version": version["name"],
        "content_sha256": version["content_sha256"],
        "weights_sha256": trained["weights_sha256"],
        "config": trained["config"],
        "metrics": {name: metrics.get(name) for name in ("base_eval_loss", "eval_loss", "n_steps")},
        "sources": version["card"]["sources"],
        "exported_at": utc_now().isoformat() + "Z",
    }


def _trained(adapter: Path) -> dict[str, Any]:
    """The adapter's manifest, with its base model by name: paths of this machine do not travel."""
    manifest = manifest_of(adapter)
    return manifest | {"config": manifest["config"] | {"base": manifest["base"]["name"]}}


def _version(workspace: Workspace, run: Row) -> Row:
    version = version_rows.version_named(workspace.store, run["project_id"], run["version_id"])
    if version is None:
        raise NotFound(f"The version that {run['name']} was trained on is gone.")
    return version


def _checked_kind(form: str, kind: str) -> str:
    if form not in TYPES:
        raise Invalid(f"A run cannot be exported as {form!r}.", remedy=f"Choose {', '.join(TYPES)}.")
    if kind and kind not in TYPES[form]:
        allowed = " or ".join(TYPES[form])
        remedy = f"Choose {allowed}." if allowed else "Leave the type out; only gguf has one to choose."
        raise Invalid(f"The type {kind!r} is not possible for {form}.", remedy=remedy)
    return kind or TYPES[form][0]
