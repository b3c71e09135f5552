"""A person, and a source, is shown, erased and certified from the command line and over HTTP."""

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


def test_a_source_is_counted_then_erased_and_listed(proofroom: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_text(
        '{"id": "m1", "question": "Where is the herons?", "answer": "In the reeds of Wick."}\n'
    )
    done = answer(
        proofroom(
            "import",
            str(tmp_path / "more.jsonl"),
            "--project",
            "p",
            "--name",
            "herons",
            "--retention",
            "90 days",
            *TERMS,
            "--json",
        )
    )
    assert done["terms"]["at_end"] == "erase"
    words = proofroom("sources", "terms", done["source"]).stdout
    assert "At its end it is erased on " in words
    kept = answer(proofroom("sources", "terms", done["source"], "--at-end", "keep", "--json"))["terms"]
    assert kept["at_end"] == "keep"
    assert ", at its end kept, unused" in proofroom("register", "show", "--project", "p").stdout
    asked = ("erase", "--source", "herons", "--project", "p")
    assert (
        "The source herons would go: 1 record with all that was made of them, 0 refused rows, 1 file."
        in proofroom(*asked).stdout
    )
    told = proofroom(*asked, "--yes").stdout
    assert "of the source herons of p, by hand, asked for by" in told
    assert "records: 1 rows erased" in told
    listed = answer(proofroom("erasures", "list", "--json"))["erasures"][0]
    assert (listed["source"], listed["source_name"]) == (done["source"], "herons")
    assert f"{listed['erasure']}  " in proofroom("erasures", "list").stdout
    assert "herons: erased on" in proofroom("register", "show", "--project", "p").stdout
    assert "; erased" in proofroom("sources", "list", "--project", "p").stdout


def test_a_source_is_named_with_its_project_and_not_beside_a_person(proofroom: CommandLine) -> None:
    assert "There is no source 'none' in p" in proofroom("erase", "--source", "none", "--project", "p", code=1).stderr
    for wrong in (
        ("--source", "x"),
        ("--source", "x", "--name", "Ann Lee"),
        (),
        ("--source", "x", "--project", "p", "--also", "y"),
    ):
        proofroom("erase", *wrong, code=2)


def test_who_is_too_short_and_what_is_not_there_are_said_in_a_sentence(proofroom: CommandLine) -> None:
    assert "too short to be looked for" in proofroom("erase", "--name", "Al", code=1).stderr
    assert "There is no erasure 'er_0'" in proofroom("erasures", "show", "er_0", code=1).stderr
