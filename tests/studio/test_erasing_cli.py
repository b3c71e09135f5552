"""A person is shown, erased and certified from the command line and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import CommandLine, answer

TERMS = ["--owner", "Ann", "--purpose", "voice", "--basis", "consent"]


@pytest.fixture(scope="module")
def proofroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    root = tmp_path_factory.mktemp("erasing")
    commands = CommandLine(root / "data")
    commands("project", "create", "p", "--goal", "support")
    (root / "rows.jsonl").write_text(
        "".join(
            json.dumps(
                {"id": f"t{n}", "question": f"Where is order {n}?", "answer": f"It is on its way to {who} in Wick."}
            )
            + "\n"
            for n, who in enumerate(("Maren Oldenkott", "M. Oldenkott", "Maren Oldenkot", "Ben Wood"))
        )
    )
    commands("import", str(root / "rows.jsonl"), "--project", "p", *TERMS)
    yield commands
    commands.stop()


def test_a_person_is_shown_then_erased_and_certified(proofroom: CommandLine, tmp_path: Path) -> None:
    asked = ("erase", "--project", "p", "--name", "Maren Oldenkott", "--also", "maren.o@example.org")
    shown = answer(proofroom(*asked, "--json"))
    records = [one for one in shown["finds"] if one["place"] == "records"]
    assert sorted(one["treatment"] for one in records) == ["ask", "erase", "erase"]
    words = proofroom(*asked).stdout
    assert "are only alike and stay unless you --take them. Erase with --yes." in words
    assert proofroom("erasures", "list").stdout.strip() == "Nobody was erased yet."
    done = answer(proofroom(*asked, "--yes", "--json"))
    assert {"place": "records", "what": "rows erased", "n": 2} in done["removed"]
    assert done["verification"]["n_places_after"] == 0
    assert done["project"] == "p"
    (listed,) = answer(proofroom("erasures", "list", "--json"))["erasures"]
    told = proofroom("erasures", "show", listed["erasure"]).stdout
    assert "records: 2 rows erased" in told
    assert "Oldenkott" not in told
    for name, begins in (("c.pdf", b"%PDF"), ("c.html", b"<!doctype html"), ("c.json", b"{")):
        proofroom("erasures", "show", listed["erasure"], "--to", str(tmp_path / name))
        content = (tmp_path / name).read_bytes()
        assert content.lower().startswith(begins.lower())
        assert b"Oldenkott" not in content
    left = [json.loads(line) for line in proofroom("records", "--project", "p", "--json").stdout.splitlines()]
    assert len(left) == 2


def test_who_is_too_short_and_what_is_not_there_are_said_in_a_sentence(proofroom: CommandLine) -> None:
    assert "too short to be looked for" in proofroom("erase", "--name", "Al", code=1).stderr
    assert "There is no erasure 'er_0'" in proofroom("erasures", "show", "er_0", code=1).stderr
