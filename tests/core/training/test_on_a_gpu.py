"""What only a graphics processor can show: rows that are packed by themselves, runs that are resumed with dropout, a step in the memory there is.

.venv/bin/python -m pytest -m gpu
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.training.at_a_time import TokensAtATime
from core.training.batches import TrainingRow, tokenise_examples
from core.training.chat_format import ChatFormat
from core.training.models import load_base, with_new_adapter
from core.training.packed_rows import KINDS, packs_rows
from core.training.presets import TrainConfig, config_from
from core.training.progress import Silent
from core.training.row_loss import summed_loss
from tests.core.training.exportable import tiny_model
from tests.core.training.test_packed_rows import CONFIG, adapted, loss_and_gradients
from tests.core.training.test_training import CONFIG as A_RUN
from tests.core.training.test_training import Recorder, run
from tests.core.training.tiny import examples

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]


@pytest.fixture(scope="module", params=KINDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp(request.param), architecture=request.param)


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[TrainingRow]:
    return tokenise_examples(examples(5), ChatFormat(folder), max_length_tokens=250)[0]


def test_training_packs_its_rows_and_says_what_padded_ones_do(folder: Path, rows: list[TrainingRow]) -> None:
    assert packs_rows(with_new_adapter(load_base(folder), CONFIG).get_base_model())
    padded, expected = loss_and_gradients(adapted(folder, is_packed=False), rows, 0.0)
    packed, found = loss_and_gradients(adapted(folder, is_packed=True), rows, 0.0)
    # In bfloat16.
    torch.testing.assert_close(packed, padded, rtol=2e-2, atol=0.1)
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0.1, atol=0.1 * float(theirs.abs().max()) + 1e-6)


def test_a_run_with_dropout_is_resumed_with_the_draws_that_would_have_come(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    config = config_from({"dropout": 0.2, "n_evaluations": 0}, base=A_RUN)
    whole, first, second = Recorder(), Recorder(cancel_after=2), Recorder()
    run(tiny, form, tmp_path / "whole", whole, config)
    run(tiny, form, tmp_path / "parts", first, config)
    run(tiny, form, tmp_path / "parts", second, config)
    # Sums on a graphics processor may come in another order; other draws would move the second digit.
    assert first.losses() + second.losses() == pytest.approx(whole.losses(), rel=1e-3)


def test_a_step_that_the_memory_is_too_small_for_is_taken_with_fewer_tokens_at_a_time(tiny: Path) -> None:
    rows = [TrainingRow(f"r{i}", tuple(range(2, 202)), tuple(range(2, 202))) for i in range(256)]
    model = with_new_adapter(load_base(tiny), TrainConfig(rank=4, alpha=8))
    weight = model.get_base_model().get_output_embeddings().weight.detach()
    parameters = [p for p in model.parameters() if p.requires_grad]
    at_a_time = TokensAtATime(TrainConfig(micro_batch_tokens=256 * 200), weight.device)
    # A share of the whole card that holds the weights and the first rows, and not all rows at once.
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(96 * 2**20 / torch.cuda.get_device_properties(0).total_memory)
    try:
        at_a_time.each(rows, parameters, Silent(), lambda some: summed_loss(model, weight, some).backward())
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert at_a_time.n < 256 * 200
