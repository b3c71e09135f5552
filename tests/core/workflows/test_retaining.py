"""A source with a planted word in every place that it reaches: at its end all of it goes by itself, and what others hold stays."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, NotFound, ProofroomError, Refused
from core.privacy.certificate_words import certificate_report
from core.privacy.erasure_certificate import certificate_from
from core.privacy.person import Person, person_of
from core.store import integrity
from core.store import sources as source_rows
from core.workflows import (
    briefing,
    documenting,
    drafting,
    erasing,
    erasure_certificates,
    erasure_files,
    freezing,
    gates,
    held_out,
    importing,
    lapsing,
    models,
    projects,
    register,
    retaining,
    review_records,
    reviewing,
    searching,
    serving,
    source_erasure,
    terms,
    training,
    updating,
    upkeep,
    version_import,
)
from core.workflows.curating import measure_records
from core.workflows.erasure_journal import open_journals
from core.workflows.searching import RecordFilter
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.brought_in import KEPT, brought_in, frozen, words_of
from tests.e2e import made_up
from tests.jobs_by_hand import finish

# Of every text, refused row and file name of the source, and of nothing else.
WORD = "heron77umbrella"
PLANTED = person_of(WORD)
LAST, AFTER = date(2099, 3, 1), date(2099, 3, 2)
ERASED = importing.Terms(
    owner="Ann", basis="consent", purpose="test", expires_on=LAST, retention="60 years", at_end="erase"
)
BROKEN = f"PK\x03\x04{WORD} is no archive"
SHARED = f"# Shared\n\nBoth have this {WORD} text. " + " ".join(f"shared{k}" for k in range(40))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("retaining") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    herons = {f"{WORD}-{n}.md": words_of("herons", n) + f" Its {WORD} was wet." for n in range(9)}
    rows = f"title,text\nA row,{words_of('rows', 1).split(chr(10))[-1]}\nAnother,{WORD} in a row,of too,many cells\n"
    herons |= {"shared.md": SHARED, "rows.csv": rows, "broken.zip": BROKEN}
    source = brought_in(opened, "herons", herons, ERASED)
    ladders = brought_in(opened, "ladders", {f"ladders{n}.md": words_of("ladders", n) for n in range(8)}, KEPT)
    measuring = measure_records(opened, "p", by="Ann")
    assert measuring is not None
    finish(opened, measuring)
    frozen(opened, "both")
    frozen(opened, "herons alone", sources=[source])
    frozen(opened, "ladders alone", sources=[ladders])
    for version in ("both", "herons alone", "ladders alone"):
        made_up.trained(opened, "p", version)
    drafts(opened)
    searching.resolve(opened, "p", RecordFilter(words=WORD))
    learnt_by_heart(opened)
    opened.close()
    (root / "source").write_text(source)
    return root


def drafts(workspace: Workspace) -> None:
    """A brief from one of its records, with a draft that is the record's text."""
    record = workspace.store.read("SELECT id, text FROM records WHERE title LIKE 'On herons%' ORDER BY id")[0]
    taken = briefing.add_briefs(
        workspace, "p", [made_up.BriefIn("b1", f"Write of {WORD}.", reference=record["text"])], by="Ann"
    )
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE briefs SET record_id = ? WHERE id = ?", [record["id"], taken[0]])
    run = run_on(workspace, "ladders alone")["id"]
    job = drafting.write_drafts(workspace, "p", run=run, brief_ids=taken, systems=["base"], by="Ann")["job"]
    finish(workspace, job)
    with workspace.store.transaction() as tx:
        # What the made-up model wrote repeats its prompt, which a real one need not.
        tx.execute("UPDATE drafts SET text = 'A text.' WHERE system = 'base'")


def learnt_by_heart(workspace: Workspace) -> None:
    """A passage among the figures of the run that learnt it, as the test of memorising notes it, and a pair of reviews on one of its records."""
    run = run_on(workspace, "herons alone")
    example = workspace.store.read(
        "SELECT e.example_id, e.record_id FROM version_examples e WHERE e.version_id = ?", [run["version_id"]]
    )[0]
    told = run["metrics"] | {
        "by_heart": {"n": 1, "passages": [{"example_id": example["example_id"], "passage": f"Its {WORD} was"}]}
    }
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [told, run["id"]])
    pair = {"id": "pp_1", "record_id": example["record_id"], "prompt": "x", "chosen": f"Its {WORD}", "rejected": "It"}
    folder = workspace.folder.runs / run["id"]
    (folder / "pairs.jsonl").write_text(json.dumps(pair) + "\n" + json.dumps({"id": "pp_2"}) + "\n")
    # Whether a record of the source is among the held-out requests is drawn.
    drafted = json.loads((folder / "drafts.json").read_text(encoding="utf-8"))
    drafted["requests"].append({"id": example["example_id"], "prompt": f"Of the {WORD}"})
    (folder / "drafts.json").write_text(json.dumps(drafted), encoding="utf-8")


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def source_of(workspace: Workspace) -> str:
    return (workspace.folder.root / "source").read_text()


def run_on(workspace: Workspace, version: str) -> dict[str, Any]:
    return next(run for run in training.list_runs(workspace, "p") if run["version"] == version)


def places_of_the_word(workspace: Workspace, person: Person = PLANTED) -> set[str]:
    """The verifier, which knows nothing of what was erased: files, and columns of a copy of the database."""
    with erasure_files.scratch(workspace) as folder:
        copy = folder / "copy.duckdb"
        workspace.store.copy_to(copy)
        found = erasure_files.look_through(workspace, person, database=copy)
    return {
        f"{one.path}:{one.inside}" if one.path == "proofroom.duckdb" else one.path
        for one in found.places
        if one.n_certain
    }


def made_of_it(workspace: Workspace) -> Any:
    (row,) = [one for one in erasing.erasures(workspace) if one["source"]]
    return erasure_certificates.certificate(workspace, row["erasure"])


def columns(places: set[str]) -> set[str]:
    return {one.partition(":")[2] for one in places if ":" in one} - {""}


def test_at_its_end_a_source_goes_by_itself_and_its_word_is_found_nowhere(workspace: Workspace) -> None:
    before = places_of_the_word(workspace)
    assert {
        "records.text", "records.external_id", "source_files.path", "rejected_rows.value", "briefs.prompt", "briefs.reference", "drafts.text", "runs.metrics",
    } <= columns(before)  # fmt: skip
    tops = {one.partition("/")[0] for one in before if ":" not in one}
    assert {"uploads", "versions", "jobs", "runs"} <= tops
    assert {one.rpartition("/")[2] for one in before} >= {"preflight.json", "drafts.json", "pairs.jsonl"}
    upkeep.look_after(workspace, today=LAST)
    assert erasing.erasures(workspace) == []
    upkeep.look_after(workspace, today=AFTER)
    assert places_of_the_word(workspace) == set()
    files = [file for file in workspace.folder.root.rglob("*") if file.is_file()]
    assert [file.name for file in files if WORD.encode() in file.read_bytes() or WORD in str(file)] == []
    assert workspace.store.read("SELECT count(*) AS n FROM records") == [{"n": 8}]
    assert searching.resolve(workspace, "p", RecordFilter(words=WORD)).where.ids == ()
    assert integrity.orphans(workspace.store) == []
    assert not list((workspace.folder.root / "erasing").iterdir())
    upkeep.look_after(workspace, today=AFTER)
    assert len(erasing.erasures(workspace)) == 1


def test_no_number_of_a_record_is_left_but_where_the_certificate_says_so(workspace: Workspace) -> None:
    upkeep.look_after(workspace, today=AFTER)
    made = made_of_it(workspace)
    named = {one.place for one in made.kept}
    # The trail has who decided on which record; nothing here did.
    assert made.verification.n_places_after == len(
        [one for one in made.kept if "number" in one.why or "append-only" in one.why]
    )
    assert {"the register's row of the source", "weights of adapters"} <= named
    assert made.verification.unread == ()
    assert not any("proofroom" not in one and one.startswith(("uploads/", "versions/", "jobs/")) for one in named)


def test_a_source_that_is_to_be_kept_stays_unused(workspace: Workspace) -> None:
    terms.change_terms(workspace, source_of(workspace), {"at_end": "keep"}, by="Ann")
    upkeep.look_after(workspace, today=AFTER)
    assert erasing.erasures(workspace) == []
    assert workspace.store.read("SELECT count(*) AS n FROM records") == [{"n": 19}]


def test_it_waits_while_a_job_is_under_way_and_goes_in_the_next_round(workspace: Workspace) -> None:
    started = freezing.freeze_version(workspace, "p", name="now", by="Ann", recipe="everything")
    upkeep.look_after(workspace, today=AFTER)
    assert not erasing.is_under_way(workspace)
    finish(workspace, started["job"])
    upkeep.look_after(workspace, today=AFTER)
    assert made_of_it(workspace).source.name == "herons"
    assert places_of_the_word(workspace) == set()


def one_file_more(workspace: Workspace, name: str) -> str:
    """A source of one file that is to be erased as well, a day after the first."""
    asked = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=AFTER, at_end="erase")
    return brought_in(workspace, name, {f"{name}.md": words_of(name, 1)}, asked)


DAY, NOW = date(2099, 3, 3), datetime(2099, 3, 3, 12)


def test_one_that_fails_keeps_no_other_back_and_is_tried_again_an_hour_later(workspace: Workspace) -> None:
    other = one_file_more(workspace, "otters")
    with workspace.store.transaction() as tx:
        # No two files may be called alike, and of those of an erased source no name is left.
        tx.execute("CREATE UNIQUE INDEX one_name ON source_files (path)")
    upkeep.look_after(workspace, today=DAY, now=NOW)
    assert [one["source"] for one in erasing.erasures(workspace)] == [other]
    (told,) = retaining.soon_erased(workspace, "p", today=DAY)
    assert (told["name"], told["erased_on"]) == ("herons", AFTER)
    assert told["why_not"].startswith("An error of the program, i")
    assert WORD not in told["why_not"]
    with workspace.store.transaction() as tx:
        tx.execute("DROP INDEX one_name")
    upkeep.look_after(workspace, today=DAY, now=NOW + timedelta(minutes=59))
    assert len(erasing.erasures(workspace)) == 1
    upkeep.look_after(workspace, today=DAY, now=NOW + timedelta(minutes=60))
    assert len(erasing.erasures(workspace)) == 2
    assert workspace.failed_erasures == {}
    assert places_of_the_word(workspace) == set()


def test_whoever_erases_it_by_hand_does_not_wait_for_that_hour(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("CREATE UNIQUE INDEX one_name ON source_files (path)")
    upkeep.look_after(workspace, today=AFTER, now=NOW)
    with workspace.store.transaction() as tx:
        tx.execute("DROP INDEX one_name")
    retaining.erase_source_soon(workspace, "p", "herons", by="Ann", expected=11)
    assert len(erasing.go_on(workspace, now=NOW)) == 1


def test_one_whose_files_cannot_be_taken_keeps_no_other_back_either(workspace: Workspace, tmp_path: Path) -> None:
    other = one_file_more(workspace, "otters")
    (file,) = workspace.store.read("SELECT sha256 FROM source_files WHERE path = ?", [f"{WORD}-1.md"])
    upload = workspace.folder.uploads / file["sha256"]
    upload.unlink()
    upload.symlink_to(tmp_path, target_is_directory=True)
    upkeep.look_after(workspace, today=DAY, now=NOW)
    assert {one["source"]: one["ended_at"] is not None for one in erasing.erasures(workspace)} == {
        source_of(workspace): False,
        other: True,
    }
    (erased, stuck) = retaining.erased_sources(workspace, "p")
    assert (erased["why_not"], stuck["name"]) == ("", "herons")
    assert stuck["why_not"].startswith("An error of the program, i")
    assert [one["why_not"] for one in erasing.erasures(workspace) if not one["ended_at"]] == [stuck["why_not"]]
    upload.unlink()
    upkeep.look_after(workspace, today=DAY, now=NOW + timedelta(minutes=61))
    assert all(one["ended_at"] for one in erasing.erasures(workspace))
    assert places_of_the_word(workspace) == set()


def test_one_whose_terms_changed_after_it_was_begun_is_left_alone(workspace: Workspace) -> None:
    assert retaining.begin_due(workspace, today=AFTER)
    terms.change_terms(workspace, source_of(workspace), {"at_end": "keep"}, by="Ann")
    assert erasing.go_on(workspace) == []
    assert not erasing.is_under_way(workspace)
    assert workspace.store.read("SELECT count(*) AS n FROM records") == [{"n": 19}]


def test_a_newer_export_that_came_in_after_it_was_begun_goes_too(workspace: Workspace) -> None:
    retaining.begin_due(workspace, today=AFTER)
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO records BY NAME SELECT * REPLACE ('r_00000000000000aa' AS id, 'late' AS external_id) FROM records WHERE source_id = ? LIMIT 1",
            [source_of(workspace)],
        )
    erasing.go_on(workspace)
    assert workspace.store.read("SELECT count(*) AS n FROM records") == [{"n": 8}]


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from core.config import DataFolder
from core.store.connection import Store
from core.workflows import erasing, upkeep
from core.workflows.workspace import open_workspace
owner, _, attribute = sys.argv[2].rpartition(".")
owner = Store if owner == "Store" else erasing
usual = getattr(owner, attribute)
def killed(*args, **kwargs):
    usual(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, attribute, killed)
upkeep.look_after(open_workspace(DataFolder(Path(sys.argv[1]))), today=date(2099, 3, 2))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "step", ["erasing.erase_source_rows", "erasing.swap_versions", "erasing.take_files_of_source", "Store.rewrite"]
)
def test_one_that_was_killed_goes_on_by_itself(template: Path, tmp_path: Path, step: str) -> None:
    root = tmp_path / "data"
    shutil.copytree(template, root)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), step], cwd=Path(__file__).resolve().parents[3], env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list((root / "erasing").iterdir())) == 1
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    upkeep.look_after(opened)
    assert list((root / "erasing").iterdir()) == []
    assert {one.version for one in made_of_it(opened).models} == {"both", "herons alone"}
    assert places_of_the_word(opened) == set()
    assert integrity.orphans(opened.store) == []
    opened.close()


def test_the_models_that_learnt_it_are_marked_and_not_served(workspace: Workspace) -> None:
    upkeep.look_after(workspace, today=AFTER)
    assert {one.version for one in made_of_it(workspace).models} == {"both", "herons alone"}
    for version in ("both", "herons alone"):
        run = run_on(workspace, version)
        with pytest.raises(ProofroomError, match="It learnt texts of the source herons, which was erased on"):
            models.approve(workspace, run["id"], reason="It reads well.", by="Ann")
        with pytest.raises(ProofroomError, match="was erased"):
            serving.model_called(workspace, f"p/{run['name']}")
        with pytest.raises(ProofroomError, match="was erased"):
            lapsing.exempt(workspace, run["id"], reason="I want it.", by="Ann")
    models.approve(workspace, run_on(workspace, "ladders alone")["id"], reason="It reads well.", by="Ann")


def test_what_such_a_run_had_written_and_checked_goes_and_the_page_says_why(workspace: Workspace) -> None:
    upkeep.look_after(workspace, today=AFTER)
    run = run_on(workspace, "herons alone")
    assert training.run_drafts(workspace, run["id"]) == []
    assert training.run_preflight(workspace, run["id"]) is None
    assert (
        held_out.why_no_drafts(workspace, run)
        == "They went with the texts that this run had learnt, which were erased."
    )
    assert run["metrics"]["by_heart"] == {"n": 1, "passages": []}
    assert (workspace.folder.runs / run["id"] / "pairs.jsonl").read_text() == '{"id": "pp_2"}\n'
    assert training.run_drafts(workspace, run_on(workspace, "ladders alone")["id"])


def test_a_single_line_of_a_file_of_lines_goes_with_its_words(workspace: Workspace) -> None:
    pairs = workspace.folder.runs / run_on(workspace, "herons alone")["id"] / "pairs.jsonl"
    pairs.write_text(pairs.read_text().splitlines(keepends=True)[0])
    assert WORD in pairs.read_text()
    upkeep.look_after(workspace, today=AFTER)
    assert pairs.read_text() == ""


def test_a_version_is_without_it_and_a_run_like_it_starts_at_once(workspace: Workspace) -> None:
    upkeep.look_after(workspace, today=AFTER)
    both = freezing.version_named(workspace, "p", "both")
    assert [one["name"] for one in both["card"]["sources"]] == ["ladders"]
    examples = [one for split in freezing.read_frozen(workspace, "p", "both").examples.values() for one in split]
    assert len(examples) == both["n_train"] + both["n_validation"] + both["n_test"] == 8
    assert gates.against_version(workspace, both) == []
    started = lapsing.retrain_without(workspace, run_on(workspace, "both")["id"], by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    freezing.read_frozen(workspace, "p", "herons alone")
    with pytest.raises(ProofroomError):
        lapsing.retrain_without(workspace, run_on(workspace, "herons alone")["id"], by="Ann")


def test_a_version_that_was_taken_out_before_is_barred_when_it_comes_back(workspace: Workspace) -> None:
    folder = taken_out(workspace, "both")
    upkeep.look_after(workspace, today=AFTER)
    uploads = sent_again(workspace, folder)
    with pytest.raises(Refused, match="The source herons was erased on"):
        version_import.import_version(workspace, "p", uploads, by="Ann", confirmed=True, name="back")


def taken_out(workspace: Workspace, version: str) -> Path:
    target = workspace.folder.root.parent / "taken"
    return freezing.export_version(workspace, "p", version, target=target, by="Ann")


def sent_again(workspace: Workspace, folder: Path) -> list[importing.Upload]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return [importing.keep_upload(workspace, file.name, file.read_bytes()) for file in files]


def test_a_version_that_came_back_with_a_record_that_nobody_knows_stays_bound_by_the_source(
    workspace: Workspace,
) -> None:
    folder = taken_out(workspace, "both")
    # A person, who stood in one text of the source alone.
    erasing.erase(workspace, "herons3w7", by="Ann")
    started = version_import.import_version(
        workspace, "p", sent_again(workspace, folder), by="Ann", confirmed=True, name="back"
    )
    assert finish(workspace, started["job"])["state"] == "done"
    upkeep.look_after(workspace, today=AFTER)
    back = freezing.version_named(workspace, "p", "back")
    left = [one.messages for split in freezing.read_frozen(workspace, "p", "back").examples.values() for one in split]
    assert len([one for one in left if WORD in str(one)]) == 1
    assert [one["name"] for one in back["card"]["sources"]] == ["herons", "ladders"]
    assert gates.against_version(workspace, back) == [f"The source herons was erased on {importing.today()}."]
    assert [one["name"] for one in freezing.version_named(workspace, "p", "both")["card"]["sources"]] == ["ladders"]


def test_an_upload_that_another_source_holds_stays_and_the_certificate_says_so(workspace: Workspace) -> None:
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    brought_in(workspace, "theirs", {"shared.md": SHARED}, KEPT, project="q")
    (upload,) = workspace.store.read("SELECT DISTINCT sha256 FROM source_files WHERE path = 'shared.md'")
    upkeep.look_after(workspace, today=AFTER)
    assert (workspace.folder.uploads / upload["sha256"]).exists()
    (kept,) = [one for one in made_of_it(workspace).kept if one.place == f"uploads/{upload['sha256']}"]
    assert "belongs to theirs as well" in kept.why
    assert upload["sha256"] in source_rows.uploads_in_use(workspace.store)
    assert columns(places_of_the_word(workspace)) == {"records.text", "records.content"}
    assert [one for one in upkeep.examine(workspace)["problems"] if "upload" in one] == []


def test_an_upload_that_is_being_imported_anew_meanwhile_stays_and_the_certificate_says_so(
    workspace: Workspace,
) -> None:
    retaining.begin_due(workspace, today=AFTER)
    (journal,) = open_journals(workspace)
    assert journal.source is not None
    with workspace.store.transaction() as tx:
        source_erasure.erase_source_rows(workspace, tx, journal, journal.source)
    # Its rows are gone and its files not yet, when somebody sends one of them again.
    upload = importing.keep_upload(workspace, "anew.md", SHARED.encode())
    started = importing.import_files(workspace, "p", [upload], KEPT, name="anew", by="Ann")
    source_erasure.take_files_of_source(workspace, journal, journal.source, [])
    assert (workspace.folder.uploads / upload.sha256).exists()
    kept = source_erasure.kept_of_source(workspace, journal, journal.source, [])
    assert [one.place for one in kept if "imported anew" in one.why] == [f"uploads/{upload.sha256}"]
    assert finish(workspace, started["job"])["state"] == "done"
    erasing.go_on(workspace)
    assert upload.sha256 in source_rows.uploads_in_use(workspace.store)
    assert workspace.store.read("SELECT count(*) AS n FROM records WHERE source_id = ?", [started["source"]]) == [
        {"n": 1}
    ]
    (told,) = [one for one in made_of_it(workspace).kept if one.place == f"uploads/{upload.sha256}"]
    assert "belongs to anew as well" in told.why


def test_another_source_that_was_sent_the_same_file_does_not_quote_its_name_any_more(workspace: Workspace) -> None:
    texts = {"other.md": SHARED, "other.zip": BROKEN, "ladders9.md": words_of("ladders", 9)}
    again = brought_in(workspace, "again", texts, KEPT)
    reasons = "SELECT path, reason FROM source_files WHERE source_id = ? AND status = 'refused'"
    before = {one["path"]: one["reason"] for one in workspace.store.read(reasons, [again])}
    assert "shared.md of the source herons" in before["other.md"]
    assert "imported before" not in before["other.zip"]
    upkeep.look_after(workspace, today=AFTER)
    after = {one["path"]: one["reason"] for one in workspace.store.read(reasons, [again])}
    assert after["other.md"].endswith("erased since. Send the file again to import it.")
    # Its own trouble is what it was.
    assert after["other.zip"] == before["other.zip"]


def test_a_file_that_comes_in_anew_after_it_was_erased_is_kept_again(workspace: Workspace) -> None:
    upkeep.look_after(workspace, today=AFTER)
    brought_in(workspace, "anew", {"shared.md": SHARED}, KEPT)
    (upload,) = workspace.store.read("SELECT sha256 FROM source_files WHERE path = 'shared.md'")
    assert upload["sha256"] in source_rows.uploads_in_use(workspace.store)


def test_its_consent_and_its_row_stay_as_the_proof(workspace: Workspace) -> None:
    consent = importing.keep_upload(workspace, "consent.txt", b"We agree.")
    terms.add_document(workspace, source_of(workspace), consent, by="Ann")
    upkeep.look_after(workspace, today=AFTER)
    assert (workspace.folder.uploads / consent.sha256).exists()
    made = made_of_it(workspace)
    assert "consents and contracts of the source" in {one.place for one in made.kept}
    found = register.register(workspace, "p")
    assert [one["name"] for one in found.sources] == ["ladders"]
    (row,) = found.erased
    assert (row["name"], row["owner"], row["erasure_id"], row["undone_by"]) == ("herons", "Ann", made.erasure, "studio")
    assert [one["name"] for one in row["documents"]] == ["consent.txt"]
    assert importing.drop_old_uploads(workspace) == 0
    with pytest.raises(Conflict):
        terms.change_terms(workspace, source_of(workspace), {"owner": "Ben"}, by="Ann")


def test_the_certificate_tells_which_source_it_was_and_why_and_the_trail_too(workspace: Workspace) -> None:
    upkeep.look_after(workspace, today=AFTER)
    made = made_of_it(workspace)
    assert made.person_macs == ()
    told = certificate_report(made)
    assert told.opening[0].startswith(
        f"The erasure {made.erasure} took out the source herons of the project p, at the end of its time on 2099-03-01, begun"
    )
    assert "held its texts" in told.opening[1]
    assert "hashes of every spelling" not in str(told.sections)
    assert certificate_from(json.loads(json.dumps(made.as_json()))) == made
    for form, begins in (("pdf", b"%PDF"), ("html", b"<!doctype html"), ("json", b"{")):
        content = erasure_certificates.certificate_document(workspace, made.erasure, form)
        assert content.lower().startswith(begins.lower())
    events = workspace.store.read(
        "SELECT action, object_id, done_by FROM events WHERE noun = 'source' AND done_by = 'studio' ORDER BY seq"
    )
    assert events == [
        {"action": action, "object_id": source_of(workspace), "done_by": "studio"}
        for action in ("expired", "erased", "certified")
    ]


def kept_of(made: Any) -> dict[str, int]:
    return {one.place: one.n for one in made.kept}


def test_what_models_wrote_near_it_and_reviewers_signed_off_is_named_with_its_number(workspace: Workspace) -> None:
    for draft in (one for one in drafting.list_drafts(workspace, "p") if one["system"] == "base"):
        reviewing.submit(workspace, made_up.item_of(workspace, draft), "sign_off", by="Rita")
    taken = review_records.take_over(workspace, "p", by="Ann")
    source = importing.source_named(workspace, taken["source"])
    # As what they follow from.
    assert (source["at_end"], taken["n_records"]) == ("erase", 1)
    made = retaining.erase_source(workspace, "p", "herons", by="Ann", expected=11)
    assert {
        "drafts by other models": 1, "texts that reviewers signed off": 1, "records of signed-off texts": 1,
    }.items() <= kept_of(made).items()  # fmt: skip
    assert "drafts by these models" not in kept_of(made)


def test_what_a_marked_model_wrote_with_facts_is_named_too(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        run = run_on(workspace, "herons alone")["id"]
        tx.execute("UPDATE drafts SET system = 'tuned_facts', run_id = ? WHERE system = 'base'", [run])
    made = retaining.erase_source(workspace, "p", "herons", by="Ann", expected=11)
    assert kept_of(made)["drafts by these models"] == 1
    assert "drafts by other models" not in kept_of(made)


def test_a_certificate_from_before_sources_were_erased_still_reads(workspace: Workspace) -> None:
    made = erasing.erase(workspace, "Nobody Known", by="Ann")
    told = {name: value for name, value in made.as_json().items() if name != "source"}
    assert certificate_from(told) == made
    assert "was asked for by Ann" in certificate_report(made).opening[0]


def test_what_ends_within_thirty_days_is_said_before(workspace: Workspace) -> None:
    assert retaining.soon_erased(workspace, "p", today=date(2099, 1, 30)) == []
    (soon,) = retaining.soon_erased(workspace, "p", today=date(2099, 1, 31))
    assert (soon["name"], soon["erased_on"], soon["n_records"]) == ("herons", AFTER, 11)
    terms.change_terms(workspace, source_of(workspace), {"at_end": "keep"}, by="Ann")
    assert retaining.soon_erased(workspace, "p", today=LAST) == []


def test_an_owner_erases_a_source_by_hand_after_seeing_what_goes(workspace: Workspace) -> None:
    seen = retaining.preview_source(workspace, "p", "herons")
    assert (seen.n_records, seen.versions, len(seen.models), seen.shared) == (11, ("both", "herons alone"), 2, ())
    assert seen.n_uploads == 12
    with pytest.raises(Conflict, match="11 records now, not 10"):
        retaining.erase_source(workspace, "p", "herons", by="Ann", expected=10)
    made = retaining.erase_source(workspace, "p", "herons", by="Ann", expected=11)
    assert "by hand, by Ann" in certificate_report(made).opening[0]
    assert places_of_the_word(workspace) == set()
    with pytest.raises(NotFound):
        retaining.preview_source(workspace, "p", "herons")
    with pytest.raises(Conflict, match="was erased already"):
        retaining.preview_source(workspace, "p", source_of(workspace))


OTHER_WORD = "otter88harbour"
OTTERS = f"id,title,text\no1,Otters,{words_of('otters', 1).split(chr(10))[-1]} {OTHER_WORD}\no2,Refused {OTHER_WORD},x,too,many\n"


def brief_on(workspace: Workspace, external_id: str) -> str:
    """A brief whose reference is the text of a record, as one that is taken from it has."""
    (record,) = workspace.store.read("SELECT id, text FROM records WHERE external_id = ?", [external_id])
    (brief,) = briefing.add_briefs(
        workspace, "p", [made_up.BriefIn("b2", "Write.", reference=record["text"])], by="Ann"
    )
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE briefs SET record_id = ? WHERE id = ?", [record["id"], brief])
    return str(brief)


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_a_source_that_was_taken_out_is_erased_with_what_was_left_of_it(workspace: Workspace, is_by_hand: bool) -> None:
    source = brought_in(workspace, "otters", {f"{OTHER_WORD}.csv": OTTERS}, ERASED)
    brief_on(workspace, "o1")
    importing.undo_import(workspace, source, by="Ben")
    word = person_of(OTHER_WORD)
    assert {"briefs.reference", "rejected_rows.value", "source_files.path"} <= columns(
        places_of_the_word(workspace, word)
    )
    assert [one["id"] for one in register.register(workspace, "p").taken_out] == [source]
    seen = retaining.preview_source(workspace, "p", source)
    assert (seen.n_records, seen.n_removed, seen.n_refused_rows, seen.n_uploads) == (0, 1, 1, 0)
    if is_by_hand:
        retaining.erase_source(workspace, "p", source, by="Ann", expected=0)
    else:
        assert source in {one["id"] for one in retaining.soon_erased(workspace, "p", today=LAST)}
        upkeep.look_after(workspace, today=AFTER)
        upkeep.look_after(workspace, today=AFTER)
    assert places_of_the_word(workspace, word) == set()
    row = importing.source_named(workspace, source)
    assert (row["undone_by"], row["erasure_id"] is not None) == ("Ben", True)
    assert register.register(workspace, "p").taken_out == []
    assert integrity.orphans(workspace.store) == []


def test_what_was_made_of_a_record_of_an_export_that_was_taken_back_goes_too(workspace: Workspace) -> None:
    plain = words_of("otters", 1).split("\n")[-1]
    source = brought_in(workspace, "otters", {"otters.csv": f"id,title,text\no1,Otters,{plain}\n"}, ERASED)
    newer = f"id,title,text\no1,Otters,{plain}\no2,More,{words_of('more', 1).split(chr(10))[-1]} {OTHER_WORD}\n"
    files = [importing.keep_upload(workspace, "otters.csv", newer.encode())]
    finish(workspace, updating.update_source(workspace, "p", source, files, by="Ann")["job"])
    brief = brief_on(workspace, "o2")
    updating.undo_update(workspace, source, by="Ann")
    word = person_of(OTHER_WORD)
    assert "briefs.reference" in columns(places_of_the_word(workspace, word))
    assert retaining.preview_source(workspace, "p", source).n_removed == 1
    retaining.erase_source(workspace, "p", source, by="Ann", expected=1)
    assert places_of_the_word(workspace, word) == set()
    assert workspace.store.read("SELECT prompt, reference, record_id FROM briefs WHERE id = ?", [brief]) == [
        {"prompt": "[erased]", "reference": None, "record_id": None}
    ]
    assert workspace.store.read("SELECT * FROM removed_records") == []


def test_the_preview_names_other_projects_whose_versions_hold_it(workspace: Workspace) -> None:
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    uploads = sent_again(workspace, taken_out(workspace, "both"))
    started = version_import.import_version(workspace, "q", uploads, by="Ann", confirmed=True, name="theirs")
    assert finish(workspace, started["job"])["state"] == "done"
    seen = retaining.preview_source(workspace, "p", "herons")
    assert (seen.versions, seen.projects) == (("both", "herons alone", "theirs"), ("q",))


def test_a_source_that_came_in_with_a_version_is_not_erased_by_itself(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        source_rows.insert_source(
            tx, "s_0", project_id=project_named(workspace, "p")["id"], name="of a version", owner="Ann", basis="consent", purpose="test", uses=["train"],
            expires_on=None, licence="own", by="Ann",
        )  # fmt: skip
        tx.event("confirmed", "source", "s_0", by="Ann")
    with pytest.raises(Refused, match="came in with a version"):
        terms.change_terms(workspace, "s_0", {"at_end": "erase"}, by="Ann")
    with pytest.raises(Refused, match="came in with a version"):
        retaining.erase_source(workspace, "p", "of a version", by="Ann")


def test_documents_say_what_becomes_of_it(workspace: Workspace) -> None:
    told = documenting.document(workspace, "p", "record", "md").decode()
    assert "erased on 2099-03-02" in told
    upkeep.look_after(workspace, today=AFTER)
    assert "herons" not in documenting.document(workspace, "p", "datasheet", "md", version="both").decode()
