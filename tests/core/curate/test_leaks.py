"""Leaks between training text and what is held out."""

from __future__ import annotations

import numpy as np

from core.curate.leaks import LeakText, find_leaks

POST = " ".join(f"word{i}" for i in range(120))
OTHER = " ".join(f"other{i}" for i in range(120))


def text(where: str, name: str, words: str) -> LeakText:
    return LeakText(where, name, name.upper(), words)


def vectors(n: int) -> np.ndarray:
    return np.eye(n, dtype=np.float32)


def test_a_held_out_text_that_was_trained_on_is_a_leak() -> None:
    trained = [text("train", "a", POST), text("train", "b", OTHER)]
    held = [text("test", "c", POST + " and a little more"), text("validation", "d", "quite another thing " * 30)]
    (leak,) = find_leaks(trained, held, vectors(4))
    assert (leak["trained"], leak["held"], leak["held_in"], leak["held_title"]) == ("a", "c", "test", "C")
    assert leak["score"] > 0.9


def test_copies_on_one_side_are_no_leak() -> None:
    trained = [text("train", "a", POST), text("train", "b", POST)]
    assert find_leaks(trained, [text("test", "c", OTHER), text("test", "d", OTHER)], vectors(4)) == []


def test_the_surest_leak_comes_first() -> None:
    trained = [text("train", "a", POST), text("train", "b", OTHER)]
    half = " ".join(OTHER.split()[:70]) + " " + " ".join(f"new{i}" for i in range(50))
    found = find_leaks(trained, [text("file", "c", half), text("file", "d", POST)], vectors(4))
    assert [leak["held"] for leak in found] == ["d", "c"]
