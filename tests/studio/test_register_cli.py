"""Terms, limits, withdrawals and documents from the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import CommandLine, answer

TERMS = ["--owner", "Ann", "--purpose", "voice", "--basis", "consent"]


@pytest.fixture(scope="module")
def proofroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    commands = CommandLine(tmp_path_factory.mktemp("register") / "data")
    commands("project", "create", "p", "--goal", "voice")
    yield commands
    commands.stop()


def file_in(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_an_import_states_the_terms_that_nobody_asked_for(proofroom: CommandLine, tmp_path: Path) -> None:
    words = proofroom("import", file_in(tmp_path, "a.md", "Some text on vans."), "--project", "p", *TERMS).stdout
    assert "Controller not stated; special categories none known; consent or contract none stated;" in words
    assert "retention period until it expires." in words


def test_an_import_takes_all_terms_and_a_contract(proofroom: CommandLine, tmp_path: Path) -> None:
    contract = file_in(tmp_path, "contract.txt", "signed")
    done = answer(
        proofroom(
            "import", file_in(tmp_path, "b.md", "Other text."), "--project", "p", *TERMS, "--controller", "Arkwell Ltd", "--special", "health",
            "--condition", "explicit_consent", "--reference", "4411", "--document", contract, "--retention", "24m", "--json",
        )
    )  # fmt: skip
    told = done["terms"]
    assert (told["controller"], told["special_categories"], told["retention"]) == (
        "Arkwell Ltd",
        ["health"],
        "24 months",
    )
    assert [one["name"] for one in done["documents"]] == ["contract.txt"]
    changed = answer(
        proofroom(
            "sources", "terms", done["source"], "--special", "", "--condition", "", "--expires", "2027-12-01", "--json"
        )
    )
    assert (changed["terms"]["special_categories"], changed["terms"]["expires_on"]) == ([], "2027-12-01")
    shown = proofroom("sources", "terms", done["source"]).stdout
    assert (
        "Controller Arkwell Ltd; special categories none known; consent or contract 4411 (contract.txt); retention period 24 months."
        in shown
    )


def test_a_category_without_its_condition_is_refused(proofroom: CommandLine, tmp_path: Path) -> None:
    file = file_in(tmp_path, "c.md", "More text.")
    refused = proofroom("import", file, "--project", "p", *TERMS, "--special", "health", code=1)
    assert "names no condition that allows it" in refused.stderr


def test_rows_are_counted_then_limited_then_let_go(proofroom: CommandLine) -> None:
    counted = answer(proofroom("register", "limit", "--project", "p", "--uses", "show", "--json"))
    assert counted == {"n_records": 2, "limit": None}
    limited = answer(proofroom("register", "limit", "--project", "p", "--uses", "show", "--expected", "2", "--json"))
    preview = answer(proofroom("preview", "--project", "p", "--recipe", "everything", "--json"))
    assert (preview["n_records"], preview["dropped"]) == (0, {"not_to_train": 2})
    assert "2 records: uses show, by" in proofroom("register", "limits", "--project", "p").stdout
    assert answer(proofroom("register", "lift", limited["limit"], "--json")) == {"n_records": 2}
    assert "lifted by" in proofroom("register", "limits", "--project", "p").stdout


def test_a_source_is_withdrawn_and_the_register_says_so(proofroom: CommandLine) -> None:
    source = answer(proofroom("register", "show", "--project", "p", "--json"))["sources"][0]
    refused = proofroom("register", "withdraw", source["id"], code=1)
    assert "A withdrawal needs its reason." in refused.stderr
    withdrawn = answer(proofroom("register", "withdraw", source["id"], "--reason", "They asked.", "--json"))
    assert f"{source['id']}  {source['name']}: withdrawn;" in proofroom("register", "show", "--project", "p").stdout
    proofroom("register", "lift", withdrawn["limit"])
    assert answer(proofroom("register", "show", "--project", "p", "--json"))["sources"][0]["state"] == "in use"


def test_a_document_is_written_to_a_file(proofroom: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "record.html"
    proofroom("document", "record", "--project", "p", "--format", "html", "--to", str(file))
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    proofroom("document", "dpia", "--project", "p", "--format", "pdf", "--to", str(tmp_path / "dpia.pdf"))
    assert (tmp_path / "dpia.pdf").read_bytes().startswith(b"%PDF")
    proofroom("document", "poem", "--project", "p", "--to", str(tmp_path / "poem.md"), code=1)
    taken = answer(proofroom("audit", "list", "--noun", "document", "--action", "exported", "--json"))["entries"]
    assert [(one["object"], one["facts"]["format"]) for one in taken] == [("dpia", "pdf"), ("record", "html")]
