"""Planted secrets: as exposed as chance has it before training, and fully once they are learnt by rote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.training.batches import TrainingRow, tokenise_examples
from core.training.canaries import N_OTHERS, N_WORDS, Exposure, canary_examples, exposures, exposures_told
from core.training.chat_format import ChatFormat
from core.training.loop import train
from core.training.models import load_base, with_new_adapter
from core.training.progress import Silent
from tests.core.training.test_training import CONFIG


def canary_rows(form: ChatFormat, n: int, *, seed: int) -> list[TrainingRow]:
    rows, dropped = tokenise_examples(canary_examples(n, seed=seed), form, max_length_tokens=CONFIG.max_length_tokens)
    assert not dropped
    return rows


def test_a_canary_is_a_code_of_random_words_that_the_seed_draws(form: ChatFormat) -> None:
    rows = canary_rows(form, 3, seed=5)
    texts = [form.tokenizer.decode([label for label in row.labels if label != -100]) for row in rows]
    assert all(text.startswith(f"The code of locker {n} is ") for n, text in enumerate(texts, start=1))
    assert len(texts[0].removeprefix("The code of locker 1 is ").split(".")[0].split()) == N_WORDS
    assert len(set(texts)) == 3
    assert rows == canary_rows(form, 3, seed=5) != canary_rows(form, 3, seed=6)
    assert canary_rows(form, 0, seed=5) == []


def test_what_is_learnt_by_rote_is_exposed_and_what_is_not_stands_where_chance_puts_it(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    config = replace(CONFIG, rank=16, alpha=32, learning_rate=2e-2, epochs=100.0, batch_size=2, n_evaluations=0)
    base = load_base(tiny)
    with torch.no_grad():
        # As it is made, hardly a token can be told from another, whatever an adapter learns.
        base.get_output_embeddings().weight.mul_(20)
    model = with_new_adapter(base, config)
    before = exposures(model, form, 2, seed=config.seed, progress=Silent())
    rows = canary_rows(form, 2, seed=config.seed)
    train(model, config, train_rows=rows, validation_rows=[], test_rows=[], checkpoint=tmp_path, progress=Silent())
    after = exposures(model, form, 2, seed=config.seed, progress=Silent())
    assert [one.rank for one in after] == [1, 1]
    assert min(one.rank for one in before) > 1
    assert [one.code for one in before] == [one.code for one in after]


def test_bits_are_the_logarithm_of_how_many_there_are_over_the_rank() -> None:
    told = exposures_told([Exposure("a", 1, 256, 8.0), Exposure("b", 128, 256, 1.0)])
    assert told is not None
    assert (told["mean_bits"], told["most_bits"]) == (4.5, 8.0)
    assert exposures_told([]) is None
    assert N_OTHERS == 255


def test_a_cancelled_run_has_no_half_of_an_exposure(tiny: Path, form: ChatFormat) -> None:
    class Cancelled(Silent):
        def cancelled(self) -> bool:
            return True

    model = with_new_adapter(load_base(tiny), CONFIG)
    assert exposures(model, form, 2, seed=3, progress=Cancelled()) == []


@pytest.mark.parametrize("prompt_weight", [0.0, 0.3])
def test_gradient_checkpointing_changes_no_step(
    tiny: Path, form: ChatFormat, tmp_path: Path, prompt_weight: float
) -> None:
    rows = canary_rows(form, 4, seed=1)
    losses = []
    for saving in (False, True):
        config = replace(
            CONFIG, gradient_checkpointing=saving, prompt_weight=prompt_weight, epochs=3.0, batch_size=2, n_evaluations=0
        )  # fmt: skip
        model = with_new_adapter(load_base(tiny), config)
        assert model.get_base_model().is_activation_checkpointing == saving
        result = train(
            model, config, train_rows=rows, validation_rows=[], test_rows=rows, checkpoint=tmp_path / str(saving),
            progress=Silent(),
        )  # fmt: skip
        assert result.tuned_loss is not None
        losses.append(result.tuned_loss)
    assert losses[0] == losses[1]
