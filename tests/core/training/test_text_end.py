"""How likely a text ends where it ends, on a tiny random model: which tokens count, and that batches change nothing."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from core.training.chat_format import ChatFormat
from core.training.text_end import CONTEXT_TOKENS, _end_tokens, end_probabilities

pytestmark = pytest.mark.usefixtures("on_the_processor")


@pytest.fixture(scope="module")
def tokenizer(form: ChatFormat) -> Tokenizer:
    return form.tokenizer


def shares(model: Any, tokenizer: Tokenizer, *texts: str) -> list[float]:
    return end_probabilities(model, tokenizer, texts, lambda n: None)


def test_the_share_is_what_the_model_gives_to_stops_and_ends(model: Any, tokenizer: Tokenizer) -> None:
    text = "bike wheel chain"
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([tokenizer.encode(text, add_special_tokens=False).ids])).logits[0, -1]
    expected = float(torch.softmax(logits, -1)[_end_tokens(tokenizer)].sum())
    assert shares(model, tokenizer, text) == pytest.approx([expected], rel=1e-4)


def test_stops_line_breaks_and_the_end_of_the_turn_count_as_an_end(tokenizer: Tokenizer) -> None:
    ends = {tokenizer.decode([i], skip_special_tokens=False) for i in _end_tokens(tokenizer)}
    assert {".", "!", "?", ")", "\n", "<|im_end|>"} <= ends
    assert not {"a", ",", " "} & ends


def test_texts_together_are_judged_as_if_alone_and_in_their_order(model: Any, tokenizer: Tokenizer) -> None:
    texts = ["bike " * n + "door" for n in range(1, 30)]
    alone = [shares(model, tokenizer, text)[0] for text in texts]
    assert shares(model, tokenizer, *texts) == pytest.approx(alone, rel=1e-4)


def test_only_the_end_of_a_long_text_is_read(model: Any, tokenizer: Tokenizer) -> None:
    long = "wheel " * 4 * CONTEXT_TOKENS
    assert shares(model, tokenizer, "music " + long) == pytest.approx(shares(model, tokenizer, "paper " + long))


def test_an_empty_text_is_whole(model: Any, tokenizer: Tokenizer) -> None:
    assert shares(model, tokenizer, "") == [1.0]
