"""Which records a listing shows, as a value and as SQL.

Knows no search index: words and likeness are turned into `ids` before (workflows/searching.py). Words that
arrive here all the same are matched as they were typed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from core.curate.wording import wording_pattern

CONDITIONS = {
    "status": "r.id IN (SELECT record_id FROM record_states WHERE project_id = $project AND status = $status)",
    "source": "r.source_id = $source",
    "missing": "r.id IN (SELECT record_id FROM missing_now WHERE source_id = $missing)",
    "words": "(contains(lower(r.title), lower($words)) OR contains(lower(r.text), lower($words)))",
    "fact": "r.id IN (SELECT record_id FROM fact_spans WHERE project_id = $project AND kind = $fact)",
    "theme": "r.id IN (SELECT record_id FROM positions WHERE project_id = $project AND theme = $theme)",
}
HOLDING = (
    "r.id IN (SELECT t.id FROM records t LEFT JOIN current_decisions d ON d.record_id = t.id WHERE t.project_id = $project "
    "AND regexp_matches(coalesce(d.edited_text, t.text), $holds))"
)
IS_CLEAN = "r.id IN (SELECT record_id FROM record_states WHERE project_id = $project AND NOT has_defect)"
FLAGGED = "r.id IN (SELECT record_id FROM active_flags WHERE project_id = $project AND name = ${name})"
# A tag's branch counts with it: what is below `billing` is billing too.
TAGGED = "r.id IN (SELECT record_id FROM current_tags WHERE project_id = $project AND (tag = ${name} OR starts_with(tag, ${name} || ' / ')))"
IN_RANGE = (
    "r.id IN (SELECT record_id FROM signals WHERE project_id = $project AND name = ${name} "
    "AND value BETWEEN ${name}_low AND ${name}_high)"
)
SCORED = (
    "r.id IN (SELECT record_id FROM scores WHERE project_id = $project AND score BETWEEN ${name}_low AND ${name}_high)"
)
IN_AREA = (
    "r.id IN (SELECT record_id FROM positions WHERE project_id = $project "
    "AND x BETWEEN $area_left AND $area_right AND y BETWEEN $area_low AND $area_high)"
)
SEPARATOR = "\n"
FOUND = (
    "JOIN (SELECT unnest(ids) AS id, unnest(range(len(ids))) AS place FROM (SELECT string_split($ids, chr(10)) AS ids)) found "
    "ON found.id = r.id"
)
ORDERS = {
    "imported": "r.created_at, r.source_id, r.file_id, r.row_number",
    "relevance": "found.place",
    "lowest_score": "s.score NULLS LAST, r.id",
    "highest_score": "s.score DESC NULLS LAST, r.id",
    "newest": "r.written_at DESC NULLS LAST, r.id",
    "longest": "r.n_words DESC, r.id",
    "title": "r.title, r.id",
}
# The score is filtered like a signal, though it has a table of its own.
SCORE = "score"


@dataclass(frozen=True, slots=True)
class SignalRange:
    """Records whose signal lies from low to high, both included. name: a signal's, or "score"."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the map, in its coordinates, edges included."""

    left: float
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records a listing shows; what is empty does not filter, and all that is given has to hold.

    words: see `search_terms`. like: a record; the nearest to it in meaning. about: a text that was typed; the nearest to it in meaning. flag and flags, tag and tags: each of them.
    is_clean: only those without a defect, doubles included. theme: of the map, by number.
    missing: a source; only those that its newest export lacked. fact: a kind; only those that teach a fact of it. holds: a wording, marks
    too; only those whose text, as it now stands, holds it word by word. ids: only these, the most relevant first; an empty tuple is no record at all.
    """

    words: str = ""
    status: str = ""
    flag: str = ""
    tag: str = ""
    source: str = ""
    is_clean: bool = False
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    like: str = ""
    ranges: tuple[SignalRange, ...] = ()
    theme: int | None = None
    area: Area | None = None
    ids: tuple[str, ...] | None = None
    missing: str = ""
    fact: str = ""
    about: str = ""
    holds: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether every record fits."""
        return all(getattr(self, field.name) == field.default for field in fields(self))

    @property
    def all_flags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*((self.flag,) if self.flag else ()), *self.flags]))

    @property
    def all_tags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*((self.tag,) if self.tag else ()), *self.tags]))


class Listing:
    """FROM and WHERE of a filter, with only the joins and conditions that it needs, and their parameters."""

    def __init__(self, project_id: str, where: RecordFilter, order: str | None = None) -> None:
        self._joins: list[str] = []
        self._conditions = ["r.project_id = $project"]
        self.parameters: dict[str, Any] = {"project": project_id}
        if order in ("lowest_score", "highest_score"):
            self._joins.append("JOIN record_states s ON s.record_id = r.id")
        for name, condition in CONDITIONS.items():
            value = getattr(where, name)
            if value not in ("", None):
                self._require(condition, **{name: value})
        if where.is_clean:
            self._require(IS_CLEAN)
        if where.holds.strip():
            self._require(HOLDING, holds=wording_pattern(where.holds))
        for place, flag in enumerate(where.all_flags):
            self._require(FLAGGED.format(name=f"flag_{place}"), **{f"flag_{place}": flag})
        for place, tag in enumerate(where.all_tags):
            self._require(TAGGED.format(name=f"tag_{place}"), **{f"tag_{place}": tag})
        for place, limits in enumerate(where.ranges):
            self._require_range(f"signal_{place}", limits)
        if where.area is not None:
            area = where.area
            self._require(IN_AREA, area_left=area.left, area_right=area.right, area_low=area.low, area_high=area.high)
        if where.ids is not None:
            self._joins.append(FOUND)
            # As one string: a hundred thousand values one by one take longer than the query.
            self.parameters["ids"] = SEPARATOR.join(where.ids)
        self.sql = f"FROM records r {' '.join(self._joins)} WHERE {' AND '.join(self._conditions)}"
        # Without a search nothing is more relevant than anything else.
        self.order = ORDERS["imported" if order == "relevance" and where.ids is None else order or "imported"]

    def _require(self, condition: str, **parameters: Any) -> None:
        self._conditions.append(condition)
        self.parameters |= parameters

    def _require_range(self, name: str, limits: SignalRange) -> None:
        bounds = {f"{name}_low": limits.low, f"{name}_high": limits.high}
        if limits.name == SCORE:
            self._require(SCORED.format(name=name), **bounds)
        else:
            self._require(IN_RANGE.format(name=name), **{name: limits.name}, **bounds)
