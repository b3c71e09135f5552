"""Draws: the right tokens, as often as their probability says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch

from core.serving import sampling
from core.serving.sampling import Draws, next_tokens
from core.serving.text_request import TextRequest

SHARES = [0.5, 0.25, 0.15, 0.06, 0.04]
LOGITS = torch.tensor(SHARES).log()


def draws(**settings: Any) -> Draws:
    return Draws(TextRequest("x", (4,), 8, **settings))


def counted(n: int, **settings: Any) -> Counter[int]:
    row = draws(**settings)
    return Counter(next_tokens(LOGITS.clone()[None], [row])[0] for _ in range(n))


def test_temperature_zero_takes_the_likeliest() -> None:
    assert counted(5, temperature=0.0) == {0: 5}


def test_tokens_come_as_often_as_their_probability() -> None:
    found = counted(4_000, seed=3)
    for token, share in enumerate(SHARES):
        assert found[token] / 4_000 == pytest.approx(share, abs=0.025)


def test_a_low_temperature_favours_the_likeliest() -> None:
    expected = 0.5**2 / sum(share**2 for share in SHARES)
    assert counted(4_000, temperature=0.5, seed=4)[0] / 4_000 == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize(("top_p", "kept"), [(0.4, {0}), (0.5, {0}), (0.51, {0, 1}), (0.74, {0, 1}), (0.9, {0, 1, 2})])
def test_top_p_keeps_the_smallest_set_that_reaches_it(top_p: float, kept: set[int]) -> None:
    assert set(counted(800, top_p=top_p, seed=5)) == kept


def test_top_p_is_exact_where_the_likeliest_few_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "LIKELIEST", 2)
    assert set(counted(800, top_p=0.9, seed=6)) == {0, 1, 2}


def test_rows_are_drawn_each_by_its_own_settings() -> None:
    rows = [draws(temperature=0.0), draws(top_p=0.1, seed=1), draws(seed=2)]
    logits = torch.stack([LOGITS, LOGITS.flip(0), LOGITS])
    assert next_tokens(logits, rows)[:2] == [0, 4]


def test_presence_counts_once_and_frequency_each_time() -> None:
    row = draws(presence_penalty=0.5, frequency_penalty=0.25)
    for token in (1, 1, 3):
        row.note(token)
    logits = torch.zeros(5)
    row.penalise(logits)
    assert logits.tolist() == [0.0, -1.0, 0.0, -0.75, 0.0]


def test_repetition_counts_the_prompt_too_and_works_on_both_signs() -> None:
    row = draws(repetition_penalty=2.0)
    row.note(0)
    logits = torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0])
    row.penalise(logits)
    assert logits.tolist() == [0.5, 1.0, 1.0, 1.0, -2.0]
