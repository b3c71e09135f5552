"""Drafts that are written for a brief of which it was told who wrote the others: who has read one of those may know whose the new one is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.nouns import System
from core.store import drafts as draft_rows
from core.store import judges as judge_rows
from core.workflows import drafting, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.queue_by_hand import judge_next, put_drafts

N_BRIEFS = 6
LATER = "i_later".ljust(26, "0")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Six briefs with one draft each."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=0, by="Ann")
    put_drafts(opened, "p", N_BRIEFS, systems=(System.TUNED,))
    yield opened
    opened.close()


def item(brief: int) -> str:
    return f"i_b{brief}_{System.TUNED}".ljust(26, "0")


def written_later(workspace: Workspace, *, item: str = LATER) -> None:
    """A draft of another run for the first brief."""
    draft = f"dr_{item}"
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO drafts (id, project_id, brief_id, run_id, job_id, system, text, seed, n_tokens, created_at) "
            "SELECT ?, project_id, brief_id, 'run_y', 'job_y', 'tuned', 'Another text.', 18, 9, '2026-01-02' FROM drafts WHERE id = 'dr_b0_tuned'",
            [draft],
        )
        draft_rows.insert_review_items(tx, [(item, project_named(workspace, "p")["id"], draft)])


def told_and_later(workspace: Workspace, *, read_by: str = "Rita") -> None:
    """The first brief's draft judged, and so told; another one written for it afterwards."""
    reviewing.submit(workspace, item(0), "sign_off", by=read_by)
    written_later(workspace)


def shown(workspace: Workspace, by: str) -> reviewing.ItemToReview:
    current = reviewing.next_draft(workspace, "p", by=by).current
    assert current is not None
    return current


def until_later(workspace: Workspace, by: str) -> tuple[int, reviewing.ItemToReview]:
    """How many others come first, all of them judged, and the later draft as it comes."""
    n = 0
    while (current := shown(workspace, by)).item != LATER:
        judge_next(workspace, "p", by=by)
        n += 1
    return n, current


def n_counted(workspace: Workspace) -> int:
    return sum(rate["n"] for rate in results.results_json(workspace, "p")["systems"].values())


def not_blind(workspace: Workspace) -> str:
    return str(results.results_json(workspace, "p")["not_blind_in_words"])


def test_it_comes_last_to_who_has_read_the_others_is_said_to_be_known_and_counts_in_no_rate(
    workspace: Workspace,
) -> None:
    told_and_later(workspace)
    n_before, current = until_later(workspace, "Rita")
    assert (n_before, current.is_blind) == (N_BRIEFS - 1, False)
    assert n_counted(workspace) == N_BRIEFS
    judge_next(workspace, "p", by="Rita")
    assert n_counted(workspace) == N_BRIEFS, "the verdict is kept, and counts nowhere"
    assert not_blind(workspace).startswith("1 verdict counts in no rate: it was given when it could be known")
    judged = judge_rows.verdicts(workspace.store, project_named(workspace, "p")["id"])
    assert f"dr_{LATER}" not in {one["draft_id"] for one in judged}


def test_to_somebody_who_is_new_to_the_brief_it_is_a_draft_like_any_other(workspace: Workspace) -> None:
    told_and_later(workspace)
    _, current = until_later(workspace, "Otto")
    assert current.is_blind
    before = n_counted(workspace)
    judge_next(workspace, "p", by="Otto")
    assert (n_counted(workspace), not_blind(workspace)) == (before + 1, "")


def test_who_has_read_a_draft_and_left_it_to_a_colleague_has_read_it(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO shown_items (project_id, item_id, reviewer, shown_at) VALUES (?, ?, 'Otto', '2026-01-01')",
            [project_named(workspace, "p")["id"], item(0)],
        )
    told_and_later(workspace)
    assert not reviewing.is_blind(workspace, LATER, by="Otto")
    assert reviewing.is_blind(workspace, LATER, by="Zoe")


def test_who_has_read_it_beside_another_one_has_read_it(workspace: Workspace) -> None:
    told_and_later(workspace)
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO draft_pairs (id, project_id, brief_id, first_draft, second_draft, is_same, sides_seed, made_at, made_by, withdrawn_at) "
            "SELECT 'sp_x', project_id, brief_id, id, 'dr_z', FALSE, 'x', '2026-01-01', 'Lea', '2026-01-02' FROM drafts WHERE id = 'dr_b0_tuned'"
        )
        tx.execute(
            "INSERT INTO shown_draft_pairs (project_id, pair_id, reviewer, shown_at) VALUES (?, 'sp_x', 'Otto', '2026-01-01')",
            [project_named(workspace, "p")["id"]],
        )
    assert not reviewing.is_blind(workspace, LATER, by="Otto")
    assert reviewing.is_blind(workspace, LATER, by="Zoe")


def test_before_anything_of_its_brief_is_told_it_is_blind_to_everybody(workspace: Workspace) -> None:
    written_later(workspace)
    reviewing.submit(workspace, item(0), "sign_off", by="Rita")
    assert reviewing.is_blind(workspace, LATER, by="Rita")
    reviewing.submit(workspace, LATER, "sign_off", by="Rita")
    assert (n_counted(workspace), not_blind(workspace)) == (2, "")


def test_taken_back_and_given_anew_it_counts_as_little(workspace: Workspace) -> None:
    told_and_later(workspace)
    reviewing.submit(workspace, LATER, "sign_off", by="Rita")
    assert reviewing.undo_last_review(workspace, "p", by="Rita") == LATER
    assert not reviewing.is_blind(workspace, LATER, by="Rita")
    reviewing.submit(workspace, LATER, "reject", by="Rita")
    assert n_counted(workspace) == 1
    assert not_blind(workspace).startswith("1 verdict counts in no rate")


def test_whoever_has_drafts_written_for_such_briefs_is_told_which_they_are(workspace: Workspace) -> None:
    assert drafting.told_briefs(workspace, "p") == set()
    told_and_later(workspace)
    (brief,) = {row["brief_id"] for row in drafting.list_drafts(workspace, "p") if row["id"] == f"dr_{LATER}"}
    assert drafting.told_briefs(workspace, "p") == {brief}
