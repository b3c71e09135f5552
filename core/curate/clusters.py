"""Clusters: records joined by pairs, and which of them is kept. Pure Python, used by the server too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records joined by merge pairs; canonical is the one kept."""

    canonical: str
    members: tuple[str, ...]


def clusters_of(merge_pairs: Sequence[tuple[str, str]], order: Mapping[str, tuple[object, ...]]) -> list[Cluster]:
    """Connected groups of two or more. order: sort key of each record; the first of a group is canonical."""
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        parent.setdefault(x, x)
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in merge_pairs:
        parent[root(a)] = root(b)
    groups: dict[str, list[str]] = {}
    for record in parent:
        groups.setdefault(root(record), []).append(record)
    found = [tuple(sorted(group, key=lambda r: (order[r], r))) for group in groups.values()]
    return [Cluster(group[0], group) for group in sorted(found)]
