"""Labels, batches, loss, the loop and its exact resume, on a tiny random model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as functional
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, ModelMissing
from core.nouns import Goal
from core.training.adapters import learnt_anything, save_adapter
from core.training.base_models import BaseShape, base_shape, model_folder
from core.training.batches import TrainingRow, micro_batches, optimiser_batches, tokenise_examples
from core.training.chat_format import ChatFormat
from core.training.estimates import estimate_run
from core.training.evaluation import evaluate
from core.training.generation import Sampling, generate_texts, whole_sentences
from core.training.loop import TrainResult, learning_rate, train
from core.training.loss import summed_answer_loss
from core.training.manifests import read_manifest
from core.training.models import load_base, with_adapter, with_new_adapter
from core.training.presets import (
    TrainConfig,
    checked,
    config_from,
    differing_settings,
    n_steps,
    preset,
    settings_from_text,
)
from core.training.progress import Silent
from tests.core.training.tiny import examples

CONFIG = TrainConfig(
    rank=4, alpha=8, learning_rate=5e-3, epochs=2, batch_size=4, max_length_tokens=200, micro_batch_tokens=120,
    n_evaluations=2, checkpoint_minutes=1000.0,
)  # fmt: skip


class Recorder(Silent):
    """Remembers events; cancels after a step."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self._cancel_after = cancel_after

    def event(self, kind: str, **facts: Any) -> None:
        self.events.append({"kind": kind, **facts})

    def cancelled(self) -> bool:
        return self._cancel_after is not None and len(self.losses()) >= self._cancel_after

    def losses(self) -> list[float]:
        return [event["loss"] for event in self.events if event["kind"] == "step"]


def run(
    tiny: Path, form: ChatFormat, checkpoint: Path, recorder: Recorder, config: TrainConfig = CONFIG
) -> tuple[Any, TrainResult]:
    rows, dropped = tokenise_examples(examples(24), form, max_length_tokens=config.max_length_tokens)
    assert not dropped
    model = with_new_adapter(load_base(tiny), config)
    result = train(
        model,
        config,
        train_rows=rows[:16],
        validation_rows=rows[16:20],
        test_rows=rows[20:],
        checkpoint=checkpoint,
        progress=recorder,
    )
    return model, result


def test_the_trained_tokens_are_the_answer_and_its_end(form: ChatFormat) -> None:
    messages = [
        {"role": "user", "content": "bike"},
        {"role": "assistant", "content": "wheel chain"},
        {"role": "user", "content": "door"},
        {"role": "assistant", "content": "window"},
    ]
    chat = form.tokenise(messages)
    trained = form.tokenizer.decode([i for i in chat.labels if i != -100], skip_special_tokens=False)
    assert trained == "wheel chain<|im_end|>window<|im_end|>"


def test_a_row_over_the_limit_is_dropped_with_its_size(form: ChatFormat) -> None:
    rows, dropped = tokenise_examples(examples(1), form, max_length_tokens=5)
    assert rows == []
    assert dropped[0].reason == "too_many_tokens"
    assert "5 allowed" in dropped[0].detail


def test_a_control_token_in_a_text_drops_the_row(form: ChatFormat) -> None:
    (example,) = examples(1)
    example.messages[0]["content"] += "<|im_end|>"
    rows, dropped = tokenise_examples([example], form, max_length_tokens=500)
    assert (rows, dropped[0].reason) == ([], "control_token")


lengths = st.lists(st.integers(2, 60), min_size=1, max_size=40)


def training_rows(sizes: list[int]) -> list[TrainingRow]:
    return [TrainingRow(f"e{i:03d}", (1,) * n, (1,) * n) for i, n in enumerate(sizes)]


@given(lengths, st.integers(1, 8), st.integers(0, 5))
def test_every_row_is_seen_once_a_pass(sizes: list[int], batch_size: int, seed: int) -> None:
    rows = training_rows(sizes)
    steps = -(-2 * len(rows) // batch_size)
    seen = [
        row.example_id
        for batch in optimiser_batches(rows, batch_size=batch_size, n_steps=steps, seed=seed)
        for row in batch
    ]
    first_two = seen[: 2 * len(rows)]
    assert sorted(first_two[: len(rows)]) == sorted(row.example_id for row in rows)
    assert sorted(first_two[len(rows) :]) == sorted(row.example_id for row in rows)


@given(lengths, st.integers(2, 200))
def test_micro_batches_hold_every_row_within_the_budget(sizes: list[int], budget: int) -> None:
    rows = training_rows(sizes)
    groups = micro_batches(rows, budget_tokens=budget)
    assert sorted(row.example_id for group in groups for row in group) == [row.example_id for row in rows]
    for group in groups:
        assert len(group) == 1 or len(group) * max(row.n_tokens for row in group) <= budget


def test_the_loss_and_its_gradient_are_those_of_plain_cross_entropy() -> None:
    torch.manual_seed(1)
    hidden = torch.randn(2, 7, 8, requires_grad=True)
    weight = torch.randn(20, 8)
    labels = torch.randint(0, 20, (2, 7))
    labels[0, :4] = -100
    mine = summed_answer_loss(hidden, weight, labels)
    (gradient,) = torch.autograd.grad(mine, hidden)
    logits = hidden[:, :-1] @ weight.T
    plain = functional.cross_entropy(
        logits.reshape(-1, 20), labels[:, 1:].reshape(-1), reduction="sum", ignore_index=-100
    )
    (expected,) = torch.autograd.grad(plain, hidden)
    torch.testing.assert_close(mine, plain)
    torch.testing.assert_close(gradient, expected)


def test_padding_changes_no_loss(tiny: Path, form: ChatFormat) -> None:
    rows, _ = tokenise_examples(examples(6), form, max_length_tokens=200)
    model = with_new_adapter(load_base(tiny), CONFIG)
    together = evaluate(model, rows, Silent(), phase="x")
    alone = [evaluate(model, [row], Silent(), phase="x") for row in rows]
    assert together is not None
    by_id = {x.example_id: x.nats for x in together.examples}
    for row, one in zip(rows, alone, strict=True):
        assert one is not None
        assert by_id[row.example_id] == pytest.approx(one.examples[0].nats, rel=1e-4)


def test_training_lowers_the_loss_and_changes_the_adapter(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    model, result = run(tiny, form, tmp_path / "c", Recorder())
    assert result.base_loss is not None
    assert result.tuned_loss is not None
    assert result.tuned_loss.mean < result.base_loss.mean
    assert learnt_anything(model)
    assert result.n_steps == 8


def test_the_token_count_is_what_was_forwarded(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    _, result = run(tiny, form, tmp_path / "c", Recorder())
    rows, _ = tokenise_examples(examples(24)[:16], form, max_length_tokens=200)
    assert result.n_train_tokens == 2 * sum(row.n_tokens for row in rows)
    assert result.tokens_per_second == pytest.approx(result.n_train_tokens / result.seconds)


def test_a_run_cancelled_and_resumed_goes_on_to_the_bit(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    whole = Recorder()
    model, _ = run(tiny, form, tmp_path / "whole", whole)
    first, second = Recorder(cancel_after=3), Recorder()
    _, cancelled = run(tiny, form, tmp_path / "parts", first)
    assert cancelled.is_cancelled
    resumed, result = run(tiny, form, tmp_path / "parts", second)
    assert first.losses() + second.losses() == whole.losses()
    assert not result.is_cancelled
    ours = {n: p for n, p in resumed.named_parameters() if "lora_" in n}
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            assert torch.equal(parameter, ours[name])


def test_a_measurement_cut_short_is_no_point_of_the_curve(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    recorder = Recorder(cancel_after=4)
    rows, _ = tokenise_examples(examples(16), form, max_length_tokens=200)
    # Too many tokens for one micro-batch, and a cancel is heeded after each.
    long_rows = training_rows([250] * 24)
    train(
        with_new_adapter(load_base(tiny), CONFIG), CONFIG, train_rows=rows, validation_rows=long_rows, test_rows=[],
        checkpoint=tmp_path / "c", progress=recorder,
    )  # fmt: skip
    assert [event["step"] for event in recorder.events if event["kind"] == "eval"] == [0]


def test_a_measurement_that_a_cancel_cut_short_is_made_when_the_run_goes_on(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    rows, _ = tokenise_examples(examples(16), form, max_length_tokens=200)
    facts: dict[str, Any] = {"train_rows": rows, "validation_rows": training_rows([250] * 24), "test_rows": []}

    def measured(folder: str, *recorders: Recorder) -> tuple[list[tuple[int, float]], int | None]:
        for recorder in recorders:
            done = train(
                with_new_adapter(load_base(tiny), CONFIG),
                CONFIG,
                **facts,
                checkpoint=tmp_path / folder,
                progress=recorder,
            )
        events = [event for recorder in recorders for event in recorder.events if event["kind"] == "eval"]
        return [(event["step"], event["loss"]) for event in events], done.best_step

    whole = measured("whole", Recorder())
    # The fourth step is one that is measured.
    assert 4 in [step for step, _ in whole[0]]
    assert measured("parts", Recorder(cancel_after=4), Recorder()) == whole


class CancelsAtTheEnd(Recorder):
    """Asks to stop while the tuned model is measured."""

    phase = ""

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None:
        self.phase = phase

    def cancelled(self) -> bool:
        return self.phase == "Measuring the tuned model"


def test_a_run_cancelled_in_its_last_measurement_compares_nothing(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    rows, _ = tokenise_examples(examples(16), form, max_length_tokens=200)
    long_rows = training_rows([250] * 24)
    facts: dict[str, Any] = {
        "train_rows": rows,
        "validation_rows": [],
        "test_rows": long_rows,
        "checkpoint": tmp_path / "c",
    }
    model = with_new_adapter(load_base(tiny), CONFIG)
    assert train(model, CONFIG, **facts, progress=CancelsAtTheEnd()).is_cancelled
    resumed = train(with_new_adapter(load_base(tiny), CONFIG), CONFIG, **facts, progress=Recorder())
    assert not resumed.is_cancelled
    assert resumed.tuned_loss is not None
    assert len(resumed.tuned_loss.examples) == 24


def test_dropout_resumes_to_the_bit_too(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    config = config_from({"dropout": 0.2, "n_evaluations": 0}, base=CONFIG)
    whole, first, second = Recorder(), Recorder(cancel_after=2), Recorder()
    run(tiny, form, tmp_path / "whole", whole, config)
    run(tiny, form, tmp_path / "parts", first, config)
    run(tiny, form, tmp_path / "parts", second, config)
    assert first.losses() + second.losses() == whole.losses()


def test_an_adapter_is_saved_with_its_manifest_and_loads_again(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    model, result = run(tiny, form, tmp_path / "c", Recorder())
    target = tmp_path / "adapter"
    save_adapter(
        model, target, config=CONFIG, base_folder=tiny, version_facts={"version": "v"}, result=result, base_sha256="as loaded"
    )  # fmt: skip
    assert read_manifest(target)["metrics"]["n_steps"] == 8
    assert read_manifest(target)["base"]["sha256"] == "as loaded"
    assert str(tiny.parent) not in (target / "adapter_config.json").read_text()
    loaded = with_adapter(load_base(tiny), target)
    rows, _ = tokenise_examples(examples(24)[20:], form, max_length_tokens=200)
    again = evaluate(loaded, rows, Silent(), phase="x")
    assert again is not None
    assert result.tuned_loss is not None
    assert again.mean == pytest.approx(result.tuned_loss.mean, rel=1e-5)


def test_an_adapter_that_learnt_nothing_is_not_saved(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    model = with_new_adapter(load_base(tiny), CONFIG)
    result = TrainResult(False, 0, 0, 0.0, 0.0, None, None, 0.0)
    with pytest.raises(Invalid, match="not one weight changed"):
        save_adapter(model, tmp_path / "a", config=CONFIG, base_folder=tiny, version_facts={}, result=result)


def test_weights_that_were_changed_are_noticed(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    model, result = run(tiny, form, tmp_path / "c", Recorder())
    save_adapter(model, tmp_path / "a", config=CONFIG, base_folder=tiny, version_facts={}, result=result)
    with (tmp_path / "a" / "adapter_model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Invalid, match="changed after training"):
        read_manifest(tmp_path / "a")


def test_the_rate_warms_up_and_falls_to_a_tenth() -> None:
    config = TrainConfig(learning_rate=1.0, warmup_share=0.1)
    rates = [learning_rate(config, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == 1.0
    assert rates[-1] == pytest.approx(0.1, abs=1e-3)


def test_drafts_are_the_same_by_the_same_seed_and_keep_their_order(tiny: Path, form: ChatFormat) -> None:
    model = load_base(tiny)
    prompts = [[{"role": "user", "content": "bike " * n}] for n in (9, 1, 5)]
    sampling = Sampling(max_new_tokens=8)
    first = generate_texts(model, form, prompts, sampling=sampling, seed=3, batch_size=2)
    assert first == generate_texts(model, form, prompts, sampling=sampling, seed=3, batch_size=2)
    greedy = Sampling(max_new_tokens=8, temperature=0.0)
    batched = generate_texts(model, form, prompts, sampling=greedy, seed=3, batch_size=3)
    alone = [generate_texts(model, form, [p], sampling=greedy, seed=3)[0] for p in prompts]
    assert [text.text for text in batched] == [text.text for text in alone]


def test_a_cut_text_ends_after_its_last_whole_sentence() -> None:
    assert whole_sentences("One. Two is not") == "One."
    assert whole_sentences("no end at all") == "no end at all"


def test_small_sets_are_seen_more_often() -> None:
    assert [preset(Goal.VOICE, n_examples=n).epochs for n in (50, 200, 800, 5000)] == [4.0, 3.0, 2.0, 1.0]


def test_a_wider_model_gets_a_gentler_rate() -> None:
    assert preset(Goal.VOICE, n_examples=500, width=2304).learning_rate == 5e-4


def test_an_impossible_setting_names_value_and_range() -> None:
    with pytest.raises(Invalid, match="rank is 0") as error:
        checked(TrainConfig(rank=0))
    assert "1 to 256" in error.value.remedy


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rank": "16"}, "rank is '16'. Give a whole number."),
        ({"rank": 16.5}, "rank is 16.5. Give a whole number."),
        ({"epochs": "two"}, "epochs is 'two'. Give a number."),
        ({"keep_best": "False"}, "keep_best is 'False'. Give true or false."),
        ({"seed": True}, "seed is True. Give a whole number."),
        ({"take": 3}, "take is 3. Give a text."),
    ],
)
def test_a_setting_of_another_kind_is_named_with_what_it_must_be(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=re.escape(words)):
        config_from(settings)


def test_every_setting_is_read_from_text_as_its_kind() -> None:
    config = TrainConfig(rank=8, dropout=0.1, schedule="linear", keep_best=False, take="random:5", seed=3)
    pairs = [f"{name}={value}" for name, value in config.to_dict().items()]
    assert config_from(settings_from_text(pairs)) == config
    assert settings_from_text(["epochs = 2", "take=", "ask_again=True"]) == {
        "epochs": 2.0,
        "take": "",
        "ask_again": True,
    }


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["rank"], "'rank' is no setting. Write NAME=VALUE"),
        (["ranks=4"], "There is no setting 'ranks'. Settings are base, rank, alpha"),
        (["rank=8.5"], "rank is '8.5'. Give a whole number."),
        (["epochs=nan"], "epochs is 'nan'. Give a number."),
        (["epochs="], "epochs is ''. Give a number."),
        (["keep_best=1"], "keep_best is '1'. Give true or false."),
        (["rank=8", "rank=9"], "rank is set twice, to 8 and '9'. Say it once."),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_with_what_is_allowed(pairs: list[str], words: str) -> None:
    with pytest.raises(Invalid) as error:
        settings_from_text(pairs)
    assert str(error.value).startswith(words)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(Invalid, match="no setting 'ranks'"):
        config_from({"ranks": 4})


def test_what_differs_from_the_preset_is_listed() -> None:
    assert differing_settings(TrainConfig(rank=8), TrainConfig()) == {"rank": (16, 8)}


def test_max_steps_caps_and_never_stretches_a_run() -> None:
    assert n_steps(TrainConfig(max_steps=5), 800) == 5
    assert n_steps(TrainConfig(max_steps=5_000), 800) == 200


def test_a_larger_base_takes_longer_more_memory_and_a_gentler_rate(tiny: Path) -> None:
    facts: dict[str, Any] = {"n_train": 100, "n_train_tokens": 30_000, "n_test_tokens": 0, "n_curve_tokens": 0}
    large = BaseShape(7_000_000_000, 4_096, 32)
    small, larger = estimate_run(TrainConfig(), **facts), estimate_run(TrainConfig(), **facts, shape=large)
    assert larger.minutes > 30 * small.minutes
    assert larger.peak_memory_mb > 26_000
    shape = base_shape(tiny)
    assert (shape.width, shape.n_layers) == (32, 2)
    assert shape.n_parameters == sum(p.numel() for p in load_base(tiny).parameters())


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelMissing, match="no safetensors weights"):
        model_folder(str(tmp_path), tmp_path)
