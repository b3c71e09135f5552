"""Variants, one draft written anew, drafts set aside, and the endpoint elsewhere: what the queue and the stored drafts then hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, Refused
from core.jobs.handlers.draft_job import DRAFTS
from core.review.briefs import BriefIn
from core.store.connection import Row
from core.workflows import briefing, drafting, endpoint, importing, jobs, missed_drafts, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One brief, and a run that can write."""
    root = tmp_path_factory.mktemp("single") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    words = " ".join(f"word{n}" for n in range(90))
    uploads = [importing.keep_upload(opened, f"{n}.md", f"# About {n}\n\n{words} {n}.".encode()) for n in range(8)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    made_up.trained(opened, "p", "v1")
    briefing.add_briefs(opened, "p", [BriefIn("b1", "Write of the van.")], by="Ann")
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def write(workspace: Workspace, systems: tuple[str, ...] = ("tuned", "base"), **options: int) -> list[Row]:
    ids = [brief["id"] for brief in briefing.list_briefs(workspace, "p")]
    job = drafting.write_drafts(workspace, "p", run="v1-1", brief_ids=ids, systems=systems, by="Ann", **options)["job"]
    assert finish(workspace, job)["state"] == "done"
    return drafting.drafts_of_job(workspace, job)


def aside(workspace: Workspace) -> list[str]:
    return [row["id"] for row in drafting.list_drafts(workspace, "p") if row["is_aside"]]


def n_open(workspace: Workspace, by: str = "Rita") -> int:
    current = reviewing.next_draft(workspace, "p", by=by).current
    return current.n_left + current.n_later if current else 0


def with_a_persons_text(workspace: Workspace) -> None:
    briefing.add_briefs(workspace, "p", [BriefIn("b2", "Write of it.", reference="A person's text.")], by="Ann")


def of_text(workspace: Workspace, text: str) -> str:
    return next(row["id"] for row in drafting.list_drafts(workspace, "p") if row["text"] == text)


def machine_draft(workspace: Workspace) -> str:
    return next(row["id"] for row in drafting.list_drafts(workspace, "p") if row["system"] == "tuned")


def test_each_variant_is_another_draft_and_the_control_is_there_once(workspace: Workspace) -> None:
    with_a_persons_text(workspace)
    drafts = write(workspace, ("tuned", "base"), n_variants=3)
    assert sorted(row["system"] for row in drafts) == ["base"] * 6 + ["human"] + ["tuned"] * 6
    assert len({row["text"] for row in drafts}) == 13


@pytest.mark.parametrize("n", [0, 6])
def test_other_numbers_of_variants_are_refused(workspace: Workspace, n: int) -> None:
    with pytest.raises(Invalid, match=f"{n} variants are not possible. Choose 1 to 5"):
        write(workspace, n_variants=n)


def test_a_draft_that_is_set_aside_meets_no_reviewer_until_it_is_put_back(workspace: Workspace) -> None:
    write(workspace)
    draft = machine_draft(workspace)
    drafting.set_aside(workspace, draft, by="Ann")
    assert aside(workspace) == [draft]
    current = reviewing.next_draft(workspace, "p", by="Rita").current
    assert current is not None
    assert current.n_left == 1
    assert current.draft != next(row["text"] for row in drafting.list_drafts(workspace, "p") if row["id"] == draft)
    drafting.set_aside(workspace, draft, by="Ann", is_aside=False)
    assert n_open(workspace) == 2


def test_what_a_reviewer_reads_just_now_stays_in_the_queue(workspace: Workspace) -> None:
    write(workspace)
    item = reviewing.next_draft(workspace, "p", by="Rita").current
    assert item is not None
    with pytest.raises(Conflict, match="A reviewer is reading it just now, so it stays"):
        drafting.set_aside(workspace, of_text(workspace, item.draft), by="Ann")


def test_what_was_judged_stays_also_when_the_verdict_was_taken_back(workspace: Workspace) -> None:
    write(workspace)
    item = reviewing.next_draft(workspace, "p", by="Rita").current
    assert item is not None
    reviewing.submit(workspace, item.item, "sign_off", by="Rita")
    reviewing.undo_last_review(workspace, "p", by="Rita")
    with pytest.raises(Conflict, match="A reviewer has judged it, so it stays"):
        drafting.set_aside(workspace, of_text(workspace, item.draft), by="Ann")


def test_a_verdict_on_what_was_taken_out_meanwhile_is_not_stored(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(workspace)
    item = reviewing.next_draft(workspace, "p", by="Rita").current
    assert item is not None
    monkeypatch.setattr(drafting, "SOFT_LOCK_SECONDS", -1.0)
    drafting.set_aside(workspace, of_text(workspace, item.draft), by="Ann")
    with pytest.raises(Conflict, match="taken out of the queue meanwhile"):
        reviewing.submit(workspace, item.item, "sign_off", by="Rita")


def test_written_again_is_another_text_by_the_same_system_in_place_of_the_first(workspace: Workspace) -> None:
    write(workspace, ("tuned",))
    first = machine_draft(workspace)
    job = drafting.write_again(workspace, first, by="Ann")["job"]
    finish(workspace, job)
    (again,) = [row for row in drafting.drafts_of_job(workspace, job) if row["system"] == "tuned"]
    assert aside(workspace) == [first]
    texts = {row["id"]: (row["text"], row["seed"]) for row in drafting.list_drafts(workspace, "p")}
    assert texts[again["id"]][0] != texts[first][0]
    assert texts[again["id"]][1] == texts[first][1] + 1


def test_what_a_base_model_wrote_is_written_again_under_a_seed_that_no_run_has_used(workspace: Workspace) -> None:
    write(workspace, ("base",))
    first = next(row for row in drafting.list_drafts(workspace, "p") if row["system"] == "base")
    # As another run's job stored it: the base model's draft is the same whichever run asked.
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO drafts BY NAME SELECT 'dr_other' AS id, project_id, brief_id, 'run_other' AS run_id, job_id, system, text, "
            "seed + 1 AS seed, n_tokens, created_at FROM drafts WHERE id = ?",
            [first["id"]],
        )
    job = drafting.write_again(workspace, first["id"], by="Ann")["job"]
    finish(workspace, job)
    (again,) = [row for row in drafting.drafts_of_job(workspace, job) if row["system"] == "base"]
    assert {row["id"]: row["seed"] for row in drafting.list_drafts(workspace, "p")}[again["id"]] == first["seed"] + 2


def test_a_draft_comes_back_where_nothing_was_written_in_its_place(workspace: Workspace) -> None:
    write(workspace, ("tuned",))
    first = machine_draft(workspace)
    job = drafting.write_again(workspace, first, by="Ann")["job"]
    # As it is where an endpoint would not write it again: the job is done, and its files hold no draft.
    with workspace.store.transaction() as tx:
        row = tx.execute("SELECT * FROM jobs WHERE id = ?", [job])[0]
        folder = workspace.supervisor.folder(job)
        out = folder.out
        out.mkdir(parents=True)
        parquet.write_table(DRAFTS.empty_table(), out / "drafts.parquet")
        drafting.collect_drafts(workspace, tx, row, folder, {})
    assert aside(workspace) == []


@pytest.mark.parametrize("state", ["failed", "cancelled", "lost"])
def test_a_draft_comes_back_where_the_job_that_was_to_write_it_again_does_not_end_well(
    workspace: Workspace, state: str
) -> None:
    write(workspace, ("tuned",))
    first = machine_draft(workspace)
    job = drafting.write_again(workspace, first, by="Ann")["job"]
    assert aside(workspace) == [first]
    end_badly(workspace, job, state)
    assert aside(workspace) == []
    assert n_open(workspace) == 1


def test_nothing_of_a_brief_is_told_while_a_draft_of_it_is_written_anew(workspace: Workspace) -> None:
    write(workspace)
    job = drafting.write_again(workspace, machine_draft(workspace), by="Ann")["job"]
    judged = reviewing.next_draft(workspace, "p", by="Rita").current
    assert judged is not None
    reviewing.submit(workspace, judged.item, "sign_off", by="Rita")
    assert n_open(workspace, by="Otto") == 0
    assert results.newest_verdicts(workspace, "p", limit=5) == ([], 0)
    end_badly(workspace, job, "failed")
    assert n_open(workspace, by="Otto") == 1, "it comes back, and nobody was told whose it is"


def test_a_draft_that_was_aside_before_stays_aside_when_it_cannot_be_written_again(workspace: Workspace) -> None:
    write(workspace, ("tuned",))
    first = machine_draft(workspace)
    drafting.set_aside(workspace, first, by="Ann")
    end_badly(workspace, drafting.write_again(workspace, first, by="Ann")["job"], "failed")
    assert aside(workspace) == [first]


def end_badly(workspace: Workspace, job: str, state: str) -> None:
    """As a worker leaves it that fails, is stopped, or dies before its first word."""
    folder = workspace.supervisor.folder(job)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE jobs SET state = 'running' WHERE id = ?", [job])
    if state != "lost":
        folder.write_status({"state": state, "reason": "As it goes."})
    assert finish(workspace, job)["state"] == state


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({}, []),
        (
            {"n_not_elsewhere": 2, "why_not_elsewhere": "It answered 401: wrong key."},
            ["2 drafts were not written elsewhere: It answered 401: wrong key."],
        ),
        ({"n_without_facts": 1}, ["1 draft with facts was not written"]),
    ],
)
def test_what_the_last_job_left_out_is_said(workspace: Workspace, result: dict[str, object], said: list[str]) -> None:
    write(workspace)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE jobs SET result = ? WHERE kind = 'draft'", [result])
    found = missed_drafts.missed_last(workspace, "p")
    assert [sentence[: len(start)] for sentence, start in zip(found, said, strict=True)] == said
    job = next(one for one in jobs.list_jobs(workspace, "p") if one["kind"] == "draft")
    assert missed_drafts.missed_of_job(workspace, job["id"]) == found


def test_a_draft_that_cannot_be_written_again_stays_in_the_queue(workspace: Workspace) -> None:
    write(workspace)
    with pytest.raises(Invalid, match="5 new tokens are not possible"):
        drafting.write_again(workspace, machine_draft(workspace), by="Ann", max_new_tokens=5)
    assert aside(workspace) == []


def test_a_persons_text_is_not_written_again(workspace: Workspace) -> None:
    with_a_persons_text(workspace)
    write(workspace)
    human = next(row["id"] for row in drafting.list_drafts(workspace, "p") if row["system"] == "human")
    with pytest.raises(Refused, match="A person wrote this text"):
        drafting.write_again(workspace, human, by="Ann")


def test_without_an_endpoint_nothing_can_be_written_elsewhere(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="No endpoint elsewhere is set up"):
        write(workspace, ("external",))


def test_an_endpoint_that_was_switched_off_is_none(workspace: Workspace) -> None:
    endpoint.set_endpoint(workspace, "https://models.example/v1", "m", by="Ann")
    found = endpoint.endpoint(workspace)
    assert found is not None
    assert (found.host, found.set_by) == ("models.example", "Ann")
    endpoint.drop_endpoint(workspace, by="Ann")
    assert endpoint.endpoint(workspace) is None


def test_what_others_wrote_is_not_sent_elsewhere(workspace: Workspace) -> None:
    endpoint.set_endpoint(workspace, "https://models.example/v1", "m", by="Ann")
    held_out = briefing.briefs_from_hold_out(workspace, "p", "v1", limit=1)
    briefing.add_briefs(workspace, "p", held_out, by="Ann")
    with pytest.raises(Refused, match="1 of the briefs hold what somebody else wrote"):
        write(workspace, ("external",))


def test_of_briefs_without_a_text_of_the_teams_own_every_draft_comes_before_reviewers() -> None:
    assert drafting.expected_in_review(30, 0, per_brief=3) == (30.0, 0.0)


def test_each_brief_with_one_leaves_about_a_quarter_out_of_three() -> None:
    n_machine, n_texts = drafting.expected_in_review(30, 10, per_brief=3)
    assert n_machine == pytest.approx(30 * 0.77, abs=0.1)
    assert n_texts == pytest.approx(10 * 0.33, abs=0.1)
