"""The judge by its real worker: calibrated on verdicts, told in figures, and an order of the queue where the team asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from core.config import DataFolder
from core.errors import Refused
from core.review.briefs import BriefIn
from core.store import judges as judge_rows
from core.store import migrate
from core.store import open_items as open_item_rows
from core.workflows import briefing, drafting, importing, jobs, judging, model_card, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.e2e import made_up
from tests.jobs_by_hand import finish

# Briefs by the words of their prompts; drafts of long ones are rejected.
LENGTHS = (4, 6, 8, 10, 12, 14, 80, 90, 100, 110, 120, 130)
OPEN = {"plain": 5, "doubtful": 38}


def prompt(n_words: int) -> str:
    return "Write of " + " ".join(f"thing{n}" for n in range(n_words)) + "."


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 drafts with a verdict that follows from their length, and six that wait."""
    root = tmp_path_factory.mktemp("judging") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    words = " ".join(f"word{n}" for n in range(90))
    files = [importing.keep_upload(opened, f"{n}.md", f"# About {n}\n\n{words} {n}.".encode()) for n in range(8)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", files, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    run = made_up.trained(opened, "p", "v1")
    briefs = [BriefIn(f"b{n}", prompt(n)) for n in LENGTHS]
    made_up.drafted(opened, "p", run, briefs + [BriefIn(name, prompt(n)) for name, n in OPEN.items()])
    items = {
        one["draft_id"]: one["id"] for one in open_item_rows.open_items(opened.store, project_named(opened, "p")["id"])
    }
    for draft in drafting.list_drafts(opened, "p"):
        if draft["brief"] not in OPEN:
            is_long = int(draft["brief"][1:]) > 40
            reviewing.submit(opened, items[draft["id"]], "reject" if is_long else "sign_off", by="Rita")
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def calibrated(workspace: Workspace) -> dict[str, Any]:
    ended = finish(workspace, judging.calibrate(workspace, "p", by="Ann")["job"])
    assert ended["state"] == "done", ended["reason"]
    return judging.judge_json(workspace, "p")


def first_shown(workspace: Workspace, reviewer: str) -> str:
    current = reviewing.next_draft(workspace, "p", by=reviewer).current
    assert current is not None
    return current.brief


def test_it_says_how_well_it_agrees_and_gives_every_draft_a_chance(workspace: Workspace) -> None:
    assert judging.judge_json(workspace, "p")["judge"] is None
    found = calibrated(workspace)
    told = found["judge"]
    assert (told["n"], told["n_passed"], told["n_briefs"]) == (36, 18, 12)
    # Which briefs are learnt from together is drawn by their ids.
    assert told["agreement"] > 0.75
    assert found["may_order"]
    chances = judge_rows.chances(workspace.store, project_named(workspace, "p")["id"])
    assert len(chances) == 42
    assert "chance" not in str(found), "nothing of single drafts leaves"


def test_the_queue_is_ordered_only_where_the_team_asks_for_it(workspace: Workspace) -> None:
    drawn = {who: first_shown(workspace, who) for who in ("Bo", "Cy", "Di", "Ed", "Flo", "Gus")}
    assert len(set(drawn.values())) == 2, "drawn, either brief comes first to somebody"
    calibrated(workspace)
    assert {who: first_shown(workspace, who) for who in drawn} == drawn
    judging.set_uncertain_first(workspace, "p", is_on=True, by="Ann")
    assert {who: first_shown(workspace, who) for who in drawn} == drawn, "nobody is moved off a text they are in"


def test_the_most_uncertain_comes_first_for_everybody(workspace: Workspace) -> None:
    calibrated(workspace)
    judging.set_uncertain_first(workspace, "p", is_on=True, by="Ann")
    assert {first_shown(workspace, who) for who in ("Bo", "Cy", "Di")} == {prompt(OPEN["doubtful"])}


def cautions(workspace: Workspace) -> set[str]:
    """What is said beside the rate, wherever it is told."""
    told = results.results_json(workspace, "p", only_told=True)["uneven_in_words"]
    assert results.results_json(workspace, "p")["uneven_in_words"] == told
    assert bool(results.results_json(workspace, "p")["uneven_since"]) is bool(told)
    written = [str(results.report(workspace, "p", form)) for form in ("md", "html", "json")]
    assert all(("the rates are those of an uneven choice, and" in one) is bool(told) for one in written)
    reviews = model_card.card_facts(workspace, "v1-1", project="p")["quality"]["reviews"]
    return {told, judging.judge_json(workspace, "p")["caution"], reviews["uneven_in_words"]}


def test_what_was_judged_stays_an_uneven_choice_when_the_order_is_switched_off(workspace: Workspace) -> None:
    calibrated(workspace)
    judging.set_uncertain_first(workspace, "p", is_on=True, by="Ann")
    assert cautions(workspace) == {""}, "nobody was shown a draft in that order yet"
    first_shown(workspace, "Bo")
    (said,) = cautions(workspace)
    today = results.results(workspace, "p").ordered_since
    assert said.startswith(f"From {today:%Y-%m-%d} on the drafts were shown first whose verdict is most uncertain.")
    judging.set_uncertain_first(workspace, "p", is_on=False, by="Ann")
    assert cautions(workspace) == {said}
    judge_all(workspace)
    assert cautions(workspace) == {""}
    method = str(results.report(workspace, "p", "md"))
    assert (
        f"and, since {today:%Y-%m-%d} for as long as that was on, those first whose verdict is most uncertain" in method
    )
    assert "in an order drawn for each of them and, since" in method


def test_drafts_that_came_after_the_order_was_switched_off_do_not_make_the_choice_uneven(workspace: Workspace) -> None:
    calibrated(workspace)
    judging.set_uncertain_first(workspace, "p", is_on=True, by="Ann")
    first_shown(workspace, "Bo")
    judging.set_uncertain_first(workspace, "p", is_on=False, by="Ann")
    judge_all(workspace)
    run = drafting.list_drafts(workspace, "p")[0]["run_id"]
    made_up.drafted(workspace, "p", run, [BriefIn("new", "Write of vans.")])
    with workspace.store.transaction() as tx:
        tx.execute(
            "UPDATE drafts SET created_at = ? WHERE brief_id = (SELECT id FROM briefs WHERE external_id = 'new')",
            [tx.at],
        )
    assert results.results(workspace, "p").n_open == 3
    assert cautions(workspace) == {""}
    judging.set_uncertain_first(workspace, "p", is_on=True, by="Ann")
    assert cautions(workspace) == {""}, "it is a new order, and has not begun"


def test_an_order_that_was_never_switched_on_is_told_of_nowhere(workspace: Workspace) -> None:
    calibrated(workspace)
    first_shown(workspace, "Bo")
    assert cautions(workspace) == {""}
    assert "in an order drawn for each of them." in str(results.report(workspace, "p", "md"))


def test_a_studio_from_before_the_mark_knows_from_its_events_that_the_order_was_on(workspace: Workspace) -> None:
    calibrated(workspace)
    for is_on in (True, False):
        judging.set_uncertain_first(workspace, "p", is_on=is_on, by="Ann")
    assert cautions(workspace) == {""}
    migration = (migrate.MIGRATIONS / "0035_uneven_order.sql").read_text(encoding="utf-8")
    made = migration[migration.index("CREATE") :]
    with workspace.store.transaction() as tx:
        for statement in ("DROP TABLE uneven_orders", *filter(str.strip, made.split(";"))):
            tx.execute(statement)
    assert len(cautions(workspace)) == 1
    judge_all(workspace)
    assert cautions(workspace) == {""}


def judge_all(workspace: Workspace) -> None:
    for item in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"]):
        reviewing.submit(workspace, item["id"], "reject", by="Rita")


def test_while_a_draft_has_no_chance_yet_the_queue_is_drawn(workspace: Workspace) -> None:
    calibrated(workspace)
    judging.set_uncertain_first(workspace, "p", is_on=True, by="Ann")
    project = project_named(workspace, "p")
    items = [one["id"] for one in open_item_rows.open_items(workspace.store, project["id"])]
    with workspace.store.transaction() as tx:
        assert judging.ranks(tx, project, items).keys() == set(items)
        tx.execute(
            "DELETE FROM draft_chances WHERE draft_id = (SELECT draft_id FROM review_items WHERE id = ?)", [items[0]]
        )
        assert judging.ranks(tx, project, items) == {}


def test_new_drafts_get_their_chance_by_themselves_once_there_is_a_judge(workspace: Workspace) -> None:
    run = drafting.list_drafts(workspace, "p")[0]["run_id"]
    made_up.drafted(workspace, "p", run, [BriefIn("new", "Write of vans.")])
    assert not [job for job in jobs.list_jobs(workspace, "p") if job["kind"] == "judge"]
    calibrated(workspace)
    made_up.drafted(workspace, "p", run, [BriefIn("newer", "Write of doors.")])
    (job,) = [job for job in jobs.list_jobs(workspace, "p") if job["kind"] == "judge" and job["state"] != "done"]
    assert finish(workspace, job["id"])["state"] == "done"
    assert len(judge_rows.chances(workspace.store, project_named(workspace, "p")["id"])) == 48


def test_too_few_verdicts_are_said_with_their_number(workspace: Workspace) -> None:
    for _ in range(7):
        reviewing.undo_last_review(workspace, "p", by="Rita")
    with pytest.raises(Refused, match="verdicts on 29 drafts"):
        judging.calibrate(workspace, "p", by="Ann")


def test_a_control_is_not_among_what_drafts_are_compared_with(workspace: Workspace) -> None:
    record = workspace.store.read("SELECT id FROM records ORDER BY id LIMIT 1")[0]["id"]
    briefing.add_briefs(workspace, "p", [BriefIn("asked", "Write.", record_id=record)], by="Ann")
    file = workspace.folder.exchange / "reference.parquet"
    with workspace.store.transaction() as tx:
        judge_rows.copy_reference_to(tx, project_named(workspace, "p")["id"], file)
    ids = parquet.read_table(file).column("id").to_pylist()
    assert len(ids) == 7
    assert record not in ids
