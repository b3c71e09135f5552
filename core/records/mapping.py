"""Which column of a table is what: guessed from names, then from contents, and open to correction.

A name that is exactly one of a field's known names wins; then one that contains such a name; then
what the cells look like. What is not mapped stays with the record under `extra`, so nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import Invalid
from core.nouns import Goal
from core.records.field_names import (
    FACTS,
    INSTRUCTION_PAIR,
    KNOWN_NAMES,
    LISTS,
    PARTS,
    SHAPE_OF_FACT,
    SHAPES,
    simple_name,
)
from core.records.values import as_list, as_text, is_time

SAMPLE_ROWS = 50
BY_HAND, BY_NAME, BY_PART_OF_NAME, BY_CONTENT = 1.0, 0.95, 0.7, 0.5
COLUMNS_NAMED = 40


@dataclass(frozen=True, slots=True)
class Mapping:
    """shape: the kind of record a row becomes. columns: our field to the file's column.

    reasons: why, by field. confidence: how sure, by field, in (0, 1]; 1 when a person chose it.
    """

    shape: str
    columns: dict[str, str]
    reasons: dict[str, str]
    confidence: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Mapping:
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class _Found:
    column: str
    reason: str
    confidence: float


class _Columns:
    """The columns of a file with samples of their cells; a column is given away once."""

    def __init__(self, columns: Sequence[str], rows: Sequence[dict[str, Any]], chosen: dict[str, str]) -> None:
        self.names = list(columns)
        self._chosen = chosen
        self._simple = {column: simple_name(column) for column in columns}
        self._samples = {c: [row[c] for row in rows if row.get(c) not in (None, "", [])] for c in columns}

    def by_hand_or_name(self, wanted: str, taken: set[str]) -> _Found | None:
        if wanted in self._chosen:
            return _Found(self._chosen[wanted], "chosen by hand", BY_HAND)
        for known in KNOWN_NAMES[wanted]:
            for column in self.free(taken):
                if self._simple[column] == known and self.fits(wanted, column):
                    return _Found(column, f"a usual name for the {wanted}", BY_NAME)
        return None

    def by_part_of_name(self, wanted: str, taken: set[str]) -> _Found | None:
        """A name such as `ticket_description`, where the cells are prose or a list as the field asks."""
        for known in KNOWN_NAMES[wanted]:
            for column in self.free(taken):
                parts = f"_{self._simple[column]}_"
                if f"_{known}_" in parts and self.fits(wanted, column) and (wanted in LISTS or self.is_prose(column)):
                    return _Found(column, f"its name contains {known!r}", BY_PART_OF_NAME)
        return None

    def free(self, taken: set[str]) -> list[str]:
        """Columns that no field has; one that a person chose goes to that field alone."""
        reserved = taken | set(self._chosen.values())
        return [column for column in self.names if column not in reserved]

    def fits(self, wanted: str, column: str) -> bool:
        """Whether half of the cells or more are a list where the field is one, and no list where it is none.

        Not all of them: a single odd row is refused or read by itself, wherever it stands, and takes no other along.
        """
        samples = self._samples[column]
        if wanted in LISTS:
            n_lists = sum(as_list(sample) is not None for sample in samples)
            return (n_lists > 0 and 2 * n_lists >= len(samples)) or self._is_empty_list(column, wanted)
        return wanted == "tags" or 2 * sum(isinstance(sample, list | dict) for sample in samples) <= len(samples)

    def _is_empty_list(self, column: str, wanted: str) -> bool:
        # A thread that nobody answered has an empty list; a chat or a review without messages is nothing.
        return wanted == "answers" and not self._samples[column] and self._simple[column] in ("answers", "replies")

    def is_prose(self, column: str) -> bool:
        texts = [sample for sample in self._samples[column] if isinstance(sample, str)]
        return bool(texts) and sum(len(text.split()) for text in texts) >= 2 * len(texts)

    def mean_length(self, column: str) -> float:
        texts = [len(sample) for sample in self._samples[column] if isinstance(sample, str)]
        return sum(texts) / len(texts) if texts else 0.0

    def share(self, column: str, is_such: Any) -> float:
        samples = self._samples[column]
        return sum(bool(is_such(as_text(sample))) for sample in samples) / len(samples) if samples else 0.0

    def messages_have_roles(self, column: str) -> bool:
        first = next((items[0] for items in map(as_list, self._samples[column]) if items), None)
        return (
            isinstance(first, dict)
            and ("role" in first or "from" in first)
            and ("content" in first or "value" in first)
        )


def guess_mapping(
    columns: Sequence[str], goal: Goal, chosen: dict[str, str], rows: Sequence[dict[str, Any]]
) -> Mapping:
    """The mapping for a table with these columns. chosen: corrections by a person, which win.

    rows: the first rows, to tell a list of messages from a text of that name.
    Raises Invalid naming the columns there are when no shape fits.
    """
    _check_chosen(columns, chosen)
    known = _Columns(columns, rows, chosen)
    shapes = _shapes_that_use(goal, chosen)
    if {simple_name(column) for column in columns} >= INSTRUCTION_PAIR:
        shapes.sort(key=lambda shape: shape[1] != ("prompt", "response"))
    for find in (known.by_hand_or_name, None):
        for shape, needed in shapes:
            found = _parts(known, shape, needed, find)
            if found is not None:
                return _with_facts(shape, found, known)
    by_content = _by_content(known, goal, chosen)
    if by_content is not None:
        return by_content
    wanted = " or ".join("+".join(needed) for _, needed in shapes)
    raise Invalid(
        f"None of the columns {_named(columns)} could be recognised for the goal {goal.value}.",
        remedy=f"Say which column holds what; needed is {wanted}.",
    )


def _check_chosen(columns: Sequence[str], chosen: dict[str, str]) -> None:
    for wanted, column in chosen.items():
        if wanted not in KNOWN_NAMES:
            raise Invalid(f"There is no field {wanted!r}.", remedy=f"Fields are {', '.join(KNOWN_NAMES)}.")
        if column not in columns:
            raise Invalid(f"There is no column {column!r}.", remedy=f"The columns are {_named(columns)}.")


def _shapes_that_use(goal: Goal, chosen: dict[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """Shapes of the goal, then of the others, that have every part which a person chose."""
    parts = set(chosen) & PARTS
    own = [shape for shape in SHAPES[goal] if parts <= set(shape[1])]
    # What a person says outranks the goal: a support project may take one table of posts.
    others = [s for shapes in SHAPES.values() for s in shapes if parts and parts <= set(s[1]) and s not in own]
    usable = own + list(dict.fromkeys(others))
    if not usable:
        raise Invalid(
            f"The fields {', '.join(sorted(parts))} do not belong to one kind of record.",
            remedy="Possible are " + " or ".join("+".join(needed) for _, needed in SHAPES[goal]) + ".",
        )
    return usable


def _parts(known: _Columns, shape: str, needed: tuple[str, ...], find: Any) -> dict[str, _Found] | None:
    """A column for every part of the shape, or none. find: None to take parts of names too."""
    found: dict[str, _Found] = {}
    for part in needed:
        taken = {f.column for f in found.values()}
        match = find(part, taken) if find else known.by_hand_or_name(part, taken) or known.by_part_of_name(part, taken)
        if match is None:
            return None
        found[part] = match
    if shape == "thread" and "question" not in found and known.messages_have_roles(found["answers"].column):
        return None
    return found


def _with_facts(shape: str, found: dict[str, _Found], known: _Columns) -> Mapping:
    for fact in FACTS:
        if SHAPE_OF_FACT.get(fact, shape) != shape or (fact == "context" and "prompt" not in found):
            continue
        match = known.by_hand_or_name(fact, {f.column for f in found.values()})
        if match is not None:
            found[fact] = match
    for fact, is_such, words in (
        ("created_at", is_time, "its cells are dates"),
        ("url", lambda text: text.startswith(("http://", "https://")), "its cells are addresses"),
    ):
        free = known.free({f.column for f in found.values()})
        alike = [column for column in free if fact not in found and known.share(column, is_such) == 1.0]
        if len(alike) == 1:
            found[fact] = _Found(alike[0], words, BY_CONTENT)
    return Mapping(
        shape,
        {name: f.column for name, f in found.items()},
        {name: f.reason for name, f in found.items()},
        {name: f.confidence for name, f in found.items()},
    )


def _by_content(known: _Columns, goal: Goal, chosen: dict[str, str]) -> Mapping | None:
    """The longest text is the writing of a voice; cells that are patches are diffs, the longest other its comment."""
    free = [column for column in known.free(set()) if known.mean_length(column) > 0]
    longest = max(free, key=known.mean_length, default=None)
    if goal is Goal.VOICE and longest is not None and not set(chosen) & PARTS:
        return _with_facts("document", {"text": _Found(longest, "the column with the longest text", BY_CONTENT)}, known)
    patches = [c for c in free if known.share(c, lambda text: "@@ -" in text or text.startswith("diff --git")) > 0.8]
    if goal is Goal.CODE and len(patches) == 1 and not set(chosen) & PARTS:
        comment = max((c for c in free if c not in patches and known.is_prose(c)), key=known.mean_length, default=None)
        if comment is not None:
            found = {
                "diff": _Found(patches[0], "its cells are patches", BY_CONTENT),
                "comment": _Found(comment, "the longest text beside the patch", BY_CONTENT),
            }
            return _with_facts("diff", found, known)
    return None


def _named(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - COLUMNS_NAMED:,} more" if len(columns) > COLUMNS_NAMED else ""
    return (", ".join(columns[:COLUMNS_NAMED]) or "(none)") + more
