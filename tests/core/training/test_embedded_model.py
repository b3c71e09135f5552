"""The real base model: its template, its tokens, its sense, and a run on it that is cancelled and resumed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from core.config import models_folder
from core.training.base_models import EMBEDDED, model_folder
from core.training.batches import tokenise_examples
from core.training.chat_format import chat_format
from core.training.generation import Sampling, generate_texts
from core.training.loop import train
from core.training.models import load_base, with_new_adapter
from core.training.presets import TrainConfig
from tests.core.training.test_training import Recorder
from tests.core.training.tiny import examples

pytestmark = [pytest.mark.model]

CHATS = [
    [{"role": "user", "content": "Hello there"}],
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Naïve café, 日本"},
        {"role": "assistant", "content": "Yes.\n\n- a"},
    ],
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return model_folder(EMBEDDED, models_folder())


@pytest.mark.parametrize("messages", CHATS)
def test_rendering_agrees_with_the_template_of_transformers(folder: Path, messages: list[dict[str, str]]) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    form = chat_format(folder)
    assert form.render(messages) == tokenizer.apply_chat_template(messages, tokenize=False)
    expected = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
    assert list(form.tokenise(messages).ids) == expected


def test_the_converted_model_answers_sensibly(folder: Path) -> None:
    prompt = [{"role": "user", "content": "What is the capital of France?"}]
    sampling = Sampling(max_new_tokens=12, temperature=0.0)
    (text,) = generate_texts(load_base(folder), chat_format(folder), [prompt], sampling=sampling, seed=1)
    assert "Paris" in text.text


@pytest.mark.slow
@pytest.mark.alone
def test_a_run_on_the_embedded_model_that_was_cancelled_goes_on_to_the_bit(folder: Path, tmp_path: Path) -> None:
    config = TrainConfig(
        rank=2, alpha=4, epochs=3.0, batch_size=2, max_length_tokens=64, micro_batch_tokens=128, n_evaluations=0, keep_best=False,
    )  # fmt: skip
    rows, dropped = tokenise_examples(examples(2), chat_format(folder), max_length_tokens=config.max_length_tokens)
    assert not dropped

    def run(checkpoint: str, recorder: Recorder) -> dict[str, torch.Tensor]:
        model = with_new_adapter(load_base(folder), config)
        train(
            model, config, train_rows=rows, validation_rows=[], test_rows=[], checkpoint=tmp_path / checkpoint, progress=recorder,
        )  # fmt: skip
        return {name: p.detach() for name, p in model.named_parameters() if "lora_" in name}

    whole, first, second = Recorder(), Recorder(cancel_after=1), Recorder()
    weights = run("whole", whole)
    run("parts", first)
    resumed = run("parts", second)
    assert (len(first.losses()), len(second.losses())) == (1, 2)
    assert first.losses() + second.losses() == whole.losses()
    assert resumed.keys() == weights.keys()
    assert all(torch.equal(weight, resumed[name]) for name, weight in weights.items())
    assert any(torch.any(weight != 0) for name, weight in weights.items() if "lora_B" in name)
