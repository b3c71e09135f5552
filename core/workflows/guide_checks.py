"""Drafts checked against the brand guide: a job after each change of the guide and after new drafts, and what it found by system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from core.jobs.folder import JobFolder
from core.nouns import FINAL_JOB_STATES, System
from core.review.guide.document import Guide
from core.review.statistics import RateEstimate, wilson_interval
from core.review.summary import RuleKept
from core.store import guide_checks as check_rows
from core.store import guides as guide_rows
from core.store import jobs as job_rows
from core.store.connection import Row, Transaction
from core.workflows.workspace import Workspace, new_job_folder, queue_job

CHECKER = "Proofroom"


def queue_checks(workspace: Workspace, tx: Transaction, project_id: str) -> None:
    """Queue the check of every draft against the guide in force, where there is one and there are drafts."""
    guide = guide_rows.guide(tx, project_id)
    if guide is None or not check_rows.n_drafts(tx, project_id):
        return
    _, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    (folder.inputs / "guide.json").write_text(guide["content"], encoding="utf-8")
    check_rows.copy_drafts_to(tx, project_id, folder.inputs / "drafts.parquet")
    queue_job(
        tx, folder, project_id=project_id, kind="guide", settings={}, facts={"guide": guide["sha256"]}, by=CHECKER
    )  # fmt: skip


def collect_checks(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, object]
) -> None:
    guide = guide_rows.guide(tx, job["project_id"])
    # Of a guide that was changed meanwhile: its own check is on the way.
    if guide is not None and guide["sha256"] == job["facts"]["guide"]:
        check_rows.replace_checks_from(
            tx, folder.out / "checks.parquet", project_id=job["project_id"], guide_sha256=guide["sha256"]
        )


def kept_rules(
    workspace: Workspace, project_id: str, guide: Guide, drafts: Iterable[tuple[str, System]]
) -> list[RuleKept]:
    """For each rule of the guide, how many of these drafts keep it, by system; drafts that were not checked yet do not count."""
    broken = check_rows.checks(workspace.store, project_id, guide.sha256)
    by_system: dict[System, list[set[str]]] = defaultdict(list)
    for draft, system in drafts:
        if draft in broken:
            by_system[system].append(broken[draft])
    return [
        RuleKept(rule.name, rule.level.value, {system: _kept(rule.name, found) for system, found in by_system.items()})
        for rule in guide.all_rules()
    ]


def is_checking(workspace: Workspace, project_id: str) -> bool:
    rows = job_rows.unsettled_jobs(workspace.store)
    return any(
        row["kind"] == "guide" and row["project_id"] == project_id and row["state"] not in FINAL_JOB_STATES
        for row in rows
    )


def _kept(rule: str, found: list[set[str]]) -> RateEstimate:
    kept = sum(rule not in rules for rules in found)
    return RateEstimate(len(found), kept, kept / len(found), *wilson_interval(kept, len(found)))
