"""When to train again, and why: five reasons, each with what carries it, and nothing where none holds.

rate      the pass rate lies below the target, however often somebody looked (a confidence sequence)
kept      enough records were kept that the run's version does not hold: 20, and a tenth of what it holds
sources   a source that the version holds has expired, or does within 30 days
lapsed    what the version holds was withdrawn or limited since, as core/workflows/gates.py tells it
drift     of new records at least 15 % lie farther from the version's nearest record than 95 % of its own lie from theirs, and the
          interval of that share lies above the 5 % that would by themselves
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.review.statistics import wilson_interval

LEAST_KEPT, KEPT_SHARE = 20, 0.10
SOON_DAYS = 30
OWN_SHARE, DRIFT_SHARE = 0.05, 0.15
# Fewer of either say too little.
LEAST_NEW, LEAST_HELD = 30, 50


@dataclass(frozen=True, slots=True)
class Reason:
    """kind: rate, kept, sources, lapsed or drift. counts: the figures of the sentence by name."""

    kind: str
    sentence: str
    counts: Mapping[str, Any]


def rate_reason(
    run: str, rate: Mapping[str, Any], target: float, *, drafts: str = "drafts", caution: str = ""
) -> Reason | None:
    """rate: of the run's drafts as results tell it: n, passed, rate, is_enough, any_time. drafts: what these are called; caution: what belongs beside the rate."""
    if not rate["is_enough"] or not rate["any_time"] or rate["any_time"][1] >= target:
        return None
    low, high = rate["any_time"]
    return Reason(
        "rate",
        f"{drafts.capitalize()} of {run} pass {rate['rate']:.0%} of the time, below your target of {target:.0%} however often you looked "
        f"({low:.0%} to {high:.0%}, {rate['n']:,} drafts). {caution}".rstrip(),
        {"n": rate["n"], "passed": rate["passed"], "low": low, "high": high, "target": target},
    )


def kept_reason(version: str, n_new: int, n_held: int) -> Reason | None:
    """n_new: records kept since that the version does not hold. n_held: records that it holds."""
    if n_new < max(LEAST_KEPT, KEPT_SHARE * n_held):
        return None
    return Reason(
        "kept",
        f"{n_new:,} records were kept since {version} was frozen and are not in it; it holds {n_held:,}.",
        {"n_new": n_new, "n_held": n_held},
    )


def source_reasons(version: str, sources: Sequence[Mapping[str, Any]], today: date) -> list[Reason]:
    """sources: of the version, with name, expires_on as it is today, and n_records: how many the version holds of it."""
    found = []
    for source in sorted(sources, key=lambda one: (one["expires_on"] or date.max, one["name"])):
        days = (source["expires_on"] - today).days if source["expires_on"] else SOON_DAYS + 1
        if days > SOON_DAYS:
            continue
        when = f"expired on {source['expires_on']}" if days < 0 else f"expires on {source['expires_on']}"
        records = "1 record" if source["n_records"] == 1 else f"{source['n_records']:,} records"
        after = (
            "so the model may not be used as it is" if days < 0 else "after which the model may not be used as it is"
        )
        counts = {"source": source["name"], "n_records": source["n_records"], "days": days}
        found.append(
            Reason("sources", f"The source {source['name']} {when}, {after}: {version} holds {records} of it.", counts)
        )
    return found


def drift_reason(version: str, *, n_held: int, n_new: int, n_far: int) -> Reason | None:
    """n_held, n_new: records that were compared. n_far: new ones farther from the version than 95 % of its own from one another."""
    if n_held < LEAST_HELD or n_new < LEAST_NEW:
        return None
    share = n_far / n_new
    low, high = wilson_interval(n_far, n_new)
    if share < DRIFT_SHARE or low <= OWN_SHARE:
        return None
    return Reason(
        "drift",
        f"New material differs: {n_far:,} of {n_new:,} new records ({share:.0%}, 95% interval {low:.0%} to {high:.0%}) lie farther in meaning "
        f"from what {version} holds than {1 - OWN_SHARE:.0%} of its own records from one another ({n_held:,} compared).",
        {"n_held": n_held, "n_new": n_new, "n_far": n_far, "low": low, "high": high},
    )
