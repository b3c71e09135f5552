"""Facts that drafts may look up: read from files by the real worker with the real encoder, renewed, taken out; what has expired is not used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Invalid, NotFound
from core.store.connection import utc_now
from core.workflows import fact_documents, importing, projects
from core.workflows.workspace import Workspace
from tests.jobs_by_hand import finish

pytestmark = pytest.mark.model
PRICES = b"# Prices\n\nThe Pro plan costs 12 euros a month.\n\n## Refunds\n\nWithin 14 days of the order.\n"
PLANS = b"plan,price,seats\nPro,12,3\nTeam,40,\n,,\n"


@pytest.fixture(autouse=True)
def project(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")


def add(workspace: Workspace, name: str, content: bytes, **options: str) -> dict[str, object]:
    upload = importing.keep_upload(workspace, name, content)
    job = fact_documents.add_documents(workspace, "p", [upload], **({"owner": "Ann", "by": "Ann"} | options))["job"]
    progress = finish(workspace, job)
    assert progress["state"] == "done", progress["reason"]
    return dict(progress["result"])


def test_a_document_becomes_passages_under_its_headings(workspace: Workspace) -> None:
    result = add(workspace, "prices.md", PRICES, expires="never")
    assert (result["n_documents"], result["n_passages"], result["refused"]) == (1, 2, [])
    found = fact_documents.list_documents(workspace, "p")
    (document,) = found["documents"]
    assert (document["title"], document["owner"], document["expires_on"], document["n_passages"]) == (
        "Prices",
        "Ann",
        None,
        2,
    )
    assert (found["usable"], found["stale"]) == (2, 0)
    passages = fact_documents.passages_of_document(workspace, "p", document["id"])
    assert [(one["heading"], one["passage"]) for one in passages] == [
        ("Prices", "The Pro plan costs 12 euros a month."), ("Refunds", "Within 14 days of the order."),
    ]  # fmt: skip
    (row,) = workspace.store.read("SELECT count(*) AS n FROM fact_vectors")
    assert row["n"] == 2


def test_every_row_of_a_table_is_a_fact_with_its_columns_names(workspace: Workspace) -> None:
    result = add(workspace, "our-plans.csv", PLANS)
    (document,) = fact_documents.list_documents(workspace, "p")["documents"]
    assert document["title"] == "our plans"
    passages = fact_documents.passages_of_document(workspace, "p", document["id"])
    assert [one["passage"] for one in passages] == ["plan: Pro\nprice: 12\nseats: 3", "plan: Team\nprice: 40"]
    assert result["refused"] == [
        "our-plans.csv, row 3: Every cell of the row is empty. Fill it in, or leave the row out."
    ]


def test_the_same_document_again_is_one(workspace: Workspace) -> None:
    for _ in range(2):
        add(workspace, "prices.md", PRICES)
    assert fact_documents.list_documents(workspace, "p")["usable"] == 2


def test_two_files_with_the_same_text_are_kept_once_and_it_is_said(workspace: Workspace) -> None:
    uploads = [importing.keep_upload(workspace, f"{folder}/prices.md", PRICES) for folder in "ab"]
    job = fact_documents.add_documents(workspace, "p", uploads, owner="Ann", by="Ann")["job"]
    progress = finish(workspace, job)
    assert progress["state"] == "done"
    assert progress["result"]["refused"] == ["b/prices.md: 'Prices' says the same as in a/prices.md; it is kept once."]
    assert fact_documents.list_documents(workspace, "p")["usable"] == 2


def test_what_has_expired_is_listed_and_not_used_until_it_is_renewed(workspace: Workspace) -> None:
    add(workspace, "prices.md", PRICES)
    (document,) = fact_documents.list_documents(workspace, "p")["documents"]
    yesterday = utc_now().date() - timedelta(days=1)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE fact_documents SET expires_on = ?", [yesterday])
    found = fact_documents.list_documents(workspace, "p")
    assert (found["usable"], found["stale"], found["documents"][0]["is_stale"]) == (0, 2, True)
    assert {one["expires_on"] for one in fact_documents.stale_facts(workspace, "p")} == {yesterday}
    fact_documents.renew_document(workspace, "p", document["id"], "never", by="Bo")
    assert fact_documents.list_documents(workspace, "p")["usable"] == 2
    with pytest.raises(Invalid, match="has passed"):
        fact_documents.renew_document(workspace, "p", document["id"], "2020-01-01", by="Bo")


def test_what_is_taken_out_is_gone_with_its_vectors_and_may_come_back(workspace: Workspace) -> None:
    add(workspace, "prices.md", PRICES)
    (document,) = fact_documents.list_documents(workspace, "p")["documents"]
    assert fact_documents.remove_document(workspace, "p", document["id"], by="Ann") == 2
    for table in ("fact_passages", "fact_vectors"):
        assert workspace.store.read(f"SELECT * FROM {table}") == []
    with pytest.raises(NotFound, match="no document of facts"):
        fact_documents.remove_document(workspace, "p", document["id"], by="Ann")
    add(workspace, "prices.md", PRICES)
    assert fact_documents.list_documents(workspace, "p")["usable"] == 2


def test_a_file_without_text_fails_with_the_reason(workspace: Workspace) -> None:
    upload = importing.keep_upload(workspace, "empty.md", b"\n\n")
    job = fact_documents.add_documents(workspace, "p", [upload], owner="Ann", by="Ann")["job"]
    progress = finish(workspace, job)
    assert progress["state"] == "failed"
    assert "No text was found. empty.md" in progress["reason"]


def test_files_and_an_owner_are_needed(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="No file was chosen"):
        fact_documents.add_documents(workspace, "p", [], owner="Ann", by="Ann")
    upload = importing.keep_upload(workspace, "prices.md", PRICES)
    with pytest.raises(Invalid, match="have no owner"):
        fact_documents.add_documents(workspace, "p", [upload], owner=" ", by="Ann")
    with pytest.raises(Invalid, match="has passed"):
        fact_documents.add_documents(workspace, "p", [upload], owner="Ann", expires="2020-01-01", by="Ann")
