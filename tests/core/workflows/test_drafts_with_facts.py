"""Drafts that look facts up: a tiny model and the real encoder; what was found is kept by value and tells nothing of who wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from core.config import DataFolder
from core.errors import Refused
from core.review.briefs import BriefIn
from core.store import guide_checks, judges
from core.store.connection import utc_now
from core.workflows import briefing, drafting, fact_documents, importing, reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.finished_run import finished_run
from tests.jobs_by_hand import finish

pytestmark = pytest.mark.model
FACTS = b"# Prices\n\nThe Pro plan costs 12 euros a month.\n\n# Opening hours\n\nThe shop opens at nine on weekdays.\n"
SYSTEMS = ["tuned", "tuned_facts", "base_facts"]


def add_facts(workspace: Workspace) -> None:
    upload = importing.keep_upload(workspace, "prices.md", FACTS)
    finish(workspace, fact_documents.add_documents(workspace, "voice", [upload], owner="Ann", by="Ann")["job"])


def write(workspace: Workspace, run: str, briefs: list[str], systems: list[str] = SYSTEMS) -> str:
    job = drafting.write_drafts(
        workspace, "voice", run=run, brief_ids=briefs, systems=systems, by="Ann", max_new_tokens=16
    )["job"]  # fmt: skip
    progress = finish(workspace, job)
    assert progress["state"] == "done", progress["reason"]
    return job


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    """A data folder in which two briefs were drafted, with the run and the briefs: the drafts take a second that every test would wait for."""
    root = tmp_path_factory.mktemp("drafted")
    workspace = open_workspace(DataFolder(root / "data"))
    run = finished_run(workspace, root)
    add_facts(workspace)
    briefs = [
        BriefIn("price", "What does the Pro plan cost?"),
        BriefIn("poem", "Quarks, gluons and bosons in a collider."),
    ]
    ids = briefing.add_briefs(workspace, "voice", briefs, by="Ann")
    write(workspace, run, ids)
    workspace.close()
    return root / "data", run, ids


@pytest.fixture
def drafted(template: tuple[Path, str, list[str]], tmp_path: Path) -> Iterator[tuple[Workspace, str, list[str]]]:
    data, run, ids = template
    shutil.copytree(data, tmp_path / "data")
    workspace = open_workspace(DataFolder(tmp_path / "data"))
    yield workspace, run, ids
    workspace.close()


def test_what_was_found_is_kept_with_the_drafts_that_were_given_it(drafted: tuple[Workspace, str, list[str]]) -> None:
    workspace, _, (price, poem) = drafted
    rows = workspace.store.read(
        "SELECT d.system, f.place, f.passage, f.title, f.source FROM draft_facts f JOIN drafts d ON d.id = f.draft_id "
        "WHERE d.brief_id = ? ORDER BY d.system, f.place",
        [price],
    )
    assert {row["system"] for row in rows} == {"base_facts", "tuned_facts"}
    first = rows[0]
    assert (first["passage"], first["title"], first["source"]) == (
        "The Pro plan costs 12 euros a month.",
        "Prices",
        "prices.md",
    )
    assert (
        workspace.store.read(
            "SELECT 1 FROM draft_facts f JOIN drafts d ON d.id = f.draft_id WHERE d.brief_id = ?", [poem]
        )
        == []
    )


def test_what_a_passage_stands_under_supports_claims_as_the_passage_does(
    drafted: tuple[Workspace, str, list[str]],
) -> None:
    workspace, _, _ = drafted
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE draft_facts SET title = 'Prices › Plans of 2027'")
        for copy in (guide_checks.copy_drafts_to, judges.copy_drafts_to):
            copy(tx, project_named(workspace, "voice")["id"], workspace.folder.root / "drafts.parquet")
            support = parquet.read_table(workspace.folder.root / "drafts.parquet").column("support").to_pylist()
            assert ["Prices › Plans of 2027\nThe Pro plan costs 12 euros a month." in one for one in support].count(
                True
            ) == 3


def test_every_draft_of_a_brief_shows_the_same_facts(drafted: tuple[Workspace, str, list[str]]) -> None:
    workspace, _, _ = drafted
    shown = {}
    for reviewer in ("Ann", "Bo", "Cy", "Di"):
        item = reviewing.next_draft(workspace, "voice", by=reviewer).current
        assert item is not None
        shown[item.item] = (item.brief, [one.passage for one in item.looked_up])
    of_price = [passages for brief, passages in shown.values() if "Pro plan" in brief]
    assert len(of_price) == 3
    assert of_price[0]
    assert all(passages == of_price[0] for passages in of_price)


def test_the_same_facts_again_give_the_same_draft_and_other_facts_another(
    drafted: tuple[Workspace, str, list[str]],
) -> None:
    workspace, run, ids = drafted
    write(workspace, run, ids)
    # Nothing was found for the poem, so no draft with facts was written for it.
    assert len(drafting.list_drafts(workspace, "voice")) == 4
    (document,) = fact_documents.list_documents(workspace, "voice")["documents"]
    fact_documents.remove_document(workspace, "voice", document["id"], by="Ann")
    upload = importing.keep_upload(workspace, "new.md", FACTS.replace(b"12 euros", b"15 euros"))
    finish(workspace, fact_documents.add_documents(workspace, "voice", [upload], owner="Ann", by="Ann")["job"])
    write(workspace, run, ids)
    new = [d for d in drafting.list_drafts(workspace, "voice") if d["brief"] == "price"]
    assert sorted(d["system"] for d in new) == ["base_facts", "base_facts", "tuned", "tuned_facts", "tuned_facts"]


def test_facts_that_have_expired_are_not_looked_up(drafted: tuple[Workspace, str, list[str]]) -> None:
    workspace, run, ids = drafted
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE fact_documents SET expires_on = ?", [utc_now().date() - timedelta(days=1)])
    with pytest.raises(Refused, match="no fact to look up; 2 have expired"):
        write(workspace, run, ids)
    write(workspace, run, ids, ["tuned"])


def test_a_passage_without_a_vector_is_embedded_when_it_is_looked_up(
    drafted: tuple[Workspace, str, list[str]],
) -> None:
    workspace, run, ids = drafted
    before = workspace.store.read("SELECT fact_id, vector FROM fact_vectors ORDER BY fact_id")
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM fact_vectors")
    job = write(workspace, run, ids)
    assert parquet.read_table(workspace.supervisor.folder(job).out / "vectors.parquet").num_rows == 2
    after = workspace.store.read("SELECT fact_id, vector FROM fact_vectors ORDER BY fact_id")
    assert [row["fact_id"] for row in after] == [row["fact_id"] for row in before]
    assert all(pytest.approx(a["vector"], abs=1e-5) == b["vector"] for a, b in zip(after, before, strict=True))
