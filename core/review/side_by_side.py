"""What people said of two systems' drafts side by side: who is preferred, how surely, and whether chance explains it.

A pair counts once, however many people judged it: by what more than half of them said. Where there is no such thing, they differ,
and the pair is counted as that. Pairs of one and the same text are nobody's to judge; they are counted apart.

The rate is of pairs with a preference: both good and both bad say nothing of which is better, and are told beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.nouns import PairChoice
from core.review.paired import mcnemar
from core.review.sequential import sequential_mcnemar
from core.review.statistics import MIN_REVIEWS, RateEstimate, wilson_interval

MIRRORED = {PairChoice.FIRST: PairChoice.SECOND, PairChoice.SECOND: PairChoice.FIRST}


@dataclass(frozen=True, slots=True)
class PairVote:
    """One reviewer's word on one pair. is_first_left: how it stood on the screen."""

    choice: PairChoice
    is_first_left: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Pairs of drafts by two writers. ours, theirs: the names of these.

    first, second, both_good, both_bad: pairs by what more than half of those who judged said; differ: pairs without such.
    same: pairs of one and the same text, which nobody was asked about. waiting: pairs that lack verdicts.
    n_several: pairs that two or more judged, n_split: those of them on which not all said the same. left, right: single verdicts that
    preferred the text on that side.
    """

    ours: str
    theirs: str
    first: int
    second: int
    both_good: int
    both_bad: int
    differ: int
    same: int
    waiting: int
    n_several: int
    n_split: int
    left: int
    right: int

    @property
    def n(self) -> int:
        """Pairs that somebody judged."""
        return self.first + self.second + self.both_good + self.both_bad + self.differ

    @property
    def preference(self) -> RateEstimate | None:
        """How often ours is preferred among the pairs with a preference; None where there is none."""
        decided = self.first + self.second
        if not decided:
            return None
        return RateEstimate(decided, self.first, self.first / decided, *wilson_interval(self.first, decided))

    @property
    def p_value(self) -> float:
        """Of so uneven a split of the preferences, or a more uneven one, if neither were better (sign test, exact)."""
        return mcnemar(self.first, self.second)

    @property
    def any_time_p_value(self) -> float:
        """The same for whoever looks after every verdict and stops when it pleases."""
        return sequential_mcnemar(self.first, self.second)

    @property
    def is_enough(self) -> bool:
        """Whether there are so many pairs with a preference that a rate may be told."""
        return self.first + self.second >= MIN_REVIEWS


def mirrored(vote: PairVote) -> PairVote:
    """The same word on the pair with its drafts the other way round."""
    return PairVote(MIRRORED.get(vote.choice, vote.choice), not vote.is_first_left)


def outcome(votes: Sequence[PairVote]) -> PairChoice | None:
    """What more than half of them say; None where there is no such thing."""
    (choice, n), *_ = Counter(vote.choice for vote in votes).most_common(1)
    return choice if 2 * n > len(votes) else None


def count_pairs(
    ours: str, theirs: str, judged: Sequence[Sequence[PairVote]], *, same: int, waiting: int, is_turned: bool = False
) -> SideBySide:
    """judged: the votes on each pair that has some. is_turned: the pairs' second drafts are ours."""
    found = Counter(outcome(votes) for votes in judged)
    if is_turned:
        found = Counter({MIRRORED.get(choice, choice) if choice else None: n for choice, n in found.items()})
    several = [votes for votes in judged if len(votes) > 1]
    lefts = Counter(_is_left(vote) for votes in judged for vote in votes if vote.choice in MIRRORED)
    return SideBySide(
        ours=ours,
        theirs=theirs,
        first=found[PairChoice.FIRST],
        second=found[PairChoice.SECOND],
        both_good=found[PairChoice.BOTH_GOOD],
        both_bad=found[PairChoice.BOTH_BAD],
        differ=found[None],
        same=same,
        waiting=waiting,
        n_several=len(several),
        n_split=sum(len({vote.choice for vote in votes}) > 1 for votes in several),
        left=lefts[True],
        right=lefts[False],
    )


def _is_left(vote: PairVote) -> bool:
    return (vote.choice is PairChoice.FIRST) == vote.is_first_left
