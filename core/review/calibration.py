"""Which light-edit limit serves a team, by pairs of draft and final text that people labelled.

The limit tells a light edit from a rewrite and nothing else, so a label counts as a pass (the same text, a light edit) or as none.
A limit is judged by its balanced agreement: the mean of the share of passes that lie up to it and of the share of rewrites that lie
above it, which does not follow from how many pairs of either kind were shown. How sure it is, is told by drawing the pairs anew, and by
choosing a limit on one half of them and trying it on the other.

Not covered: what an edit changed; two edits of one size are alike here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from core.curate.agreement import cohen_kappa, kappa_interval, krippendorff_alpha
from core.nouns import PASSING_CLASSES, EditLabel, ReviewClass, ReviewDecision
from core.review.edits import LIGHT_EDIT_LIMIT, classify

MIN_PAIRS = 20
# With fewer passes, or fewer rewrites, a single label would place the limit.
FEWEST_OF_A_KIND = 3
N_DRAWS, N_HALVES, SEED = 1_000, 400, 31
# Whole percents, as far as the setting goes.
LIMITS = np.arange(51) / 100
SEVERITY = {label: place for place, label in enumerate(EditLabel)}

Booleans = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """ratio: share of the words edited. labels: one of each person."""

    ratio: float
    labels: tuple[EditLabel, ...]

    @property
    def label(self) -> EditLabel:
        """The middle one; of an even number the stricter of the two, as a tie is no pass."""
        return sorted(self.labels, key=SEVERITY.__getitem__)[len(self.labels) // 2]

    @property
    def passes(self) -> bool:
        return self.label is not EditLabel.REWRITTEN


@dataclass(frozen=True, slots=True)
class Served:
    """How well a limit serves. agreement: of the pairs, whose class it gets right; balanced: over passes and rewrites alike.

    kappa, with its interval: None where everything is one and the same.
    """

    limit: float
    agreement: float
    balanced: float | None
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None


@dataclass(frozen=True, slots=True)
class BestLimit:
    """low, high: every whole percent from one to the other serves equally well, and none serves better. served: by the one to take, which
    is the one in force where it is among them, else the middle one.

    drawn_low, drawn_high: where the best limit lies in 95 of 100 draws of the pairs. on_other_half: the balanced agreement that a limit
    chosen on half of the pairs reaches on the other half, on average, and in 95 of 100 halves.
    """

    low: float
    high: float
    served: Served
    drawn_low: float
    drawn_high: float
    on_other_half: float
    on_other_half_low: float
    on_other_half_high: float

    @property
    def limit(self) -> float:
        return self.served.limit


@dataclass(frozen=True, slots=True)
class Calibration:
    """classes: by the limit in force, how many pairs were labelled how. alpha: between people, on pairs that several labelled; None of few.

    best: None where there are too few labels; why_not says so.
    """

    n_pairs: int
    n_people: int
    n_shared: int
    alpha: float | None
    classes: Mapping[ReviewClass, Mapping[EditLabel, int]]
    in_force: Served
    best: BestLimit | None
    why_not: str


def calibrate(pairs: Sequence[LabelledPair], *, limit: float, n_people: int) -> Calibration:
    """What the labels say of the limit in force, and which limit would serve best. pairs: at least one."""
    shared = [pair.labels for pair in pairs if len(pair.labels) > 1]
    why_not = _why_not(pairs)
    return Calibration(
        n_pairs=len(pairs),
        n_people=n_people,
        n_shared=len(shared),
        alpha=krippendorff_alpha(shared) if len(shared) >= MIN_PAIRS else None,
        classes=_classes(pairs, limit),
        in_force=served_by(pairs, limit),
        best=None if why_not else best_limit(pairs, in_force=limit),
        why_not=why_not,
    )


def served_by(pairs: Sequence[LabelledPair], limit: float) -> Served:
    """How far the classes that a limit gives agree with the labels, over passing alone."""
    said = [(_word(_class(pair, limit) in PASSING_CLASSES), _word(pair.passes)) for pair in pairs]
    right = {kind: [a == b for a, b in said if b == kind] for kind in ("pass", "no pass")}
    shares = [sum(found) / len(found) for found in right.values() if found]
    interval = kappa_interval(said, seed=SEED)
    return Served(
        limit=limit,
        agreement=sum(a == b for a, b in said) / len(said),
        balanced=sum(shares) / 2 if len(shares) == 2 else None,
        kappa=cohen_kappa(said),
        kappa_low=interval[0] if interval else None,
        kappa_high=interval[1] if interval else None,
    )


def best_limit(pairs: Sequence[LabelledPair], *, in_force: float) -> BestLimit:
    """The limit with the largest balanced agreement; the pairs hold passes and rewrites, at least two of either."""
    ratios = np.asarray([pair.ratio for pair in pairs])
    passes = np.asarray([pair.passes for pair in pairs])
    up_to = ratios[:, None] <= LIMITS
    low, middle, high = _best(_balanced(up_to, passes, np.ones((1, len(pairs)))))[0]
    random = np.random.default_rng(SEED)
    drawn = _best(_balanced(up_to, passes, _drawn_anew(passes, random)))[:, 1]
    halves = _halves(passes, random)
    chosen = _best(_balanced(up_to, passes, halves))[:, 1]
    reached = _balanced(up_to, passes, 1.0 - halves)[np.arange(N_HALVES), chosen]
    is_among = LIMITS[low] <= in_force <= LIMITS[high]
    return BestLimit(
        low=float(LIMITS[low]),
        high=float(LIMITS[high]),
        served=served_by(pairs, in_force if is_among else float(LIMITS[middle])),
        drawn_low=float(np.quantile(LIMITS[drawn], 0.025)),
        drawn_high=float(np.quantile(LIMITS[drawn], 0.975)),
        on_other_half=float(reached.mean()),
        on_other_half_low=float(np.quantile(reached, 0.025)),
        on_other_half_high=float(np.quantile(reached, 0.975)),
    )


def asking_order(ratios: Mapping[str, float], *, limit: float) -> list[str]:
    """Ids in the order in which to ask about them: in turn one near the limit and one from anywhere, each time the farthest from those before.

    By rank, so that the pairs are spread however the ratios are distributed.
    """
    everything = sorted(ratios, key=lambda one: (ratios[one], one))
    near = [one for one in everything if limit / 2 <= ratios[one] <= 2 * limit]
    turns = [iter(_spread(near)), iter(_spread(everything))]
    order: dict[str, None] = {}
    while len(order) < len(everything):
        for turn in turns:
            found = next((one for one in turn if one not in order), None)
            if found is not None:
                order[found] = None
    return list(order)


def origin(limit: float, calibration: Mapping[str, Any] | None) -> str:
    """Where the limit in force comes from, to stand beside it. calibration: what it was last calibrated on."""
    if calibration and calibration["limit"] == limit:
        people = "1 person" if calibration["n_people"] == 1 else f"{calibration['n_people']} people"
        on = datetime.fromisoformat(calibration["at"])
        return f"calibrated on {calibration['n_pairs']} pairs labelled by {people}, on {on:%Y-%m-%d}"
    return "the default" if limit == LIGHT_EDIT_LIMIT else "set by hand"


def _why_not(pairs: Sequence[LabelledPair]) -> str:
    if len(pairs) < MIN_PAIRS:
        return f"{len(pairs)} of at least {MIN_PAIRS} pairs have a label."
    n_passes = sum(pair.passes for pair in pairs)
    n_rewrites = len(pairs) - n_passes
    if min(n_passes, n_rewrites) < FEWEST_OF_A_KIND:
        return (
            f"{n_rewrites} of {len(pairs)} pairs are labelled as rewritten; a limit can be found from {FEWEST_OF_A_KIND} on that are, "
            "and as many that are not."
        )
    return ""


def _classes(pairs: Sequence[LabelledPair], limit: float) -> dict[ReviewClass, dict[EditLabel, int]]:
    counts = Counter((_class(pair, limit), pair.label) for pair in pairs)
    signed_off = (ReviewClass.AS_IS, ReviewClass.LIGHT_EDIT, ReviewClass.REWRITTEN)
    return {
        kind: {label: counts[kind, label] for label in EditLabel}
        for kind in signed_off
        if kind is not ReviewClass.AS_IS or any(found is kind for found, _ in counts)
    }


def _class(pair: LabelledPair, limit: float) -> ReviewClass:
    return classify(ReviewDecision.SIGN_OFF, pair.ratio, light_edit_limit=limit)


def _word(passes: bool) -> str:
    return "pass" if passes else "no pass"


def _balanced(up_to: Booleans, passes: Booleans, weights: Numbers) -> Numbers:
    """Balanced agreement of each limit (columns) for each weighting of the pairs (rows)."""
    kept = weights @ (up_to & passes[:, None]) / (weights @ passes)[:, None]
    caught = weights @ (~up_to & ~passes[:, None]) / (weights @ ~passes)[:, None]
    return (kept + caught) / 2


def _best(balanced: Numbers) -> npt.NDArray[np.int64]:
    """For each row the places of the lowest, the middle and the highest of its best limits; of several stretches the first."""
    found = []
    for row, is_best in zip(balanced, np.isclose(balanced, balanced.max(axis=1, keepdims=True)), strict=True):
        low = high = int(is_best.argmax())
        while high + 1 < len(row) and is_best[high + 1]:
            high += 1
        found.append((low, (low + high) // 2, high))
    return np.asarray(found)


def _drawn_anew(passes: Booleans, random: np.random.Generator) -> Numbers:
    """How often each pair is in each draw; passes and rewrites are drawn apart, so that neither is ever missing."""
    weights = np.zeros((N_DRAWS, len(passes)))
    for kind in (passes, ~passes):
        n = int(kind.sum())
        weights[:, kind] = random.multinomial(n, np.full(n, 1 / n), size=N_DRAWS)
    return weights


def _halves(passes: Booleans, random: np.random.Generator) -> Numbers:
    """1 for the pairs of a half, 0 for the others; half of the passes and half of the rewrites, the odd one now here, now there."""
    weights = np.zeros((N_HALVES, len(passes)))
    for row, half in enumerate(weights):
        for kind in (passes, ~passes):
            places = random.permutation(np.flatnonzero(kind))
            half[places[: (len(places) + row % 2) // 2]] = 1.0
    return weights


def _spread(ordered: Sequence[str]) -> list[str]:
    """The middle one first, then the middles of the halves, and so on."""
    found, stretches = [], [(0, len(ordered))]
    while stretches:
        low, high = stretches.pop(0)
        if low < high:
            middle = (low + high) // 2
            found.append(ordered[middle])
            stretches += [(low, middle), (middle + 1, high)]
    return found
