"""A planted person: in more than forty places, six spellings and two adapters. All of it is found before, and none after."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, ProofroomError, Refused
from core.privacy.person import person_of
from core.privacy.pieces import Unread
from core.privacy.read_back import Place, ReadBack
from core.store import every_text, integrity
from core.store import exports as export_rows
from core.store import jobs as job_rows
from core.workflows import (
    auditing,
    briefing,
    bundles,
    curating,
    deciding,
    drafting,
    erasing,
    erasure_certificates,
    erasure_files,
    erasure_journal,
    exported,
    exporting,
    freezing,
    importing,
    lapsing,
    models,
    projects,
    reviewing,
    searching,
    serving,
    training,
    upkeep,
)
from core.workflows.curating import measure_records
from core.workflows.searching import RecordFilter
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.privacy.packed_forms import IMPORTED, docx, mail, pdf, tarred
from tests.core.workflows import erasure_verifier
from tests.core.workflows.brought_in import KEPT, brought_in, frozen, words_of
from tests.e2e import made_up
from tests.jobs_by_hand import finish

NAME = "Maren Oldenkott"
ALSO = ("maren.o@example.org", "@mo_writes")
# Six ways to write her, each of which stands in some place.
SPELLINGS = (NAME, "OLDENKOTT, Maren", "Máren Öldenkott", "M. Oldenkott", *ALSO)
PERSON = person_of(NAME, ALSO)


def spelled(n: int) -> str:
    return SPELLINGS[n % len(SPELLINGS)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("erasing") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    about_her = {
        f"vans{n}.md": f"# A letter of {spelled(n)} {n}\n\nShe, {spelled(n + 1)}, says: " + words_of("vans", n)[12:]
        for n in range(5)
    }
    vans = brought_in(opened, "vans", {f"letter of {NAME}.md": f"# On {NAME}\n\n" + words_of("letter", 9)[12:]} | about_her | {
        f"plain{n}.md": words_of("plain", n) for n in range(8)
    })  # fmt: skip
    ladders = brought_in(opened, "ladders", {f"ladders{n}.md": words_of("ladders", n) for n in range(8)})
    measuring = measure_records(opened, "p", by="Ann")
    assert measuring is not None
    finish(opened, measuring)
    frozen(opened, "both")
    frozen(opened, "vans alone", sources=[vans])
    frozen(opened, "ladders alone", sources=[ladders])
    for version in ("both", "vans alone", "ladders alone"):
        made_up.trained(opened, "p", version)
    drafts_and_reviews(opened)
    searching.resolve(opened, "p", RecordFilter(words="vans"))
    plant_rows(opened)
    plant_files(opened)
    opened.close()
    return root


def drafts_and_reviews(workspace: Workspace) -> None:
    run = run_on(workspace, "ladders alone")
    taken = briefing.add_briefs(
        workspace, "p", [made_up.BriefIn("b1", "Write of the van."), made_up.BriefIn("b2", "Write of a ladder.", reference="It is a real one.")],
        by="Ann",
    )  # fmt: skip
    (record,) = workspace.store.read("SELECT id FROM records WHERE external_id = ?", [f"letter of {NAME}.md"])
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE briefs SET record_id = ? WHERE id = ?", [record["id"], taken[1]])
    job = drafting.write_drafts(workspace, "p", run=run["id"], brief_ids=taken, systems=["tuned", "base"], by="Ann")[
        "job"
    ]
    finish(workspace, job)
    drafts = drafting.list_drafts(workspace, "p")
    for draft in drafts:
        reviewing.submit(workspace, made_up.item_of(workspace, draft), "sign_off", by="Rita")


def run_on(workspace: Workspace, version: str) -> dict[str, Any]:
    return next(run for run in training.list_runs(workspace, "p") if run["version"] == version)


# What stands in the database beside what came in by itself, by the column that it is planted in.
ROWS = {
    "decisions.note": "UPDATE decisions SET note = $1",
    "decisions.edited_text": "UPDATE decisions SET edited_text = $1",
    "earlier_texts.text": "INSERT INTO earlier_texts SELECT 'u', id, project_id, file_id, 1, kind, '', $1, '{}', '{}', NULL, NULL, 'h', 3, 0, "
    "now()::TIMESTAMP FROM records WHERE external_id = 'ladders1.md'",
    "briefs.prompt": "UPDATE briefs SET prompt = 'Write to ' || $1 || '.' WHERE external_id = 'b1'",
    "briefs.facts": "UPDATE briefs SET facts = ['It is for ' || $1] WHERE external_id = 'b1'",
    "briefs.must_not_say": "UPDATE briefs SET must_not_say = [$1] WHERE external_id = 'b1'",
    "drafts.text": "UPDATE drafts SET text = text || ' Yours, ' || $1 WHERE system = 'tuned'",
    "draft_facts.passage": "INSERT INTO draft_facts SELECT id, 0, 'fa_0', 'Post', 'The address of ' || $1, 'post', NULL FROM drafts LIMIT 1",
    "reviews.final_text": "UPDATE reviews SET final_text = final_text || ' Yours, ' || $1",
    "reviews.reviewer": "UPDATE reviews SET reviewer = $1 WHERE id = (SELECT min(id) FROM reviews)",
    "saved_texts.text": "INSERT INTO saved_texts SELECT id, 'Rita', 'Dear ' || $1, 1, now()::TIMESTAMP FROM review_items LIMIT 1",
    "facts.passage": "INSERT INTO facts SELECT 'fa_1', project_id, $1 || ' pays 9 euros.', id, source_id, NULL, now()::TIMESTAMP, 'Ann' FROM records "
    "WHERE external_id = 'ladders2.md'",
    "fact_documents.title": "INSERT INTO fact_documents SELECT 'fd_1', id, 'File of ' || $1, 'post', 'Ann', NULL, 'h', 1, now()::TIMESTAMP, 'Ann', NULL, NULL "
    "FROM projects",
    "fact_passages.passage": "INSERT INTO fact_passages SELECT 'fp_1', id, 'fd_1', 0, '', 'Ring ' || $1 FROM projects",
    "run_notes.note": "INSERT INTO run_notes (run_id, project_id, note, tags, written_by, written_at) SELECT id, project_id, 'Ask ' || $1, [], 'Ann', "
    "now()::TIMESTAMP FROM runs LIMIT 1",
    "guides.content": "INSERT INTO guides (project_id, content, sha256, changed_by, changed_at) SELECT id, json_object('notes', 'As ' || $1 || ' writes'), "
    "'h', 'Ann', now()::TIMESTAMP FROM projects",
    "recipes.settings": "INSERT INTO recipes (project_id, name, settings, saved_by, saved_at) SELECT id, 'hers', json_object('words', $1), 'Ann', "
    "now()::TIMESTAMP FROM projects",
    "rubrics.content": "INSERT INTO rubrics (project_id, content, changed_by, changed_at) SELECT id, json_object('reasons', ['unlike ' || $1]), 'Ann', "
    "now()::TIMESTAMP FROM projects",
    "overrides.reason": "INSERT INTO overrides SELECT 'ov_1', id, 'model', 'x', 'For ' || $1, [], 'Ann', now()::TIMESTAMP FROM projects",
    "limits.reason": "INSERT INTO limits (id, project_id, is_withdrawn, reason, n_records, set_at, set_by) SELECT 'l_1', id, false, $1 || ' asked', 0, "
    "now()::TIMESTAMP, 'Ann' FROM projects",
    "rejected_rows.value": "INSERT INTO rejected_rows SELECT source_id, id, 3, 'too short', $1 FROM source_files LIMIT 1",
    "sources.reference": "UPDATE sources SET reference = 'Consent of ' || $1 WHERE name = 'ladders'",
    "personal_spans.value": "INSERT INTO personal_spans SELECT project_id, id, 'h', 0, 9, 'PERSON', $1, sha256(lower($1)), 0.9, 'names' FROM records "
    "WHERE external_id = 'ladders3.md'",
    "personal_decisions.value_sha256": "INSERT INTO personal_decisions (id, project_id, scope, type, value_sha256, record_id, text_sha256, start_char, choice, "
    "decided_by, decided_at) SELECT 'pd_1', id, 'value', 'PERSON', sha256(lower($1)), '', '', 0, 'mask', 'Ann', now()::TIMESTAMP FROM projects",
    "flags.evidence": "UPDATE flags SET evidence = 'It names ' || $1",
    "jobs.reason": "UPDATE jobs SET reason = 'It quotes ' || $1 WHERE kind = 'draft'",
    "version_dropped.detail": "INSERT INTO version_dropped SELECT v.id, r.id, r.external_id, 'too_long', 'begins ' || $1 FROM versions v, records r "
    "WHERE v.name = 'both' AND r.external_id = 'ladders4.md'",
    "accounts.name": "INSERT INTO accounts VALUES ('a_1', $1, lower($1), 'x', now()::TIMESTAMP, 'Ann', now()::TIMESTAMP, 'Ann')",
    "taggings.tag": "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at) SELECT project_id, id, $1, true, 'Ann', "
    "now()::TIMESTAMP FROM records WHERE external_id = 'ladders5.md'",
    "invitations.name": "INSERT INTO invitations SELECT 'in_1', 'h', NULL, $1, '', NULL, now()::TIMESTAMP, 'Ann', now()::TIMESTAMP, NULL, NULL, NULL",
}  # fmt: skip


def plant_rows(workspace: Workspace) -> None:
    kept = workspace.store.read("SELECT external_id FROM records WHERE external_id = 'ladders0.md'")
    deciding.decide(workspace, "p", kept[0]["external_id"], "keep", by="Ann")
    with workspace.store.transaction() as tx:
        for n, sql in enumerate(ROWS.values()):
            tx.execute(sql, [spelled(n)])


def plant_files(workspace: Workspace) -> None:
    root = workspace.folder.root
    run = run_on(workspace, "both")["id"]
    (root / "server.log").write_text(f"could not read the row of {NAME}\n")
    (root / "generator.log").write_text("nothing\n")
    (root / "notes.json").write_text(json.dumps({"to": "Máren Öldenkott", "n": 3}))
    export = workspace.folder.exports / "ex_1"
    export.mkdir()
    (export / "README.md").write_text(f"Learnt from {spelled(1)}.")
    (workspace.folder.runs / run / "pairs.jsonl").write_text(json.dumps({"better": f"Dear {spelled(2)}"}) + "\n")
    head = json.dumps({"__metadata__": {"by": spelled(3)}}).encode()
    (workspace.folder.runs / run / "adapter" / "adapter_model.safetensors").write_bytes(
        struct.pack("<Q", len(head)) + head + bytes(8)
    )
    job = next(
        folder
        for folder in workspace.folder.jobs.iterdir()
        if json.loads((folder / "spec.json").read_text())["kind"] == "freeze"
    )
    with (job / "output.log").open("a") as log:
        log.write(f"read {spelled(4)}\n")
    with zipfile.ZipFile(root / "taken.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.csv", f"a,b\n1,{spelled(5)}\n")


def plant_copies(workspace: Workspace) -> None:
    """Of the whole database; they take long to read, so most tests do without."""
    upkeep.back_up(workspace, workspace.folder.root / "studio.backup", by="Ann")
    workspace.store.copy_to(workspace.folder.root / "proofroom.duckdb.before-0042")


def plant_packed(workspace: Workspace) -> dict[str, str]:
    """A file of every kind that an import takes, and some that nobody imported. Returns of each the path by what it is."""
    words = {name: f"Then {'Máren Öldenkott' if n % 2 else NAME} rang." for n, name in enumerate(IMPORTED)}
    uploads = [importing.keep_upload(workspace, name, form(words[name])) for name, form in IMPORTED.items()]
    started = importing.import_files(workspace, "p", uploads, KEPT, name="packed", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    beside = importing.keep_upload(workspace, "sent.tar.gz", gzip.compress(tarred(docx(f"To {NAME}."))))
    (workspace.folder.root / "post.eml").write_bytes(mail(f"To {NAME}."))
    (workspace.folder.root / "old.csv").write_bytes("to,Máren Öldenkott\n".encode("latin-1"))
    planted = {one.path: f"uploads/{one.sha256}" for one in (*uploads, beside)}
    return planted | {"post.eml": "post.eml", "old.csv": "old.csv"}


# By path and, where it is a table or an archive, by what is inside; a star stands for anything.
FILES = (
    ("uploads/*", ""), ("versions/*/train.parquet", "messages"), ("versions/*/train.parquet", "title"),
    ("jobs/*/in/records.parquet", "text"), ("jobs/*/in/records.parquet", "title"), ("jobs/*/output.log", ""), ("server.log", ""), ("notes.json", "(escapes)"),
    ("exports/ex_1/README.md", ""), ("runs/*/pairs.jsonl", "(escapes)"), ("runs/*/adapter/adapter_model.safetensors", "metadata"), ("taken.zip", "rows.csv"),
    ("studio.backup", "unpacked / proofroom.duckdb / records.text"), ("studio.backup", "unpacked / versions/*/train.parquet / messages"),
    ("studio.backup", "unpacked / uploads/*"), ("proofroom.duckdb.before-0042", "records.text"),
)  # fmt: skip
COLUMNS = (
    "records.text", "records.title", "records.content", "records.external_id", "source_files.path",
    *(name for name in ROWS if not name.endswith("sha256")),
)  # fmt: skip
PLACES = tuple(("proofroom.duckdb", column) for column in COLUMNS) + FILES


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def looked_through(workspace: Workspace) -> ReadBack:
    """The verifier, on a copy of the database and every other file; it knows nothing of what was erased."""
    with erasure_files.scratch(workspace) as folder:
        copy = folder / "copy.duckdb"
        workspace.store.copy_to(copy)
        return erasure_files.look_through(workspace, PERSON, database=copy)


def holds(places: tuple[Place, ...], path: str, inside: str) -> bool:
    return any(fnmatch(one.path, path) and fnmatch(one.inside, inside) and one.n_certain for one in places)


def test_what_the_programme_came_with_is_left_as_it_is_and_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = workspace.folder.root
    for name in ("sample", "other"):
        (root / name).mkdir()
        (root / name / "post.md").write_text(f"By {SPELLINGS[0]}.", encoding="utf-8")
    there = {place.path for place in looked_through(workspace).places}
    assert {"sample/post.md", "other/post.md"} <= there
    # As if the studio worked in the source's own folder.
    monkeypatch.setattr("core.config.__file__", str(root.parent / "core" / "config.py"))
    found = looked_through(workspace)
    assert {place.path for place in found.places} == there - {"sample/post.md"}
    assert [one for one in found.unread if one.path == "sample"] == [Unread("sample", erasure_files.WHY_SHIPPED)]


def test_the_planted_person_stands_in_every_place_before_and_in_none_after(workspace: Workspace) -> None:
    plant_copies(workspace)
    before = looked_through(workspace)
    missing = [place for place in PLACES if not holds(before.places, *place)]
    assert missing == [], "the test is void where the verifier does not find what was planted"
    assert len(PLACES) >= 40
    written = {one.strip("@") for place in before.places for one in place.spelled}
    assert {one.strip("@") for one in SPELLINGS} <= written
    learnt = {
        row["name"]
        for row in workspace.store.read(
            "SELECT DISTINCT v.name FROM version_examples e JOIN versions v ON v.id = e.version_id JOIN records r ON r.id = e.record_id "
            "WHERE e.split = 'train' AND (r.title LIKE '%letter%' OR r.title LIKE '%Maren%')"
        )
    }
    assert learnt == {"both", "vans alone"}
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO, project="p")
    after = looked_through(workspace)
    left = {place.path for place in after.places if place.n_certain}
    named = {one.place for one in made.kept}
    assert "backups" in named
    assert left <= named, "what is left is named in the certificate"
    assert left == {f"runs/{run_on(workspace, 'both')['id']}/adapter/adapter_model.safetensors"}
    assert made.verification.n_places_after == 1
    assert made.verification.n_places_before >= 40
    assert made.verification.unread == ()
    assert not erasure_journal.journals_folder(workspace).exists() or not list(
        erasure_journal.journals_folder(workspace).iterdir()
    )


# Of these the verifier's own names are the same, but for where it is more to the point than how.
VERIFIED = tuple(
    (path, {"(escapes)": "", "metadata": "header"}.get(inside, inside).removeprefix("unpacked / "))
    for path, inside in PLACES
)


@pytest.mark.slow
def test_a_verifier_that_shares_nothing_with_the_product_finds_all_of_it_before_and_none_after(
    workspace: Workspace,
) -> None:
    root, forms = workspace.folder.root, ("Oldenkott", *ALSO)
    packed = plant_packed(workspace)
    plant_copies(workspace)
    before = erasure_verifier.verify(root, forms)
    assert before.unread == []
    missing = [
        one
        for one in VERIFIED
        if not any(fnmatch(path, one[0]) and fnmatch(inside, one[1]) for path, inside in before.places)
    ]
    missing += [(name, path) for name, path in packed.items() if path not in before.paths]
    assert missing == [], "the test is void where the verifier does not find what was planted"
    assert len(VERIFIED) + len(packed) >= 80
    database = workspace.folder.database.stat().st_ino
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO, project="p")
    assert workspace.folder.database.stat().st_ino != database, (
        "its file is another one: the old one kept packed blocks"
    )
    after = erasure_verifier.verify(root, forms)
    named = {one.place for one in made.kept}
    assert [hit for hit in after.hits if hit.path not in named and hit.inside not in named] == []
    assert after.paths == {f"runs/{run_on(workspace, 'both')['id']}/adapter/adapter_model.safetensors"}
    assert (after.unread, made.verification.unread) == ([], ())
    assert [one for one in upkeep.examine(workspace)["problems"] if "upload" in one] == []
    # As if it had been forgotten: one file that went comes back, and is found.
    for name in ("letter.docx", "letter.pdf", "base64.eml"):
        (root / packed[name]).write_bytes(IMPORTED[name](f"To {NAME}."))
        assert packed[name] in erasure_verifier.verify(root, forms).paths
        (root / packed[name]).unlink()


def test_what_nobody_can_look_into_is_named_on_the_certificate(workspace: Workspace) -> None:
    shut = importing.keep_upload(workspace, "shut.pdf", pdf(f"To {NAME}.", encrypt="open"))
    shown = importing.keep_upload(workspace, "scan.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    importing.import_files(workspace, "p", [shut, shown], KEPT, name="shut", by="Ann")
    finish(workspace, job_rows.unsettled_jobs(workspace.store)[0]["id"])
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert sorted(made.verification.unread) == sorted(
        [
            f"uploads/{shut.sha256}: it is protected by a password",
            f"uploads/{shown.sha256}: it is or holds a picture, and words in pictures are not read",
        ]
    )


def test_an_upload_goes_with_a_refused_row_and_with_a_masked_record_however_it_is_packed(workspace: Workspace) -> None:
    """Told by what the database knows, where reading it would not be enough."""
    files = {row["path"]: row for row in workspace.store.read("SELECT * FROM source_files")}
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM rejected_rows")
        tx.execute(
            "INSERT INTO rejected_rows VALUES (?, ?, 3, 'too short', ?)",
            [files["ladders6.md"]["source_id"], files["ladders6.md"]["id"], f"By {NAME}"],
        )
    assert PERSON.certain((workspace.folder.uploads / files["ladders6.md"]["sha256"]).read_text()) == []
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert not (workspace.folder.uploads / files["ladders6.md"]["sha256"]).exists()
    assert (workspace.folder.uploads / files["ladders7.md"]["sha256"]).exists()
    assert [one for one in upkeep.examine(workspace)["problems"] if "upload" in one] == []


def test_a_name_that_is_coded_in_a_record_goes_with_it_and_is_masked_elsewhere(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute(
            "UPDATE records SET text = 'See <b>M&aacute;ren</b> &Ouml;ldenkott.' WHERE external_id = 'ladders6.md'"
        )
        tx.execute("UPDATE drafts SET text = 'As /?by=Maren%20Oldenkott says.'")
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert workspace.store.read("SELECT id FROM records WHERE external_id = 'ladders6.md'") == []
    assert {row["text"] for row in workspace.store.read("SELECT text FROM drafts WHERE system = 'tuned'")} == {
        "As [erased] says."
    }
    assert [one for one in made.kept if one.place.startswith(("records", "drafts."))] == []


def test_the_two_adapters_are_marked_and_every_gate_is_shut_for_them_alone(workspace: Workspace) -> None:
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert {one.version for one in made.models} == {"both", "vans alone"}
    told = {one.run["version"]: one for one in lapsing.lapsed(workspace, "p").models}
    assert {version: one.must_go for version, one in told.items()} == {"both": True, "vans alone": True}
    for version in ("both", "vans alone"):
        run = run_on(workspace, version)
        for act in (
            lambda run=run: models.approve(workspace, run["id"], reason="It reads well.", by="Ann"),
            lambda run=run: serving.model_called(workspace, f"p/{run['name']}"),
            lambda run=run: exporting.start_export(
                workspace, run["id"], form="adapter", by="Ann", override="I want it."
            ),
            lambda run=run: lapsing.exempt(workspace, run["id"], reason="I want it.", by="Ann"),
        ):
            with pytest.raises(ProofroomError, match="a person who was erased"):
                act()
        models.retire(workspace, run["id"], reason="She was erased.", by="Ann")
    assert [one.must_go for one in lapsing.lapsed(workspace, "p").models] == [False, False]
    models.approve(workspace, run_on(workspace, "ladders alone")["id"], reason="It reads well.", by="Ann")


def test_an_export_of_before_that_comes_back_is_not_copied_whoever_says_why(workspace: Workspace) -> None:
    """As where somebody puts the folder of exports back from a copy of their own."""
    run, project = run_on(workspace, "both")["id"], project_named(workspace, "p")["id"]
    with workspace.store.transaction() as tx:
        export_rows.insert_export(
            tx, "ex_2", project_id=project, run_id=run, job_id="", form="adapter", kind="", obstacles=[], override_reason="", by="Ann"
        )  # fmt: skip
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    (workspace.folder.exports / "ex_2").mkdir(parents=True, exist_ok=True)
    target = workspace.folder.root.parent / "taken"
    with pytest.raises(Refused, match="a person who was erased"):
        exported.copy_export(workspace, "ex_2", target=target, by="Ann", override="I want it.")
    assert not target.exists()


def test_a_run_whose_pairs_alone_name_her_is_marked_however_the_file_writes_her_letters(workspace: Workspace) -> None:
    run = run_on(workspace, "ladders alone")["id"]
    line = json.dumps({"better": "Dear Máren Öldenkott, the van is ready."})
    assert "Öldenkott" not in line
    (workspace.folder.runs / run / "pairs.jsonl").write_text(line + "\n")
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert {one.version for one in made.models} == {"both", "vans alone", "ladders alone"}


def test_a_run_like_it_is_started_on_the_version_without_her(workspace: Workspace) -> None:
    run = run_on(workspace, "vans alone")
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    started = lapsing.retrain_without(workspace, run["id"], by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    (anew,) = [one for one in training.list_runs(workspace, "p") if one["id"] == started["run"]]
    assert (anew["version"], anew["config"]) == ("vans alone", run["config"])
    (told,) = [one for one in lapsing.lapsed(workspace, "p").models if one.run["id"] == run["id"]]
    assert told.successor == anew["name"]
    models.approve(workspace, anew["id"], reason="It is without her.", by="Ann")


def test_a_version_says_what_went_and_reads_as_it_is_now(workspace: Workspace) -> None:
    before = {one["name"]: one for one in freezing.list_versions(workspace, "p")}
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    after = {one["name"]: one for one in freezing.list_versions(workspace, "p")}
    changed = {one.name for one in made.versions if one.sha256_before != one.sha256_after}
    assert changed == {one.name for one in made.versions if one.n_erased} == {"both", "vans alone"}
    for one in made.versions:
        if not one.n_erased:
            continue
        row = after[one.name]
        assert (one.sha256_before, one.sha256_after) == (before[one.name]["content_sha256"], row["content_sha256"])
        (mark,) = row["card"]["erased"]
        assert (mark["erasure"], mark["n_erased"], mark["content_sha256_before"]) == (
            made.erasure,
            one.n_erased,
            one.sha256_before,
        )
        read = freezing.read_frozen(workspace, "p", one.name)
        assert sum(map(len, read.examples.values())) == row["n_train"] + row["n_validation"] + row["n_test"]
        assert (
            "were erased from this version on"
            in (freezing.version_folder(workspace, row["id"]) / "README.md").read_text()
        )
    # Its list of what was left out named her; what it teaches is as it was.
    assert after["ladders alone"]["content_sha256"] == before["ladders alone"]["content_sha256"]
    assert {one["name"] for one in integrity.all_versions(workspace.store)} == set(after)


def test_rows_that_named_a_record_go_with_it_and_judgements_elsewhere_stay(workspace: Workspace) -> None:
    gone = [
        row["id"]
        for row in workspace.store.read(
            "SELECT id FROM records WHERE external_id LIKE 'vans%' OR external_id LIKE 'letter%'"
        )
    ]
    assert len(gone) == 6
    n_reviews = workspace.store.read("SELECT count(*) AS n FROM reviews")[0]["n"]
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert workspace.store.read("SELECT count(*) AS n FROM records")[0]["n"] == 16
    assert integrity.orphans(workspace.store) == []
    found = set()
    copy = workspace.folder.root / "copy.duckdb"
    workspace.store.copy_to(copy)
    for where, text in every_text.texts_of_database(copy):
        if text in gone:
            found.add(where)
    assert found == set()
    assert workspace.store.read("SELECT count(*) AS n FROM reviews")[0]["n"] == n_reviews
    (brief,) = workspace.store.read("SELECT prompt, reference, record_id FROM briefs WHERE external_id = 'b2'")
    assert brief == {"prompt": "[erased]", "reference": None, "record_id": None}
    assert {row["text"] for row in workspace.store.read("SELECT text FROM drafts WHERE system = 'human'")} == {
        "[erased]"
    }
    (row,) = workspace.store.read("SELECT prompt, must_not_say FROM briefs WHERE external_id = 'b1'")
    assert row["prompt"] == "Write to [erased]."
    assert row["must_not_say"][0].startswith("erased person ")
    assert workspace.store.read("SELECT id FROM personal_decisions") == []


def test_what_would_go_is_shown_and_nothing_is_changed(workspace: Workspace) -> None:
    n_before = looked_through(workspace).n_certain
    found = erasing.preview_erasure(workspace, NAME, by="Ann", also=ALSO, project="p")
    by_key = {one.key: one for one in found.finds}
    records = [one for one in found.finds if one.place == "records"]
    assert {one.treatment for one in records} == {"erase"}
    assert len(records) == 6
    assert by_key["file:notes.json"].treatment == "mask"
    assert by_key["file:taken.zip"].treatment == "remove"
    assert by_key["file:exports/ex_1"].treatment == "remove"
    kept = [one for one in found.finds if one.treatment == "keep"]
    assert [one.key.rpartition("/")[2] for one in kept] == ["adapter_model.safetensors"]
    assert found.goes_with["vectors"] == 6
    assert looked_through(workspace).n_certain == n_before
    (event,) = workspace.store.read("SELECT done_by, facts FROM events WHERE action = 'viewed' AND noun = 'person'")
    assert event == {"done_by": "Ann", "facts": {"n_places": len(found.finds)}}
    with pytest.raises(Conflict, match="places now"):
        erasing.erase(workspace, NAME, by="Ann", also=ALSO, expected=found.n_taken + 1)
    assert erasing.erasures(workspace) == []


def test_a_possible_find_goes_by_hand_alone_and_a_certain_one_stays_by_hand(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO overrides SELECT 'ov_2', id, 'model', 'x', 'For Maren Oldenkot', [], 'Ann', now()::TIMESTAMP FROM projects "
            "UNION ALL SELECT 'ov_3', id, 'model', 'x', 'For Marn Oldenkott', [], 'Ann', now()::TIMESTAMP FROM projects"
        )
    treatments = {one.key: one.treatment for one in erasing.preview_erasure(workspace, NAME, by="Ann", also=ALSO).finds}
    assert (treatments["overrides:ov_2"], treatments["overrides:ov_3"], treatments["overrides:ov_1"]) == (
        "ask",
        "ask",
        "mask",
    )
    choices = erasing.chosen(takes=["overrides:ov_2"], leaves=["overrides:ov_1"])
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO, choices=choices)
    reasons = {row["id"]: row["reason"] for row in workspace.store.read("SELECT id, reason FROM overrides")}
    assert (reasons["ov_2"], reasons["ov_3"]) == ("For [erased]", "For Marn Oldenkott")
    assert PERSON.certain(reasons["ov_1"])
    kept = {one.place: one for one in made.kept}
    assert "by hand" in kept["overrides.reason"].why
    assert kept["possible finds"].n >= 1


def test_a_record_may_be_masked_and_another_go_by_hand(workspace: Workspace) -> None:
    rows = {row["external_id"]: row["id"] for row in workspace.store.read("SELECT id, external_id FROM records")}
    masked, chosen = rows["vans0.md"], rows["plain0.md"]
    choices = erasing.chosen(masks=[f"records:{masked}"], records=[chosen])
    erasing.erase(workspace, NAME, by="Ann", also=ALSO, choices=choices)
    (row,) = workspace.store.read(
        "SELECT title, text, text_sha256 = sha256(text) AS is_hashed FROM records WHERE id = ?", [masked]
    )
    assert "[erased]" in row["text"]
    assert PERSON.certain(row["text"] + row["title"]) == []
    assert row["is_hashed"]
    assert workspace.store.read("SELECT id FROM records WHERE id = ?", [chosen]) == []
    assert workspace.store.read("SELECT record_id FROM vectors WHERE record_id IN (?, ?)", [masked, chosen]) == []
    examples = [one for split in freezing.read_frozen(workspace, "p", "both").examples.values() for one in split]
    of_masked = [one for one in examples if one.record_id == masked]
    assert of_masked
    assert PERSON.certain(str(of_masked)) == []
    assert [one for one in examples if one.record_id == chosen] == []


def test_the_name_of_an_account_in_use_stays_and_is_named(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE accounts SET ended_at = NULL, ended_by = NULL, name = ?, name_key = ?", [NAME, NAME.lower()])
        tx.execute("UPDATE reviews SET reviewer = ? WHERE id = (SELECT min(id) FROM reviews)", [NAME])
        tx.event("approve", "model", "x", by=NAME)
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    kept = {one.place: one.why for one in made.kept}
    assert "End the account first" in kept["accounts.name"]
    assert "End the account first" in kept["reviews.reviewer"]
    assert "append-only" in kept["events.done_by"]
    assert workspace.store.read("SELECT name FROM accounts")[0]["name"] == NAME
    assert PERSON.certain(str(workspace.store.read("SELECT * FROM drafts"))) == []


def test_a_single_line_of_a_file_of_lines_stays_a_line(workspace: Workspace) -> None:
    (pairs,) = workspace.folder.runs.glob("*/pairs.jsonl")
    assert PERSON.certain(json.loads(pairs.read_text())["better"])
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    after = pairs.read_text()
    assert not PERSON.certain(json.loads(after)["better"])
    # Whoever writes the next line finds the end of this one.
    assert after.endswith("}\n")


def test_nobody_erases_themselves_and_nobody_is_erased_beside_a_job(workspace: Workspace) -> None:
    with pytest.raises(Conflict, match="cannot erase themselves"):
        erasing.erase(workspace, NAME, by="m. oldenkott")
    with pytest.raises(NotFound):
        erasing.preview_erasure(workspace, NAME, by="Ann", project="none")
    with pytest.raises(Invalid):
        erasing.preview_erasure(workspace, "Al", by="Ann")
    started = freezing.freeze_version(workspace, "p", name="now", by="Ann", recipe="everything")
    with pytest.raises(Conflict, match="1 job is under way"):
        erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert erasing.go_on(workspace) == []
    finish(workspace, started["job"])
    with pytest.raises(NotFound):
        erasure_certificates.certificate(workspace, "er_none")


def test_the_certificate_is_stored_and_names_her_by_keyed_hashes_alone(workspace: Workspace) -> None:
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO, project="p")
    assert erasure_certificates.certificate(workspace, made.erasure) == made
    assert PERSON.certain(json.dumps(made.as_json(), ensure_ascii=False)) == []
    key = workspace.store.trail.key
    assert made.is_about("MAREN oldenkott", key)
    assert made.is_about(ALSO[0], key)
    assert not made.is_about("Ann", key)
    assert not made.is_about(NAME, bytes(32))
    (row,) = erasing.erasures(workspace)
    assert (row["erasure"], row["asked_by"]) == (made.erasure, "Ann")
    assert "weights of adapters" in {one.place for one in made.kept}
    told = workspace.store.read("SELECT action, noun, object_id, facts FROM events WHERE noun = 'person' ORDER BY seq")
    assert [(one["action"], one["object_id"]) for one in told] == [
        ("erased", made.erasure),
        ("certified", made.erasure),
    ]
    assert PERSON.certain(str(told)) == []


def test_the_trail_still_verifies(workspace: Workspace) -> None:
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    job = auditing.verify(workspace, by="Ann")
    finish(workspace, job)
    checked = auditing.state(workspace).checked
    assert checked is not None
    assert checked["is_unbroken"]


def test_she_is_found_no_more_by_words_and_records_are_measured_anew(workspace: Workspace) -> None:
    assert searching.resolve(workspace, "p", RecordFilter(words="oldenkott")).where.ids
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    assert searching.resolve(workspace, "p", RecordFilter(words="oldenkott")).where.ids == ()
    assert len(searching.resolve(workspace, "p", RecordFilter(words="ladders")).where.ids or ()) == 8
    assert curating.measure_records(workspace, "p", by="Ann") is not None


KILLED = """
import os, signal, sys
from pathlib import Path
from core.config import DataFolder
from core.store.connection import Store
from core.workflows import erasing
from core.workflows.workspace import open_workspace
module, name = sys.argv[2].split(":")
target = sys.modules[module] if module in sys.modules else __import__(module, fromlist=["x"])
owner, _, attribute = name.rpartition(".")
owner = getattr(target, owner) if owner else target
usual = getattr(owner, attribute)
def killed(*args, **kwargs):
    if sys.argv[3] == "after":
        usual(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, attribute, killed)
opened = open_workspace(DataFolder(Path(sys.argv[1])))
erasing.erase(opened, "Maren Oldenkott", by="Ann", also=["maren.o@example.org", "@mo_writes"])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("core.workflows.erasing:erase_rows", "before"), ("core.workflows.erasing:erase_rows", "after"),
        ("core.workflows.erasing:swap_versions", "before"), ("core.workflows.erasing:take_files", "before"),
        ("core.workflows.erasing:take_files", "after"), ("core.store.connection:Store.rewrite", "after"),
        ("core.workflows.erasing:_read_back", "after"),
    ],
)  # fmt: skip
def test_one_that_was_killed_goes_on_by_itself(template: Path, tmp_path: Path, step: str, when: str) -> None:
    root = tmp_path / "data"
    shutil.copytree(template, root)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), step, when], cwd=Path(__file__).resolve().parents[3], env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    (folder,) = (root / "erasing").iterdir()
    assert (folder / "person.json").stat().st_mode & 0o777 == 0o600
    assert PERSON.certain((folder / "state.json").read_text()) == []
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    upkeep.look_after(opened)
    assert list((root / "erasing").iterdir()) == []
    (row,) = erasing.erasures(opened)
    made = erasure_certificates.certificate(opened, row["erasure"])
    assert {one.version for one in made.models} == {"both", "vans alone"}
    left = {place.path for place in looked_through(opened).places if place.n_certain}
    assert left == {f"runs/{run_on(opened, 'both')['id']}/adapter/adapter_model.safetensors"}
    assert integrity.orphans(opened.store) == []
    for version in ("both", "vans alone"):
        freezing.read_frozen(opened, "p", version)
    opened.close()


def planted_value(kind: str, text: str) -> Any:
    """A value of a column's type that holds the text where it can."""
    if kind == "JSON":
        return json.dumps({"run": "x", "records": [], "told": [text]})
    if kind == "VARCHAR[]":
        return [text]
    plain = {
        "VARCHAR": text,
        "BIGINT": 1,
        "INTEGER": 1,
        "DOUBLE": 0.5,
        "BOOLEAN": True,
        "TIMESTAMP": "2026-01-01",
        "DATE": "2026-01-01",
        "BLOB": b"x",
    }
    return [0.0] * 384 if kind.startswith("FLOAT[") else plain[kind]


def test_every_column_of_every_table_of_today_and_of_a_later_migration_is_emptied(workspace: Workspace) -> None:
    store = workspace.store
    with store.transaction() as tx:
        tx.execute(
            "CREATE TABLE of_a_later_migration (id TEXT PRIMARY KEY, note TEXT, parts TEXT[], told JSON, record_id TEXT)"
        )
    tables = [one for one in every_text.text_tables(store.read) if one.name not in every_text.EXEMPT_TABLES]
    checks = {
        (row["table_name"], row["names"][0]): row["constraint_text"]
        for row in store.read(
            "SELECT table_name, constraint_column_names AS names, constraint_text FROM duckdb_constraints() WHERE constraint_type = 'CHECK'"
        )
    }
    planted = set()
    with store.transaction() as tx:
        for table in tables:
            names = {one.name for one in every_text.swept(table)}
            columns = store.read(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND NOT internal",
                [table.name],
            )
            row = {}
            for one in columns:
                name, kind = one["column_name"], one["data_type"]
                if name in table.closed:
                    row[name] = checks[(table.name, name)].split("'")[1]
                elif name in names:
                    row[name] = planted_value(kind, f"To {NAME}, {table.name}.{name}")
                    planted.add(f"{table.name}.{name}")
                else:
                    row[name] = planted_value(kind, "other" if name in every_text.RECORD_COLUMNS else "planted")
            marks = ", ".join("?" for _ in row)
            tx.execute(f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    copy = workspace.folder.exchange / "before.duckdb"
    store.copy_to(copy)
    before = {where for where, text in every_text.texts_of_database(copy) if PERSON.certain(text)}
    copy.unlink()
    # A row of record_states follows from others, and one that follows from nothing is gone at once.
    assert {one for one in planted if not one.startswith("record_states.")} <= before
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    store.copy_to(copy)
    after = {where for where, text in every_text.texts_of_database(copy) if PERSON.certain(text)}
    copy.unlink()
    assert after == set()
    (later,) = store.read("SELECT * FROM of_a_later_migration")
    assert later["note"] == "To [erased], of_a_later_migration.note"
    with store.transaction() as tx:
        tx.execute("DELETE FROM records WHERE id = 'planted'")


def test_a_kept_consent_is_named_and_goes_when_it_is_chosen(workspace: Workspace) -> None:
    consent = importing.keep_upload(workspace, "consent.txt", f"I, {NAME}, agree.".encode())
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO source_documents (id, project_id, source_id, name, sha256, n_bytes, added_at, added_by) "
            "SELECT 'd_1', project_id, id, 'consent.txt', ?, 9, now()::TIMESTAMP, 'Ann' FROM sources LIMIT 1",
            [consent.sha256],
        )
    key = f"file:uploads/{consent.sha256}"
    made = erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    (kept,) = [one for one in made.kept if one.place == f"uploads/{consent.sha256}"]
    assert "Art. 7(1)" in kept.why
    assert (workspace.folder.uploads / consent.sha256).exists()
    erasing.erase(workspace, NAME, by="Ann", also=ALSO, choices=erasing.chosen(takes=[key]))
    assert not (workspace.folder.uploads / consent.sha256).exists()


def test_a_run_of_before_cannot_be_made_again(workspace: Workspace) -> None:
    run = run_on(workspace, "both")
    erasing.erase(workspace, NAME, by="Ann", also=ALSO)
    with pytest.raises(Refused, match="cannot be made again"):
        bundles.bundle(workspace, run["id"], by="Ann", override="I want it.")


def test_projects_are_reached_whatever_project_is_named(workspace: Workspace) -> None:
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO recipes (project_id, name, settings, saved_by, saved_at) VALUES (?, 'r', json_object('words', ?), 'Ann', now()::TIMESTAMP)",
            [project_named(workspace, "q")["id"], NAME],
        )
    erasing.erase(workspace, NAME, by="Ann", also=ALSO, project="p")
    assert PERSON.certain(str(workspace.store.read("SELECT settings FROM recipes"))) == []
