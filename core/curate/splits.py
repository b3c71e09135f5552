"""Train, validation and test, without anything that belongs together in two of them.

Records that are alike or share a customer form one group, and a group goes to one split whole: a
near-duplicate across train and test would flatter the evaluation. The author of a voice is never a
group; there is only one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from core.nouns import Split

SHARES = {Split.TEST: 0.1, Split.VALIDATION: 0.1}


def groups_of(keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The group of each record: records that share any key are in one. keys: record to the keys it carries.

    A group is named by its smallest record id, so the name does not depend on order.
    """
    parent: dict[str, str] = {record: record for record in keys}

    def root(x: str) -> str:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    first: dict[str, str] = {}
    for record in sorted(keys):
        for key in keys[record]:
            if key in first:
                a, b = sorted((root(first[key]), root(record)))
                parent[b] = a
            else:
                first[key] = record
    return {record: root(record) for record in keys}


def split_groups(sizes: Mapping[str, int], *, seed: int, train_only: Collection[str] = frozenset()) -> dict[str, Split]:
    """The split of each group. sizes: group to its number of examples.

    Test and validation each get about a tenth of the examples, and at least one group when there are three that may be
    held out. train_only: groups that may not, because a source does not allow evaluation.
    The order comes from a hash of seed and group: adding a record does not reshuffle the others.
    """
    free = [group for group in sizes if group not in train_only]
    order = sorted(free, key=lambda g: hashlib.sha256(f"{seed}:{g}".encode()).hexdigest())
    total = sum(sizes.values())
    splits = dict.fromkeys(sizes, Split.TRAIN)
    if len(order) < 3:
        return splits
    for split, share in SHARES.items():
        for group in _held_out([g for g in order if splits[g] is Split.TRAIN], sizes, share * total):
            splits[group] = split
    return splits


def _held_out(order: Sequence[str], sizes: Mapping[str, int], wanted: float) -> list[str]:
    """Groups in the order given until they hold what is wanted. One that is too large is left to training, unless all are."""
    chosen: list[str] = []
    taken = 0
    for group in order:
        if taken >= wanted:
            break
        if taken + sizes[group] <= max(1.5 * wanted, 1):
            chosen.append(group)
            taken += sizes[group]
    return chosen or [min(order, key=lambda group: sizes[group])]
