"""What stands with a brief beside its drafts: what was found for it, as long as it holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.config import DataFolder
from core.nouns import System
from core.store.connection import utc_now
from core.workflows import projects, reviewing
from core.workflows.workspace import open_workspace
from tests.core.workflows.queue_by_hand import put_drafts


@pytest.mark.parametrize(("days_left", "is_shown"), [(0, True), (-1, False)])
def test_what_has_expired_stands_beside_no_draft_any_more(tmp_path: Path, days_left: int, is_shown: bool) -> None:
    workspace = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", 1, systems=(System.TUNED, System.TUNED_FACTS))
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO fact_documents SELECT 'd', id, 'Prices', 'prices.csv', 'Ann', ?, '', 1, '2026-01-01', 'Ann', NULL, NULL FROM projects",
            [utc_now().date() + timedelta(days=days_left)],
        )
        tx.execute("INSERT INTO fact_passages SELECT 'f', id, 'd', 0, '', 'The van costs $30.' FROM projects")
        tx.execute(
            "INSERT INTO draft_facts VALUES ('dr_b0_tuned_facts', 0, 'f', 'Prices', 'The van costs $30.', 'prices.csv', NULL)"
        )
    current = reviewing.next_draft(workspace, "p", by="Rita").current
    assert current is not None
    assert [one.passage for one in current.looked_up] == (["The van costs $30."] if is_shown else [])
    workspace.close()
