"""Runs that are started together to answer one question: which rate, which data, how much of it. One report for each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, NotFound
from core.store import run_groups as group_rows
from core.store.connection import Row, new_id
from core.training.learning_curve import LearningCurve, learning_curve
from core.workflows.run_plans import plan_run
from core.workflows.training import Part, run_named, run_summary, start_runs
from core.workflows.workspace import Workspace, checked_person, project_named

# Around the chosen rate: half, itself, twice.
RATES = ((0.5, "half the rate"), (1.0, "the rate itself"), (2.0, "twice the rate"))
SHARES = ((0.25, "a quarter"), (0.5, "half"), (1.0, "all"))
LIMITS = {"max_steps": "steps", "train_tokens": "tokens", "train_answer_tokens": "answer tokens"}
CURVE = "Would more examples help?"
SWEEP = "Which learning rate gives the lowest hold-out loss?"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of runs with their figures, in the order in which they were started. best: the run with the lowest hold-out loss.

    best is None until all have ended, or where none has a hold-out loss.
    """

    row: Row
    runs: list[dict[str, Any]]
    best: str | None


def start_sweep(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    by: str,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Three runs that differ in the learning rate alone. Returns the group's id and the ids of runs and jobs."""
    plan = plan_run(workspace, project, version, preset_name=preset_name, settings=settings)
    rate = plan["config"]["learning_rate"]
    parts = [
        Part(words, (settings or {}) | {"learning_rate": round(rate * factor, 8)}, plan["version"]["name"])
        for factor, words in RATES
    ]
    name = f"Rates on {plan['version']['name']}"
    return start_group(
        workspace, project, parts, kind="sweep", name=name, question=SWEEP, by=by, preset_name=preset_name
    )


def start_learning_curve(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    by: str,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Three runs on a quarter, half and all of the training records, measured on the same hold-out, with as many passes each.

    A limit in steps or tokens would give the smaller shares more passes: the runs go without it, and the group says so.
    """
    plan = plan_run(workspace, project, version, preset_name=preset_name, settings=settings)
    own = (settings or {}) | {"epochs": plan["config"]["epochs"]} | dict.fromkeys(LIMITS, 0)
    limits = [f"{plan['config'][name]:,} {what}" for name, what in LIMITS.items() if plan["config"][name]]
    left_out = f" The limit of {' and of '.join(limits)} is left out: each run makes as many passes." if limits else ""
    parts = [Part(words, own | {"train_share": share}, plan["version"]["name"]) for share, words in SHARES]
    name = f"Learning curve of {plan['version']['name']}"
    return start_group(
        workspace, project, parts, kind="learning_curve", name=name, question=CURVE + left_out, by=by,
        preset_name=preset_name,
    )  # fmt: skip


def curve_of(workspace: Workspace, group: Group) -> LearningCurve | None:
    """What the runs of a learning curve say of more examples; None of another group, and until three of them have ended."""
    if group.row["kind"] != "learning_curve":
        return None
    metrics = [run_named(workspace, run["run"])["metrics"] or {} for run in group.runs]
    return learning_curve([(one["n_train_examples"], one["examples"]) for one in metrics if one.get("examples")])


def start_group(
    workspace: Workspace,
    project: str,
    parts: list[Part],
    *,
    kind: str,
    name: str,
    question: str,
    by: str,
    preset_name: str = "auto",
) -> dict[str, Any]:
    """Queue the runs of a group, all or none. Raises Refused with what stands in the way of any."""
    person = checked_person(by)
    row = project_named(workspace, project)
    if len(parts) < 2:
        raise Invalid("A comparison needs at least two runs.")
    group = new_id("g_")
    started = start_runs(
        workspace, project, parts, by=person, preset_name=preset_name,
        before=lambda tx: group_rows.insert_group(
            tx, group, project_id=row["id"], kind=kind, name=name, question=question, by=person
        ),
        group=group,
    )  # fmt: skip
    return {"group": group, "runs": started}


def list_groups(workspace: Workspace, project: str) -> list[Group]:
    """The newest first."""
    row = project_named(workspace, project)
    return [_with_runs(workspace, one) for one in group_rows.groups(workspace.store, row["id"])]


def group_named(workspace: Workspace, group: str, *, project: str | None = None) -> Group:
    """One group by id, or by its name in a project; of one name the newest. Raises NotFound naming those that there are."""
    row = group_rows.group(workspace.store, group)
    if project is None:
        if row is None:
            raise NotFound(f"There is no group of runs {group!r}.")
        return _with_runs(workspace, row)
    owner = project_named(workspace, project)
    there = group_rows.groups(workspace.store, owner["id"])
    found = next((one for one in there if group in (one["id"], one["name"])), None)
    if found is None:
        names = ", ".join(dict.fromkeys(one["name"] for one in there)) or "none yet"
        raise NotFound(f"There is no group of runs {group!r} in {owner['name']}.", remedy=f"Groups: {names}.")
    return _with_runs(workspace, found)


def _with_runs(workspace: Workspace, row: Row) -> Group:
    runs = [run_summary(workspace, run) for run in group_rows.runs_of(workspace.store, row["id"])]
    measured = [run for run in runs if run["eval_loss"] is not None]
    is_over = all(run["status"] not in ("queued", "running") for run in runs)
    best = min(measured, key=lambda run: run["eval_loss"])["run"] if measured and is_over else None
    return Group(row, runs, best)
