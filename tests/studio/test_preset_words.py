"""Why a preset chose what it chose: the numbers are the preset's own, and the reasons those that it went by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.nouns import Goal
from core.training.presets import REFERENCE_RATE, TrainConfig, preset, reasons_for
from studio.parts.preset_words import why
from studio.parts.run_form import PRESETS

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


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
    assert "half of what a voice gets" not in voice
    assert "is 0.0005: about five times" in support
    assert "half of what a voice gets, because answers and comments repeat" in support
    assert "The adapter's rank is 16" in voice


def test_support_and_code_review_have_the_one_preset_that_the_page_says_they_have() -> None:
    support, code = (preset(goal, n_examples=100) for goal in (Goal.SUPPORT, Goal.CODE))
    assert support == code != preset(Goal.VOICE, n_examples=100)
    assert reasons_for(Goal.SUPPORT) == reasons_for(Goal.CODE)
    assert "support and code review have the same preset" in why(code.to_dict(), n_examples=100, goal="code")
    assert "the same settings as for support" in PRESETS["code"]


def test_the_reason_for_a_rate_follows_the_rate() -> None:
    rates = {goal: preset(goal, n_examples=100).learning_rate for goal in Goal}
    assert rates[Goal.VOICE] == 2 * rates[Goal.SUPPORT] == REFERENCE_RATE
    assert reasons_for(Goal.VOICE)["learning_rate"].startswith("About ten times that of full fine-tuning")
    assert "so about five times that of full fine-tuning" in reasons_for(Goal.SUPPORT)["learning_rate"]


def test_every_setting_that_has_a_reason_is_one_and_what_was_measured_is_in_its_file() -> None:
    reasons = reasons_for(Goal.VOICE)
    assert set(reasons) <= set(TrainConfig().to_dict())
    assert [name for name, why_so in reasons.items() if "Measured here" in why_so] == ["learning_rate", "epochs"]
    told = json.loads((BENCHMARKS / "hold_out_loss.json").read_text(encoding="utf-8"))
    assert (told["n"], told["epochs"], told["recipe"], round(100 * told["mean_change"])) == (3, 2, "random:120", -12)
    assert {round(split["n_train_examples"], -1) for split in told["splits"]} <= {540, 550, 560}
