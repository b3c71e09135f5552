"""The README's rows on drafts and their review, each from the last result of its benchmark; one without a result has no row."""

from __future__ import annotations

from typing import Any

Row = tuple[str, str, str, str, str, str]


def retrieval(result: dict[str, Any]) -> list[Row]:
    def told(order: str, depth: int) -> str:
        found = result["orders"][order][f"recall@{depth}"]
        return f"{found['recall']:.1%}"

    both = result["orders"]["both"]
    return [
        (
            f"A support question finds its own answer among all, recall@{depth}", "words alone; meaning alone; rank fusion; bm25s", told("both", depth),
            "; ".join(told(order, depth) for order in ("words", "meaning", "rank_fusion", "bm25s")),
            f"{both[f'recall@{depth}']['low']:.1%} to {both[f'recall@{depth}']['high']:.1%}",
            f"{result['n_questions']} questions, {result['n_passages']} passages",
        )
        for depth in (1, 5)
    ]  # fmt: skip


def edit_classes(result: dict[str, Any]) -> list[Row]:
    """The limit decides whether an edit passes, so that is compared."""
    ours, best = result["passing"], result["best"]
    lowest, highest = best["drawn_low"], best["drawn_high"]
    return [
        (
            "Whether an edit passes, as a reader calls it (a language model, not a person): balanced agreement",
            f"the limit that serves this reader best, {best['served']['limit']:.0%} ({lowest:.0%} to {highest:.0%})",
            f"{ours['balanced']:.0%} at the default of {result['limit']:.0%}",
            f"{best['served']['balanced']:.0%}; chosen on half, {best['on_other_half']:.0%} on the other half",
            f"kappa {ours['kappa']:.2f} ({ours['kappa_low']:.2f} to {ours['kappa_high']:.2f}) and "
            f"{best['served']['kappa']:.2f} ({best['served']['kappa_low']:.2f} to {best['served']['kappa_high']:.2f})",
            f"{result['n']} edits of real posts",
        )
    ]


ROWS = {"retrieval": retrieval, "edit_classes": edit_classes}
