"""Who reads records, on a page or by the API, is in the trail: once for each place, with ids and counts and no word of what was looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.workflows import auditing, curating, deciding, importing, projects, queueing, scoring
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from tests.e2e import made_up
from tests.jobs_by_hand import finish
from tests.studio.opened_page import opened_page

THINGS = ("van", "vans", "bench", "bus")
POSTS = {f"post-{n}.md": f"# Post {n}\n\nAbout the {thing}, at length." for n, thing in enumerate(THINGS)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = DataFolder(tmp_path_factory.mktemp("who-reads") / "data")
    opened = open_workspace(folder, executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    uploads = [importing.keep_upload(opened, name, text.encode()) for name, text in POSTS.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    job = importing.import_files(opened, "p", uploads, terms, name="posts", by="Ann")["job"]
    assert finish(opened, job)["state"] == "done"
    finish(opened, curating.measure_records(opened, "p", by="Ann") or "")
    opened.close()
    yield running.start(folder)
    running.stop()


def said(workspace: Workspace, person: str) -> list[dict[str, Any]]:
    """What stands in the trail of records that this person read, the oldest first."""
    where = auditing.audit_filter(workspace, person=person, noun="records", action="viewed")
    rows = auditing.list_entries(workspace, where)
    return [{"object": row["object"]} | row["facts"] for row in reversed(rows)]


@pytest.mark.parametrize(
    ("page", "n", "query"),
    [
        ("curate", 1, {}),
        ("curate", 1, {"status": "all"}),
        ("tags", 1, {}),
        ("duplicates", 2, {}),
        ("explore", 4, {}),
        ("explore", 2, {"words": "van"}),
        ("explore", 4, {"view": "Map"}),
    ],
)
def test_a_page_that_shows_records_is_an_entry_once(workspace: Workspace, page: str, n: int, query: Any) -> None:
    person = f"Ida of {page} with {len(query)} {' '.join(query)}".strip()
    for _ in range(2):
        opened_page(page, person=person, project="p", **query).run()
    (entry,) = said(workspace, person)
    ids = {row["id"] for row in deciding.list_records(workspace, "p", RecordFilter())}
    assert (entry["place"], entry["n_records"], set(entry)) == (page, n, {"object", "place", "n_records"})
    assert (entry["object"] in ids) == (n == 1)


def test_whoever_cannot_stand_in_the_trail_reads_nothing(workspace: Workspace) -> None:
    for page in ("tags", "duplicates"):
        app = opened_page(page, person="a" * 81, project="p")
        assert any("cannot stand for a person" in one.value for one in app.error), page
        assert "at length" not in " ".join(str(one.value) for one in (*app.text, *app.markdown)), page
        assert not app.dataframe, page


def test_a_page_that_shows_no_record_is_no_entry(workspace: Workspace) -> None:
    for page in ("desk", "sources", "datasets", "help", "personal_data"):
        opened_page(page, person="Cleo", project="p")
    opened_page("explore", person="Cleo", project="p", words="zeppelin")
    opened_page("tags", person="Cleo", project="p", view="The list")
    assert said(workspace, "Cleo") == []


def test_a_second_reading_is_of_one_record(workspace: Workspace) -> None:
    queueing.set_second_share(workspace, "p", share=1.0, by="Ann")
    record = deciding.list_records(workspace, "p", RecordFilter())[0]["id"]
    deciding.decide(workspace, "p", record, "keep", by="Ann")
    try:
        opened_page("curate", person="Sam", project="p", status="to read a second time")
        assert said(workspace, "Sam") == [{"object": record, "place": "curate", "n_records": 1}]
    finally:
        deciding.undo_last(workspace, "p", by="Ann")
        queueing.set_second_share(workspace, "p", share=0.0, by="Ann")


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Iterator[TestClient]:
    token = ensure_token(workspace.folder.token_file)
    with TestClient(create_api(token), base_url="http://127.0.0.1:8501") as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


def test_whoever_reads_records_by_the_api_is_in_the_trail_whatever_they_ask_for(
    workspace: Workspace, client: TestClient
) -> None:
    record = deciding.list_records(workspace, "p", RecordFilter())[0]["id"]
    asked = {
        "a record": (f"records/{record}/details", record, 1),
        "map": ("map?words=van", None, 2),
    }
    for what, (path, only, n) in asked.items():
        for _ in range(2):
            answer = client.get(f"/projects/p/{path}", headers={"X-Proofroom-By": f"Rob {what}"})
            assert answer.is_success, answer.text
        (entry,) = said(workspace, f"Rob {what}")
        assert (entry["place"], entry["n_records"]) == (f"API, {what}", n)
        assert (entry["object"] == only) == (only is not None)


def test_whoever_reads_titles_of_the_gold_subset_by_the_api_is_in_the_trail(
    workspace: Workspace, client: TestClient
) -> None:
    record = deciding.list_records(workspace, "p", RecordFilter())[0]["id"]
    scoring.mark_gold(workspace, "p", record, by="Ann")
    try:
        (shown,) = client.get("/projects/p/gold", headers={"X-Proofroom-By": "Gil"}).json()
    finally:
        scoring.undo_gold(workspace, "p", by="Ann")
    assert shown["title"].startswith("Post ")
    (entry,) = said(workspace, "Gil")
    assert (entry["place"], entry["n_records"]) == ("API, gold subset", 1)


def test_whoever_reads_by_the_api_why_rows_were_refused_is_in_the_trail(
    workspace: Workspace, client: TestClient
) -> None:
    projects.create_project(workspace, name="answers", goal="support", by="Ann")
    table = b"question,answer\nHow do I log in?,Press the button.\n,empty question\n"
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    upload = importing.keep_upload(workspace, "answers.csv", table)
    started = importing.import_files(workspace, "answers", [upload], terms, name="answers", by="Ann")
    assert finish(workspace, started["job"])["result"]["n_rejected"] == 1
    assert client.get(f"/sources/{started['source']}", headers={"X-Proofroom-By": "Ira"}).is_success
    (entry,) = said(workspace, "Ira")
    assert (entry["place"], entry["n_records"]) == ("API, refused rows", 1)


def test_what_is_not_there_is_no_entry(workspace: Workspace, client: TestClient) -> None:
    by = {"X-Proofroom-By": "Nob"}
    assert client.get("/projects/p/records/nothing/details", headers=by).status_code == 404
    assert client.get("/projects/p/map?words=zeppelin", headers=by).is_success
    assert said(workspace, "Nob") == []


def test_the_audit_page_filters_by_it(workspace: Workspace) -> None:
    opened_page("explore", person="Fay", project="p", words="bench")
    app = opened_page("audit", person="Olaf", by="Fay", act="viewed", on="records")
    (shown,) = [frame.value for frame in app.dataframe]
    assert list(shown["act"]) == ["viewed"]
    assert list(shown["on what"]) == ["records"]
    assert list(shown["facts"]) == ["place: explore, n records: 1"]
