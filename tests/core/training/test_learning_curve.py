"""A learning curve: a line through losses at several sizes, the same texts for all, and how sure it is."""

from __future__ import annotations

import random
from statistics import linear_regression
from typing import Any

import pytest

from core.training.group_text import gain_in_words
from core.training.learning_curve import learning_curve

SIZES = (50, 100, 200)


def held_out(losses: list[float], *, tokens: int = 90) -> list[dict[str, Any]]:
    return [{"example_id": f"r{n}:0", "n_target_tokens": tokens, "tuned": loss} for n, loss in enumerate(losses)]


def test_the_gain_is_the_slope_over_doublings_and_the_line_goes_on_with_it() -> None:
    curve = learning_curve(
        [(n, held_out([level + k / 10 for k in range(12)])) for n, level in zip(SIZES, (3.2, 3.1, 3.0), strict=True)]
    )
    assert curve is not None
    assert (curve.gain.value, curve.gain.low, curve.gain.high) == (
        pytest.approx(0.1),
        pytest.approx(0.1),
        pytest.approx(0.1),
    )
    assert [point.n_examples for point in curve.measured] == list(SIZES)
    last = curve.line[-1]
    assert (last.n_examples, last.loss.value) == (400, pytest.approx(curve.measured[-1].loss.value - 0.1))
    assert set(SIZES) <= {point.n_examples for point in curve.line}
    # How hard the texts are differs; that is in the intervals of the points, and not in that of the gain.
    assert curve.measured[0].loss.low is not None
    assert curve.measured[0].loss.high is not None
    assert curve.measured[0].loss.high - curve.measured[0].loss.low > 0.2


def test_the_slope_is_that_of_least_squares_and_its_interval_holds_it() -> None:
    draw = random.Random(3)
    runs = [(n, held_out([draw.uniform(2.5, 3.5) for _ in range(20)])) for n in SIZES]
    curve = learning_curve(runs)
    assert curve is not None
    means = [sum(one["tuned"] for one in examples) / 20 for _, examples in runs]
    assert curve.gain.value == pytest.approx(-linear_regression([0.0, 1.0, 2.0], means).slope)
    assert curve.gain.low is not None
    assert curve.gain.high is not None
    assert curve.gain.low < curve.gain.value < curve.gain.high
    first, last = curve.line[0].loss, curve.line[-1].loss
    assert last.low is not None
    assert last.high is not None
    assert first.low is not None
    assert first.high is not None
    # Beyond what was measured it is less sure.
    assert last.high - last.low > first.high - first.low


def test_runs_are_compared_on_the_texts_that_all_of_them_have() -> None:
    runs = [(n, held_out([3.0] * 6)) for n in SIZES]
    runs[1][1][0]["n_target_tokens"] = 91
    curve = learning_curve(runs)
    assert curve is not None
    assert curve.n == 5


def test_one_held_out_record_has_no_interval() -> None:
    curve = learning_curve([(n, held_out([3.0])) for n in SIZES])
    assert curve is not None
    assert (curve.gain.low, curve.line[0].loss.high) == (None, None)


@pytest.mark.parametrize("runs", [
    [(50, held_out([3.0])), (100, held_out([2.9]))],
    [(50, held_out([3.0])), (50, held_out([3.0])), (100, held_out([2.9]))],
    [(50, held_out([3.0])), (100, held_out([2.9], tokens=91)), (200, held_out([2.8], tokens=92))],
])  # fmt: skip
def test_two_sizes_or_no_common_text_make_no_curve(runs: list[tuple[int, list[dict[str, Any]]]]) -> None:
    assert learning_curve(runs) is None


@pytest.mark.parametrize(
    ("gain", "words"),
    [((0.1, 0.05, 0.15), "lowered the loss by 0.100 nats per token (0.050 to 0.150; 20 held-out texts). The next one"),
     ((0.1, -0.05, 0.25), "(-0.050 to 0.250; 20 held-out texts). That may be chance."),
     ((0.1, None, None), "lowered the loss by 0.100 nats per token. That may be chance."),
     ((-0.05, -0.1, 0.0), "Twice the examples did not lower the loss here: the gain of a doubling was -0.050 nats per token ("),
     ((-0.0004, -0.1, 0.0), "Twice the examples did not lower the loss here: the gain of a doubling was 0.000 nats per token (")],
)  # fmt: skip
def test_a_gain_is_told_with_how_sure_it_is(gain: tuple[float, float | None, float | None], words: str) -> None:
    assert words in gain_in_words(dict(zip(("value", "low", "high"), gain, strict=True)) | {"n": 20})
