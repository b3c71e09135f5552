"""How far two or more readers agree, chance allowed for.

Cohen's kappa (1960) for two readers, Krippendorff's alpha (2011) with the nominal metric for any number of readers and
for items that not everybody read. Both are 1 for full agreement, 0 for what chance alone would bring, and undefined
(None) where everybody said one and the same thing throughout.
Their intervals are of items drawn anew (bootstrap, Efron 1979, percentiles).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """pairs: what the first and the second reader said of each item."""
    n = len(pairs)
    if not n:
        return None
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[value] * second[value] for value in first) / n**2
    return None if expected == 1.0 else (observed - expected) / (1 - expected)


def krippendorff_alpha(items: Sequence[Sequence[str]]) -> float | None:
    """items: what each reader of an item said; items with fewer than two readings do not count."""
    read = [Counter(values) for values in items if len(values) > 1]
    totals = sum(read, Counter[str]())
    n = totals.total()
    if n < 2:
        return None
    disagreeing = sum(
        (values.total() ** 2 - sum(k * k for k in values.values())) / (values.total() - 1) for values in read
    )
    by_chance = (n * n - sum(k * k for k in totals.values())) / (n - 1)
    return None if by_chance == 0 else 1 - disagreeing / by_chance


def kappa_interval(
    pairs: Sequence[tuple[str, str]], *, confidence: float = 0.95, seed: int = 1, n_draws: int = 2_000
) -> tuple[float, float] | None:
    """Bounds of Cohen's kappa by drawing the items anew, with replacement (percentile bootstrap).

    None where kappa itself is undefined. Draws in which it is undefined do not count.
    """
    if cohen_kappa(pairs) is None:
        return None
    cells = sorted(Counter(pairs).items())
    drawn = np.random.default_rng(seed).multinomial(len(pairs), [n / len(pairs) for _, n in cells], size=n_draws) / len(
        pairs
    )
    values = sorted({value for cell, _ in cells for value in cell})
    observed = drawn[:, [a == b for (a, b), _ in cells]].sum(axis=1)
    expected = sum(
        drawn[:, [a == value for (a, _), _ in cells]].sum(axis=1)
        * drawn[:, [b == value for (_, b), _ in cells]].sum(axis=1)
        for value in values
    )
    defined = expected < 1.0 - 1e-12
    kappas = (observed[defined] - expected[defined]) / (1 - expected[defined])
    low, high = np.quantile(kappas, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def alpha_interval(
    items: Sequence[Sequence[bool]], *, confidence: float = 0.95, seed: int = 1, n_draws: int = 2_000
) -> tuple[float, float] | None:
    """Bounds of Krippendorff's alpha of readings that are yes or no. None where alpha itself is undefined.

    Drawn with two items more: one on which all agree, half yes and half no, and one on which they differ, each way alike. Without them items on
    which all agree, or nearly all, would have an interval without any doubt. Simulated for 20, 50 and 240 items of two, three or five
    readers, shares of yes from 0.5 to 0.95 and alphas from 0 to 0.9, it covers the true one in 93 % of cases at the least.
    """
    read = [one for one in items if len(one) > 1]
    found = Counter((len(one), sum(one)) for one in read)
    if len({yes for one in read for yes in one}) < 2:
        return None
    cells = [(n, n_yes) for n in sorted({len(one) for one in read}) for n_yes in range(n + 1)]
    of_size = Counter(len(one) for one in read)
    more = [of_size[n] / len(read) * (0.5 if n_yes in (0, n) else 1 / (n - 1)) for n, n_yes in cells]
    weights = np.array([found[cell] for cell in cells]) + np.array(more)
    drawn = np.random.default_rng(seed).multinomial(len(read), weights / weights.sum(), size=n_draws)
    sizes, yes = np.array(cells, dtype=np.float64).T
    disagreeing = drawn @ (2 * yes * (sizes - yes) / (sizes - 1))
    n_readings, n_yes_all = drawn @ sizes, drawn @ yes
    by_chance = 2 * n_yes_all * (n_readings - n_yes_all) / (n_readings - 1)
    is_defined = by_chance > 0
    alphas = 1 - disagreeing[is_defined] / by_chance[is_defined]
    low, high = np.quantile(alphas, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
