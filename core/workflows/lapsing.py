"""What learnt words that may not be used any more: versions and models by what lapsed in them, and what becomes of these.

A version or model is found by the terms of today, so an expiry marks it as a withdrawal does. It is approved and served again only where it is
exempted by name; a model made anew without the words takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import Conflict, Invalid, ProofroomError, Refused
from core.nouns import FINAL_JOB_STATES, JobState
from core.store import drafts as draft_rows
from core.store import jobs as job_rows
from core.store import limits as limit_rows
from core.store import models as model_rows
from core.store import projects as project_rows
from core.store import runs as run_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, new_id, utc_now
from core.workflows import gates
from core.workflows.curation_experiment import recipe_of
from core.workflows.freezing import freeze_version
from core.workflows.models import RETIRED, state_of
from core.workflows.training import run_named, start_run
from core.workflows.waiting import note_told
from core.workflows.workspace import Workspace, checked_person, project_named

# Who does what no person asked for: an expiry comes by itself.
STUDIO = "studio"
TRAINS = ("train", "continue")
ENDED = FINAL_JOB_STATES - {JobState.DONE}


@dataclass(frozen=True, slots=True)
class LapsedModel:
    """A run that learnt what lapsed. state: of its model, as Models tells it; "" where it has none. must_go: retire it, or train anew.

    sentences: what lapsed. exemption: the newest that covers all of it, if there is one. successor: the run that was made anew without it.
    """

    run: Row
    state: str
    must_go: bool
    sentences: tuple[str, ...]
    exemption: Row | None
    successor: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """versions: with the sentences of what lapsed in each. models: newest first. Retrains are those asked for, newest first."""

    versions: list[tuple[Row, tuple[str, ...]]]
    models: list[LapsedModel]
    retrains: list[Row]


def lapsed(workspace: Workspace, project: str) -> Lapsed:
    """Every version and model of a project that learnt what may not be learnt from today."""
    row = project_named(workspace, project)
    store = workspace.store
    versions = {one["id"]: one for one in version_rows.versions(store, row["id"])}
    told = [(one, tuple(gates.against_version(workspace, one))) for one in versions.values()]
    acts = model_rows.current_acts(store, row["id"])
    retrains = limit_rows.retrains(store, row["id"])
    runs = run_rows.runs(store, row["id"])
    names = {one["id"]: one["name"] for one in runs if one["adapter"]}
    anew = {one["of_run"]: names[one["run_id"]] for one in reversed(retrains) if one["run_id"] in names}
    models = []
    for run in runs:
        found = gates.run_lapses(workspace, run, versions[run["version_id"]])
        if not found:
            continue
        state = state_of(acts.get(run["id"])) if run["adapter"] else ""
        keys = {one.key for one in found}
        exemption = next((one for one in limit_rows.exemptions(store, run["id"]) if keys <= set(one["lapses"])), None)
        must_go = bool(state) and state != RETIRED and exemption is None
        models.append(
            LapsedModel(run, state, must_go, tuple(one.sentence for one in found), exemption, anew.get(run["id"], ""))
        )
    return Lapsed([(one, sentences) for one, sentences in told if sentences], models, retrains)


def exempt(workspace: Workspace, run: str, *, reason: str, by: str, project: str | None = None) -> Row:
    """Let a model be approved and served all the same, in one's own name; a later lapse is not covered. Returns the run.

    Raises Conflict where nothing lapsed, Refused without a model, Invalid without a reason.
    """
    person = checked_person(by)
    row = run_named(workspace, run, project=project)
    if not row["adapter"]:
        raise Refused(f"The run {row['name']} has no model: it is {row['state']}.")
    found = gates.run_lapses(workspace, row, _version_of(workspace, row))
    if not found:
        raise Conflict(f"Nothing that {row['name']} learnt has lapsed; it needs no exemption.")
    # Asked of the run itself: an erasure is nobody's to pass over.
    gates.refuse_erased(workspace, row)
    why = gates.checked_reason(reason.strip())
    if not why:
        raise Invalid("An exemption needs its reason.", remedy="Write it in a sentence.")
    taken = gates.Passed([one.sentence for one in found], why, person)
    with workspace.store.transaction() as tx:
        limit_rows.insert_exemption(
            tx, new_id("xm_"), project_id=row["project_id"], run_id=row["id"], lapses=[one.key for one in found], reason=why, by=person
        )  # fmt: skip
        taken.note(tx, "model", row["id"], project_id=row["project_id"])
    return row


def retrain_without(workspace: Workspace, run: str, *, by: str, project: str | None = None) -> dict[str, str]:
    """Freeze the run's version anew by its recipe, which leaves out what lapsed; a run like it starts when that is there.

    It is measured on the same held-out texts, where none of these lapsed. Where all that lapsed is an erased person, the version is without them
    already, and the run starts at once. Returns ids of version and job, and of a run that has started. Raises what freezing raises, and Conflict where
    that is under way.
    """
    person = checked_person(by)
    row = run_named(workspace, run, project=project)
    version = _version_of(workspace, row)
    found = gates.run_lapses(workspace, row, version)
    if not found:
        raise Conflict(f"Nothing that {row['name']} learnt has lapsed.")
    if any(
        one["of_run"] == row["id"] and _is_under_way(one)
        for one in limit_rows.retrains(workspace.store, row["project_id"])
    ):
        raise Conflict(f"{row['name']} is being made anew already.")
    if all(gates.is_of_an_erasure(one) for one in found):
        return _retrain_at_once(workspace, row, version, by=person)
    keeps_hold_out = bool(version["n_test"]) and not gates.against_hold_out(workspace, version)
    frozen = freeze_version(
        workspace, row["project_id"], name=_free_name(workspace, version), by=person, recipe=recipe_of(version), seed=version["seed"],
        hold_out=version["name"] if keeps_hold_out else None,
    )  # fmt: skip
    with workspace.store.transaction() as tx:
        limit_rows.insert_retrain(
            tx, new_id("rt_"), project_id=row["project_id"], of_run=row["id"], version_id=frozen["version"], job_id=frozen["job"], by=person
        )  # fmt: skip
        tx.event("retrain", "run", row["id"], by=person, project_id=row["project_id"], version=frozen["version"])
    return frozen


def _retrain_at_once(workspace: Workspace, run: Row, version: Row, *, by: str) -> dict[str, str]:
    started = start_run(
        workspace, run["project_id"], version["id"], by=by, settings=_first_of(workspace, run)["config"]
    )
    retrain = new_id("rt_")
    with workspace.store.transaction() as tx:
        limit_rows.insert_retrain(
            tx,
            retrain,
            project_id=run["project_id"],
            of_run=run["id"],
            version_id=version["id"],
            job_id=started["job"],
            by=by,
        )
        limit_rows.settle_retrain(tx, retrain, run_id=started["run"], failure="")
        tx.event("retrain", "run", run["id"], by=by, project_id=run["project_id"], version=version["id"])
    return {"version": version["id"], **started}


def follow(workspace: Workspace, project_id: str, *, by: str) -> None:
    """What a lapse brings about at once: runs that wait on it are refused, and drafts that quote it leave the queue."""
    refuse_waiting_runs(workspace, project_id, by=by)
    with workspace.store.transaction() as tx:
        lapsed_drafts = limit_rows.lapsed_drafts(tx, project_id, today=utc_now().date())
        for draft in lapsed_drafts:
            draft_rows.insert_aside(tx, draft, project_id=project_id, is_aside=True, by=by)
            tx.event("set aside", "draft", draft, by=by, project_id=project_id)
        if lapsed_drafts:
            note_told(tx, project_id)


def refuse_waiting_runs(workspace: Workspace, project_id: str, *, by: str) -> list[str]:
    """Cancel the runs that wait to learn what lapsed. Returns their ids."""
    refused = []
    for job in job_rows.unsettled_jobs(workspace.store):
        if job["project_id"] != project_id or job["kind"] not in TRAINS or job["state"] != JobState.QUEUED:
            continue
        run = run_rows.run(workspace.store, job["facts"]["run"])
        found = gates.run_lapses(workspace, run, _version_of(workspace, run)) if run else []
        folder = workspace.supervisor.folder(job["id"])
        if run is None or not found or folder.cancel_is_asked():
            continue
        folder.ask_to_cancel()
        with workspace.store.transaction() as tx:
            tx.event("refused", "run", run["id"], by=by, project_id=project_id, n_obstacles=len(found))
        refused.append(run["id"])
    if refused:
        workspace.supervisor.wake()
    return refused


def note_expired(workspace: Workspace, *, today: date) -> int:
    """Put every source and limit whose day has passed on the trail, once, and do what follows. Returns how many are new."""
    n_new = 0
    for project in project_rows.projects(workspace.store):
        sources = [
            ("source", one["id"], one["expires_on"])
            for one in source_rows.sources(workspace.store, project["id"])
            if one["undone_at"] is None and one["expires_on"] is not None and one["expires_on"] < today
        ]
        limits = [
            ("limit", one["id"], one["expires_on"])
            for one in limit_rows.ended_limits(workspace.store, project["id"], today=today)
        ]
        fresh = [one for one in sources + limits if not limit_rows.is_told_expired(workspace.store, one[1], one[2])]
        if not fresh:
            continue
        with workspace.store.transaction() as tx:
            for noun, ended, day in fresh:
                tx.event("expired", noun, ended, by=STUDIO, project_id=project["id"], expires_on=day.isoformat())
        follow(workspace, project["id"], by=STUDIO)
        n_new += len(fresh)
    return n_new


def start_retrains(workspace: Workspace) -> list[str]:
    """Start the runs whose version is there by now. Returns their ids; what cannot be started keeps the reason."""
    started = []
    for project in project_rows.projects(workspace.store):
        for one in limit_rows.retrains(workspace.store, project["id"]):
            if not _is_under_way(one):
                continue
            run_id, failure = _start(workspace, one)
            if run_id or failure:
                with workspace.store.transaction() as tx:
                    limit_rows.settle_retrain(tx, one["id"], run_id=run_id, failure=failure)
            started += [run_id] if run_id else []
    return started


def _start(workspace: Workspace, retrain: Row) -> tuple[str | None, str]:
    """The run that was started, and why none was; None and "" while the version is being frozen."""
    if retrain["job_state"] in ENDED:
        return None, retrain["job_reason"] or f"The freezing is {retrain['job_state']}."
    if retrain["job_state"] != JobState.DONE or not retrain["is_collected"]:
        return None, ""
    run = _first_of(workspace, run_named(workspace, retrain["of_run"]))
    try:
        return start_run(
            workspace, run["project_id"], retrain["version_id"], by=retrain["asked_by"], settings=run["config"]
        )["run"], ""
    except ProofroomError as error:
        return None, str(error)


def _first_of(workspace: Workspace, run: Row) -> Row:
    """The run that this one went on from, through others. What reviewers preferred is not learnt again: it was said of drafts by a model that is to go."""
    while run["continues"]:
        run = run_named(workspace, run["continues"]["run"])
    return run


def _is_under_way(retrain: Row) -> bool:
    return retrain["run_id"] is None and not retrain["failure"]


def _version_of(workspace: Workspace, run: Row) -> Row:
    version = version_rows.version_named(workspace.store, run["project_id"], run["version_id"])
    assert version is not None, "a run's version is never deleted"
    return version


def _free_name(workspace: Workspace, version: Row) -> str:
    taken = {one["name"] for one in version_rows.versions(workspace.store, version["project_id"])}
    name = f"{version['name'][:60]} without lapsed"
    return next(one for one in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if one not in taken)


def as_json(found: Lapsed) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "versions": [{"version": one["name"], "id": one["id"], "lapsed": list(said)} for one, said in found.versions],
        "models": [
            {
                "run": one.run["id"], "name": one.run["name"], "version": one.run["version"], "state": one.state or one.run["state"],
                "must_retire_or_retrain": one.must_go, "lapsed": list(one.sentences), "exempted_by": one.exemption and one.exemption["given_by"],
                "exempted_because": one.exemption and one.exemption["reason"], "made_anew_as": one.successor,
            }
            for one in found.models
        ],
        "retrains": [
            {"of_run": one["of_run"], "version": one["version_id"], "run": one["run_id"], "failure": one["failure"], "asked_by": one["asked_by"]}
            for one in found.retrains
        ],
    }  # fmt: skip
