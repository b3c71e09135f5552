"""Which column of a table is what: guessed from names, with a reason, and open to correction.

A name that is exactly one of a field's known names wins; among several the order below decides.
What is not mapped stays with the record under `extra`, so nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import Invalid
from core.nouns import Goal

KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "external_id", "ticket_id", "uuid", "key", "number"),
    "title": ("title", "subject", "headline", "summary", "name"),
    "text": ("text", "body", "content", "post", "article", "body_html", "html", "markdown", "full_text"),
    "question": ("question", "body_html", "description", "customer_message", "request", "body", "problem"),
    "answer": ("answer", "solution", "resolution", "reply", "agent_reply"),
    "answers": ("answers", "messages", "comments", "thread", "replies", "conversation"),
    "messages": ("messages", "conversations", "conversation", "chat"),
    "prompt": ("prompt", "instruction", "input", "question"),
    "response": ("response", "completion", "output", "answer", "response1"),
    "diff": ("diff", "patch", "hunk"),
    "comment": ("comment", "review", "review_comment", "feedback"),
    "reviews": ("reviews", "comments"),
    "language": ("lang", "language", "locale"),
    "author": ("author", "writer", "agent"),
    "asker": ("asker", "requester", "customer_name"),
    "customer": ("customer", "company", "organisation", "organization", "account"),
    "created_at": ("created_at", "created", "date", "published_at", "published", "timestamp"),
    "url": ("url", "link", "permalink"),
    "tags": ("tags", "labels", "categories"),
    "category": ("category", "topic"),
    "repository": ("repository", "repo"),
}
SHAPES: dict[Goal, tuple[tuple[str, tuple[str, ...]], ...]] = {
    Goal.VOICE: (
        ("chat", ("messages",)),
        ("document", ("text",)),
        ("chat", ("prompt", "response")),
        ("thread", ("question", "answers")),
    ),
    Goal.SUPPORT: (
        ("thread", ("question", "answers")),
        ("thread", ("question", "answer")),
        ("chat", ("messages",)),
        ("chat", ("prompt", "response")),
        ("document", ("text",)),
    ),
    Goal.CODE: (
        ("diff", ("diff", "reviews")),
        ("diff", ("diff", "comment")),
        ("chat", ("messages",)),
        ("chat", ("prompt", "response")),
        ("document", ("text",)),
    ),
}
FACTS = (
    "id",
    "title",
    "author",
    "asker",
    "customer",
    "created_at",
    "url",
    "tags",
    "category",
    "repository",
    "language",
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """shape: the kind of record a row becomes. columns: our field to the file's column. reasons: why, by field."""

    shape: str
    columns: dict[str, str]
    reasons: dict[str, str]


def guess_mapping(columns: list[str], goal: Goal, chosen: dict[str, str], sample: dict[str, Any]) -> Mapping:
    """The mapping for a table with these columns. chosen: corrections by a person, which win.

    sample: one row, to tell a list of messages from a text of that name.
    Raises Invalid naming the columns there are when no shape fits.
    """
    for field, column in chosen.items():
        if field not in KNOWN_NAMES:
            raise Invalid(f"There is no field {field!r}.", remedy=f"Fields are {', '.join(KNOWN_NAMES)}.")
        if column not in columns:
            raise Invalid(f"There is no column {column!r}.", remedy=f"The columns are {', '.join(columns[:40])}.")
    by_name = {column.strip().lower().replace(" ", "_").replace("-", "_"): column for column in reversed(columns)}
    for shape, needed in SHAPES[goal]:
        found = _columns_for(needed, by_name, chosen, sample)
        if found is not None:
            return _complete(shape, found, by_name, chosen)
    text_columns = [c for c in columns if isinstance(sample.get(c), str) and len(sample[c].split()) >= 1]
    if goal is Goal.VOICE and text_columns:
        longest = max(text_columns, key=lambda c: len(sample[c]))
        mapping = _complete("document", {"text": longest}, by_name, chosen)
        return Mapping(mapping.shape, mapping.columns, mapping.reasons | {"text": "the column with the longest text"})
    wanted = " or ".join("+".join(needed) for _, needed in SHAPES[goal])
    raise Invalid(
        f"None of the columns {', '.join(columns[:40]) or '(none)'} could be recognised for the goal {goal.value}.",
        remedy=f"Say which column holds what; needed is {wanted}.",
    )


def _columns_for(
    needed: tuple[str, ...], by_name: dict[str, str], chosen: dict[str, str], sample: dict[str, Any]
) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for field in needed:
        column = chosen.get(field) or next(
            (by_name[n] for n in KNOWN_NAMES[field] if n in by_name and by_name[n] not in found.values()), None
        )
        must_be_list = field in ("answers", "messages", "reviews")
        if column is None or isinstance(sample.get(column), list) != must_be_list:
            return None
        found[field] = column
    return found


def _complete(shape: str, found: dict[str, str], by_name: dict[str, str], chosen: dict[str, str]) -> Mapping:
    columns = dict(found)
    for field in FACTS:
        candidates = [by_name[name] for name in KNOWN_NAMES[field] if name in by_name]
        column = chosen.get(field) or next((c for c in candidates if c not in columns.values()), None)
        if column is not None:
            columns[field] = column
    reasons = {f: "chosen by hand" if f in chosen else f"a usual name for the {f}" for f in columns}
    return Mapping(shape, columns, reasons)
