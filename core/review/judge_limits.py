"""How many verdicts a judge needs, when it may order a queue, and what is to be said of rates then. Loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

LEAST_VERDICTS, LEAST_OF_EACH = 30, 8


def is_enough(n_passed: int, n_failed: int) -> bool:
    return n_passed + n_failed >= LEAST_VERDICTS and min(n_passed, n_failed) >= LEAST_OF_EACH


def may_order(facts: Mapping[str, Any]) -> bool:
    """Whether it sorts drafts better than chance: the interval of its AUROC lies above one half."""
    return bool(facts["auroc_low"] > 0.5)


def in_words(facts: Mapping[str, Any]) -> str:
    """How well a judge agrees, in a sentence."""
    return (
        f"From the text alone it would agree with your reviewers on {facts['agreement']:.0%} of drafts, kappa {facts['kappa']:.2f} "
        f"({facts['kappa_low']:.2f} to {facts['kappa_high']:.2f}), AUROC {facts['auroc']:.2f} ({facts['auroc_low']:.2f} to {facts['auroc_high']:.2f}), "
        f"n {facts['n']:,} on {facts['n_briefs']:,} briefs; always saying what is more frequent would agree on {facts['share_of_larger']:.0%}."
    )


def elsewhere_in_words(facts: Mapping[str, Any]) -> str:
    """What the model elsewhere adds to a judge, and how well it agrees by itself, in sentences; empty where it was not asked."""
    told = facts.get("elsewhere")
    if not told:
        return ""
    asked = f"{told['model']} at {told['host']} has an opinion of {told['n_asked']:,} of the drafts"
    if told["alone"]:
        alone = told["alone"]
        asked += (
            f": by itself it would agree on {alone['agreement']:.0%} of the {alone['n']:,} among them with a verdict, kappa {alone['kappa']:.2f} "
            f"({alone['kappa_low']:.2f} to {alone['kappa_high']:.2f}), AUROC {alone['auroc']:.2f} ({alone['auroc_low']:.2f} to {alone['auroc_high']:.2f}). "
            f"Without it kappa would be {told['kappa_without']:.2f}."
        )
    else:
        asked += ", too few of them with a verdict to say how well it agrees by itself."
    left = f" Of {told['n_left']:,} it has none." if told["n_left"] else ""
    return f"{asked}{left} {told['why']}".strip()


def uneven_in_words(since: datetime) -> str:
    """What belongs beside every rate as long as the order makes an uneven choice of what is judged."""
    return (
        f"From {since:%Y-%m-%d} on the drafts were shown first whose verdict is most uncertain. Until all that waited then are judged, the rates are "
        "those of an uneven choice, and their intervals do not hold."
    )
