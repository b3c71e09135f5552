"""Rows one after the other say and learn what padded ones do, each seeing itself alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.training.batches import TrainingRow, tokenise_examples
from core.training.chat_format import ChatFormat
from core.training.loop import Run
from core.training.models import as_tensors, hidden_states, load_base, output_weight, with_new_adapter
from core.training.packed_rows import KINDS, can_pack, pack, packs_rows, take_packed_rows
from core.training.preference_plan import PreferenceConfig
from core.training.preferences import _Steps, log_probabilities, tokenise_pairs
from core.training.presets import TrainConfig
from core.training.progress import Silent
from core.training.row_loss import loss_by_row, summed_loss
from tests.core.training.exportable import tiny_model
from tests.core.training.test_preferences import pair
from tests.core.training.tiny import examples, tiny_folder

pytestmark = pytest.mark.usefixtures("on_the_processor")

CONFIG = TrainConfig(rank=4, alpha=8, batch_size=4, micro_batch_tokens=400, epochs=2.0, n_evaluations=0)
ROW = TrainingRow("a", (5, 6, 7), (-100, 6, 7))
OTHER = TrainingRow("b", (8, 9), (8, 9))


@pytest.fixture(scope="module", params=KINDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp(request.param), architecture=request.param)


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[TrainingRow]:
    found, _ = tokenise_examples(examples(5), ChatFormat(folder), max_length_tokens=250)
    assert len({row.n_tokens for row in found}) > 2
    return found


def adapted(folder: Path, *, is_packed: bool, saves_memory: bool = False) -> Any:
    """The model with an adapter that does something."""
    model = with_new_adapter(load_base(folder), TrainConfig(rank=4, alpha=8, gradient_checkpointing=saves_memory))
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.05 * torch.randn(parameter.shape, generator=generator))
    if is_packed:
        take_packed_rows(model.get_base_model())
    else:
        model.get_base_model().set_attn_implementation("sdpa")
    return model.train()


def loss_and_gradients(
    model: Any, rows: list[TrainingRow], prompt_weight: float
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    loss = summed_loss(model, output_weight(model), rows, prompt_weight=prompt_weight)
    loss.backward()
    return loss.detach(), [p.grad for p in model.parameters() if p.grad is not None]


@pytest.mark.parametrize("saves_memory", [False, True])
@pytest.mark.parametrize("prompt_weight", [0.0, 0.3])
def test_packed_rows_have_the_loss_and_the_gradients_of_padded_ones(
    folder: Path, rows: list[TrainingRow], prompt_weight: float, saves_memory: bool
) -> None:
    padded, expected = loss_and_gradients(adapted(folder, is_packed=False), rows, prompt_weight)
    packed, found = loss_and_gradients(adapted(folder, is_packed=True, saves_memory=saves_memory), rows, prompt_weight)
    torch.testing.assert_close(packed, padded, rtol=1e-4, atol=1e-4)
    assert len(found) == len(expected) > 0
    assert any(bool(gradient.abs().max() > 1e-3) for gradient in expected)
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()) + 1e-6)


def test_the_loss_of_each_packed_row_and_its_gradients_are_those_of_the_padded_one(
    folder: Path, rows: list[TrainingRow]
) -> None:
    slopes = torch.linspace(-1.0, 1.5, len(rows))
    told = []
    for is_packed in (False, True):
        model = adapted(folder, is_packed=is_packed).eval()
        nats = loss_by_row(model, output_weight(model), rows)
        (nats @ slopes).backward()
        told.append((nats.detach(), [p.grad for p in model.parameters() if p.grad is not None]))
    (padded, expected), (packed, found) = told
    assert len(set(padded.tolist())) == len(rows)
    torch.testing.assert_close(packed, padded, rtol=1e-4, atol=1e-4)
    assert len(found) == len(expected) > 0
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()) + 1e-6)


def test_a_row_sees_nothing_of_the_rows_before_it(folder: Path, rows: list[TrainingRow]) -> None:
    model = adapted(folder, is_packed=True)
    where = output_weight(model).device
    first, second = rows[:2]
    both, alone = pack([first, second], where), pack([second], where)
    with torch.inference_mode():
        after = hidden_states(model, both.ids, **both.for_model)[:, first.n_tokens :]
        torch.testing.assert_close(after, hidden_states(model, alone.ids, **alone.for_model), rtol=1e-4, atol=1e-4)


def test_a_call_that_says_nothing_of_rows_gets_what_it_got_before(folder: Path, rows: list[TrainingRow]) -> None:
    usual, packing = (adapted(folder, is_packed=is_packed).eval() for is_packed in (False, True))
    ids, _ = as_tensors(rows, output_weight(usual).device)
    mask = torch.ones_like(ids)
    mask[0, :4] = 0
    with torch.inference_mode():
        assert torch.equal(hidden_states(packing, ids), hidden_states(usual, ids))
        padded_left = {"attention_mask": mask}
        assert torch.equal(hidden_states(packing, ids, **padded_left), hidden_states(usual, ids, **padded_left))


def test_a_step_over_packed_rows_leaves_the_weights_of_one_over_padded_rows(
    folder: Path, rows: list[TrainingRow], tmp_path: Path
) -> None:
    after = []
    for is_packed in (False, True):
        model = adapted(folder, is_packed=is_packed)
        run = Run(model, CONFIG, rows, tmp_path / str(is_packed), "base")
        run.start_clock(Silent())
        run.one_step(Silent())
        after.append({name: p.detach().clone() for name, p in run.parameters.items()})
    for name, weight in after[0].items():
        torch.testing.assert_close(after[1][name], weight, rtol=1e-2, atol=1e-4)


def test_a_step_over_packed_pairs_leaves_the_weights_of_one_over_padded_pairs(folder: Path, tmp_path: Path) -> None:
    pairs, dropped = tokenise_pairs([pair(i) for i in range(4)], ChatFormat(folder), max_length_tokens=250)
    assert not dropped
    before, after = [], []
    for is_packed in (False, True):
        model = adapted(folder, is_packed=is_packed).eval()
        reference = log_probabilities(model, pairs, Silent(), phase="")
        assert reference is not None
        steps = _Steps(model, PreferenceConfig(CONFIG), pairs, reference, "s", tmp_path / str(is_packed), "base")
        before.append({name: p.detach().clone() for name, p in steps.parameters.items()})
        steps.start_clock(Silent())
        steps.one_step(Silent())
        after.append({name: p.detach().clone() for name, p in steps.parameters.items()})
    assert any(not torch.equal(before[0][name], weight) for name, weight in after[0].items())
    for name, weight in after[0].items():
        torch.testing.assert_close(after[1][name], weight, rtol=1e-2, atol=1e-4)


def test_rows_lie_one_after_the_other_and_none_is_told_of_the_next_ones_first_token() -> None:
    packed = pack([ROW, OTHER], torch.device("cpu"))
    assert packed.ids.tolist() == [[5, 6, 7, 8, 9]]
    assert packed.positions.tolist() == [[0, 1, 2, 0, 1]]
    assert packed.labels.tolist() == [[-100, 6, 7, -100, 9]]
    assert (packed.starts.tolist(), packed.starts.dtype, packed.longest) == ([0, 3, 5], torch.int32, 3)
    assert packed.shares(0.25).tolist() == [[0.0, 1.0, 1.0, 0.0, 1.0]]


def test_without_a_graphics_processor_rows_are_padded(folder: Path) -> None:
    assert not packs_rows(with_new_adapter(load_base(folder), CONFIG).get_base_model())


def test_models_whose_attention_is_of_another_kind_are_not_packed(tmp_path: Path) -> None:
    model = load_base(tiny_folder(tmp_path))
    assert can_pack(model)
    for name, value in (("model_type", "gemma3"), ("attention_dropout", 0.1), ("head_dim", 12), ("layer_types", ["sliding_attention"])):  # fmt: skip
        before = getattr(model.config, name, None)
        setattr(model.config, name, value)
        assert not can_pack(model)
        setattr(model.config, name, before)
