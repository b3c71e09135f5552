"""Does choosing the records pay? A version against every record, as many at random and the longest, and when to ask.

All four are measured on the hold-out of the version and learn from as many tokens, so that the choice alone differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.curate.recipes import Recipe, recipe_as_json, recipe_from
from core.errors import Refused
from core.nouns import Goal
from core.store import records as record_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.workflows import experiments
from core.workflows.freezing import freeze_version
from core.workflows.projects import READY_RANGE
from core.workflows.run_plans import plan_run
from core.workflows.training import Part
from core.workflows.workspace import Workspace, project_named

QUESTION = "Is it worth choosing the records?"
# So many records are left out, in parts of all, that the question is worth four runs.
WORTH_ASKING = 0.1


@dataclass(frozen=True, slots=True)
class Offer:
    """An experiment that the data suggests. kind: of the group that it would be. sentence: why."""

    kind: str
    sentence: str


def offers(workspace: Workspace, project: str, version: str | None) -> list[Offer]:
    """What the run card of a version offers, without the experiments that were made already."""
    row = project_named(workspace, project)
    chosen = plan_run(workspace, project, version)["version"]
    made = {
        group.row["kind"]
        for group in experiments.list_groups(workspace, project)
        if any(run["version"] == chosen["name"] for run in group.runs)
    }
    found = []
    # What the recipe `everything` takes, without asking it: this is told at every look at the page.
    statuses = record_rows.status_counts(workspace.store, row["id"])
    n_all = sum(n for status, n in statuses.items() if status != "rejected")
    n_out = n_all - chosen["n_records"]
    is_chosen = chosen["recipe"] != "everything" and not chosen["card"].get("hold_out")
    if "experiment" not in made and is_chosen and chosen["n_test"] and n_out >= WORTH_ASKING * n_all:
        found.append(
            Offer(
                "experiment",
                f"{chosen['name']} has {chosen['n_records']:,} records; {n_all:,} are there that nobody rejected. Whether choosing pays is not known: four runs, "
                "on the same hold-out and with as many tokens read, compare it with everything, with as many at random, and with the longest.",
            )
        )
    low, _ = READY_RANGE[Goal(row["goal"])]
    if "learning_curve" not in made and chosen["n_train"] < low:
        found.append(
            Offer(
                "learning_curve",
                f"{chosen['name']} has {chosen['n_train']:,} training examples; {low:,} and more are usual for this goal. Three runs, on a quarter, "
                "half and all of them, tell whether more would help.",
            )
        )
    return found


def rest_of(workspace: Workspace, project: str, version: str | None) -> Row | None:
    """The newest version of every record, frozen with this one's hold-out and cleaned as it is; None until there is one."""
    chosen = plan_run(workspace, project, version)["version"]
    everything = recipe_as_json(_everything_like(chosen))
    return next(
        (
            one
            for one in version_rows.versions(workspace.store, chosen["project_id"])
            if (one["card"].get("hold_out") or {}).get("content_sha256") == chosen["content_sha256"]
            and one["card"].get("recipe_settings") == everything
        ),
        None,
    )


def freeze_rest(workspace: Workspace, project: str, version: str | None, *, by: str) -> dict[str, str]:
    """Queue the freezing of every record that was not rejected, measured on this version's hold-out. Returns ids of version and job.

    Texts are cleaned, and facts put out, as they were for this version: the choice of records alone differs.
    """
    chosen = plan_run(workspace, project, version)["version"]
    name = f"{chosen['name'][:60]} everything"
    taken = {one["name"] for one in version_rows.versions(workspace.store, chosen["project_id"])}
    free = next(one for one in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if one not in taken)
    return freeze_version(
        workspace,
        project,
        name=free,
        by=by,
        recipe=_everything_like(chosen),
        seed=chosen["seed"],
        hold_out=chosen["name"],
    )


def start_curation_comparison(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    by: str,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Start the four runs, as `experiments.start_group` does. Raises Refused until `freeze_rest` has frozen what was left out."""
    plan = plan_run(workspace, project, version, preset_name=preset_name, settings=settings)
    chosen, rest = plan["version"], rest_of(workspace, project, version)
    if rest is None:
        raise Refused(
            f"The records that {chosen['name']} leaves out are not frozen yet.",
            remedy="`proofroom curation` freezes them first, and so does the offer on the Train page.",
        )
    own = plan["config"] | {
        "train_tokens": plan["estimate"]["n_train_tokens"],
        "max_steps": 0,
        # The choice is the version's own; a part of it, or of the others, would be another question.
        "train_share": 1.0,
        "take": "",
        "max_length_tokens": max(plan["config"]["max_length_tokens"], rest["card"].get("longest_tokens", 0)),
    }
    n = chosen["n_train"]
    others = (("", "everything"), (f"random:{n}", f"{n:,} at random"), (f"longest:{n}", f"the {n:,} longest"))
    parts = [Part(f"{chosen['name']}, as chosen", own, chosen["name"])]
    parts += [Part(words, own | {"take": take}, rest["name"]) for take, words in others]
    return experiments.start_group(
        workspace, project, parts, kind="experiment", name=f"{chosen['name']} against the rest", question=QUESTION, by=by,
        preset_name=preset_name,
    )  # fmt: skip


def _everything_like(version: Row) -> Recipe:
    """Every record, with the cleaning, length and facts of a version's recipe and none of its filters."""
    settings = version["card"].get("recipe_settings")
    own = recipe_from(settings) if settings else Recipe()
    return Recipe(
        take="everything", clean=own.clean, max_length_tokens=own.max_length_tokens, facts_masked=own.facts_masked,
        facts_moved=own.facts_moved,
    )  # fmt: skip
