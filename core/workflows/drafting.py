"""Briefs, and the job that writes drafts for them; each draft gets a review item that says nothing."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.nouns import Example, Split, System
from core.store import drafts as draft_rows
from core.store import jobs as job_rows
from core.store import known_facts, review_records
from core.store import models as model_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows.freezing import read_frozen, version_folder
from core.workflows.gates import against_training, source_ids_behind, sources_that_forbid
from core.workflows.guide_checks import CHECKER, queue_checks
from core.workflows.judging import queue_chances
from core.workflows.models import RETIRED, state_of
from core.workflows.training import adapter_folder, run_named
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

MACHINE_SYSTEMS = (System.TUNED, System.BASE, System.BASE_FEWSHOT, System.TUNED_FACTS, System.BASE_FACTS)
# Written where nothing else is said; with facts only when somebody asks for it.
USUAL_SYSTEMS = (System.TUNED, System.BASE, System.BASE_FEWSHOT)
MAX_PROMPT_CHARACTERS = 8_000
MAX_REFERENCE_CHARACTERS = 100_000
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
    """Store briefs; the very same one twice is one. Returns their ids in order.

    Raises Conflict when an id stands for another text. One from the hold-out gets a number behind its id instead: several
    sources may each have a record called 1, and a record is cut otherwise in another version.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        ids = [_add_brief(tx, row["id"], brief, by=person) for brief in briefs]
        tx.event("added", "briefs", row["id"], by=person, project_id=row["id"], n_briefs=len(ids))
    return ids


def _add_brief(tx: Transaction, project_id: str, brief: BriefIn, *, by: str) -> str:
    for number in count(1):
        try:
            return draft_rows.insert_brief(
                tx, new_id("b_"), project_id=project_id, external_id=brief.id if number == 1 else f"{brief.id}#{number}",
                prompt=brief.prompt, audience=brief.audience, facts=list(brief.facts), reference=brief.reference,
                record_id=brief.record_id, by=by,
            )  # fmt: skip
        except Conflict:
            if brief.record_id is None:
                raise
    raise AssertionError("there is always another number")


def briefs_from_hold_out(workspace: Workspace, project: str, version: str, *, limit: int) -> list[BriefIn]:
    """Briefs from what the version held out for the test, one a record, with the real text as the human control.

    Of a post that was cut into sections it is the first one: as long as a draft, so its length does not give it away.
    """
    first: dict[str, Example] = {}
    for example in read_frozen(workspace, project, version).examples[Split.TEST]:
        first.setdefault(example.record_id, example)
    return [_brief_of(example) for example in list(first.values())[:limit]]


def list_briefs(workspace: Workspace, project: str) -> list[Row]:
    return draft_rows.briefs(workspace.store, project_named(workspace, project)["id"])


def learnt_briefs(workspace: Workspace, run: Row, briefs: Sequence[Row]) -> list[Row]:
    """Those of the briefs whose own text the run has learnt, or what reviewers made of a draft for them: it cannot be judged by them."""
    trained_on = set(version_rows.record_ids_in(workspace.store, run["version_id"], split=Split.TRAIN))
    pairs = run["continues"] or {"briefs": [], "records": []}
    trained_on |= set(pairs["records"])
    # What was signed off for a brief and learnt from gives its answer away.
    from_reviews = review_records.origins(workspace.store, sorted(trained_on))
    trained_on |= {one["brief_record"] for one in from_reviews if one["brief_record"]}
    answered = {*pairs["briefs"], *(one["brief_id"] for one in from_reviews)}
    return [brief for brief in briefs if brief["record_id"] in trained_on or brief["id"] in answered]


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

    Raises Refused when the run has no adapter, was retired, has learnt a brief's own text, a source must not be shown, or there is no fact
    to look up; Invalid for unknown systems.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    chosen = run_named(workspace, run, project=row["id"])
    unknown = [s for s in systems if s not in MACHINE_SYSTEMS]
    if unknown or not systems:
        raise Invalid(
            f"The systems {', '.join(unknown) or '(none)'} are not possible.",
            remedy=f"Choose from {', '.join(MACHINE_SYSTEMS)}.",
        )
    if not 16 <= max_new_tokens <= 2_048:
        raise Invalid(f"{max_new_tokens} new tokens are not possible.", remedy="Choose 16 to 2,048.")
    briefs = _briefs_of(workspace, row, brief_ids)
    version = version_rows.version_named(workspace.store, row["id"], chosen["version_id"])
    assert version is not None, "a run's version is never deleted"
    _check_may_write(workspace, chosen, version, briefs, systems)
    if any(System(system).looks_up for system in systems):
        _check_has_facts(workspace, row)
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
        "known_facts": str(folder.inputs / "known_facts.parquet"),
        "briefs": [{name: b[name] for name in ("id", "prompt", "audience", "facts", "reference")} for b in briefs],
    }
    with workspace.store.transaction() as tx:
        if any(System(system).looks_up for system in systems):
            # Of this moment: what was added or has expired later is another draft's.
            folder.inputs.mkdir(parents=True)
            known_facts.copy_usable_to(tx, row["id"], utc_now().date(), folder.inputs / "known_facts.parquet")
        queue_job(
            tx, folder, project_id=row["id"], kind="draft", settings=settings,
            facts={"run": chosen["id"], "n_briefs": len(briefs)}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"job": job_id}


def _briefs_of(workspace: Workspace, project: Row, brief_ids: Sequence[str]) -> list[Row]:
    """The briefs of a project by their ids. Raises NotFound, and Refused where there is none."""
    wanted = set(brief_ids)
    briefs = [b for b in draft_rows.briefs(workspace.store, project["id"]) if b["id"] in wanted]
    unknown_ids = wanted - {b["id"] for b in briefs}
    if unknown_ids:
        raise NotFound(f"There is no brief {min(unknown_ids)!r} in {project['name']}.")
    if not briefs:
        raise Refused("No brief was chosen.", remedy="Write one, or take some from the hold-out.")
    return briefs


def _check_may_write(
    workspace: Workspace, run: Row, version: Row, briefs: Sequence[Row], systems: Sequence[str]
) -> None:
    """Raises Refused where the model was retired, has learnt a brief's own text, or a source forbids it."""
    if state_of(model_rows.current_act(workspace.store, run["id"])) == RETIRED:
        raise Refused(
            f"The model of {run['name']} was retired.",
            remedy="Choose another run, or take the decision back on the Models page.",
        )
    learnt = [brief["external_id"] for brief in learnt_briefs(workspace, run, briefs)]
    if learnt:
        raise Refused(
            f"{len(learnt)} of the briefs come from records or reviews that the run {run['name']} was trained on, such as {learnt[0]}.",
            remedy="Take briefs from the hold-out of the run's own version, or choose another run.",
        )
    forbidding = _forbidding(workspace, briefs)
    if forbidding:
        raise Refused(" ".join(forbidding), remedy="Leave those briefs out.")
    # The base model alone has read nothing of theirs; with examples it reads what they wrote.
    barred = (
        against_training(workspace, source_ids_behind(run, version))
        if not set(systems) <= {System.BASE, System.BASE_FACTS}
        else []
    )
    if barred:
        raise Refused(
            " ".join(barred),
            remedy=f"What {run['name']} learnt from them is not used until their terms allow it again.",
        )


def _check_has_facts(workspace: Workspace, project: Row) -> None:
    counts = known_facts.counts(workspace.store, project["id"], utc_now().date())
    if not counts["usable"]:
        stale = f"; {counts['stale']:,} have expired" if counts["stale"] else ""
        raise Refused(
            f"There is no fact to look up{stale}.", remedy="Add documents with facts, or renew those there are; or choose systems without facts."
        )  # fmt: skip


def collect_drafts(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Register drafts, and a review item for each under a random id."""
    draft_rows.insert_drafts_from(tx, folder.out / "drafts.parquet")
    if (folder.out / "facts.parquet").exists():
        known_facts.insert_draft_facts_from(tx, folder.out / "facts.parquet")
    if (folder.out / "vectors.parquet").exists():
        known_facts.insert_vectors_from(tx, folder.out / "vectors.parquet", project_id=job["project_id"])
    ids = draft_rows.draft_ids_of_job(tx, job["id"])
    # Shuffled, so that even the order of the rows says nothing of the system.
    secrets.SystemRandom().shuffle(ids)
    draft_rows.insert_review_items(tx, [("i_" + secrets.token_hex(12), job["project_id"], draft) for draft in ids])
    queue_checks(workspace, tx, job["project_id"])
    queue_chances(workspace, tx, project_named(workspace, job["project_id"]), by=CHECKER)
    tx.event("written", "drafts", job["id"], by=job["created_by"], project_id=job["project_id"], n_drafts=len(ids))


def drafts_of_job(workspace: Workspace, job: str) -> list[Row]:
    """The drafts that a job wrote, those that were there before under the same seed and settings included."""
    row = job_rows.job(workspace.store, job)
    if row is None or row["kind"] != "draft":
        raise NotFound(f"No job called {job!r} writes drafts.")
    return draft_rows.drafts_named(workspace.store, (row["result"] or {}).get("drafts", []))


def list_drafts(workspace: Workspace, project: str) -> list[dict[str, Any]]:
    """Every draft with its system: for engineers, never for a reviewer."""
    return draft_rows.drafts(workspace.store, project_named(workspace, project)["id"])


def _brief(number: int, value: Any) -> BriefIn:
    prompt = value.get("prompt") if isinstance(value, dict) else None
    if not isinstance(prompt, str) or not prompt.strip():
        raise Invalid(f"Line {number} of the briefs has no prompt.", remedy='Write {"id": "b1", "prompt": "…"}.')
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise Invalid(
            f"The prompt in line {number} has {len(prompt):,} characters.",
            remedy=f"Use up to {MAX_PROMPT_CHARACTERS:,}.",
        )
    facts = value.get("facts") or []
    if not isinstance(facts, list):
        raise Invalid(f"The facts in line {number} are not a list.", remedy='Write "facts": ["…", "…"].')
    reference = value.get("reference")
    if reference and len(str(reference)) > MAX_REFERENCE_CHARACTERS:
        raise Invalid(
            f"The reference in line {number} has {len(str(reference)):,} characters.",
            remedy=f"Use up to {MAX_REFERENCE_CHARACTERS:,}: as long as a draft, or its length gives it away.",
        )
    return BriefIn(
        id=str(value.get("id") or "") or _id_of(value),
        prompt=prompt.strip(),
        audience=str(value.get("audience") or "").strip(),
        facts=tuple(str(fact) for fact in facts),
        reference=str(reference).strip() if reference else None,
    )


def _id_of(value: dict[str, Any]) -> str:
    """For a brief without an id: one that follows from what it says, so the same is the same in any file."""
    return "brief-" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]


def _brief_of(example: Example) -> BriefIn:
    roles = [message["role"] for message in example.messages]
    answer = roles.index("assistant")
    asked = max(place for place, role in enumerate(roles[:answer]) if role == "user")
    return BriefIn(
        example.external_id,
        example.messages[asked]["content"],
        reference=example.messages[answer]["content"],
        record_id=example.record_id,
    )


def _forbidding(workspace: Workspace, briefs: Sequence[Row]) -> list[str]:
    ids = [b["record_id"] for b in briefs if b["record_id"]]
    used = source_rows.sources_used(workspace.store, ids)
    today = utc_now().date()
    return sources_that_forbid(used, "evaluate", today) + sources_that_forbid(
        [s for s in used if "evaluate" in s["uses"]], "show", today
    )
