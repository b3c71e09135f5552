"""Personal data by command line, and so by the API: a file's spans, and a project's kinds, values, places and decisions."""

from __future__ import annotations

import json
from pathlib import Path

from core.config import DataFolder
from tests.command_line import answer
from tests.security.asking import as_owner, imported, opened_app, waited
from tests.studio.test_cli import Run, proofroom

__all__ = ["proofroom"]


def test_the_spans_of_a_file_count_rows_from_zero_and_characters(proofroom: Run, tmp_path: Path) -> None:
    texts = [
        "Nothing here.",
        "🎉 Hi Saoirse,\u2028write to quill@orbis.example\n\nKind regards,\nTadeusz Nowak",
        "My order number is A-20481-7.",
    ]
    file = tmp_path / "texts.jsonl"
    file.write_text(
        "\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts) + "\n\n", encoding="utf-8"
    )
    found = answer(proofroom("pii", str(file), "--json"))["spans"]
    told = {(s["row"], s["type"], texts[s["row"]][s["start"] : s["end"]]) for s in found}
    assert {
        (1, "EMAIL_ADDRESS", "quill@orbis.example"),
        (1, "PERSON", "Tadeusz Nowak"),
        (2, "ORDER_NUMBER", "A-20481-7"),
    } <= told
    assert all(set(s) == {"row", "start", "end", "type", "score", "found_by"} for s in found)
    assert all(0 < s["score"] <= 1 for s in found)
    assert "places with personal data" in proofroom("pii", str(file)).stdout
    # Neither among the uploads nor in the job's folder.
    kept = [path for path in proofroom.data.rglob("*") if path.is_file() and b"quill@orbis" in path.read_bytes()]
    assert kept == []


def test_whoever_is_told_of_personal_data_by_the_api_is_in_the_trail_whatever_they_ask_for(tmp_path: Path) -> None:
    """Each of these would be read alone: one that said nothing would hide behind the others within the hour."""
    folder = DataFolder(tmp_path / "data")
    file = {"one.md": b"# A letter\n\nDear Saoirse, your order number is A-20481-7. Yours, Tadeusz Nowak"}
    with opened_app(folder) as client:
        as_owner(client, folder)
        imported(client, "p", file, goal="voice")
        at = "/api/projects/p/personal-data"
        assert waited(client, client.post(f"{at}/search").json()["job"])["state"] == "done"
        (record,) = [row["id"] for row in client.get("/api/projects/p/records").json()]
        asked = {
            "the values": "values?kind=ORDER_NUMBER", "the places": "passages", "a record": f"records/{record}", "the sample": "sample",
            "a name": "pseudonyms/Bertrand",
        }  # fmt: skip
        for who, what in asked.items():
            answer = client.get(f"{at}/{what}", headers={"X-Proofroom-By": who})
            assert answer.is_success, answer.text
        looked = client.get("/api/audit", params={"action": "viewed"}).json()["entries"]
        taken = client.get("/api/audit", params={"action": "exported", "noun": "records"}).json()["entries"]
    assert {row["by"] for row in looked} == set(asked)
    assert [(row["by"], row["facts"]) for row in taken] == [("Ann", {"n_records": 1})]


def test_a_file_that_is_not_lines_with_a_text_is_refused_with_the_row(proofroom: Run, tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "fine"}\n{"txt": 1}\n')
    assert "Row 1 has no text." in proofroom("pii", str(file), code=1).stderr
    file.write_text('{"text": "fine"}\n{"text": \n')
    assert "Row 1 is not JSON" in proofroom("pii", str(file), code=1).stderr
    file.write_text("")
    assert answer(proofroom("pii", str(file), "--json")) == {"spans": []}


def test_personal_data_of_a_project_is_listed_decided_and_frozen(proofroom: Run, tmp_path: Path) -> None:
    here = ("--project", "private")
    proofroom("project", "create", "private", "--goal", "support")
    file = tmp_path / "rows.jsonl"
    rows = [
        {"id": f"t{n}", "question": f"How do I end part {n}?", "answer": f"Hi Saoirse,\n\nyour order number is A-2048{n}-7. Press {n * 7} buttons."}
        for n in range(5)
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, rows)))
    proofroom("import", str(file), *here, "--owner", "Ann", "--purpose", "x", "--basis", "consent")
    assert "Nobody has looked" in proofroom("personal", "list", *here).stdout
    assert answer(proofroom("personal", "find", *here, "--json"))["n_texts"] == 5
    listed = answer(proofroom("personal", "list", *here, "--json"))
    assert {one["type"]: one["n_spans"] for one in listed["kinds"]} == {"PERSON": 5, "ORDER_NUMBER": 5}
    looks = ("audit", "list", "--noun", "personal_data", "--action", "viewed", *here, "--json")
    assert answer(proofroom(*looks))["entries"] == []
    (value,) = answer(proofroom("personal", "values", "PERSON", *here, "--json"))["values"]
    assert (value["value"], value["n_spans"]) == ("Saoirse", 5)
    proofroom("personal", "passages", *here)
    (look,) = answer(proofroom(*looks))["entries"]
    assert (look["project"], look["facts"]) == ("private", {})
    assert (
        "Nobody has decided on 10 places of personal data: person (5), order number (5)."
        in proofroom("freeze", *here, "--name", "v1", "--recipe", "everything", code=1).stderr
    )
    proofroom("personal", "decide", "replace", *here, "--kind", "PERSON", "--value", value["value_sha256"][:12])
    assert "masked 5" in proofroom("personal", "decide", "mask", *here, "--kind", "ORDER_NUMBER").stdout
    passages = answer(proofroom("personal", "passages", *here, "--kind", "PERSON", "--json"))["passages"]
    name = passages[0]["instead"]["replace"]
    proofroom("personal", "decide", "keep", *here, "--passage", passages[0]["id"])
    assert "kept 1" in proofroom("personal", "list", *here).stdout
    assert answer(proofroom("personal", "undo", *here, "--json")) == {"undone": True}
    assert proofroom("personal", "who", name, *here).stdout == "Saoirse\n"
    preview = proofroom("personal", "preview", passages[0]["record"], *here).stdout
    assert f"Hi {name}," in preview
    assert "[order number]" in preview
    frozen = answer(proofroom("freeze", *here, "--name", "v1", "--recipe", "everything", "--json"))
    assert frozen["n_records"] == 5
    assert "is masked." in proofroom("personal", "undecided", "mask", *here).stdout
    assert "Nothing is named" in proofroom("personal", "decide", "mask", *here, code=1).stderr
