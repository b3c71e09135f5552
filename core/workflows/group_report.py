"""The report of a group of runs: its question, its runs with their figures, and what came out. Gathered from the records.

Reads only. The words are core/training/group_text.py's.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.errors import Invalid, ModelMissing
from core.store.connection import utc_now
from core.training.base_models import base_name, model_folder
from core.training.group_text import difference_in_words, estimate_in_words, findings, report_text, run_label
from core.workflows.experiments import Group, curve_of, group_named
from core.workflows.run_comparison import compare_runs
from core.workflows.workspace import Workspace, project_named

__all__ = ["difference_in_words", "estimate_in_words", "report_text", "run_label"]

# Of a run's summary; the rest is on the run's own page.
FIGURES = (
    "run", "name", "part", "status", "reason", "version", "n_train_examples", "n_steps", "n_train_tokens", "n_answer_tokens", "eval_loss",
    "loss", "base_loss", "difference",
)  # fmt: skip


def group_facts(workspace: Workspace, group: Group) -> dict[str, Any]:
    """What the report says, as JSON.

    runs: in the order in which they were started, each with loss, base_loss and, but the first, difference from the first.
    is_clear: whether every other run is worse than the best by more than chance. learning_curve: of such a group, once it is measured.
    """
    compared = compare_runs(workspace, [run["run"] for run in group.runs])
    curve = curve_of(workspace, group)
    facts = {
        "group": group.row["id"],
        "name": group.row["name"],
        "kind": group.row["kind"],
        "question": group.row["question"],
        "project": project_named(workspace, group.row["project_id"])["name"],
        "by": group.row["created_by"],
        "started_at": f"{group.row['created_at'].isoformat()}Z",
        "written_at": f"{utc_now().isoformat()}Z",
        "base": _base(workspace, group.runs[0]["config"]["base"]),
        "runs": [{name: run[name] for name in FIGURES} for run in compared["runs"]],
        "settings": {
            name: value for name, value in group.runs[0]["config"].items() if name not in (*compared["differs"], "base")
        },
        "differs": {name: values for name, values in compared["differs"].items() if name != "base"},
        "best": group.best,
        "is_clear": _is_clear(workspace, group),
        "learning_curve": asdict(curve) if curve else None,
    }
    return facts | {"findings": findings(facts)}


def report(workspace: Workspace, project: str, group: str, form: str = "md") -> str:
    """The report of a group, by name or id, as md or json. Raises NotFound, and Invalid for another form."""
    facts = group_facts(workspace, group_named(workspace, group, project=project))
    if form == "md":
        return report_text(facts)
    if form == "json":
        return json.dumps(facts, indent=2, ensure_ascii=False)
    raise Invalid(f"A report of runs cannot be written as {form!r}.", remedy="Choose md or json.")


def _base(workspace: Workspace, base: str) -> str:
    """The base model's name; where it lies on this machine is nobody's business who reads the report."""
    try:
        return base_name(model_folder(base, workspace.folder.models))
    except ModelMissing:
        return "not found here"


def _is_clear(workspace: Workspace, group: Group) -> bool | None:
    """Whether the best run is apart from every other one; None until there is a best."""
    if group.best is None:
        return None
    others = [run["run"] for run in group.runs if run["run"] != group.best]
    differences = [run["difference"] for run in compare_runs(workspace, [group.best, *others])["runs"][1:]]
    measured = [one for one in differences if one]
    return all(one["is_apart"] for one in measured) if measured else None
