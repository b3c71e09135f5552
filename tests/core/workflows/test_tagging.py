"""Tagging: the list and its records change together, every act is undone whole, alike ones are found, gaps are counted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused
from core.workflows import deciding, duplicates, importing, projects, suggesting, tagging, taxonomy
from core.workflows.curating import measure_records
from core.workflows.deciding import RecordFilter
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

N_POSTS = 10
TOPICS = {
    "billing": "invoice money refund card payment charge price bank receipt account",
    "diary": "calendar booking week round monday route visit hour slot holiday",
    "privacy": "delete copy data household address letter consent keep erase export",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A studio with ten measured posts of each topic; importing them anew for each test takes a worker each time."""
    folder = tmp_path_factory.mktemp("template") / "data"
    opened = open_workspace(DataFolder(folder), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="support", by="Ann")
    imported(opened, N_POSTS)
    opened.close()
    return folder


@pytest.fixture
def workspace(tmp_path: Path, template: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def imported(workspace: Workspace, n: int) -> None:
    """n posts of each topic, called billing-0.md and so on, and measured."""
    texts = {
        f"{topic}-{i}.md": f"# {topic} {i}\n\n"
        + " ".join(word for k, word in enumerate(words.split() * 3) if k % 10 != i)
        for topic, words in TOPICS.items()
        for i in range(n)
    }
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in texts.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    started = importing.import_files(workspace, "p", uploads, terms, name="s", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    job = measure_records(workspace, "p", by="Ann")
    assert job is not None
    assert finish(workspace, job)["state"] == "done"


def listed(workspace: Workspace) -> list[tuple[str, str, int]]:
    return [(tag["tag"], tag["shortcut"], tag["n"]) for tag in taxonomy.list_tags(workspace, "p")]


def tags_of(workspace: Workspace, record: str) -> list[str]:
    found: list[str] = tagging.tags_of(workspace, "p", record)["tags"]
    return found


def test_a_tag_is_given_once_and_undone_by_the_one_who_gave_it(workspace: Workspace) -> None:
    assert tagging.tag(workspace, "p", "billing-0.md", ["Refunds", "fault"], by="Ann") == ["Refunds", "fault"]
    assert tagging.tag(workspace, "p", "billing-0.md", ["fault"], by="Bo") == ["Refunds", "fault"]
    assert tagging.undo_last(workspace, "p", by="Bo") is None, "giving a tag that is there is no act"
    undone = tagging.undo_last(workspace, "p", by="Ann")
    assert undone is not None
    assert (undone.act, undone.n_records) == ("tag", 1)
    assert tags_of(workspace, "billing-0.md") == []
    assert tagging.undo_last(workspace, "p", by="Ann") is None


def test_undo_leaves_alone_what_a_colleague_did_since(workspace: Workspace) -> None:
    tagging.tag(workspace, "p", "billing-0.md", ["fault", "fees"], by="Ann")
    tagging.tag(workspace, "p", "billing-0.md", ["fault"], by="Bo", remove=True)
    tagging.tag(workspace, "p", "billing-0.md", ["fault"], by="Bo")
    tagging.undo_last(workspace, "p", by="Ann")
    assert tags_of(workspace, "billing-0.md") == ["fault"]


def test_a_tag_is_spelled_as_the_list_spells_it(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["Billing / Refunds"], by="Ann")
    assert tagging.tag(workspace, "p", "billing-0.md", ["billing/refunds"], by="Ann") == ["Billing / Refunds"]


def test_new_tags_get_the_next_free_key_and_their_parents(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["diary", "billing / refunds"], by="Ann")
    assert listed(workspace) == [("diary", "1", 0), ("billing", "", 0), ("billing / refunds", "2", 0)]
    with pytest.raises(Conflict, match="There is a tag 'Diary' already"):
        taxonomy.add_tags(workspace, "p", ["Diary"], by="Ann")
    taxonomy.change_tag(
        workspace, "p", "Diary", by="Ann", shortcut="d", colour="green", meaning="  Rounds\nand bookings "
    )
    assert taxonomy.export_list(workspace, "p", "csv").splitlines()[1] == "diary,d,green,Rounds and bookings"
    with pytest.raises(Invalid, match="The key 'd' stands in row 1 already"):
        taxonomy.change_tag(workspace, "p", "billing", by="Ann", shortcut="d", colour="", meaning="")


def test_renaming_takes_the_branch_and_its_records_along_and_is_undone_whole(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["billing", "billing / refunds"], by="Ann")
    tagging.tag(workspace, "p", "billing-0.md", ["billing / refunds"], by="Ann")
    tagging.tag(workspace, "p", "diary-0.md", ["billing"], by="Ann")
    assert taxonomy.rename_tag(workspace, "p", "billing", "money", by="Ann") == 2
    assert listed(workspace) == [("money", "1", 1), ("money / refunds", "2", 1)]
    assert tags_of(workspace, "billing-0.md") == ["money / refunds"]
    undone = tagging.undo_last(workspace, "p", by="Ann")
    assert undone is not None
    assert (undone.act, undone.n_records, undone.record) == ("rename", 2, None)
    assert listed(workspace) == [("billing", "1", 1), ("billing / refunds", "2", 1)]
    assert tags_of(workspace, "diary-0.md") == ["billing"]


def test_renaming_to_a_name_that_is_there_is_a_merge_and_refused(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["billing", "fees"], by="Ann")
    with pytest.raises(Conflict, match="There is a tag 'fees' already"):
        taxonomy.rename_tag(workspace, "p", "billing", "Fees", by="Ann")
    with pytest.raises(Invalid, match="cannot become a part of itself"):
        taxonomy.rename_tag(workspace, "p", "billing", "billing / all", by="Ann")
    with pytest.raises(NotFound, match="holds no 'vat'"):
        taxonomy.rename_tag(workspace, "p", "vat", "tax", by="Ann")


def test_merging_leaves_no_record_behind_and_none_with_the_tag_twice(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["billing", "billing / vat", "fees", "fees / vat"], by="Ann")
    tagging.tag(workspace, "p", "billing-0.md", ["billing", "fees"], by="Ann")
    tagging.tag(workspace, "p", "billing-1.md", ["billing / vat"], by="Ann")
    assert taxonomy.merge_tag(workspace, "p", "billing", "fees", by="Ann") == 2
    assert listed(workspace) == [("fees", "3", 1), ("fees / vat", "4", 1)]
    tagging.undo_last(workspace, "p", by="Ann")
    assert tags_of(workspace, "billing-0.md") == ["billing", "fees"]
    with pytest.raises(Invalid, match="cannot be merged into"):
        taxonomy.merge_tag(workspace, "p", "billing", "billing / vat", by="Ann")


def test_a_part_merged_into_what_is_above_it_keeps_its_own_parts(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["a", "a / a", "a / a / b"], by="Ann")
    tagging.tag(workspace, "p", "billing-0.md", ["a / a", "a / a / b"], by="Ann")
    taxonomy.merge_tag(workspace, "p", "a / a", "a", by="Ann")
    assert [tag for tag, _, _ in listed(workspace)] == ["a", "a / b"]
    assert tags_of(workspace, "billing-0.md") == ["a", "a / b"]


def test_removing_a_tag_in_use_says_how_many_records_carry_it(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["fault", "diary"], by="Ann")
    for record in ("billing-0.md", "diary-0.md"):
        tagging.tag(workspace, "p", record, ["fault"], by="Ann")
    with pytest.raises(Conflict, match=r"Records carry what would go: fault \(2 records\)"):
        taxonomy.remove_tag(workspace, "p", "fault", by="Ann")
    with pytest.raises(Conflict, match=r"fault \(2 records\)"):
        taxonomy.set_list(workspace, "p", [{"tag": "diary"}], by="Ann")
    assert taxonomy.remove_tag(workspace, "p", "fault", by="Ann", in_use="keep") == 0
    assert tags_of(workspace, "diary-0.md") == ["fault"]
    tagging.undo_last(workspace, "p", by="Ann")
    assert taxonomy.remove_tag(workspace, "p", "fault", by="Ann", in_use="untag") == 2
    assert tags_of(workspace, "diary-0.md") == []
    tagging.undo_last(workspace, "p", by="Ann")
    assert listed(workspace)[0] == ("fault", "1", 2)


def test_the_list_is_not_put_back_over_a_colleagues_change(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["fault"], by="Ann")
    taxonomy.add_tags(workspace, "p", ["diary"], by="Bo")
    with pytest.raises(Conflict, match="Bo changed the list of tags since"):
        tagging.undo_last(workspace, "p", by="Ann")
    tagging.undo_last(workspace, "p", by="Bo")
    tagging.undo_last(workspace, "p", by="Ann")
    assert listed(workspace) == []


def test_an_import_adds_and_changes_and_takes_nothing_away(workspace: Workspace) -> None:
    taxonomy.set_list(workspace, "p", [{"tag": "diary", "shortcut": "1"}, {"tag": "fault", "shortcut": "2"}], by="Ann")
    text = "tag,key,colour,meaning\nDiary,,blue,Rounds\nrefunds,2,,\nbad/,,,\n"
    done = taxonomy.import_list(workspace, "p", text, "csv", by="Ann")
    assert (done.n_added, done.n_changed, done.lost_keys) == (1, 1, ["fault"])
    assert [(row.row, row.value) for row in done.rejected] == [(3, "bad/")]
    assert listed(workspace) == [("diary", "", 0), ("fault", "", 0), ("refunds", "2", 0)]
    exported = taxonomy.export_list(workspace, "p", "json")
    again = taxonomy.import_list(workspace, "p", exported, "json", by="Ann")
    assert (again.n_added, again.n_changed, again.rejected) == (0, 0, [])
    assert taxonomy.export_list(workspace, "p", "json") == exported


def tagged_by_topic(workspace: Workspace, n: int) -> None:
    for topic in TOPICS:
        for i in range(n):
            tagging.tag(workspace, "p", f"{topic}-{i}.md", [topic], by="Ann")


def suggested(workspace: Workspace) -> None:
    job = suggesting.standing(workspace, "p").job or suggesting.suggest_tags(workspace, "p", by="Ann")
    assert finish(workspace, job)["state"] == "done"


def test_before_enough_is_tagged_the_numbers_are_said_and_nothing_is_suggested(workspace: Workspace) -> None:
    tagged_by_topic(workspace, 4)
    assert suggesting.standing(workspace, "p").words == "Not enough tagged records yet: 12 of at least 20."
    with pytest.raises(Refused, match="12 of at least 20"):
        suggesting.suggest_tags(workspace, "p", by="Ann")
    assert tagging.tags_of(workspace, "p", "billing-4.md")["suggestions"] == []


def test_suggestions_are_worked_out_by_themselves_once_enough_is_tagged(workspace: Workspace) -> None:
    tagged_by_topic(workspace, 7)
    job = suggesting.standing(workspace, "p").job
    assert job is not None, "the twentieth tagged record starts the job"
    assert finish(workspace, job)["state"] == "done"
    found = tagging.tags_of(workspace, "p", "diary-9.md")["suggestions"]
    assert found[0]["tag"] == "diary"
    assert found[0]["confidence"] > 0.6
    assert "nearest tagged records carry it" in found[0]["why"]
    evaluation = suggesting.standing(workspace, "p").evaluation
    assert evaluation is not None
    assert (evaluation["n_tags"], evaluation["top1"]) == (3, 1.0)
    assert suggesting.suggest_when_due(workspace, "p", by="Ann") is None, "one tagging since is not ten"


def test_records_wait_without_tag_rejection_or_double_and_keep_their_place(workspace: Workspace) -> None:
    deciding.decide(workspace, "p", "billing-0.md", "reject", by="Ann")
    first = tagging.waiting(workspace, "p")
    assert (first.n, first.is_waiting) == (29, False)
    assert first.first is not None
    second = tagging.waiting(workspace, "p", record=first.first)
    assert (second.is_waiting, second.n_before) == (True, 0)
    assert second.next is not None
    tagging.tag(workspace, "p", first.first, ["x"], by="Ann")
    after = tagging.waiting(workspace, "p", record=first.first)
    assert (after.n, after.is_waiting, after.n_before, after.next, after.previous) == (28, False, 0, second.next, None)


def test_the_doubtful_ones_come_first_or_last_and_by_their_suggestion(workspace: Workspace) -> None:
    tagged_by_topic(workspace, 7)
    suggested(workspace)
    found = tagging.waiting(workspace, "p", suggested="privacy")
    assert found.n == 3
    order, record = [], tagging.waiting(workspace, "p").first
    while record:
        order.append(tagging.tags_of(workspace, "p", record)["suggestions"])
        record = tagging.waiting(workspace, "p", record=record).next
    margins = [round(one[0]["confidence"] - one[1]["confidence"], 7) for one in order]
    assert len(margins) == 9
    assert margins == sorted(margins)
    most_certain = tagging.waiting(workspace, "p", certain_first=True).first
    assert most_certain is not None
    assert tagging.tags_of(workspace, "p", most_certain)["suggestions"][0]["confidence"] == max(
        o[0]["confidence"] for o in order
    )


def test_alike_ones_are_tagged_together_and_undone_together(workspace: Workspace) -> None:
    tagging.tag(workspace, "p", "diary-1.md", ["diary"], by="Ann")
    rows = tagging.alike(workspace, "p", "diary-0.md", "diary")
    assert sorted(row["external_id"] for row in rows) == [f"diary-{n}.md" for n in range(2, 10)]
    assert not any(row["is_sure"] for row in rows), "near is not sure"
    assert [row["cosine"] for row in rows] == sorted((row["cosine"] for row in rows), reverse=True)
    ids = [row["id"] for row in rows]
    with pytest.raises(Conflict, match="8 of these records are without the tag 'diary' by now, not 9"):
        tagging.tag_alike(workspace, "p", ids, "diary", by="Ann", expected=9)
    assert tags_of(workspace, "diary-2.md") == [], "nothing is half done"
    assert tagging.tag_alike(workspace, "p", ids, "diary", by="Ann", expected=8) == 8
    assert tagging.alike(workspace, "p", "diary-0.md", "diary") == []
    undone = tagging.undo_last(workspace, "p", by="Ann")
    assert undone is not None
    assert (undone.act, undone.n_records) == ("tag_alike", 8)
    assert [tags_of(workspace, one) for one in ids] == [[]] * 8


def test_coverage_counts_good_examples_by_branch_and_calls_gaps_out(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["billing / refunds", "billing / fees", "diary"], by="Ann")
    for n, tag in enumerate(("billing / refunds", "billing / refunds", "billing / fees")):
        tagging.tag(workspace, "p", f"billing-{n}.md", [tag], by="Ann")
        deciding.decide(workspace, "p", f"billing-{n}.md", "keep" if n < 2 else "reject", by="Ann")
    tagging.tag(workspace, "p", "diary-0.md", ["unheard of"], by="Ann")
    taxonomy.set_target(workspace, "p", 5, by="Ann")
    found = taxonomy.coverage(workspace, "p")
    assert [(row["tag"], row["n_records"], row["n_good"], row["n_short"]) for row in found["tags"]] == [
        ("billing", 3, 2, 0), ("billing / refunds", 2, 2, 3), ("billing / fees", 1, 0, 5), ("diary", 0, 0, 5),
    ]  # fmt: skip
    assert found["tags"][1]["words"] == "billing / refunds: 2 good examples, 3 short"
    assert found["tags"][2]["words"] == "billing / fees: no good example, 5 short"
    assert found["n_short"] == 13
    assert [row["tag"] for row in found["unlisted"]] == ["unheard of"]
    assert deciding.count_records(workspace, "p", RecordFilter(tag="billing")) == 3, "a branch is found by its name"
    taxonomy.set_target(workspace, "p", None, by="Ann")
    assert taxonomy.coverage(workspace, "p")["target"] == 334, "a third of what a support project needs at least"
    with pytest.raises(Invalid, match="A target of 0 examples is not possible"):
        taxonomy.set_target(workspace, "p", 0, by="Ann")


def test_of_records_that_say_the_same_one_counts_and_a_defect_does_not(workspace: Workspace) -> None:
    taxonomy.add_tags(workspace, "p", ["all"], by="Ann")
    for topic in TOPICS:
        for n in range(N_POSTS):
            tagging.tag(workspace, "p", f"{topic}-{n}.md", ["all"], by="Ann")
    (row,) = taxonomy.coverage(workspace, "p")["tags"]
    assert (row["n_records"], row["n_good"], row["n_defect"]) == (30, 20, 10), "the made-up measuring flags every third"
    (pair,) = duplicates.ask_pairs(workspace, "p")
    for record in (pair["a"], pair["b"]):
        deciding.decide(workspace, "p", record, "keep", by="Ann")
    assert taxonomy.coverage(workspace, "p")["tags"][0]["n_good"] == 21, "what a person kept is good, flag or not"
    duplicates.judge_pair(workspace, "p", pair["a"], pair["b"], "same", by="Ann")
    assert taxonomy.coverage(workspace, "p")["tags"][0]["n_good"] == 20
