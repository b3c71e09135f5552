"""The real base model: its template, its tokens, its sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from core.config import models_folder
from core.training.base_models import EMBEDDED, model_folder
from core.training.chat_format import chat_format
from core.training.generation import Sampling, generate_texts
from core.training.models import load_base

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
