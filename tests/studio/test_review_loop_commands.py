"""What reviews give back, by command, through a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine, answer
from tests.studio.test_review_loop_api import reviewed


@pytest.mark.slow
def test_the_loop_closes_by_command(tmp_path: Path) -> None:
    reviewed(tmp_path / "data")
    proofroom = CommandLine(tmp_path / "data")
    here = ("--project", "p")
    try:
        assert proofroom("review", "candidates", *here).stdout.startswith("3 texts signed off and not yet a record")
        assert answer(proofroom("review", "candidates", *here, "--take", "--json"))["n_records"] == 3
        assert "replace “phone calls” by “letters”" in proofroom("review", "lessons", *here).stdout
        added = proofroom("review", "lessons", *here, "--add-rule", "phone calls")
        assert added.stdout.strip() == "The brand guide has the rule not phone calls."
        assert proofroom("retraining", *here).stdout.strip() == "There is no reason to train again."
        assert proofroom("review", "judge", *here).stdout.startswith("Not calibrated; 9 drafts with a verdict.")
        assert "At least 30 are needed" in proofroom("review", "judge", *here, "--calibrate", code=1).stderr
    finally:
        proofroom.stop()
