"""What the reviews of a project say: rates, comparisons and groups. Sentences, tables and JSON of it are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.nouns import ReviewClass, System
from core.review.breakdown import ReviewerLoad
from core.review.ceiling import SameReviewers
from core.review.notable import Notable
from core.review.paired import PairedComparison
from core.review.provenance import Provenance
from core.review.rubric import CriterionResult
from core.review.self_agreement import Repeats
from core.review.side_by_side import SideBySide
from core.review.statistics import RateEstimate

SYSTEM_LABELS = {
    System.TUNED: "Tuned model",
    System.BASE: "Base model",
    System.BASE_FEWSHOT: "Base model with three examples",
    System.TUNED_FACTS: "Tuned model with facts",
    System.BASE_FACTS: "Base model with facts",
    System.EXTERNAL: "Endpoint elsewhere",
    System.HUMAN: "Your own texts",
}
# What the drafts of a tuned system are called in a sentence. The rate that is told is of one of these.
TUNED_DRAFTS = {System.TUNED: "tuned drafts", System.TUNED_FACTS: "tuned drafts with facts"}
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

    alpha, and low and high of its 95 % interval: None where everybody said one and the same thing throughout.
    """

    n_drafts: int
    n_split: int
    alpha: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class RuleKept:
    """A rule of the brand guide: of each system's reviewed drafts, how many keep it. level: how much it matters."""

    rule: str
    level: str
    systems: Mapping[System, RateEstimate]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems on the briefs of which both have a draft with a verdict; in what was found "ours" is the system's."""

    system: System
    against: System
    found: PairedComparison


@dataclass(frozen=True, slots=True)
class ResultsSummary:
    """What the reviews of a project say of one run. reasons: tag to count, most frequent first. runs: all that have verdicts.

    system: the tuned one whose rate is told; systems_told: those that it could be, as their drafts have verdicts. compared: a tuned system
    with another one. ceiling: that system and the team's own texts within reviewers. tags, periods, versions: pass rates of its drafts;
    versions over all runs. n_held_back: verdicts that do not count yet; n_not_blind: those that never do. agreement: None where no draft has two verdicts. rules: of the
    brand guide in force. criteria: those that were scored.
    side_by_side: what was said of two writers' drafts beside one another. n_pairs_held_back: pairs with a verdict that do not count yet.
    set_aside: drafts that somebody took out of the queue before they were judged.
    repeats: reviewers against themselves, over all runs; None where nobody asked.
    light_edit_origin: where that limit comes from.
    ordered_since: from when on the queue showed the drafts first whose verdict is most uncertain, None where it did not; is_uneven: whether
    one that waited then still does, so that what is judged is an uneven choice.
    """

    project: str
    systems: tuple[SystemResult, ...]
    reasons: dict[str, int]
    n_reviewers: int
    n_open: int
    light_edit_limit: float
    run: str | None = None
    runs: tuple[str, ...] = ()
    system: System = System.TUNED
    systems_told: tuple[System, ...] = ()
    compared: tuple[Compared, ...] = ()
    ceiling: SameReviewers | None = None
    tags: Mapping[str, RateEstimate] = field(default_factory=dict)
    periods: Mapping[str, RateEstimate] = field(default_factory=dict)
    versions: Mapping[str, RateEstimate] = field(default_factory=dict)
    reviewers: tuple[ReviewerLoad, ...] = ()
    pass_target: float = PASS_TARGET
    n_held_back: int = 0
    n_not_blind: int = 0
    agreement: Agreement | None = None
    reviewers_per_draft: int = 1
    rules: tuple[RuleKept, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    side_by_side: tuple[SideBySide, ...] = ()
    n_pairs_held_back: int = 0
    set_aside: Mapping[System, int] = field(default_factory=dict)
    repeats: Repeats | None = None
    light_edit_origin: str = "the default"
    ordered_since: datetime | None = None
    is_uneven: bool = False
    notable: Notable = field(default_factory=Notable)
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def uneven_since(self) -> datetime | None:
        return self.ordered_since if self.is_uneven else None

    @property
    def told_rate(self) -> RateEstimate | None:
        return self.rate_of(self.system)

    def rate_of(self, system: System) -> RateEstimate | None:
        return next((result.rate for result in self.systems if result.system is system), None)
