"""The sentences that tell what the reviews of a project say."""

from __future__ import annotations

import math

from core.nouns import System
from core.review.judge_limits import uneven_in_words
from core.review.planning import n_for_half_width, n_to_clear
from core.review.self_agreement import MIN_REPEATS
from core.review.side_by_side import SideBySide
from core.review.statistics import MIN_REVIEWS, RateEstimate
from core.review.summary import SYSTEM_LABELS, TUNED_DRAFTS, ResultsSummary


def headline(summary: ResultsSummary) -> str:
    """The sentence a page begins with. Beside it belongs `uneven_sentence`."""
    rate, human = summary.told_rate, summary.rate_of(System.HUMAN)
    drafts = TUNED_DRAFTS[summary.system]
    if rate is None or not rate.is_enough:
        n = rate.n if rate else 0
        return f"Not enough reviews yet: {n} of at least {MIN_REVIEWS} {drafts}{_of_run(summary)} have a verdict."
    people = "1 reviewer" if summary.n_reviewers == 1 else f"{summary.n_reviewers} reviewers"
    sentence = (
        f"{drafts.capitalize()}{_of_run(summary)} pass without a rewrite {rate.rate:.0%} of the time "
        f"(95% interval {rate.low:.0%} to {rate.high:.0%}, {n_drafts(rate)}, {people})"
    )
    if human is not None and human.is_enough:
        return f"{sentence}; your own texts {human.rate:.0%}."
    return f"{sentence}."


def n_drafts(rate: RateEstimate) -> str:
    """How many drafts a rate is of, and on how many briefs where that is another number."""
    drafts = "1 draft" if rate.n == 1 else f"{rate.n} drafts"
    if not rate.shares_briefs:
        return drafts
    return f"{drafts} on {'1 brief' if rate.n_briefs == 1 else f'{rate.n_briefs} briefs'}"


def uneven_sentence(summary: ResultsSummary) -> str:
    """That the rates are those of an uneven choice; empty where they are not. Belongs wherever a rate is told."""
    return uneven_in_words(summary.uneven_since) if summary.uneven_since else ""


def outlook(summary: ResultsSummary) -> str:
    """Where the rate stands against the target, and how many more drafts would tell it better; empty where there is no rate."""
    rate = summary.told_rate
    if rate is None or not rate.is_enough:
        return ""
    low, high = rate.at_any_time
    target = summary.pass_target
    if low > target:
        stands = f"That is above your target of {target:.0%}, however often you looked ({low:.0%} to {high:.0%})."
    elif high < target:
        stands = f"That is below your target of {target:.0%}, however often you looked ({low:.0%} to {high:.0%})."
    else:
        needed = n_to_clear(rate.rate, target)
        more = (
            f"at this rate about {_more(rate, needed, rate.n_least):,} more drafts would tell"
            if needed
            else "it lies too near to tell"
        )
        stands = (
            f"Whether that is above your target of {target:.0%} cannot be told yet: whoever looks again and again has to reckon with "
            f"{low:.0%} to {high:.0%}; {more}."
        )
    narrow = n_for_half_width(rate.rate)
    if narrow <= (rate.n_effective or rate.n):
        return f"{stands} The interval is ten points wide or less."
    return f"{stands} Five points to each side need about {_more(rate, narrow, rate.n_effective):,} more."


def _more(rate: RateEstimate, needed: int, worth: float | None) -> int:
    """Drafts still to come, on briefs with as many each as now. needed: independent ones in all; worth: as how many those judged count."""
    return needed - rate.n if worth is None else math.ceil((needed - worth) * rate.n / worth)


def ceiling_sentence(summary: ResultsSummary) -> str:
    """How far below the team's own texts the tuned drafts are in the same reviewers' eyes; empty where too few judged both."""
    found = summary.ceiling
    if found is None or min(found.n_ours, found.n_theirs) < MIN_REVIEWS:
        return ""
    who = "the one reviewer" if found.n_reviewers == 1 else f"the {found.n_reviewers} reviewers"
    return (
        f"In the eyes of {who} who judged both, {TUNED_DRAFTS[summary.system]} pass {abs(found.difference) * 100:.0f} points "
        f"{'less' if found.difference < 0 else 'more'} often than your own texts (95% interval {100 * found.low:+.0f} to "
        f"{100 * found.high:+.0f} points, {found.n_ours} drafts and {found.n_theirs} texts): your own texts are the ceiling, "
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
    return (
        f"{told} (Krippendorff's alpha {found.alpha:.2f}, 95% interval {found.low:.2f} to {found.high:.2f}: 1 is full agreement, 0 what "
        "chance alone would bring)."
    )


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


def not_blind_sentence(n_not_blind: int) -> str:
    """How many verdicts count nowhere since it could be known who wrote the draft when they were given; empty where none was."""
    if not n_not_blind:
        return ""
    n = n_not_blind
    counts = "1 verdict counts in no rate: it was" if n == 1 else f"{n:,} verdicts count in no rate: they were"
    return f"{counts} given when it could be known who wrote the draft."


def held_back_sentence(n_held_back: int) -> str:
    """How many verdicts are told of later only, and why; empty where none is held back."""
    if not n_held_back:
        return ""
    verdicts = "1 verdict is held back" if n_held_back == 1 else f"{n_held_back:,} verdicts are held back"
    return (
        f"{verdicts} until every draft and every pair of drafts of the same brief is judged: a number that moves with a verdict would "
        "tell who wrote the draft."
    )


def no_verdict_sentence(*, n_held_back: int, n_not_blind: int) -> str:
    """Why a list of verdicts is empty."""
    said = (held_back_sentence(n_held_back), not_blind_sentence(n_not_blind))
    return " ".join(sentence for sentence in said if sentence) or "No draft has a verdict yet."


def _of_run(summary: ResultsSummary) -> str:
    """Which run, where there is more than one to be taken for."""
    return f" of {summary.run}" if len(summary.runs) > 1 else ""
