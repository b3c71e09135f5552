"""What the verdicts say: pass rates by system, reasons, and the report to download."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from core.curate.agreement import krippendorff_alpha
from core.errors import Invalid, NotFound
from core.nouns import ReviewClass, ReviewDecision, Score, System
from core.review import breakdown
from core.review.breakdown import Judged
from core.review.calibration import origin
from core.review.ceiling import within_reviewers
from core.review.edit_detail import EditDetail, edit_detail
from core.review.edits import classify, word_difference
from core.review.paired import PairedComparison, compare_pairs
from core.review.report import as_html, as_markdown
from core.review.rubric import CriterionResult, Scored, by_criterion
from core.review.spreadsheet import as_csv
from core.review.statistics import MIN_REVIEWS, Verdict, pass_rate
from core.review.summary import SYSTEM_LABELS, Agreement, ResultsSummary, RuleKept, SystemResult, as_json
from core.store import drafts as draft_rows
from core.store import reviews as review_rows
from core.store import rubrics as rubric_rows
from core.store import runs as run_rows
from core.store.connection import Row
from core.workflows import guide_checks, guiding, pair_results, repeating
from core.workflows.rubrics import rubric_of
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace, project_named

__all__ = ["MIN_REVIEWS", "SYSTEM_LABELS", "EditDetail"]

# Told of even where none was reviewed; those with facts are told of once they are.
USUAL = (System.TUNED, System.BASE, System.BASE_FEWSHOT, System.HUMAN)
FORMS = {"html": "HTML", "pdf": "PDF", "md": "Markdown", "csv": "Verdicts (CSV)", "json": "JSON"}
MIME = {
    "html": "text/html", "pdf": "application/pdf", "md": "text/markdown", "csv": "text/csv", "json": "application/json",
}  # fmt: skip


def results(workspace: Workspace, project: str, *, run: str | None = None, only_told: bool = False) -> ResultsSummary:
    """Every rate from the stored edits and the limit in force now, for one run; the newest one that was reviewed, if none is named.

    only_told: verdicts on a brief of which a draft or a pair of drafts still waits are held back: a number that moves with a verdict tells
    whose draft it was.

    Tuned drafts count for the run that wrote them. What the base model wrote counts for every run on that base model, and the
    team's own texts and those of an endpoint elsewhere for all. Raises NotFound for a run without a verdict.
    """
    row = project_named(workspace, project)
    everything = review_rows.reviews(workspace.store, row["id"])
    waiting = waiting_briefs(workspace.store, row["id"]) if only_told else set()
    held_back = sum(review["brief_id"] in waiting for review in everything)
    with_verdicts = _judged_runs(workspace, row["id"], everything)
    everything = [review for review in everything if review["brief_id"] not in waiting]
    # Of what is told alone: a run that appears with a verdict would name its author.
    judged = {run_id: one for run_id, one in with_verdicts.items() if run_id in {r["run_id"] for r in everything}}
    chosen = _chosen(with_verdicts if run else judged, run)
    reviews = [review for review in everything if chosen is None or _counts_for(review, chosen, judged)]
    verdicts = [_judged(review, row) for review in reviews]
    tuned = [one for one in verdicts if one.system is System.TUNED]
    reviewed = {one.system for one in verdicts}
    reasons = Counter(reason for review in reviews for reason in review["reasons"])
    pairs, n_pairs_held_back = pair_results.side_by_side(
        workspace, row["id"], run=chosen["id"] if chosen else None, but=waiting
    )
    return ResultsSummary(
        project=row["name"],
        systems=tuple(_of_system(verdicts, system) for system in System if system in USUAL or system in reviewed),
        reasons=dict(reasons.most_common()),
        n_reviewers=len({review["reviewer"] for review in reviews}),
        n_open=len(review_rows.open_items(workspace.store, row["id"])),
        light_edit_limit=row["light_edit_limit"],
        run=chosen["name"] if chosen else None,
        runs=tuple(found["name"] for found in judged.values()),
        compared=_compared(reviews, verdicts),
        ceiling=within_reviewers(breakdown.strata(verdicts, System.TUNED, System.HUMAN)),
        tags=breakdown.by_tag(tuned),
        periods=breakdown.by_period(tuned),
        versions=breakdown.by_version([_judged(r, row) for r in everything if r["system"] == System.TUNED]),
        reviewers=tuple(breakdown.by_reviewer(verdicts)),
        pass_target=row["pass_target"],
        n_held_back=held_back,
        set_aside=_set_aside(workspace, row["id"], waiting),
        agreement=_agreement(verdicts),
        reviewers_per_draft=row["reviewers_per_draft"],
        rules=tuple(_rules_kept(workspace, row, verdicts)),
        criteria=tuple(_criteria(workspace, row, reviews)),
        side_by_side=pairs,
        n_pairs_held_back=n_pairs_held_back,
        repeats=repeating.self_agreement_of(workspace, row),
        light_edit_origin=origin(row["light_edit_limit"], row["limit_calibration"]),
    )


def _set_aside(workspace: Workspace, project_id: str, waiting: set[str]) -> dict[System, int]:
    """How many drafts of each system somebody took out of the queue before they were judged; of briefs that are told alone."""
    rows = draft_rows.set_aside(workspace.store, project_id)
    return dict(Counter(System(row["system"]) for row in rows if row["brief_id"] not in waiting))


def _agreement(verdicts: list[Judged]) -> Agreement | None:
    votes: dict[str, list[str]] = {}
    for one in verdicts:
        votes.setdefault(one.verdict.draft, []).append("pass" if one.passes else "no pass")
    judged = [found for found in votes.values() if len(found) > 1]
    if not judged:
        return None
    return Agreement(len(judged), sum(len(set(found)) > 1 for found in judged), krippendorff_alpha(judged))


def _rules_kept(workspace: Workspace, project: Row, verdicts: list[Judged]) -> list[RuleKept]:
    """Of drafts that were reviewed alone, each once: of others the numbers would tell who wrote what."""
    drafts = {one.verdict.draft: one.system for one in verdicts}
    guide = guiding.guide_of(workspace, project["id"]).guide
    return guide_checks.kept_rules(workspace, project["id"], guide, drafts.items())


def _criteria(workspace: Workspace, project: Row, reviews: list[Row]) -> list[CriterionResult]:
    """Every criterion that was scored in these reviews; those of the rubric in force first, in its order."""
    of_review = {review["id"]: review for review in reviews}
    scored = [
        Scored(
            of_review[row["review_id"]]["draft_id"], System(of_review[row["review_id"]]["system"]), row["criterion"],
            Score(row["score"]), row["is_critical"],
        )
        for row in rubric_rows.scores(workspace.store, project["id"])
        if row["review_id"] in of_review
    ]  # fmt: skip
    places = {one.name: place for place, one in enumerate(rubric_of(workspace.store, project).criteria)}
    return sorted(by_criterion(scored), key=lambda found: places.get(found.criterion, len(places)))


def _judged(review: Row, project: Row) -> Judged:
    return Judged(
        Verdict(review["draft_id"], review["reviewer"], _class(review, project)),
        System(review["system"]),
        tuple(review["tags"]),
        review["version"],
        review["reviewed_at"],
        review["seconds"],
    )


def _of_system(verdicts: list[Judged], system: System) -> SystemResult:
    found = [one.verdict for one in verdicts if one.system is system]
    classes = Counter(verdict.review_class for verdict in found)
    return SystemResult(system, pass_rate(found) if found else None, dict(classes))


def _compared(reviews: list[Row], verdicts: list[Judged]) -> dict[System, PairedComparison]:
    """The tuned model against each other system, on the briefs of which both have a draft with a verdict."""
    drafts: dict[str, tuple[str, str]] = {}
    votes: dict[str, list[bool]] = {}
    for review, one in zip(reviews, verdicts, strict=True):
        drafts[review["draft_id"]] = (review["brief_id"], review["system"])
        votes.setdefault(review["draft_id"], []).append(one.passes)
    passed: dict[tuple[str, str], list[bool]] = {}
    for draft, place in drafts.items():
        passed.setdefault(place, []).append(_most(votes[draft]))
    ours = {brief: _most(found) for (brief, system), found in passed.items() if system == System.TUNED}
    compared = {}
    for other in System:
        theirs = {brief: _most(found) for (brief, system), found in passed.items() if system == other != System.TUNED}
        found = compare_pairs((ours[brief], theirs[brief]) for brief in sorted(ours.keys() & theirs.keys()))
        if found is not None:
            compared[other] = found
    return compared


def _most(votes: list[bool]) -> bool:
    """More than half; a tie is no pass."""
    return 2 * sum(votes) > len(votes)


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


def newest_verdicts(workspace: Workspace, project: str, *, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The newest verdicts with their draft, class, word difference and what the edit was, and how many may be shown.

    Of briefs alone of which no draft and no pair waits any more: whoever reads it here may be the one who judges that.
    """
    row = project_named(workspace, project)
    waiting = waiting_briefs(workspace.store, row["id"])
    reviews = [one for one in review_rows.reviews(workspace.store, row["id"]) if one["brief_id"] not in waiting]
    shown = list(reversed(reviews[-limit:]))
    texts = review_rows.texts_of(workspace.store, [review["id"] for review in shown])
    newest = [
        review
        | {
            "class": _class(review, row),
            "difference": word_difference(review["text"], review["final_text"]),
            "detail": edit_detail(review["text"], review["final_text"]),
        }
        for review in ({**one, **texts[one["id"]]} for one in shown)
    ]
    return newest, len(reviews)


def results_json(
    workspace: Workspace, project: str, *, run: str | None = None, only_told: bool = False
) -> dict[str, Any]:
    return as_json(results(workspace, project, run=run, only_told=only_told))


def report(
    workspace: Workspace, project: str, form: str, *, run: str | None = None, only_told: bool = False
) -> str | bytes:
    """The report as md, html, json or, in bytes, pdf, or the verdicts behind it as csv. Raises Invalid for another form, NotFound as `results` does."""
    if form == "csv":
        return as_csv(verdict_rows(workspace, project, run=run))
    summary = results(workspace, project, run=run, only_told=only_told)
    if form == "md":
        return as_markdown(summary)
    if form == "html":
        return as_html(summary)
    if form == "pdf":
        # Not before somebody wants one: the server starts without what draws it.
        from core.review.report_pdf import as_pdf

        return as_pdf(summary)
    if form == "json":
        return json.dumps(as_json(summary), indent=2, ensure_ascii=False)
    raise Invalid(f"A report cannot be written as {form!r}.", remedy=f"Choose {', '.join(FORMS)}.")


def verdict_rows(workspace: Workspace, project: str, *, run: str | None = None) -> list[dict[str, Any]]:
    """Every verdict that the rates of a run rest on, oldest first; of briefs alone of which no draft and no pair waits any more.

    Rows of others would tell who wrote a draft: by the run whose file they stand in, if by nothing else.
    """
    row = project_named(workspace, project)
    waiting = waiting_briefs(workspace.store, row["id"])
    everything = review_rows.reviews(workspace.store, row["id"])
    judged = _judged_runs(workspace, row["id"], everything)
    everything = [review for review in everything if review["brief_id"] not in waiting]
    told_runs = {run_id: one for run_id, one in judged.items() if run_id in {r["run_id"] for r in everything}}
    chosen = _chosen(judged if run else told_runs, run)
    told = [review for review in everything if chosen is None or _counts_for(review, chosen, judged)]
    texts = review_rows.texts_of(workspace.store, [review["id"] for review in told])
    scores: dict[str, list[str]] = {}
    for one in rubric_rows.scores(workspace.store, row["id"]):
        scores.setdefault(one["review_id"], []).append(f"{one['criterion']}: {one['score']}")
    return [
        {
            "item": review["item_id"],
            "draft": review["draft_id"],
            "brief": review["brief"],
            "system": review["system"],
            "run": judged[review["run_id"]]["name"] if review["run_id"] in judged else "",
            "version": review["version"],
            "class": _class(review, row).value,
            "decision": review["decision"],
            "edit_ratio": round(review["edit_ratio"], 4),
            **_detail_cells(edit_detail(review["text"], review["final_text"])),
            "reasons": "; ".join(review["reasons"]),
            "scores": "; ".join(scores.get(review["id"], [])),
            "tags": "; ".join(review["tags"]),
            "reviewer": review["reviewer"],
            "reviewed_at": f"{review['reviewed_at'].isoformat()}Z",
            "seconds": round(review["seconds"], 1),
            "draft_text": review["text"],
            "final_text": review["final_text"],
        }
        for review in ({**one, **texts[one["id"]]} for one in told)
    ]


def _detail_cells(detail: EditDetail) -> dict[str, Any]:
    return {
        "sentences": detail.n_sentences,
        "sentences_untouched": detail.n_untouched,
        "facts_dropped": "; ".join(detail.dropped),
        "facts_added": "; ".join(detail.added),
        "formatting_only": detail.is_formatting_only,
    }


def _class(review: Row, project: Row) -> ReviewClass:
    decision = ReviewDecision(review["decision"])
    return classify(
        decision,
        review["edit_ratio"],
        light_edit_limit=project["light_edit_limit"],
        is_critical_fail=review["is_critical_fail"],
    )
