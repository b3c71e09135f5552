"""Flags by meaning: where passages stand, what a vector raises, and what is left to the detectors that go by words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from core.curate.flags import meant
from core.curate.flags.completeness import LEAST_END_SHARE, cut_off, may_break_off
from core.curate.flags.meant import Passage, ending, flags_by_meaning, passages_of
from core.curate.flags.view import View
from core.curate.records_in import RecordIn
from core.nouns import Flag, Goal
from tests.core.curate.test_flags import PROSE, post, thread

LAST = "Nine words or more make a paragraph worth embedding."
Vector = npt.NDArray[np.float32]


def towards(name: str, share: float) -> Vector:
    """A vector to which the model of this flag gives this share."""
    weights, intercept, _ = meant._models()[name]
    wanted = np.log(share / (1 - share)) - intercept
    return np.asarray(weights * wanted / float(weights @ weights), dtype=np.float32)


def away(name: str) -> Vector:
    return towards(name, 0.01)


def view(record: RecordIn, goal: Goal = Goal.SUPPORT) -> View:
    return View(record, goal)


def raised(
    one: View, *vectors: Vector, question: Vector | None = None, known: dict[str, Flag] | None = None
) -> list[Flag]:
    passages = [Passage(0, len(one.taught), vector) for vector in vectors]
    return flags_by_meaning(one, question=question, passages=passages, known=known or {})


def test_the_ending_is_the_last_paragraph_where_there_are_several() -> None:
    one = view(post(f"{PROSE}\n\n{LAST}\n"), Goal.VOICE)
    start, end = ending(one) or (0, 0)
    assert one.taught[start:end] == LAST


@pytest.mark.parametrize("body", [PROSE, f"{PROSE}\n\nBest, Ann", f"\n\n{LAST}"])
def test_one_paragraph_or_a_short_last_one_has_no_ending(body: str) -> None:
    assert ending(view(post(body), Goal.VOICE)) is None


def test_each_different_text_is_embedded_once() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> Vector:
        asked.extend(texts)
        return np.arange(len(texts), dtype=np.float32)[:, None]

    answer = f"{PROSE}\n\n{LAST}"
    own = np.asarray([[7.0], [8.0], [9.0]], dtype=np.float32)
    passages = passages_of([thread(answer), post(answer), post(LAST)], Goal.SUPPORT, own, encode)
    assert asked == [answer, LAST]
    # A post of one paragraph is its own passage.
    assert [[float(p.vector[0]) for p in found] for found in passages] == [[0.0, 1.0], [1.0], [9.0]]


def test_records_without_words_are_not_embedded() -> None:
    def encode(texts: Sequence[str]) -> Vector:
        raise AssertionError("nothing is to be embedded")

    assert passages_of([thread("")], Goal.SUPPORT, np.zeros((1, 1), dtype=np.float32), encode) == [[]]


def test_a_passage_that_advertises_is_flagged_where_it_stands() -> None:
    one = view(post(f"{PROSE}\n\n{LAST}"), Goal.VOICE)
    start, end = ending(one) or (0, 0)
    passage = Passage(start, end, towards("promotional", 0.9))
    (flag,) = flags_by_meaning(one, question=None, passages=[passage], known={})
    assert (flag.name, round(flag.value or 0, 2)) == ("promotional", 0.9)
    assert one.record.text[flag.start : flag.end] == LAST


def test_a_question_that_advertises_is_flagged_too() -> None:
    one = view(thread(PROSE))
    (flag,) = raised(one, away("promotional"), question=towards("promotional", 0.8))
    assert one.record.text[flag.start : flag.end].strip() == f"{one.record.title}\n\n{one.question}".strip()


def test_an_answer_that_sounds_like_closing_is_flagged() -> None:
    one = view(thread("Our weekend team has taken note of it and wishes you a pleasant Sunday."))
    assert [f.name for f in raised(one, towards("closing_without_help", 0.95))] == ["closing_without_help"]
    assert raised(one, away("closing_without_help")) == []


@pytest.mark.parametrize(
    "answer", ["Open Tools > Options and wait.", "See https://example.org/help for all of it.", "word " * 100]
)
def test_an_answer_with_a_way_a_link_or_many_words_does_more_than_close(answer: str) -> None:
    assert raised(view(thread(answer)), towards("closing_without_help", 0.99)) == []


def test_what_is_known_by_its_words_is_not_flagged_a_second_time() -> None:
    one = view(thread("Thanks, solved."))
    known = {name: Flag(name, "by its words") for name in ("promotional", "closing_without_help")}
    both = towards("closing_without_help", 0.99) + towards("promotional", 0.99)
    assert raised(one, both, known=known) == []


def test_the_shipped_models_have_a_weight_for_each_dimension() -> None:
    assert {name: len(model[0]) for name, model in meant._models().items()} == {
        "promotional": 384,
        "closing_without_help": 384,
    }
    assert all(0 < model[2] < 1 for model in meant._models().values())


@pytest.mark.parametrize(
    ("answer", "is_asked"),
    [
        ("Open the settings of the account and look at what it says on the", True),
        ("Open the settings of the account.", False),
        ("Open the settings and read on here https://example.org/page", False),
        ("It is as I said before, and all is well now.\nMany thanks and kind regards from Ann", False),
        ("Too short to say", False),
        ("# A heading that has more than six words", False),
    ],
)
def test_the_base_model_is_asked_only_where_words_end_without_a_stop(answer: str, is_asked: bool) -> None:
    assert may_break_off(view(thread(answer))) is is_asked


def test_a_text_that_a_base_model_expects_to_go_on_is_truncated() -> None:
    one = view(thread("Open the settings of the account and look at what a clerk called"))
    flag = cut_off(one, 0.004)
    assert flag is not None
    assert (flag.name, flag.limit) == ("truncated", LEAST_END_SHARE)
    assert "0.4%" in flag.evidence
    assert cut_off(one, 0.4) is None
