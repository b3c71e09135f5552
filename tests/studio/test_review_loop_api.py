"""What reviews give back, over HTTP: signed-off texts, lessons, reasons to train again, the judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import drafting, importing, projects, reviewing
from core.workflows.workspace import Workspace, open_workspace
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from tests.e2e import made_up
from tests.jobs_by_hand import finish


def reviewed(data: Path) -> None:
    """Three briefs whose tuned drafts lose their phone calls, everything judged."""
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    words = " ".join(f"word{n}" for n in range(60))
    files = [importing.keep_upload(workspace, f"{n}.md", f"# On {n}\n\n{words} {n}.".encode()) for n in range(6)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(workspace, importing.import_files(workspace, "p", files, terms, name="s", by="Ann")["job"])
    made_up.frozen(workspace, "p", "v1")
    run = made_up.trained(workspace, "p", "v1")
    made_up.drafted(workspace, "p", run, [BriefIn(name, f"Write of {name}.") for name in ("a", "b", "c")])
    judge_all(workspace)
    workspace.close()


def judge_all(workspace: Workspace, project: str = "p") -> None:
    """Rita signs every tuned draft off without its phone calls, and rejects the others."""
    for draft in drafting.list_drafts(workspace, project):
        items = {one["draft_id"]: one["id"] for one in open_item_rows.open_items(workspace.store, draft["project_id"])}
        is_edited = draft["system"] == "tuned"
        text = draft["text"].replace("phone calls", "letters") if is_edited else None
        reviewing.submit(workspace, items[draft["id"]], "sign_off" if is_edited else "reject", by="Rita", text=text)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("loop-api") / "data")
    reviewed(folder.root)
    running.start(folder)
    token = ensure_token(folder.token_file)
    with TestClient(create_api(token), base_url="http://127.0.0.1:8501") as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        opened.headers["X-Proofroom-By"] = "Ann"
        yield opened
    running.stop()


def test_signed_off_texts_are_counted_and_taken_over(client: TestClient) -> None:
    found = client.get("/projects/p/signed-off").json()
    assert (found["n_texts"], found["terms"]["basis"], found["terms"]["uses"]) == (3, "consent", ["train", "show"])
    taken = client.post("/projects/p/signed-off", json={"owner": "Bo"}).json()
    assert taken["n_records"] == 3
    assert client.post("/projects/p/signed-off", json={}).status_code == 409
    (source,) = [one for one in client.get("/projects/p/sources").json() if one["id"] == taken["source"]]
    assert (source["owner"], source["n_accepted"]) == ("Bo", 3)


def test_lessons_lead_to_records_and_to_a_rule(client: TestClient) -> None:
    (edit,) = client.get("/projects/p/lessons").json()["edits"]
    assert (edit["removed"], edit["added"], edit["n"]) == ("phone calls", "letters", 3)
    rows = client.get("/projects/p/records", params={"holds": "WORD7 word8"}).json()
    assert len(rows) == 6
    assert client.post("/projects/p/lessons/rule", json={"removed": "phone calls"}).json() == {
        "rule": "not phone calls"
    }
    assert client.get("/projects/p/guide").json()["rules"][0]["swap"] == {"phone calls": "letters"}


def test_reasons_to_train_again_and_the_judge_say_when_there_is_nothing_to_say(client: TestClient) -> None:
    assert client.get("/projects/p/retraining").json()["reasons"] == []
    found = client.get("/projects/p/judge").json()
    assert (found["judge"], found["n_verdicts"], found["is_enough"], found["may_order"]) == (None, 9, False, False)
    assert "verdicts on 9 drafts" in client.post("/projects/p/judge").json()["message"]
    ordered = client.put("/projects/p/judge/order", json={"uncertain_first": True}).json()
    assert (ordered["uncertain_first"], ordered["caution"]) == (True, "")
