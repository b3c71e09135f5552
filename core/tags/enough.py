"""How much has to be tagged before anything is suggested, and how often a confidence was right.

Light: the server imports this, and leaves the arithmetic (suggesting.py) to a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Below this, cross-validation says nothing, and a suggestion would be noise with a number on it.
MIN_TAGGED = 20
# A tag with fewer records is not learnt: it would stand in one fold of the cross-validation or in none.
MIN_RECORDS = 3
MIN_TAGS = 2
# Confidences that are counted together, as bounds from below.
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9)
MIN_IN_BIN = 10


def bin_of(confidence: float) -> int:
    """Which of BINS a confidence falls into."""
    return max(i for i, low in enumerate(BINS) if confidence >= low or i == 0)


def share_right(bins: Sequence[dict[str, Any]], confidence: float) -> dict[str, Any] | None:
    """The bin of this confidence, with n and how many were right in cross-validation; None where too few were seen."""
    found = bins[bin_of(confidence)]
    return dict(found) if found["n"] >= MIN_IN_BIN else None
