"""The drafts that a rate is best explained by: the worst, the best, and those over which reviewers differ.

Of drafts alone that may be told of; which those are is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.facts.given import GivenFact
from core.nouns import PASSING_CLASSES, ReviewClass, System

MOST_SHOWN = 5
# What each kind is called on pages and in reports, and in which order its drafts stand.
KINDS = {
    "worst": ("Worst drafts", "Rejected ones and critical fails first, then by how much was edited."),
    "best": ("Best drafts", "Signed off as they came by everybody who judged them."),
    "differing": ("Where reviewers differ", "Some pass the draft and others do not; the most evenly split first."),
}
# A draft that nobody could publish, whatever its edit.
UNUSABLE = (ReviewClass.REJECTED, ReviewClass.CRITICAL_FAIL)


@dataclass(frozen=True, slots=True)
class OneVerdict:
    """review: the verdict's id. edit_ratio: share of the words edited, in [0, 1]."""

    review: str
    reviewer: str
    review_class: ReviewClass
    edit_ratio: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotableDraft:
    """A draft with all its verdicts, oldest first; final_text: what the hardest of them made of it.

    Texts and facts, the passages that it was given to look at, are empty until they are needed.
    """

    draft: str
    brief: str
    system: System
    verdicts: tuple[OneVerdict, ...]
    text: str = ""
    final_text: str = ""
    facts: tuple[GivenFact, ...] = ()

    @property
    def n_passed(self) -> int:
        return sum(one.review_class in PASSING_CLASSES for one in self.verdicts)

    @property
    def hardest(self) -> OneVerdict:
        return max(self.verdicts, key=lambda one: (one.review_class in UNUSABLE, one.edit_ratio))

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(reason for one in self.verdicts for reason in one.reasons))


@dataclass(frozen=True, slots=True)
class Notable:
    """worst, best: of the system whose rate is told. differing: of any system."""

    worst: tuple[NotableDraft, ...] = ()
    best: tuple[NotableDraft, ...] = ()
    differing: tuple[NotableDraft, ...] = ()

    def by_kind(self) -> dict[str, tuple[NotableDraft, ...]]:
        """Those that there are, under the names of KINDS."""
        listed = {"worst": self.worst, "best": self.best, "differing": self.differing}
        return {kind: drafts for kind, drafts in listed.items() if drafts}


def notable(drafts: Iterable[NotableDraft], ours: System, *, most: int = MOST_SHOWN) -> Notable:
    """drafts: newest last."""
    newest = list(reversed(list(drafts)))
    of_ours = [draft for draft in newest if draft.system is ours]
    return Notable(worst(of_ours)[:most], best(of_ours)[:most], differing(newest)[:most])


def worst(drafts: Sequence[NotableDraft]) -> tuple[NotableDraft, ...]:
    """Every draft that somebody changed or did not pass: the share that found it rejected or a critical fail first, then the largest edit."""
    changed = [one for one in drafts if any(v.review_class is not ReviewClass.AS_IS for v in one.verdicts)]

    def hardness(one: NotableDraft) -> tuple[float, float]:
        unusable = sum(v.review_class in UNUSABLE for v in one.verdicts)
        return unusable / len(one.verdicts), sum(v.edit_ratio for v in one.verdicts) / len(one.verdicts)

    return tuple(sorted(changed, key=hardness, reverse=True))


def best(drafts: Sequence[NotableDraft]) -> tuple[NotableDraft, ...]:
    """Every draft that all its reviewers signed off as it came; those of most reviewers first."""
    as_came = [one for one in drafts if all(v.review_class is ReviewClass.AS_IS for v in one.verdicts)]
    return tuple(sorted(as_came, key=lambda one: len(one.verdicts), reverse=True))


def differing(drafts: Sequence[NotableDraft]) -> tuple[NotableDraft, ...]:
    """Every draft that some reviewers pass and others do not; the most evenly split first."""
    split = [one for one in drafts if 0 < one.n_passed < len(one.verdicts)]
    return tuple(sorted(split, key=lambda one: abs(2 * one.n_passed - len(one.verdicts)) / len(one.verdicts)))
