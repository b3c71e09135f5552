"""Intervals of losses: exact on what can be told by hand, wide where little was measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from core.training.group_text import estimate_in_words
from core.training.loss_intervals import difference_estimate, loss_estimate


def losses(*values: float, tokens: int = 10, lower_by: float = 0.0) -> list[dict[str, Any]]:
    return [
        {"example_id": f"e{i}", "n_target_tokens": tokens, "base": value, "tuned": value - lower_by}
        for i, value in enumerate(values)
    ]


def test_a_mean_is_over_tokens_and_not_over_examples() -> None:
    examples = losses(1.0, tokens=30) + [{"example_id": "x", "n_target_tokens": 10, "base": 3.0, "tuned": 3.0}]
    found = loss_estimate(examples)
    assert found is not None
    assert found.value == pytest.approx(1.5)


def test_one_example_has_no_interval_and_none_no_estimate() -> None:
    found = loss_estimate(losses(2.0))
    assert found is not None
    assert (found.value, found.low, found.high, found.n) == (2.0, None, None, 1)
    assert not found.is_apart_from_zero
    assert loss_estimate([]) is None


def test_equal_losses_leave_no_doubt_and_spread_ones_do() -> None:
    equal, spread = loss_estimate(losses(2.0, 2.0, 2.0)), loss_estimate(losses(1.0, 2.0, 3.0))
    assert equal is not None
    assert spread is not None
    assert (equal.low, equal.high) == (pytest.approx(2.0), pytest.approx(2.0))
    assert spread.low is not None
    assert spread.high is not None
    assert 1.0 <= spread.low < 2.0 < spread.high <= 3.0


def test_the_parts_of_one_record_are_drawn_together() -> None:
    values = (1.0, 1.0, 1.0, 3.0, 3.0, 3.0)
    alone = [one | {"example_id": f"r{i}:0"} for i, one in enumerate(losses(*values))]
    of_two = [one | {"example_id": f"r{i // 3}:{i % 3}"} for i, one in enumerate(losses(*values))]
    apart, together = loss_estimate(alone), loss_estimate(of_two)
    assert apart is not None
    assert together is not None
    assert (apart.n, together.n, together.value) == (6, 6, pytest.approx(2.0))
    assert (together.low, together.high) == (pytest.approx(1.0), pytest.approx(3.0))
    assert apart.low is not None
    assert apart.low > 1.0
    of_one = [one | {"example_id": f"r:{i}"} for i, one in enumerate(losses(*values))]
    found = loss_estimate(of_one)
    assert found is not None
    assert (found.low, found.high) == (None, None)


def test_a_text_that_was_changed_between_two_versions_is_not_compared() -> None:
    found = difference_estimate(losses(1.0, 2.0), [*losses(1.5), *losses(9.0, 9.0, tokens=11)[1:]])
    assert found is not None
    assert (found.n, found.value) == (1, pytest.approx(-0.5))


def test_a_difference_is_taken_on_the_same_texts() -> None:
    ours, theirs = losses(1.0, 2.0, 3.0, lower_by=0.5), losses(1.0, 2.0, 3.0)
    found = difference_estimate(
        ours, [*theirs[:2], {"example_id": "other", "n_target_tokens": 9, "base": 9.0, "tuned": 9.0}]
    )
    assert found is not None
    assert (found.n, found.value, found.is_apart_from_zero) == (2, pytest.approx(-0.5), True)


def test_a_difference_that_may_be_chance_holds_zero() -> None:
    ours = losses(1.0, 3.0, 2.0)
    found = difference_estimate(ours, losses(1.4, 2.7, 2.1))
    assert found is not None
    assert not found.is_apart_from_zero


def test_runs_without_a_shared_text_have_no_difference() -> None:
    assert (
        difference_estimate(losses(1.0), [{"example_id": "z", "n_target_tokens": 5, "base": 1.0, "tuned": 1.0}]) is None
    )


def test_several_texts_of_one_record_are_not_called_one_text() -> None:
    parts = [one | {"example_id": f"r:{i}"} for i, one in enumerate(losses(1.0, 3.0))]
    found, alone = loss_estimate(parts), loss_estimate(parts[:1])
    assert found is not None
    assert alone is not None
    assert estimate_in_words(asdict(found)) == "2.000 (2 texts of one record)"
    assert estimate_in_words(asdict(alone)) == "1.000 (one text)"
