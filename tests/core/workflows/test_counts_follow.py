"""Whatever a page counts follows every act at once: what is given from memory is what the database says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.nouns import Decision
from core.workflows import (
    curating,
    deciding,
    duplicates,
    importing,
    projects,
    queueing,
    recipes,
    scoring,
    tagging,
    taxonomy,
    updating,
)
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from studio.warming import questions
from tests.e2e import made_up
from tests.jobs_by_hand import finish

TERMS = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
PROJECT = "p"


def import_articles(workspace: Workspace, numbers: range) -> str:
    lines = "".join(
        json.dumps({"id": f"a{n}", "text": " ".join(f"word{n}x{k}" for k in range(60)) + f". It costs {n} euros."}) + "\n"
        for n in numbers
    )  # fmt: skip
    upload = importing.keep_upload(workspace, f"articles-{numbers.start}.jsonl", lines.encode())
    started = importing.import_files(workspace, PROJECT, [upload], TERMS, name=f"from {numbers.start}", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return started["source"]


def measure(workspace: Workspace) -> None:
    job = curating.measure_records(workspace, PROJECT, by="Ann")
    assert job is not None
    assert finish(workspace, job)["state"] == "done"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A dozen measured records, three of them flagged and two alike."""
    opened = open_workspace(DataFolder(tmp_path_factory.mktemp("data")), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name=PROJECT, goal="voice", by="Ann")
    import_articles(opened, range(12))
    measure(opened)
    project = projects.list_projects(opened)[0]["id"]
    ids = sorted(row["id"] for row in deciding.list_records(opened, PROJECT, RecordFilter()))
    with opened.store.transaction() as tx:
        for record in ids[:3]:
            tx.execute(
                "INSERT INTO flags VALUES (?, ?, 'truncated', true, 'Cut.', 0, 3, NULL, NULL)", [project, record]
            )
        tx.execute("DELETE FROM pairs WHERE project_id = ?", [project])
        tx.execute(
            "INSERT INTO pairs VALUES (?, ?, ?, 'near', 0.8, 0.8, 0.8, 0.8, 0.9, 0.6, '', false)",
            [project, ids[4], ids[5]],
        )
    yield opened
    opened.close()


def named(workspace: Workspace, place: int) -> str:
    return sorted(row["id"] for row in deciding.list_records(workspace, PROJECT, RecordFilter()))[place]


def decided(decision: Decision) -> Callable[[Workspace], object]:
    return lambda w: deciding.decide(w, PROJECT, named(w, 0), decision, by="Ann")


def bulk(workspace: Workspace) -> None:
    n = deciding.count_records(workspace, PROJECT, RecordFilter())
    deciding.decide_all(workspace, PROJECT, RecordFilter(), "reject", by="Ann", expected=n)


def judged(workspace: Workspace) -> None:
    pair = duplicates.ask_pairs(workspace, PROJECT)[0]
    duplicates.judge_pair(workspace, PROJECT, pair["a"], pair["b"], "same", by="Ann", keep=pair["b"])


def newer_export(workspace: Workspace) -> None:
    upload = importing.keep_upload(
        workspace, "articles-0.jsonl", json.dumps({"id": "a0", "text": "Another text. It costs 7 euros now."}).encode()
    )
    source = importing.list_sources(workspace, PROJECT)[0]["id"]
    job = updating.update_source(workspace, PROJECT, source, [upload], by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"


# In this order, each on what the others left.
ACTS: dict[str, Callable[[Workspace], object]] = {
    "keep": decided(Decision.KEEP),
    "undo": decided(Decision.UNDO),
    "put off": decided(Decision.DEFER),
    "edit": lambda w: deciding.edit_text(w, PROJECT, named(w, 1), "A shorter text for 12 euros.", by="Ann"),
    "take the edit back": lambda w: deciding.undo_last(w, PROJECT, by="Ann"),
    "reject all": bulk,
    "take that back": lambda w: deciding.undo_bulk(w, PROJECT, by="Ann"),
    "add to the list of tags": lambda w: taxonomy.add_tags(w, PROJECT, ["rare"], by="Ann"),
    "tag": lambda w: tagging.tag(w, PROJECT, named(w, 2), ["rare"], by="Ann"),
    "take the tag back": lambda w: tagging.undo_last(w, PROJECT, by="Ann"),
    "switch a flag off": lambda w: scoring.switch_flags(w, PROJECT, {"truncated": False}, by="Ann"),
    "mark as gold": lambda w: scoring.mark_gold(w, PROJECT, named(w, 3), by="Ann"),
    "call a pair the same": judged,
    "take that judgement back": lambda w: duplicates.undo_last_judgement(w, PROJECT, by="Ann"),
    "ask about fewer pairs": lambda w: duplicates.set_thresholds(w, PROJECT, merge_at=0.95, ask_at=0.9, by="Ann"),
    "hold a record": lambda w: queueing.hold(w, PROJECT, named(w, 4), by="Bo"),
    "keep a recipe": lambda w: recipes.save_recipe(w, PROJECT, "mine", {"take": "everything"}, by="Ann"),
    "import more": lambda w: import_articles(w, range(20, 24)),
    "measure": measure,
    "bring in a newer export": newer_export,
    "take a source out": lambda w: importing.undo_import(w, importing.list_sources(w, PROJECT)[-1]["id"], by="Ann"),
}


def answers(workspace: Workspace) -> list[object]:
    everything = RecordFilter()
    told = [ask(workspace, PROJECT) for ask in questions()]
    told += [queueing.open_records(workspace, PROJECT, by="Ann", limit=5), duplicates.list_clusters(workspace, PROJECT)]
    told.append([deciding.record_details(workspace, PROJECT, named(workspace, place)) for place in range(4)])
    told.append(deciding.last_bulk_act(workspace, PROJECT, by="Ann"))
    return [*told, deciding.queue(workspace, PROJECT, everything, limit=5), recipes.list_recipes(workspace, PROJECT)]


@pytest.fixture(scope="module")
def earlier(workspace: Workspace) -> list[list[object]]:
    return [answers(workspace)]


@pytest.mark.parametrize("act", ACTS)
def test_every_count_follows_the_act_at_once(workspace: Workspace, earlier: list[list[object]], act: str) -> None:
    ACTS[act](workspace)
    from_memory = answers(workspace)
    # An unknown statement counts as one that writes everything: all is read anew.
    workspace.store.answers.note_writes(workspace.store.answers.written_by("an unknown statement"))
    assert from_memory == answers(workspace)
    assert from_memory != earlier[-1], "the act is one that a page shows"
    earlier.append(from_memory)


def test_a_page_of_clusters_is_a_piece_of_the_whole_list(tmp_path: Path) -> None:
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name=PROJECT, goal="voice", by="Ann")
    import_articles(opened, range(6))
    ids = sorted(row["id"] for row in deciding.list_records(opened, PROJECT, RecordFilter()))
    for a, b in ((0, 1), (2, 3), (4, 5)):
        duplicates.judge_pair(opened, PROJECT, ids[a], ids[b], "same", by="Ann")
    clusters = duplicates.list_clusters(opened, PROJECT)
    assert duplicates.count_clusters(opened, PROJECT) == len(clusters) == 3
    assert duplicates.list_clusters(opened, PROJECT, limit=2, offset=1) == clusters[1:]
    opened.close()


def test_a_record_is_not_found_from_another_project(workspace: Workspace) -> None:
    projects.create_project(workspace, name="q", goal="voice", by="Ann")
    with pytest.raises(deciding.NotFound, match="There is no record"):
        deciding.record_named(workspace, "q", named(workspace, 0))
