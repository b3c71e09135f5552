"""How far a project is from the number of examples that its goal usually needs, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from core.curate.recipes import Recipe
from core.nouns import Goal
from core.store import records as record_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.workflows.projects import READY_RANGE, curation_is_current
from core.workflows.recipes import DEFAULT_SEED, Taking, taking
from core.workflows.workspace import Workspace, project_named

# About as many words as the sections have into which a post is cut; where no version tells it better.
WORDS_OF_A_SECTION = 230


@dataclass(frozen=True, slots=True)
class Readiness:
    """n_good: examples that the recipe would give; is_estimated: told from records, before any were made.

    low, high: what the goal usually needs. n_seen: records among them that a person kept. sentence: where it stands and
    what to do next; page: the path where that is done.
    """

    n_good: int
    is_estimated: bool
    low: int
    high: int
    n_seen: int
    sentence: str
    button: str
    page: str


def readiness(
    workspace: Workspace, project: str, recipe: Recipe | None = None, *, seed: int = DEFAULT_SEED
) -> Readiness:
    """Where the project stands with a recipe, the recommended one where none is given. Reads only."""
    row = project_named(workspace, project)
    return readiness_with(workspace, row, taking(workspace.store, row["id"], recipe or Recipe(), seed=seed))


def readiness_with(workspace: Workspace, row: Row, taken: Taking) -> Readiness:
    """The same for a project and what a recipe takes of it."""
    low, high = READY_RANGE[Goal(row["goal"])]
    n_good, is_estimated = _examples(workspace, row, taken)
    statuses = record_rows.status_counts(workspace.store, row["id"])
    n_seen = statuses.get("kept", 0) + statuses.get("edited", 0)
    doubtful = sum(reasons.total() for rule, reasons in taken.by_rule.items() if rule in ("defect", "score"))
    doubtful += taken.left_out.get("deferred", 0)
    sentence, button, page = _next(
        low, high, n_good, n_unmeasured=not curation_is_current(workspace, row["id"]), doubtful=doubtful, n_seen=n_seen,
        taken=taken, goal=Goal(row["goal"]),
    )  # fmt: skip
    return Readiness(n_good, is_estimated, low, high, n_seen, sentence, button, page)


def _examples(workspace: Workspace, project: Row, taken: Taking) -> tuple[int, bool]:
    """Examples that the records taken would give; posts are cut into sections, everything else gives one each."""
    if project["goal"] != Goal.VOICE or not taken.n_records:
        return taken.n_records, False
    newest = next(iter(version_rows.versions(workspace.store, project["id"])), None)
    if newest is not None and newest["n_records"]:
        n_examples = newest["n_train"] + newest["n_validation"] + newest["n_test"]
        return round(taken.n_records * n_examples / newest["n_records"]), True
    return max(taken.n_records, taken.n_words // WORDS_OF_A_SECTION), True


def _next(
    low: int, high: int, n_good: int, *, n_unmeasured: bool, doubtful: int, n_seen: int, taken: Taking, goal: Goal
) -> tuple[str, str, str]:
    """The sentence, the button's words and the page."""
    if not taken.n_all:
        return "Nothing has been imported yet. Add some writing first.", "Add a source", "sources"
    if n_unmeasured:
        return (
            "Some records were not measured: doubles and defects among them are not known. Measure them in Curate first.",
            "Measure in Curate", "curate",
        )  # fmt: skip
    noun = "sections of posts" if goal is Goal.VOICE else "examples"
    if n_good < low:
        missing = f"{low - n_good:,} more {noun} to go"
        if doubtful:
            one = doubtful == 1
            return (
                f"{missing}: {doubtful:,} {'record' if one else 'records'} with a defect or put off "
                f"{'waits' if one else 'wait'} for a person; look at {'it' if one else 'them'} in Curate.",
                "Decide in Curate", "curate",
            )  # fmt: skip
        return (
            f"{missing}, and no record is in doubt: add more writing, or loosen the recipe.",
            "Add a source",
            "sources",
        )
    if n_good > high:
        return (
            f"More than the {high:,} that are usually enough: freeze, or take the best by a score or a balance.",
            "Freeze a version", "datasets",
        )  # fmt: skip
    if not n_seen:
        return (
            "Enough: freeze. No person has looked at any of it yet; a glance in Curate is worth it.",
            "Freeze a version",
            "datasets",
        )
    return "Enough: freeze a version.", "Freeze a version", "datasets"
