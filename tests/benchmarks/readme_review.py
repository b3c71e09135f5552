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


ROWS = {"retrieval": retrieval}
