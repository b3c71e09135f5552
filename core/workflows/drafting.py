"""Briefs, and the job that writes drafts for them; each draft gets a review item that says nothing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.curate.examples import brief_prompt
from core.curate.records_in import record_in
from core.errors import Invalid, Refused
from core.jobs.folder import JobFolder
from core.nouns import RecordKind, System
from core.records.text import accepted_answer, reference_comment
from core.store import drafts as draft_rows
from core.store import records as record_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows.freezing import version_folder, version_named
from core.workflows.gates import sources_that_forbid
from core.workflows.training import adapter_folder, run_named
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

MACHINE_SYSTEMS = (System.TUNED, System.BASE, System.BASE_FEWSHOT)
MAX_PROMPT_CHARACTERS = 8_000
DEFAULT_NEW_TOKENS = 256


@dataclass(frozen=True, slots=True)
class BriefIn:
    """What a draft is asked for. reference: a real text on the same subject, shown as a control."""

    id: str
    prompt: str
    audience: str = ""
    facts: tuple[str, ...] = ()
    reference: str | None = None
    record_id: str | None = None


def read_briefs(text: str) -> list[BriefIn]:
    """Briefs from JSON Lines. Raises Invalid naming the line, its value and what is allowed."""
    briefs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise Invalid(f"Line {number} of the briefs is not valid JSON: {error}.") from error
        briefs.append(_brief(number, value))
    if not briefs:
        raise Invalid("There is no brief in the file.", remedy='Write one a line: {"id": "b1", "prompt": "…"}.')
    return briefs


def add_briefs(workspace: Workspace, project: str, briefs: Sequence[BriefIn], *, by: str) -> list[str]:
    """Store briefs; one whose id exists keeps its first text. Returns their ids in order."""
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        ids = [
            draft_rows.insert_brief(
                tx,
                new_id("b_"),
                project_id=row["id"],
                external_id=b.id,
                prompt=b.prompt,
                audience=b.audience,
                facts=list(b.facts),
                reference=b.reference,
                record_id=b.record_id,
                by=person,
            )  # fmt: skip
            for b in briefs
        ]
        tx.event("added", "briefs", row["id"], by=person, project_id=row["id"], n_briefs=len(ids))
    return ids


def briefs_from_hold_out(workspace: Workspace, project: str, version: str, *, limit: int) -> list[BriefIn]:
    """Briefs from documents that the version held out for the test, with the real text as the human control."""
    row = project_named(workspace, project)
    chosen = version_named(workspace, project, version)
    briefs = []
    for held_out in version_rows.test_records(workspace.store, chosen["id"])[:limit]:
        record = record_rows.record(workspace.store, row["id"], held_out["id"])
        if record is not None:
            reference = _reference(record)
            prompt = brief_prompt(record_in(record))
            if prompt:
                briefs.append(BriefIn(record["external_id"], prompt, reference=reference, record_id=record["id"]))
    return briefs


def list_briefs(workspace: Workspace, project: str) -> list[Row]:
    return draft_rows.briefs(workspace.store, project_named(workspace, project)["id"])


def write_drafts(
    workspace: Workspace,
    project: str,
    *,
    run: str,
    brief_ids: Sequence[str],
    systems: Sequence[str],
    by: str,
    seed: int = 17,
    max_new_tokens: int = DEFAULT_NEW_TOKENS,
) -> dict[str, str]:
    """Queue the job that writes every brief with every system. Returns its id.

    Raises Refused when the run has no adapter or a source must not be shown, Invalid for unknown systems.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    chosen = run_named(workspace, run)
    if chosen["project_id"] != row["id"]:
        raise Refused(f"The run {chosen['name']} belongs to another project.")
    unknown = [s for s in systems if s not in MACHINE_SYSTEMS]
    if unknown or not systems:
        raise Invalid(
            f"The systems {', '.join(unknown) or '(none)'} are not possible.",
            remedy=f"Choose from {', '.join(MACHINE_SYSTEMS)}.",
        )
    if not 16 <= max_new_tokens <= 2_048:
        raise Invalid(f"{max_new_tokens} new tokens are not possible.", remedy="Choose 16 to 2,048.")
    wanted = set(brief_ids)
    briefs = [b for b in draft_rows.briefs(workspace.store, row["id"]) if b["id"] in wanted]
    if not briefs:
        raise Refused("No brief was chosen.", remedy="Write one, or take some from the hold-out.")
    forbidding = _forbidding(workspace, briefs)
    if forbidding:
        raise Refused(" ".join(forbidding), remedy="Leave those briefs out.")
    version = version_rows.version_named(workspace.store, row["id"], chosen["version_id"])
    assert version is not None, "a run's version is never deleted"
    job_id, folder = new_job_folder(workspace)
    settings = {
        "project_id": row["id"],
        "run": chosen["id"],
        "adapter": str(adapter_folder(workspace, chosen)),
        "base": chosen["config"]["base"],
        "models": str(workspace.folder.models),
        "version_folder": str(version_folder(workspace, version["id"])),
        "content_sha256": version["content_sha256"],
        "systems": list(dict.fromkeys(systems)),
        "seed": seed,
        "max_new_tokens": max_new_tokens,
        "briefs": [{name: b[name] for name in ("id", "prompt", "audience", "facts", "reference")} for b in briefs],
    }
    with workspace.store.transaction() as tx:
        queue_job(
            tx, folder, project_id=row["id"], kind="draft", settings=settings,
            facts={"run": chosen["id"], "n_briefs": len(briefs)}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"job": job_id}


def collect_drafts(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Register drafts, and a review item for each under a random id."""
    draft_rows.insert_drafts_from(tx, folder.out / "drafts.parquet")
    ids = draft_rows.draft_ids_of_job(tx, job["id"])
    # Shuffled, so that even the order of the rows says nothing of the system.
    secrets.SystemRandom().shuffle(ids)
    draft_rows.insert_review_items(tx, [("i_" + secrets.token_hex(12), job["project_id"], draft) for draft in ids])
    tx.event("written", "drafts", job["id"], by=job["created_by"], project_id=job["project_id"], n_drafts=len(ids))


def drafts_of_job(workspace: Workspace, job: str) -> list[Row]:
    return draft_rows.drafts_of_job(workspace.store, job)


def list_drafts(workspace: Workspace, project: str) -> list[dict[str, Any]]:
    """Every draft with its system: for engineers, never for a reviewer."""
    return draft_rows.drafts(workspace.store, project_named(workspace, project)["id"])


def _brief(number: int, value: Any) -> BriefIn:
    if not isinstance(value, dict) or not str(value.get("prompt") or "").strip():
        raise Invalid(f"Line {number} of the briefs has no prompt.", remedy='Write {"id": "b1", "prompt": "…"}.')
    if len(value["prompt"]) > MAX_PROMPT_CHARACTERS:
        raise Invalid(
            f"The prompt in line {number} has {len(value['prompt']):,} characters.",
            remedy=f"Use up to {MAX_PROMPT_CHARACTERS:,}.",
        )
    facts = value.get("facts") or []
    if not isinstance(facts, list):
        raise Invalid(f"The facts in line {number} are not a list.", remedy='Write "facts": ["…", "…"].')
    reference = value.get("reference")
    return BriefIn(
        id=str(value.get("id") or number),
        prompt=str(value["prompt"]).strip(),
        audience=str(value.get("audience") or "").strip(),
        facts=tuple(str(fact) for fact in facts),
        reference=str(reference).strip() if reference else None,
    )


def _reference(record: Row) -> str | None:
    """The text by a person that a held-out record gives as a control."""
    content = record["content"]
    match RecordKind(record["kind"]):
        case RecordKind.DOCUMENT:
            return str(content["body"])
        case RecordKind.THREAD:
            answer = accepted_answer(content)
            return answer["text"] if answer else None
        case RecordKind.DIFF:
            comment = reference_comment(content)
            return comment["text"] if comment else None
        case RecordKind.CHAT:
            return next((m["content"] for m in content["messages"] if m["role"] == "assistant"), None)


def _forbidding(workspace: Workspace, briefs: Sequence[Row]) -> list[str]:
    ids = [b["record_id"] for b in briefs if b["record_id"]]
    used = source_rows.sources_used(workspace.store, ids)
    today = utc_now().date()
    return sources_that_forbid(used, "evaluate", today) + sources_that_forbid(
        [s for s in used if "evaluate" in s["uses"]], "show", today
    )
