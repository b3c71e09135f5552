"""Going on from a run by command, through a real server and its API: the plan in words, the run, and its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine, answer
from tests.core.training.tiny import LONG, tiny_folder
from tests.core.workflows.test_continuing import reviewed_studio

QUICK = ("--setting", "n_drafts=0", "--setting", "learning_rate=0.01", "--setting", "epochs=1")


@pytest.mark.slow
def test_a_run_goes_on_with_its_reviews_by_command(tmp_path: Path) -> None:
    reviewed_studio(tmp_path / "data", tiny_folder(tmp_path / "tiny", context=LONG))
    proofroom = CommandLine(tmp_path / "data")
    try:
        planned = proofroom("runs", "continue", "first", "--project", "p", "--plan")
        assert planned.stdout.startswith("6 pairs: 6 edits, 0 rejected drafts")
        assert "1 verdict: signed off without an edit" in planned.stdout
        assert (
            "beta is 99"
            in proofroom("runs", "continue", "first", "--project", "p", "--setting", "beta=99", code=1).stderr
        )
        assert (
            "'faster' is no setting"
            in proofroom("runs", "continue", "first", "--project", "p", "--setting", "faster", code=1).stderr
        )
        made = answer(
            proofroom("runs", "continue", "first", "--project", "p", "--name", "second", *QUICK, "--wait", "--json")
        )
        assert (made["name"], made["status"], made["preference"]["n_learnt"]) == ("second", "done", 6)
        assert made["preference"]["after"]["n_moved"] >= 5
        shown = proofroom("runs", "show", "second").stdout
        assert shown.startswith("second (")
        assert shown.splitlines()[-1].startswith(("network: isolated, ", "network: Python sockets guarded; "))
        assert shown.endswith("; no attempt to reach out\n")
    finally:
        proofroom.stop()
