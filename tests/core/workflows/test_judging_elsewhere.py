"""The endpoint elsewhere as one figure of the judge: asked only where an owner says so, of what may leave, and missed without harm."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.privacy.documents import document_of
from core.review.briefs import BriefIn
from core.store import judges as judge_rows
from core.workflows import documenting, drafting, endpoint, jobs, judging
from core.workflows.workspace import Workspace, project_named
from tests.core.outgoing.conftest import server
from tests.core.outgoing.listening import Asked, Turn, told
from tests.core.workflows.test_judging import calibrated, template, workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

__all__ = ["server", "template", "workspace"]


def named(workspace: Workspace, server: Asked, *, may_judge: bool = True) -> None:
    url = f"http://127.0.0.1:{server.port}/v1"
    endpoint.set_endpoint(workspace, url, "m", by="Ann", allows_private=True)
    if may_judge:
        endpoint.set_judging(workspace, is_on=True, by="Ann")
    server.by_request = by_length


def by_length(body: dict[str, object], _: int) -> Turn:
    """Long drafts seem bad to it, as they do to the reviewers."""
    return (200, {}, told("10" if len(str(body)) > 1_000 else "90"))


def test_an_endpoint_that_may_write_is_not_asked_what_it_thinks(workspace: Workspace, server: Asked) -> None:
    named(workspace, server, may_judge=False)
    found = calibrated(workspace)
    assert server.requests == []
    assert (found["judge"].get("elsewhere"), found["elsewhere"]["is_on"]) == (None, False)


def test_without_an_endpoint_there_is_nothing_to_switch_on(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="No endpoint elsewhere is set up"):
        endpoint.set_judging(workspace, is_on=True, by="Ann")
    assert judging.judge_json(workspace, "p")["elsewhere"] is None


def test_it_is_asked_of_each_draft_once_and_told_with_its_own_agreement(workspace: Workspace, server: Asked) -> None:
    named(workspace, server)
    found = calibrated(workspace)
    assert len(server.requests) == 42
    sent = str(server.requests)
    assert not [word for word in ("tuned", "base_fewshot", "Rita", "dr_", "b_") if word in sent], (
        "the brief and the draft, no more"
    )
    elsewhere = found["judge"]["elsewhere"]
    (job,) = [one for one in jobs.list_jobs(workspace, "p") if one["kind"] == "judge"]
    network = jobs.job_progress(workspace, job["id"])["network"]
    assert (network["isolation"], network["n_attempts"]) == ("Python sockets guarded, named hosts allowed", 0)
    assert (elsewhere["n_asked"], elsewhere["n_left"], elsewhere["alone"]["n"]) == (42, 0, 36)
    assert elsewhere["alone"]["kappa"] > 0.9
    assert "kappa without" not in found["judge"]["elsewhere_in_words"]
    assert found["judge"]["elsewhere_in_words"].startswith(
        "m at 127.0.0.1 has an opinion of 42 of the drafts: by itself it would agree on"
    )
    assert found["elsewhere"] == {"host": "127.0.0.1", "model": "m", "is_on": True, "n_may_leave": 42, "n_given": 42}
    calibrated(workspace)
    assert len(server.requests) == 42


def told_of_transfers(workspace: Workspace) -> str:
    facts = documenting.document_facts(workspace, "p", "record")
    rows = [row for section in document_of("record", facts).sections for row in section.rows]
    return next(row[1] for row in rows if row[0] == "endpoint elsewhere")


def test_the_record_of_processing_counts_drafts_that_left_to_be_judged_also_when_none_does_any_more(
    workspace: Workspace, server: Asked
) -> None:
    named(workspace, server)
    server.by_request = lambda body, n: by_length(body, n) if n < 12 else (401, {}, b"wrong key")
    calibrated(workspace)
    sent = "0 drafts were written elsewhere, 12 drafts were sent there to be judged"
    assert told_of_transfers(workspace) == f"127.0.0.1; {sent}, and up to 30 more were queued for it without an answer"
    server.by_request = by_length
    calibrated(workspace)
    endpoint.drop_endpoint(workspace, by="Ann")
    assert told_of_transfers(workspace).startswith(f"none is set up; {sent.replace('12', '42')}")


def test_one_that_fails_half_way_loses_neither_its_answers_nor_the_judge(workspace: Workspace, server: Asked) -> None:
    named(workspace, server)
    server.by_request = lambda body, n: by_length(body, n) if n < 12 else (401, {}, b"wrong key")
    found = calibrated(workspace)
    assert found["may_order"]
    assert len(judge_rows.chances(workspace.store, project_named(workspace, "p")["id"])) == 42
    assert "answered 401: wrong key" in found["judge"]["elsewhere_in_words"]
    assert found["elsewhere"]["n_given"] == 12
    server.by_request = by_length
    assert calibrated(workspace)["elsewhere"]["n_given"] == 42
    assert len(server.requests) == 13 + 30


def test_nothing_leaves_of_a_record_of_a_persons_text_or_of_a_fact(workspace: Workspace, server: Asked) -> None:
    record = workspace.store.read("SELECT id FROM records ORDER BY id LIMIT 1")[0]["id"]
    run = drafting.list_drafts(workspace, "p")[0]["run_id"]
    of_people = BriefIn("typed", "Write of secret one.", reference="A person's text.")
    made_up.drafted(workspace, "p", run, [of_people, BriefIn("of facts", "Write of secret two.")])
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE briefs SET record_id = ? WHERE external_id = 'b80'", [record])
        tx.execute(
            "INSERT INTO draft_facts SELECT d.id, 0, 'f1', 'Prices', 'It costs 9 euros.', 'prices.md', NULL FROM drafts d "
            "JOIN briefs b ON b.id = d.brief_id WHERE b.external_id = 'of facts' LIMIT 1"
        )
    named(workspace, server)
    found = calibrated(workspace)
    assert len(server.requests) == 39, "all but the three of the brief from a record"
    assert "secret" not in str(server.requests)
    assert found["judge"]["elsewhere"]["n_asked"] == 39


def test_switching_it_off_ends_what_would_ask(workspace: Workspace, server: Asked) -> None:
    named(workspace, server)
    job = judging.calibrate(workspace, "p", by="Ann")["job"]
    assert jobs.job_progress(workspace, job)["facts"]["elsewhere"] == "127.0.0.1"
    endpoint.set_judging(workspace, is_on=False, by="Ann")
    assert finish(workspace, job)["state"] == "cancelled"
    calibrated(workspace)
    assert server.requests == []


def test_another_endpoint_is_asked_only_once_that_is_said_of_it(workspace: Workspace, server: Asked) -> None:
    named(workspace, server)
    endpoint.set_endpoint(workspace, "https://models.example/v1", "m", by="Ann")
    found = endpoint.endpoint(workspace)
    assert found is not None
    assert not found.may_judge
