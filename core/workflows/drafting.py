"""The job that writes drafts for briefs; a draft that comes before reviewers gets an item that says nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from core.config import SOFT_LOCK_SECONDS
from core.errors import Conflict, Invalid, NotFound, ProofroomError, Refused
from core.jobs.folder import JobFolder
from core.nouns import Split, System
from core.review.controls import chosen_for_review, expected_shares
from core.review.queue_order import QueueItem
from core.store import briefs as brief_rows
from core.store import drafts as draft_rows
from core.store import jobs as job_rows
from core.store import known_facts, review_records
from core.store import models as model_rows
from core.store import reviews as review_rows
from core.store import sources as source_rows
from core.store import told_drafts as told_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, utc_now
from core.workflows.endpoint import Endpoint, endpoint
from core.workflows.freezing import version_folder
from core.workflows.gates import against_run, records_that_forbid, sources_that_forbid
from core.workflows.guide_checks import CHECKER, queue_checks
from core.workflows.judging import queue_chances
from core.workflows.models import RETIRED, state_of
from core.workflows.training import adapter_folder, run_named
from core.workflows.waiting import note_told_brief
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

MACHINE_SYSTEMS = (
    System.TUNED, System.BASE, System.BASE_FEWSHOT, System.TUNED_FACTS, System.BASE_FACTS, System.EXTERNAL,
)  # fmt: skip
# Written where nothing else is said; with facts only when somebody asks for it.
USUAL_SYSTEMS = (System.TUNED, System.BASE, System.BASE_FEWSHOT)
DEFAULT_NEW_TOKENS = 256
MOST_VARIANTS = 5
ASKED = ("id", "prompt", "audience", "facts", "reference", "form", "min_words", "max_words", "must_not_say")


def expected_in_review(n_drafts: int, n_with_text: int, *, per_brief: int) -> tuple[float, float]:
    """How many machine drafts and how many of the team's own texts will come before reviewers, on average.

    n_with_text: briefs with a text of the team's own; per_brief: machine drafts of each brief.
    """
    machines, text = expected_shares(per_brief)
    return n_drafts - n_with_text * (per_brief - machines), n_with_text * text


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


def told_briefs(workspace: Workspace, project: str) -> set[str]:
    """Briefs of which it was told who wrote a draft, by id: who has read it may know by exclusion who writes the next."""
    return told_rows.briefs_told(workspace.store, project_named(workspace, project)["id"])


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
    n_variants: int = 1,
    in_place_of: str = "",
) -> dict[str, str]:
    """Queue the job that writes every brief with every system, so many times under seeds one after another. Returns its id.

    in_place_of: the draft that was set aside for it, which comes back where the job writes none or does not end well.
    Raises Refused when the run has no adapter, was retired, has learnt a brief's own text, a source must not be shown, there is no fact
    to look up, or a brief must not leave the machine; Invalid for unknown systems.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    chosen = run_named(workspace, run, project=row["id"])
    _check_asked(systems, max_new_tokens, n_variants)
    briefs = _briefs_of(workspace, row, brief_ids)
    elsewhere = _checked_endpoint(workspace, briefs) if System.EXTERNAL in systems else None
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
        "weights_sha256": (chosen["metrics"] or {}).get("weights_sha256"),
        "base": chosen["config"]["base"],
        "models": str(workspace.folder.models),
        "version_folder": str(version_folder(workspace, version["id"])),
        "content_sha256": version["content_sha256"],
        "systems": list(dict.fromkeys(systems)),
        "seeds": [seed + n for n in range(n_variants)],
        "max_new_tokens": max_new_tokens,
        "known_facts": str(folder.inputs / "known_facts.parquet"),
        "briefs": [{name: b[name] for name in ASKED} for b in briefs],
        "endpoint": elsewhere
        and {"url": elsewhere.url, "model": elsewhere.model, "allows_private": elsewhere.allows_private},
    }
    with workspace.store.transaction() as tx:
        if any(System(system).looks_up for system in systems):
            # Of this moment: what was added or has expired later is another draft's.
            folder.inputs.mkdir(parents=True)
            known_facts.copy_usable_to(tx, row["id"], utc_now().date(), folder.inputs / "known_facts.parquet")
        queue_job(
            tx, folder, project_id=row["id"], kind="draft", settings=settings,
            facts={
                "run": chosen["id"], "n_briefs": len(briefs), "elsewhere": elsewhere.host if elsewhere else "", "in_place_of": in_place_of,
            }, by=person,
        )  # fmt: skip
        if elsewhere:
            tx.event(
                "queued to be sent", "briefs", elsewhere.url, by=person, project_id=row["id"], n_briefs=len(briefs)
            )
    workspace.supervisor.wake()
    return {"job": job_id}


def _check_asked(systems: Sequence[str], max_new_tokens: int, n_variants: int) -> None:
    """Raises Invalid naming what is not possible, and what is."""
    unknown = [s for s in systems if s not in MACHINE_SYSTEMS]
    if unknown or not systems:
        raise Invalid(
            f"The systems {', '.join(unknown) or '(none)'} are not possible.",
            remedy=f"Choose from {', '.join(MACHINE_SYSTEMS)}.",
        )
    if not 16 <= max_new_tokens <= 2_048:
        raise Invalid(f"{max_new_tokens} new tokens are not possible.", remedy="Choose 16 to 2,048.")
    if not 1 <= n_variants <= MOST_VARIANTS:
        raise Invalid(f"{n_variants} variants are not possible.", remedy=f"Choose 1 to {MOST_VARIANTS}.")


def _briefs_of(workspace: Workspace, project: Row, brief_ids: Sequence[str]) -> list[Row]:
    """The briefs of a project by their ids. Raises NotFound, and Refused where there is none."""
    wanted = set(brief_ids)
    briefs = [b for b in brief_rows.briefs(workspace.store, project["id"]) if b["id"] in wanted]
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
        against_run(workspace, run, version)
        if not set(systems) <= {System.BASE, System.BASE_FACTS, System.EXTERNAL}
        else []
    )
    if barred:
        raise Refused(
            " ".join(barred),
            remedy=f"What {run['name']} learnt from them is not used until their terms allow it again.",
        )


def _checked_endpoint(workspace: Workspace, briefs: Sequence[Row]) -> Endpoint:
    """The endpoint that these briefs may be sent to. Raises Refused where none is set up, and for what others wrote."""
    found = endpoint(workspace)
    if found is None:
        raise Refused(
            "No endpoint elsewhere is set up.", remedy="An owner sets one up with `proofroom endpoint set`; until then nothing leaves this machine."
        )  # fmt: skip
    from_records = [brief["external_id"] for brief in briefs if brief["record_id"]]
    if from_records:
        raise Refused(
            f"{len(from_records)} of the briefs hold what somebody else wrote, such as {from_records[0]}: they stay on this machine.",
            remedy="Choose briefs that were typed or imported as briefs, or leave the endpoint out.",
        )
    return found


def _check_has_facts(workspace: Workspace, project: Row) -> None:
    counts = known_facts.counts(workspace.store, project["id"], utc_now().date())
    if not counts["usable"]:
        stale = f"; {counts['stale']:,} have expired" if counts["stale"] else ""
        raise Refused(
            f"There is no fact to look up{stale}.", remedy="Add documents with facts, or renew those there are; or choose systems without facts."
        )  # fmt: skip


def collect_drafts(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Register drafts, and a review item under a random id for each that comes before reviewers."""
    draft_rows.insert_drafts_from(tx, folder.out / "drafts.parquet")
    if (folder.out / "facts.parquet").exists():
        known_facts.insert_draft_facts_from(tx, folder.out / "facts.parquet")
    if (folder.out / "vectors.parquet").exists():
        known_facts.insert_vectors_from(tx, folder.out / "vectors.parquet", project_id=job["project_id"])
    written = [
        QueueItem(row["id"], row["brief_id"], System(row["system"])) for row in draft_rows.drafts_of_job(tx, job["id"])
    ]
    if not written:
        put_back_replaced(tx, job)
    # In an order drawn at random, so that even that of the rows says nothing of the system.
    chosen = chosen_for_review(written, secrets.SystemRandom())
    draft_rows.insert_review_items(tx, [("i_" + secrets.token_hex(12), job["project_id"], draft) for draft in chosen])
    queue_checks(workspace, tx, job["project_id"])
    queue_chances(workspace, tx, project_named(workspace, job["project_id"]), by=CHECKER)
    tx.event(
        "written", "drafts", job["id"], by=job["created_by"], project_id=job["project_id"], n_drafts=len(written),
        n_to_review=len(chosen),
    )  # fmt: skip


def put_back_replaced(tx: Transaction, job: Row) -> None:
    """Put the draft that a job was to write anew back into the queue, where the job leaves nothing in its place."""
    replaced = job["facts"].get("in_place_of")
    if replaced and draft_rows.is_set_aside(tx, replaced):
        draft_rows.insert_aside(tx, replaced, project_id=job["project_id"], is_aside=False, by=job["created_by"])
        tx.event("put back", "draft", replaced, by=job["created_by"], project_id=job["project_id"])


def drafts_of_job(workspace: Workspace, job: str) -> list[Row]:
    """The drafts that a job wrote, those that were there before under the same seed and settings included."""
    row = job_rows.job(workspace.store, job)
    if row is None or row["kind"] != "draft":
        raise NotFound(f"No job called {job!r} writes drafts.")
    return draft_rows.drafts_named(workspace.store, (row["result"] or {}).get("drafts", []))


def set_aside(workspace: Workspace, draft: str, *, by: str, is_aside: bool = True) -> None:
    """Take a draft out of the blind queue before anybody judges it, or put it back; it stays stored either way.

    Raises Conflict where somebody has judged it or has it in hands, or where it was told meanwhile who wrote the drafts of its brief; NotFound
    where there is none.
    """
    _set_aside(workspace, draft, by=by, is_aside=is_aside, is_replaced=False)


def _set_aside(workspace: Workspace, draft: str, *, by: str, is_aside: bool, is_replaced: bool) -> None:
    """is_replaced: whether another is written in its place, so that its brief waits on."""
    person = checked_person(by)
    row = _draft(workspace, draft)
    if row["is_aside"] == is_aside:
        return
    with workspace.store.transaction() as tx:
        touched = review_rows.was_touched(tx, draft, tx.at - timedelta(seconds=SOFT_LOCK_SECONDS)) if is_aside else ""
        if touched:
            why = "A reviewer has judged it" if touched == "judged" else "A reviewer is reading it just now"
            raise Conflict(f"{why}, so it stays in the queue.", remedy="Have another variant written beside it.")
        if not is_aside and told_rows.is_told(tx, draft):
            raise Conflict(
                "The other drafts of its brief are judged by now, and it was told who wrote them, so nobody could judge this one blind.",
                remedy="Have drafts written for a new brief.",
            )
        draft_rows.insert_aside(tx, draft, project_id=row["project_id"], is_aside=is_aside, by=person)
        if is_aside and not is_replaced:
            note_told_brief(tx, row["project_id"], row["brief_id"])
        tx.event("set aside" if is_aside else "put back", "draft", draft, by=person, project_id=row["project_id"])


def write_again(
    workspace: Workspace, draft: str, *, by: str, max_new_tokens: int = DEFAULT_NEW_TOKENS
) -> dict[str, str]:
    """Set a draft aside and have its brief written anew by the same system, under the next seed. Returns the job's id.

    Raises what write_drafts and set_aside raise, and Refused for a text by a person.
    """
    row = _draft(workspace, draft)
    if row["system"] == System.HUMAN:
        raise Refused("A person wrote this text.", remedy="Only what a model wrote can be written anew.")
    seed = 1 + draft_rows.highest_seed(workspace.store, brief_id=row["brief_id"], system=row["system"])
    was_aside = row["is_aside"]
    _set_aside(workspace, draft, by=by, is_aside=True, is_replaced=True)
    try:
        return write_drafts(
            workspace, row["project_id"], run=row["run_id"], brief_ids=[row["brief_id"]], systems=[row["system"]], by=by, seed=seed,
            max_new_tokens=max_new_tokens, in_place_of="" if was_aside else draft,
        )  # fmt: skip
    except ProofroomError:
        _set_aside(workspace, draft, by=by, is_aside=was_aside, is_replaced=True)
        raise


def _draft(workspace: Workspace, draft: str) -> Row:
    row = draft_rows.draft(workspace.store, draft)
    if row is None:
        raise NotFound(f"There is no draft {draft!r}.")
    return row


def list_drafts(workspace: Workspace, project: str) -> list[dict[str, Any]]:
    """Every draft with its system: for engineers, never for a reviewer."""
    return draft_rows.drafts(workspace.store, project_named(workspace, project)["id"])


def _forbidding(workspace: Workspace, briefs: Sequence[Row]) -> list[str]:
    ids = [b["record_id"] for b in briefs if b["record_id"]]
    used = source_rows.sources_used(workspace.store, ids)
    today = utc_now().date()
    forbidding = sources_that_forbid(used, "evaluate", today)
    shown = [source for source in used if "evaluate" in source["uses"]]
    forbidding += [one for one in sources_that_forbid(shown, "show", today) if one not in forbidding]
    barred = records_that_forbid(workspace, ids, "evaluate") | records_that_forbid(workspace, ids, "show")
    # What a whole source forbids is told by its name.
    if barred and not forbidding:
        named = next(b["external_id"] for b in briefs if b["record_id"] in barred)
        forbidding = [
            f"{len(barred)} of the records behind the briefs may not be shown to reviewers any more, such as that of {named}."
        ]
    return forbidding
