"""Signed-off texts as candidate records: their terms, their origin, never held out, and out again like an import."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Invalid, Refused
from core.nouns import Split
from core.review.briefs import BriefIn
from core.workflows import (
    briefing,
    deciding,
    drafting,
    freezing,
    importing,
    projects,
    review_records,
    reviewing,
    updating,
)
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

ENDS = date.today() + timedelta(days=90)


def wording(name: str) -> str:
    """A text that is like no other."""
    return " ".join(f"{name}{n}" for n in range(60)) + "."


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drafts for a typed brief and one that is held out, all judged; another brief waits."""
    root = tmp_path_factory.mktemp("loop") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    files = [importing.keep_upload(opened, f"{n}.md", f"# On {n}\n\n{wording(f'own{n}')}".encode()) for n in range(12)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=ENDS)
    finish(opened, importing.import_files(opened, "p", files, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    run = made_up.trained(opened, "p", "v1")
    held_out = briefing.briefs_from_hold_out(opened, "p", "v1", limit=1)
    typed = [BriefIn(name, f"Write of {name}.", audience="drivers") for name in ("vans", "later")]
    made_up.drafted(opened, "p", run, [*typed, *held_out])
    for draft in drafting.list_drafts(opened, "p"):
        if draft["brief"] != "later" or draft["system"] == "tuned":
            judge(opened, draft)
    opened.close()
    return root


def judge(workspace: Workspace, draft: dict[str, str]) -> None:
    """The tuned model's drafts are rewritten; as they are, the team's own text is signed off, and the base model's on vans."""
    is_good = draft["system"] in ("tuned", "human") or (draft["system"], draft["brief"]) == ("base", "vans")
    decision = "sign_off" if is_good else "reject"
    text = wording(f"new{draft['brief']}") if draft["system"] == "tuned" else None
    reviewing.submit(workspace, made_up.item_of(workspace, draft), decision, by="Rita", text=text)


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def records_of(workspace: Workspace, source: str) -> list[dict[str, object]]:
    where = deciding.RecordFilter(source=source)
    return [
        deciding.record_named(workspace, "p", row["id"])
        for row in deciding.list_records(workspace, "p", where, limit=50)
    ]


def kept(workspace: Workspace) -> str:
    source = review_records.take_over(workspace, "p", by="Ann")["source"]
    for record in records_of(workspace, source):
        deciding.decide(workspace, "p", str(record["id"]), "keep", by="Ann")
    return source


def held_out(workspace: Workspace, version: str) -> dict[Split, set[str]]:
    frozen = freezing.read_frozen(workspace, "p", version).examples
    return {split: {one.record_id for one in frozen[split]} for split in (Split.VALIDATION, Split.TEST)}


def test_told_texts_become_undecided_records_that_say_where_they_come_from(workspace: Workspace) -> None:
    found = review_records.candidates_json(workspace, "p")
    assert (found["n_texts"], found["classes"]) == (3, {"rewritten": 2, "as_is": 1})
    assert found["left_out"] == {"rejected": 3, "human": 1, "waiting": 1}
    taken = review_records.take_over(workspace, "p", by="Ann")
    records = records_of(workspace, taken["source"])
    assert taken["n_records"] == len(records) == 3
    assert {record["status"] for record in records} == {"undecided"}
    (mine,) = (r for r in records if r["content"]["messages"][1]["content"] == wording("newvans"))  # type: ignore[index]
    assert mine["content"]["messages"][0]["content"] == "Write of vans.\n\nIt is for drivers."  # type: ignore[index]
    words = review_records.origin_in_words(mine)
    assert words.startswith("From a review: written by the tuned model (run ")
    assert words.endswith("for the brief vans, signed off by Rita (rewritten, 100% of the words edited).")


def test_their_terms_follow_from_the_sources_behind_and_no_text_may_be_held_out(workspace: Workspace) -> None:
    taken = review_records.take_over(workspace, "p", by="Ann")
    source = importing.source_named(workspace, taken["source"])
    assert (source["kind"], source["owner"], source["basis"]) == ("reviews", "Ann", "consent")
    assert (source["uses"], source["expires_on"]) == (["train", "show"], ENDS)
    assert source["at_end"] == "keep"


def test_they_cannot_outlive_what_they_follow_from(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match=f"the source s, which expires on {ENDS}"):
        review_records.take_over(workspace, "p", by="Ann", expires="never")
    sooner = (ENDS - timedelta(days=1)).isoformat()
    taken = review_records.take_over(workspace, "p", by="Ann", expires=sooner, owner="Bo")
    source = importing.source_named(workspace, taken["source"])
    assert (source["owner"], source["expires_on"].isoformat()) == ("Bo", sooner)


def test_what_was_taken_is_not_taken_twice_and_goes_out_like_an_import(workspace: Workspace) -> None:
    source = review_records.take_over(workspace, "p", by="Ann")["source"]
    with pytest.raises(Refused, match="No signed-off text is left"):
        review_records.take_over(workspace, "p", by="Ann")
    with pytest.raises(Refused, match="came out of reviews, not of files"):
        updating.update_source(workspace, "p", source, [importing.keep_upload(workspace, "a.md", b"# A")], by="Ann")
    assert importing.undo_import(workspace, source, by="Ann") == 3
    assert review_records.candidates_json(workspace, "p")["n_texts"] == 3


def test_a_verdict_that_is_taken_back_leaves_an_outdated_record(workspace: Workspace) -> None:
    review_records.take_over(workspace, "p", by="Ann")
    assert review_records.candidates_json(workspace, "p")["n_outdated"] == 0
    for _ in range(8):
        reviewing.undo_last_review(workspace, "p", by="Rita")
    assert review_records.candidates_json(workspace, "p")["n_outdated"] == 3


def test_none_is_held_out_and_the_hold_out_does_not_move(workspace: Workspace) -> None:
    before = held_out(workspace, "v1")
    source = kept(workspace)
    ids = {str(record["id"]) for record in records_of(workspace, source)}
    made_up.frozen(workspace, "p", "v2")
    assert held_out(workspace, "v2") == before
    version = freezing.version_details(workspace, "p", "v2")
    trained = {e.record_id for e in freezing.read_frozen(workspace, "p", "v2").examples[Split.TRAIN]}
    assert len(ids & trained) == 2
    assert version["dropped"]["brief_held_out"] == 1
    card = version["card"]["from_reviews"]
    assert (card["n"], card["n_machine_written"], card["verdicts"]) == (2, 1, {"rewritten": 1, "as_is": 1})
    assert "## From reviews" in (freezing.version_folder(workspace, version["id"]) / "README.md").read_text()


def test_what_was_signed_off_for_a_held_out_text_is_not_learnt_from_under_its_hold_out(workspace: Workspace) -> None:
    kept(workspace)
    job = freezing.freeze_version(workspace, "p", name="v2", by="Ann", hold_out="v1")["job"]
    assert finish(workspace, job)["state"] == "done"
    assert freezing.version_details(workspace, "p", "v2")["dropped"]["like_held_out"] == 1


def test_a_run_that_learnt_a_signed_off_text_is_not_judged_by_its_brief(workspace: Workspace) -> None:
    kept(workspace)
    made_up.frozen(workspace, "p", "v2")
    run = made_up.trained(workspace, "p", "v2")
    briefs = {brief["external_id"]: brief["id"] for brief in briefing.list_briefs(workspace, "p")}
    with pytest.raises(Refused, match="1 of the briefs come from records or reviews"):
        drafting.write_drafts(
            workspace, "p", run=run, brief_ids=[briefs["vans"], briefs["later"]], systems=["tuned"], by="Ann"
        )
    drafting.write_drafts(workspace, "p", run=run, brief_ids=[briefs["later"]], systems=["tuned"], by="Ann")


def test_a_mended_critical_fail_is_told_as_one(workspace: Workspace) -> None:
    before = review_records.candidates_json(workspace, "p")["classes"]
    (one, *_) = review_records.candidates(workspace, "p").texts
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO review_scores SELECT id, project_id, 'Facts are right', 'fails', true FROM current_reviews WHERE draft_id = ?",
            [one["draft_id"]],
        )
    after = review_records.candidates_json(workspace, "p")["classes"]
    assert after.get("critical_fail") == 1
    assert sum(after.values()) == sum(before.values())
