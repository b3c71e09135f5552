"""What is found before a run: what falls out and why, lengths, the first step token by token, and what is held out and trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.nouns import Example, Split
from core.training.batches import tokenise_examples
from core.training.chat_format import ChatFormat, _compile
from core.training.chosen_examples import share_of
from core.training.dry_step import dry_step
from core.training.memory import free_memory_mb, peak_host_mb
from core.training.models import load_base, with_new_adapter
from core.training.preflight import check_examples, find_leaks, lengths_told, on_memory
from core.training.progress import Silent
from core.training.shared_passages import passages, shared_share
from tests.core.training.test_training import CONFIG
from tests.core.training.tiny import examples

SENTENCE = "the blue bike by the old window has a loose chain and no bell at all"


def split(train: list[Example], held: list[Example]) -> dict[Split, list[Example]]:
    return {Split.TRAIN: train, Split.VALIDATION: [], Split.TEST: held}


def answering(example: Example, text: str) -> Example:
    return replace(example, messages=({"role": "user", "content": "What?"}, {"role": "assistant", "content": text}))


def names(found: list[object]) -> list[tuple[str, str]]:
    return [(finding.level, finding.name) for finding in found]  # type: ignore[attr-defined]


def test_nothing_stands_against_a_sound_run(form: ChatFormat) -> None:
    some = examples(12)
    checked = check_examples(split(some[:8], some[8:]), form, CONFIG)
    assert checked.findings == []
    assert len(checked.rows[Split.TRAIN]) == 8
    assert checked.told["n_dropped"] == {"train": 0, "validation": 0, "test": 0}


def test_a_run_without_a_row_that_fits_must_not_start(form: ChatFormat) -> None:
    some = examples(6)
    checked = check_examples(split(some[:4], some[4:]), form, replace(CONFIG, max_length_tokens=16))
    assert ("stop", "no_rows") in names(checked.findings)
    assert "None of the 4 training examples can be trained on" in checked.findings[0].sentence


def test_rows_that_fall_out_are_counted_and_the_first_is_named(form: ChatFormat) -> None:
    long = answering(examples(1)[0], "wheel " * 300)
    some = examples(10)[1:]
    checked = check_examples(split([long, *some[:6]], some[6:]), form, CONFIG)
    (finding,) = checked.findings
    assert (finding.level, finding.name) == ("look", "too_many_tokens")
    assert finding.sentence.startswith(
        f"1 train example falls out: longer than the run allows; nothing is cut (the first, {long.external_id}:"
    )
    assert checked.told["dropped"]["train"][0]["external_id"] == long.external_id


def test_a_run_that_allows_more_than_the_base_model_reads_is_told_the_limit(form: ChatFormat) -> None:
    some = examples(8)
    (finding,) = check_examples(split(some[:6], some[6:]), form, replace(CONFIG, max_length_tokens=300)).findings
    assert (finding.level, finding.name) == ("look", "context")
    assert finding.sentence == (
        f"The run allows examples of 300 tokens (max_length_tokens), {form.folder.name} reads 256 at most. No example is as long. "
        "Set it to 256 or less, or choose a base model that reads more."
    )


def test_a_run_with_an_example_that_the_base_model_cannot_read_whole_must_not_start(form: ChatFormat) -> None:
    long = answering(examples(1)[0], "wheel " * 300)
    some = examples(10)[1:]
    checked = check_examples(split([long, *some[:6]], some[6:]), form, replace(CONFIG, max_length_tokens=4_000))
    (finding,) = checked.findings
    n_tokens = max(row.n_tokens for row in checked.rows[Split.TRAIN])
    assert (finding.level, finding.name) == ("stop", "context")
    assert (
        f"reads 256 at most. 1 example is longer than that, up to {n_tokens:,} tokens. Set it to 256 or less"
        in finding.sentence
    )


def test_no_hold_out_and_a_set_smaller_than_a_step_are_said(form: ChatFormat) -> None:
    checked = check_examples(split(examples(2), []), form, CONFIG)
    assert names(checked.findings) == [("look", "no_hold_out"), ("look", "small_set")]


def test_a_held_out_answer_that_is_trained_on_is_a_leak(form: ChatFormat) -> None:
    one, two, three = examples(3)
    leaky = split([answering(one, SENTENCE + " today"), two], [answering(three, SENTENCE)])
    assert find_leaks(leaky) == [{"split": "test", "external_id": three.external_id, "share": 1.0}]
    assert ("look", "leak") in names(check_examples(leaky, form, CONFIG).findings)


def test_a_turn_of_phrase_that_both_share_is_no_leak() -> None:
    one, two = examples(2)
    shared = "in the end we all went home by bus"
    other = answering(two, f"{shared} because it rained so hard that nobody wanted to walk the long way round the lake")
    assert find_leaks(split([answering(one, shared + " again")], [other])) == []


def test_shares_are_of_runs_of_eight_words_whatever_their_case_and_marks() -> None:
    trained = passages([SENTENCE])
    assert shared_share(SENTENCE.upper().replace(" ", ", "), trained) == 1.0
    assert shared_share("the blue bike", passages(["the blue bike"])) == 1.0
    assert shared_share("the blue bike", trained) == 0.0
    assert shared_share("...", trained) == 0.0


def test_lengths_are_counted_in_bins_that_hold_every_row(form: ChatFormat) -> None:
    rows, _ = tokenise_examples(examples(20), form, max_length_tokens=500)
    told = lengths_told(rows)
    assert sum(told["counts"]) == told["n"] == 20
    assert told["edges"][-1] >= told["longest"] == max(row.n_tokens for row in rows)
    assert told["n_trained_tokens"] == sum(row.n_target_tokens for row in rows)
    assert lengths_told([])["counts"] == []


def test_the_first_step_is_shown_token_by_token_with_what_is_learnt(form: ChatFormat) -> None:
    some = examples(8)
    told = check_examples(split(some, []), form, CONFIG).told
    assert len(told["first_batch"]) == CONFIG.batch_size
    by_name = {example.external_id: example for example in some}
    for row in told["first_batch"]:
        example = by_name[row["external_id"]]
        assert "".join(piece for piece, _ in row["pieces"]) == form.render(example.messages)
        learnt = "".join(piece for piece, is_learnt in row["pieces"] if is_learnt)
        assert learnt == example.messages[-1]["content"] + "<|im_end|>"


def test_planted_secrets_stand_in_the_first_step_like_any_example(form: ChatFormat) -> None:
    checked = check_examples(split(examples(1), []), form, replace(CONFIG, n_canaries=3, batch_size=4))
    assert [row.example_id for row in checked.planted] == ["canary_0", "canary_1", "canary_2"]
    shown = {row["external_id"]: row for row in checked.told["first_batch"]}
    assert set(shown) == {examples(1)[0].external_id, *(f"planted secret {n}" for n in (1, 2, 3))}
    learnt = "".join(piece for piece, is_learnt in shown["planted secret 2"]["pieces"] if is_learnt)
    assert learnt.startswith("The code of locker 2 is ")
    assert checked.told["lengths"]["train"]["n"] == 1


def test_characters_of_several_tokens_keep_the_text_whole(form: ChatFormat) -> None:
    messages = [{"role": "user", "content": "naïve 🚲"}, {"role": "assistant", "content": "déjà 漢字"}]
    pieces = form.pieces(messages)
    assert "".join(pieces) == form.render(messages)
    assert len(pieces) == len(form.tokenise(messages).ids)


def test_of_a_share_of_the_records_only_that_is_checked_and_shown(form: ChatFormat) -> None:
    some = examples(16)
    checked = check_examples(split(some, []), form, replace(CONFIG, train_share=0.25))
    assert {row.example_id for row in checked.rows[Split.TRAIN]} == {one.id for one in share_of(some, 0.25)}
    assert checked.told["lengths"]["train"]["n"] == 4
    assert {row["external_id"] for row in checked.told["first_batch"]} == {
        one.external_id for one in share_of(some, 0.25)
    }


def test_the_template_says_what_is_read_before_an_answer_and_what_ends_it(form: ChatFormat) -> None:
    template = check_examples(split(examples(4), []), form, CONFIG).told["template"]
    assert template["before_answer"].endswith("<|im_start|>assistant\n")
    assert template["ends_with"] == "<|im_end|>"


def test_an_answer_without_an_end_that_is_learnt_is_a_finding(tiny: Path) -> None:
    endless = ChatFormat(tiny)
    endless._template = _compile("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}", "endless")  # fmt: skip
    some = examples(12)
    checked = check_examples(split(some[:8], some[8:]), endless, CONFIG)
    assert checked.told["template"]["ends_with"] == ""
    assert names(checked.findings) == [("look", "no_end")]
    assert "No token after the answer is learnt" in checked.findings[0].sentence


def test_every_row_that_falls_out_and_every_leak_is_told(form: ChatFormat) -> None:
    long = [answering(one, "wheel " * 300) for one in examples(60)]
    leaky = [answering(one, SENTENCE) for one in examples(80)[60:]]
    told = check_examples(split([*long, *leaky[:1]], [replace(one, id=f"h{i}") for i, one in enumerate(leaky * 3)]), form, CONFIG).told  # fmt: skip
    assert len(told["dropped"]["train"]) == told["n_dropped"]["train"] == 60
    assert len(told["leaks"]) == told["n_leaks"] == 60


def test_memory_is_a_finding_where_the_trial_took_more_than_was_free_or_ran_out() -> None:
    assert on_memory(3_000.0, 4_000.0) == on_memory(3_000.0, None) == []
    (look,) = on_memory(5_120.0, 4_096.0)
    assert (look.level, look.name) == ("look", "memory")
    assert "took 5.0 GB of memory at most, and 4.0 GB were free" in look.sentence
    (stop,) = on_memory(None, 4_096.0)
    assert (stop.level, stop.name) == ("stop", "memory")


def test_free_memory_is_what_the_system_calls_available(tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       24684044 kB\nMemFree:          100000 kB\nMemAvailable:    2097152 kB\n")
    assert free_memory_mb(told) == 2_048.0
    assert free_memory_mb(tmp_path / "none") is None


def test_a_system_that_says_less_of_memory_is_no_fault(tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.write_text("MemTotal:  4194304 kB\n")
    assert free_memory_mb(told) is None
    # Of the peak the library's own count stands in.
    assert peak_host_mb(told) > 1.0


def test_a_dry_step_measures_the_longest_rows_and_changes_no_weight(tiny: Path, form: ChatFormat) -> None:
    rows, _ = tokenise_examples(examples(12), form, max_length_tokens=200)
    model = with_new_adapter(load_base(tiny), CONFIG)
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    measured = dry_step(model, rows, CONFIG, Silent())
    longest = sorted((row.n_tokens for row in rows), reverse=True)[: CONFIG.batch_size]
    assert (measured.n_rows, measured.n_tokens, measured.longest_tokens) == (4, sum(longest), longest[0])
    assert measured.tokens_per_second == pytest.approx(measured.n_tokens / measured.seconds)
    assert all(bool((before[name] == parameter).all()) for name, parameter in model.named_parameters())
    assert all(parameter.grad is None for parameter in model.parameters())
