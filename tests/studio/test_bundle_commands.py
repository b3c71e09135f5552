"""From one studio to another by a bundle: the data come along, and the adapter comes out the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from studio.commands.bundles import unpacked
from tests.command_line import CommandLine, answer
from tests.core.training.tiny import LONG, tiny_folder
from tests.core.workflows.test_bundles import trained_studio


@pytest.mark.slow
def test_a_bundle_makes_the_same_adapter_in_another_studio(tmp_path: Path) -> None:
    base = tiny_folder(tmp_path / "tiny", context=LONG)
    trained_studio(tmp_path / "here", base).close()
    file = tmp_path / "first.zip"
    here = CommandLine(tmp_path / "here")
    assert "Written to" in here("runs", "bundle", "first", "--project", "p", "--to", str(file)).stdout
    assert "exists already" in here("runs", "bundle", "first", "--project", "p", "--to", str(file), code=1).stderr
    here.stop()
    there = CommandLine(tmp_path / "there")
    there("project", "create", "q", "--goal", "voice")
    again = ("train", "--bundle", str(file), "--project", "q", "--base", str(base), "--wait", "--json")
    assert "Confirm that these terms hold here" in there(*again, code=1).stderr
    assert "Leave the others out" in there(*again, "--epochs", "2", code=1).stderr
    # Where the base model lay in the other studio is not in the bundle.
    without = ("train", "--bundle", str(file), "--project", "q", "--confirm-terms", "--json")
    assert "--base FOLDER" in there(*without, code=1).stdout
    told = answer(there(*again, "--confirm-terms"))
    assert told["reproduction"] == {
        "of": "first", "is_identical": True, "is_within": True, "loss_difference": 0.0, "differs": {}, "tolerance": 0.01,
    }  # fmt: skip
    there.stop()


def test_a_file_that_is_no_bundle_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(b"PK no")
    with pytest.raises(Invalid, match="is no bundle"):
        unpacked(file, tmp_path)
