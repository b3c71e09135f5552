"""SQL of recipes: saved ones by name, and the one that a person works on."""

from __future__ import annotations

from typing import Any

from core.store.connection import Row, Store, Transaction


def insert_recipe(tx: Transaction, project_id: str, name: str, settings: dict[str, Any] | None, *, by: str) -> None:
    """Save under a name; settings None takes the name out of the list."""
    tx.execute(
        "INSERT INTO recipes (project_id, name, settings, saved_by, saved_at) VALUES (?, ?, ?, ?, ?)",
        [project_id, name, settings, by, tx.at],
    )


def keep_draft(tx: Transaction, project_id: str, settings: dict[str, Any], *, by: str) -> None:
    """The recipe that this person works on; a draft is replaced, not appended."""
    tx.execute("DELETE FROM recipes WHERE project_id = ? AND name = '' AND saved_by = ?", [project_id, by])
    insert_recipe(tx, project_id, "", settings, by=by)


def draft(store: Store, project_id: str, *, by: str) -> Row | None:
    return store.read_one(
        "SELECT settings FROM recipes WHERE project_id = ? AND name = '' AND saved_by = ?", [project_id, by]
    )


def recipes(store: Store, project_id: str) -> list[Row]:
    return store.read(
        "SELECT name, settings, saved_by, saved_at FROM current_recipes WHERE project_id = ? ORDER BY name",
        [project_id],
    )


def recipe_named(store: Store, project_id: str, name: str) -> Row | None:
    return store.read_one("SELECT * FROM current_recipes WHERE project_id = ? AND name = ?", [project_id, name])
