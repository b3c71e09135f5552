"""What several runs wrote for the same brief, or at their ends for the same held-out request, side by side, for engineers.

Reviewing is blind, and whoever compares here may be the one who judges there: of a brief nothing is shown as long as any
of its drafts waits for a verdict, as on Results, and nothing of the record that it was taken from. What is held back is counted
and said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from core.errors import NotFound
from core.nouns import ReviewDecision, System
from core.review.edits import classify
from core.store import briefs as brief_rows
from core.store import draft_pairs as pair_rows
from core.store import drafts as draft_rows
from core.store import open_items as open_item_rows
from core.store import reviews as review_rows
from core.store import told_drafts as told_rows
from core.store.connection import Row
from core.workflows.run_comparison import compared_rows
from core.workflows.training import run_drafts
from core.workflows.workspace import Workspace, project_named


@dataclass(frozen=True, slots=True)
class ComparedRequests:
    """requests: held-out ones to which two runs or more wrote at their ends, each with what was really written and the runs' drafts.

    n_held_back: requests whose record is also behind a brief of which a draft waits for a verdict.
    """

    requests: list[dict[str, Any]]
    n_held_back: int


@dataclass(frozen=True, slots=True)
class ComparedDrafts:
    """briefs: those for which two runs or more wrote and that may be shown, each with its drafts, run by run.

    n_held_back: briefs of which a draft or a pair of drafts waits for a verdict. n_waiting: such drafts, whoever wrote them; n_pairs: such pairs.
    """

    briefs: list[dict[str, Any]]
    n_held_back: int
    n_waiting: int
    n_pairs: int = 0

    @property
    def why_held_back(self) -> str:
        """A sentence; empty where nothing is."""
        if not self.n_held_back:
            return ""
        briefs, of = ("1 brief is", "it") if self.n_held_back == 1 else (f"{self.n_held_back:,} briefs are", "them")
        counts = ((self.n_waiting, "draft"), (self.n_pairs, "pair"))
        what = " and ".join(f"{n:,} {noun}{'' if n == 1 else 's'}" for n, noun in counts if n)
        wait = "waits" if self.n_waiting + self.n_pairs == 1 else "wait"
        every = "draft and every pair of" if self.n_pairs else "draft of"
        return (
            f"{briefs} held back: {what} of {of} {wait} for a verdict, and reviewing is blind. They are shown once every {every} "
            "the brief has one."
        )


def compare_drafts(
    workspace: Workspace, runs: list[str], *, project: str | None = None, brief: str | None = None
) -> ComparedDrafts:
    """The drafts that the tuned models of the runs wrote for the same briefs. brief: only that one, by id or external id.

    Raises Invalid for fewer than two runs or too many, NotFound for a run or a brief that there is not.
    """
    rows = compared_rows(workspace, runs, project=project)
    shared = _shared(draft_rows.tuned_drafts_of(workspace.store, [row["id"] for row in rows]))
    if brief is not None:
        shared = [drafts for drafts in shared if brief in (drafts[0]["brief_id"], drafts[0]["brief"])]
        if not shared:
            raise NotFound(
                f"Of a brief {brief!r} there are no drafts of two of these runs.",
                remedy="Leave the brief out to see which ones there are.",
            )
    projects = {row["project_id"] for row in rows}
    waiting, pairs = _waiting(workspace, projects)
    classes = _classes(workspace, projects)
    ids = {drafts[0]["brief_id"] for drafts in shared}
    held_back = ids & (waiting.keys() | pairs.keys())
    briefs = [_told(drafts, rows, classes) for drafts in shared if drafts[0]["brief_id"] not in held_back]
    n_drafts, n_pairs = (sum(counts.get(brief, 0) for brief in held_back) for counts in (waiting, pairs))
    return ComparedDrafts(briefs, len(held_back), n_drafts, n_pairs)


def compare_held_out(workspace: Workspace, runs: list[str], *, project: str | None = None) -> ComparedRequests:
    """What the tuned models of the runs wrote at their ends for the same held-out requests, in the order of the runs.

    Raises Invalid for fewer than two runs or too many, NotFound for a run that there is not.
    """
    rows = compared_rows(workspace, runs, project=project)
    # Of one example two versions may hold different texts.
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        for entry in run_drafts(workspace, row["id"]):
            told = {name: entry[name] for name in ("example_id", "external_id", "request", "reference")}
            one = found.setdefault((entry["example_id"], entry["request"]), told | {"drafts": []})
            draft = entry["drafts"][System.TUNED]
            one["drafts"].append(
                {"run": row["id"], "name": row["name"], "text": draft["text"], "n_tokens": draft["n_tokens"]}
            )
    shared = [one for one in found.values() if len(one["drafts"]) > 1]
    hidden = _records_waiting(workspace, {row["project_id"] for row in rows})
    shown = [one for one in shared if one["example_id"].rpartition(":")[0] not in hidden]
    return ComparedRequests(shown, len(shared) - len(shown))


def _records_waiting(workspace: Workspace, projects: set[str]) -> set[str]:
    """The records behind briefs of which a draft or a pair waits: whoever read the real text here would know it there."""
    waiting, pairs = _waiting(workspace, projects)
    briefs = [brief for one in projects for brief in brief_rows.briefs(workspace.store, one)]
    return {brief["record_id"] for brief in briefs if brief["id"] in waiting or brief["id"] in pairs} - {None}


def _waiting(workspace: Workspace, projects: set[str]) -> tuple[Counter[str], Counter[str]]:
    """How many drafts, those that are being written anew among them, and how many pairs of them wait for a verdict, by brief."""
    return (
        Counter(
            brief
            for one in projects
            for brief in [
                *(item["brief_id"] for item in open_item_rows.open_items(workspace.store, one)),
                *told_rows.briefs_written_anew(workspace.store, one),
            ]
        ),
        Counter(p["brief_id"] for one in projects for p in pair_rows.open_pairs(workspace.store, one)),
    )


def _told(drafts: list[Row], runs: list[Row], classes: dict[str, list[str]]) -> dict[str, Any]:
    """A brief with its drafts in the order of the runs; several of one run by seed, the older first."""
    brief, place = drafts[0], {run["id"]: n for n, run in enumerate(runs)}
    ordered = sorted(drafts, key=lambda one: (place[one["run_id"]], one["seed"], one["created_at"]))
    return {"id": brief["brief_id"]} | {name: brief[name] for name in ("brief", "prompt", "audience", "facts")} | {
        "drafts": [
            {"id": one["id"], "run": one["run_id"], "name": runs[place[one["run_id"]]]["name"]}
            | {name: one[name] for name in ("text", "n_tokens", "seed")}
            | {"verdicts": classes.get(one["id"], [])}
            for one in ordered
        ]
    }  # fmt: skip


def _shared(drafts: list[Row]) -> list[list[Row]]:
    """The drafts brief by brief, of the briefs that two runs or more wrote for."""
    found: dict[str, list[Row]] = {}
    for draft in drafts:
        found.setdefault(draft["brief_id"], []).append(draft)
    return [of_brief for of_brief in found.values() if len({one["run_id"] for one in of_brief}) > 1]


def _classes(workspace: Workspace, projects: set[str]) -> dict[str, list[str]]:
    """What the verdicts on each draft come to, by draft."""
    classes: dict[str, list[str]] = {}
    for project in projects:
        limit = project_named(workspace, project)["light_edit_limit"]
        for review in review_rows.reviews(workspace.store, project):
            found = classify(
                ReviewDecision(review["decision"]), review["edit_ratio"], light_edit_limit=limit,
                is_critical_fail=review["is_critical_fail"],
            )  # fmt: skip
            classes.setdefault(review["draft_id"], []).append(found.value)
    return classes
