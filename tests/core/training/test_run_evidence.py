"""What a model knows by heart, and whether it still answers plain questions: on a tiny model that is made to learn by rote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.training.batches import TrainingRow, tokenise_examples
from core.training.by_heart import MOST_ROWS, N_ASKED, N_GIVEN, ByHeart, by_heart_told, learnt_by_heart
from core.training.chat_format import ChatFormat
from core.training.chosen_examples import evenly
from core.training.general_ability import QUESTIONS, neutral_rows
from core.training.loop import train
from core.training.models import load_base, with_new_adapter
from core.training.progress import Silent
from core.workflows.run_evidence import by_tag, export_obstacles, findings
from tests.core.training.test_training import CONFIG
from tests.core.training.tiny import WORDS, examples


def long_rows(form: ChatFormat, n: int) -> list[TrainingRow]:
    """Examples whose answers are long enough to be asked for: the words in an order of its own for each."""
    some = [
        replace(
            one, messages=(one.messages[0], {"role": "assistant", "content": " ".join((WORDS[i:] + WORDS[:i]) * 8)})
        )
        for i, one in enumerate(examples(n))
    ]
    rows, dropped = tokenise_examples(some, form, max_length_tokens=256)
    assert not dropped
    return rows


def test_an_adapter_that_learnt_by_rote_writes_on_word_for_word(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    rows = long_rows(form, 2)
    config = replace(
        CONFIG, rank=16, alpha=32, learning_rate=2e-2, epochs=60, batch_size=2, n_evaluations=0, micro_batch_tokens=512
    )
    model = with_new_adapter(load_base(tiny), config)
    before = learnt_by_heart(model, [rows], form.tokenizer, Silent())
    train(model, config, train_rows=rows, validation_rows=[], test_rows=[], checkpoint=tmp_path, progress=Silent())
    # Qwen's models bring one; what is known by heart would come out with other words.
    model.generation_config.repetition_penalty = 5.0
    after = learnt_by_heart(model, [rows], form.tokenizer, Silent())
    assert [one.n_tuned for one in before] == [one.n_base for one in before] == [one.n_base for one in after]
    assert [one.n_tuned for one in after] == [N_ASKED, N_ASKED]
    answer = form.tokenizer.decode([label for label in rows[0].labels if label != -100][N_GIVEN : N_GIVEN + N_ASKED])
    assert after[0].passage == answer
    told = by_heart_told(after)
    assert (told["n"], told["n_tuned"], told["n_base"], told["n_new"], told["longest"]) == (2, 2, 0, 2, N_ASKED)


def test_as_many_are_asked_of_what_was_learnt_in_each_way(tiny: Path, form: ChatFormat) -> None:
    examples, pairs = (
        long_rows(form, 40),
        [replace(row, example_id=f"pair_{n}") for n, row in enumerate(long_rows(form, 20))],
    )
    model = with_new_adapter(load_base(tiny), CONFIG)
    asked = [one.example_id for one in learnt_by_heart(model, [examples, pairs], form.tokenizer, Silent())]
    assert len(asked) == MOST_ROWS
    assert sum(name.startswith("pair_") for name in asked) == MOST_ROWS // 2
    # The last ones, too: what is at the end of a version is no worse known.
    alone = [one.example_id for one in learnt_by_heart(model, [examples, []], form.tokenizer, Silent())]
    assert alone == [row.example_id for row in evenly(examples, MOST_ROWS)]
    assert examples[-1].example_id in alone[-2:] or examples[-2].example_id == alone[-1]


def test_texts_that_are_too_short_are_not_asked_for(tiny: Path, form: ChatFormat) -> None:
    rows, _ = tokenise_examples(examples(3), form, max_length_tokens=200)
    model = with_new_adapter(load_base(tiny), CONFIG)
    assert by_heart_told(learnt_by_heart(model, [rows], form.tokenizer, Silent()))["n"] == 0


def test_what_the_base_model_can_write_too_was_not_taught_here() -> None:
    told = by_heart_told([ByHeart("a", 40, 40, "known to all"), ByHeart("b", 30, 2, "ours"), ByHeart("c", 3, 0, "")])
    assert (told["n_tuned"], told["n_base"], told["n_new"]) == (2, 1, 1)
    assert [one["passage"] for one in told["passages"]] == ["ours"]


def test_plain_questions_have_answers_to_be_measured_on(form: ChatFormat) -> None:
    rows = neutral_rows(form)
    assert len(rows) == len(QUESTIONS) == len({question for question, _ in QUESTIONS})
    assert all(row.n_target_tokens > 3 for row in rows)


def run_with(**metrics: Any) -> dict[str, Any]:
    return {"metrics": {"base_eval_loss": 3.0, "eval_loss": 2.8} | metrics}


def heart(n: int, n_new: int) -> dict[str, Any]:
    return {"n": n, "n_new": n_new, "longest": 40, "limits": {"n_given": N_GIVEN, "n_asked": N_ASKED, "long_run": 24}}


@pytest.mark.parametrize(("n_new", "level"), [(2, "stop"), (1, "look")])
def test_one_passage_is_a_warning_and_a_share_of_them_bars_the_model(n_new: int, level: str) -> None:
    run = run_with(by_heart=heart(20, n_new))
    (found,) = findings(run)
    assert (found["name"], found["level"]) == ("memorisation", level)
    assert bool(export_obstacles(run)) == (level == "stop")


def test_a_sound_run_has_no_finding() -> None:
    assert findings(run_with(by_heart=heart(20, 0), general_ability={"base": 2.0, "tuned": 2.1, "n": 24})) == []
    assert findings({"metrics": None}) == []


def test_forgetting_and_a_loss_that_did_not_fall_are_said() -> None:
    run = run_with(eval_loss=3.1, general_ability={"base": 2.0, "tuned": 2.3, "n": 24})
    assert [one["name"] for one in findings(run)] == ["forgetting", "no_better"]
    assert "rose by 15%" in findings(run)[0]["sentence"]


def test_losses_by_tag_leave_out_tags_with_too_few_texts() -> None:
    texts = [{"example_id": f"e{i}", "n_target_tokens": 10, "base": 3.0, "tuned": 2.0 + i, "tags": tags}
             for i, tags in enumerate([["a", "b"], ["a"], ["a"], []])]  # fmt: skip
    (told,) = by_tag(run_with(examples=texts))
    assert (told["tag"], told["n"], told["base"]["value"], told["tuned"]["value"]) == ("a", 3, 3.0, 3.0)
    assert by_tag(run_with(examples=[text | {"tags": []} for text in texts])) == []
