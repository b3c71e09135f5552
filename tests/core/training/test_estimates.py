"""What a run will take: a formula at first, then what earlier runs here took; and the meters that energy is read from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.training.energy import EnergyMeter, assumed_watts
from core.training.estimates import EarlierRun, Tried, estimate_run
from core.training.presets import TrainConfig

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
FACTS: dict[str, Any] = {"n_train": 100, "n_train_tokens": 30_000, "n_test_tokens": 3_000, "n_curve_tokens": 1_200}
# 60,000 tokens of training and 12,000 of evaluation, which goes three times as fast, and 90 seconds beside.
EARLIER = EarlierRun(
    tokens_per_second=200.0, seconds=300.0, job_seconds=410.0, n_evaluation_tokens=12_000, peak_memory_mb=3_000.0,
    guessed_memory_mb=4_000.0, energy_wh=4.1,
)  # fmt: skip


def test_a_first_estimate_is_a_guess_and_says_so() -> None:
    guessed = estimate_run(TrainConfig(), **FACTS)
    assert not guessed.is_measured_here
    assert (guessed.n_steps, guessed.n_train_tokens, guessed.n_evaluation_tokens) == (25, 60_000, 12_000)
    assert guessed.energy_wh == pytest.approx(assumed_watts() * guessed.minutes / 60)


def test_a_run_by_answer_tokens_takes_the_steps_that_bring_them() -> None:
    guessed = estimate_run(TrainConfig(train_answer_tokens=30_000), **FACTS, n_answer_tokens=10_000)
    # Three passes over a hundred examples.
    assert (guessed.n_answer_tokens, guessed.n_train_tokens) == (
        pytest.approx(30_000, rel=0.02),
        pytest.approx(90_000, rel=0.02),
    )
    assert estimate_run(TrainConfig(), **FACTS, n_answer_tokens=10_000).n_answer_tokens == 20_000


def test_the_same_run_again_takes_what_it_took() -> None:
    again = estimate_run(TrainConfig(), **FACTS, earlier=[EARLIER])
    assert again.is_measured_here
    assert again.tokens_per_second == 200.0
    assert again.minutes * 60 == pytest.approx(410.0)
    assert again.peak_memory_mb == pytest.approx(again.guessed_memory_mb * 0.75)
    assert again.energy_wh == pytest.approx(4.1)


def test_each_measurement_of_the_hold_out_reads_the_curves_examples_alone() -> None:
    often = estimate_run(TrainConfig(n_evaluations=9), **FACTS)
    assert often.n_evaluation_tokens == 2 * 3_000 + 10 * 1_200


def test_a_longer_run_takes_longer_but_what_is_beside_the_steps_stays() -> None:
    twice = estimate_run(TrainConfig(epochs=4.0), **FACTS, earlier=[EARLIER])
    assert twice.minutes * 60 == pytest.approx(410.0 + 300.0)


def test_what_is_asked_at_the_end_is_scaled_by_what_earlier_runs_were_asked() -> None:
    usual = estimate_run(TrainConfig(), **FACTS, earlier=[EARLIER])
    nothing = TrainConfig(n_drafts=0, ask_again=False)
    bare = replace(EARLIER, n_drafts=0, ask_again=False)
    assert estimate_run(nothing, **FACTS, earlier=[bare]).minutes == pytest.approx(usual.minutes)
    assert estimate_run(nothing, **FACTS, earlier=[EARLIER]).minutes < usual.minutes
    assert estimate_run(TrainConfig(), **FACTS, earlier=[bare]).minutes > 1.5 * usual.minutes
    assert estimate_run(TrainConfig(n_canaries=8), **FACTS, earlier=[EARLIER]).minutes > usual.minutes


def test_saving_memory_takes_longer_and_needs_less_also_where_earlier_runs_did_not() -> None:
    saving = TrainConfig(gradient_checkpointing=True)
    for earlier in ([], [EARLIER]):
        usual, saved = (estimate_run(config, **FACTS, earlier=earlier) for config in (TrainConfig(), saving))
        assert saved.minutes > usual.minutes
        assert saved.peak_memory_mb < usual.peak_memory_mb
    saver = replace(EARLIER, gradient_checkpointing=True)
    assert estimate_run(saving, **FACTS, earlier=[saver]).tokens_per_second == pytest.approx(200.0)


def test_where_nothing_was_measured_speed_is_guessed_from_the_cores() -> None:
    speeds = [estimate_run(TrainConfig(), **FACTS, n_cores=n).tokens_per_second for n in (1, 2, 16, 128)]
    assert speeds == [60.0, 120.0, 960.0, 960.0]


def test_the_first_guess_is_near_what_was_measured_on_two_cores() -> None:
    measured = json.loads((BENCHMARKS / "train_speed.json").read_text(encoding="utf-8"))["ours"]["tokens_per_second"]
    assert estimate_run(TrainConfig(), **FACTS, n_cores=2).tokens_per_second == pytest.approx(measured, rel=0.25)


def test_a_trial_tells_speed_and_memory_until_there_is_an_earlier_run() -> None:
    trial = Tried(tokens_per_second=150.0, peak_memory_mb=2_500.0)
    for config in (TrainConfig(), TrainConfig(gradient_checkpointing=True)):
        told = estimate_run(config, **FACTS, tried=trial)
        assert (told.tokens_per_second, told.peak_memory_mb) == (pytest.approx(150.0), 2_500.0)
        assert (told.is_tried, told.is_measured_here) == (True, False)
        assert told.guessed_memory_mb == estimate_run(config, **FACTS).guessed_memory_mb
    assert estimate_run(TrainConfig(), **FACTS, earlier=[EARLIER], tried=trial) == estimate_run(
        TrainConfig(), **FACTS, earlier=[EARLIER]
    )


def test_one_odd_run_among_earlier_ones_misleads_nobody() -> None:
    odd = replace(EARLIER, tokens_per_second=2.0, job_seconds=90_000.0, peak_memory_mb=40_000.0)
    steady = estimate_run(TrainConfig(), **FACTS, earlier=[odd, EARLIER, EARLIER])
    assert steady.minutes * 60 == pytest.approx(410.0)
    assert steady.peak_memory_mb == pytest.approx(steady.guessed_memory_mb * 0.75)


def meter(folder: Path, microjoules: int) -> Path:
    zone = folder / "intel-rapl:0"
    zone.mkdir(exist_ok=True)
    (zone / "energy_uj").write_text(f"{microjoules}\n")
    (zone / "max_energy_range_uj").write_text("10000000000\n")
    return folder


def test_energy_is_read_from_the_meter_where_there_is_one(tmp_path: Path) -> None:
    counting = EnergyMeter(meter(tmp_path, 1_000_000))
    meter(tmp_path, 1_000_000 + 7_200_000_000)
    assert counting.is_measured
    assert counting.watt_hours() == pytest.approx(2.0)


def test_the_meter_of_the_whole_board_does_not_count_the_processor_again(tmp_path: Path) -> None:
    board = tmp_path / "intel-rapl:1"
    board.mkdir()
    (board / "name").write_text("psys\n")
    (board / "energy_uj").write_text("5000000\n")
    counting = EnergyMeter(meter(tmp_path, 1_000_000))
    meter(tmp_path, 1_000_000 + 7_200_000_000)
    (board / "energy_uj").write_text("9000000000\n")
    assert counting.watt_hours() == pytest.approx(2.0)


def test_a_meter_that_began_anew_is_read_on(tmp_path: Path) -> None:
    counting = EnergyMeter(meter(tmp_path, 9_000_000_000))
    meter(tmp_path, 2_600_000_000)
    assert counting.watt_hours() == pytest.approx(1.0)


def test_a_meter_that_began_anew_several_times_is_read_in_between(tmp_path: Path) -> None:
    counting = EnergyMeter(meter(tmp_path, 9_000_000_000))
    for microjoules in (2_000_000_000, 9_000_000_000, 2_000_000_000):
        meter(tmp_path, microjoules)
        counting.read()
    assert counting.watt_hours() == pytest.approx((3_000 + 7_000 + 3_000) / 3_600)


def test_without_a_meter_energy_is_assumed_and_not_called_measured(tmp_path: Path) -> None:
    counting = EnergyMeter(tmp_path)
    assert not counting.is_measured
    assert 0 <= counting.watt_hours() < assumed_watts()
