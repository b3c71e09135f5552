"""Where a project stands against its goal's range, and the one sentence that says what is next."""

from __future__ import annotations

import pytest

from core.store import measures as measure_rows
from core.store import records as record_rows
from core.workflows import projects
from core.workflows.readiness import readiness
from core.workflows.workspace import Workspace


def fill(
    workspace: Workspace,
    goal: str,
    *,
    n_good: int,
    n_bad: int = 0,
    n_kept: int = 0,
    n_words: int = 100,
    measured: bool = True,
) -> str:
    """A project with so many records; the bad ones have a defect, the kept ones are among the good."""
    project = projects.create_project(workspace, name="p", goal=goal, by="Ann")["id"]
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO records SELECT 'r' || i, ?, 's', 'f', i, 'e' || i, 'chat', '', 't', '{}', '{}', NULL, NULL, 'h' || i, ?, ?, 0 "
            "FROM range(?) t(i)",
            [project, n_words, tx.at, n_good + n_bad],
        )
        tx.execute(
            "INSERT INTO flags SELECT ?, 'r' || i, 'truncated', true, '', -1, -1, NULL, NULL FROM range(?) t(i)",
            [project, n_bad],
        )
        tx.execute(
            "INSERT INTO decisions (id, project_id, record_id, decision, text_sha256, note, decided_by, decided_at) "
            "SELECT 'd' || i, ?, 'r' || i, 'keep', 'h', '', 'Ann', ? FROM range(?, ?) t(i)",
            [project, tx.at, n_bad, n_bad + n_kept],
        )
    if measured:
        mark = record_rows.fingerprint(workspace.store, project)
        with workspace.store.transaction() as tx:
            measure_rows.note_curation(tx, project, job_id="j", fingerprint=mark, encoder="e", n_records=n_good + n_bad)
    return project


def test_nothing_imported_leads_to_the_sources(workspace: Workspace) -> None:
    fill(workspace, "support", n_good=0)
    ready = readiness(workspace, "p")
    assert (ready.n_good, ready.page) == (0, "sources")


def test_records_that_were_never_measured_come_first(workspace: Workspace) -> None:
    fill(workspace, "support", n_good=1_200, measured=False)
    assert readiness(workspace, "p").sentence.startswith("Some records were not measured")


def test_too_few_with_doubtful_ones_leads_to_curate_with_their_number(workspace: Workspace) -> None:
    fill(workspace, "support", n_good=966, n_bad=61)
    ready = readiness(workspace, "p")
    assert (ready.n_good, ready.low, ready.high, ready.page) == (966, 1_000, 5_000, "curate")
    assert ready.sentence == (
        "34 more examples to go: 61 records with a defect or put off wait for a person; look at them in Curate."
    )


def test_too_few_without_a_doubtful_one_leads_to_more_writing(workspace: Workspace) -> None:
    fill(workspace, "support", n_good=900)
    ready = readiness(workspace, "p")
    assert (ready.sentence, ready.page) == (
        "100 more examples to go, and no record is in doubt: add more writing, or loosen the recipe.", "sources",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n_good", "n_kept", "begins"),
    [
        (1_000, 1, "Enough: freeze a version."),
        (1_000, 0, "Enough: freeze. No person"),
        (5_001, 3, "More than the 5,000"),
    ],
)
def test_enough_leads_to_a_version(workspace: Workspace, n_good: int, n_kept: int, begins: str) -> None:
    fill(workspace, "support", n_good=n_good, n_kept=n_kept)
    ready = readiness(workspace, "p")
    assert ready.sentence.startswith(begins)
    assert ready.page == "datasets"


def test_a_voice_counts_the_sections_that_its_posts_would_give(workspace: Workspace) -> None:
    fill(workspace, "voice", n_good=60, n_words=920)
    ready = readiness(workspace, "p")
    assert (ready.n_good, ready.is_estimated, ready.low) == (240, True, 200)
