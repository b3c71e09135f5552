"""Why a preset chose what it chose: the numbers are the preset's own, and the reasons those that it went by."""

from __future__ import annotations

import pytest

from core.nouns import Goal
from core.training.presets import preset
from studio.parts.preset_words import why


@pytest.mark.parametrize(
    ("n", "passes"),
    [(60, "read 4 times, since a small set"), (299, "read 3 times, since a small set"), (300, "read twice, since a set of this size"),
     (1_999, "read twice, since a set of this size"), (2_000, "read once, since so many")],
)  # fmt: skip
def test_the_passes_are_told_with_the_reason_that_goes_with_the_size(n: int, passes: str) -> None:
    told = why(preset(Goal.VOICE, n_examples=n).to_dict(), n_examples=n, goal="voice")
    assert f"each of the {n:,} examples is {passes}" in told


def test_rate_and_rank_are_the_presets_and_a_gentler_rate_says_why() -> None:
    voice = why(preset(Goal.VOICE, n_examples=100).to_dict(), n_examples=100, goal="voice")
    support = why(preset(Goal.SUPPORT, n_examples=100).to_dict(), n_examples=100, goal="support")
    assert "is 0.001: about ten times" in voice
    assert "halved" not in voice
    assert "is 0.0005: about ten times" in support
    assert "halved, because answers and comments repeat" in support
    assert "The adapter's rank is 16" in voice
