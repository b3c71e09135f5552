"""Check a run before it starts: queue the check, and read what it found for a version and these very settings."""

from __future__ import annotations

import json
from typing import Any

from core.errors import Refused
from core.jobs.folder import JobFolder
from core.store.connection import Row, Transaction
from core.workflows.freezing import version_folder
from core.workflows.run_checks import checks_of, mark_of
from core.workflows.run_plans import plan_run
from core.workflows.workspace import Workspace, checked_person, new_job_folder, queue_job


def check_first(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    by: str,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
) -> str:
    """Queue the check of a run that is not started. Returns the job's id. Raises Refused with what the gate says."""
    person = checked_person(by)
    plan = plan_run(workspace, project, version, preset_name=preset_name, settings=settings)
    if plan["obstacles"]:
        raise Refused(" ".join(plan["obstacles"]))
    chosen = plan["version"]
    job_id, folder = new_job_folder(workspace)
    facts = {"version": chosen["id"], "name": chosen["name"], "checked": mark_of(chosen, plan["config"])}
    with workspace.store.transaction() as tx:
        queue_job(
            tx, folder, project_id=chosen["project_id"], kind="preflight",
            settings={
                "version_folder": str(version_folder(workspace, chosen["id"])),
                "content_sha256": chosen["content_sha256"],
                "config": plan["config"],
                "models": str(workspace.folder.models),
            },
            facts=facts, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return job_id


def checked_before(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any] | None:
    """What the newest check of this version with these settings told; None where there is none.

    Settings that do not touch what is checked (how long, how fast) may differ. job, checked_at, and what `preflight.json` says.
    """
    plan = plan_run(workspace, project, version, preset_name=preset_name, settings=settings)
    for job in checks_of(workspace, plan["version"], plan["config"]):
        file = workspace.supervisor.folder(job["id"]).out / "preflight.json"
        if file.exists():
            told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return {"job": job["id"], "checked_at": job["ended_at"], **told}
    return None


def stops_of(told: dict[str, Any] | None) -> list[str]:
    """Sentences of what a check found that no run should start against; empty where there is none, or no check."""
    return [finding["sentence"] for finding in told["findings"] if finding["level"] == "stop"] if told else []


def collect_preflight(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]
) -> None:
    tx.event(
        "checked", "run_plan", job["facts"]["version"], by=job["created_by"], project_id=job["project_id"],
        version=job["facts"]["name"], n_findings=len(result["findings"]),
    )  # fmt: skip
