"""What a text says of its verdict, figure by figure."""

from __future__ import annotations

import math

import pytest

from core.review.guide.presets import PRESETS
from core.review.judge_features import FEATURES, DraftFigures, repeated_share

SAID = "We load the vans at six. Every driver checks the list before noon, and rings the desk when a box is missing."


def figures(text: str, *, support: tuple[str, ...] = (), reference: tuple[str, ...] = ()) -> dict[str, float]:
    rules = [PRESETS["no-exclamation-marks"][1]]
    return dict(zip(FEATURES, DraftFigures(rules, reference).of(text, support), strict=True))


def test_each_figure_follows_what_it_names() -> None:
    plain = figures(SAID)
    assert (plain["guide"], plain["unsupported"], plain["repetition"], plain["breaks_off"]) == (0, 0, 0, 0)
    assert figures(SAID + " Now! Go!")["guide"] > figures(SAID + " Now! Go.")["guide"] > 0
    assert figures(SAID + " It costs 40 euros.")["unsupported"] == pytest.approx(math.log1p(1))
    assert figures(SAID + " It costs 40 euros.", support=("40 euros",))["unsupported"] == 0
    assert figures(f"{SAID} {SAID}")["repetition"] > 0.9
    assert figures(SAID + " And then we")["breaks_off"] == 1.0
    assert figures(f"{SAID} {SAID}")["length"] > plain["length"]


def test_an_empty_draft_has_figures_too() -> None:
    empty = figures("")
    assert (empty["length"], empty["repetition"], empty["breaks_off"]) == (0, 0, 0)
    assert repeated_share(["one", "word"]) == 0.0


def test_without_enough_writing_of_the_team_there_is_no_voice() -> None:
    assert math.isnan(figures(SAID, reference=("A text.",))["voice"])


def test_a_text_in_another_manner_is_farther_from_the_teams_voice() -> None:
    reference = tuple(f"{SAID} In week {n} we did the same, and nobody rang twice. " * 5 for n in range(12))
    own, other = (
        f"{SAID} In week 40 we did the same, and nobody rang twice. " * 4,
        "WOW!!! Synergy unlocks paradigm shifts; leverage it today, folks! " * 8,
    )
    assert figures(other, reference=reference)["voice"] > figures(own, reference=reference)["voice"]
