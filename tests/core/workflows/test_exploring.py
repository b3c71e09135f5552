"""Search, filters, map, histograms and bulk undo on a real store; the measurements are made up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused
from core.workflows import curating, deciding, exploring, importing, projects, searching, tagging
from core.workflows.exploring import Area, RecordFilter, SignalRange
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

POSTS = {
    "invoice.md": "# About the invoice\n\nThe invoices went out late, and one customer rang about the price.",
    "price.md": "# About the price\n\nThe price of the price list, and what the customer pays for the list.",
    "van.md": "# About the van\n\nWe lost a van. `getVanById` is the call that finds it again.",
    "bench.md": "# About the bench\n\nA bench stands outside, and nobody sits on it in winter.",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exploring") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    imported(opened, POSTS)
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def imported(workspace: Workspace, texts: dict[str, str]) -> dict[str, str]:
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in texts.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    started = importing.import_files(workspace, "p", uploads, terms, name="posts", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return started


def measured(workspace: Workspace) -> None:
    job = curating.measure_records(workspace, "p", by="Ann")
    assert job is not None
    assert finish(workspace, job)["state"] == "done"


def names(workspace: Workspace, where: RecordFilter, *, order: str = "relevance") -> list[str]:
    return [row["external_id"] for row in deciding.list_records(workspace, "p", where, order=order)]


def edited(workspace: Workspace, record: str, text: str) -> None:
    deciding.edit_text(workspace, "p", record, text, by="Ann")


def test_words_find_records_in_the_order_of_their_worth(workspace: Workspace) -> None:
    assert names(workspace, RecordFilter(words="price")) == ["price.md", "invoice.md"]
    assert names(workspace, RecordFilter(words="customer price"), order="title") == ["invoice.md", "price.md"]
    assert deciding.count_records(workspace, "p", RecordFilter(words="van price")) == 0
    assert names(workspace, RecordFilter(words="get van by id")) == ["van.md"]


def test_words_are_found_in_the_text_as_it_stands_after_an_edit_and_its_undo(workspace: Workspace) -> None:
    assert names(workspace, RecordFilter(words="umbrella")) == []
    edited(workspace, "bench.md", "An umbrella stands outside.")
    assert names(workspace, RecordFilter(words="umbrella")) == ["bench.md"]
    assert names(workspace, RecordFilter(words="winter")) == []
    deciding.undo_last(workspace, "p", by="Ann")
    assert names(workspace, RecordFilter(words="winter")) == ["bench.md"]


def test_an_import_taken_back_is_found_no_more_and_a_new_one_at_once(workspace: Workspace) -> None:
    source = imported(workspace, {"late.md": "# Late\n\nThe jackdaw came late."})["source"]
    assert names(workspace, RecordFilter(words="jackdaw")) == ["late.md"]
    importing.undo_import(workspace, source, by="Ann")
    assert names(workspace, RecordFilter(words="jackdaw")) == []


@pytest.mark.parametrize("damage", ["gone", "torn", "old"])
def test_an_index_that_is_gone_torn_or_of_another_format_is_made_anew(workspace: Workspace, damage: str) -> None:
    assert names(workspace, RecordFilter(words="van")) == ["van.md"]
    (folder,) = workspace.folder.search.iterdir()
    if damage == "gone":
        shutil.rmtree(folder)
    elif damage == "torn":
        (folder / "meta.json").write_text("{")
    else:
        (folder / "state.json").write_text('{"format": 0, "revision": "x"}')
    assert names(workspace, RecordFilter(words="van")) == ["van.md"]


def test_a_large_index_is_made_by_a_job_and_words_are_taken_as_typed_until_then(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MAX_INDEXED_AT_ONCE", 2)
    found = searching.resolve(workspace, "p", RecordFilter(words="rice"))
    assert "exactly as typed" in found.note
    assert set(names(workspace, found.where)) == {"invoice.md", "price.md"}
    searching.resolve(workspace, "p", RecordFilter(words="rice"))
    (job,) = workspace.store.read("SELECT id FROM jobs WHERE kind = 'index'")
    assert finish(workspace, job["id"])["state"] == "done"
    found = searching.resolve(workspace, "p", RecordFilter(words="price"))
    assert found.note == ""
    assert names(workspace, found.where) == ["price.md", "invoice.md"]
    edited(workspace, "bench.md", "The price of a bench.")
    assert names(workspace, RecordFilter(words="price bench")) == ["bench.md"]


def test_like_asks_for_a_measured_record(workspace: Workspace) -> None:
    with pytest.raises(Refused, match=r"van\.md was not measured yet"):
        searching.resolve(workspace, "p", RecordFilter(like="van.md"))
    with pytest.raises(NotFound, match="no record 'nope'"):
        searching.resolve(workspace, "p", RecordFilter(like="nope"))


def test_like_gives_the_nearest_within_the_filter_and_is_fused_with_words(workspace: Workspace) -> None:
    measured(workspace)
    near = names(workspace, RecordFilter(like="van.md"))
    assert len(near) == 3
    assert "van.md" not in near
    deciding.decide(workspace, "p", near[0], "reject", by="Ann")
    assert names(workspace, RecordFilter(like="van.md", status="undecided")) == near[1:]
    both = names(workspace, RecordFilter(like="van.md", words="van"))
    assert set(both) == {*near, "van.md"}
    assert names(workspace, RecordFilter(like="van.md", words=near[-1].removesuffix(".md")))[0] == near[-1]


def test_about_asks_for_measured_records_and_a_short_text(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="The records were not measured yet"):
        searching.resolve(workspace, "p", RecordFilter(about="a lost vehicle"))
    with pytest.raises(Invalid, match="The text has 2,001 characters"):
        searching.resolve(workspace, "p", RecordFilter(about="x" * 2_001))


def test_about_gives_the_nearest_within_the_filter_and_asks_for_the_vector_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(workspace)
    (van,) = workspace.store.read(
        "SELECT v.vector FROM vectors v JOIN records r ON r.id = v.record_id WHERE r.external_id = 'van.md'"
    )
    asked: list[list[str]] = []

    def embed(texts: list[str]) -> np.ndarray[Any, Any]:
        asked.append(texts)
        return np.array([van["vector"]], dtype=np.float32)

    monkeypatch.setattr(workspace.embedder, "embed", embed)
    near = names(workspace, RecordFilter(about=" what is   like the van "))
    assert near[0] == "van.md"
    assert near[1:] == names(workspace, RecordFilter(like="van.md"))
    deciding.decide(workspace, "p", "van.md", "reject", by="Ann")
    assert names(workspace, RecordFilter(about="what is like the van", status="undecided")) == near[1:]
    assert asked == [["what is like the van"]]


def test_about_finds_by_meaning_what_shares_no_word(tmp_path: Path) -> None:
    class RealMeasures(made_up.MadeUpWorkers):
        REAL = frozenset({"curate"})

    opened = open_workspace(DataFolder(tmp_path / "data"), executor=RealMeasures())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    imported(opened, POSTS)
    measured(opened)
    assert names(opened, RecordFilter(about="where to sit down in the cold season"))[0] == "bench.md"
    assert names(opened, RecordFilter(about="what does it cost"))[0] == "price.md"
    opened.close()


def test_words_without_a_letter_are_refused_in_words(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="holds no word"):
        searching.resolve(workspace, "p", RecordFilter(words="+-"))


def test_a_snippet_marks_what_was_found(workspace: Workspace) -> None:
    (row,) = deciding.list_records(workspace, "p", RecordFilter(words="winter"))
    pieces = searching.snippets(workspace, "p", [row["id"]], "winter")[row["id"]]
    assert [piece.text for piece in pieces if piece.is_find] == ["winter"]


def test_flags_tags_and_ranges_all_have_to_hold(workspace: Workspace) -> None:
    measured(workspace)
    ids = sorted(row["id"] for row in deciding.list_records(workspace, "p", RecordFilter()))
    for tag, chosen in (("travel", ids[:3]), ("money", ids[2:])):
        for record in chosen:
            tagging.tag(workspace, "p", record, [tag], by="Ann")

    def chosen_ids(where: RecordFilter) -> list[str]:
        return sorted(row["id"] for row in deciding.list_records(workspace, "p", where))

    assert chosen_ids(RecordFilter(tags=("travel", "money"))) == [ids[2]]
    assert chosen_ids(RecordFilter(flag="truncated", tags=("travel",))) == [ids[0]]
    # Scores are made up as 0.5, 0.625, 0.75 and 0.875.
    assert chosen_ids(RecordFilter(ranges=(SignalRange("score", 0.6, 0.8),))) == ids[1:3]
    assert chosen_ids(RecordFilter(ranges=(SignalRange("place", 3, 9),))) == [ids[3]]


def test_an_area_and_a_theme_choose_by_the_map(workspace: Workspace) -> None:
    measured(workspace)
    drawn = exploring.map_of_records(workspace, "p", RecordFilter(), colour="decision")
    assert drawn.n == len(drawn.points) == 4
    assert {point["colour"] for point in drawn.points} == {"undecided"}
    place = drawn.points[0]
    area = Area(place["x"] - 0.01, place["x"] + 0.01, place["y"] - 0.01, place["y"] + 0.01)
    (only,) = deciding.list_records(workspace, "p", RecordFilter(area=area))
    assert only["id"] == place["id"]
    sizes = {theme["theme"]: theme["n"] for theme in exploring.themes(workspace, "p")}
    assert sizes == {0: 2, 1: 2}
    assert deciding.count_records(workspace, "p", RecordFilter(theme=0)) == 2


def test_a_map_of_many_draws_an_even_sample_that_stays(workspace: Workspace) -> None:
    measured(workspace)
    drawn = exploring.map_of_records(workspace, "p", RecordFilter(), limit=3)
    assert (len(drawn.points), drawn.n) == (3, 4)
    assert drawn.points == exploring.map_of_records(workspace, "p", RecordFilter(), limit=3).points


def test_a_project_measured_before_there_was_a_map_has_none_and_says_so(workspace: Workspace) -> None:
    assert exploring.themes(workspace, "p") == []
    assert exploring.map_of_records(workspace, "p", RecordFilter()).points == []


def test_histograms_count_every_record_and_those_of_the_filter(workspace: Workspace) -> None:
    measured(workspace)
    signals = exploring.signal_histograms(workspace, "p", RecordFilter(ranges=(SignalRange("score", 0.6, 1),)))
    assert next(iter(signals)) == "score"
    score = signals["score"]
    assert (score["lowest"], score["highest"], score["n"], score["n_fitting"]) == (0.5, 0.875, 4, 3)
    assert sum(bar["n"] for bar in score["bars"]) == 4
    assert score["bars"][-1]["high"] == 0.875


def test_what_a_filter_names_that_is_not_here_is_said_and_left_out(workspace: Workspace) -> None:
    measured(workspace)
    where = RecordFilter(
        words="van", status="lost", flags=("truncated", "nope"), tags=("none",), source="s_0",
        ranges=(SignalRange("weight", 0, 1),), theme=99,
    )  # fmt: skip
    kept, said = exploring.unknown_in(workspace, "p", where)
    assert kept == RecordFilter(words="van", flags=("truncated",))
    assert len(said) == 6
    assert any("flag “nope”" in sentence for sentence in said)


@pytest.mark.parametrize("text", ["score:0.25..0.5", "n_words:10..", "a:b:..3"])
def test_a_range_is_read_as_it_is_written(text: str) -> None:
    assert exploring.range_text(exploring.range_from(text)) == text


@pytest.mark.parametrize("text", ["score", "score:1", "score:a..b", "score:2..1", ":1..2", "score:nan..1"])
def test_a_range_that_is_none_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(Invalid, match=r"range|number"):
        exploring.range_from(text)


def test_an_area_is_read_as_it_is_written_and_nothing_else_is_one() -> None:
    assert exploring.area_text(exploring.area_from("-0.5..0.25,0..1")) == "-0.5..0.25,0..1"
    for text in ("1..2", "1..0,0..1", "a..b,0..1", "..,..", "0..1,0..inf"):
        with pytest.raises(Invalid):
            exploring.area_from(text)


def test_one_undo_takes_a_decision_on_many_back_whole_and_leaves_the_others(workspace: Workspace) -> None:
    deciding.decide(workspace, "p", "van.md", "keep", by="Ann")
    where = RecordFilter(words="price")
    deciding.decide_all(workspace, "p", where, "reject", by="Ann", expected=2)
    deciding.decide(workspace, "p", "price.md", "defer", by="Bo")
    assert deciding.last_bulk_act(workspace, "p", by="Bo") is None
    assert deciding.last_bulk_act(workspace, "p", by="Ann") == {"decision": "reject", "n": 2}
    assert deciding.undo_bulk(workspace, "p", by="Ann") == 2
    status = {row["external_id"]: row["status"] for row in deciding.list_records(workspace, "p", RecordFilter())}
    assert status == {"invoice.md": "undecided", "price.md": "deferred", "van.md": "kept", "bench.md": "undecided"}
    assert deciding.undo_bulk(workspace, "p", by="Ann") == 0


def test_chosen_records_are_decided_on_alone_and_a_wrong_number_is_refused(workspace: Workspace) -> None:
    ids: list[Any] = [row["id"] for row in deciding.list_records(workspace, "p", RecordFilter())][:2]
    where = RecordFilter(ids=tuple(ids))
    with pytest.raises(Conflict, match="2 records, not 3"):
        deciding.decide_all(workspace, "p", where, "keep", by="Ann", expected=3)
    assert deciding.decide_all(workspace, "p", where, "keep", by="Ann", expected=2) == 2
    assert deciding.count_records(workspace, "p", RecordFilter(status="kept")) == 2
    assert deciding.count_records(workspace, "p", replace(where, ids=())) == 0
