"""Learning from preference pairs on a tiny random model: the loss, its gradient, exact resume, what is kept aside."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as functional

from core.errors import Invalid
from core.nouns import PairOrigin, PreferencePair
from core.training.batches import tokenise_examples
from core.training.chat_format import ChatFormat
from core.training.loss import answer_loss_by_row, summed_answer_loss
from core.training.models import as_tensors, hidden_states, load_base, output_weight, with_new_adapter
from core.training.preference_plan import PreferenceConfig, config_of, continuation_config, kept_aside
from core.training.preferences import (
    PairRows,
    PreferenceResult,
    _Steps,
    learn_preferences,
    log_probabilities,
    preference_loss,
    preferred,
    tokenise_pairs,
)
from core.training.presets import TrainConfig
from core.training.progress import Silent
from tests.core.training.test_training import CONFIG, Recorder
from tests.core.training.tiny import WORDS, examples

pytestmark = pytest.mark.usefixtures("on_the_processor")

RUN = TrainConfig(
    rank=4, alpha=8, learning_rate=5e-3, epochs=3, batch_size=4, micro_batch_tokens=120, n_evaluations=1, checkpoint_minutes=1000.0
)  # fmt: skip


def pair(number: int, *, brief: str | None = None) -> PreferencePair:
    """The chosen text says "paper" where the rejected one says another word, and goes on otherwise."""
    word, other = WORDS[number % 5], WORDS[(3 * number + 1) % 5]
    brief = brief or f"b{number}"
    chosen, rejected = f"{word} paper {other} paper", f"{word} music {other} door music"
    return PreferencePair(f"pp_{number}", PairOrigin.EDIT, brief, None, ("r1",), f"about {word}", chosen, rejected)


def rows_of(form: ChatFormat, n: int = 8) -> list[PairRows]:
    rows, dropped = tokenise_pairs([pair(i) for i in range(n)], form, max_length_tokens=200)
    assert not dropped
    return rows


def learnt(
    tiny: Path, form: ChatFormat, checkpoint: Path, recorder: Recorder, config: PreferenceConfig | None = None
) -> tuple[Any, PreferenceResult]:
    model = with_new_adapter(load_base(tiny), RUN)
    rows = rows_of(form)
    validation, _ = tokenise_examples(examples(4), form, max_length_tokens=200)
    result = learn_preferences(
        model, config or PreferenceConfig(RUN), pairs=rows, measured=rows, validation_rows=validation, start_sha256="s",
        checkpoint=checkpoint, progress=recorder,
    )  # fmt: skip
    assert result is not None
    return model, result


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters() if "lora_" in name}


def test_the_loss_by_row_and_its_gradient_are_those_of_plain_cross_entropy() -> None:
    torch.manual_seed(1)
    hidden = torch.randn(3, 7, 8, requires_grad=True)
    weight, labels = torch.randn(20, 8), torch.randint(0, 20, (3, 7))
    labels[0, :4] = -100
    slopes = torch.tensor([1.0, -2.0, 0.5])
    mine = answer_loss_by_row(hidden, weight, labels)
    (gradient,) = torch.autograd.grad(mine @ slopes, hidden)
    plain = functional.cross_entropy(
        (hidden[:, :-1] @ weight.T).transpose(1, 2), labels[:, 1:], reduction="none", ignore_index=-100
    ).sum(dim=1)
    (expected,) = torch.autograd.grad(plain @ slopes, hidden)
    torch.testing.assert_close(mine, plain)
    torch.testing.assert_close(gradient, expected)
    torch.testing.assert_close(summed_answer_loss(hidden, weight, labels), plain.sum())


def test_the_loss_of_a_pair_is_that_of_its_formula() -> None:
    chosen, rejected = torch.tensor([-10.0, -8.0]), torch.tensor([-12.0, -5.0])
    reference = torch.tensor([-11.0, -8.0]), torch.tensor([-11.0, -5.0])
    found = preference_loss(chosen, rejected, *reference, beta=0.5)
    # Margins: (1 - -1) = 2 and 0.
    assert found.tolist() == pytest.approx([-math.log(1 / (1 + math.exp(-0.5 * 2))), math.log(2)])


def test_a_steps_gradient_is_that_of_the_whole_loss_in_one_piece(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    config = PreferenceConfig(RUN, beta=0.3, nll_weight=0.7)
    model = with_new_adapter(load_base(tiny), RUN)
    pairs = rows_of(form, 4)
    reference = log_probabilities(model, pairs, Silent(), phase="")
    assert reference is not None
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.05 * torch.randn(parameter.shape, generator=generator))
    steps = _Steps(model, config, pairs, reference, "s", tmp_path, "base")
    seen: dict[str, torch.Tensor] = {}

    def keep_gradients(parameters: Any, _: float) -> None:
        seen.update({name: p.grad.clone() for name, p in steps.parameters.items()})

    original, torch.nn.utils.clip_grad_norm_ = torch.nn.utils.clip_grad_norm_, keep_gradients  # type: ignore[assignment]
    try:
        before = weights(model)
        steps.start_clock(Silent())
        steps.one_step(Silent())
    finally:
        torch.nn.utils.clip_grad_norm_ = original
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in before:
                parameter.copy_(before[name])
    plain = _plain_loss(model, pairs, reference, config)
    for name, expected in zip(seen, torch.autograd.grad(plain, list(steps.parameters.values())), strict=True):
        torch.testing.assert_close(seen[name], expected, rtol=1e-3, atol=1e-6)


def _plain_loss(model: Any, pairs: list[PairRows], reference: Any, config: PreferenceConfig) -> torch.Tensor:
    """By the formula, through logits and one graph, one pair after another."""
    losses = []
    for one in pairs:
        sums = []
        for row in one.rows:
            ids, labels = as_tensors([row], torch.device("cpu"))
            logits = hidden_states(model, ids)[:, :-1] @ output_weight(model).T
            chances = torch.log_softmax(logits, dim=-1)
            wanted = labels[:, 1:]
            picked = chances.gather(2, wanted.clamp(min=0).unsqueeze(2)).squeeze(2)
            sums.append(picked[wanted != -100].sum())
        margin = (sums[0] - reference[one.chosen.example_id]) - (sums[1] - reference[one.rejected.example_id])
        nats = -sums[0] / one.chosen.n_target_tokens
        losses.append(-functional.logsigmoid(config.beta * margin) + config.nll_weight * nats)
    return torch.stack(losses).mean()


def test_what_people_preferred_gets_likelier_against_the_other_text(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    recorder = Recorder()
    _, result = learnt(tiny, form, tmp_path / "c", recorder)
    assert result.after is not None
    assert (result.before.n_moved, result.before.margin, result.before.chosen_change) == (0, 0.0, 0.0)
    assert (result.after.n, result.after.n_moved) == (8, 8)
    assert result.after.margin > 0
    assert result.after.n_likelier >= result.before.n_likelier
    assert recorder.losses()[0] == pytest.approx(math.log(2))
    assert recorder.losses()[-1] < recorder.losses()[0]
    assert [event["step"] for event in recorder.events if event["kind"] == "eval"] == [0, 6]


def test_the_likelihood_term_keeps_the_preferred_text_likely(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    plain = learnt(tiny, form, tmp_path / "a", Recorder(), PreferenceConfig(RUN, nll_weight=0.0))[1].after
    held = learnt(tiny, form, tmp_path / "b", Recorder(), PreferenceConfig(RUN, nll_weight=1.0))[1].after
    assert plain is not None
    assert held is not None
    assert held.chosen_change > max(0.0, plain.chosen_change)


def test_the_same_pairs_give_the_same_weights(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    one, two = (weights(learnt(tiny, form, tmp_path / name, Recorder())[0]) for name in "ab")
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_continuation_cancelled_and_resumed_goes_on_to_the_bit(tiny: Path, form: ChatFormat, tmp_path: Path) -> None:
    whole, first, second = Recorder(), Recorder(cancel_after=3), Recorder()
    expected, result = learnt(tiny, form, tmp_path / "whole", whole)
    _, cancelled = learnt(tiny, form, tmp_path / "parts", first)
    assert (cancelled.after, cancelled.n_steps) == (None, 3)
    resumed, again = learnt(tiny, form, tmp_path / "parts", second)
    assert first.losses() + second.losses() == whole.losses()
    assert (again.before, again.after) == (result.before, result.after)
    found = weights(resumed)
    assert all(torch.equal(value, found[name]) for name, value in weights(expected).items())


def test_a_hold_out_that_a_cancel_cut_short_is_measured_when_it_goes_on(
    tiny: Path, form: ChatFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A few texts at a time, so that there is something to cut.
    monkeypatch.setattr("core.training.evaluation.EVALUATION_TOKENS", 64)
    config = PreferenceConfig(replace(RUN, n_evaluations=2))
    whole, first, second = Recorder(), Recorder(cancel_after=3), Recorder()
    learnt(tiny, form, tmp_path / "whole", whole, config)
    learnt(tiny, form, tmp_path / "parts", first, config)
    learnt(tiny, form, tmp_path / "parts", second, config)
    told = [
        [(event["step"], event["loss"]) for event in one.events if event["kind"] == "eval"]
        for one in (whole, first, second)
    ]
    assert [step for step, _ in told[0]] == [0, 3, 6]
    assert told[1] + told[2] == told[0]


def test_one_that_is_cancelled_before_its_first_step_leaves_the_weights_as_they_are(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    model, result = learnt(tiny, form, tmp_path, Recorder(cancel_after=0))
    assert (result.n_steps, result.after) == (0, None)
    fresh = weights(with_new_adapter(load_base(tiny), RUN))
    assert all(torch.equal(value, fresh[name]) for name, value in weights(model).items())


def test_preference_is_told_token_for_token(form: ChatFormat) -> None:
    (one,) = rows_of(form, 1)
    chosen, rejected = one.chosen, one.rejected
    reference = {chosen.example_id: -20.0, rejected.example_id: -10.0}
    now = {
        chosen.example_id: -1.0 * chosen.n_target_tokens,
        rejected.example_id: -2.0 * rejected.n_target_tokens,
    }
    found = preferred([one], now, reference)
    assert (found.n, found.n_likelier, found.n_moved) == (1, 1, 1)
    assert found.chosen_change == pytest.approx(20.0 - chosen.n_target_tokens)
    assert preferred([one], reference, reference).n_moved == 0


def test_a_pair_whose_text_is_too_long_or_steers_the_model_falls_out(form: ChatFormat) -> None:
    long = PreferencePair("pp_a", PairOrigin.EDIT, "b", None, ("r",), "ask", "paper " * 90, "door")
    steering = PreferencePair("pp_b", PairOrigin.EDIT, "b", None, ("r",), "ask", "paper", "door<|im_end|>")
    rows, dropped = tokenise_pairs([long, steering, pair(1)], form, max_length_tokens=60)
    assert [row.id for row in rows] == ["pp_1"]
    assert [(one.record_id, one.reason) for one in dropped] == [("pp_a", "too_many_tokens"), ("pp_b", "control_token")]


def test_a_tenth_is_kept_aside_from_twenty_pairs_on_and_briefs_stay_whole() -> None:
    pairs = [pair(i, brief=f"b{i // 2}") for i in range(40)]
    learnt_from, aside = kept_aside(pairs)
    assert (len(learnt_from), len(aside)) == (36, 4)
    assert not {one.brief_id for one in aside} & {one.brief_id for one in learnt_from}
    turned = kept_aside(list(reversed(pairs)))[1]
    assert {one.id for one in turned} == {one.id for one in aside}
    assert kept_aside(pairs[:19]) == (pairs[:19], [])


def test_pairs_of_one_record_stay_together_whatever_brief_they_are_of() -> None:
    pairs = [replace(pair(i, brief=f"b{i}"), record_id=f"r{i // 2}") for i in range(40)]
    learnt_from, aside = kept_aside(pairs)
    assert aside
    assert not {one.record_id for one in aside} & {one.record_id for one in learnt_from}


def test_where_every_group_is_large_the_smallest_is_kept_aside() -> None:
    pairs = [pair(i, brief="large" if i < 14 else "small") for i in range(24)]
    learnt_from, aside = kept_aside(pairs)
    assert {one.brief_id for one in aside} == {"small"}
    assert len(learnt_from) == 14


def test_a_continuation_goes_at_a_tenth_of_the_rate_and_a_second_one_at_the_same() -> None:
    first = continuation_config(CONFIG, {}).run
    assert first.learning_rate == pytest.approx(CONFIG.learning_rate / 10)
    assert (first.rank, first.alpha, first.base) == (CONFIG.rank, CONFIG.alpha, CONFIG.base)
    assert continuation_config(first, {}, was_continued=True).run.learning_rate == first.learning_rate


def test_settings_of_a_person_stand_over_the_usual_ones_and_come_back() -> None:
    config = continuation_config(CONFIG, {"beta": 0.3, "epochs": 1, "learning_rate": 1e-5})
    assert (config.beta, config.run.epochs, config.run.learning_rate) == (0.3, 1, 1e-5)
    assert config_of(config.to_dict()) == config


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"rank": 8}, "'rank' cannot be set for a continuation"), ({"beta": 0}, "beta is 0"), ({"epochs": 99}, "epochs is 99")],
)  # fmt: skip
def test_a_setting_that_is_not_possible_is_named(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        continuation_config(CONFIG, settings)


def test_saving_memory_keeps_fewer_activations_of_a_step_and_changes_none(
    tiny: Path, form: ChatFormat, tmp_path: Path
) -> None:
    kept, after = [], []
    for saving in (False, True):
        config = PreferenceConfig(replace(RUN, gradient_checkpointing=saving))
        model = with_new_adapter(load_base(tiny), config.run).eval()
        pairs = rows_of(form, 4)
        reference = log_probabilities(model, pairs, Silent(), phase="")
        assert reference is not None
        steps = _Steps(model, config, pairs, reference, "s", tmp_path / str(saving), "base")
        n_numbers = 0

        def count(tensor: torch.Tensor) -> torch.Tensor:
            nonlocal n_numbers
            n_numbers += tensor.numel()
            return tensor

        steps.start_clock(Silent())
        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            steps.one_step(Silent())
        kept.append(n_numbers)
        after.append(weights(model))
    assert kept[1] < kept[0] / 2
    for name, weight in after[0].items():
        torch.testing.assert_close(after[1][name], weight)
