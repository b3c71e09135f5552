"""Loss of an answer with its question and without, against the model's own output, on a tiny random model."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.training.answer_difficulty import (
    ANSWER_TOKENS,
    PROMPT_TOKENS,
    AnswerDifficulty,
    _two_rows,
    answer_difficulties,
)
from core.training.chat_format import ChatFormat
from core.training.progress import Silent

pytestmark = pytest.mark.usefixtures("on_the_processor")

ASKED = {"role": "user", "content": "bike wheel chain"}
SAID = {"role": "assistant", "content": "door window"}


class StopsAfter(Silent):
    """Asked to stop once so many chats are read."""

    def __init__(self, n: int) -> None:
        self.n, self.done = n, 0.0

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None:
        self.done = done

    def cancelled(self) -> bool:
        return self.done >= self.n


def one(model: Any, form: ChatFormat, *chat: dict[str, str]) -> AnswerDifficulty:
    return answer_difficulties(model, form, [chat], Silent(), phase="Reading")[0]


def nats_of(model: Any, form: ChatFormat, prompt: str, answer: str) -> float:
    """Mean loss of the answer's tokens, by the model's own logits."""
    before = form.tokenizer.encode(prompt, add_special_tokens=False).ids
    after = form.tokenizer.encode(answer, add_special_tokens=False).ids
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([before + after])).logits[0]
    said = torch.log_softmax(logits, dim=-1)[len(before) - 1 : -1]
    return -float(said.gather(1, torch.tensor(after).unsqueeze(1)).mean())


def test_the_losses_are_the_models_own(model: Any, form: ChatFormat) -> None:
    found = one(model, form, ASKED, SAID)
    answer = "door window<|im_end|>"
    with_question = form.render([ASKED], for_answer=True)
    without = form.render([{"role": "user", "content": ""}], for_answer=True)
    assert found.prompted == pytest.approx(nats_of(model, form, with_question, answer), rel=1e-4)
    assert found.alone == pytest.approx(nats_of(model, form, without, answer), rel=1e-4)
    assert found.n_tokens == len(form.tokenizer.encode(answer, add_special_tokens=False).ids)


def test_the_loss_alone_does_not_know_the_question(model: Any, form: ChatFormat) -> None:
    other = one(model, form, {"role": "user", "content": "music"}, SAID)
    first = one(model, form, ASKED, SAID)
    assert other.alone == pytest.approx(first.alone, rel=1e-5)
    assert other.prompted != pytest.approx(first.prompted, rel=1e-5)


def test_of_a_chat_the_last_answer_counts(model: Any, form: ChatFormat) -> None:
    turns = (ASKED, {"role": "assistant", "content": "early"}, {"role": "user", "content": "price"}, SAID)
    found = one(model, form, *turns)
    assert found.alone == pytest.approx(one(model, form, ASKED, SAID).alone, rel=1e-5)
    assert found.prompted == pytest.approx(
        nats_of(model, form, form.render(turns[:3], for_answer=True), "door window<|im_end|>"), rel=1e-4
    )


def test_chats_read_together_are_read_as_if_alone(model: Any, form: ChatFormat) -> None:
    chats = [
        ({"role": "user", "content": "bike " * n}, {"role": "assistant", "content": "door " * (12 - n)})
        for n in range(1, 12)
    ]
    together = answer_difficulties(model, form, chats, Silent(), phase="Reading")
    assert sorted(together) == list(range(11))
    for i, chat in enumerate(chats):
        assert together[i].prompted == pytest.approx(one(model, form, *chat).prompted, rel=1e-4)


def test_of_a_long_answer_and_question_a_part_is_read(form: ChatFormat) -> None:
    chat = ({"role": "user", "content": "bike " * 2_000}, {"role": "assistant", "content": "door " * 1_000})
    rows = _two_rows(form, chat, [1, 2])
    assert rows is not None
    assert rows[0].n_tokens == PROMPT_TOKENS + ANSWER_TOKENS
    assert rows[1].n_tokens == 2 + ANSWER_TOKENS
    whole = form.tokenise(chat)
    assert rows[0].ids[:100] == whole.ids[:100]
    # Whatever is left out, the answer begins where the template lets it begin.
    start = next(i for i, label in enumerate(whole.labels) if label != -100)
    assert rows[0].ids[PROMPT_TOKENS - 20 : PROMPT_TOKENS] == whole.ids[start - 20 : start]


@pytest.mark.parametrize("said", ["", "door <|im_end|> window"])
def test_what_holds_no_answer_or_steers_the_model_is_left_out(model: Any, form: ChatFormat, said: str) -> None:
    empty = [[ASKED], [ASKED, {"role": "assistant", "content": said}]]
    found = answer_difficulties(model, form, [*empty, [ASKED, SAID]], Silent(), phase="Reading")
    assert 0 not in found
    assert 2 in found
    if said:
        assert 1 not in found


def test_one_that_is_asked_to_stop_keeps_what_it_has(model: Any, form: ChatFormat) -> None:
    found = answer_difficulties(model, form, [[ASKED, SAID]] * 40, StopsAfter(16), phase="Reading")
    assert len(found) == 16
