"""Fine-tune, retrieve, or both: what a project's own counts say. No model is asked; the formula is this one.

Of the records that nobody rejected:
  teaches facts       what it teaches states a fact that goes stale (links aside) more than once in WORDS_A_FACT words
  teaches behaviour   a good record (kept, edited, or without a defect) that does not teach facts
  facts weigh         they are taught by FACTS_FROM of the records; by FACTS_THAT_CHANGE_FROM where some kind of them
                      changes often, by FACTS_THAT_STAY_FROM where those that can be told stay
  behaviour weighs    it is taught by BEHAVIOUR_FROM of the records
Both weigh: both. Facts alone: retrieve. Else: fine-tune.

How often facts change is told from dated records: of the values of a kind that a month states, the share that no month before
stated. Other values may speak of other things (two products, two prices), so this is an upper bound; with
less than LEAST_MONTHS months or LEAST_STATED values in the later months it cannot be told, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.curate.facts import FACT_PLURALS, FactKind

WORDS_A_FACT = 100
FACTS_FROM, FACTS_THAT_CHANGE_FROM, FACTS_THAT_STAY_FROM = 0.10, 0.05, 0.25
BEHAVIOUR_FROM = 0.25
LEAST_MONTHS, LEAST_STATED = 3, 20
CHANGE_OFTEN_FROM, STAY_BELOW = 0.5, 0.2


class Advice(StrEnum):
    """What to do with a project's knowledge. unknown: nothing was measured yet."""

    FINE_TUNE = "fine-tune"
    RETRIEVE = "retrieve"
    BOTH = "both"
    UNKNOWN = "unknown"


class Pace(StrEnum):
    OFTEN = "often"
    SOMETIMES = "sometimes"
    SELDOM = "seldom"
    UNTOLD = "cannot be told"


@dataclass(frozen=True, slots=True)
class Teaching:
    """Counts of the records that nobody rejected. n_dense: those that teach facts; n_with_fact: with any at all."""

    n: int
    n_with_fact: int
    n_dense: int
    n_good: int
    n_behaviour: int

    @property
    def fact_share(self) -> float:
        return self.n_dense / self.n if self.n else 0.0

    @property
    def behaviour_share(self) -> float:
        return self.n_behaviour / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """How often a kind of fact changes. n_later: values stated in the months after the first; n_new: those not stated before."""

    kind: FactKind
    n_values: int
    n_months: int
    n_later: int
    n_new: int

    @property
    def new_share(self) -> float | None:
        """In [0, 1]; None where it cannot be told."""
        if self.n_months < LEAST_MONTHS or self.n_later < LEAST_STATED:
            return None
        return self.n_new / self.n_later

    @property
    def pace(self) -> Pace:
        share = self.new_share
        if share is None:
            return Pace.UNTOLD
        if share >= CHANGE_OFTEN_FROM:
            return Pace.OFTEN
        return Pace.SELDOM if share < STAY_BELOW else Pace.SOMETIMES

    @property
    def sentence(self) -> str:
        name = FACT_PLURALS[self.kind].capitalize()
        values = f"{self.n_values:,} different {'value' if self.n_values == 1 else 'values'}"
        months = f"{self.n_months:,} {'month' if self.n_months == 1 else 'months'}"
        if self.new_share is None:
            return f"{name}: {values} in {months} with a date; too few to tell how often they change."
        return f"{name} change {self.pace}: {values} in {months}; of a month's values {self.new_share:.0%} had not been stated before."


def advise(teaching: Teaching, changes: Sequence[Change]) -> Advice:
    """The one word."""
    if not teaching.n:
        return Advice.UNKNOWN
    paces = {change.pace for change in changes} - {Pace.UNTOLD}
    facts_from = FACTS_FROM
    if Pace.OFTEN in paces:
        facts_from = FACTS_THAT_CHANGE_FROM
    elif paces == {Pace.SELDOM}:
        facts_from = FACTS_THAT_STAY_FROM
    if teaching.fact_share < facts_from:
        return Advice.FINE_TUNE
    return Advice.BOTH if teaching.behaviour_share >= BEHAVIOUR_FROM else Advice.RETRIEVE


def in_words(advice: Advice, teaching: Teaching, *, n_good: int, low: int) -> str:
    """The advice as a sentence with the counts that carry it. n_good, low: good examples, and how many the goal needs."""
    taught = f"{teaching.behaviour_share:.0%} of the records teach how to write, {teaching.fact_share:.0%} teach facts that go stale"
    missing = low - n_good
    wait = (
        f" Fine-tuning needs {missing:,} more good {'example' if missing == 1 else 'examples'} first."
        if missing > 0
        else ""
    )
    match advice:
        case Advice.UNKNOWN:
            return "Measure the records first: what they teach is not known yet."
        case Advice.FINE_TUNE:
            return f"Fine-tune: {taught}.{wait}"
        case Advice.RETRIEVE:
            return f"Retrieve: {taught}. Facts are better looked up when a draft is written than learnt."
        case Advice.BOTH:
            return f"Both: {taught}. Train the first, and mask or move the second in the recipe, to look them up.{wait}"
