"""A score learnt from made-up decisions that follow a rule."""

from __future__ import annotations

import random

import pytest

from core.curate.learnt_score import learn

DRAW = random.Random(3)
SIGNALS = {f"r{i}": {"n_taught_words": float(DRAW.randint(5, 300)), "typicality": DRAW.random()} for i in range(80)}
# Who decided kept what is long, and nothing that is only a link.
FLAGS = {f"r{i}": {"link_only": "3 words beside the link."} for i in range(0, 80, 5)}
KEPT = {r: s["n_taught_words"] > 100 and r not in FLAGS for r, s in SIGNALS.items()}


def test_the_rule_that_the_team_follows_is_learnt() -> None:
    learnt = learn(SIGNALS, FLAGS, {f"r{i}": KEPT[f"r{i}"] for i in range(60)})
    assert learnt is not None
    assert learnt.auroc > 0.9
    later = [
        (learnt.score(SIGNALS[r], FLAGS.get(r, {})).value >= 0.5) == KEPT[r] for r in (f"r{i}" for i in range(60, 80))
    ]
    assert sum(later) >= 18


def test_the_strongest_reasons_are_told_in_words() -> None:
    learnt = learn(SIGNALS, FLAGS, KEPT)
    assert learnt is not None
    reasons = learnt.score(
        {"n_taught_words": 6.0, "typicality": 0.5}, {"link_only": "3 words beside the link."}
    ).reasons
    assert 1 <= len(reasons) <= 3
    assert any(r.startswith("Speaks against it: the length of what is learnt (6 words;") for r in reasons)
    assert any(r == "Speaks against it: There is little but a link. 3 words beside the link." for r in reasons)


@pytest.mark.parametrize(("n_kept", "n_rejected"), [(29, 0), (23, 7), (10, 19)])
def test_too_few_decisions_teach_nothing(n_kept: int, n_rejected: int) -> None:
    decisions = {f"r{i}": i < n_kept for i in range(n_kept + n_rejected)}
    assert learn(SIGNALS, FLAGS, decisions) is None


def test_decisions_without_a_pattern_are_told_apart_badly() -> None:
    draw = random.Random(5)
    learnt = learn(SIGNALS, {}, {r: draw.random() < 0.5 for r in SIGNALS})
    assert learnt is not None
    assert learnt.auroc < 0.7


def test_a_record_that_was_not_measured_teaches_nothing() -> None:
    decisions = {f"gone{i}": i % 2 == 0 for i in range(40)}
    assert learn(SIGNALS, FLAGS, decisions) is None


def test_a_missing_signal_counts_as_usual() -> None:
    learnt = learn(SIGNALS, FLAGS, KEPT)
    assert learnt is not None
    assert 0.0 < learnt.score({}, {}).value < 1.0


def test_learning_twice_gives_the_same() -> None:
    first, second = learn(SIGNALS, FLAGS, KEPT), learn(SIGNALS, FLAGS, KEPT)
    assert first is not None
    assert second is not None
    assert first.facts == second.facts
