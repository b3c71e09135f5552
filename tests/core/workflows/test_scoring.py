"""Flags switched off and on, the gold subset, and when a score is learnt: nothing is measured by a model here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Invalid, NotFound
from core.workflows import curating, deciding, projects, scoring
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.test_judgements import import_texts, posts
from tests.e2e import made_up
from tests.jobs_by_hand import finish


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    yield opened
    opened.close()


def measured(workspace: Workspace, n: int) -> list[str]:
    """Import n posts, a third of which only say TODO somewhere, and put measurements in their place."""
    texts = {name: text + (" TODO" if i % 3 == 0 else "") for i, (name, text) in enumerate(posts(n).items())}
    import_texts(workspace, texts)
    ids = deciding.queue(workspace, "p", RecordFilter())
    with workspace.store.transaction() as tx:
        project = projects.list_projects(workspace)[0]["id"]
        rows = tx.read("SELECT id, external_id, length(text) AS n FROM records")
        for row in rows:
            tx.execute("INSERT INTO signals VALUES (?, ?, 'n_words', ?)", [project, row["id"], row["n"]])
            if int(row["external_id"].removeprefix("post-").removesuffix(".md")) % 3 == 0:
                values = [project, row["id"], "placeholder", True, "The text holds 'TODO'.", 0, 4, None, None]
                tx.execute("INSERT INTO flags VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            tx.execute("INSERT INTO scores VALUES (?, ?, 0.5, [])", [row["id"], project])
        tx.execute("INSERT INTO curations VALUES (?, 'j', 'f', 'e', ?, now()::TIMESTAMP)", [project, n])
    return ids


def score(workspace: Workspace, external_id: str) -> float:
    return float(deciding.record_details(workspace, "p", external_id)["score"])


def test_a_flag_switched_off_is_not_seen_and_takes_nothing_off_the_score(workspace: Workspace) -> None:
    measured(workspace, 3)
    finish(workspace, scoring.rescore(workspace, "p", by="Ann") or "")
    assert score(workspace, "post-0.md") == pytest.approx(0.2)
    assert deciding.flag_counts(workspace, "p") == {"placeholder": 1}
    job = scoring.switch_flags(workspace, "p", {"placeholder": False}, by="Ann")
    assert finish(workspace, job or "")["state"] == "done"
    assert score(workspace, "post-0.md") == 1.0
    assert deciding.flag_counts(workspace, "p") == {}
    assert deciding.record_details(workspace, "p", "post-0.md")["flags"] == []


def test_a_flag_switched_on_again_is_as_it_was_measured(workspace: Workspace) -> None:
    measured(workspace, 3)
    for is_on in (False, True):
        finish(workspace, scoring.switch_flags(workspace, "p", {"placeholder": is_on}, by="Ann") or "")
    assert score(workspace, "post-0.md") == pytest.approx(0.2)
    assert [f["name"] for f in deciding.record_details(workspace, "p", "post-0.md")["flags"]] == ["placeholder"]


def test_switching_to_what_it_is_changes_nothing(workspace: Workspace) -> None:
    assert scoring.switch_flags(workspace, "p", {"placeholder": True}, by="Ann") is None


def test_a_flag_that_does_not_exist_is_refused_by_name(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="'typo'"):
        scoring.switch_flags(workspace, "p", {"typo": False}, by="Ann")


def test_off_voice_is_off_at_first_for_support_and_on_for_voice(workspace: Workspace) -> None:
    projects.create_project(workspace, name="s", goal="support", by="Ann")
    on = {name: {f["name"] for f in scoring.list_flags(workspace, name) if f["is_on"]} for name in ("p", "s")}
    assert on["p"] - on["s"] == {"off_voice"}


def test_gold_is_marked_taken_out_and_undone(workspace: Workspace) -> None:
    measured(workspace, 3)
    assert scoring.mark_gold(workspace, "p", "post-1.md", by="Ann") == 1
    assert scoring.mark_gold(workspace, "p", "post-1.md", by="Ann") == 1
    assert scoring.mark_gold(workspace, "p", "post-2.md", by="Ann") == 2
    assert scoring.mark_gold(workspace, "p", "post-1.md", by="Ann", remove=True) == 1
    assert [row["external_id"] for row in scoring.gold_subset(workspace, "p")] == ["post-2.md"]
    scoring.undo_gold(workspace, "p", by="Ann")
    assert {row["external_id"] for row in scoring.gold_subset(workspace, "p")} == {"post-1.md", "post-2.md"}
    assert deciding.record_details(workspace, "p", "post-1.md")["is_gold"]
    assert scoring.undo_gold(workspace, "p", by="Ben") is None


def test_gold_needs_a_record(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        scoring.mark_gold(workspace, "p", "nobody", by="Ann")


def test_ten_gold_records_call_for_a_new_measurement(workspace: Workspace) -> None:
    measured(workspace, 12)
    project = projects.list_projects(workspace)[0]["id"]
    with workspace.store.transaction() as tx:
        from core.store import records as record_rows

        tx.execute("UPDATE curations SET fingerprint = ?", [record_rows.fingerprint(workspace.store, project)])
    for i in range(9):
        scoring.mark_gold(workspace, "p", f"post-{i}.md", by="Ann")
    assert curating.is_current(workspace, "p")
    scoring.mark_gold(workspace, "p", "post-9.md", by="Ann")
    assert not curating.is_current(workspace, "p")


def test_the_score_is_learnt_once_thirty_decisions_are_made(workspace: Workspace) -> None:
    measured(workspace, 36)
    for i in range(29):
        deciding.decide(workspace, "p", f"post-{i}.md", "reject" if i % 3 == 0 else "keep", by="Ann")
    assert scoring.score_state(workspace, "p")["n_missing"] == 1
    assert workspace.store.read("SELECT id FROM jobs WHERE kind = 'score'") == []
    for i in (29, 31):
        deciding.decide(workspace, "p", f"post-{i}.md", "keep", by="Ann")
    (job,) = workspace.store.read("SELECT id FROM jobs WHERE kind = 'score'")
    assert finish(workspace, job["id"])["state"] == "done"
    state = scoring.score_state(workspace, "p")
    assert (state["kind"], state["n_decisions"], state["facts"]["auroc"]) == ("learnt", 30, 1.0)
    assert score(workspace, "post-33.md") < 0.5 < score(workspace, "post-34.md")
    reasons = deciding.record_details(workspace, "p", "post-33.md")["reasons"]
    assert reasons[0].startswith("Speaks against it: The text is a stand-in")


def test_twenty_more_decisions_make_it_learn_again(workspace: Workspace) -> None:
    measured(workspace, 60)
    for i in range(50):
        deciding.decide(workspace, "p", f"post-{i}.md", "reject" if i % 3 == 0 else "keep", by="Ann")
        for job in workspace.store.read("SELECT id FROM jobs WHERE kind = 'score' AND state = 'queued'"):
            finish(workspace, job["id"])
    assert scoring.score_state(workspace, "p")["n_decisions"] == 50
    assert len(workspace.store.read("SELECT id FROM jobs WHERE kind = 'score'")) == 2
