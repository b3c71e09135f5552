"""Train, validation and test, without anything that belongs together in two of them.

Records that share a duplicate cluster or a customer form one group, and a group goes to one split
whole: a near-duplicate across train and test would flatter the evaluation. The author of a voice
is never a group; there is only one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

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


def split_groups(sizes: Mapping[str, int], *, seed: int) -> dict[str, Split]:
    """The split of each group. sizes: group to its number of examples.

    Test and validation each get about a tenth of the examples, and at least one group when there are three.
    The order comes from a hash of seed and group: adding a record does not reshuffle the others.
    """
    order = sorted(sizes, key=lambda g: hashlib.sha256(f"{seed}:{g}".encode()).hexdigest())
    total = sum(sizes.values())
    splits = dict.fromkeys(sizes, Split.TRAIN)
    if len(order) < 3:
        return splits
    start = 0
    for split, share in SHARES.items():
        taken = 0
        while start < len(order) - 1 and (taken == 0 or taken < share * total):
            group = order[start]
            # A group too large for the hold-out is left to training, unless the split would stay empty.
            if taken and taken + sizes[group] > 1.5 * share * total:
                break
            splits[group] = split
            taken += sizes[group]
            start += 1
    return splits
