"""The models of a project: candidates, the approved one, retired ones; who approved which, on what evidence.

At most one model of a project is approved: approving another retires the one before, and the retirement can be taken back.
Acts are never changed; what counts is the newest that is not undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import Conflict, Invalid, Refused
from core.store import models as model_rows
from core.store import runs as run_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id
from core.workflows.gates import against_serving
from core.workflows.run_evidence import measured
from core.workflows.training import run_named
from core.workflows.workspace import Workspace, checked_person, project_named

LONGEST_REASON = 2_000
# In the evidence of a retirement: the run whose approval it came from.
REPLACED_BY = "replaced_by"
CANDIDATE, APPROVED, RETIRED = "candidate", "approved", "retired"
STATES = {"approve": APPROVED, "retire": RETIRED}
# The figures of a run on which an approval rests beside what `measured` says, as they are stored with it.
EVIDENCE = ("base_eval_loss", "eval_loss", "n_train_examples", "n_dropped", "weights_sha256")


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a run. state: candidate, approved or retired. act: what made it so, None for a candidate."""

    run: Row
    state: str
    act: Row | None


def list_models(workspace: Workspace, project: str) -> list[Model]:
    """Every run that has an adapter: the approved one first, then candidates, then retired ones, each the newest first."""
    row = project_named(workspace, project)
    acts = model_rows.current_acts(workspace.store, row["id"])
    models = [
        Model(run, state_of(acts.get(run["id"])), acts.get(run["id"]))
        for run in run_rows.runs(workspace.store, row["id"])
        if run["adapter"]
    ]
    order = (APPROVED, CANDIDATE, RETIRED)
    return sorted(models, key=lambda model: order.index(model.state))


def state_of(act: Row | None) -> str:
    return STATES[act["act"]] if act else CANDIDATE


def approve(workspace: Workspace, run: str, *, reason: str, by: str, project: str | None = None) -> Model:
    """Approve a run's model on what is known of it now; the one approved before is retired, with that as its reason.

    Raises Refused where the run has no model, or learnt what lapsed and nobody exempted it, Conflict where it is approved already, Invalid without a reason.
    """
    person, why = checked_person(by), _checked_reason(reason)
    row = run_named(workspace, run, project=project)
    if not row["adapter"]:
        raise Refused(f"The run {row['name']} has no model: it is {row['state']}.", remedy="Wait for it, or resume it.")
    version = version_rows.version_named(workspace.store, row["project_id"], row["version_id"])
    lapsed = against_serving(workspace, row, version) if version else []
    if lapsed:
        raise Refused(
            " ".join(lapsed),
            remedy="Retire it, or train it anew without them; on the page Register an owner can exempt it by name.",
        )
    with workspace.store.transaction() as tx:
        if state_of(model_rows.current_act(tx, row["id"])) == APPROVED:
            raise Conflict(f"The model of {row['name']} is approved already.")
        for other, act in model_rows.current_acts(tx, row["project_id"]).items():
            if state_of(act) == APPROVED:
                replaced = {REPLACED_BY: row["id"]}
                _act(
                    tx,
                    row["project_id"],
                    other,
                    "retire",
                    f"{row['name']} was approved in its place.",
                    replaced,
                    person,
                )
        _act(tx, row["project_id"], row["id"], "approve", why, evidence_of(row), person)
    return model_of(workspace, row["id"])


def retire(workspace: Workspace, run: str, *, reason: str, by: str, project: str | None = None) -> Model:
    """Retire a model: it is no longer offered for drafts or served. Raises Conflict where it is retired already."""
    person, why = checked_person(by), _checked_reason(reason)
    row = run_named(workspace, run, project=project)
    if not row["adapter"]:
        raise Refused(f"The run {row['name']} has no model to retire: it is {row['state']}.")
    with workspace.store.transaction() as tx:
        if state_of(model_rows.current_act(tx, row["id"])) == RETIRED:
            raise Conflict(f"The model of {row['name']} is retired already.")
        _act(tx, row["project_id"], row["id"], "retire", why, {}, person)
    return model_of(workspace, row["id"])


def take_back(workspace: Workspace, run: str, *, by: str, project: str | None = None) -> Model:
    """Undo the act that counts on a run's model; what it was before counts again.

    Raises Conflict where there is none, or where another model would be approved beside it.
    """
    person = checked_person(by)
    row = run_named(workspace, run, project=project)
    with workspace.store.transaction() as tx:
        act = model_rows.current_act(tx, row["id"])
        if act is None:
            raise Conflict(f"Nothing was decided on the model of {row['name']}.")
        model_rows.insert_act(
            tx, new_id("m_"), project_id=row["project_id"], run_id=row["id"], act="undo", reason="", evidence={},
            by=person, undoes=act["id"],
        )  # fmt: skip
        tx.event("undo", "model", row["id"], by=person, project_id=row["project_id"], undoes=act["act"])
        approved = [one for one, a in model_rows.current_acts(tx, row["project_id"]).items() if state_of(a) == APPROVED]
        if len(approved) > 1:
            raise Conflict(
                f"Another model is approved now, so {row['name']} cannot be approved again by taking this back.",
                remedy=f"Approve {row['name']} anew; the other one is retired then.",
            )
    return model_of(workspace, row["id"])


def roll_back(workspace: Workspace, project: str, *, reason: str, by: str) -> Model:
    """Approve the model again that was approved before the present one. Raises Conflict where there is none."""
    target = before_the_present(workspace, project)
    if target is None:
        name = project_named(workspace, project)["name"]
        raise Conflict(f"No other model of {name} was approved before.", remedy="Approve one by name.")
    return approve(workspace, target.run["id"], reason=reason, by=by)


def before_the_present(workspace: Workspace, project: str) -> Model | None:
    """The model that rolling back approves; None where there is none, or none is approved now.

    It gave way to another: one that a person retired had a reason to go, and an approval that was taken back does not count.
    """
    models = list_models(workspace, project)
    if not any(model.state == APPROVED for model in models):
        return None
    gave_way = [
        model for model in models if model.act and model.state == RETIRED and REPLACED_BY in model.act["evidence"]
    ]
    earlier = [
        (act["seq"], place)
        for place, model in enumerate(gave_way)
        for act in _standing_approvals(workspace, model.run["id"])
    ]
    return gave_way[max(earlier)[1]] if earlier else None


def model_of(workspace: Workspace, run: str) -> Model:
    row = run_named(workspace, run)
    act = model_rows.current_act(workspace.store, row["id"])
    return Model(row, state_of(act), act)


def history(workspace: Workspace, run: str) -> list[Row]:
    return model_rows.acts_of(workspace.store, run_named(workspace, run)["id"])


def evidence_of(run: Row) -> dict[str, Any]:
    """The figures of a run that an approval is stored with."""
    metrics = run["metrics"] or {}
    figures = {name: metrics.get(name) for name in EVIDENCE}
    return {"version": run["version"], "run": run["name"]} | figures | measured(run)


def _standing_approvals(workspace: Workspace, run_id: str) -> list[Row]:
    acts = model_rows.acts_of(workspace.store, run_id)
    undone = {act["undoes"] for act in acts}
    return [act for act in acts if act["act"] == "approve" and act["id"] not in undone]


def _act(
    tx: Transaction, project_id: str, run_id: str, act: str, reason: str, evidence: dict[str, Any], by: str
) -> None:
    model_rows.insert_act(
        tx, new_id("m_"), project_id=project_id, run_id=run_id, act=act, reason=reason, evidence=evidence, by=by
    )
    tx.event(act, "model", run_id, by=by, project_id=project_id)


def _checked_reason(reason: str) -> str:
    cleaned = reason.strip()
    if not cleaned or len(cleaned) > LONGEST_REASON:
        raise Invalid(
            "A decision on a model needs its reason.", remedy=f"Write one of up to {LONGEST_REASON:,} characters."
        )
    return cleaned
