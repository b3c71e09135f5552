"""The judge of drafts: calibrate it on the team's verdicts, say how well it agrees, and order the queue by it where the team asks for that.

It never gives a verdict, and what it says of a single draft leaves here only as an order of the queue. Where an owner lets the endpoint
elsewhere be asked, drafts leave the machine: those on briefs that hold nothing of a record, a person's text or the fact store.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import Refused
from core.jobs.folder import JobFolder
from core.nouns import PASSING_CLASSES, ReviewDecision
from core.review.edits import classify
from core.review.judge_limits import (
    LEAST_OF_EACH,
    LEAST_VERDICTS,
    elsewhere_in_words,
    in_words,
    is_enough,
    may_order,
    uneven_in_words,
)
from core.store import guides as guide_rows
from core.store import judges as judge_rows
from core.store import open_items as open_item_rows
from core.store import opinions as opinion_rows
from core.store.connection import Row, Store, Transaction
from core.workflows.endpoint import Endpoint, endpoint
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """since: from when on the judge has ordered the queue, None where it did not. is_uneven: whether a draft that waited then still does."""

    since: datetime | None = None
    is_uneven: bool = False


def judge_json(workspace: Workspace, project: str) -> dict[str, Any]:
    """judge: how well it agrees, None before the first; n_verdicts: drafts with a verdict today; is_enough, may_order, uncertain_first.

    caution: a sentence, as long as the order makes an uneven choice of what is judged, also once it is switched off. elsewhere: the endpoint
    that could be asked, whether it is, and of how many drafts it may be (n_may_leave) and was (n_given); None where there is none.
    """
    row = project_named(workspace, project)
    passes = _passes(workspace.store, row)
    found = judge_rows.judge(workspace.store, row["id"])
    counts = Counter(passes.values())
    facts = found["facts"] if found else None
    order = queue_order(workspace.store, row["id"])
    return {
        "judge": facts | {"made_at": f"{found['made_at'].isoformat()}Z", "sentence": in_words(facts), "elsewhere_in_words": elsewhere_in_words(facts)} if found and facts else None,
        "n_verdicts": len(passes),
        "n_passed": counts[True],
        "is_enough": is_enough(counts[True], counts[False]),
        "least": {"verdicts": LEAST_VERDICTS, "of_each": LEAST_OF_EACH},
        "may_order": bool(facts and may_order(facts)),
        "uncertain_first": bool(row["uncertain_first"]),
        "caution": uneven_in_words(order.since) if order.since and order.is_uneven else "",
        "elsewhere": _elsewhere(workspace, row["id"]),
    }  # fmt: skip


def _elsewhere(workspace: Workspace, project_id: str) -> dict[str, Any] | None:
    found = endpoint(workspace)
    if found is None:
        return None
    n = opinion_rows.counts(workspace.store, project_id, url=found.url, model=found.model)
    told = {"host": found.host, "model": found.model, "is_on": found.may_judge}
    return told | {"n_may_leave": n["n"], "n_given": n["n_given"]}


def calibrate(workspace: Workspace, project: str, *, by: str) -> dict[str, str]:
    """Queue the job that learns from the verdicts and gives every draft its chance. Returns its id. Raises Refused while they are too few."""
    person = checked_person(by)
    row = project_named(workspace, project)
    counts = Counter(_passes(workspace.store, row).values())
    if not is_enough(counts[True], counts[False]):
        raise Refused(
            f"There are verdicts on {counts.total():,} drafts, of which {counts[True]:,} passed.",
            remedy=f"At least {LEAST_VERDICTS} are needed, {LEAST_OF_EACH} of them passed and {LEAST_OF_EACH} not.",
        )
    with workspace.store.transaction() as tx:
        job = _queue(workspace, tx, row, by=person)
    workspace.supervisor.wake()
    return {"job": job}


def queue_chances(workspace: Workspace, tx: Transaction, project: Row, *, by: str) -> None:
    """After new drafts, where there is a judge: it has to know all of them before it orders any."""
    counts = Counter(_passes(tx, project).values())
    if judge_rows.judge(tx, project["id"]) is not None and is_enough(counts[True], counts[False]):
        _queue(workspace, tx, project, by=by)


def collect_judge(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    judge_rows.replace_judge(tx, job["project_id"], result, folder.out / "chances.parquet")
    if (folder.out / "opinions.parquet").exists():
        told = folder.spec()["settings"]["endpoint"]
        opinion_rows.insert_opinions_from(
            tx, folder.out / "opinions.parquet", project_id=job["project_id"], url=told["url"], model=told["model"]
        )
    tx.event("calibrated", "judge", job["id"], by=job["created_by"], project_id=job["project_id"], n=result["n"])


def set_uncertain_first(workspace: Workspace, project: str, *, is_on: bool, by: str) -> None:
    """Show the drafts first whose verdict is hardest to foresee, or in a drawn order again."""
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        if not is_on:
            judge_rows.end_uneven_order(tx, row["id"])
        elif queue_order(tx, row["id"]).is_uneven:
            judge_rows.go_on_with_uneven_order(tx, row["id"])
        judge_rows.set_order(tx, row["id"], uncertain_first=is_on)
        tx.event(
            "changed",
            "queue_order",
            row["id"],
            by=person,
            project_id=row["id"],
            old=bool(row["uncertain_first"]),
            new=is_on,
        )


def queue_order(store: Store | Transaction, project_id: str) -> QueueOrder:
    """Whether the judge has ordered the queue, and whether what is judged by now is an uneven choice for that."""
    found = judge_rows.uneven_order(store, project_id)
    if found is None:
        return QueueOrder()
    waiting = [one["draft_id"] for one in open_item_rows.open_items(store, project_id)]
    if found["until"] is None:
        return QueueOrder(found["since"], bool(waiting))
    return QueueOrder(found["since"], judge_rows.n_written_by(store, waiting, found["until"]) > 0)


def ranks(tx: Transaction, project: Row, items: Collection[str]) -> Mapping[str, float]:
    """How certain the verdict on each of these items is, the lowest first; nothing where the queue is to be drawn. Notes that it orders.

    Nothing too as long as one of them has no chance yet: that it is new would tell which run wrote it.
    """
    if not project["uncertain_first"] or not items:
        return {}
    found = judge_rows.judge(tx, project["id"])
    if found is None or not may_order(found["facts"]):
        return {}
    known = judge_rows.chances(tx, project["id"])
    if not known.keys() >= set(items):
        return {}
    judge_rows.begin_uneven_order(tx, project["id"])
    return {item: abs(known[item] - 0.5) for item in items}


def _queue(workspace: Workspace, tx: Transaction, project: Row, *, by: str) -> str:
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    judge_rows.copy_drafts_to(tx, project["id"], folder.inputs / "drafts.parquet")
    judge_rows.copy_reference_to(tx, project["id"], folder.inputs / "reference.parquet")
    (folder.inputs / "verdicts.json").write_text(json.dumps(_passes(tx, project)), encoding="utf-8")
    guide = guide_rows.guide(tx, project["id"])
    if guide is not None:
        (folder.inputs / "guide.json").write_text(guide["content"], encoding="utf-8")
    asked = endpoint(workspace)
    sending = _to_ask(tx, project, asked, folder, by=by) if asked is not None and asked.may_judge else {}
    facts = {"elsewhere": asked.host} if asked is not None and sending else {}
    queue_job(tx, folder, project_id=project["id"], kind="judge", settings=sending, facts=facts, by=by)
    return job_id


def _to_ask(tx: Transaction, project: Row, asked: Endpoint, folder: JobFolder, *, by: str) -> dict[str, Any]:
    """Write the drafts that the endpoint may be asked of to the job's inputs. Returns what the job has to know; nothing where there is none."""
    n = opinion_rows.counts(tx, project["id"], url=asked.url, model=asked.model)
    if not n["n"]:
        return {}
    opinion_rows.copy_to_ask_to(tx, project["id"], folder.inputs / "to_ask.parquet", url=asked.url, model=asked.model)
    if n_new := n["n"] - n["n_given"]:
        tx.event("queued to be sent", "drafts", asked.url, by=by, project_id=project["id"], n_drafts=n_new)
    return {"endpoint": {"url": asked.url, "model": asked.model, "allows_private": asked.allows_private}}


def _passes(store: Store | Transaction, project: Row) -> dict[str, bool]:
    """Whether each draft with a verdict passes, by most of its verdicts; a tie is no pass."""
    votes: dict[str, list[bool]] = {}
    for one in judge_rows.verdicts(store, project["id"]):
        decision = ReviewDecision(one["decision"])
        found = classify(
            decision,
            one["edit_ratio"],
            light_edit_limit=project["light_edit_limit"],
            is_critical_fail=one["is_critical_fail"],
        )
        votes.setdefault(one["draft_id"], []).append(found in PASSING_CLASSES)
    return {draft: 2 * sum(given) > len(given) for draft, given in votes.items()}
