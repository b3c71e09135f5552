"""The brand guide on the command line, and so by the API."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import answer
from tests.studio.test_cli import Run, proofroom

__all__ = ["proofroom"]
GUIDE = "notes: Plain words.\nspelling: british\npresets: [no-exclamation-marks]\nrules:\n- {name: w, kind: existence, tokens: [leverage]}\n"


def test_a_guide_is_set_shown_added_to_and_checked_against(proofroom: Run, tmp_path: Path) -> None:
    here = ("--project", "brand")
    proofroom("project", "create", "brand", "--goal", "voice")
    file = tmp_path / "guide.yml"
    file.write_text(GUIDE)
    assert answer(proofroom("guide", "set", str(file), *here, "--json"))["n_rules"] == 3
    shown = tmp_path / "shown.yml"
    shown.write_text(proofroom("guide", "show", *here).stdout)
    proofroom("guide", "set", str(shown), *here)
    assert answer(proofroom("guide", "show", *here, "--json"))["n_changes"] == 1, "the same guide is no change"

    style = tmp_path / "styles" / "Brand"
    style.mkdir(parents=True)
    (style / "Terms.yml").write_text("extends: substitution\nmessage: \"Use '%s', not '%s'.\"\nswap: {utilise: use}\n")
    (style / "Code.yml").write_text("extends: script\nmessage: x\n")
    words = proofroom("guide", "vale", str(tmp_path / "styles"), *here).stdout
    assert "1 rule added, 0 replaced." in words
    assert "Brand/Code.yml: It extends 'script': it is a program" in words

    text = tmp_path / "draft.md"
    text.write_text("Fine.\nWe leverage color and utilise it!\n")
    lines = proofroom("guide", "check", str(text), *here).stdout.splitlines()
    assert lines == [
        "2: warning: Do not write 'leverage'. (w)",
        "2: warning: British spelling: 'colour', not 'color'. (spelling-british)",
        "2: warning: Use 'use', not 'utilise'. (Brand.Terms)",
        "2: warning: No exclamation marks. (no-exclamation-marks)",
    ]
    proofroom("guide", "remove", "w", *here)
    assert len(answer(proofroom("guide", "check", str(text), *here, "--json"))["notes"]) == 3
    file.write_text("rules: [{name: x, kind: wish}]")
    assert "Rule 1: kind is 'wish'" in proofroom("guide", "set", str(file), *here, code=1).stderr
    shown.write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in proofroom("guide", "check", str(shown), *here, code=1).stderr
