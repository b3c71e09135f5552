"""What the expert view of a run can set: prompt weight, schedules, rsLoRA, early stop, and the best weights kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as functional
from peft.tuners.lora import Linear

from core.errors import Conflict, Invalid
from core.training.adapters import metrics
from core.training.batches import TrainingRow, batches_for_tokens, optimiser_batches, tokenise_examples
from core.training.best_weights import BestWeights
from core.training.chat_format import ChatFormat
from core.training.chosen_examples import answer_text, chosen_examples, share_of
from core.training.loop import learning_rate
from core.training.loss import summed_weighted_loss
from core.training.models import as_tensors, load_base, token_shares, with_new_adapter
from core.training.presets import TrainConfig, checked
from tests.core.training.test_training import CONFIG, Recorder, run
from tests.core.training.tiny import examples


def test_a_weighted_loss_and_its_gradient_are_those_of_plain_cross_entropy() -> None:
    torch.manual_seed(3)
    hidden, weight = torch.randn(2, 6, 8, requires_grad=True), torch.randn(20, 8)
    ids = torch.randint(0, 20, (2, 6))
    shares = torch.tensor([[0.5, 0.2, 0.2, 1.0, 1.0, 0.0], [0.2, 0.2, 1.0, 0.0, 0.0, 0.0]])
    mine = summed_weighted_loss(hidden, weight, ids, shares)
    (my_gradient,) = torch.autograd.grad(mine, hidden)
    each = functional.cross_entropy(
        (hidden[:, :-1] @ weight.T).reshape(-1, 20), ids[:, 1:].reshape(-1), reduction="none"
    )
    plain = (each * shares[:, 1:].reshape(-1)).sum()
    (gradient,) = torch.autograd.grad(plain, hidden)
    torch.testing.assert_close(mine, plain, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(my_gradient, gradient, rtol=1e-5, atol=1e-5)


def test_a_prompt_token_counts_its_weight_and_padding_nothing() -> None:
    rows = [TrainingRow("a", (5, 6, 7), (-100, -100, 7)), TrainingRow("b", (5, 6), (-100, 6))]
    _, labels = as_tensors(rows, torch.device("cpu"))
    shares = token_shares(rows, labels, 0.25)
    assert shares[:, :4].tolist() == [[0.25, 0.25, 1.0, 0.0], [0.25, 1.0, 0.0, 0.0]]


def test_a_prompt_weight_changes_what_is_learnt(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    plain, weighted = Recorder(), Recorder()
    run(tiny, form, tmp_path / "a", plain)
    run(tiny, form, tmp_path / "b", weighted, replace(CONFIG, prompt_weight=0.5))
    assert plain.losses() != weighted.losses()


def test_a_line_falls_to_a_tenth_and_a_constant_stays() -> None:
    config = TrainConfig(learning_rate=1.0, warmup_share=0.1)
    line = [learning_rate(replace(config, schedule="linear"), step, 100) for step in range(100)]
    assert line[9] == 1.0
    assert line[55] == pytest.approx(0.1 + 0.9 * 0.5)
    assert 0.1 < line[99] < 0.12
    assert learning_rate(replace(config, schedule="constant"), 99, 100) == 1.0


def test_rank_stabilised_lora_divides_by_the_root_of_the_rank(tiny: Path) -> None:
    model = with_new_adapter(load_base(tiny), replace(CONFIG, rank=4, alpha=8, use_rslora=True))
    scales = {layer.scaling["default"] for layer in model.modules() if isinstance(layer, Linear)}
    assert scales == {8 / 4**0.5}


@pytest.mark.parametrize(
    ("values", "words"),
    [({"schedule": "steps"}, "cosine, linear, constant"), ({"prompt_weight": 1.5}, "from 0 to 1"),
     ({"patience": 2, "n_evaluations": 0}, "n_evaluations above 0"),
     ({"train_tokens": 10, "train_answer_tokens": 20}, "ends by one of them")],
)  # fmt: skip
def test_an_impossible_option_is_refused_with_what_is_allowed(values: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked(replace(TrainConfig(), **values))


def weights_of(folder: Path, values: list[float], *, before: int = 0) -> tuple[BestWeights, torch.nn.Parameter]:
    parameter = torch.nn.Parameter(torch.tensor(values))
    return BestWeights(folder, {"w": parameter}, fingerprint="f", before=before), parameter


def test_the_weights_with_the_lowest_loss_come_back(tmp_path: Path) -> None:
    best, parameter = weights_of(tmp_path, [1.0])
    for step, loss, value in ((1, 3.0, 1.0), (2, 2.0, 2.0), (3, 2.5, 3.0)):
        parameter.data.fill_(value)
        best.note(step, loss)
    assert (best.step, best.loss, best.n_since) == (2, 2.0, 1)
    best.restore()
    assert parameter.item() == 2.0


def test_a_resumed_run_knows_the_best_before_it_and_nothing_after(tmp_path: Path) -> None:
    best, parameter = weights_of(tmp_path, [1.0])
    best.note(1, 3.0)
    parameter.data.fill_(2.0)
    best.note(2, 2.0)
    again, parameter = weights_of(tmp_path, [9.0], before=1)
    assert (again.step, again.loss) == (1, 3.0)
    again.restore()
    assert parameter.item() == 1.0


def test_weights_of_earlier_bests_go(tmp_path: Path) -> None:
    best, _ = weights_of(tmp_path, [1.0])
    best.note(1, 3.0)
    best.note(2, 2.0)
    best.clear_others()
    assert [file.name for file in tmp_path.glob("best-*")] == ["best-00000002.safetensors"]


def test_the_best_of_another_run_is_not_taken(tmp_path: Path) -> None:
    best, parameter = weights_of(tmp_path, [1.0])
    best.note(1, 3.0)
    assert BestWeights(tmp_path, {"w": parameter}, fingerprint="other", before=9).step is None


def half_of(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def test_best_weights_that_are_damaged_are_refused_with_a_remedy(tmp_path: Path) -> None:
    best, _ = weights_of(tmp_path, [1.0])
    best.note(1, 3.0)
    half_of(tmp_path / "best-00000001.safetensors")
    again, parameter = weights_of(tmp_path, [9.0], before=1)
    with pytest.raises(Conflict, match="The best weights of this run cannot be read") as refused:
        again.restore()
    assert refused.value.remedy == "Restore the folder `runs` from a backup, or start a new run."
    assert parameter.item() == 9.0


@pytest.mark.parametrize("damage", ["cut", "empty", "binary", "of another kind"])
def test_hold_out_losses_that_are_damaged_are_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    best, _ = weights_of(tmp_path, [1.0])
    best.note(1, 3.0)
    file = tmp_path / "hold_out.json"
    half_of(file)
    if damage != "cut":
        file.write_bytes({"empty": b"", "binary": b"\xff\xfe\x00", "of another kind": b"[1, 2]"}[damage])
    with pytest.raises(Conflict, match="The hold-out losses of this run cannot be read") as refused:
        weights_of(tmp_path, [9.0], before=1)
    assert refused.value.remedy == "Restore the folder `runs` from a backup, or start a new run."


# Such a rate ruins what the first steps have found: the hold-out loss rises from the first measurement on.
RUINOUS = replace(CONFIG, learning_rate=0.1, epochs=2, n_evaluations=8, schedule="constant", warmup_share=0.5)


def hold_out(recorder: Recorder) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in recorder.events if event["kind"] == "eval" and event["step"]}


def test_the_adapter_is_that_of_the_lowest_hold_out_loss(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    recorder = Recorder()
    _, result = run(tiny, form, tmp_path / "c", recorder, RUINOUS)
    measured = hold_out(recorder)
    lowest = min(measured, key=lambda step: measured[step])
    assert lowest < result.n_steps
    assert result.best_step == lowest
    _, last = run(tiny, form, tmp_path / "d", Recorder(), replace(RUINOUS, keep_best=False))
    assert result.tuned_loss is not None
    assert last.tuned_loss is not None
    assert (result.tuned_loss.mean < last.tuned_loss.mean, last.best_step) == (True, None)


def test_a_run_stops_when_its_patience_is_over(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    recorder = Recorder()
    _, result = run(tiny, form, tmp_path / "c", recorder, replace(RUINOUS, patience=2))
    measured = hold_out(recorder)
    assert result.stopped_early
    assert not result.is_cancelled
    assert list(measured)[-3] == result.best_step
    assert result.n_steps == list(measured)[-1] < 8


def test_a_resumed_run_loses_its_patience_at_the_same_step(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    config = replace(RUINOUS, patience=2)
    _, whole = run(tiny, form, tmp_path / "whole", Recorder(), config)
    run(tiny, form, tmp_path / "part", Recorder(cancel_after=whole.n_steps - 1), config)
    _, resumed = run(tiny, form, tmp_path / "part", Recorder(), config)
    assert (resumed.n_steps, resumed.best_step) == (whole.n_steps, whole.best_step)
    assert resumed.tuned_loss == whole.tuned_loss


def test_a_smaller_share_of_the_records_is_part_of_a_larger_one() -> None:
    some = [replace(one, record_id=f"r{n // 2}") for n, one in enumerate(examples(40))]
    quarter, half, all_ = (share_of(some, share) for share in (0.25, 0.5, 1.0))
    assert (len(quarter), len(half), len(all_)) == (10, 20, 40)
    assert {one.id for one in quarter} < {one.id for one in half}
    assert len(share_of(some, 0.01)) == 2


def test_random_examples_are_drawn_by_the_seed_and_the_longest_by_their_answers(form: ChatFormat) -> None:
    some = examples(40)
    drawn = [{one.id for one in chosen_examples(some, TrainConfig(take="random:10", seed=seed))} for seed in (1, 1, 2)]
    assert len(drawn[0]) == 10
    assert drawn[0] == drawn[1] != drawn[2]
    longest = chosen_examples(some, TrainConfig(take="longest:5"))
    lengths = sorted((len(answer_text(one)) for one in some), reverse=True)
    assert sorted((len(answer_text(one)) for one in longest), reverse=True) == lengths[:5]
    assert [one.id for one in longest] == [one.id for one in some if one in longest]
    assert chosen_examples(some, TrainConfig(take="longest:500")) == some
    with pytest.raises(Invalid, match="shortest:5"):
        checked(TrainConfig(take="shortest:5"))


def test_what_is_taken_is_of_the_share_of_the_records() -> None:
    some = examples(40)
    half = share_of(some, 0.5)
    taken = chosen_examples(some, TrainConfig(train_share=0.5, take="random:8"))
    assert len(taken) == 8
    assert {one.id for one in taken} < {one.id for one in half}


@pytest.mark.parametrize("n_tokens", [1, 300, 5_000])
def test_batches_end_with_the_step_that_reaches_the_tokens(form: ChatFormat, n_tokens: int) -> None:
    rows, _ = tokenise_examples(examples(20), form, max_length_tokens=256)
    batches = batches_for_tokens(rows, batch_size=8, n_tokens=n_tokens, seed=3)
    before = sum(row.n_tokens for batch in batches[:-1] for row in batch)
    assert before < n_tokens <= before + sum(row.n_tokens for row in batches[-1])
    assert batches == optimiser_batches(rows, batch_size=8, n_steps=len(batches), seed=3)


def test_a_run_on_so_many_tokens_ends_when_it_has_them(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    config = replace(CONFIG, train_tokens=2_000, epochs=0.1)
    recorder = Recorder()
    _, result = run(tiny, form, tmp_path, recorder, config)
    tokens = [event["n_train_tokens"] for event in recorder.events if event["kind"] == "step"]
    assert result.n_train_tokens == tokens[-1] >= 2_000 > tokens[-2]
    short = replace(config, max_steps=2)
    _, result = run(tiny, form, tmp_path / "short", Recorder(), short)
    assert result.n_steps == 2


@pytest.mark.parametrize("n_tokens", [1, 150, 2_000])
def test_batches_end_with_the_step_that_reaches_the_answer_tokens(form: ChatFormat, n_tokens: int) -> None:
    rows, _ = tokenise_examples(examples(20), form, max_length_tokens=256)
    batches = batches_for_tokens(rows, batch_size=8, n_tokens=n_tokens, seed=3, of_answers=True)
    before = sum(row.n_target_tokens for batch in batches[:-1] for row in batch)
    assert before < n_tokens <= before + sum(row.n_target_tokens for row in batches[-1])
    assert batches == optimiser_batches(rows, batch_size=8, n_steps=len(batches), seed=3)


def test_runs_on_long_and_on_short_questions_learn_as_many_answer_tokens(form: ChatFormat) -> None:
    plain, _ = tokenise_examples(examples(20), form, max_length_tokens=256)
    # The same answers, asked for at length: more is read for the same that is learnt.
    wordy = [TrainingRow(row.example_id, (5,) * 40 + row.ids, (-100,) * 40 + row.labels) for row in plain]
    learnt, read = {}, {}
    for name, rows in (("plain", plain), ("wordy", wordy)):
        batches = batches_for_tokens(rows, batch_size=4, n_tokens=3_000, seed=3, of_answers=True)
        learnt[name] = sum(row.n_target_tokens for batch in batches for row in batch)
        read[name] = sum(row.n_tokens for batch in batches for row in batch)
    longest_step = 4 * max(row.n_target_tokens for row in plain)
    assert abs(learnt["plain"] - learnt["wordy"]) < longest_step
    assert read["wordy"] > 1.5 * read["plain"]


def test_a_run_on_so_many_answer_tokens_ends_when_it_has_them_and_tells_all_that_it_learnt(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    config = replace(CONFIG, train_answer_tokens=1_000, epochs=0.1)
    _, result = run(tiny, form, tmp_path, Recorder(), config)
    rows, _ = tokenise_examples(examples(24)[:16], form, max_length_tokens=200)
    batches = batches_for_tokens(rows, batch_size=4, n_tokens=1_000, seed=config.seed, of_answers=True)
    assert result.n_steps == len(batches)
    # Several passes, all of them counted.
    assert result.n_answer_tokens == sum(row.n_target_tokens for batch in batches for row in batch) >= 1_000
    assert result.n_answer_tokens > sum(row.n_target_tokens for row in rows)
    assert metrics(result)["n_answer_tokens"] == result.n_answer_tokens


def test_a_resumed_run_counts_the_answer_tokens_from_before(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    _, whole = run(tiny, form, tmp_path / "whole", Recorder())
    _, part = run(tiny, form, tmp_path / "part", Recorder(cancel_after=3))
    _, resumed = run(tiny, form, tmp_path / "part", Recorder())
    assert part.n_answer_tokens is not None
    assert whole.n_answer_tokens is not None
    assert 0 < part.n_answer_tokens < whole.n_answer_tokens == resumed.n_answer_tokens


def test_settings_that_came_later_do_not_part_a_run_from_its_checkpoint() -> None:
    assert "patience" not in TrainConfig().as_before()
    assert TrainConfig(patience=3).as_before()["patience"] == 3
