"""Suggested tags: when they are worked out anew, what they rest on, and how often they were right.

The work is a job of its own that starts by itself after some new taggings; the page only looks
suggestions up.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Refused
from core.jobs.folder import JobFolder
from core.store import measures as measure_rows
from core.store import suggestions as suggestion_rows
from core.store.connection import Row, Transaction
from core.tags.enough import MIN_RECORDS, MIN_TAGGED, MIN_TAGS, share_right
from core.workflows.curating import ENCODER_ID
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

# Worked out anew after so many taggings, or after so large a share of those that it learns from.
LEAST_NEW, NEW_SHARE = 10, 0.1


@dataclass(frozen=True, slots=True)
class Standing:
    """Where suggestions stand. job: the one under way. evaluation: of the last one, None before the first.

    n_tagged: measured records with a tag (as of the last one, once there was one), needed: how many there have to be.
    """

    n_tagged: int
    needed: int
    job: str | None
    evaluation: dict[str, Any] | None

    @property
    def is_enough(self) -> bool:
        return self.n_tagged >= self.needed

    @property
    def words(self) -> str:
        """Why there is no suggestion, in a sentence; empty once there are some."""
        if not self.is_enough:
            return f"Not enough tagged records yet: {self.n_tagged} of at least {self.needed}."
        if self.evaluation is None:
            return "Suggestions are being worked out." if self.job else "No suggestion has been worked out yet."
        if not self.evaluation["n_tags"]:
            return f"Nothing can be told apart yet: at least {MIN_TAGS} tags need {MIN_RECORDS} records each."
        return ""


def standing(workspace: Workspace, project: str) -> Standing:
    row = project_named(workspace, project)
    run = suggestion_rows.run_of(workspace.store, row["id"])
    last = suggestion_rows.last_job(workspace.store, row["id"])
    under_way = last["id"] if last and last["state"] in ("queued", "running") else None
    n_tagged = run["n_tagged"] if run else suggestion_rows.tagged_count(workspace.store, row["id"])["n_tagged"]
    return Standing(n_tagged, MIN_TAGGED, under_way, run["evaluation"] if run else None)


def suggest_tags(workspace: Workspace, project: str, *, by: str) -> str:
    """Queue the job that learns from the tagged records and suggests tags for the others. Returns its id.

    One that is under way is returned instead of a second. Raises Refused, with the numbers, while too few records are tagged.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    counted = suggestion_rows.tagged_count(workspace.store, row["id"])
    if counted["n_tagged"] < MIN_TAGGED:
        raise Refused(
            f"Not enough tagged records yet: {counted['n_tagged']} of at least {MIN_TAGGED}.",
            remedy="Tag some more. Only measured records count: if there are enough, have the records measured first.",
        )
    last = suggestion_rows.last_job(workspace.store, row["id"])
    if last and last["state"] in ("queued", "running"):
        return str(last["id"])
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    curation = measure_rows.curation(workspace.store, row["id"])
    with workspace.store.transaction() as tx:
        suggestion_rows.copy_labels_to(tx, row["id"], folder.inputs / "labels.parquet")
        _give_vectors(workspace, tx, row["id"], curation, folder.inputs / "vectors.parquet")
        queue_job(
            tx, folder, project_id=row["id"], kind="suggest", settings={"project_id": row["id"]},
            facts={"seq": counted["seq"], "n_tagged": counted["n_tagged"], "curation": curation["job_id"] if curation else ""}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return job_id


def suggest_when_due(workspace: Workspace, project: str, *, by: str) -> str | None:
    """Queue the job where enough is new: taggings since the last one, or a new measurement. Returns its id, else None."""
    row = project_named(workspace, project)
    last = suggestion_rows.last_job(workspace.store, row["id"])
    if last and last["state"] in ("queued", "running"):
        return None
    if last:
        curation = measure_rows.curation(workspace.store, row["id"])
        n_new = suggestion_rows.taggings_since(workspace.store, row["id"], last["facts"]["seq"])
        is_remeasured = curation is not None and curation["job_id"] != last["facts"]["curation"]
        if not is_remeasured and n_new < max(LEAST_NEW, NEW_SHARE * last["facts"]["n_tagged"]):
            return None
    if suggestion_rows.tagged_count(workspace.store, row["id"])["n_tagged"] < MIN_TAGGED:
        return None
    return suggest_tags(workspace, project, by=by)


def suggestions_of(workspace: Workspace, project_id: str, record_id: str) -> list[dict[str, Any]]:
    """Tags suggested for a record, the likeliest first, each with its confidence and why, and how far that can be believed."""
    run = suggestion_rows.run_of(workspace.store, project_id)
    if run is None:
        return []
    return [
        row | {"why": _why(row), "was_right": share_right(run["evaluation"]["bins"], row["confidence"])}
        for row in suggestion_rows.suggestions_of(workspace.store, record_id)
    ]


def collect_suggestions(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]
) -> None:
    suggestion_rows.replace_suggestions_from(tx, job["project_id"], folder.out / "suggestions.parquet")
    suggestion_rows.note_run(
        tx, job["project_id"], job_id=job["id"], n_tagged=result["n_tagged"], evaluation=result["evaluation"]
    )
    tx.event(
        "suggested",
        "tags",
        job["id"],
        by=job["created_by"],
        project_id=job["project_id"],
        n_records=result["n_records"],
    )


def _why(row: Row) -> str:
    near = f"{row['n_near']} of the {row['n_asked']} nearest tagged records carry it"
    return f"{near}; the classifier agrees" if row["source"] == "both" else near if row["source"] == "neighbours" else f"the classifier; {near}"  # fmt: skip


def _give_vectors(workspace: Workspace, tx: Transaction, project_id: str, curation: Row | None, file: Path) -> None:
    """The vectors as the curation job wrote them: a second name for its file, at no cost; else a copy out of the database."""
    if curation is not None:
        written = workspace.supervisor.folder(curation["job_id"]).out / "vectors.parquet"
        with suppress(OSError):
            os.link(written, file)
            return
    measure_rows.copy_vectors_to(tx, project_id, ENCODER_ID, file)
