"""What the reviews of a project say: rates, comparisons and groups, and the sentences that tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.nouns import ReviewClass, System
from core.review.breakdown import ReviewerLoad
from core.review.ceiling import SameReviewers
from core.review.paired import PairedComparison
from core.review.planning import n_for_half_width, n_to_clear
from core.review.rubric import CriterionResult
from core.review.self_agreement import MIN_REPEATS, Repeats, self_agreement_json
from core.review.sequential import sequential_mcnemar
from core.review.side_by_side import SideBySide
from core.review.statistics import MIN_REVIEWS, RateEstimate

SYSTEM_LABELS = {
    System.TUNED: "Tuned model",
    System.BASE: "Base model",
    System.BASE_FEWSHOT: "Base model with three examples",
    System.TUNED_FACTS: "Tuned model with facts",
    System.BASE_FACTS: "Base model with facts",
    System.EXTERNAL: "Endpoint elsewhere",
    System.HUMAN: "Your own texts",
}
PASS_TARGET = 0.70


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system's drafts. classes: how many of each class. rate: None when none was reviewed."""

    system: System
    rate: RateEstimate | None
    classes: dict[ReviewClass, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of drafts that two or more people judged: how many, on how many they differ over passing, and Krippendorff's alpha.

    alpha: None where everybody said one and the same thing throughout.
    """

    n_drafts: int
    n_split: int
    alpha: float | None


@dataclass(frozen=True, slots=True)
class RuleKept:
    """A rule of the brand guide: of each system's reviewed drafts, how many keep it. level: how much it matters."""

    rule: str
    level: str
    systems: Mapping[System, RateEstimate]


@dataclass(frozen=True, slots=True)
class ResultsSummary:
    """What the reviews of a project say of one run. reasons: tag to count, most frequent first. runs: all that have verdicts.

    compared: the tuned model with each other system, on the briefs that both have verdicts on. ceiling: the tuned model and the
    team's own texts within reviewers. tags, periods, versions: pass rates of tuned drafts; versions over all runs. n_held_back: verdicts that do not count yet. agreement: None where no draft has two verdicts. rules: of the brand guide in force. criteria: those that were scored.
    side_by_side: what was said of two writers' drafts beside one another. n_pairs_held_back: pairs with a verdict that do not count yet.
    set_aside: drafts that somebody took out of the queue before they were judged.
    repeats: reviewers against themselves, over all runs; None where nobody asked.
    light_edit_origin: where that limit comes from.
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
    ceiling: SameReviewers | None = None
    tags: Mapping[str, RateEstimate] = field(default_factory=dict)
    periods: Mapping[str, RateEstimate] = field(default_factory=dict)
    versions: Mapping[str, RateEstimate] = field(default_factory=dict)
    reviewers: tuple[ReviewerLoad, ...] = ()
    pass_target: float = PASS_TARGET
    n_held_back: int = 0
    agreement: Agreement | None = None
    reviewers_per_draft: int = 1
    rules: tuple[RuleKept, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    side_by_side: tuple[SideBySide, ...] = ()
    n_pairs_held_back: int = 0
    set_aside: Mapping[System, int] = field(default_factory=dict)
    repeats: Repeats | None = None
    light_edit_origin: str = "the default"

    def rate_of(self, system: System) -> RateEstimate | None:
        return next((result.rate for result in self.systems if result.system is system), None)


def headline(summary: ResultsSummary) -> str:
    """The sentence a page begins with."""
    tuned, human = summary.rate_of(System.TUNED), summary.rate_of(System.HUMAN)
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


def outlook(summary: ResultsSummary) -> str:
    """Where the rate stands against the target, and how many more drafts would tell it better; empty where there is no rate."""
    tuned = summary.rate_of(System.TUNED)
    if tuned is None or not tuned.is_enough:
        return ""
    low, high = tuned.at_any_time
    target = summary.pass_target
    if low > target:
        stands = f"That is above your target of {target:.0%}, however often you looked ({low:.0%} to {high:.0%})."
    elif high < target:
        stands = f"That is below your target of {target:.0%}, however often you looked ({low:.0%} to {high:.0%})."
    else:
        needed = n_to_clear(tuned.rate, target)
        more = (
            f"at this rate about {needed - tuned.n:,} more drafts would tell" if needed else "it lies too near to tell"
        )
        stands = (
            f"Whether that is above your target of {target:.0%} cannot be told yet: whoever looks again and again has to reckon with "
            f"{low:.0%} to {high:.0%}; {more}."
        )
    narrow = n_for_half_width(tuned.rate)
    if narrow <= tuned.n:
        return f"{stands} The interval is ten points wide or less."
    return f"{stands} Five points to each side need about {narrow - tuned.n:,} more."


def ceiling_sentence(summary: ResultsSummary) -> str:
    """How far below the team's own texts the tuned drafts are in the same reviewers' eyes; empty where too few judged both."""
    found = summary.ceiling
    if found is None or min(found.n_ours, found.n_theirs) < MIN_REVIEWS:
        return ""
    who = "the one reviewer" if found.n_reviewers == 1 else f"the {found.n_reviewers} reviewers"
    return (
        f"In the eyes of {who} who judged both, tuned drafts pass {abs(found.difference) * 100:.0f} points "
        f"{'less' if found.difference < 0 else 'more'} often than your own texts (95% interval {100 * found.low:+.0f} to "
        f"{100 * found.high:+.0f} points, {found.n_ours} and {found.n_theirs} verdicts): your own texts are the ceiling, "
        "so this leaves out how lenient somebody is."
    )


def limit_sentence(summary: ResultsSummary) -> str:
    """What a pass is, to stand beside a rate: the limit in force, and where it comes from."""
    also = ", that fails no critical criterion" if any(one.critical for one in summary.criteria) else ""
    return (
        f"A pass is a draft signed off with at most {summary.light_edit_limit:.0%} of its words edited "
        f"({summary.light_edit_origin}){also}."
    )


def agreement_sentence(summary: ResultsSummary) -> str:
    """How far reviewers agree; empty where no draft has two verdicts."""
    found = summary.agreement
    if found is None:
        return ""
    drafts = "1 draft" if found.n_drafts == 1 else f"{found.n_drafts} drafts"
    told = f"{drafts} had two or more reviewers; on {found.n_split} they differ over whether it passes"
    if found.n_drafts < MIN_REVIEWS or found.alpha is None:
        return f"{told}."
    return f"{told} (Krippendorff's alpha {found.alpha:.2f}: 1 is full agreement, 0 what chance alone would bring)."


def preference_sentence(found: SideBySide) -> str:
    """Whose drafts are preferred side by side, or that too few say so."""
    rate, theirs = found.preference, found.theirs[0].lower() + found.theirs[1:]
    if rate is None or not found.is_enough:
        return f"{found.ours}, beside {theirs}: not enough yet, {found.first + found.second} of at least {MIN_REVIEWS} pairs have a preference."
    return (
        f"{found.ours}, beside {theirs}: preferred in {rate.rate:.0%} of {rate.n} pairs with a preference "
        f"(95% interval {rate.low:.0%} to {rate.high:.0%})."
    )


def repeats_sentence(summary: ResultsSummary) -> str:
    """How far reviewers agree with themselves; empty where no draft came back yet."""
    found = summary.repeats.together if summary.repeats else None
    if found is None:
        return ""
    drafts = "1 draft came" if found.n == 1 else f"{found.n} drafts came"
    told = f"{drafts} back to who had judged {'it' if found.n == 1 else 'them'}"
    if not found.is_enough:
        return f"{told}: from {MIN_REPEATS} on it is told how far one verdict can be trusted."
    sentences = [
        f"{told}: {found.same.rate:.0%} got the same decision again (95% interval {found.same.low:.0%} to {found.same.high:.0%})"
    ]
    if found.kappa is not None:
        low_high = f" ({found.kappa.low:.2f} to {found.kappa.high:.2f})" if found.kappa.low is not None else ""
        sentences.append(
            f"Cohen's kappa {found.kappa.value:.2f}{low_high}, where 1 is full agreement and 0 what chance alone would bring"
        )
    if found.spread is not None and found.n_signed_off >= MIN_REPEATS:
        points = f"{100 * found.spread.value:.0f} points"
        sentences.append(f"of those signed off twice the share of words edited differs by {points} on average")
    return f"{'; '.join(sentences)}."


def set_aside_sentence(summary: ResultsSummary) -> str:
    """How many drafts somebody took out before they were judged, by system; empty where none was. Choosing drafts moves a rate."""
    if not summary.set_aside:
        return ""
    told = ", ".join(f"{SYSTEM_LABELS[system]} {n}" for system, n in sorted(summary.set_aside.items()))
    return f"Drafts that were taken out of the queue before anybody judged them: {told}."


def _of_run(summary: ResultsSummary) -> str:
    """Which run, where there is more than one to be taken for."""
    return f" of {summary.run}" if len(summary.runs) > 1 else ""


def as_json(summary: ResultsSummary) -> dict[str, Any]:
    """Under the names of the command-line contract, with everything the report shows."""
    systems = {
        r.system.value: rate_json(r.rate)
        | {"any_time": _any_time(r.rate), "classes": {c.value: n for c, n in r.classes.items()}}
        for r in summary.systems
    }
    return {
        "headline": headline(summary),
        "outlook": outlook(summary),
        "ceiling": ceiling_sentence(summary),
        "agreement_in_words": agreement_sentence(summary),
        "repeats_in_words": repeats_sentence(summary),
        "limit_in_words": limit_sentence(summary),
        "project": summary.project,
        "run": summary.run,
        "runs": list(summary.runs),
        "systems": systems,
        "compared": {
            system.value: asdict(found)
            | {
                "n": found.n,
                "is_enough": found.n >= MIN_REVIEWS,
                "any_time_p_value": sequential_mcnemar(found.ours, found.theirs),
            }
            for system, found in summary.compared.items()
        },
        "same_reviewers": asdict(summary.ceiling) if summary.ceiling else None,
        "tags": _groups(summary.tags),
        "periods": _groups(summary.periods),
        "versions": _groups(summary.versions),
        "reviewers": [
            asdict(load) | {"tuned": rate_json(load.tuned), "human": rate_json(load.human)}
            for load in summary.reviewers
        ],
        "agreement": asdict(summary.agreement) if summary.agreement else None,
        "repeats": _repeats(summary.repeats) if summary.repeats else None,
        "n_held_back": summary.n_held_back,
        "reviewers_per_draft": summary.reviewers_per_draft,
        "rules": [
            {"rule": one.rule, "level": one.level, "systems": {s.value: rate_json(r) for s, r in one.systems.items()}}
            for one in summary.rules
        ],
        "criteria": [
            {
                "criterion": one.criterion,
                "critical": one.critical,
                "systems": {
                    s.value: rate_json(rate) | {"scores": dict(one.counts[s])} for s, rate in one.rates.items()
                },
            }
            for one in summary.criteria
        ],
        "side_by_side": [_side_by_side(found) for found in summary.side_by_side],
        "n_pairs_held_back": summary.n_pairs_held_back,
        "reasons": summary.reasons,
        "n_reviewers": summary.n_reviewers,
        "n_open": summary.n_open,
        "set_aside": {system.value: n for system, n in summary.set_aside.items()},
        "set_aside_in_words": set_aside_sentence(summary),
        "light_edit_limit": summary.light_edit_limit,
        "light_edit_origin": summary.light_edit_origin,
        "pass_target": summary.pass_target,
    }


def _repeats(found: Repeats) -> dict[str, Any]:
    return {
        "every": found.every,
        "together": self_agreement_json(found.together) if found.together else None,
        "reviewers": [self_agreement_json(one) for one in found.reviewers],
    }


def rate_json(rate: RateEstimate | None) -> dict[str, Any]:
    if rate is None:
        return {"n": 0, "passed": 0, "rate": None, "low": None, "high": None, "is_enough": False}
    return asdict(rate) | {"is_enough": rate.is_enough}


def _side_by_side(found: SideBySide) -> dict[str, Any]:
    rate = found.preference
    return {
        **asdict(found),
        "in_words": preference_sentence(found),
        "n": found.n,
        "is_enough": found.is_enough,
        "rate": rate.rate if rate else None,
        "low": rate.low if rate else None,
        "high": rate.high if rate else None,
        "p_value": found.p_value,
        "any_time_p_value": found.any_time_p_value,
    }


def _any_time(rate: RateEstimate | None) -> list[float] | None:
    return list(rate.at_any_time) if rate else None


def _groups(rates: Mapping[str, RateEstimate]) -> list[dict[str, Any]]:
    return [{"name": name} | rate_json(rate) for name, rate in rates.items()]
