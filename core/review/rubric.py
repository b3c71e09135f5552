"""What reviewers may say of a draft besides the verdict: reasons to choose from, and criteria to score, some of them critical.

A reason may say what finds its like among the records, so that what reviewers complain of can be curated away.

A score is of the draft as it came. A draft that fails a critical criterion does not pass, however little it took to mend it:
one wrong price is one word, and no draft that may go out unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.curate.flags.registry import BY_NAME
from core.errors import Invalid
from core.nouns import Score, System
from core.review.statistics import RateEstimate, rate_by_brief
from core.review.yaml_file import plain_values

MAX_REASONS, MAX_CRITERIA = 20, 12
MAX_NAME, MAX_MEANING, MAX_WORDS = 80, 400, 200
MAX_FILE = 1 << 20
KEYS, CRITERION_KEYS, SEARCH_KEYS = (
    ("reasons", "criteria", "searches"),
    ("name", "meaning", "critical"),
    ("reason", "flag", "holds"),
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """name: shown beside its scores. meaning: what it asks, in a sentence, or empty. critical: whether a draft that fails it cannot pass."""

    name: str
    meaning: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True)
class ReasonSearch:
    """What finds the like of a reason among the records: a flag, or words that the text holds; one of the two."""

    reason: str
    flag: str = ""
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Rubric:
    """reasons: the first nine have keys; none for those of the goal. searches: of the reasons that have one."""

    reasons: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    searches: tuple[ReasonSearch, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion over the reviewed drafts of each system. rates: of scored drafts those that do not fail; counts: the scores themselves."""

    criterion: str
    critical: bool
    rates: Mapping[System, RateEstimate] = field(default_factory=dict)
    counts: Mapping[System, Mapping[Score, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """One score. draft: several reviewers may have scored it; brief: empty where the draft is the only one of its brief."""

    draft: str
    system: System
    criterion: str
    score: Score
    critical: bool
    brief: str = ""


def read_rubric(values: Any) -> Rubric:
    """A rubric from plain values. Raises Invalid naming the place, the value and what is allowed."""
    if not isinstance(values, Mapping):
        raise Invalid(f"A rubric is {_shown(values)}.", remedy=f"It has the keys {', '.join(KEYS)}.")
    unknown = sorted(set(map(str, values)) - set(KEYS))
    if unknown:
        raise Invalid(f"The rubric has {unknown[0]!r}.", remedy=f"Known are {', '.join(KEYS)}.")
    reasons = _reasons(values.get("reasons") or [])
    return Rubric(
        reasons, _criteria(values.get("criteria") or []), _searches(values.get("searches") or [], reasons=reasons)
    )


def read_file(content: bytes) -> Rubric:
    """A rubric from YAML or JSON. Raises Invalid."""
    return read_rubric(plain_values(content, what="rubric", most_bytes=MAX_FILE))


def as_values(rubric: Rubric) -> dict[str, Any]:
    """Plain values that read back the same."""
    return {
        "reasons": list(rubric.reasons),
        "criteria": [asdict(one) for one in rubric.criteria],
        "searches": [{name: value for name, value in asdict(one).items() if value} for one in rubric.searches],
    }


def checked_scores(rubric: Rubric, scores: Mapping[str, str]) -> dict[Criterion, Score]:
    """The scores by criterion, in the rubric's order. Raises Invalid for a criterion or a score that there is not."""
    known = {criterion.name: criterion for criterion in rubric.criteria}
    for name, score in scores.items():
        if name not in known:
            asked = f"Asked are {', '.join(known)}." if known else "This project asks for none; leave the scores out."
            raise Invalid(f"There is no criterion {name!r}.", remedy=asked)
        if score not in list(Score):
            raise Invalid(f"{score!r} is no score of {name!r}.", remedy=f"Choose {', '.join(Score)}.")
    return {criterion: Score(scores[name]) for name, criterion in known.items() if name in scores}


def failed_critically(scores: Mapping[Criterion, Score]) -> list[str]:
    """The critical criteria that a draft fails, by name."""
    return [criterion.name for criterion, score in scores.items() if criterion.critical and score is Score.FAILS]


def by_criterion(scored: Iterable[Scored]) -> list[CriterionResult]:
    """In the order of first mention. A draft that several scored counts once, by most of them; a tie fails.

    critical: whether the criterion was so for any of the scores.
    """
    scores: dict[str, dict[System, dict[str, list[Score]]]] = {}
    critical: set[str] = set()
    briefs: dict[str, str] = {}
    for one in scored:
        briefs[one.draft] = one.brief or one.draft
        scores.setdefault(one.criterion, {}).setdefault(one.system, {}).setdefault(one.draft, []).append(one.score)
        if one.critical:
            critical.add(one.criterion)
    return [
        CriterionResult(
            criterion,
            criterion in critical,
            {system: _rate(drafts, briefs) for system, drafts in systems.items()},
            {
                system: {score: sum(found.count(score) for found in drafts.values()) for score in Score}
                for system, drafts in systems.items()
            },
        )
        for criterion, systems in scores.items()
    ]


def _rate(drafts: Mapping[str, list[Score]], briefs: Mapping[str, str]) -> RateEstimate:
    return rate_by_brief(
        [
            (briefs[draft], 2 * sum(score is not Score.FAILS for score in found) > len(found))
            for draft, found in drafts.items()
        ]
    )


def _reasons(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Invalid(f"The reasons are {_shown(value)}.", remedy="Write a list of them.")
    if len(value) > MAX_REASONS:
        raise Invalid(f"The rubric has {len(value)} reasons.", remedy=f"Use up to {MAX_REASONS}.")
    reasons = [_name(one, f"Reason {place}") for place, one in enumerate(value, start=1)]
    _all_different(reasons, "reasons")
    return tuple(reasons)


def _criteria(value: Any) -> tuple[Criterion, ...]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Invalid(f"The criteria are {_shown(value)}.", remedy="Write a list of criteria, each with a name.")
    if len(value) > MAX_CRITERIA:
        raise Invalid(f"The rubric has {len(value)} criteria.", remedy=f"Use up to {MAX_CRITERIA}.")
    criteria = [_criterion(one, f"Criterion {place}") for place, one in enumerate(value, start=1)]
    _all_different([one.name for one in criteria], "criteria")
    return tuple(criteria)


def _criterion(value: Mapping[Any, Any], place: str) -> Criterion:
    unknown = sorted(set(map(str, value)) - set(CRITERION_KEYS))
    if unknown:
        raise Invalid(f"{place} has {unknown[0]!r}.", remedy=f"Known are {', '.join(CRITERION_KEYS)}.")
    meaning, critical = value.get("meaning") or "", value.get("critical") or False
    if not isinstance(meaning, str) or len(meaning) > MAX_MEANING:
        raise Invalid(
            f"{place} has a meaning that is no text, or too long.", remedy=f"Write up to {MAX_MEANING} characters."
        )
    if not isinstance(critical, bool):
        raise Invalid(f"{place} has {_shown(critical)} for critical.", remedy="Write true or false.")
    return Criterion(_name(value.get("name"), place), " ".join(meaning.split()), critical)


def _searches(value: Any, *, reasons: tuple[str, ...]) -> tuple[ReasonSearch, ...]:
    """reasons: those that one may be for; none where the goal's are meant, which stand elsewhere."""
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Invalid(
            f"The searches are {_shown(value)}.", remedy="Write a list of searches, each with a reason, and a flag or words that a text holds."
        )  # fmt: skip
    searches = [_search(one, f"Search {place}") for place, one in enumerate(value, start=1)]
    for one in searches:
        if reasons and one.reason not in reasons:
            raise Invalid(
                f"There is a search for the reason {one.reason!r}.", remedy=f"Reasons are {', '.join(reasons)}."
            )
    _all_different([one.reason for one in searches], "searches")
    return tuple(searches)


def _search(value: Mapping[Any, Any], place: str) -> ReasonSearch:
    unknown = sorted(set(map(str, value)) - set(SEARCH_KEYS))
    if unknown:
        raise Invalid(f"{place} has {unknown[0]!r}.", remedy=f"Known are {', '.join(SEARCH_KEYS)}.")
    reason, flag, holds = _name(value.get("reason"), place), value.get("flag") or "", value.get("holds") or ""
    if not isinstance(flag, str) or not isinstance(holds, str) or len(holds) > MAX_WORDS:
        raise Invalid(
            f"{place} has a flag or words that are no text, or too long.",
            remedy=f"Write the name of a flag, or up to {MAX_WORDS} characters that a text holds.",
        )
    flag, holds = "_".join(flag.split()), " ".join(holds.split())
    if bool(flag) == bool(holds):
        raise Invalid(
            f"{place}, for {reason!r}, has {'both a flag and words' if flag else 'neither a flag nor words'}.",
            remedy="Give it one of the two.",
        )
    if flag and flag not in BY_NAME:
        raise Invalid(f"There is no flag {flag!r}.", remedy=f"Flags are {', '.join(sorted(BY_NAME))}.")
    return ReasonSearch(reason, flag, holds)


def _name(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value.strip()) > MAX_NAME:
        raise Invalid(f"{place} is called {_shown(value)}.", remedy=f"Write a name of up to {MAX_NAME} characters.")
    return " ".join(value.split())


def _all_different(names: list[str], what: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(f"Two {what} are called {name!r}.", remedy="Give each a name of its own.")


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."
