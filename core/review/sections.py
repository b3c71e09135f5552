"""The tables of a report, in words: the same for every form that it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.nouns import ReviewClass, System
from core.review.breakdown import ReviewerLoad
from core.review.notable import KINDS, NotableDraft
from core.review.paired import PairedComparison
from core.review.provenance import rows_of
from core.review.self_agreement import Measured, SelfAgreement
from core.review.sentences import held_back_sentence, not_blind_sentence, set_aside_sentence
from core.review.side_by_side import SideBySide
from core.review.statistics import MIN_REVIEWS, RateEstimate
from core.review.summary import SYSTEM_LABELS, TUNED_DRAFTS, ResultsSummary

RATE_COLUMNS = ("n", "passed", "rate", "95% interval")
NOT_ENOUGH = "not enough reviews yet"
COMPARED = (
    "briefs",
    "the first alone passed",
    "the second alone passed",
    "difference in points, 95% interval",
    "by chance",
)
SIDE_BY_SIDE = (
    "writer",
    "beside",
    "preferred, 95% interval",
    "by chance",
    "pairs",
    "won",
    "lost",
    "both good",
    "both bad",
    "reviewers differ",
    "the same text",
)
NOTE_SIDE_BY_SIDE = (
    "The preference is of the pairs that have one (Wilson interval). A pair counts once, by what more than half of its reviewers said. Pairs of one "
    'and the same text were not asked about. "By chance": how often so uneven a split would come about if neither were better (sign test, exact).'
)
NOTABLE_COLUMNS = ("brief", "written by", "verdicts", "words edited", "reasons", "the draft as it came")
NOTABLE_CHARACTERS = 400
METHOD_CLUSTERED = (
    " Where a brief has several drafts, these pass and fail together: the interval is then of as many independent drafts as they are worth, by the "
    "design effect (Kish) estimated with two briefs more, one that passes whole and one that fails whole; and for the range that holds however "
    "often one looks a brief counts as one draft."
)
METHOD_COMPARED = (
    " On the same briefs a system passes where more than half of its drafts do; the interval of the difference is Newcombe's for pairs, and "
    '"by chance" is the probability of so uneven a split if both passed equally often (McNemar\'s test, exact).'
)
METHOD_SIDE_BY_SIDE = (
    " Side by side, two drafts of one brief were shown once every draft of it had its verdict, on sides drawn for each pair and reviewer; nobody saw "
    "a draft in two pairs."
)

REPEAT_COLUMNS = ("judged twice", "same decision", "Cohen's kappa", "share of words edited differs by")
REPEATS_NOTE = (
    "Drafts that came back to who had judged them, unmarked and in their first words, over all runs; the second verdict counts in no rate. "
    "In brackets the 95% interval; the last column is of those signed off both times."
)


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a title; the first one of a report has none. note: what one must know to read it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def sections(summary: ResultsSummary) -> list[Section]:
    """Every table that has something to say."""
    drafts = TUNED_DRAFTS[summary.system].capitalize()
    found = [
        Section(
            "", ("system", *RATE_COLUMNS), tuple((SYSTEM_LABELS[r.system], *cells(r.rate)) for r in summary.systems)
        ),
        Section(
            "Verdicts by class",
            ("system", *(c.value.replace("_", " ") for c in ReviewClass)),
            tuple((SYSTEM_LABELS[r.system], *(str(r.classes.get(c, 0)) for c in ReviewClass)) for r in summary.systems),
        ),
        Section(
            "On the same briefs",
            ("system", "against", *COMPARED),
            tuple(
                (SYSTEM_LABELS[one.system], SYSTEM_LABELS[one.against], *compared_cells(one.found))
                for one in summary.compared
            ),
        ),
        Section("Side by side", SIDE_BY_SIDE, tuple(map(side_by_side_cells, summary.side_by_side)), NOTE_SIDE_BY_SIDE),
        _groups("Over time", "when", summary.periods, f"{drafts} by the time of the verdict."),
        _groups("By dataset version", "version", summary.versions, f"{drafts} of every run, by what it learnt from.")
        if len(summary.versions) > 1
        else Section("", (), ()),
        _groups("By tag", "tag", summary.tags, f"{drafts} by the tags of the text that the brief was taken from."),
        Section(
            "By reviewer",
            ("reviewer", "verdicts", "minutes", "seconds a draft", TUNED_DRAFTS[summary.system], "your own texts"),
            tuple(_reviewer(load) for load in summary.reviewers),
            "Seconds: the median. Your own texts show how lenient somebody is.",
        ),
        _repeats(summary),
        _rules(summary),
        _criteria(summary),
        Section("Reasons given", ("reason", "times"), tuple((reason, str(n)) for reason, n in summary.reasons.items())),
        *(
            Section(KINDS[kind][0], NOTABLE_COLUMNS, tuple(map(_notable, listed)), KINDS[kind][1])
            for kind, listed in summary.notable.by_kind().items()
        ),
        Section("What this rests on", ("what", "which"), tuple(rows_of(summary.provenance))),
    ]
    return [section for section in found if section.rows]


def method(summary: ResultsSummary) -> str:
    """How it was counted."""
    mixed_in = ", with genuine human texts among them" if summary.rate_of(System.HUMAN) is not None else ""
    every = summary.repeats.every if summary.repeats else 0
    again = (
        f" About one draft in {every} comes back to who judged it, and its second verdict does not count."
        if every
        else ""
    )
    return (
        f"A draft passes when it was signed off with at most {summary.light_edit_limit:.0%} of its words edited "
        "(word edits divided by the longer of draft and final text; formatting and punctuation do not count; "
        f"the limit: {summary.light_edit_origin}){_method_of_criteria(summary)}. Every decided draft is in the "
        f"denominator, rejected ones included. Reviewers saw the drafts blind, {_order(summary)}{mixed_in}. "
        f"Drafts that wait for a verdict: {summary.n_open}.{again}{_method_of_runs(summary)} Intervals are Wilson score intervals, for one look; "
        "where the rate is held against the target, the range holds however often one looks (a confidence sequence). "
        f"Below {MIN_REVIEWS} drafts no rate is shown."
        + "".join(
            f" {one}"
            for one in (
                set_aside_sentence(summary),
                held_back_sentence(summary.n_held_back),
                not_blind_sentence(summary.n_not_blind),
            )
            if one
        )
        + (METHOD_CLUSTERED if any(one.rate is not None and one.rate.shares_briefs for one in summary.systems) else "")
        + (METHOD_COMPARED if summary.compared else "")
        + (METHOD_SIDE_BY_SIDE if summary.side_by_side else "")
    )


def _order(summary: ResultsSummary) -> str:
    drawn = "in an order drawn for each of them"
    if summary.ordered_since is None:
        return drawn
    still = ", of which some still wait: the rates are those of an uneven choice" if summary.is_uneven else ""
    return f"{drawn} and, since {summary.ordered_since:%Y-%m-%d} for as long as that was on, those first whose verdict is most uncertain{still}"


def cells(rate: RateEstimate | None) -> tuple[str, str, str, str]:
    """Under RATE_COLUMNS. Of few drafts no rate is told."""
    if rate is None:
        return "0", "0", "no reviews yet", ""
    n = f"{rate.n} on {rate.n_briefs} briefs" if rate.shares_briefs else str(rate.n)
    if not rate.is_enough:
        return n, str(rate.passed), NOT_ENOUGH, ""
    return n, str(rate.passed), f"{rate.rate:.0%}", f"{rate.low:.0%} to {rate.high:.0%}"


def compared_cells(found: PairedComparison) -> tuple[str, str, str, str, str]:
    """Under COMPARED. Of few briefs no figure is told, as with rates."""
    if found.n < MIN_REVIEWS:
        return str(found.n), "", "", NOT_ENOUGH, ""
    points = f"{100 * found.difference:+.0f} ({100 * found.low:+.0f} to {100 * found.high:+.0f})"
    return str(found.n), str(found.ours), str(found.theirs), points, _by_chance(found.p_value)


def side_by_side_cells(found: SideBySide) -> tuple[str, ...]:
    """Under SIDE_BY_SIDE. Of few pairs no preference is told."""
    counts = (found.n, found.first, found.second, found.both_good, found.both_bad, found.differ, found.same)
    rate = found.preference
    if rate is None or not found.is_enough:
        return found.ours, found.theirs, "not enough yet", "", *map(str, counts)
    preferred = f"{rate.rate:.0%} ({rate.low:.0%} to {rate.high:.0%})"
    return found.ours, found.theirs, preferred, _by_chance(found.p_value), *map(str, counts)


def _by_chance(p_value: float) -> str:
    return f"{p_value:.3f}" if p_value >= 0.001 else "under 0.001"


def repeat_cells(found: SelfAgreement) -> tuple[str, str, str, str]:
    """Under REPEAT_COLUMNS. Of few drafts nothing but their number is told."""
    if not found.is_enough:
        return str(found.n), NOT_ENOUGH, "", ""
    same = _short(found.same)
    kappa = _with_interval(found.kappa, "{:.2f}") if found.kappa else "none: one decision throughout"
    if found.spread is None or found.n_signed_off < MIN_REVIEWS:
        return str(found.n), same, kappa, f"{found.n_signed_off} drafts, {NOT_ENOUGH}"
    return str(found.n), same, kappa, f"{found.n_signed_off} drafts, {_with_interval(found.spread, '{:.1%}')}"


def _with_interval(found: Measured, form: str) -> str:
    value = form.format(found.value)
    if found.low is None or found.high is None:
        return value
    return f"{value} ({form.format(found.low)} to {form.format(found.high)})"


def _repeats(summary: ResultsSummary) -> Section:
    """What reviewers said of the same draft a second time."""
    found = summary.repeats
    if found is None or found.together is None:
        return Section("", (), ())
    rows = [(one.reviewer, *repeat_cells(one)) for one in found.reviewers]
    if len(rows) > 1:
        rows.append(("all together", *repeat_cells(found.together)))
    return Section("The same draft again", ("reviewer", *REPEAT_COLUMNS), tuple(rows), REPEATS_NOTE)


def _groups(title: str, column: str, rates: Mapping[str, RateEstimate], note: str) -> Section:
    return Section(title, (column, *RATE_COLUMNS), tuple((name, *cells(rate)) for name, rate in rates.items()), note)


def _rules(summary: ResultsSummary) -> Section:
    """How many drafts of each system keep each rule of the guide."""
    systems = [system for system in SYSTEM_LABELS if any(system in one.systems for one in summary.rules)]
    rows = tuple(
        (one.rule, one.level, *(_short(one.systems.get(system)) for system in systems))
        for one in summary.rules
        if one.systems
    )
    note = "Drafts that keep a rule of the brand guide in force, of those that were reviewed."
    return Section("The brand guide", ("rule", "level", *(SYSTEM_LABELS[system] for system in systems)), rows, note)


def _criteria(summary: ResultsSummary) -> Section:
    """How many drafts of each system do not fail each criterion that reviewers scored."""
    systems = [system for system in SYSTEM_LABELS if any(system in one.rates for one in summary.criteria)]
    rows = tuple(
        (one.criterion, "critical" if one.critical else "", *(_short(one.rates.get(system)) for system in systems))
        for one in summary.criteria
    )
    note = (
        "Of the drafts that somebody scored under the criterion, those that do not fail it, as they came. A draft that fails a critical one "
        "does not pass, however light the edit was."
    )
    return Section("Criteria", ("criterion", "", *(SYSTEM_LABELS[system] for system in systems)), rows, note)


def _reviewer(load: ReviewerLoad) -> tuple[str, ...]:
    return (
        load.reviewer,
        str(load.n),
        f"{load.minutes:.0f}",
        f"{load.seconds:.0f}",
        *(_short(rate) for rate in (load.tuned, load.human)),
    )


def _short(rate: RateEstimate | None) -> str:
    if rate is None:
        return "none"
    if not rate.is_enough:
        return f"{rate.n}, {NOT_ENOUGH}"
    return f"{rate.passed} of {rate.n}, {rate.rate:.0%} ({rate.low:.0%} to {rate.high:.0%})"


def _notable(draft: NotableDraft) -> tuple[str, ...]:
    """Under NOTABLE_COLUMNS."""
    told = "; ".join(f"{one.review_class.value.replace('_', ' ')} ({one.reviewer})" for one in draft.verdicts)
    facts = f" Given to it: {_clipped('; '.join(fact.in_words() for fact in draft.facts))}" if draft.facts else ""
    edited = f"{draft.hardest.edit_ratio:.0%}"
    return (
        draft.brief,
        SYSTEM_LABELS[draft.system],
        told,
        edited,
        ", ".join(draft.reasons),
        f"{_clipped(draft.text)}{facts}",
    )


def _clipped(text: str) -> str:
    """On one line; a row that is higher than a page could not be printed."""
    line = " ".join(text.split())
    return line if len(line) <= NOTABLE_CHARACTERS else f"{line[: NOTABLE_CHARACTERS - 1]}…"


def _method_of_criteria(summary: ResultsSummary) -> str:
    critical = [one.criterion for one in summary.criteria if one.critical]
    return f", and failed no critical criterion ({', '.join(critical)})" if critical else ""


def _method_of_runs(summary: ResultsSummary) -> str:
    if len(summary.runs) < 2:
        return ""
    others = ", ".join(name for name in summary.runs if name != summary.run)
    return (
        f" Tuned drafts are those of the run {summary.run}; {others}: counted apart. "
        "What the base model wrote counts for every run on that model."
    )
