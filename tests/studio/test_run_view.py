"""What the page of a run says of the weights that were kept."""

from __future__ import annotations

from typing import Any

import pytest

from studio.parts.run_view import weights_kept


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ({"stopped_early": True, "best_step": 40}, "the weights are those of step 40."),
        ({"stopped_early": True, "best_step": None}, "the weights are those of that step."),
        ({"stopped_early": False, "best_step": 40}, "The weights are those of step 40 of 60"),
        ({"stopped_early": False, "best_step": 60}, ""),
        ({"stopped_early": False, "best_step": None}, ""),
    ],
)
def test_it_is_said_of_which_step_the_weights_are(summary: dict[str, Any], words: str) -> None:
    said = weights_kept(summary | {"n_steps": 60})
    assert words in said
    assert bool(said) is bool(words)
