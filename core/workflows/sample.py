"""The sample projects: made from the folder that ships with the studio, when a data folder holds no project yet."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from core.errors import ProofroomError
from core.incidents import places_of
from core.nouns import Goal, LawfulBasis
from core.workflows import curating, importing, projects, taxonomy
from core.workflows.jobs import wait_for_job
from core.workflows.workspace import Workspace

log = logging.getLogger(__name__)

PERSON = "sample"
JOB_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample project: its folder under data/sample, what is imported of it, and the project's name and goal."""

    folder: str
    pattern: str
    project: str
    goal: Goal
    owner: str


SAMPLES = (
    Sample("voice", "posts/*.md", "sample-voice", Goal.VOICE, "Dilys Arkwell (an invented person)"),
    Sample("support", "threads.jsonl", "sample-support", Goal.SUPPORT, "the support team (invented people)"),
    Sample("code", "reviews.jsonl", "sample-code", Goal.CODE, "the engineers (invented people)"),
)


def make_samples(workspace: Workspace, root: Path) -> list[str]:
    """Import and measure the sample projects. Returns the names made; nothing is done where a project exists."""
    if projects.list_projects(workspace):
        return []
    present = [sample for sample in SAMPLES if list((root / sample.folder).glob(sample.pattern))]
    for sample in present:
        projects.create_project(workspace, name=sample.project, goal=sample.goal, by=PERSON)
    for sample in present:
        try:
            _fill(workspace, sample, root / sample.folder)
        except ProofroomError as error:
            # The studio opens all the same; the project is there, and its pages say what is missing.
            log.error("the sample project %s could not be filled\n%s", sample.project, places_of(error))
    return [sample.project for sample in present]


def _fill(workspace: Workspace, sample: Sample, folder: Path) -> None:
    files = sorted(folder.glob(sample.pattern))
    uploads = [importing.keep_upload(workspace, file.name, file.read_bytes()) for file in files]
    today = importing.today()
    terms = importing.checked_terms(
        owner=sample.owner, basis=LawfulBasis.CONSENT, purpose="try the studio", uses=None, expires="never",
        licence="as this studio: Apache-2.0", today=today,
    )  # fmt: skip
    started = importing.import_files(
        workspace, sample.project, uploads, terms, name=f"sample/{sample.folder}", by=PERSON
    )
    tags_file = folder / "taxonomy.json"
    if tags_file.exists():
        taxonomy.import_list(workspace, sample.project, tags_file.read_text(encoding="utf-8"), "json", by=PERSON)
    wait_for_job(workspace, started["job"], seconds=JOB_SECONDS)
    curating.measure_records(workspace, sample.project, by=PERSON)
