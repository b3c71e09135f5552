"""Which workflow takes over the results of which kind of job."""

from __future__ import annotations

from typing import Any

from core.jobs.folder import JobFolder
from core.nouns import JobState
from core.store.connection import Row, Transaction
from core.workflows.auditing import collect_check
from core.workflows.cleaning import collect_counts
from core.workflows.curating import collect_curation
from core.workflows.difficulty import collect_difficulty
from core.workflows.drafting import collect_drafts, put_back_replaced
from core.workflows.exporting import collect_export
from core.workflows.fact_documents import collect_facts
from core.workflows.freezing import collect_version
from core.workflows.guide_checks import collect_checks
from core.workflows.importing import collect_import
from core.workflows.judging import collect_judge
from core.workflows.leaking import collect_leaks
from core.workflows.personal_search import collect_personal_data, forget_pseudonyms, forget_texts
from core.workflows.preflighting import collect_preflight
from core.workflows.run_collecting import collect_run, keep_curve, note_run_end
from core.workflows.scoring import collect_scores
from core.workflows.searching import collect_index
from core.workflows.suggesting import collect_suggestions
from core.workflows.updating import collect_update
from core.workflows.version_import import collect_imported_version
from core.workflows.workspace import Workspace


def _collect_import(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    collect = collect_update if "update" in job["facts"] else collect_import
    collect(workspace, tx, job, folder, result)


COLLECTORS = {
    "import": _collect_import,
    "index": collect_index,
    "curate": collect_curation,
    "score": collect_scores,
    "difficulty": collect_difficulty,
    "suggest": collect_suggestions,
    "cleaning": collect_counts,
    "freeze": collect_version,
    "version": collect_imported_version,
    "leaks": collect_leaks,
    "facts": collect_facts,
    "guide": collect_checks,
    "judge": collect_judge,
    "preflight": collect_preflight,
    "train": collect_run,
    "continue": collect_run,
    "draft": collect_drafts,
    "export": collect_export,
    "audit": collect_check,
    "pii": collect_personal_data,
}


def note_end(workspace: Workspace, tx: Transaction, job: Row, state: str) -> None:
    """What every end of a job brings about, in the transaction that writes it."""
    if job["kind"] in ("train", "continue"):
        note_run_end(tx, job, state)
        keep_curve(workspace, job)
    if job["kind"] == "draft" and state != JobState.DONE:
        put_back_replaced(tx, job)
    if job["kind"] == "pii":
        forget_texts(workspace, job)
    if job["kind"] == "freeze":
        forget_pseudonyms(workspace, job)
    tx.event(state, "job", job["id"], by=job["created_by"], project_id=job["project_id"], kind=job["kind"])
