"""The audit trail as people use it: who did what, filtered and exported, verified by a job, and carried through backup and restore."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound
from core.review.briefs import BriefIn
from core.store.connection import Store, utc_now
from core.workflows import (
    api_keys,
    auditing,
    deciding,
    drafting,
    fact_documents,
    freezing,
    guiding,
    importing,
    models,
    projects,
    reviewing,
    rubrics,
    run_notes,
    tagging,
    taxonomy,
    upkeep,
)
from core.workflows.auditing import AuditFilter
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.test_judgements import posts
from tests.e2e import made_up
from tests.jobs_by_hand import finish

ALL = AuditFilter()


def opened(tmp_path: Path) -> Workspace:
    return open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = opened(tmp_path)
    yield workspace
    workspace.close()


def imported(workspace: Workspace, n: int = 6, **terms: Any) -> str:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in posts(n).items()]
    given = importing.Terms(**({"owner": "Ann", "basis": "consent", "purpose": "test", "expires_on": None} | terms))
    started = importing.import_files(workspace, "p", uploads, given, name="s", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return str(started["source"])


def verified(workspace: Workspace, noted: str = "") -> dict[str, Any]:
    ended = finish(workspace, auditing.verify(workspace, by="Ida", noted=noted))
    assert ended["state"] == "done", ended["reason"]
    found: dict[str, Any] = ended["result"]
    return found


def acts(workspace: Workspace, **where: Any) -> list[tuple[str, str, str]]:
    rows = auditing.list_entries(workspace, auditing.audit_filter(workspace, **where), limit=1_000)
    return [(row["by"], row["action"], row["noun"]) for row in rows]


def test_an_act_is_an_entry_and_the_whole_trail_verifies(workspace: Workspace) -> None:
    imported(workspace)
    found = verified(workspace)
    assert (found["is_unbroken"], found["findings"], found["n_behind"]) == (True, [], 0)
    assert found["n_entries"] == found["last"] == 5
    assert found["since"][:10] == str(utc_now())[:10]
    assert acts(workspace)[0] == ("Ida", "done", "job")
    assert ("Ida", "verified", "audit") in acts(workspace)
    state = auditing.state(workspace)
    assert state.checked == found
    assert (state.job, state.broke_off) == (None, "")
    assert state.n_entries == found["n_entries"] + 3


def test_entries_are_found_by_person_noun_action_project_thing_and_period(workspace: Workspace) -> None:
    imported(workspace)
    projects.create_project(workspace, name="q", goal="code", by="Ben")
    record = deciding.list_records(workspace, "p", RecordFilter())[0]
    deciding.decide(workspace, "p", record["id"], "keep", by="Ben")
    assert acts(workspace, person="Ben") == [("Ben", "keep", "record"), ("Ben", "created", "project")]
    assert acts(workspace, noun="record") == [("Ben", "keep", "record")]
    assert acts(workspace, action="created") == [("Ben", "created", "project"), ("Ann", "created", "project")]
    assert acts(workspace, project="q") == [("Ben", "created", "project")]
    assert acts(workspace, object_id=record["id"]) == [("Ben", "keep", "record")]
    today = utc_now().date()
    n = auditing.count_entries(workspace, ALL)
    assert auditing.count_entries(workspace, auditing.audit_filter(workspace, since=str(today), until=str(today))) == n
    assert acts(workspace, until=str(today - timedelta(days=1))) == []
    assert acts(workspace, since=str(today + timedelta(days=1))) == []
    with pytest.raises(NotFound):
        auditing.audit_filter(workspace, project="none")
    with pytest.raises(Invalid, match="is not a date"):
        auditing.audit_filter(workspace, since="yesterday")
    assert auditing.choices(workspace)["person"] == ["Ann", "Ben"]
    assert auditing.choices(workspace)["project"] == ["p", "q"]


def test_pages_follow_one_another_without_gap_or_double(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.events("keep", "record", [f"r_{n}" for n in range(230)], by="Ann")
    pages = [auditing.list_entries(workspace, ALL, limit=50, offset=offset) for offset in range(0, 300, 50)]
    assert [row["entry"] for page in pages for row in page] == list(range(230, 0, -1))


def test_many_decisions_at_once_are_an_entry_each_and_undone_likewise(workspace: Workspace) -> None:
    imported(workspace)
    assert deciding.decide_all(workspace, "p", RecordFilter(), "keep", by="Ben", expected=6) == 6
    assert deciding.undo_bulk(workspace, "p", by="Ben") == 6
    assert acts(workspace, noun="record") == [("Ben", "undo", "record")] * 6 + [("Ben", "keep", "record")] * 6
    rows = auditing.list_entries(workspace, auditing.audit_filter(workspace, action="undo"))
    assert [row["facts"] for row in rows] == [{"undoes": "keep"}] * 6
    assert {row["object"] for row in rows} == {
        row["id"] for row in deciding.list_records(workspace, "p", RecordFilter())
    }
    assert verified(workspace)["is_unbroken"]


def test_an_export_is_whole_in_order_and_says_that_it_was_taken(workspace: Workspace) -> None:
    imported(workspace)
    with workspace.store.transaction() as tx:
        tx.event("keep", "record", "=1+1", by="@Eve")
    n = auditing.count_entries(workspace, ALL)
    lines = [json.loads(line) for line in "".join(auditing.export(workspace, ALL, "jsonl", by="Ida")).splitlines()]
    assert [line["entry"] for line in lines] == list(range(1, n + 1))
    assert all(later["previous"] == earlier["mac"] for earlier, later in pairwise(lines))
    told = list(csv.DictReader(io.StringIO("".join(auditing.export(workspace, ALL, "csv", by="Ida")))))
    assert tuple(told[0]) == auditing.COLUMNS
    assert [row["entry"] for row in told] == [str(number) for number in range(1, n + 2)]
    assert (told[n - 1]["by"], told[n - 1]["object"]) == ("'@Eve", "'=1+1")
    assert acts(workspace)[:2] == [("Ida", "exported", "audit")] * 2
    with pytest.raises(Invalid, match="xlsx"):
        auditing.export(workspace, ALL, "xlsx", by="Ida")


def test_a_view_and_a_file_that_is_taken_away_are_said(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    auditing.viewed(workspace, "personal_data", by="Ida", project="p", n_records=3)
    auditing.exported(workspace, "report", by="Ida", project="p", format="md")
    rows = auditing.list_entries(workspace, auditing.audit_filter(workspace, person="Ida"))
    assert [(row["action"], row["noun"], row["project"], row["facts"]) for row in rows] == [
        ("exported", "report", "p", {"format": "md"}), ("viewed", "personal_data", "p", {"n_records": 3}),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        auditing.viewed(workspace, "personal_data", by=" ")


def test_what_is_looked_at_for_a_while_is_said_once(workspace: Workspace) -> None:
    for name in ("p", "q"):
        projects.create_project(workspace, name=name, goal="voice", by="Ann")
    for by, project in (("Ida", "p"), ("Ida", "p"), ("Ben", "p"), ("Ida", "q"), ("Ida", "p")):
        auditing.viewing(workspace, "personal_data", by=by, project=project)
    where = auditing.audit_filter(workspace, noun="personal_data", action="viewed")
    told = [(row["by"], row["project"]) for row in auditing.list_entries(workspace, where)]
    assert told == [("Ida", "q"), ("Ben", "p"), ("Ida", "p")]
    auditing.viewing(workspace, "personal_data", by="Ida", project="p", again_after=timedelta(0))
    assert auditing.count_entries(workspace, where) == 4


def readings(workspace: Workspace) -> list[tuple[str, str, str, Any]]:
    where = auditing.audit_filter(workspace, noun="records", action="viewed")
    rows = auditing.list_entries(workspace, where)
    return [(row["by"], row["project"], row["object"], row["facts"]) for row in reversed(rows)]


def test_reading_records_is_said_once_an_hour_for_each_person_project_and_place(workspace: Workspace) -> None:
    for name in ("p", "q"):
        projects.create_project(workspace, name=name, goal="voice", by="Ann")
    p, q = (row["id"] for row in projects.list_projects(workspace))
    looks = [
        ("Ida", "p", "curate", 1, "r_1"), ("Ida", "p", "curate", 1, "r_2"), ("Ida", p, "curate", 1, "r_3"),
        ("Ben", "p", "curate", 1, "r_1"), ("Ida", "q", "curate", 50, ""), ("Ida", "p", "explore", 20, ""),
    ]  # fmt: skip
    for by, project, place, n, record in looks * 2:
        auditing.reading(workspace, by=by, project=project, place=place, n_records=n, record=record)
    assert readings(workspace) == [
        ("Ida", "p", "r_1", {"place": "curate", "n_records": 1}), ("Ben", "p", "r_1", {"place": "curate", "n_records": 1}),
        ("Ida", "q", q, {"place": "curate", "n_records": 50}), ("Ida", "p", p, {"place": "explore", "n_records": 20}),
    ]  # fmt: skip
    auditing.reading(workspace, by="Ida", project="p", place="curate", n_records=1, again_after=timedelta(0))
    assert len(readings(workspace)) == 5


def test_what_was_said_this_hour_is_not_said_again_by_a_studio_that_was_started_since(tmp_path: Path) -> None:
    for _ in range(2):
        workspace = opened(tmp_path)
        if not projects.list_projects(workspace):
            projects.create_project(workspace, name="p", goal="voice", by="Ann")
        auditing.reading(workspace, by="Ida", project="p", place="curate", n_records=1)
        said = readings(workspace)
        workspace.close()
    assert len(said) == 1


def test_a_page_that_is_drawn_again_asks_nothing_of_the_database(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    auditing.reading(workspace, by="Ida", project="p", place="curate", n_records=1)
    workspace.close()
    auditing.reading(workspace, by="Ida", project="p", place="curate", n_records=1)
    with pytest.raises(duckdb.ConnectionException):
        auditing.reading(workspace, by="Ida", project="p", place="explore", n_records=1)


def test_of_many_who_open_a_page_at_once_each_is_said_once(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")

    def look(n: int) -> None:
        auditing.reading(workspace, by=f"Ida {n % 3}", project="p", place="curate", n_records=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(60)))
    assert sorted(by for by, _, _, _ in readings(workspace)) == ["Ida 0", "Ida 1", "Ida 2"]


def test_a_head_that_was_noted_is_looked_for(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    noted = auditing.head(workspace)["noted"]
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    assert verified(workspace, noted)["is_unbroken"]
    other = noted[:-4] + ("0000" if not noted.endswith("0000") else "1111")
    (finding,) = verified(workspace, other)["findings"]
    assert (finding["kind"], finding["first"]) == ("noted_differs", 1)
    with pytest.raises(Invalid, match="audit head"):
        auditing.verify(workspace, by="Ida", noted="12")


def test_what_was_changed_in_the_database_is_named_when_the_studio_runs_again(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    imported(workspace)
    folder = workspace.folder
    workspace.close()
    with duckdb.connect(str(folder.database)) as connection:
        connection.execute("UPDATE events SET done_by = 'Eve' WHERE seq = 3")
        connection.execute("DELETE FROM events WHERE seq = 2")
    again = open_workspace(folder)
    found = verified(again)
    again.close()
    assert [(one["kind"], one["first"], one["last"]) for one in found["findings"]] == [
        ("missing", 2, 2),
        ("changed", 3, 3),
    ]
    assert found["findings"][1]["sentence"] == "Entry 3 was changed, or written under another key."
    assert (found["is_unbroken"], found["n_wrong"]) == (False, 2)


def test_a_backup_restores_to_a_trail_that_goes_on_and_says_so(workspace: Workspace, tmp_path: Path) -> None:
    imported(workspace)
    upkeep.back_up(workspace, tmp_path / "b.tar.gz", by="Olaf")
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    assert acts(workspace)[0] == ("Olaf", "backed_up", "studio")
    last = workspace.store.trail.end.seq - 1
    target = DataFolder(tmp_path / "restored")
    upkeep.restore(tmp_path / "b.tar.gz", target, by="Olaf")
    restored = open_workspace(target)
    found = verified(restored)
    assert found["is_unbroken"]
    assert found["restored"] == [{"entry": last + 1, "continues_after": last, "n_gone": None}]
    assert acts(restored, person="Olaf") == [("Olaf", "restored", "audit")]
    restored.close()


def test_a_restore_over_a_lost_database_counts_what_is_no_longer_there(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    imported(workspace)
    upkeep.back_up(workspace, tmp_path / "b.tar.gz", by="Olaf")
    last = workspace.store.trail.end.seq - 1
    for name in ("q", "r", "s"):
        projects.create_project(workspace, name=name, goal="voice", by="Ann")
    workspace.close()
    workspace.folder.database.unlink()
    upkeep.restore(tmp_path / "b.tar.gz", workspace.folder, by="Olaf")
    restored = open_workspace(workspace.folder)
    projects.create_project(restored, name="q", goal="voice", by="Ann")
    found = verified(restored)
    restored.close()
    assert found["is_unbroken"]
    assert found["restored"] == [{"entry": last + 5, "continues_after": last, "n_gone": 4}]


def test_a_backup_of_another_trail_is_refused_where_a_key_is(workspace: Workspace, tmp_path: Path) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    upkeep.back_up(workspace, tmp_path / "b.tar.gz", by="Olaf")
    other = DataFolder(tmp_path / "other")
    other.create()
    Store(other.database).close()
    other.database.unlink()
    with pytest.raises(Conflict, match="another audit trail"):
        upkeep.restore(tmp_path / "b.tar.gz", other, by="Olaf")
    assert not other.database.exists()


PLANTED = "PLANTED text"


def test_no_text_that_a_person_wrote_gets_into_the_trail(workspace: Workspace) -> None:
    """A text is planted in every field that takes one, and looked for in every entry."""
    source = imported(workspace, 30, owner=PLANTED, purpose=PLANTED, licence=PLANTED)
    records = deciding.list_records(workspace, "p", RecordFilter())
    deciding.decide(workspace, "p", records[0]["id"], "keep", by="Ann", note=PLANTED)
    deciding.edit_text(workspace, "p", records[1]["id"], f"{PLANTED} and more of it, in a sentence.", by="Ann")
    taxonomy.add_tags(workspace, "p", [PLANTED], by="Ann")
    tagging.tag(workspace, "p", records[0]["id"], [PLANTED], by="Ann")
    taxonomy.rename_tag(workspace, "p", PLANTED, f"{PLANTED} again", by="Ann")
    guiding.add_rule(
        workspace, "p", {"name": "planted", "kind": "existence", "tokens": [PLANTED], "message": PLANTED}, by="Ann"
    )
    rubric = rubrics.rubric_json(workspace, "p")
    rubrics.set_rubric(
        workspace, "p", {"reasons": [*rubric["reasons"], PLANTED], "criteria": rubric["criteria"]}, by="Ann"
    )
    added = fact_documents.add_documents(
        workspace, "p", [importing.keep_upload(workspace, f"{PLANTED}.md", f"# {PLANTED}\n\n{PLANTED} costs 3.".encode())], by="Ann",
        owner=PLANTED, expires="never",
    )  # fmt: skip
    finish(workspace, added["job"])
    made_up.frozen(workspace, "p", "v1")
    run = made_up.trained(workspace, "p", "v1")
    run_notes.write_note(workspace, run, note=PLANTED, tags=[PLANTED], by="Ann")
    made_up.drafted(workspace, "p", run, [BriefIn(f"b{n}", f"{PLANTED} {n}", facts=(PLANTED,)) for n in range(3)])
    item = reviewing.next_draft(workspace, "p", by="Rita").current
    assert item is not None
    reviewing.submit(workspace, item.item, "sign_off", by="Rita", text=PLANTED, reasons=[PLANTED])
    assert drafting.list_drafts(workspace, "p")
    models.approve(workspace, run, reason=PLANTED, by="Ann")
    models.retire(workspace, run, reason=PLANTED, by="Ann")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01' WHERE id = ?", [source])
    freezing.export_version(workspace, "p", "v1", target=workspace.folder.root / "out", by="Ann", override=PLANTED)
    api_keys.create_key(workspace, "app", by="Ann")
    rows = workspace.store.read("SELECT columns(*)::VARCHAR FROM events")
    assert len(rows) > 30
    assert [row for row in rows if "PLANTED" in "".join(row.values())] == []
    kept = workspace.store.read("SELECT kind, reason, done_by FROM overrides")
    assert kept == [{"kind": "version", "reason": PLANTED, "done_by": "Ann"}]
    assert verified(workspace)["is_unbroken"]
