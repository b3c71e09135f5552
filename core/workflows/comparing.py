"""What differs between two versions: in words, and record by record with who and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from core.curate.recipe_words import differences
from core.curate.recipes import Recipe, recipe_from
from core.errors import Invalid
from core.nouns import Split
from core.records.spreadsheet import as_csv
from core.store import difference
from core.store.connection import Row
from core.workflows.freezing import version_folder, version_named
from core.workflows.recipes import source_names
from core.workflows.workspace import Workspace, project_named

COLUMNS = ("change", "record", "title", "who", "why")
MAX_ROWS = 200_000
DECIDED = {
    "keep": "kept",
    "edit": "edited",
    "reject": "rejected",
    "defer": "put off",
    "undo": "took a decision back on",
}


def compare_versions(workspace: Workspace, project: str, older: str, newer: str) -> dict[str, Any]:
    """Counts of records added, removed, edited, re-tagged and in both; the settings that differ; all of it in words.

    came, went: other names of added and removed, which scripts use.
    """
    first, second = version_named(workspace, project, older), version_named(workspace, project, newer)
    counts = difference.counts(workspace.store, _files(workspace, first), _files(workspace, second))
    settings = _settings(workspace, project, first, second)
    return counts | {
        "came": counts["added"],
        "went": counts["removed"],
        "settings": settings,
        "words": _words(first, second, counts, settings),
    }


def changed_records(
    workspace: Workspace, project: str, older: str, newer: str, *, change: str = "", limit: int = 50, offset: int = 0
) -> list[dict[str, Any]]:
    """A page of the records that differ: change, record, title, who, why. change: one kind of it alone."""
    if change and change not in difference.CHANGES:
        raise Invalid(f"{change!r} is no change.", remedy=f"Choose {', '.join(difference.CHANGES)}.")
    first, second = version_named(workspace, project, older), version_named(workspace, project, newer)
    found = difference.rows(
        workspace.store, _files(workspace, first), _files(workspace, second), older_id=first["id"], newer_id=second["id"],
        since=_frozen_at(first), until=_frozen_at(second), change=change or None, limit=limit, offset=offset,
    )  # fmt: skip
    settings = _settings_of_texts(_recipe(first), _recipe(second))
    rows = []
    for row in found:
        who, why = _cause(row, settings=settings)
        rows.append(
            {"change": row["change"], "record": row["external_id"], "record_id": row["record_id"], "title": row["title"], "who": who, "why": why}
        )  # fmt: skip
    return rows


def changes_as_csv(workspace: Workspace, project: str, older: str, newer: str) -> str:
    """Every record that differs, as CSV in which no cell is a formula."""
    return as_csv(changed_records(workspace, project, older, newer, limit=MAX_ROWS), COLUMNS)


def _files(workspace: Workspace, version: Row) -> list[Path]:
    return [version_folder(workspace, version["id"]) / f"{split.value}.parquet" for split in Split]


def _frozen_at(version: Row) -> datetime:
    """When what it holds was chosen: at the click, before the job."""
    told = version["card"].get("frozen_at")
    try:
        return datetime.fromisoformat(str(told).removesuffix("Z"))
    except ValueError:
        moment: datetime = version["created_at"]
        return moment


def _recipe(version: Row) -> Recipe:
    """The recipe on the card; of a version frozen before recipes had settings, its base without cleaning."""
    settings = version["card"].get("recipe_settings")
    try:
        return recipe_from(settings or {"take": version["recipe"], "clean": []})
    except Invalid:
        return Recipe(clean=())


def _settings(workspace: Workspace, project: str, first: Row, second: Row) -> list[str]:
    names = source_names(workspace, project_named(workspace, project)["id"])
    told = differences(_recipe(first), _recipe(second), names)
    for name, before, after in (
        ("Seed", first["seed"], second["seed"]),
        ("Tokens counted as by", first["card"].get("base"), second["card"].get("base")),
    ):
        if before != after:
            told.append(f"{name}: {after}; before: {before}.")
    return told


def _words(first: Row, second: Row, counts: dict[str, int], settings: list[str]) -> str:
    changes = [
        f"{n:,} {'record was' if n == 1 else 'records were'} {what}"
        for what, n in (
            ("added", counts["added"]),
            ("removed", counts["removed"]),
            ("edited", counts["edited"]),
            ("re-tagged", counts["retagged"]),
        )
        if n
    ]
    said = ", ".join(changes) if changes else "no record differs"
    kept = f"{counts['stayed']:,} {'is' if counts['stayed'] == 1 else 'are'} in both"
    recipe = " ".join(settings) if settings else "Their recipes are the same."
    return f"From {first['name']} to {second['name']} {said}; {kept}. {recipe}"


def _settings_of_texts(first: Recipe, second: Recipe) -> str:
    """Which settings that change texts differ, as a reason; empty for none."""
    parts = ["cleans otherwise"] if first.clean != second.clean else []
    if first.fact_choices != second.fact_choices:
        parts.append("keeps other facts")
    return f"the recipe {' and '.join(parts)}" if parts else ""


def _cause(row: Row, *, settings: str) -> tuple[str, str]:
    """Who, and why, in words. Nobody where a rule of the recipe decided. settings: those that change texts and differ."""
    match row["change"]:
        case "added":
            return _cause_of_coming(row)
        case "removed":
            return _cause_of_going(row)
        case "retagged":
            return row["tagged_by"] or "", _tags_in_words(row["tags_before"], row["tags_after"])
    if row["edited_by"]:
        return row["edited_by"], "edited the text"
    if row["decision"] == "undo":
        return row["decided_by"], "took an edit back"
    if settings:
        return "", settings
    return "", "its examples were made otherwise: another length, or a changed source"


def _cause_of_coming(row: Row) -> tuple[str, str]:
    if row["is_here"] and row["is_new"]:
        return row["imported_by"], f"imported it with {row['source']}"
    before = f"left out before: {_reason(row['reason_before'], row['detail_before'])}" if row["reason_before"] else ""
    if row["decision"] in ("keep", "edit", "undo"):
        return row["decided_by"], f"{_decided(row)}; {before}".rstrip("; ")
    return "", before or "not in the version before"


def _cause_of_going(row: Row) -> tuple[str, str]:
    if not row["is_here"] and not row["reason_after"]:
        return "", "its record is not in this project any more"
    after = _reason(row["reason_after"], row["detail_after"]) if row["reason_after"] else "not chosen by the recipe"
    if row["decision"] in ("reject", "defer", "undo"):
        return row["decided_by"], f"{_decided(row)}; left out now: {after}"
    return "", f"left out now: {after}"


def _decided(row: Row) -> str:
    note = f" ({row['note']})" if row["note"] else ""
    return f"{DECIDED[row['decision']]} it{note}"


def _reason(reason: str, detail: str) -> str:
    words = reason.replace("_", " ")
    return words if not detail or detail.replace("_", " ") == words else f"{words} ({detail.replace('_', ' ')})"


def _tags_in_words(before: list[str], after: list[str]) -> str:
    came, went = [tag for tag in after if tag not in before], [tag for tag in before if tag not in after]
    parts = ["added " + ", ".join(came) if came else "", "took off " + ", ".join(went) if went else ""]
    return "; ".join(part for part in parts if part)
