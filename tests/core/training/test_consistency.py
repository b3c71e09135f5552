"""The same asked again: wordings that keep the request, and scatter that is nothing for equal drafts and more for unequal ones."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from core.nouns import Example
from core.training.chat_format import ChatFormat
from core.training.consistency import (
    COMPARED,
    FEWEST,
    N_DRAWS_EACH,
    NEW_TOKENS,
    WORDINGS,
    asked_again,
    consistency_told,
    seeds_of,
)
from core.training.draft_voice import request_of
from core.training.generation import GeneratedText, Sampling, generate_texts
from core.training.models import load_base, with_new_adapter
from core.training.progress import Silent
from core.workflows.run_evidence import findings
from tests.core.training.test_draft_voice import OURS, answering, written
from tests.core.training.test_training import CONFIG
from tests.core.training.tiny import examples


@pytest.fixture(scope="module")
def held_out() -> list[Example]:
    return [answering(n, written(OURS, 160, n)) for n in range(12)]


def drafts_of(texts: list[str], *, n_cut: int = 0) -> list[GeneratedText]:
    return [GeneratedText(text, 40, place < n_cut) for place, text in enumerate(texts)]


def test_every_wording_holds_the_request() -> None:
    assert len(WORDINGS) == 5
    assert all("write {this}" in wording.format(request="write {this}") for wording in WORDINGS)


def test_one_request_is_answered_by_both_in_every_wording(tiny: Path, form: ChatFormat) -> None:
    some = examples(20)
    model = with_new_adapter(load_base(tiny), CONFIG)

    def again() -> dict[str, list[GeneratedText]]:
        return asked_again(
            model, form, train=some[:10], held_out=some[10:], seed=3, max_position=256, progress=Silent()
        )

    texts = again()
    assert list(texts) == [system.value for system in COMPARED]
    assert all(len(drafts) == len(WORDINGS) * N_DRAWS_EACH for drafts in texts.values())
    assert len({one.text for one in texts["tuned"]}) > N_DRAWS_EACH
    assert texts == again()


def test_one_draw_is_made_again_alone_by_its_own_seed(tiny: Path, form: ChatFormat) -> None:
    some = examples(20)
    model = with_new_adapter(load_base(tiny), CONFIG)
    texts = asked_again(model, form, train=some[:10], held_out=some[10:11], seed=3, max_position=256, progress=Silent())
    assert seeds_of(3) == [3, 4, 5, 6, 7]
    (asked,) = request_of(some[10])
    again = generate_texts(
        model, form, [[asked | {"content": wording.format(request=asked["content"])}] for wording in WORDINGS],
        sampling=Sampling(NEW_TOKENS), seed=seeds_of(3)[2],
    )  # fmt: skip
    assert texts["tuned"][2::N_DRAWS_EACH] == again
    told = consistency_told(texts, some, seed=3)
    assert told is not None
    assert told["tuned"]["seeds"] == told["base_fewshot"]["seeds"] == seeds_of(3)


def test_where_no_request_leaves_room_nothing_is_asked(tiny: Path, form: ChatFormat) -> None:
    model = with_new_adapter(load_base(tiny), CONFIG)
    some = examples(4)
    none = asked_again(
        model, form, train=some, held_out=some, seed=3, max_position=NEW_TOKENS + 5, progress=Silent()
    )  # fmt: skip
    assert none == {}
    assert consistency_told(none, some, seed=3) is None


def test_where_all_begin_with_an_answer_nothing_is_asked(tiny: Path, form: ChatFormat) -> None:
    unasked = [replace(one, messages=one.messages[1:]) for one in examples(3)]
    model = with_new_adapter(load_base(tiny), CONFIG)
    assert asked_again(model, form, train=[], held_out=unasked, seed=3, max_position=256, progress=Silent()) == {}


def test_equal_drafts_do_not_scatter_and_agree_in_everything(held_out: list[Example]) -> None:
    told = consistency_told({"tuned": drafts_of([written(OURS, 90, 1)] * 25)}, held_out, seed=3)
    assert told is not None
    one = told["tuned"]
    assert (one["n"], one["n_measured"], one["format_agreement"]) == (25, 25, 1.0)
    assert one["voice_spread"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert one["length_spread"]["value"] == 0.0


def test_scatter_is_the_standard_deviation_with_its_interval(held_out: list[Example]) -> None:
    draw = random.Random(1)
    drafts = [written(OURS, draw.randint(50, 150), n) + ("\n\n- a list" if n % 5 == 0 else "") for n in range(25)]
    told = consistency_told({"tuned": drafts_of(drafts)}, held_out, seed=3)
    assert told is not None
    length, voice = told["tuned"]["length_spread"], told["tuned"]["voice_spread"]
    assert length["low"] < length["value"] < length["high"]
    assert voice["low"] < voice["value"] < voice["high"]
    # Five of the features: two that a fifth of the drafts have, three that none has.
    assert told["tuned"]["format_agreement"] == pytest.approx((0.8 + 0.8 + 3) / 5)


def test_drafts_of_one_wording_that_are_alike_widen_the_interval(held_out: list[Example]) -> None:
    lengths = [60, 80, 100, 120, 140]
    alike = [written(OURS, lengths[n // 5], n) for n in range(25)]
    mixed = [written(OURS, lengths[n % 5], n) for n in range(25)]
    told = consistency_told({"tuned": drafts_of(alike), "base_fewshot": drafts_of(mixed)}, held_out, seed=3)
    assert told is not None
    wide, narrow = (told[name]["length_spread"] for name in ("tuned", "base_fewshot"))
    assert wide["value"] == pytest.approx(narrow["value"], rel=0.05)
    assert wide["high"] - wide["low"] > 3 * (narrow["high"] - narrow["low"])


def test_lengths_are_not_told_where_many_drafts_were_cut_at_the_limit(held_out: list[Example]) -> None:
    drafts = [written(OURS, 90, n) for n in range(25)]
    for n_cut, is_told in ((5, True), (6, False)):
        told = consistency_told({"tuned": drafts_of(drafts, n_cut=n_cut)}, held_out, seed=3)
        assert told is not None
        assert told["tuned"]["n_cut"] == n_cut
        assert (told["tuned"]["length_spread"] is not None) is is_told


def test_too_few_drafts_of_enough_words_have_no_scatter_of_voice(held_out: list[Example]) -> None:
    drafts = [written(OURS, 90, n) for n in range(FEWEST - 1)] + ["Too short."] * 16
    told = consistency_told({"tuned": drafts_of(drafts)}, held_out, seed=3)
    assert told is not None
    assert told["tuned"]["n_measured"] == FEWEST - 1
    assert told["tuned"]["voice_spread"] is None


def test_a_model_that_scatters_clearly_more_than_examples_do_is_pointed_out() -> None:
    def told(low: float) -> list[str]:
        shots = {"length_spread": {"value": 0.2, "low": 0.1, "high": 0.3}, "n": 25}
        tuned = {"length_spread": {"value": 0.5, "low": low, "high": 0.7}, "n": 25}
        run = {"metrics": {"consistency": {"tuned": tuned, "base_fewshot": shots}}}
        return [one["name"] for one in findings(run)]

    assert told(0.4) == ["unsteady"]
    assert told(0.3) == []


def test_lengths_that_are_not_told_are_not_judged() -> None:
    untold = {"length_spread": None, "n": 25}
    assert findings({"metrics": {"consistency": {"tuned": untold, "base_fewshot": untold}}}) == []
