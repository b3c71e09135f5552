"""What the verdicts say: pass rates by system, reasons, and the report to download."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from core.curate.agreement import alpha_interval, krippendorff_alpha
from core.errors import Invalid
from core.nouns import Score, System
from core.records.spreadsheet import as_csv
from core.review import breakdown
from core.review.breakdown import Judged
from core.review.calibration import origin
from core.review.edit_detail import EditDetail
from core.review.edits import word_difference
from core.review.notable import KINDS
from core.review.paired import compare_pairs
from core.review.report import as_html, as_markdown
from core.review.rubric import CriterionResult, Scored, by_criterion
from core.review.statistics import MIN_REVIEWS, Verdict, pass_rate
from core.review.summary import SYSTEM_LABELS, TUNED_DRAFTS, Agreement, Compared, ResultsSummary, RuleKept, SystemResult
from core.review.summary_json import as_json
from core.store import drafts as draft_rows
from core.store import open_items as open_item_rows
from core.store import rubrics as rubric_rows
from core.store.connection import Row, utc_now
from core.workflows import guide_checks, guiding, judging, pair_results, repeating, tracing
from core.workflows.counted import Counted, counted
from core.workflows.rubrics import rubric_of
from core.workflows.telling_drafts import (
    VERDICT_COLUMNS,
    newest_verdicts,
    notable_drafts,
    told_system,
    verdict_file,
    verdict_rows,
)
from core.workflows.workspace import Workspace

__all__ = [
    "KINDS", "MIN_REVIEWS", "SYSTEM_LABELS", "TUNED_DRAFTS", "EditDetail", "newest_verdicts", "verdict_rows", "word_difference",
]  # fmt: skip

# Told of even where none was reviewed; those with facts are told of once they are.
USUAL = (System.TUNED, System.BASE, System.BASE_FEWSHOT, System.HUMAN)
FORMS = {"html": "HTML", "pdf": "PDF", "md": "Markdown", "csv": "Verdicts (CSV)", "json": "JSON"}
MIME = {
    "html": "text/html", "pdf": "application/pdf", "md": "text/markdown", "csv": "text/csv", "json": "application/json",
}  # fmt: skip


def results(
    workspace: Workspace, project: str, *, run: str | None = None, system: str | None = None, only_told: bool = False
) -> ResultsSummary:
    """Every rate from the stored edits and the limit in force now, for one run; the newest one that was reviewed, if none is named.

    system: the tuned one whose rate is told, tuned or tuned_facts; the one with most verdicts, if none is named. only_told: verdicts on a
    brief of which a draft or a pair of drafts still waits are held back. Raises NotFound for a run without a verdict, Invalid for another system.
    """
    found = counted(workspace, project, run=run, only_told=only_told)
    ours = _named_system(system) or told_system(found)
    row, reviews = found.project, found.reviews
    verdicts = [_judged(review, found) for review in reviews]
    of_ours = [one for one in verdicts if one.system is ours]
    reviewed = {one.system for one in verdicts}
    pairs, n_pairs_held_back = pair_results.side_by_side(
        workspace, row["id"], run=found.run["id"] if found.run else None, but=found.held_back
    )
    order = judging.queue_order(workspace.store, row["id"])
    return ResultsSummary(
        project=row["name"],
        systems=tuple(_of_system(verdicts, one) for one in System if one in USUAL or one is ours or one in reviewed),
        reasons=dict(Counter(reason for review in reviews for reason in review["reasons"]).most_common()),
        n_reviewers=len({review["reviewer"] for review in reviews}),
        n_open=len(open_item_rows.open_items(workspace.store, row["id"])),
        light_edit_limit=row["light_edit_limit"],
        run=found.run["name"] if found.run else None,
        runs=tuple(one["name"] for one in found.runs.values()),
        system=ours,
        systems_told=tuple(one for one in TUNED_DRAFTS if one in reviewed),
        compared=tuple(_compared(reviews, verdicts, ours)),
        ceiling=breakdown.ceiling(verdicts, ours, System.HUMAN),
        tags=breakdown.by_tag(of_ours),
        periods=breakdown.by_period(of_ours),
        versions=breakdown.by_version([_judged(r, found) for r in found.of_all_runs if r["system"] == ours]),
        reviewers=tuple(breakdown.by_reviewer(verdicts, ours)),
        pass_target=row["pass_target"],
        n_held_back=found.n_held_back,
        n_not_blind=found.n_not_blind,
        set_aside=_set_aside(workspace, row["id"], found.held_back),
        agreement=_agreement(verdicts),
        reviewers_per_draft=row["reviewers_per_draft"],
        rules=tuple(_rules_kept(workspace, row, verdicts)),
        criteria=tuple(_criteria(workspace, row, reviews)),
        side_by_side=pairs,
        n_pairs_held_back=n_pairs_held_back,
        repeats=repeating.self_agreement_of(workspace, row),
        light_edit_origin=origin(row["light_edit_limit"], row["limit_calibration"]),
        ordered_since=order.since,
        is_uneven=order.is_uneven,
        notable=notable_drafts(workspace, found, ours),
        provenance=tracing.provenance(workspace, found),
    )


def _named_system(name: str | None) -> System | None:
    if name is None:
        return None
    if name not in list(TUNED_DRAFTS):
        raise Invalid(
            f"{name!r} is no tuned system, whose rate could be told.", remedy=f"Choose {' or '.join(TUNED_DRAFTS)}."
        )
    return System(name)


def _set_aside(workspace: Workspace, project_id: str, waiting: set[str]) -> dict[System, int]:
    """How many drafts of each system somebody took out of the queue before they were judged; of briefs that are told alone."""
    rows = draft_rows.set_aside(workspace.store, project_id)
    return dict(Counter(System(row["system"]) for row in rows if row["brief_id"] not in waiting))


def _agreement(verdicts: list[Judged]) -> Agreement | None:
    votes: dict[str, list[bool]] = {}
    for one in verdicts:
        votes.setdefault(one.verdict.draft, []).append(one.passes)
    judged = [found for found in votes.values() if len(found) > 1]
    if not judged:
        return None
    alpha = krippendorff_alpha([list(map(str, found)) for found in judged])
    low, high = alpha_interval(judged) or (None, None)
    return Agreement(len(judged), sum(len(set(found)) > 1 for found in judged), alpha, low, high)


def _rules_kept(workspace: Workspace, project: Row, verdicts: list[Judged]) -> list[RuleKept]:
    """Of drafts that were reviewed alone, each once: of others the numbers would tell who wrote what."""
    drafts = {one.verdict.draft: (one.verdict.draft, one.verdict.brief, one.system) for one in verdicts}
    guide = guiding.guide_of(workspace, project["id"]).guide
    return guide_checks.kept_rules(workspace, project["id"], guide, drafts.values())


def _criteria(workspace: Workspace, project: Row, reviews: list[Row]) -> list[CriterionResult]:
    """Every criterion that was scored in these reviews; those of the rubric in force first, in its order."""
    of_review = {review["id"]: review for review in reviews}
    scored = [
        Scored(
            of_review[row["review_id"]]["draft_id"], System(of_review[row["review_id"]]["system"]), row["criterion"],
            Score(row["score"]), row["is_critical"], of_review[row["review_id"]]["brief_id"],
        )
        for row in rubric_rows.scores(workspace.store, project["id"])
        if row["review_id"] in of_review
    ]  # fmt: skip
    places = {one.name: place for place, one in enumerate(rubric_of(workspace.store, project).criteria)}
    return sorted(by_criterion(scored), key=lambda found: places.get(found.criterion, len(places)))


def _judged(review: Row, found: Counted) -> Judged:
    return Judged(
        Verdict(review["draft_id"], review["reviewer"], found.class_of(review), review["brief_id"]),
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


def _compared(reviews: list[Row], verdicts: list[Judged], ours: System) -> list[Compared]:
    """Tuned systems against others, on the briefs of which both have a draft with a verdict; first the one whose rate is told."""
    drafts: dict[str, tuple[str, str]] = {}
    votes: dict[str, list[bool]] = {}
    for review, one in zip(reviews, verdicts, strict=True):
        drafts[review["draft_id"]] = (review["brief_id"], review["system"])
        votes.setdefault(review["draft_id"], []).append(one.passes)
    passed: dict[System, dict[str, list[bool]]] = {system: {} for system in System}
    for draft, (brief, system) in drafts.items():
        passed[System(system)].setdefault(brief, []).append(_most(votes[draft]))
    compared = []
    for system, against in _pairs(ours):
        ours_by, theirs_by = passed[system], passed[against]
        both = sorted(ours_by.keys() & theirs_by.keys())
        found = compare_pairs((_most(ours_by[brief]), _most(theirs_by[brief])) for brief in both)
        if found is not None:
            compared.append(Compared(system, against, found))
    return compared


def _pairs(ours: System) -> list[tuple[System, System]]:
    """What is worth comparing: the system whose rate is told with each other one, and what facts and what training add where facts are given."""
    others = [(ours, other) for other in System if other is not ours]
    facts = [(System.TUNED_FACTS, System.TUNED), (System.TUNED_FACTS, System.BASE_FACTS)]
    # The tuned model without facts stands against the one with them the other way round.
    return [pair for pair in others if pair != (System.TUNED, System.TUNED_FACTS) and pair not in facts] + facts


def _most(votes: list[bool]) -> bool:
    """More than half; a tie is no pass."""
    return 2 * sum(votes) > len(votes)


def results_json(
    workspace: Workspace, project: str, *, run: str | None = None, system: str | None = None, only_told: bool = False
) -> dict[str, Any]:
    return as_json(results(workspace, project, run=run, system=system, only_told=only_told))


def report(
    workspace: Workspace, project: str, form: str, *, run: str | None = None, system: str | None = None, only_told: bool = False
) -> str | bytes:  # fmt: skip
    """The report as md, html, json or, in bytes, pdf, or the verdicts behind it as csv. Raises Invalid for another form, NotFound and Invalid as
    `results` does.
    """
    if form == "csv":
        rows = verdict_file(workspace, project, run=run, system=_named_system(system), written_at=utc_now())
        return as_csv(rows, VERDICT_COLUMNS)
    summary = results(workspace, project, run=run, system=system, only_told=only_told)
    summary = replace(summary, provenance=replace(summary.provenance, written_at=utc_now()))
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
