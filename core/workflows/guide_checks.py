"""Drafts checked against the brand guide: a job after each change of the guide and after new drafts, and what it found by system."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from core.jobs.folder import JobFolder
from core.nouns import System
from core.review.guide.document import Guide, read_guide
from core.review.statistics import RateEstimate, rate_by_brief
from core.review.summary import RuleKept
from core.store import guide_checks as check_rows
from core.store import guides as guide_rows
from core.store.connection import Row, Transaction
from core.workflows.workspace import Workspace, new_job_folder, queue_job

CHECKER = "Proofroom"


def queue_checks(workspace: Workspace, tx: Transaction, project_id: str) -> None:
    """Queue the check of every draft against the guide in force, where there is one and there are drafts."""
    guide = guide_rows.guide(tx, project_id)
    if guide is None or not check_rows.n_drafts(tx, project_id):
        return
    rules_sha256 = _guide(guide).rules_sha256
    _, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    (folder.inputs / "guide.json").write_text(guide["content"], encoding="utf-8")
    check_rows.copy_drafts_to(tx, project_id, folder.inputs / "drafts.parquet")
    queue_job(
        tx, folder, project_id=project_id, kind="guide", settings={}, facts={"guide": rules_sha256}, by=CHECKER
    )  # fmt: skip


def collect_checks(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, object]
) -> None:
    guide = guide_rows.guide(tx, job["project_id"])
    # Of a guide that was changed meanwhile: its own check is on the way.
    if guide is not None and _guide(guide).rules_sha256 == job["facts"]["guide"]:
        check_rows.replace_checks_from(
            tx, folder.out / "checks.parquet", project_id=job["project_id"], guide_sha256=job["facts"]["guide"]
        )


def kept_rules(
    workspace: Workspace, project_id: str, guide: Guide, drafts: Iterable[tuple[str, str, System]]
) -> list[RuleKept]:
    """For each rule of the guide, how many of these drafts keep it, by system; drafts that were not checked yet do not count.

    drafts: each with its brief.
    """
    broken = check_rows.checks(workspace.store, project_id, guide.rules_sha256)
    by_system: dict[System, list[tuple[str, check_rows.Check]]] = defaultdict(list)
    for draft, brief, system in drafts:
        if draft in broken:
            by_system[system].append((brief, broken[draft]))
    return [
        RuleKept(
            rule.name,
            rule.level.value,
            {system: rate for system, found in by_system.items() if (rate := _kept(rule.name, found)) is not None},
        )
        for rule in guide.all_rules()
    ]


def _kept(rule: str, found: list[tuple[str, check_rows.Check]]) -> RateEstimate | None:
    """None where the rule could be checked on no draft."""
    kept = [(brief, rule not in one.broken) for brief, one in found if rule not in one.unchecked]
    return rate_by_brief(kept) if kept else None


def _guide(row: Row) -> Guide:
    return read_guide(json.loads(row["content"]))
