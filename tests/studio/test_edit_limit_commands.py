"""The light-edit limit from the command line: edits labelled, the best limit shown and taken, the report as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import CommandLine, answer
from tests.edited_drafts import sign_off_all, workspace_with_drafts

N_EDITS = 21


@pytest.fixture(scope="module")
def proofroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    data = tmp_path_factory.mktemp("limit") / "data"
    workspace = workspace_with_drafts(data, n_briefs=N_EDITS // 3)
    sign_off_all(workspace, N_EDITS)
    workspace.close()
    commands = CommandLine(data)
    yield commands
    commands.stop()


def test_edits_are_labelled_and_the_limit_they_speak_for_is_taken(proofroom: CommandLine) -> None:
    of = ("--project", "p", "--by", "Cy")
    first = answer(proofroom("review", "edit", "next", *of, "--json"))
    assert set(first) == {"edit", "draft", "final", "n_done", "n_left"}
    assert (first["n_done"], first["n_left"]) == (0, N_EDITS)
    proofroom("review", "edit", "label", first["edit"], "same", *of)
    assert answer(proofroom("review", "edit", "undo", *of, "--json")) == {"edit": first["edit"]}
    assert "is no label" in proofroom("review", "edit", "label", first["edit"], "heavy", *of, code=1).stderr
    refused = proofroom("review", "limit", "take", "0.2", "--project", "p", code=1)
    assert "No limit can be told yet." in refused.stderr
    while (found := answer(proofroom("review", "edit", "next", *of, "--json")))["edit"]:
        label = "rewritten" if found["final"].count("other") > 14 else "light"
        proofroom("review", "edit", "label", found["edit"], label, *of)
    assert "No edit is left for you to label." in proofroom("review", "edit", "next", *of).stdout
    shown = proofroom("review", "limit", "show", "--project", "p").stdout
    assert "A light edit: up to 10% of the words (the default)." in shown
    assert f"{N_EDITS} pairs labelled by 1 person." in shown
    told = answer(proofroom("review", "limit", "show", "--project", "p", "--json"))
    taken = answer(proofroom("review", "limit", "take", str(told["best_limit"]), "--project", "p", "--json"))
    assert taken == {"project": "p", "light_edit_limit": told["best_limit"]}
    results = answer(proofroom("results", "--project", "p", "--json"))
    assert results["light_edit_origin"].startswith(f"calibrated on {N_EDITS} pairs labelled by 1 person, on 20")


def test_the_report_is_written_as_pdf(proofroom: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    proofroom("report", "--project", "p", "--format", "pdf", "--to", str(file))
    assert file.read_bytes().startswith(b"%PDF-")
    assert file.read_bytes().rstrip().endswith(b"%%EOF")
