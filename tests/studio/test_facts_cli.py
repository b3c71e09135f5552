"""Facts on the command line, and so by the API: listed, masked, moved, taken back, filtered; the adviser."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import answer
from tests.studio.test_cli import Run, proofroom

__all__ = ["proofroom"]


def test_facts_are_listed_masked_moved_and_taken_back(proofroom: Run, tmp_path: Path) -> None:
    here = ("--project", "desk")
    proofroom("project", "create", "desk", "--goal", "support")
    file = tmp_path / "rows.jsonl"
    rows = [
        {"id": f"t{n}", "question": f"What does jar {n * 13} cost?", "answer": f"Jar {n * 13} is by door {n}, behind {n * 7} cans."}
        for n in range(5)
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, rows)))
    proofroom("import", str(file), *here, "--owner", "Ann", "--purpose", "x", "--basis", "consent")
    # An edit is read at once, without the measuring that needs a model.
    text = tmp_path / "edit.txt"
    text.write_text("The Pro plan costs $12.50 a month. Every jar comes with version 4.2 of the label.")
    proofroom("edit", "t1", *here, "--text", str(text))

    listed = answer(proofroom("facts", *here, "--json"))
    assert {one["kind"]: one["n_records"] for one in listed["kinds"]} == {"plan": 1, "price": 1, "version": 1}
    assert (listed["n_records"], listed["is_current"]) == (5, False)
    words = proofroom("facts", *here).stdout
    assert "1 of 5 records contains a price. Mostly “$12.50” (1)." in words
    assert "run `proofroom score`" in words
    assert "costs [-$12.50-]{+[price]+} a month" in proofroom("facts", *here, "--kind", "price").stdout
    assert "'colour' is not a kind of fact" in proofroom("facts", *here, "--kind", "colour", code=1).stderr
    found = proofroom("records", *here, "--fact", "price").stdout.splitlines()
    assert [json.loads(line)["external_id"] for line in found] == ["t1"]
    assert "'colour' is not a kind of fact" in proofroom("records", *here, "--fact", "colour", code=1).stderr

    frozen = answer(
        proofroom("freeze", *here, "--name", "v1", "--recipe", "everything", "--move", "price", "--mask", "version", "--json")
    )  # fmt: skip
    assert frozen["facts"] == {
        "price": {"choice": "move", "n_spans": 1, "n_examples": 1},
        "version": {"choice": "mask", "n_spans": 1, "n_examples": 1},
    }
    stored = answer(proofroom("moved", "list", *here, "--json"))
    assert [(one["passage"], one["external_id"], one["versions"]) for one in stored["facts"]] == [
        ("The Pro plan costs $12.50 a month.", "t1", ["v1"])
    ]
    assert "price: The Pro plan costs $12.50 a month. (t1; v1)" in proofroom("moved", "list", *here).stdout
    undone = answer(proofroom("moved", "undo", "v1", *here, "--json"))
    assert (undone["n_gone"], undone["n_kept"]) == (1, 0)
    assert "Nothing was moved" in proofroom("moved", "list", *here).stdout
    assert "holds nothing that was moved out of v1" in proofroom("moved", "undo", "v1", *here, code=1).stderr
    told = answer(proofroom("advice", *here, "--json"))
    assert (told["advice"], told["n_records"], told["n_measured"]) == ("unknown", 5, 0)
    assert proofroom("advice", *here).stdout.startswith("Measure the records first")
