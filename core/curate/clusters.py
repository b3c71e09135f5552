"""Clusters: records joined by pairs, and which of them is kept. Pure Python, used by the server too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records joined by merge pairs; canonical is the one kept."""

    canonical: str
    members: tuple[str, ...]


def clusters_of(
    joined: Sequence[tuple[str, str]],
    order: Mapping[str, tuple[object, ...]],
    *,
    apart: Collection[tuple[str, str]] = (),
) -> list[Cluster]:
    """Connected groups of two or more. order: sort key of each record; the first of a group is canonical.

    joined: the surest pairs first. apart: records that must not be in one group: a pair that would bring two such
    together is passed over, so that what a person called different stays apart whatever lies between.
    """
    parent: dict[str, str] = {}
    rivals: dict[str, set[str]] = {}

    def root(x: str) -> str:
        parent.setdefault(x, x)
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in apart:
        rivals.setdefault(a, set()).add(b)
        rivals.setdefault(b, set()).add(a)
    for a, b in joined:
        first, second = root(a), root(b)
        if first == second or any(root(rival) == second for rival in rivals.get(first, ())):
            continue
        parent[first] = second
        rivals[second] = rivals.get(second, set()) | rivals.pop(first, set())
    groups: dict[str, list[str]] = {}
    for record in parent:
        groups.setdefault(root(record), []).append(record)
    found = [tuple(sorted(group, key=lambda r: (order[r], r))) for group in groups.values() if len(group) > 1]
    return [Cluster(group[0], group) for group in sorted(found)]
