"""Results as a report: a sentence first, then the table, reasons and how it was counted."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.nouns import ReviewClass, System
from core.review.paired import PairedComparison
from core.review.statistics import MIN_REVIEWS, RateEstimate

SYSTEM_LABELS = {
    System.TUNED: "Tuned model",
    System.BASE: "Base model",
    System.BASE_FEWSHOT: "Base model with three examples",
    System.HUMAN: "Your own texts",
}


COMPARED = (
    "briefs",
    "the tuned draft alone passed",
    "the other alone passed",
    "difference in points, 95% interval",
    "by chance",
)
METHOD_COMPARED = (
    " On the same briefs a system passes where more than half of its drafts do; the interval of the difference is Newcombe's for pairs, and "
    '"by chance" is the probability of so uneven a split if both passed equally often (McNemar\'s test, exact).'
)


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system's drafts. classes: how many of each class. rate: None when none was reviewed."""

    system: System
    rate: RateEstimate | None
    classes: dict[ReviewClass, int]


@dataclass(frozen=True, slots=True)
class ResultsSummary:
    """What the reviews of a project say of one run. reasons: tag to count, most frequent first. runs: all that have verdicts.

    compared: the tuned model with each other system, on the briefs that both have verdicts on.
    """

    project: str
    systems: tuple[SystemResult, ...]
    reasons: dict[str, int]
    n_reviewers: int
    n_open: int
    light_edit_limit: float
    run: str | None = None
    runs: tuple[str, ...] = ()
    compared: Mapping[System, PairedComparison] = field(default_factory=dict)


def headline(summary: ResultsSummary) -> str:
    """The sentence a page begins with."""
    by_system = {result.system: result.rate for result in summary.systems}
    tuned, human = by_system.get(System.TUNED), by_system.get(System.HUMAN)
    if tuned is None or not tuned.is_enough:
        n = tuned.n if tuned else 0
        return f"Not enough reviews yet: {n} of at least {MIN_REVIEWS} tuned drafts{_of_run(summary)} have a verdict."
    people = "1 reviewer" if summary.n_reviewers == 1 else f"{summary.n_reviewers} reviewers"
    sentence = (
        f"Tuned drafts{_of_run(summary)} pass without a rewrite {tuned.rate:.0%} of the time "
        f"(95% interval {tuned.low:.0%} to {tuned.high:.0%}, {tuned.n} drafts, {people})"
    )
    if human is not None and human.is_enough:
        return f"{sentence}; your own texts {human.rate:.0%}."
    return f"{sentence}."


def _of_run(summary: ResultsSummary) -> str:
    """Which run, where there is more than one to be taken for."""
    return f" of {summary.run}" if len(summary.runs) > 1 else ""


def as_json(summary: ResultsSummary) -> dict[str, Any]:
    """Under the names of the command-line contract, with everything the report shows."""
    systems = {
        r.system.value: (asdict(r.rate) if r.rate else {"n": 0, "passed": 0, "rate": None, "low": None, "high": None})
        | {"is_enough": bool(r.rate and r.rate.is_enough), "classes": {c.value: n for c, n in r.classes.items()}}
        for r in summary.systems
    }
    return {
        "headline": headline(summary),
        "project": summary.project,
        "run": summary.run,
        "runs": list(summary.runs),
        "systems": systems,
        "compared": {
            system.value: asdict(found) | {"n": found.n, "is_enough": found.n >= MIN_REVIEWS}
            for system, found in summary.compared.items()
        },
        "reasons": summary.reasons,
        "n_reviewers": summary.n_reviewers,
        "n_open": summary.n_open,
        "light_edit_limit": summary.light_edit_limit,
    }


def as_markdown(summary: ResultsSummary) -> str:
    lines = [
        f"# Review of {summary.project}",
        "",
        headline(summary),
        "",
        "| system | n | passed | rate | 95% interval |",
        "|---|---|---|---|---|",
    ]
    for result in summary.systems:
        lines.append(f"| {SYSTEM_LABELS[result.system]} | " + " | ".join(_cells(result.rate)) + " |")
    lines += ["", "| system | as is | light edit | rewritten | rejected |", "|---|---|---|---|---|"]
    for result in summary.systems:
        counts = " | ".join(str(result.classes.get(c, 0)) for c in ReviewClass)
        lines.append(f"| {SYSTEM_LABELS[result.system]} | {counts} |")
    if summary.compared:
        lines += [
            "",
            "## The tuned model on the same briefs",
            "",
            "| against | " + " | ".join(COMPARED) + " |",
            "|---" * (1 + len(COMPARED)) + "|",
        ]
        lines += [
            f"| {SYSTEM_LABELS[system]} | " + " | ".join(compared_cells(found)) + " |"
            for system, found in summary.compared.items()
        ]
    if summary.reasons:
        lines += ["", "## Reasons given", "", *(f"- {reason}: {n}" for reason, n in summary.reasons.items())]
    lines += ["", "## How it was counted", "", _method(summary), ""]
    return "\n".join(lines)


def as_html(summary: ResultsSummary) -> str:
    """A page of its own: no script, nothing loaded, every value escaped."""
    rows = "".join(
        f"<tr><td>{html.escape(SYSTEM_LABELS[r.system])}</td>"
        + "".join(f"<td>{html.escape(c)}</td>" for c in _cells(r.rate))
        + "</tr>"
        for r in summary.systems
    )
    reasons = "".join(f"<li>{html.escape(reason)}: {n}</li>" for reason, n in summary.reasons.items())
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Review of {html.escape(summary.project)}</title>"
        "<style>body{font:16px/1.5 Georgia,serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#22252B;background:#FAF8F3}"
        "table{border-collapse:collapse}td,th{padding:.3rem .8rem;border-bottom:1px solid #E4DFD5;text-align:left}</style>"
        f"<h1>Review of {html.escape(summary.project)}</h1><p>{html.escape(headline(summary))}</p>"
        f"<table><tr><th>system</th><th>n</th><th>passed</th><th>rate</th><th>95% interval</th></tr>{rows}</table>"
        + _compared_html(summary)
        + (f"<h2>Reasons given</h2><ul>{reasons}</ul>" if reasons else "")
        + f"<h2>How it was counted</h2><p>{html.escape(_method(summary))}</p></html>"
    )


def _cells(rate: RateEstimate | None) -> list[str]:
    if rate is None:
        return ["0", "0", "no reviews yet", ""]
    if not rate.is_enough:
        return [str(rate.n), str(rate.passed), "not enough reviews yet", ""]
    return [str(rate.n), str(rate.passed), f"{rate.rate:.0%}", f"{rate.low:.0%} to {rate.high:.0%}"]


def compared_cells(found: PairedComparison) -> list[str]:
    """Under COMPARED. Of few briefs no figure is told, as with rates."""
    if found.n < MIN_REVIEWS:
        return [str(found.n), "", "", "not enough reviews yet", ""]
    points = f"{100 * found.difference:+.0f} ({100 * found.low:+.0f} to {100 * found.high:+.0f})"
    return [
        str(found.n),
        str(found.ours),
        str(found.theirs),
        points,
        f"{found.p_value:.3f}" if found.p_value >= 0.001 else "under 0.001",
    ]


def _compared_html(summary: ResultsSummary) -> str:
    if not summary.compared:
        return ""
    head = "".join(f"<th>{name}</th>" for name in ("against", *COMPARED))
    rows = "".join(
        f"<tr><td>{html.escape(SYSTEM_LABELS[system])}</td>"
        + "".join(f"<td>{cell}</td>" for cell in compared_cells(found))
        + "</tr>"
        for system, found in summary.compared.items()
    )
    return f"<h2>The tuned model on the same briefs</h2><table><tr>{head}</tr>{rows}</table>"


def _method(summary: ResultsSummary) -> str:
    human = next((r.rate for r in summary.systems if r.system is System.HUMAN), None)
    mixed_in = ", with genuine human texts among them" if human is not None else ""
    return (
        f"A draft passes when it was signed off with at most {summary.light_edit_limit:.0%} of its words edited "
        "(word edits divided by the longer of draft and final text; formatting and punctuation do not count). Every decided draft is in the "
        f"denominator, rejected ones included. Reviewers saw the drafts blind, in an order drawn for each of them{mixed_in}. "
        f"Drafts that wait for a verdict: {summary.n_open}.{_method_of_runs(summary)} Intervals are Wilson score intervals; below {MIN_REVIEWS} drafts no "
        "rate is shown." + (METHOD_COMPARED if summary.compared else "")
    )


def _method_of_runs(summary: ResultsSummary) -> str:
    if len(summary.runs) < 2:
        return ""
    others = ", ".join(name for name in summary.runs if name != summary.run)
    return (
        f" Tuned drafts are those of the run {summary.run}; {others}: counted apart. "
        "What the base model wrote counts for every run on that model."
    )
