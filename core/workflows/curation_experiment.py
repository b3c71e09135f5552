"""Does choosing the records pay? What was chosen against every record, as many at random and the longest, and when to ask.

Asked of a version that somebody chose, and of one that nobody chose: of the first every record is frozen beside it, of the
second what the recommended recipe takes. All are measured on the hold-out of the version that the question is about and learn
from as many answer tokens, so that the choice alone differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.curate.recipe_words import left_out_in_words
from core.curate.recipes import PATTERN, Recipe, parse_recipe, recipe_as_json, recipe_from
from core.errors import Refused
from core.nouns import Goal
from core.store import records as record_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.workflows import experiments
from core.workflows.freezing import freeze_version
from core.workflows.projects import READY_RANGE
from core.workflows.recipes import taking
from core.workflows.run_plans import context_of, plan_run
from core.workflows.training import Part
from core.workflows.workspace import Workspace, project_named

QUESTION = "Is it worth choosing the records?"
# So many records are left out, in parts of all, that the question is worth four runs.
WORTH_ASKING = 0.1


@dataclass(frozen=True, slots=True)
class Offer:
    """An experiment that the data suggests. kind: of the group that it would be. sentence: why.

    freezes: what has to be frozen before it can be started, as the object of a sentence; empty where nothing has.
    """

    kind: str
    sentence: str
    freezes: str = ""


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
    if "experiment" not in made and chosen["n_test"] and not _is_counterpart(workspace, chosen):
        sentence = _of_the_unchosen(workspace, chosen) if is_unchosen(chosen) else _of_the_chosen(workspace, chosen)
        if sentence:
            has_both = counterpart_of(workspace, project, chosen["name"]) is not None
            missing = "what the recommended recipe takes" if is_unchosen(chosen) else "every record"
            found.append(Offer("experiment", sentence, "" if has_both else missing))
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


def is_unchosen(version: Row) -> bool:
    """Whether nobody chose its records: all of them, some at random, or the longest, without any other filter."""
    recipe = recipe_of(version)
    return recipe.base != "recommended" and recipe == _bare(recipe, recipe.take)


def counterpart_of(workspace: Workspace, project: str, version: str | None) -> Row | None:
    """The newest version that stands against this one, with its hold-out and cleaned as it is; None until it is frozen.

    Against one that somebody chose: every record. Against one that nobody chose: what the recommended recipe takes.
    """
    chosen = plan_run(workspace, project, version)["version"]
    return next(iter(_counterparts(workspace, chosen)), None)


def freeze_counterpart(workspace: Workspace, project: str, version: str | None, *, by: str) -> dict[str, str]:
    """Queue the freezing of what stands against a version, measured on its hold-out. Returns ids of version and job.

    Texts are cleaned, and facts put out, as they were for this version: the choice of records alone differs.
    """
    chosen = plan_run(workspace, project, version)["version"]
    name = f"{chosen['name'][:60]} {'recommended' if is_unchosen(chosen) else 'everything'}"
    taken = {one["name"] for one in version_rows.versions(workspace.store, chosen["project_id"])}
    free = next(one for one in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if one not in taken)
    return freeze_version(
        workspace,
        project,
        name=free,
        by=by,
        recipe=_counterpart_recipe(chosen),
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
    """Start the runs, as `experiments.start_group` does. Raises Refused until `freeze_counterpart` has frozen the other version.

    Four of them; two where the recommended recipe takes no fewer examples than a version has that nobody chose.
    """
    asked = plan_run(workspace, project, version)["version"]
    other = counterpart_of(workspace, project, version)
    if other is None:
        missing = "What the recommended recipe takes is" if is_unchosen(asked) else "The records that it leaves out are"
        raise Refused(
            f"{missing} not frozen yet with the hold-out of {asked['name']}.",
            remedy="`proofroom curation` freezes that first, and so does the offer on the Train page.",
        )
    chosen, rest = (other, asked) if is_unchosen(asked) else (asked, other)
    plan = plan_run(workspace, project, chosen["name"], preset_name=preset_name, settings=settings, counts_answers=True)
    own = plan["config"] | {
        "train_tokens": 0,
        # As many tokens read would not be as much learnt: a set with long questions has fewer answers in them.
        "train_answer_tokens": plan["estimate"]["n_answer_tokens"],
        "max_steps": 0,
        # The choice is the version's own; a part of it, or of the others, would be another question.
        "train_share": 1.0,
        "take": "",
        "max_length_tokens": min(
            max(plan["config"]["max_length_tokens"], rest["card"].get("longest_tokens", 0)),
            context_of(plan["config"]["base"], workspace),
        ),
    }
    n = chosen["n_train"]
    parts = [Part(f"{chosen['name']}, as {'recommended' if is_unchosen(asked) else 'chosen'}", own, chosen["name"])]
    parts.append(Part(_words_for(rest), own, rest["name"]))
    if n < rest["n_train"]:
        drawn = ((f"random:{n}", f"{n:,} at random"), (f"longest:{n}", f"the {n:,} longest"))
        parts += [Part(words, own | {"take": take}, rest["name"]) for take, words in drawn]
    name = f"{asked['name']} against {'what is recommended' if is_unchosen(asked) else 'the rest'}"
    return experiments.start_group(
        workspace, project, parts, kind="experiment", name=name, question=QUESTION, by=by, preset_name=preset_name
    )


def _of_the_unchosen(workspace: Workspace, version: Row) -> str:
    """What the recommended recipe would leave out of what a version learns from, and why; empty where it is too little to ask."""
    taken = taking(
        workspace.store, version["project_id"], _counterpart_recipe(version), seed=version["seed"], within=version["id"]
    )
    n_out = taken.n_all - taken.n_records
    if not taken.n_records or n_out < WORTH_ASKING * taken.n_all:
        return ""
    drawn = "with as many of it at random, and with its longest"
    if recipe_of(version).base == "everything":
        against = f"what that recipe takes with this version, {drawn}"
    else:
        # It takes of all records, so perhaps more than were drawn here.
        against = f"what that recipe takes of the whole project with this version and, where it takes fewer, {drawn}"
    return (
        f"{version['name']} learns from {taken.n_all:,} records that nobody chose. The recommended recipe would leave out {n_out:,} of them: "
        f"{left_out_in_words(taken.left_out)}. The other {taken.n_records:,} are likely better. Whether they are is not known: runs on the same "
        f"hold-out, which learn as many answer tokens, compare {against}."
    )


def _of_the_chosen(workspace: Workspace, version: Row) -> str:
    """What a version leaves out of all records, and why; empty where it is too little to ask."""
    # What the recipe `everything` takes, without asking it: this is told at every look at the page.
    statuses = record_rows.status_counts(workspace.store, version["project_id"])
    n_all = sum(n for status, n in statuses.items() if status != "rejected")
    if n_all - version["n_records"] < WORTH_ASKING * n_all:
        return ""
    reasons = version_rows.dropped_counts(workspace.store, version["id"])
    why = left_out_in_words({reason: n for reason, n in reasons.items() if reason != "rejected"})
    return (
        f"{version['name']} has {version['n_records']:,} records; {n_all:,} are there that nobody rejected. "
        + (f"Of those that it left out {why}. " if why else "")
        + "Whether choosing pays is not known: four runs, on the same hold-out and with as many answer tokens learnt, compare it with everything, "
        "with as many at random, and with the longest."
    )


def _is_counterpart(workspace: Workspace, version: Row) -> bool:
    """Whether it was frozen to stand against another one: the question is that one's."""
    held = version["card"].get("hold_out")
    if not held:
        return False
    others = version_rows.versions(workspace.store, version["project_id"])
    return any(
        version["id"] in [one["id"] for one in _counterparts(workspace, origin)]
        for origin in others
        if origin["content_sha256"] == held["content_sha256"]
    )


def _counterparts(workspace: Workspace, version: Row) -> list[Row]:
    wanted = recipe_as_json(_counterpart_recipe(version))
    return [
        one
        for one in version_rows.versions(workspace.store, version["project_id"])
        if (one["card"].get("hold_out") or {}).get("content_sha256") == version["content_sha256"]
        and one["card"].get("recipe_settings") == wanted
    ]


def _words_for(version: Row) -> str:
    """What a version that nobody chose is among the runs."""
    base = recipe_of(version).base
    return (
        base
        if base == "everything"
        else f"{version['name']}, {'drawn at random' if base == 'random' else 'the longest'}"
    )


def _counterpart_recipe(version: Row) -> Recipe:
    return _bare(recipe_of(version), "recommended" if is_unchosen(version) else "everything")


def recipe_of(version: Row) -> Recipe:
    """The recipe that made a version; of one from before recipes were kept, its base."""
    settings = version["card"].get("recipe_settings")
    if settings:
        return recipe_from(settings)
    return parse_recipe(version["recipe"]) if PATTERN.fullmatch(version["recipe"]) else Recipe()


def _bare(recipe: Recipe, take: str) -> Recipe:
    """The cleaning, length and facts of a recipe, and none of its filters."""
    return replace(
        Recipe(), take=take, clean=recipe.clean, max_length_tokens=recipe.max_length_tokens, facts_masked=recipe.facts_masked,
        facts_moved=recipe.facts_moved,
    )  # fmt: skip
