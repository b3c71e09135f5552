"""The two sets of wordings, packed: which of them may be seen while detectors are built, and which are kept for the figures.

The README beside this says who wrote them and what each list holds.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Wordings = dict[str, list[Any]]


def building() -> Wordings:
    """The first set, of which one half gave the figures of its day, and the even positions of the second."""
    first, second = _set("first"), _set("second")
    return {defect: [*first[defect], *second[defect][::2]] for defect in first}


def held_out() -> Wordings:
    """The odd positions of the second set: whoever works on the detectors does not look at them."""
    return {defect: items[1::2] for defect, items in _set("second").items()}


def _set(name: str) -> Wordings:
    """Raises ValueError when the file is not the one whose hash was committed before the detectors were."""
    text = lzma.decompress((HERE / f"{name}.json.xz").read_bytes())
    expected = (HERE / f"{name}.sha256").read_text(encoding="ascii").split()[0]
    if hashlib.sha256(text).hexdigest() != expected:
        raise ValueError(f"{name}.json.xz does not hold the wordings with the hash {expected}.")
    wordings: Wordings = json.loads(text)
    return wordings
