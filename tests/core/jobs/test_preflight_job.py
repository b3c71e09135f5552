"""What a check makes of the trial of the longest rows: figures, or the finding that they do not fit."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.jobs.handlers.check_step import tried
from core.training.dry_step import DryStep

STEP = DryStep(
    n_rows=4, n_tokens=900, longest_tokens=300, seconds=3.0, tokens_per_second=300.0, peak_memory_mb=2_048.0, device_memory_mb=None
)  # fmt: skip


def never_fits() -> Any:
    return torch.ones(2**50)


def test_a_trial_that_fits_tells_its_figures_and_no_finding() -> None:
    figures, findings = tried(lambda: STEP, free_mb=4_096.0)
    assert figures is not None
    assert (figures["tokens_per_second"], figures["peak_memory_mb"], findings) == (300.0, 2_048.0, [])


def test_a_trial_that_took_more_than_was_free_is_worth_a_look() -> None:
    _, (finding,) = tried(lambda: STEP, free_mb=1_024.0)
    assert (finding.level, finding.name) == ("look", "memory")


def test_a_trial_that_runs_out_of_memory_is_a_finding_and_no_failed_check() -> None:
    figures, (finding,) = tried(never_fits, free_mb=1_024.0)
    assert figures is None
    assert (finding.level, finding.name) == ("stop", "memory")


def test_a_trial_of_other_rows_says_what_they_are_and_what_helps_there() -> None:
    _, (finding,) = tried(never_fits, free_mb=None, of="texts", remedy="Take fewer.")
    assert finding.sentence == "The longest texts do not fit into memory: the trial ran out. Take fewer."


def test_any_other_error_of_a_trial_is_not_taken_for_want_of_memory() -> None:
    with pytest.raises(RuntimeError, match="shape"):
        tried(lambda: torch.ones(2).reshape(3), free_mb=None)
