"""Recipes: understand one, count what it takes and leaves out rule by rule, save it under a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.curate.cleaning.steps import DEFAULT_STEPS, STEPS
from core.curate.recipe_words import settings_in_words
from core.curate.recipes import BALANCES, PATTERN, Balance, Recipe, parse_recipe, recipe_as_json, recipe_from
from core.errors import Invalid, NotFound
from core.store import recipes as recipe_rows
from core.store import selection
from core.store import sources as source_rows
from core.store.connection import Row, Snapshot, Store
from core.workflows.workspace import Workspace, checked_name, checked_person, project_named

__all__ = ["BALANCES", "DEFAULT_STEPS", "STEPS", "Balance", "Recipe", "recipe_as_json", "recipe_from"]

DEFAULT_SEED = 17

# What a rule of the funnel is called, in the order in which the rules work.
RULES = {
    "terms": "Withdrawn, expired, or not to be trained on",
    "person": "Rejected or put off by a person",
    "source": "From another source",
    "period": "Not of the period",
    "tag": "By tag",
    "flag_left_out": "With a flag that is left out",
    "defect": "Undecided, with a defect",
    "score": "Below the score",
    "cluster": "Doubles beyond the cap",
    "balance": "Group is full",
    "draw": "Not drawn",
}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One rule of a recipe. reasons: records that it leaves out, by reason. n_left: those that are left after it."""

    rule: str
    n_out: int
    n_left: int
    reasons: dict[str, int]


@dataclass(slots=True)
class Taking:
    """What a recipe takes of a project. n_all: records there are. by_source: records taken, by source."""

    n_all: int = 0
    n_records: int = 0
    n_words: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    by_rule: dict[str, Counter[str]] = field(default_factory=dict)

    def funnel(self) -> list[FunnelStep]:
        """The rules that leave something out, in the order in which they work."""
        steps, n_left = [], self.n_all
        for rule in selection.RULES:
            reasons = self.by_rule.get(rule)
            if reasons:
                n_left -= reasons.total()
                steps.append(FunnelStep(rule, reasons.total(), n_left, dict(reasons.most_common())))
        return steps


def as_recipe(workspace: Workspace, project: Row, value: str | Mapping[str, Any] | Recipe) -> Recipe:
    """A recipe from its base ("random:200"), the name under which one was saved, or its settings.

    Raises Invalid, also for a source that the project does not have.
    """
    if isinstance(value, Recipe):
        recipe = value
    elif isinstance(value, Mapping):
        recipe = recipe_from(value)
    elif PATTERN.fullmatch(value):
        return parse_recipe(value)
    else:
        saved = recipe_rows.recipe_named(workspace.store, project["id"], value)
        if saved is None:
            others = ", ".join(row["name"] for row in recipe_rows.recipes(workspace.store, project["id"]))
            raise Invalid(
                f"{value!r} is not a recipe.",
                remedy="Choose recommended, everything, random:K or longest:K"
                + (f", or a saved one: {others}." if others else "."),
            )
        recipe = recipe_from(saved["settings"])
    names = source_names(workspace, project["id"])
    for source in recipe.sources:
        if source not in names:
            raise Invalid(
                f"The project has no source {source!r}.", remedy=f"Its sources are {', '.join(names) or 'none yet'}."
            )
    return recipe


def source_names(workspace: Workspace, project_id: str) -> dict[str, str]:
    """Names by id of the sources that were not undone."""
    rows = source_rows.sources(workspace.store, project_id)
    return {row["id"]: row["name"] for row in rows if row["undone_at"] is None}


def taking(store: Store | Snapshot, project_id: str, recipe: Recipe, *, seed: int, within: str | None = None) -> Taking:
    """What the recipe takes, told from counts: without a look at each of a hundred thousand records.

    within: the id of a version, of whose training records alone it is told.
    """
    found = Taking()
    for row in selection.counts(store, project_id, recipe, seed=seed, within=within):
        found.n_all += row["n"]
        if row["rule"] is None:
            found.n_records += row["n"]
            found.n_words += row["n_words"]
            found.by_source[row["source_id"]] += row["n"]
        else:
            found.left_out[row["reason"]] += row["n"]
            found.by_rule.setdefault(row["rule"], Counter())[row["reason"]] += row["n"]
    return found


def in_words(workspace: Workspace, project: str, recipe: Recipe) -> dict[str, str]:
    """Every setting of the recipe with its value, both as a person says them."""
    return settings_in_words(recipe, source_names(workspace, project_named(workspace, project)["id"]))


def save_recipe(workspace: Workspace, project: str, name: str, value: Mapping[str, Any] | Recipe, *, by: str) -> Row:
    """Keep a recipe under a name; one of that name is replaced. Raises Invalid for a name that means a base."""
    row = project_named(workspace, project)
    checked_name(name, "recipe")
    if PATTERN.fullmatch(name) or name in ("random", "longest"):
        raise Invalid(f"{name!r} is the name of a base.", remedy="Choose another name for the recipe.")
    recipe, person = as_recipe(workspace, row, value), checked_person(by)
    with workspace.store.transaction() as tx:
        recipe_rows.insert_recipe(tx, row["id"], name, recipe_as_json(recipe), by=person)
        tx.event("saved", "recipe", name, by=person, project_id=row["id"])
    return {"name": name, "settings": recipe_as_json(recipe)}


def forget_recipe(workspace: Workspace, project: str, name: str, *, by: str) -> None:
    """Take a saved recipe out of the list; versions made by it keep theirs."""
    row = project_named(workspace, project)
    if recipe_rows.recipe_named(workspace.store, row["id"], name) is None:
        names = ", ".join(one["name"] for one in recipe_rows.recipes(workspace.store, row["id"])) or "none yet"
        raise NotFound(f"There is no recipe called {name!r}.", remedy=f"Saved recipes: {names}.")
    person = checked_person(by)
    with workspace.store.transaction() as tx:
        recipe_rows.insert_recipe(tx, row["id"], name, None, by=person)
        tx.event("forgot", "recipe", name, by=person, project_id=row["id"])


def list_recipes(workspace: Workspace, project: str) -> list[Row]:
    return recipe_rows.recipes(workspace.store, project_named(workspace, project)["id"])


def working_recipe(workspace: Workspace, project: str, *, by: str) -> Recipe:
    """The recipe that this person works on, as it was left; the recommended one at first."""
    row = project_named(workspace, project)
    kept = recipe_rows.draft(workspace.store, row["id"], by=by)
    if kept is None:
        return Recipe()
    try:
        return as_recipe(workspace, row, kept["settings"])
    except Invalid:
        # A source that was chosen is gone since.
        return recipe_from(kept["settings"] | {"sources": []})


def keep_working_recipe(workspace: Workspace, project: str, recipe: Recipe, *, by: str) -> None:
    """Store what a person has set, so that a reload loses nothing. No event: nothing is decided yet."""
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        recipe_rows.keep_draft(tx, row["id"], recipe_as_json(recipe), by=checked_person(by))
