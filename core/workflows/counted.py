"""Which verdicts count for a run, and which of them may be told of: what results, reports and the drafts behind them begin with."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import NotFound
from core.nouns import ReviewClass, ReviewDecision, System
from core.review.edits import classify
from core.store import reviews as review_rows
from core.store import runs as run_rows
from core.store.connection import Row
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace, project_named


@dataclass(frozen=True, slots=True)
class Counted:
    """reviews: the verdicts that count for the run, oldest first; of_all_runs: those of every run, too. waiting: briefs whose writers nobody
    may be told yet; held_back: those of them whose verdicts are left out. runs: those with verdicts that count, newest first, by id.
    n_not_blind: verdicts that count nowhere, since it could be known who wrote the draft.
    """

    project: Row
    run: Row | None
    runs: dict[str, Row]
    reviews: list[Row]
    of_all_runs: list[Row]
    waiting: set[str]
    held_back: set[str]
    n_held_back: int
    n_not_blind: int

    @property
    def told(self) -> list[Row]:
        """Verdicts that count, on briefs whose writers may be told."""
        return [review for review in self.reviews if review["brief_id"] not in self.waiting]

    def class_of(self, review: Row) -> ReviewClass:
        """By the limit in force now."""
        return classify(
            ReviewDecision(review["decision"]),
            review["edit_ratio"],
            light_edit_limit=self.project["light_edit_limit"],
            is_critical_fail=review["is_critical_fail"],
        )


def counted(workspace: Workspace, project: str, *, run: str | None = None, only_told: bool) -> Counted:
    """The verdicts of one run; of the newest one that was reviewed, if none is named.

    only_told: verdicts on a brief of which a draft or a pair of drafts still waits are held back: a number that moves with a verdict tells
    whose draft it was. Tuned drafts count for the run that wrote them. What the base model wrote counts for every run on that base model,
    and the team's own texts and those of an endpoint elsewhere for all. Raises NotFound for a run without a verdict.
    """
    row = project_named(workspace, project)
    given = review_rows.reviews(workspace.store, row["id"])
    everything = [review for review in given if review["is_blind"]]
    waiting = waiting_briefs(workspace.store, row["id"])
    held_back = waiting if only_told else set()
    with_verdicts = _judged_runs(workspace, row["id"], everything)
    left = [review for review in everything if review["brief_id"] not in held_back]
    # Of what is told alone: a run that appears with a verdict would name its author.
    runs = {run_id: one for run_id, one in with_verdicts.items() if run_id in {r["run_id"] for r in left}}
    chosen = _chosen(with_verdicts if run else runs, run)
    return Counted(
        project=row,
        run=chosen,
        runs=runs,
        reviews=[review for review in left if chosen is None or _counts_for(review, chosen, runs)],
        of_all_runs=left,
        waiting=waiting,
        held_back=held_back,
        n_held_back=len(everything) - len(left),
        n_not_blind=len(given) - len(everything),
    )


def _judged_runs(workspace: Workspace, project_id: str, reviews: list[Row]) -> dict[str, Row]:
    """The runs whose drafts have a verdict, newest first, by id."""
    judged = {review["run_id"] for review in reviews}
    return {run["id"]: run for run in run_rows.runs(workspace.store, project_id) if run["id"] in judged}


def _chosen(judged: dict[str, Row], run: str | None) -> Row | None:
    if run is None:
        return next(iter(judged.values()), None)
    found = next((row for row in judged.values() if run in (row["id"], row["name"])), None)
    if found is None:
        names = ", ".join(row["name"] for row in judged.values())
        raise NotFound(
            f"No draft of a run called {run!r} has a verdict.",
            remedy=f"Runs with verdicts: {names}." if names else "Review some drafts first.",
        )
    return found


def _counts_for(review: Row, run: Row, judged: dict[str, Row]) -> bool:
    if review["system"] in (System.HUMAN, System.EXTERNAL):
        return True
    if System(review["system"]).is_tuned:
        return bool(review["run_id"] == run["id"])
    return bool(judged[review["run_id"]]["config"]["base"] == run["config"]["base"])
