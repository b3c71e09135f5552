"""Intervals and a test that hold however often somebody looks, and whenever they stop.

An interval for one planned look is too narrow for whoever watches the rate and stops when it pleases. A confidence sequence
covers the true share at every moment at once, with the probability that it says. Here: the shares that a bet against them
has not made twenty times its stake of, where the bet is a mixture of shares drawn evenly (a beta-binomial mixture).

Sources: Ville 1939 (the bound); Robbins 1970 (mixtures); Howard, Ramdas, McAuliffe, Sekhon 2021 (confidence sequences).
"""

from __future__ import annotations

import math
from collections.abc import Callable

HALVINGS = 60


def sequence_interval(passed: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Bounds of the share passed / n that hold at every n at once. n: above 0; confidence: in (0, 1)."""
    limit = -math.log(1 - confidence)
    share = passed / n
    low = 0.0 if passed == 0 else _crossing(lambda p: _log_bet(p, passed, n) - limit, 0.0, share)
    high = 1.0 if passed == n else _crossing(lambda p: _log_bet(p, passed, n) - limit, 1.0, share)
    return low, high


def sequential_mcnemar(ours: int, theirs: int) -> float:
    """Probability, at most, of ever seeing so uneven a split of the briefs on which one alone passed, if both passed equally often."""
    return min(1.0, math.exp(-_log_bet(0.5, ours, ours + theirs)))


def _log_bet(share: float, passed: float, n: float) -> float:
    """Logarithm of what one unit that was bet against the share has become: infinite where the share is impossible."""
    failed = n - passed
    if (share <= 0.0 and passed) or (share >= 1.0 and failed):
        return math.inf
    evenly = math.lgamma(passed + 1) + math.lgamma(failed + 1) - math.lgamma(n + 2)
    return evenly - (passed * math.log(share) if passed else 0.0) - (failed * math.log1p(-share) if failed else 0.0)


def _crossing(excess: Callable[[float], float], outside: float, inside: float) -> float:
    """Where the excess turns from positive (outside) to negative (inside), to the outer side of it."""
    for _ in range(HALVINGS):
        middle = (outside + inside) / 2
        if excess(middle) > 0:
            outside = middle
        else:
            inside = middle
    return outside
