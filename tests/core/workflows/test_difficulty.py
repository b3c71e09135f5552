"""Doubtful answers are read by a base model, in real workers with a tiny model; their scores follow."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Invalid, ModelMissing, Refused
from core.store import difficulty as difficulty_rows
from core.workflows import curating, deciding, difficulty, importing, projects
from core.workflows.deciding import RecordFilter
from core.workflows.updating import update_source
from core.workflows.workspace import Workspace, open_workspace
from tests.core.training.tiny import tiny_folder
from tests.e2e import made_up
from tests.jobs_by_hand import finish

THREADS = [{"id": f"t{i}", "question": f"bike wheel {i}", "answer": f"door window {i}"} for i in range(8)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_folder(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("difficulty") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="support", by="Ann")
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    upload = importing.keep_upload(opened, "threads.jsonl", as_lines(THREADS))
    finish(opened, importing.import_files(opened, "p", [upload], terms, name="s", by="Ann")["job"])
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def as_lines(rows: list[dict[str, str]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def measure(workspace: Workspace, *scores: float) -> None:
    """Measure, and put these scores in the place of the first records'; the others are beyond doubt."""
    job = curating.measure_records(workspace, "p", by="Ann")
    if job is not None:
        finish(workspace, job)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE scores SET score = 1")
        for i, score in enumerate(scores):
            tx.execute(
                "UPDATE scores SET score = ? WHERE record_id = (SELECT id FROM records WHERE external_id = ?)",
                [score, f"t{i}"],
            )


def read(workspace: Workspace, base: str, **options: int) -> None:
    job = difficulty.measure_difficulty(workspace, "p", by="Ann", base=base, **options)
    assert job is not None
    assert finish(workspace, job)["state"] == "done"


def signals(workspace: Workspace) -> dict[str, float]:
    rows = workspace.store.read(
        "SELECT r.external_id, s.value FROM signals s JOIN records r ON r.id = s.record_id WHERE s.name = 'loss_left'"
    )
    return {row["external_id"]: row["value"] for row in rows}


def standing(workspace: Workspace, base: str) -> tuple[int, int]:
    now = difficulty.doubtful(workspace, "p", base=base)
    return now.n, now.n_measured


def test_only_records_in_doubt_are_read_the_most_doubtful_first(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.9, 0.5, 0.1, 0.6)
    assert standing(workspace, base) == (3, 0)
    read(workspace, base, limit=2)
    assert signals(workspace).keys() == {"t1", "t3"}
    assert standing(workspace, base) == (3, 2)


def test_what_was_read_is_not_read_again(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5, 0.6)
    read(workspace, base)
    measure(workspace, 0.5, 0.6)
    assert difficulty.measure_difficulty(workspace, "p", by="Ann", base=base) is None


def test_the_scores_are_made_anew_with_it(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5)
    read(workspace, base)
    (job,) = workspace.store.read("SELECT id FROM jobs WHERE kind = 'score'")
    assert finish(workspace, job["id"])["state"] == "done"
    assert deciding.record_details(workspace, "p", "t0")["signals"]["loss_left"] == signals(workspace)["t0"]


def test_the_signal_outlives_a_new_measurement_and_is_scored_with_again(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5)
    read(workspace, base)
    before = signals(workspace)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE curations SET fingerprint = 'older'")
    measure(workspace, 0.5)
    assert signals(workspace) == before
    assert len(workspace.store.read("SELECT id FROM jobs WHERE kind = 'score'")) == 2


def test_a_changed_text_is_in_doubt_anew(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5, 0.6)
    read(workspace, base)
    newer = [row | {"answer": "late paper"} if row["id"] == "t0" else row for row in THREADS]
    upload = importing.keep_upload(workspace, "threads.jsonl", as_lines(newer))
    (source,) = importing.list_sources(workspace, "p")
    finish(workspace, update_source(workspace, "p", source["id"], [upload], by="Ann")["job"])
    measure(workspace, 0.5, 0.6)
    assert standing(workspace, base) == (2, 1)
    assert signals(workspace).keys() == {"t1"}


def test_a_record_that_gives_no_example_is_looked_at_once(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5)
    with workspace.store.transaction() as tx:
        tx.execute(
            "UPDATE records SET content = json_merge_patch(content, '{\"messages\": []}') WHERE external_id = 't0'"
        )
    read(workspace, base)
    assert standing(workspace, base) == (1, 1)
    assert difficulty.doubtful(workspace, "p", base=base).n_read == 0
    assert signals(workspace) == {}


def test_what_the_length_explains_is_taken_off(workspace: Workspace) -> None:
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    rows = [{"id": f"n{i}", "question": f"bike {i} {'x' * i}", "answer": f"door {i}"} for i in range(30)]
    upload = importing.keep_upload(workspace, "more.jsonl", as_lines(rows))
    finish(workspace, importing.import_files(workspace, "p", [upload], terms, name="more", by="Ann")["job"])
    ids = deciding.queue(workspace, "p", RecordFilter())[:30]
    project = projects.list_projects(workspace)[0]["id"]
    with workspace.store.transaction() as tx:
        for i, record in enumerate(ids):
            # Ratios on a straight line through the logarithm of the length, but for the last one.
            values = [record, project, 0.7 + 0.05 * math.log(i + 2) + (0.3 if i == 29 else 0), i + 2]
            tx.execute(
                "INSERT INTO difficulties SELECT ?, ?, 'b', r.text_sha256, ?, 1, ?, now()::TIMESTAMP FROM records r WHERE r.id = ?",
                [*values, record],
            )
        assert difficulty_rows.write_signals(tx, project) == 30
    found = {
        row["record_id"]: row["value"]
        for row in workspace.store.read("SELECT record_id, value FROM signals WHERE name = 'difficulty'")
    }
    usual = [found[record] for record in ids[:29]]
    assert max(usual) - min(usual) < 0.1
    assert found[ids[29]] > max(usual) + 0.2


def test_of_few_records_the_ratio_alone_is_a_signal(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5, 0.6)
    read(workspace, base)
    ratios = workspace.store.read("SELECT prompted / alone AS ratio FROM difficulties ORDER BY ratio")
    assert sorted(signals(workspace).values()) == pytest.approx([row["ratio"] for row in ratios])
    assert workspace.store.read("SELECT 1 FROM signals WHERE name = 'difficulty'") == []


def test_what_people_have_decided_is_read_last(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5, 0.9)
    deciding.decide(workspace, "p", "t0", "keep", by="Ann")
    read(workspace, base, limit=1)
    assert signals(workspace).keys() == {"t1"}


def test_one_that_is_under_way_is_not_begun_a_second_time(workspace: Workspace, base: str) -> None:
    measure(workspace, 0.5)
    first = difficulty.measure_difficulty(workspace, "p", by="Ann", base=base)
    assert difficulty.measure_difficulty(workspace, "p", by="Ann", base=base) == first


def test_before_the_first_measuring_it_is_refused(workspace: Workspace, base: str) -> None:
    with pytest.raises(Refused, match="not measured yet"):
        difficulty.measure_difficulty(workspace, "p", by="Ann", base=base)


def test_a_limit_of_none_and_a_base_that_is_not_there_are_refused(workspace: Workspace, base: str) -> None:
    with pytest.raises(Invalid, match="0 records"):
        difficulty.measure_difficulty(workspace, "p", by="Ann", base=base, limit=0)
    with pytest.raises(ModelMissing):
        difficulty.measure_difficulty(workspace, "p", by="Ann", base="nowhere/at-all")


def test_an_answer_that_fits_any_question_has_a_lower_score() -> None:
    from core.curate.score import score_of

    assert score_of([], {"loss_left": 0.99}).value == 1
    lowered = score_of([], {"loss_left": 1.04})
    assert lowered.value == pytest.approx(0.85)
    assert lowered.reasons == (
        "What is asked says nothing of the text: it is no easier to foresee with it than without (1.04 of its loss is left).",
    )
