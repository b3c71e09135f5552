"""The command line as a script meets it: one JSON object, exit codes, a server started behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import CommandLine, answer

REPOSITORY = Path(__file__).resolve().parents[2]
Run = CommandLine


@pytest.fixture(scope="module")
def proofroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    commands = CommandLine(tmp_path_factory.mktemp("cli") / "data")
    yield commands
    commands.stop()


def test_a_process_answers_on_standard_output_and_fails_with_a_code(proofroom: Run) -> None:
    proofroom("project", "create", "of-its-own", "--goal", "voice")

    listed = proofroom.in_process("project", "list", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [row["name"] for row in json.loads(listed.stdout)["projects"]] == ["of-its-own"]
    failed = proofroom.in_process("freeze", "--project", "nope", "--name", "v", "--json")
    assert failed.returncode == 1
    assert failed.stderr.startswith("There is no project called 'nope'.")
    assert json.loads(failed.stdout)["error"]


def test_a_project_is_made_and_listed(proofroom: Run) -> None:
    made = answer(proofroom("project", "create", "first", "--goal", "voice", "--json"))
    assert made["project"] == "first"
    assert "first" in [row["name"] for row in answer(proofroom("project", "list", "--json"))["projects"]]


def test_an_error_is_one_sentence_and_exit_code_one(proofroom: Run) -> None:
    failed = proofroom("freeze", "--project", "nope", "--name", "v", "--json", code=1)
    assert failed.stderr.startswith("There is no project called 'nope'.")
    assert answer(failed)["error"]


def test_wrong_use_is_exit_code_two(proofroom: Run) -> None:
    wrong = proofroom("import", "--project", "first", code=2)
    assert "Missing argument" in wrong.stderr


def test_an_import_reports_files_rows_and_terms(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "tickets", "--goal", "support")
    file = tmp_path / "tickets.csv"
    file.write_text("question,answer\nHow do I log in?,Press the button.\n,empty question\n", encoding="utf-8")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")
    done = answer(
        proofroom(
            "import", str(file), str(picture), "--project", "tickets", "--owner", "Ann", "--purpose", "support", "--basis", "contract",
            "--json",
        )
    )  # fmt: skip
    by_path = {f["path"]: f for f in done["files"]}
    assert (by_path["tickets.csv"]["n_accepted"], by_path["tickets.csv"]["n_rejected"]) == (1, 1)
    assert by_path["tickets.csv"]["rejected"][0]["row"] == 2
    assert by_path["picture.png"]["status"] == "refused"
    assert done["terms"]["uses"] == ["train", "evaluate", "show"]
    assert done["terms"]["licence"] == "own"


def test_a_new_source_without_an_owner_is_wrong_use(proofroom: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Some text.", encoding="utf-8")
    wrong = proofroom("import", str(file), "--project", "first", "--purpose", "x", code=2)
    assert "--owner, --basis" in wrong.stderr


def test_a_newer_export_updates_its_source_and_can_be_taken_back(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "exports", "--goal", "voice")
    file = tmp_path / "export.csv"
    file.write_text("id,text\na,One.\nb,Two.\nc,Three.\n", encoding="utf-8")
    terms = ["--owner", "Ann", "--purpose", "voice", "--basis", "consent"]
    first = answer(proofroom("import", str(file), "--project", "exports", *terms, "--name", "posts", "--json"))
    assert "update" not in first
    same = proofroom("import", str(file), "--project", "exports", "--updates", "posts")
    assert "Nothing changed: all 3 records are as they were." in same.stdout
    file.write_text("id,text\na,One.\nb,Two anew.\nd,Four.\n", encoding="utf-8")
    newer = answer(proofroom("import", str(file), "--project", "exports", "--updates", first["source"], "--json"))
    assert newer["update"] == {"unchanged": 1, "updated": 1, "new": 1, "missing": ["c"]}
    assert [f["path"] for f in newer["files"]] == ["export.csv"]
    gone = proofroom("records", "--project", "exports", "--missing", first["source"]).stdout.splitlines()
    assert [json.loads(line)["external_id"] for line in gone] == ["c"]
    refused = proofroom("import", str(file), "--project", "exports", "--updates", "posts", "--owner", "Ben", code=1)
    assert "owner cannot be set" in refused.stderr
    back = answer(proofroom("sources", "undo", first["source"], "--update", "--json"))
    assert back == {"n_removed": 1, "n_restored": 1}


def test_records_come_one_a_line_and_decisions_change_them(proofroom: Run) -> None:
    (row,) = [json.loads(line) for line in proofroom("records", "--project", "tickets").stdout.splitlines()]
    assert row["status"] == "undecided"
    kept = answer(proofroom("decide", row["external_id"], "keep", "--project", "tickets", "--by", "Ann", "--json"))
    assert kept["status"] == "kept"
    tagged = answer(proofroom("tag", row["id"], "login", "--project", "tickets", "--json"))
    assert tagged["tags"] == ["login"]


def test_what_a_page_does_to_records_a_command_does_too(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "bulk", "--goal", "voice")
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps({"id": f"r{n}", "text": f"Text {n} of the van."}) for n in range(4)))
    terms = ("--owner", "Ann", "--purpose", "x", "--basis", "consent")
    source = answer(proofroom("import", str(file), "--project", "bulk", *terms, "--json"))["source"]

    counted = answer(proofroom("decide-all", "reject", "--project", "bulk", "--words", "van", "--json"))
    assert counted == {"n_records": 4, "decided": False, "note": ""}
    refused = proofroom("decide-all", "reject", "--project", "bulk", "--words", "van", "--expected", "3", code=1)
    assert "now holds 4 records, not 3" in refused.stderr
    proofroom("decide-all", "keep", "--project", "bulk", "--words", "van", "--expected", "4")

    better = tmp_path / "better.txt"
    better.write_text("A better text.\n")
    proofroom("edit", "r1", "--project", "bulk", "--text", str(better))
    rows = [
        json.loads(line) for line in proofroom("records", "--project", "bulk", "--source", source).stdout.splitlines()
    ]
    assert [row["status"] for row in rows] == ["kept", "edited", "kept", "kept"]

    assert [
        t["shortcut"] for t in answer(proofroom("tags", "set", "van", "bench", "--project", "bulk", "--json"))["tags"]
    ] == ["1", "2"]
    judged = answer(proofroom("duplicates", "different", "r2", "r3", "--project", "bulk", "--json"))
    assert judged["n_clusters"] == 0
    assert answer(proofroom("duplicates", "undo", "--project", "bulk", "--json")) == {"undone": True}
    refused = proofroom("duplicates", "same", "r2", "r9", "--project", "bulk", code=1)
    assert "There is no record 'r9' in bulk" in refused.stderr

    assert answer(proofroom("preview", "--project", "bulk", "--recipe", "random:3", "--json"))["dropped"] == {
        "not_drawn": 1
    }
    assert answer(proofroom("project", "limit", "bulk", "0.2", "--json"))["light_edit_limit"] == 0.2
    assert answer(proofroom("sources", "undo", source, "--json")) == {"n_records": 4}
    (listed,) = answer(proofroom("sources", "list", "--project", "bulk", "--json"))["sources"]
    assert listed["undone_at"]


def test_a_list_of_tags_travels_as_a_file_and_takes_its_records_along(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "tags", "--goal", "support")
    file = tmp_path / "rows.jsonl"
    file.write_text(
        "\n".join(json.dumps({"id": f"r{n}", "question": f"Ask {n}", "answer": f"Told {n}."}) for n in range(2))
    )
    terms = ("--owner", "Ann", "--purpose", "x", "--basis", "consent")
    proofroom("import", str(file), "--project", "tags", *terms)

    def tags(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return proofroom("tags", *words, "--project", "tags", "--json", code=code)

    sent = tmp_path / "tags.csv"
    sent.write_text("tag;key;colour;meaning\nbilling / refunds;r;green;'=money back\nbad/;;;\n", encoding="utf-8")
    done = answer(tags("import", str(sent)))
    assert (done["n_added"], [row["row"] for row in done["rejected"]]) == (1, [2])
    exported = answer(tags("export"))["text"]
    assert exported == "tag,key,colour,meaning\nbilling,,,\nbilling / refunds,r,green,'=money back\n"
    back = tmp_path / "back.csv"
    tags("export", "--to", str(back))
    answer(proofroom("project", "create", "other", "--goal", "support", "--json"))
    proofroom("tags", "import", str(back), "--project", "other")
    assert answer(proofroom("tags", "export", "--project", "other", "--json"))["text"] == exported

    proofroom("tag", "r0", "billing/refunds", "--project", "tags")
    refused = tags("remove", "billing", code=1)
    assert "Records carry what would go: billing / refunds (1 record)" in refused.stderr
    assert answer(tags("rename", "billing", "money")) == {"n_records": 1}
    assert answer(tags("add", "fees"))["tags"][-1]["shortcut"] == "1"
    assert answer(tags("merge", "money / refunds", "fees")) == {"n_records": 1}
    assert answer(tags("change", "fees", "--colour", "blue"))["tags"][-1]["colour"] == "blue"
    covered = answer(tags("target", "5"))
    assert [row["words"] for row in covered["tags"]] == [
        "money: no good example, 5 short",
        "fees: 1 good example, 4 short",
    ]
    waiting = answer(tags("next"))
    assert (waiting["n"], waiting["suggestions"]) == (1, [])
    assert answer(tags("alike", "r0", "fees"))["records"] == []
    assert "Not enough tagged records yet: 0 of at least 20" in tags("suggest", code=1).stderr
    assert answer(tags("undo"))["undone"]["act"] == "change"
    assert [act["act"] for act in answer(tags("history"))["acts"]][:2] == ["undo", "change"]


def test_drafts_need_briefs_from_one_place(proofroom: Run) -> None:
    assert "need briefs" in proofroom("drafts", "--project", "bulk", "--run", "v1-1", code=1).stderr


def test_an_id_with_marks_and_a_name_with_accents_arrive_whole(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "odd", "--goal", "voice")
    file = tmp_path / "rows.jsonl"
    rows = [{"id": "a/b?c=1#d %", "text": "First."}, {"id": "a/b?c=1#d %", "text": "Second."}]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    proofroom(
        "import", str(file), "--project", "odd", "--owner", "Zoë", "--purpose", "x", "--basis", "consent", "--by", "Zoë"
    )
    kept = answer(proofroom("decide", "a/b?c=1#d %#2", "keep", "--project", "odd", "--by", "Zoë", "--json"))
    assert (kept["external_id"], kept["status"]) == ("a/b?c=1#d %#2", "kept")


def test_a_second_server_on_the_folder_is_refused(proofroom: Run) -> None:
    refused = proofroom("serve", "--port", "0", code=1)
    assert "Another process already works on" in refused.stderr


def test_the_help_names_every_command() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "studio.cli", "--help"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    ).stdout  # fmt: skip
    for command in ("import", "dedup", "freeze", "train", "drafts", "review", "report", "backup", "doctor"):
        assert f"  {command}" in text


def test_a_recipe_is_tried_saved_and_refused_by_its_setting(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "kitchen", "--goal", "voice")
    file = tmp_path / "rows.jsonl"
    rows = [{"id": f"k{n}", "text": f"Text {n} of the kitchen.", "tags": ["a" if n else "b"]} for n in range(5)]
    file.write_text("\n".join(map(json.dumps, rows)))
    proofroom("import", str(file), "--project", "kitchen", "--owner", "Ann", "--purpose", "x", "--basis", "consent")
    tried = answer(
        proofroom(
            "preview", "--project", "kitchen", "--recipe", "everything", "--balance", "year", "--cap", "2", "--json"
        )
    )
    assert (tried["n_records"], tried["dropped"]) == (2, {"group_is_full": 3})
    settings = tmp_path / "recipe.json"
    settings.write_text(json.dumps({"take": "random:3", "clean": ["strip_signatures"]}))
    saved = answer(proofroom("recipes", "save", "three", str(settings), "--project", "kitchen", "--json"))
    assert saved["settings"]["clean"] == ["strip_signatures"]
    assert answer(proofroom("preview", "--project", "kitchen", "--recipe", "three", "--json"))["n_records"] == 3
    both = answer(proofroom("preview", "--project", "kitchen", "--recipe", "three", "--min-score", "0.5", "--json"))
    assert both["dropped"] == {"low_score": 5}
    assert (
        "'wash' is not a cleaning step"
        in proofroom("preview", "--project", "kitchen", "--clean", "wash", code=1).stderr
    )
    (listed,) = answer(proofroom("recipes", "list", "--project", "kitchen", "--json"))["recipes"]
    assert listed["name"] == "three"
    proofroom("recipes", "forget", "three", "--project", "kitchen")
    assert answer(proofroom("recipes", "list", "--project", "kitchen", "--json"))["recipes"] == []
    ready = answer(proofroom("readiness", "--project", "kitchen", "--json"))
    assert (ready["low"], ready["page"]) == (200, "curate")


def test_a_version_goes_out_and_comes_back_and_two_are_compared(proofroom: Run, tmp_path: Path) -> None:
    proofroom("project", "create", "pantry", "--goal", "support")
    file = tmp_path / "rows.jsonl"
    rows = [
        {"id": f"=p{n}", "question": f"Where is jar {n * 13}?", "answer": f"Hi Ann,\n\nJar {n * 13} is on the shelf by door {n}, behind the {n * 7} bottles.\n\nCheers, Bo"}
        for n in range(6)
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, rows)))
    proofroom("import", str(file), "--project", "pantry", "--owner", "Ann", "--purpose", "x", "--basis", "consent")
    counted = answer(proofroom("cleaning", "count", "--project", "pantry", "--json"))
    assert counted["steps"]["strip_greetings_closings"]["n_changed"] == 6
    assert (
        "[-Hi Ann,"
        in proofroom("cleaning", "show", "strip_greetings_closings", "--project", "pantry", "--limit", "1").stdout
    )
    proofroom("freeze", "--project", "pantry", "--name", "v1", "--clean", "none")
    second = answer(
        proofroom("freeze", "--project", "pantry", "--name", "v2", "--clean", "strip_greetings_closings", "--json")
    )
    assert second["cleaned"] == {"strip_greetings_closings": 6}
    table = tmp_path / "difference.csv"
    change = answer(
        proofroom("versions", "compare", "v1", "v2", "--project", "pantry", "--rows", "--csv", str(table), "--json")
    )
    assert (change["edited"], change["came"], change["went"], change["stayed"]) == (6, 0, 0, 6)
    assert {row["why"] for row in change["records"]} == {"the recipe cleans otherwise"}
    assert table.read_text().splitlines()[1].startswith("edited,'=p0,")
    proofroom("export-version", "v2", "--project", "pantry", "--to", str(tmp_path / "out"), "--format", "jsonl")
    refused = proofroom("versions", "import", str(tmp_path / "out"), "--project", "pantry", "--name", "v3", code=1)
    assert "Confirm that these terms hold here" in refused.stderr
    back = answer(
        proofroom(
            "versions",
            "import",
            str(tmp_path / "out"),
            "--project",
            "pantry",
            "--name",
            "v3",
            "--confirm-terms",
            "--json",
        )
    )
    assert back["content_sha256"] == second["content_sha256"]
