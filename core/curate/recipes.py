"""Which records go into a version, and why the others do not.

recommended   kept and edited ones; of the undecided, those without a defect, and one of each cluster
everything    all but the rejected
random:K      K of `everything`, drawn by the seed
longest:K     the K longest of `everything`
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.nouns import Dropped, RecordStatus

PERSON_KEPT = (RecordStatus.KEPT, RecordStatus.EDITED)
PATTERN = re.compile(r"(recommended|everything)|(random|longest):([1-9]\d{0,8})")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a recipe looks at. defects: names of the defect flags, duplicates included.

    cluster: of records that say the same; empty for one that stands alone. is_canonical: the one of it that is kept.
    """

    id: str
    external_id: str
    status: RecordStatus
    defects: tuple[str, ...]
    n_characters: int
    cluster: str = ""
    is_canonical: bool = True


@dataclass(frozen=True, slots=True)
class Recipe:
    """name: recommended, everything, random or longest. size: K of the latter two."""

    name: str
    size: int = 0


def parse_recipe(text: str) -> Recipe:
    """Raises Invalid with the recipes that there are."""
    match = PATTERN.fullmatch(text)
    if match is None:
        raise Invalid(f"{text!r} is not a recipe.", remedy="Choose recommended, everything, random:K or longest:K.")
    return Recipe(match[1]) if match[1] else Recipe(match[2], int(match[3]))


def choose(candidates: Sequence[Candidate], recipe: Recipe, *, seed: int) -> tuple[list[str], list[Dropped]]:
    """Ids of the chosen records, in the order given, and the others with one reason each."""
    chosen, dropped = [], []
    reasons = {candidate.id: reason_against(candidate, recipe) for candidate in candidates}
    if recipe.name == "recommended":
        reasons |= dict.fromkeys(_doubles(candidates, reasons), ("duplicate", "another record of its cluster is taken"))
    for candidate in candidates:
        reason = reasons[candidate.id]
        if reason:
            dropped.append(Dropped(candidate.id, candidate.external_id, *reason))
        else:
            chosen.append(candidate)
    if recipe.size and len(chosen) > recipe.size:
        ranked = sorted(chosen, key=lambda c: _rank(c, recipe, seed))
        kept = {c.id for c in ranked[: recipe.size]}
        dropped += [
            Dropped(c.id, c.external_id, "not_drawn", f"not among the {recipe.size} of {recipe.name}")
            for c in chosen
            if c.id not in kept
        ]
        chosen = [c for c in chosen if c.id in kept]
    return [c.id for c in chosen], dropped


def reason_against(candidate: Candidate, recipe: Recipe) -> tuple[str, str] | None:
    """Why the recipe leaves a record out for its own sake, as a name and in words; None when it does not.

    Which of a cluster's records is taken, and drawing, come after.
    """
    if candidate.status is RecordStatus.REJECTED:
        return "rejected", "rejected by a person"
    if recipe.name != "recommended" or candidate.status in PERSON_KEPT:
        return None
    if candidate.status is RecordStatus.DEFERRED:
        return "deferred", "put off by a person"
    others = [name for name in candidate.defects if name not in ("exact_duplicate", "near_duplicate")]
    if others:
        return others[0], ", ".join(others)
    return None


def _doubles(candidates: Sequence[Candidate], reasons: Mapping[str, object]) -> list[str]:
    """Ids of the records that another one of their cluster stands for: what a person kept, else the canonical, else the longest."""
    clusters: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.cluster and not reasons[candidate.id]:
            clusters.setdefault(candidate.cluster, []).append(candidate)
    doubles = []
    for members in clusters.values():
        kept = {member.id for member in members if member.status in PERSON_KEPT}
        kept = kept or {max(members, key=lambda member: (member.is_canonical, member.n_characters)).id}
        doubles += [member.id for member in members if member.id not in kept]
    return doubles


def _rank(candidate: Candidate, recipe: Recipe, seed: int) -> tuple[float, str]:
    drawn = hashlib.sha256(f"{seed}:{candidate.id}".encode()).hexdigest()
    return (-candidate.n_characters if recipe.name == "longest" else 0, drawn)
