"""What is found before a run goes on with pairs: what falls out and why, what is held out, and the pairs token by token."""

from __future__ import annotations

from dataclasses import replace

from core.nouns import Example, PreferencePair, Split
from core.training.chat_format import ChatFormat, _compile
from core.training.pair_checks import CheckedPairs, check_pairs
from core.training.preference_plan import PreferenceConfig
from core.training.preflight import check_examples
from tests.core.training.test_preferences import RUN, pair
from tests.core.training.test_preflight import SENTENCE, answering
from tests.core.training.tiny import examples

CONFIG = PreferenceConfig(replace(RUN, max_length_tokens=200))


def checked(
    form: ChatFormat, pairs: list[PreferencePair], *, held: list[Example] | None = None, max_length_tokens: int = 200
) -> CheckedPairs:
    """held: the test split; the version has training examples beside it."""
    some = examples(8)
    config = replace(CONFIG, run=replace(CONFIG.run, max_length_tokens=max_length_tokens))
    splits = {Split.TRAIN: some[:4], Split.VALIDATION: [], Split.TEST: some[4:] if held is None else held}
    return check_pairs(pairs, check_examples(splits, form, config.run), form, config)


def names(found: CheckedPairs) -> list[tuple[str, str]]:
    return [(finding.level, finding.name) for finding in found.findings]


def test_nothing_stands_against_pairs_that_fit(form: ChatFormat) -> None:
    found = checked(form, [pair(n) for n in range(6)])
    assert (found.findings, len(found.learnt), found.aside, found.dropped) == ([], 6, [], [])
    assert found.told["lengths"]["train"]["n"] == 12
    assert found.told["n_dropped"] == {"pairs": 0, "validation": 0, "test": 0}


def test_a_pair_of_which_one_text_is_too_long_falls_out_and_is_named(form: ChatFormat) -> None:
    long = replace(pair(0), rejected="wheel " * 300)
    found = checked(form, [long, *(pair(n) for n in range(1, 6))])
    (finding,) = found.findings
    assert (finding.level, finding.name) == ("look", "too_many_tokens")
    assert finding.sentence.startswith(
        "1 pair falls out: longer than the run allows; nothing is cut (the first, pp_0: "
    )
    assert finding.sentence.endswith("200 allowed).")
    assert [one["external_id"] for one in found.told["dropped"]["pairs"]] == ["pp_0"]


def test_where_no_pair_fits_the_run_must_not_start(form: ChatFormat) -> None:
    found = checked(form, [replace(pair(n), chosen="wheel " * 300) for n in range(4)])
    assert names(found) == [("stop", "no_pairs"), ("look", "too_many_tokens")]
    assert found.findings[0].sentence.startswith("None of the 4 pairs can be learnt. Of the first: ")
    assert found.told["first_batch"] == []


def test_a_pair_that_the_base_model_cannot_read_whole_stops_the_run(form: ChatFormat) -> None:
    long = replace(pair(0), chosen="wheel " * 300)
    found = checked(form, [long, *(pair(n) for n in range(1, 6))], max_length_tokens=4_000)
    (finding,) = found.findings
    assert (finding.level, finding.name) == ("stop", "context")
    # The base model is that of the run that it goes on from.
    assert finding.sentence.endswith(" tokens. Set it to 256 or less.")


def test_fewer_pairs_than_a_step_has_and_no_hold_out_are_said(form: ChatFormat) -> None:
    found = checked(form, [pair(0), pair(1)], held=[])
    assert names(found) == [("look", "small_set"), ("look", "no_hold_out")]
    assert found.findings[0].sentence.startswith("There are 2 pairs to learn from and 4 in a step:")


def test_a_held_out_answer_that_stands_in_what_was_signed_off_is_told(form: ChatFormat) -> None:
    held = [answering(examples(1)[0], SENTENCE)]
    found = checked(form, [replace(pair(0), chosen=f"{SENTENCE} today"), *(pair(n) for n in range(1, 6))], held=held)
    (finding,) = found.findings
    assert (finding.level, finding.name) == ("look", "leak")
    assert "Of 1 held-out examples 1 stand at least half in texts that were signed off" in finding.sentence
    # What was not signed off is no text that the model is to write.
    assert not checked(form, [replace(pair(0), rejected=SENTENCE), *(pair(n) for n in range(1, 6))], held=held).findings


def test_where_nothing_ends_an_answer_it_is_said_of_pairs_too(form: ChatFormat) -> None:
    endless = ChatFormat(form.folder)
    endless._template = _compile("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}", "endless")  # fmt: skip
    assert names(checked(endless, [pair(n) for n in range(6)])) == [("look", "no_end")]


def test_the_first_step_shows_both_texts_of_its_pairs(form: ChatFormat) -> None:
    found = checked(form, [pair(n) for n in range(6)])
    first = found.told["first_batch"]
    assert len(first) == 2 * CONFIG.run.batch_size
    assert [row["external_id"].partition(", ")[2] for row in first[:2]] == ["signed off", "the other text"]
    number = first[0]["external_id"].partition(",")[0].removeprefix("pp_")
    assert (
        "".join(piece for piece, is_learnt in first[0]["pieces"] if is_learnt)
        == f"{pair(int(number)).chosen}<|im_end|>"
    )
