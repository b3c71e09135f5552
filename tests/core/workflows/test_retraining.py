"""Reasons to train again from a project's own state."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.store.connection import utc_now
from core.workflows import deciding, importing, limiting, projects, retraining, training
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish


def brought_in(workspace: Workspace, start: int, n: int) -> None:
    words = " ".join(f"word{k}" for k in range(60))
    files = [
        importing.keep_upload(workspace, f"{k}.md", f"# On {k}\n\n{words} {k}.".encode())
        for k in range(start, start + n)
    ]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(workspace, importing.import_files(workspace, "p", files, terms, name=f"s{start}", by="Ann")["job"])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a version that holds most of 70 records, then 30 new ones."""
    root = tmp_path_factory.mktemp("retraining") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    brought_in(opened, 0, 70)
    made_up.frozen(opened, "p", "v1")
    made_up.trained(opened, "p", "v1")
    brought_in(opened, 100, 30)
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def reasons(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in retraining.retraining(workspace, "p")["reasons"]}


def turned(angle: float) -> list[float]:
    return [math.cos(angle), math.sin(angle), *([0.0] * 382)]


def place(workspace: Workspace, *, new: float) -> None:
    """Vectors on a circle: the first seventy within a small arc, the new ones from an angle on."""
    rows = workspace.store.read(
        "SELECT r.id, r.project_id, r.text_sha256, s.name FROM records r JOIN sources s ON s.id = r.source_id"
    )
    with workspace.store.transaction() as tx:
        for k, row in enumerate(rows):
            angle = 0.001 * k if row["name"] == "s0" else new + 0.0001 * k
            tx.execute(
                "INSERT INTO vectors VALUES (?, ?, 'made up', ?, ?::FLOAT[384])", [row["id"], row["project_id"], row["text_sha256"], turned(angle)]
            )  # fmt: skip


def test_nothing_is_said_where_there_is_nothing_to_say(workspace: Workspace) -> None:
    place(workspace, new=0.02)
    found = retraining.retraining(workspace, "p")
    assert (found["version"], found["reasons"]) == ("v1", [])


def test_new_material_far_from_the_versions_records_is_told_with_its_share(workspace: Workspace) -> None:
    place(workspace, new=1.0)
    found = reasons(workspace)["drift"]["counts"]
    assert (found["n_new"], found["n_far"]) == (30, 30)
    assert found["n_held"] >= 50
    for row in deciding.list_records(workspace, "p", deciding.RecordFilter(), limit=100):
        if int(row["external_id"].removesuffix(".md")) >= 112:
            deciding.decide(workspace, "p", row["id"], "reject", by="Ann")
    assert "drift" not in reasons(workspace), "what was rejected is no new material, and 12 are too few"


def test_records_kept_since_are_counted(workspace: Workspace) -> None:
    for k in range(100, 119):
        deciding.decide(workspace, "p", f"{k}.md", "keep", by="Ann")
    deciding.decide(workspace, "p", "3.md", "keep", by="Ann")
    assert "kept" not in reasons(workspace), "the version holds the twentieth"
    deciding.decide(workspace, "p", "119.md", "keep", by="Ann")
    assert reasons(workspace)["kept"]["counts"]["n_new"] == 20


def test_a_source_of_the_version_that_ends_is_told_and_one_that_came_later_is_not(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = ?", [utc_now().date() + timedelta(days=9)])
    (one,) = retraining.retraining(workspace, "p")["reasons"]
    assert (one["kind"], one["counts"]["source"], one["counts"]["days"]) == ("sources", "s0", 9)


def test_what_was_withdrawn_of_the_version_is_a_reason(workspace: Workspace) -> None:
    source = next(one for one in importing.list_sources(workspace, "p") if one["name"] == "s0")
    limiting.withdraw_source(workspace, source["id"], reason="They asked for it.", by="Ann")
    (one,) = retraining.retraining(workspace, "p")["reasons"]
    assert one["kind"] == "lapsed"
    assert "s0" in one["sentence"]
    assert one["sentence"].endswith("may not be used as it is.")


def test_a_rate_below_the_target_is_a_reason_for_the_newest_run_alone(workspace: Workspace) -> None:
    run = retraining.retraining(workspace, "p")["run"]
    tuned = {"n": 60, "passed": 12, "rate": 0.2, "is_enough": True, "any_time": [0.1, 0.4]}
    summary = {"run": run, "system": "tuned", "uneven_in_words": "", "systems": {"tuned": tuned}}
    assert [one["kind"] for one in retraining.retraining(workspace, "p", summary=summary)["reasons"]] == ["rate"]
    assert retraining.retraining(workspace, "p", summary=summary | {"run": "another"})["reasons"] == []


def test_while_a_run_is_under_way_nothing_is_suggested(workspace: Workspace) -> None:
    place(workspace, new=1.0)
    training.start_run(workspace, "p", "v1", by="Ann")
    assert retraining.retraining(workspace, "p")["reasons"] == []
