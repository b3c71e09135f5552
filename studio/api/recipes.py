"""Recipes: what one takes, saved ones, what the cleaning steps would change, and how ready the project is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import cleaning, freezing, readiness, recipes
from studio.access import acting_person, needs
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["recipes"])
By = Annotated[str, Depends(acting_person)]


class RecipeToTry(BaseModel):
    """recipe: a base, the name of a saved one, or settings."""

    recipe: str | dict[str, Any] = "recommended"
    seed: int = freezing.DEFAULT_SEED


@router.get("/projects/{project}/recipes", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> list[dict[str, Any]]:
    return recipes.list_recipes(workspace(), project)


@router.get("/projects/{project}/recipes/{recipe}", dependencies=[needs(Role.LEAD)])
def preview(project: str, recipe: str, seed: int = freezing.DEFAULT_SEED) -> dict[str, Any]:
    return freezing.preview_recipe(workspace(), project, recipe, seed=seed)


@router.post("/projects/{project}/recipe-preview", dependencies=[needs(Role.LEAD)])
def preview_settings(project: str, body: RecipeToTry) -> dict[str, Any]:
    """What settings that are not saved would take; nothing is stored."""
    return freezing.preview_recipe(workspace(), project, body.recipe, seed=body.seed)


@router.put("/projects/{project}/recipes/{name}", dependencies=[needs(Role.LEAD)])
def save(project: str, name: str, body: dict[str, Any], by: By) -> dict[str, Any]:
    return recipes.save_recipe(workspace(), project, name, body, by=by)


@router.delete("/projects/{project}/recipes/{name}", dependencies=[needs(Role.LEAD)])
def forget(project: str, name: str, by: By) -> dict[str, str]:
    recipes.forget_recipe(workspace(), project, name, by=by)
    return {"name": name}


@router.post("/projects/{project}/cleaning", dependencies=[needs(Role.LEAD)])
def count_cleaning(project: str, by: By) -> dict[str, str]:
    """Try every cleaning step on every record, as a job."""
    return {"job": cleaning.count_changes(workspace(), project, by=by)}


@router.get("/projects/{project}/cleaning", dependencies=[needs(Role.LEAD)])
def cleaning_counts(project: str) -> dict[str, Any]:
    return cleaning.change_counts(workspace(), project)


@router.get("/projects/{project}/cleaning/{step}", dependencies=[needs(Role.LEAD)])
def before_and_after(project: str, step: str, by: By, limit: int = 5, offset: int = 0) -> list[dict[str, Any]]:
    """Records that the step changes, as differences."""
    found = cleaning.changed_texts(workspace(), project, step, limit=max(0, min(limit, 100)), offset=max(0, offset))
    say_who_reads("cleaning", project, by=by, n_records=len(found))
    return [asdict(text) for text in found]


@router.get("/projects/{project}/readiness", dependencies=[needs(Role.LEAD)])
def ready(project: str) -> dict[str, Any]:
    return asdict(readiness.readiness(workspace(), project))
