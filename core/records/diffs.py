"""Code-review rows into diffs with their comments: a list of reviews with ratings, or one comment."""

from __future__ import annotations

from typing import Any

from core.records.cells import Cells, RowRefused, checked_text
from core.records.values import as_flag, as_list, as_number, as_text, storable

REFERENCE = "human_reference"
TEXT_KEYS = ("text", "comment", "body", "review", "message")
AUTHOR_KEYS = ("system", "author", "reviewer", "user")


def diff_content(cells: Cells) -> dict[str, Any]:
    """The content of a diff record. Raises RowRefused."""
    diff = cells.needed("diff", cells.text("diff").strip("\n"))
    if cells.has("reviews"):
        comments = [_review(i, item) for i, item in enumerate(cells.items("reviews"), start=1)]
    else:
        text = cells.needed("comment", cells.text("comment"))
        comments = [
            _comment("1", cells.fact("author"), text, is_reference=True, rating=as_number(cells.value("rating")))
        ]
    return {"diff": diff, "language": cells.fact("language"), "comments": comments}


def mean_rating(item: dict[str, Any]) -> float | None:
    """Mean of every number in the ratings of a review, whoever gave them; none where nobody rated."""
    ratings = item.get("ratings", item.get("rating"))
    values: list[float] = []
    for rating in as_list(ratings) or [ratings]:
        found = rating.values() if isinstance(rating, dict) else [rating]
        # A text in a rating is the annotator's name, also where it looks like a number.
        values += [n for v in found if not isinstance(v, str) and (n := as_number(v)) is not None]
    return sum(values) / len(values) if values else None


def _review(number: int, item: Any) -> dict[str, Any]:
    if isinstance(item, str):
        item = {"text": item}
    text = next((item[k] for k in TEXT_KEYS if isinstance(item.get(k), str)), None) if isinstance(item, dict) else None
    if text is None:
        raise RowRefused(f"Review {number} is not an object with a text. Mend it, or leave the row out.", item)
    author = storable(as_text(next((item[k] for k in AUTHOR_KEYS if item.get(k)), ""))).strip()
    is_reference = author == REFERENCE or as_flag(item.get("is_reference"))
    identity = storable(as_text(item.get("id"))) or str(number)
    return _comment(
        identity, author, checked_text(text, f"Review {number}"), is_reference=is_reference, rating=mean_rating(item)
    )


def _comment(identity: str, author: str, text: str, *, is_reference: bool, rating: float | None) -> dict[str, Any]:
    return {"id": identity, "author": author, "text": text.strip(), "is_reference": is_reference, "rating": rating}
