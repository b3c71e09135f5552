"""The words of a model's card: what was measured with its interval, what was not as not measured, nothing beyond."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.training.licences import licence_of
from core.training.model_card import NEVER_MEASURED, card_text, not_measured

LOSS = {"value": 3.0, "low": 2.5, "high": 3.5, "n": 12}
HEART = {"n": 32, "n_tuned": 2, "n_base": 1, "n_new": 1, "longest": 30, "limits": {"n_given": 32, "n_asked": 48, "long_run": 24}}  # fmt: skip
VOICE = {
    "n": 12, "author": {"distance": 1.0}, "tuned": {"distance": 1.2, "share": 0.62, "share_low": 0.4, "share_high": 0.8},
    "base_fewshot": {"share": 0.3, "share_low": 0.1, "share_high": 0.5},
}  # fmt: skip
SPREAD = {"value": 0.31, "low": 0.2, "high": 0.45}
STEADY = {
    "n": 25,
    "n_cut": 2,
    "n_measured": 25,
    "voice_spread": SPREAD,
    "length_spread": SPREAD,
    "format_agreement": 0.9,
}
CONSISTENCY = {"tuned": STEADY, "base_fewshot": STEADY | {"n_cut": 20, "length_spread": None}}
SOURCE = {"name": "posts | old", "n_records": 40, "owner": "Ann", "basis": "legal_obligation", "purpose": "voice", "uses": ["train", "show"],
          "expires_on": None, "licence": "own"}  # fmt: skip
APPROVED = {
    "act": "approve", "by": "Bo", "at": "2026-11-26T08:00:00Z", "reason": "Ten drafts read.", "is_taken_back": False,
    "evidence": {"base_eval_loss": 4.0, "eval_loss": 3.0, "n_train_examples": 1_200, "weights_sha256": "w1"},
}  # fmt: skip


def facts(quality: dict[str, Any] | None = None, training: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "written_at": "2026-11-26T09:00:00Z", "project": "voice", "goal": "voice",
        "base": {"name": "owner/base", "sha256": "b1", "licence": "apache-2.0"},
        "run": {"id": "run_1", "name": "v1-1", "part": "", "by": "Ann", "started_at": "2026-11-25T09:00:00Z"},
        "version": {"name": "v1", "content_sha256": "c1", "recipe": "recommended", "recipe_in_words": {"Takes": "kept records"}, "seed": 17,
                    "n_records": 40, "by": "Ann", "frozen_at": "2026-11-24T09:00:00Z"},
        "weights_sha256": "w1",
        "data": {"sources": [SOURCE], "splits": {"train": {"examples": 1_200, "tokens": 9_000}, "test": {"examples": 12, "tokens": None}},
                 "left_out": {"near_duplicate": 5}, "tags": {"van_life": 7}, "n_learnt_from": 1_198,
                 "fell_out": {"n": {"train": 2, "test": 0}, "reasons": ["too_long"]}},
        "training": {"config": {"rank": 8, "epochs": 2.0}, "differs": {"rank": [16, 8]}, "machine": {"processor": "X", "cores": 2},
                     "libraries": {"torch": "2.13"}, "n_steps": 300, "best_step": 200, "stopped_early": False, "n_train_tokens": 96_000,
                     "seconds": 320.4, "job_seconds": None, "tokens_per_second": 300.0, "peak_memory_mb": 2_048, "device_memory_mb": None, "energy_wh": 2.25,
                     "energy_is_measured": False,
                     "network": {"isolation": "isolated", "why_not": "", "n_attempts": 0, "n_hosts": 0, "n_native": 0, "n_workers": 1}} | (training or {}),
        "quality": {"hold_out": {"base": LOSS | {"value": 4.0}, "tuned": LOSS}, "by_tag": [], "by_heart": HEART, "reviews": None,
                    "voice": VOICE, "consistency": CONSISTENCY, "canaries": {"n": 4, "mean_bits": 2.25, "most_bits": 8.0},
                    "plain_questions": {"base": 2.0, "tuned": 2.1, "n": 24}, "findings": []} | (quality or {}),
        "state": "approved", "acts": [APPROVED], "reproduction": None,
    } | more  # fmt: skip


def test_the_card_tells_where_the_model_comes_from() -> None:
    text = card_text(facts())
    assert text.startswith(
        "# v1-1\n\nModel card, written on 26 Nov 2026, 09:00 UTC from the records of the studio.\n\n## What it is\n"
    )
    assert "| base model | owner/base, SHA-256 `b1` |\n| its licence | apache-2.0 |" in text
    assert "| posts \\| old | 40 | Ann | legal obligation | voice | train, show | never | own |" in text
    assert "| train | 1,200 | 9,000 |\n| test | 12 | not noted |" in text
    assert (
        "The run learnt from 1,198 of the training examples. As it read them there fell out: 2 of train (too long)."
        in text
    )
    assert "| near duplicate | 5 |" in text
    assert "| van_life | 7 |" in text


def test_settings_stand_beside_the_presets_where_they_are_others() -> None:
    text = card_text(facts())
    assert (
        "| setting | value | the preset's, where it is another |\n| --- | --- | --- |\n| rank | 8 | 16 |\n| epochs | 2.0 |  |"
        in text
    )
    unknown = card_text(facts(training={"differs": None}))
    assert "| setting | value | the preset's: not noted |\n| --- | --- | --- |\n| rank | 8 |  |" in unknown


def test_memory_on_a_graphics_processor_stands_beside_the_machines() -> None:
    assert "| peak memory | 2.0 GB |" in card_text(facts())
    text = card_text(facts(training={"device_memory_mb": 6_144}))
    assert "| peak memory | 2.0 GB, and 6.0 GB of the graphics processor's |" in text


def test_an_assumed_energy_is_never_called_measured() -> None:
    assert "2.2 Wh, not measured: no meter could be read, so 10 watts a core are assumed" in card_text(facts())
    assert "2.2 Wh, as the machine's meter says" in card_text(facts(training={"energy_is_measured": True}))
    text = card_text(facts(training={"device_memory_mb": 6_144, "energy_is_measured": True}))
    assert "2.2 Wh, as the machine's meter says; the energy of the graphics processor is not counted |" in text
    assert "graphics processor" not in card_text(facts())
    assert "| energy | not measured |" in card_text(facts(training={"energy_wh": None}))


def test_losses_stand_with_their_interval_and_tags_below_them() -> None:
    tag = {"tag": "van [x](y)", "n": 3, "base": LOSS, "tuned": LOSS | {"value": 3.3}}
    text = card_text(facts(quality={"by_tag": [tag]}))
    assert "| all held-out texts | 12 | 4.000 (2.500 to 3.500) | 3.000 (2.500 to 3.500) | -25.0% |" in text
    assert "| of these: van \\[x\\](y) | 3 | 3.000 (2.500 to 3.500) | 3.300 (2.500 to 3.500) | +10.0% |" in text


def test_voice_and_planted_secrets_stand_with_their_figures() -> None:
    text = card_text(facts())
    assert (
        "the tuned model stands at 62% (40% to 80%), the base model with three examples in its prompt at 30% (10% to 50%)."
        in text
    )
    assert (
        "Invented secrets planted among the examples: 4, of which each stands out by 2.2 of 8 bits on average" in text
    )
    assert "more uniform" not in text
    nowhere = VOICE | {"tuned": {"share": None}}
    assert "so there is no way to measure along." in card_text(facts(quality={"voice": nowhere}))


def test_drafts_nearer_than_the_authors_own_texts_are_called_uniform() -> None:
    beyond = VOICE | {"tuned": {"distance": 0.83, "share": 2.27, "share_low": 1.6, "share_high": 3.0}}
    assert "they are more uniform, not better." in card_text(facts(quality={"voice": beyond}))


def test_a_rate_of_few_reviews_is_not_a_figure() -> None:
    few = {"label": "Tuned model", "n": 4, "passed": 3, "rate": 0.75, "low": 0.3, "high": 0.95, "is_enough": False}
    enough = few | {
        "label": "Base model",
        "n": 40,
        "passed": 10,
        "rate": 0.25,
        "low": 0.14,
        "high": 0.4,
        "is_enough": True,
    }
    none = {"label": "Your own texts", "n": 0, "passed": 0, "rate": None, "low": None, "high": None, "is_enough": False}
    told = {
        "headline": "Not enough reviews yet.",
        "uneven_in_words": "The choice is uneven.",
        "light_edit_limit": 0.1,
        "light_edit_origin": "the default",
        "systems": [few, enough, none],
    }
    text = card_text(facts(quality={"reviews": told}))
    assert "Not enough reviews yet. The choice is uneven.\n\n" in text
    assert (
        "| Tuned model | 4 | 3 | too few to say |\n| Base model | 40 | 10 | 25% (14% to 40%) |\n\nReviewed blind."
        in text
    )


def test_an_approval_is_told_with_person_day_reason_and_evidence() -> None:
    undone = [APPROVED | {"is_taken_back": True}, APPROVED | {"act": "undo", "reason": "", "by": "Cy", "evidence": {}}]
    text = card_text(facts(acts=undone, state="candidate"))
    assert (
        "The model is a candidate now.\n\n- Approved by Bo, 26 Nov 2026, 08:00 UTC; taken back since; known that day: hold-out loss 3.000, "
        "the base model's 4.000, training examples 1,200, weights `w1`: Ten drafts read.\n"
        "- Took the last decision back by Cy, 26 Nov 2026, 08:00 UTC\n"
    ) in text


def test_an_approval_tells_voice_and_what_was_known_by_heart_where_it_was_stored_with_them() -> None:
    voice = {"n": 12, "tuned": {"distance": 0.86, "low": 0.77, "high": 0.95}}
    evidence = APPROVED["evidence"] | {"voice": voice, "by_heart": HEART}  # type: ignore[operator]
    told = (
        "the base model's 4.000, voice distance 0.86 (0.77 to 0.95), "
        f"{HEART['n_new']} of {HEART['n']} texts learnt by heart, training examples 1,200"
    )
    assert told in card_text(facts(acts=[APPROVED | {"evidence": evidence}]))


def test_how_alike_drafts_of_one_request_are_stands_beside_the_base_with_examples() -> None:
    text = card_text(facts())
    assert "One held-out request was asked 25 times, in five wordings:" in text
    assert "| tuned | 0.31 (0.20 to 0.45) | 31% (20% to 45%) | 90% |" in text
    assert "| base with three examples | 0.31 (0.20 to 0.45) | too many cut at the limit | 90% |" in text


def test_everything_measured_leaves_only_what_is_never_measured() -> None:
    tag = {"tag": "van", "n": 3, "base": LOSS, "tuned": LOSS}
    assert not_measured(facts(quality={"by_tag": [tag], "reviews": {}})) == [NEVER_MEASURED]


@pytest.mark.parametrize(
    ("quality", "sentence"),
    [
        ({"hold_out": None}, "The loss on texts that it has not seen was not measured."),
        ({"plain_questions": None}, "Whether it forgot how to answer anything else was not measured."),
        ({"voice": None}, "How near its drafts come to the authors' voice was not measured."),
        ({"consistency": None}, "How alike its drafts are when the same is asked again was not measured."),
        ({"canaries": None}, "Whether a secret that stood once in the texts could be got out of it was not measured"),
        ({"by_heart": None}, "What it knows by heart was not measured."),
        ({"by_heart": HEART | {"n": 0}}, "no training text is long enough to ask for the rest of it."),
        ({"reviews": None}, "No draft of it was reviewed"),
    ],
)
def test_what_was_not_measured_is_said_so_and_gets_no_figure(quality: dict[str, Any], sentence: str) -> None:
    text = card_text(facts(quality=quality))
    assert sentence in text.partition("## What is not known")[2]
    nothing = dict.fromkeys(("hold_out", "by_heart", "plain_questions", "voice", "consistency", "canaries"))
    told = card_text(facts(quality=nothing)).partition("## How good it is\n\n")[2].partition("\n\n##")[0]
    assert told == "Nothing was measured."


def test_commands_quote_names_for_a_shell_and_stay_in_their_block() -> None:
    run = {"id": "run_1", "name": "a b\n```\nrm", "part": "", "by": "Ann", "started_at": None}
    text = card_text(facts(run=run))
    assert "proofroom runs bundle 'a b ``` rm' --project voice --to bundle.zip\n" in text
    assert text.startswith("# a b \\`\\`\\` rm\n")


def test_a_licence_is_read_from_the_models_own_card(tmp_path: Path) -> None:
    assert licence_of("SmolLM2-135M-Instruct-b179", None) == "Apache-2.0"
    assert licence_of("owner/base", None) is None
    assert licence_of("owner/base", tmp_path) is None
    for front, licence in (
        ("license: mit", "mit"),
        ("license: other\nlicense_name: house", "house"),
        ("license: [mit]", None),
        ("license: {", None),
        ("tags: [a]", None),
    ):
        (tmp_path / "README.md").write_text(f"---\n{front}\n---\n# Base\n", encoding="utf-8")
        assert licence_of("owner/base", tmp_path) == licence


def test_a_run_that_went_on_says_from_which_and_how_it_is_made_again() -> None:
    told = {"run": "run_first", "n_pairs": 6, "pairs_sha256": "ab" * 32, "beta": 0.1, "nll_weight": 1.0}
    text = card_text(facts() | {"continues": told})
    assert "goes on from" in text
    assert "proofroom runs continue run_first" in text
    assert "runs bundle" not in text
    assert "goes on from" not in card_text(facts())
