"""Drafts of which it was told who wrote them: whatever opens their brief again, nobody is given them to judge blind, and no rate counts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict
from core.nouns import System
from core.store import drafts as draft_rows
from core.store import judges as judge_rows
from core.store import migrate
from core.store import open_items as open_item_rows
from core.store import repeats as repeat_rows
from core.workflows import drafting, looking_back, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.queue_by_hand import judge_next, put_drafts


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Two briefs with two machine drafts each."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=0, by="Ann")
    put_drafts(opened, "p", 2)
    yield opened
    opened.close()


def item(brief: int, system: System) -> str:
    return f"i_b{brief}_{system}".ljust(26, "0")


def judge(workspace: Workspace, *items: str, by: str = "Rita") -> None:
    for one in items:
        reviewing.submit(workspace, one, "sign_off", by=by)


def both(brief: int) -> tuple[str, str]:
    return item(brief, System.TUNED), item(brief, System.BASE)


def one_more_draft(workspace: Workspace, brief: int) -> None:
    """Written later for a brief that there is."""
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO drafts (id, project_id, brief_id, run_id, job_id, system, text, seed, n_tokens, created_at) "
            "SELECT 'dr_later', project_id, brief_id, 'run_y', 'job_y', 'tuned', 'Another text.', 18, 9, '2026-01-02' FROM drafts WHERE id = ?",
            [f"dr_b{brief}_tuned"],
        )
        draft_rows.insert_review_items(tx, [("i_later".ljust(26, "0"), project_id(workspace), "dr_later")])


def project_id(workspace: Workspace) -> str:
    return str(project_named(workspace, "p")["id"])


def told(workspace: Workspace) -> list[str]:
    return [row["draft_id"] for row in workspace.store.read("SELECT draft_id FROM told_drafts ORDER BY draft_id")]


def n_counted(workspace: Workspace) -> int:
    return sum(rate["n"] for rate in results.results_json(workspace, "p", only_told=True)["systems"].values())


def shown(workspace: Workspace, by: str) -> str | None:
    current = reviewing.next_draft(workspace, "p", by=by).current
    return current.item if current else None


def all_shown(workspace: Workspace, by: str) -> set[str]:
    """Every item that this person is given, judged one after the other."""
    found = set()
    while reviewing.next_draft(workspace, "p", by=by).current:
        found.add(judge_next(workspace, "p", by=by))
    return found


def test_the_drafts_of_a_brief_are_told_with_the_last_verdict_on_it(workspace: Workspace) -> None:
    first, second = both(0)
    judge(workspace, first)
    assert told(workspace) == []
    judge(workspace, second)
    assert told(workspace) == ["dr_b0_base", "dr_b0_tuned"]


def test_a_raised_number_brings_back_no_draft_that_was_told(workspace: Workspace) -> None:
    judge(workspace, *both(0), item(1, System.TUNED))
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    assert results.results(workspace, "p").n_open == 2
    assert n_counted(workspace) == 2, "what was told stays told"
    given = {shown(workspace, by) for by in ("Otto", "Pia", "Quin")}
    assert given <= {None, *both(1)}
    with pytest.raises(Conflict, match="It was told meanwhile who wrote this draft"):
        judge(workspace, item(0, System.TUNED), by="Otto")


def test_a_lowered_number_tells_and_raising_it_again_does_not_untell(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    judge(workspace, *both(0))
    assert told(workspace) == []
    projects.set_reviewers_per_draft(workspace, "p", n=1, by="Ann")
    assert len(told(workspace)) == 2
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    assert {one["brief_id"] for one in open_item_rows.open_items(workspace.store, project_id(workspace))} == {
        one["brief_id"] for one in draft_rows.drafts(workspace.store, project_id(workspace)) if one["brief"] == "b1"
    }


def test_a_verdict_taken_back_before_anything_is_told_counts_when_it_is_given_anew(workspace: Workspace) -> None:
    first, second = both(0)
    judge(workspace, first)
    reviewing.undo_last_review(workspace, "p", by="Rita")
    assert reviewing.is_blind(workspace, first, by="Rita")
    judge(workspace, first, second)
    assert n_counted(workspace) == 2


def test_a_verdict_taken_back_after_that_is_given_anew_by_the_same_person_alone_and_counts_in_no_rate(
    workspace: Workspace,
) -> None:
    judge(workspace, *both(0))
    assert reviewing.undo_last_review(workspace, "p", by="Rita") == item(0, System.BASE)
    assert not reviewing.is_blind(workspace, item(0, System.BASE), by="Rita")
    assert shown(workspace, "Rita") == item(0, System.BASE)
    assert all_shown(workspace, "Otto") <= set(both(1))
    with pytest.raises(Conflict, match="It was told meanwhile"):
        judge(workspace, item(0, System.BASE), by="Otto")
    reviewing.submit(workspace, item(0, System.BASE), "reject", by="Rita")
    summary = results.results_json(workspace, "p", only_told=True)
    assert (summary["systems"]["tuned"]["n"], summary["systems"]["base"]["n"]) == (1, 0)
    assert summary["not_blind_in_words"] == (
        "1 verdict counts in no rate: it was given when it could be known who wrote the draft."
    )
    for form in ("md", "html"):
        assert "1 verdict counts in no rate" in str(results.report(workspace, "p", form))
    assert {one["draft_id"] for one in judge_rows.verdicts(workspace.store, project_id(workspace))} & {
        "dr_b0_tuned",
        "dr_b0_base",
    } == {"dr_b0_tuned"}
    assert shown(workspace, "Rita") not in both(0)


def test_the_draft_waits_for_who_took_the_verdict_back_also_when_they_come_again_later(workspace: Workspace) -> None:
    judge(workspace, *both(0), *both(1))
    reviewing.undo_last_review(workspace, "p", by="Rita")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE shown_items SET shown_at = shown_at - INTERVAL 1 DAY")
    assert shown(workspace, "Rita") == item(1, System.BASE)
    assert results.results(workspace, "p").n_open == 0, "nobody else is waited for"


def test_a_draft_that_was_told_does_not_come_back_when_a_later_one_opens_its_brief(workspace: Workspace) -> None:
    judge(workspace, *both(0))
    one_more_draft(workspace, 0)
    (later,) = workspace.store.read("SELECT brief_id FROM drafts WHERE id = 'dr_later'")
    assert later["brief_id"] in open_item_rows.open_briefs_for(workspace.store, project_id(workspace), "Rita")
    assert repeat_rows.not_asked_again(workspace.store, project_id(workspace), "Rita") == []
    assert "dr_later" not in told(workspace)


def test_one_that_came_back_and_is_told_meanwhile_is_not_judged_again(workspace: Workspace) -> None:
    projects.set_repeat_every(workspace, "p", every=4, by="Ann")
    judge(workspace, item(0, System.TUNED))
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO repeat_items VALUES ('i_again', ?, ?, 'Rita', '2026-01-01')",
            [project_id(workspace), item(0, System.TUNED)],
        )
    reviewing.submit(workspace, "i_again", "reject", by="Rita")
    judge(workspace, item(0, System.BASE), by="Otto")
    with pytest.raises(Conflict, match="would not come back to you again"):
        reviewing.undo_last_review(workspace, "p", by="Rita")
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM repeat_reviews")
    one_more_draft(workspace, 0)
    assert repeat_rows.open_repeats(workspace.store, project_id(workspace), "Rita") == []
    with pytest.raises(Conflict, match="not asked about again"):
        reviewing.submit(workspace, "i_again", "reject", by="Rita")


def test_a_draft_that_was_aside_while_the_others_were_judged_is_not_put_back(workspace: Workspace) -> None:
    drafting.set_aside(workspace, "dr_b0_tuned", by="Ann")
    judge(workspace, item(0, System.BASE))
    with pytest.raises(Conflict, match="nobody could judge this one blind"):
        drafting.set_aside(workspace, "dr_b0_tuned", by="Ann", is_aside=False)


def test_setting_the_last_one_aside_tells_the_others(workspace: Workspace) -> None:
    judge(workspace, item(0, System.BASE))
    drafting.set_aside(workspace, "dr_b0_tuned", by="Ann")
    assert told(workspace) == ["dr_b0_base", "dr_b0_tuned"]


def test_colleagues_look_back_at_what_was_told_while_one_of_them_gives_a_verdict_anew(workspace: Workspace) -> None:
    judge(workspace, item(0, System.TUNED), by="Otto")
    judge(workspace, item(0, System.BASE))
    reviewing.undo_last_review(workspace, "p", by="Rita")
    assert looking_back.my_verdicts(workspace, "p", by="Otto").n == 1
    assert looking_back.my_verdicts(workspace, "p", by="Rita").n == 0


def test_a_studio_from_before_the_mark_knows_what_was_told(workspace: Workspace) -> None:
    judge(workspace, *both(0), item(1, System.TUNED))
    migration = (migrate.MIGRATIONS / "0045_told_drafts.sql").read_text(encoding="utf-8")
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM told_drafts")
        tx.execute(migration[migration.index("INSERT INTO told_drafts") :])
    assert told(workspace) == ["dr_b0_base", "dr_b0_tuned"]
    assert n_counted(workspace) == 2, "verdicts from before count on"
