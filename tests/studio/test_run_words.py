"""A check and a plan in the words of a terminal: all that the page tells, long lists by their first rows and their number."""

from __future__ import annotations

from typing import Any

from studio.commands.run_words import check_words, estimate_words, plan_words

ESTIMATE: dict[str, Any] = {
    "n_steps": 1_200, "minutes": 12.4, "peak_memory_mb": 3_584.0, "device_memory_mb": None, "energy_wh": 2.25, "n_train_tokens": 96_000,
}  # fmt: skip
LENGTHS = {
    "n": 300,
    "n_tokens": 96_000,
    "n_trained_tokens": 61_000,
    "median": 310,
    "longest": 900,
    "edges": [],
    "counts": [],
}
TOLD: dict[str, Any] = {
    "findings": [], "lengths": {"train": LENGTHS}, "dropped": {"train": [], "test": []}, "n_dropped": {"train": 0, "test": 0},
    "leaks": [], "n_leaks": 0, "dry_step": None,
}  # fmt: skip
COST = "1,200 steps, about 12 min, 3.5 GB of memory and 2.2 Wh."


def test_a_check_tells_lengths_and_what_a_run_would_take() -> None:
    assert check_words(TOLD, ESTIMATE).splitlines() == [
        "Nothing stands against this run.",
        "300 training examples, 96,000 tokens, of which 61,000 are learnt. Half are no longer than 310; the longest has 900.",
        f"A run: {COST}",
    ]


def test_a_check_names_the_first_ten_that_fall_out_and_how_many_more_there_are() -> None:
    rows = [{"external_id": f"x{i}", "detail": "1,200 tokens, 1,024 allowed"} for i in range(14)]
    dropped = {"train": rows[:13], "test": rows[13:]}
    lines = check_words(TOLD | {"dropped": dropped, "n_dropped": {"train": 13, "test": 1}}, ESTIMATE).splitlines()
    start = lines.index("14 examples fall out:")
    assert lines[start + 1 : start + 11] == [f"  x{i} (train): 1,200 tokens, 1,024 allowed" for i in range(10)]
    assert lines[start + 11] == "  4 more: --json lists all of them."


def test_a_check_names_leaks_its_findings_and_what_it_tried() -> None:
    more = {
        "findings": [{"level": "look", "name": "leak", "sentence": "One stands in both."}],
        "leaks": [{"external_id": "x1", "split": "test", "share": 0.83}], "n_leaks": 1,
        "dry_step": {"n_rows": 8, "tokens_per_second": 310.0, "peak_memory_mb": 4_096.0, "device_memory_mb": 6_144.0},
    }  # fmt: skip
    assert check_words(TOLD | more, ESTIMATE).splitlines() == [
        "One stands in both.",
        "300 training examples, 96,000 tokens, of which 61,000 are learnt. Half are no longer than 310; the longest has 900.",
        "1 held-out text stands in the training text:",
        "  x1 (test): 83% of its words",
        "The 8 longest examples: 310 tokens a second, 4.0 GB at most, and 6.0 GB of the graphics processor's.",
        f"A run: {COST}",
    ]


def test_a_check_in_which_nothing_can_be_learnt_tells_no_lengths() -> None:
    assert check_words(TOLD | {"lengths": {"train": LENGTHS | {"n": 0}}}, ESTIMATE).count("\n") == 1


def test_on_a_graphics_processor_its_memory_is_told_and_its_energy_said_to_be_left_out() -> None:
    assert estimate_words(ESTIMATE | {"device_memory_mb": 6_144.0}) == (
        "1,200 steps, about 12 min, 3.5 GB of memory, 6.0 GB of the graphics processor's and 2.2 Wh. The energy of the graphics processor is not counted."
    )


def test_a_plan_tells_what_differs_and_what_stands_against_it() -> None:
    plan = {
        "n_train": 300, "version": {"name": "v1"}, "estimate": ESTIMATE, "differs": {"rank": [16, 8]},
        "obstacles": ["The source posts expired."], "check_broke_off": "It was killed.",
    }  # fmt: skip
    assert plan_words(plan).splitlines() == [
        "300 examples of v1, 96,000 tokens to read.",
        COST,
        "rank: 8 instead of the preset's 16.",
        "The source posts expired.",
        "The check of these settings did not come to its end. It was killed.",
    ]
