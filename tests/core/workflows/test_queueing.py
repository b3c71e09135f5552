"""The queue: what is settled, what comes first, who holds what, and what a second reader says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid
from core.store.connection import utc_now
from core.store.queue import SAMPLED
from core.workflows import deciding, importing, projects, queueing, tagging, taxonomy
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

N = 6


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("queueing") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    texts = {f"post-{i}.md": f"# About {i}\n\n" + " ".join(f"word{i}x{k}" for k in range(60)) for i in range(N)}
    uploads = [importing.keep_upload(opened, name, text.encode()) for name, text in texts.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    assert (
        finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])["state"]
        == "done"
    )
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def ids(workspace: Workspace) -> list[str]:
    rows = deciding.list_records(workspace, "p", RecordFilter(), order="title")
    return [row["id"] for row in rows]


def give_scores(workspace: Workspace, scores: list[float], clusters: list[tuple[str, list[int]]] | None = None) -> None:
    """The first records' scores, and clusters by place, the first member of each being canonical."""
    found = ids(workspace)
    project = projects.list_projects(workspace)[0]["id"]
    with workspace.store.transaction() as tx:
        for record, score in zip(found, scores, strict=False):
            tx.execute("INSERT INTO scores VALUES (?, ?, ?, [])", [record, project, score])
        for name, members in clusters or []:
            for place, member in enumerate(members):
                tx.execute(
                    "INSERT INTO cluster_members VALUES (?, ?, ?, ?)", [project, name, found[member], place == 0]
                )


def test_what_the_score_leaves_little_doubt_about_is_settled_by_rule(workspace: Workspace) -> None:
    give_scores(workspace, [1.0, 0.05, 0.5, 0.6, 0.7, 0.97])
    deciding.decide(workspace, "p", ids(workspace)[4], "keep", by="Ann")
    found = queueing.progress(workspace, "p", by="Ann")
    assert (found.n_person, found.n_taken, found.n_left_out, found.n_open) == (1, 2, 1, 2)
    assert found.n_rule == 3


def test_the_least_sure_score_comes_first_and_one_that_stands_for_many_before_it(workspace: Workspace) -> None:
    give_scores(workspace, [0.9, 0.5, 0.6, 0.6, 0.6, 1.0], [("c", [2, 3, 4])])
    found = ids(workspace)
    assert queueing.open_records(workspace, "p", by="Ann") == [found[2], found[1], found[0]]


def test_of_two_as_unsure_the_one_whose_tag_lacks_examples_comes_first(workspace: Workspace) -> None:
    give_scores(workspace, [0.6, 0.6, 0.6, 1.0, 1.0, 1.0])
    found = sorted(ids(workspace)[:3])
    taxonomy.add_tags(workspace, "p", ["rare"], by="Ann")
    tagging.tag(workspace, "p", found[2], ["rare"], by="Ann")
    assert queueing.open_records(workspace, "p", by="Ann") == [found[2], found[0], found[1]]
    taxonomy.set_target(workspace, "p", 1, by="Ann")
    assert queueing.open_records(workspace, "p", by="Ann") == found, "one example is enough now"


def test_the_beginning_of_the_queue_is_that_of_the_whole(workspace: Workspace) -> None:
    give_scores(workspace, [0.9, 0.5, 0.6, 0.7, 0.8, 0.4])
    assert (
        queueing.open_records(workspace, "p", by="Ann", limit=4) == queueing.open_records(workspace, "p", by="Ann")[:4]
    )


def test_a_record_put_off_stays_open_and_comes_last(workspace: Workspace) -> None:
    give_scores(workspace, [0.5, 0.4, 0.9, 1.0, 1.0, 1.0])
    found = ids(workspace)
    deciding.decide(workspace, "p", found[0], "defer", by="Ann")
    assert queueing.open_records(workspace, "p", by="Ann") == [found[1], found[2], found[0]]


def test_two_people_never_hold_the_same_row(workspace: Workspace) -> None:
    give_scores(workspace, [0.5, 0.4, 1.0, 1.0, 1.0, 1.0])
    first, second = ids(workspace)[:2]
    assert queueing.hold(workspace, "p", first, by="Ann") == ""
    assert queueing.open_records(workspace, "p", by="Bo") == [second]
    assert queueing.hold(workspace, "p", first, by="Bo") == "Ann"
    assert queueing.hold(workspace, "p", second, by="Ann") == ""
    assert queueing.hold(workspace, "p", first, by="Bo") == "", "Ann let go of it when she went on"


def test_a_hold_ends_by_itself_and_can_be_taken_over(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids(workspace)[0]
    queueing.hold(workspace, "p", first, by="Ann")
    assert queueing.hold(workspace, "p", first, by="Bo", takes_over=True) == ""
    assert queueing.hold(workspace, "p", first, by="Ann") == "Bo"
    later = utc_now() + timedelta(seconds=queueing.HOLD_SECONDS + 1)
    monkeypatch.setattr(queueing, "utc_now", lambda: later)
    assert queueing.hold(workspace, "p", first, by="Ann") == ""


def test_the_minutes_left_follow_the_persons_own_pace(workspace: Workspace) -> None:
    give_scores(workspace, [0.5] * N)
    assert queueing.progress(workspace, "p", by="Ann").minutes_left == pytest.approx(N * queueing.USUAL_SECONDS / 60)
    for record in ids(workspace):
        deciding.decide(workspace, "p", record, "defer", by="Ann")
    with workspace.store.transaction() as tx:
        for place, row in enumerate(tx.execute("SELECT id FROM decisions ORDER BY seq")):
            moment = datetime(2026, 1, 1) + timedelta(seconds=6 * place)
            tx.execute("UPDATE decisions SET decided_at = ? WHERE id = ?", [moment, row["id"]])
    found = queueing.progress(workspace, "p", by="Ann")
    assert (found.seconds_each, found.is_own_pace) == (6.0, True)
    assert found.minutes_left == pytest.approx(N * 6 / 60)
    assert not queueing.progress(workspace, "p", by="Bo").is_own_pace


def test_a_second_reader_sees_what_others_decided_and_changes_nothing(workspace: Workspace) -> None:
    first, second = ids(workspace)[:2]
    deciding.decide(workspace, "p", first, "keep", by="Ann")
    deciding.decide(workspace, "p", second, "reject", by="Bo")
    assert queueing.records_to_read_again(workspace, "p", by="Bo") == [], "no share was set"
    queueing.set_second_share(workspace, "p", share=1.0, by="Ann")
    assert queueing.records_to_read_again(workspace, "p", by="Bo") == [first]
    queueing.read_again(workspace, "p", first, "reject", by="Bo")
    assert deciding.record_details(workspace, "p", first)["status"] == "kept"
    assert queueing.records_to_read_again(workspace, "p", by="Bo") == []
    with pytest.raises(Conflict, match="does not wait for a second reading by Bo"):
        queueing.read_again(workspace, "p", first, "keep", by="Bo")


def test_disagreements_are_listed_until_somebody_settles_them(workspace: Workspace) -> None:
    found = ids(workspace)
    queueing.set_second_share(workspace, "p", share=1.0, by="Ann")
    for record in found[:4]:
        deciding.decide(workspace, "p", record, "keep", by="Ann")
    for record, reading in zip(found[:4], ("keep", "keep", "reject", "keep"), strict=True):
        queueing.read_again(workspace, "p", record, reading, by="Bo")
    told = queueing.agreement(workspace, "p")
    assert (told["n_readings"], told["n_agree"], [d["record_id"] for d in told["disagreements"]]) == (4, 3, [found[2]])
    assert told["kappa"] == pytest.approx(0.0)
    deciding.decide(workspace, "p", found[2], "reject", by="Cy")
    assert queueing.agreement(workspace, "p")["disagreements"] == []


def test_a_second_reading_can_be_taken_back(workspace: Workspace) -> None:
    first = ids(workspace)[0]
    queueing.set_second_share(workspace, "p", share=1.0, by="Ann")
    deciding.decide(workspace, "p", first, "keep", by="Ann")
    queueing.read_again(workspace, "p", first, "reject", by="Bo")
    assert queueing.undo_second_reading(workspace, "p", by="Bo") == first
    assert queueing.records_to_read_again(workspace, "p", by="Bo") == [first]
    assert queueing.agreement(workspace, "p")["n_readings"] == 0
    assert queueing.undo_second_reading(workspace, "p", by="Bo") == ""


def test_a_larger_share_holds_the_smaller_one_and_the_whole_everything(workspace: Workspace) -> None:
    for record in ids(workspace):
        deciding.decide(workspace, "p", record, "keep", by="Ann")
    samples = []
    for share in (0.0, 0.3, 0.6, 1.0):
        queueing.set_second_share(workspace, "p", share=share, by="Ann")
        samples.append(set(queueing.records_to_read_again(workspace, "p", by="Bo")))
    assert samples[0] == set()
    assert samples[0] <= samples[1] <= samples[2] <= samples[3] == set(ids(workspace))


def test_the_sample_holds_about_the_share_asked_for(workspace: Workspace) -> None:
    named = "FROM (SELECT 'r' || i AS record_id FROM range(10000) t(i)) d"
    (row,) = workspace.store.read(f"SELECT count(*) AS n {named} WHERE {SAMPLED}", {"share": 0.3})
    assert row["n"] == pytest.approx(3000, abs=150)


def test_a_share_of_more_than_everything_is_refused(workspace: Workspace) -> None:
    with pytest.raises(Invalid):
        queueing.set_second_share(workspace, "p", share=1.5, by="Ann")
