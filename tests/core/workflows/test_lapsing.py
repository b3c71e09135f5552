"""What was withdrawn, limited or expired: it goes into no next version, and every gate knows what learnt it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, ProofroomError, Refused
from core.store import drafts as draft_rows
from core.store import known_facts, likeness
from core.store import limits as limit_rows
from core.store import versions as version_rows
from core.workflows import (
    briefing,
    bundles,
    curating,
    drafting,
    edit_limit,
    exporting,
    freezing,
    gates,
    importing,
    lapsing,
    limiting,
    looking_back,
    models,
    pair_making,
    pairwise,
    projects,
    results,
    retraining,
    reviewing,
    serving,
    telling_drafts,
    terms,
    training,
    upkeep,
)
from core.workflows.limiting import RecordFilter
from core.workflows.run_plans import plan_run
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.e2e import made_up
from tests.jobs_by_hand import finish

WHY = "Mrs Pell of Wick asked for it."


def brought_in(workspace: Workspace, name: str, n: int) -> str:
    words = " ".join(f"{name}{k}" for k in range(40))
    files = [
        importing.keep_upload(workspace, f"{name}{k}.md", f"# On {name} {k}\n\n{words} {k}.".encode()) for k in range(n)
    ]
    asked = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    started = importing.import_files(workspace, "p", files, asked, name=name, by="Ann")
    finish(workspace, started["job"])
    return started["source"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources, a version of both, its run, and a run on a version of the first alone."""
    while True:
        root = tmp_path_factory.mktemp("lapsing") / "data"
        opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
        projects.create_project(opened, name="p", goal="voice", by="Ann")
        vans, ladders = brought_in(opened, "vans", 12), brought_in(opened, "ladders", 12)
        frozen(opened, "both")
        # Ids are drawn, and the hold-out with them: once in a hundred times none of it is of the second source.
        if ladders in version_rows.held_by_source(opened.store, freezing.version_named(opened, "p", "both")["id"]):
            break
        opened.close()
    frozen(opened, "vans alone", sources=[vans])
    made_up.trained(opened, "p", "both")
    made_up.trained(opened, "p", "vans alone")
    opened.close()
    (root / "sources").write_text(f"{vans} {ladders}")
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def frozen(workspace: Workspace, name: str, **recipe: Any) -> dict[str, Any]:
    job = freezing.freeze_version(workspace, "p", name=name, by="Ann", recipe={"take": "everything"} | recipe)["job"]
    done = finish(workspace, job)
    assert done["state"] == "done", done["reason"]
    return done["result"]


def ladders(workspace: Workspace) -> str:
    return (workspace.folder.root / "sources").read_text().split()[1]


def run_on(workspace: Workspace, version: str) -> dict[str, Any]:
    return next(run for run in training.list_runs(workspace, "p") if run["version"] == version)


def some_records(workspace: Workspace, version: str, split: str, n: int) -> tuple[str, ...]:
    rows = workspace.store.read(
        "SELECT DISTINCT e.record_id FROM version_examples e JOIN versions v ON v.id = e.version_id WHERE v.name = ? AND e.split = ? ORDER BY 1 LIMIT ?",
        [version, split, n],
    )
    return tuple(row["record_id"] for row in rows)


def withdraw_records(workspace: Workspace, ids: tuple[str, ...]) -> str:
    return str(
        limiting.limit_records(
            workspace, "p", RecordFilter(ids=ids), by="Ann", expected=len(ids), withdraw=True, reason=WHY
        )["limit"]
    )


def test_a_withdrawn_source_goes_into_no_next_version_and_is_counted(workspace: Workspace) -> None:
    limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    told = freezing.preview_recipe(workspace, "p", "everything")
    assert (told["n_records"], told["dropped"]["withdrawn"], told["obstacles"]) == (12, 12, [])
    assert frozen(workspace, "after")["dropped"]["withdrawn"] == 12
    assert [one["name"] for one in freezing.version_named(workspace, "p", "after")["card"]["sources"]] == ["vans"]


def test_rows_are_left_out_by_their_own_limits_with_the_reason_of_each(workspace: Workspace) -> None:
    ids = [row["id"] for row in workspace.store.read("SELECT id FROM records ORDER BY id")]
    withdraw_records(workspace, tuple(ids[:2]))
    limiting.limit_records(workspace, "p", RecordFilter(ids=tuple(ids[2:5])), by="Ann", expected=3, uses=["show"])
    told = freezing.preview_recipe(workspace, "p", "everything")["dropped"]
    assert (told["withdrawn"], told["not_to_train"]) == (2, 3)
    dropped = frozen(workspace, "after")["dropped"]
    assert (dropped["withdrawn"], dropped["not_to_train"]) == (2, 3)


def test_a_row_that_may_not_be_evaluated_on_is_not_held_out(workspace: Workspace) -> None:
    limiting.limit_records(
        workspace, "p", RecordFilter(source=ladders(workspace)), by="Ann", expected=12, uses=["train", "show"]
    )
    frozen(workspace, "after")
    held = workspace.store.read(
        "SELECT count(*) AS n FROM version_examples e JOIN versions v ON v.id = e.version_id JOIN records r ON r.id = e.record_id "
        "WHERE v.name = 'after' AND e.split <> 'train' AND r.source_id = ?",
        [ladders(workspace)],
    )
    assert held[0]["n"] == 0
    assert freezing.version_named(workspace, "p", "after")["n_test"] > 0


def test_of_several_limits_the_tightest_counts_and_each_is_taken_back_by_itself(workspace: Workspace) -> None:
    (record,) = some_records(workspace, "both", "train", 1)
    day = importing.today()
    where = RecordFilter(ids=(record,))
    first = limiting.limit_records(workspace, "p", where, by="Ann", expected=1, uses=["train", "evaluate"])["limit"]
    second = limiting.limit_records(
        workspace, "p", where, by="Ben", expected=1, uses=["train", "show"], expires=day.isoformat()
    )["limit"]

    def against(use: str, on: date) -> str:
        return limit_rows.against_records(workspace.store, [record], use=use, today=on).get(record, "")

    assert [against(use, day) for use in ("train", "evaluate", "show")] == ["", "not_to_evaluate", "not_to_show"]
    assert against("train", day + timedelta(days=1)) == "expired"
    limiting.lift_limit(workspace, second, by="Ann")
    assert [against(use, day + timedelta(days=1)) for use in ("train", "evaluate", "show")] == ["", "", "not_to_show"]
    limiting.lift_limit(workspace, first, by="Ann")
    assert against("show", day) == ""
    with pytest.raises(Conflict, match="taken back already, by Ann"):
        limiting.lift_limit(workspace, first, by="Ben")


def test_a_limit_says_something_and_is_on_what_was_seen(workspace: Workspace) -> None:
    where = RecordFilter(source=ladders(workspace))
    for options, said in (
        ({}, "says nothing"),
        ({"uses": ["train", "evaluate", "show"]}, "says nothing"),
        ({"uses": ["sell"]}, "The use sell is not possible"),
        ({"expires": "2020-01-01"}, "has passed"),
        ({"withdraw": True}, "needs its reason"),
    ):
        with pytest.raises(Invalid, match=said):
            limiting.limit_records(workspace, "p", where, by="Ann", expected=12, **options)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="holds 12 records, not 11"):
        limiting.limit_records(workspace, "p", where, by="Ann", expected=11, uses=["train"])
    with pytest.raises(NotFound):
        limiting.lift_limit(workspace, "l_0", by="Ann")
    assert limiting.list_limits(workspace, "p") == []


def test_a_limit_never_widens_what_the_source_allows(workspace: Workspace) -> None:
    terms.change_terms(workspace, ladders(workspace), {"uses": ["evaluate"]}, by="Ann")
    where = RecordFilter(source=ladders(workspace))
    limiting.limit_records(workspace, "p", where, by="Ann", expected=12, uses=["train", "evaluate"])
    assert freezing.preview_recipe(workspace, "p", "everything")["dropped"]["not_to_train"] == 12


def test_the_trail_tells_who_withdrew_how_many_and_not_why(workspace: Workspace) -> None:
    limit = limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    limiting.lift_limit(workspace, limit, by="Ben")
    told = workspace.store.read(
        "SELECT action, noun, done_by, facts FROM events WHERE action IN ('withdrew', 'lifted') ORDER BY seq"
    )
    assert [(one["action"], one["noun"], one["done_by"], one["facts"]["n_records"]) for one in told] == [
        ("withdrew", "source", "Ann", 12),
        ("lifted", "limit", "Ben", 12),
    ]
    assert told[0]["facts"]["reason"]["length"] == len(WHY)
    assert "Pell" not in str(told)


def test_a_withdrawal_marks_the_versions_and_models_that_learnt_it_and_no_others(workspace: Workspace) -> None:
    limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    found = lapsing.lapsed(workspace, "p")
    assert [version["name"] for version, _ in found.versions] == ["both"]
    (model,) = found.models
    assert (model.run["version"], model.state, model.must_go) == ("both", "candidate", True)
    assert model.sentences == (f"The source ladders was withdrawn on {importing.today()}.",)
    models.retire(workspace, model.run["id"], reason=WHY, by="Ann")
    (model,) = lapsing.lapsed(workspace, "p").models
    assert (model.state, model.must_go) == ("retired", False)


def test_an_expiry_does_by_itself_what_a_withdrawal_does_and_is_on_the_trail_once(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = '2020-01-01' WHERE id = ?", [ladders(workspace)])
    upkeep.look_after(workspace)
    upkeep.look_after(workspace)
    told = workspace.store.read("SELECT noun, object_id, done_by, facts FROM events WHERE action = 'expired'")
    assert told == [
        {"noun": "source", "object_id": ladders(workspace), "done_by": "studio", "facts": {"expires_on": "2020-01-01"}}
    ]
    assert [one.must_go for one in lapsing.lapsed(workspace, "p").models] == [True]
    assert frozen(workspace, "after")["dropped"]["expired"] == 12


def gate_of_training(workspace: Workspace, run: dict[str, Any]) -> None:
    training.start_run(workspace, "p", run["version"], by="Ann")


def gate_of_resuming(workspace: Workspace, run: dict[str, Any]) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE jobs SET state = 'lost' WHERE id IN (SELECT job_id FROM runs WHERE id = ?)", [run["id"]])
    training.resume_run(workspace, run["id"], by="Ann")


def gate_of_the_plan(workspace: Workspace, run: dict[str, Any]) -> None:
    obstacles = plan_run(workspace, "p", run["version"])["obstacles"]
    if obstacles:
        raise Refused(" ".join(obstacles))


def gate_of_drafts(workspace: Workspace, run: dict[str, Any]) -> None:
    ids = briefing.add_briefs(workspace, "p", [made_up.BriefIn("b", "Write of the van.")], by="Ann")
    drafting.write_drafts(workspace, "p", run=run["id"], brief_ids=ids, systems=["tuned"], by="Ann")


def gate_of_approval(workspace: Workspace, run: dict[str, Any]) -> None:
    models.approve(workspace, run["id"], reason="It reads well.", by="Ann")


def gate_of_serving(workspace: Workspace, run: dict[str, Any]) -> None:
    serving.model_called(workspace, f"p/{run['name']}")


def gate_of_model_export(workspace: Workspace, run: dict[str, Any]) -> None:
    gates.passed(exporting.export_obstacles(workspace, run), "", by="Ann")


def gate_of_version_export(workspace: Workspace, run: dict[str, Any]) -> None:
    freezing.export_version(workspace, "p", run["version"], target=workspace.folder.root / "taken", by="Ann")


def gate_of_bundles(workspace: Workspace, run: dict[str, Any]) -> None:
    # A made-up run left no weights, which is found after the gate.
    with suppress(FileNotFoundError):
        bundles.bundle(workspace, run["id"], by="Ann")


def gate_of_hold_outs(workspace: Workspace, run: dict[str, Any]) -> None:
    freezing.freeze_version(workspace, "p", name="again", by="Ann", recipe="everything", hold_out=run["version"])


GATES: tuple[Callable[[Workspace, dict[str, Any]], None], ...] = (
    gate_of_training, gate_of_resuming, gate_of_the_plan, gate_of_drafts, gate_of_approval, gate_of_serving, gate_of_model_export, gate_of_version_export,
    gate_of_bundles, gate_of_hold_outs,
)  # fmt: skip


def said_at(gate: Callable[[Workspace, dict[str, Any]], None], workspace: Workspace, run: dict[str, Any]) -> str:
    try:
        gate(workspace, run)
    except ProofroomError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("gate", GATES)
def test_every_gate_refuses_what_learnt_a_withdrawn_source_and_lets_the_other_through(
    workspace: Workspace, gate: Callable[[Workspace, dict[str, Any]], None]
) -> None:
    limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    assert "The source ladders was withdrawn" in said_at(gate, workspace, run_on(workspace, "both"))
    assert "withdrawn" not in said_at(gate, workspace, run_on(workspace, "vans alone"))


@pytest.mark.parametrize("gate", GATES)
def test_every_gate_refuses_what_learnt_a_withdrawn_row(
    workspace: Workspace, gate: Callable[[Workspace, dict[str, Any]], None]
) -> None:
    split = "test" if gate is gate_of_hold_outs else "train"
    limit = withdraw_records(workspace, some_records(workspace, "both", split, 1))
    said = said_at(gate, workspace, run_on(workspace, "both"))
    assert "lapsed since: 1 withdrawn." in said
    limiting.lift_limit(workspace, limit, by="Ann")
    assert "lapsed" not in said_at(gate, workspace, run_on(workspace, "both"))


def test_a_row_that_may_be_evaluated_on_lapses_from_training_alone(workspace: Workspace) -> None:
    trained, held = some_records(workspace, "both", "train", 1), some_records(workspace, "both", "test", 1)
    limiting.limit_records(workspace, "p", RecordFilter(ids=held), by="Ann", expected=1, uses=["evaluate"])
    version = freezing.version_named(workspace, "p", "both")
    assert gates.against_version(workspace, version) == []
    limiting.limit_records(workspace, "p", RecordFilter(ids=trained), by="Ann", expected=1, uses=["evaluate"])
    assert gates.against_version(workspace, version) == [
        "1 record of the version both has lapsed since: 1 no longer allowed."
    ]


def test_an_exemption_in_ones_own_name_opens_approval_and_serving_until_more_lapses(workspace: Workspace) -> None:
    run = run_on(workspace, "both")
    with pytest.raises(Conflict, match="needs no exemption"):
        lapsing.exempt(workspace, run["id"], reason="For a look.", by="Ann")
    withdraw_records(workspace, some_records(workspace, "both", "train", 1))
    with pytest.raises(Invalid, match="needs its reason"):
        lapsing.exempt(workspace, run["id"], reason=" ", by="Ann")
    lapsing.exempt(workspace, run["id"], reason="The court orders it.", by="Ann")
    (event,) = workspace.store.read("SELECT * FROM events WHERE action = 'overridden' AND noun = 'model'")
    assert (event["object_id"], event["done_by"]) == (run["id"], "Ann")
    # The trail holds no reason; it stands in a table of its own, under the id that the entry names.
    (kept,) = workspace.store.read("SELECT reason FROM overrides WHERE id = ?", [event["facts"]["override"]])
    assert kept["reason"] == "The court orders it."
    assert said_at(gate_of_approval, workspace, run) == said_at(gate_of_serving, workspace, run) == ""
    assert "lapsed" in said_at(gate_of_model_export, workspace, run), "an export is let through by itself"
    assert "lapsed" in said_at(gate_of_training, workspace, run)
    withdraw_records(workspace, some_records(workspace, "both", "train", 2)[1:])
    assert "2 records" in said_at(gate_of_serving, workspace, run)
    assert {one.run["id"]: one.must_go for one in lapsing.lapsed(workspace, "p").models}[run["id"]]


def test_a_run_that_waits_on_what_is_withdrawn_is_refused(workspace: Workspace) -> None:
    waits, stays = (training.start_run(workspace, "p", version, by="Ann") for version in ("both", "vans alone"))
    limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    assert finish(workspace, waits["job"])["state"] == "cancelled"
    assert finish(workspace, stays["job"])["state"] == "done"
    (event,) = workspace.store.read("SELECT * FROM events WHERE action = 'refused'")
    assert (event["object_id"], event["done_by"], event["facts"]) == (waits["run"], "Ann", {"n_obstacles": 1})


def test_a_model_is_made_anew_without_what_lapsed(workspace: Workspace) -> None:
    run = run_on(workspace, "both")
    with pytest.raises(Conflict, match="Nothing that both-1 learnt has lapsed"):
        lapsing.retrain_without(workspace, run["id"], by="Ann")
    gone = some_records(workspace, "both", "train", 3)
    withdraw_records(workspace, gone)
    asked = lapsing.retrain_without(workspace, run["id"], by="Ann")
    with pytest.raises(Conflict, match="is being made anew already"):
        lapsing.retrain_without(workspace, run["id"], by="Ben")
    assert lapsing.start_retrains(workspace) == []
    finish(workspace, asked["job"])
    (started,) = lapsing.start_retrains(workspace)
    assert lapsing.start_retrains(workspace) == []
    anew = training.run_named(workspace, started)
    assert finish(workspace, anew["job_id"])["state"] == "done"
    version = freezing.version_named(workspace, "p", "both without lapsed")
    assert anew["version_id"] == version["id"]
    assert not set(gone) & set(some_records(workspace, "both without lapsed", "train", 100))
    assert version["card"]["hold_out"]["name"] == "both", "it is measured on the same texts"
    successors = {one.run["id"]: one.successor for one in lapsing.lapsed(workspace, "p").models}
    assert successors[run["id"]] == anew["name"]
    assert anew["id"] not in successors


def test_a_hold_out_that_lapsed_is_drawn_anew_and_a_failure_keeps_its_reason(workspace: Workspace) -> None:
    withdraw_records(workspace, some_records(workspace, "both", "test", 1))
    run = run_on(workspace, "both")
    asked = lapsing.retrain_without(workspace, run["id"], by="Ann")
    finish(workspace, asked["job"])
    assert freezing.version_named(workspace, "p", "both without lapsed")["card"]["hold_out"] is None
    limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    assert lapsing.start_retrains(workspace) == []
    (told,) = lapsing.lapsed(workspace, "p").retrains
    assert told["failure"].startswith("The source ladders was withdrawn")
    assert lapsing.retrain_without(workspace, run["id"], by="Ann")["version"] != asked["version"]


def test_drafts_for_a_text_that_may_not_be_shown_leave_the_queue(workspace: Workspace) -> None:
    run = run_on(workspace, "both")
    taken = briefing.add_briefs(
        workspace, "p", briefing.briefs_from_hold_out(workspace, "p", "both", limit=2), by="Ann"
    )
    job = drafting.write_drafts(workspace, "p", run=run["id"], brief_ids=taken, systems=["tuned", "base"], by="Ann")[
        "job"
    ]
    finish(workspace, job)
    briefs = {one["id"]: one for one in briefing.list_briefs(workspace, "p")}
    record = briefs[taken[0]]["record_id"]
    limiting.limit_records(
        workspace, "p", RecordFilter(ids=(record,)), by="Ann", expected=1, uses=["train", "evaluate"]
    )
    rows = draft_rows.drafts(workspace.store, run["project_id"])
    assert {one["is_aside"] for one in rows if one["brief_id"] == taken[0]} == {True}
    assert {one["is_aside"] for one in rows if one["brief_id"] == taken[1]} == {False}
    with pytest.raises(Refused, match="may not be shown to reviewers any more"):
        drafting.write_drafts(workspace, "p", run=run["id"], brief_ids=taken, systems=["tuned"], by="Ann")
    shown = reviewing.next_draft(workspace, "p", by="Rita").current
    assert shown is not None
    assert shown.brief == briefs[taken[1]]["prompt"]


def judged_once(workspace: Workspace, *, n_reviewers: int = 1, edit: str = "") -> str:
    """A brief of a record, with two drafts and the team's own text that Rita signed off. Returns the record's id. edit: what she added."""
    projects.set_reviewers_per_draft(workspace, "p", n=n_reviewers, by="Ann")
    run = run_on(workspace, "both")
    briefs = briefing.briefs_from_hold_out(workspace, "p", "both", limit=1)
    taken = briefing.add_briefs(workspace, "p", briefs, by="Ann")
    asked = drafting.write_drafts(workspace, "p", run=run["id"], brief_ids=taken, systems=["tuned", "base"], by="Ann")
    finish(workspace, asked["job"])
    for draft in drafting.list_drafts(workspace, "p"):
        item = made_up.item_of(workspace, draft)
        reviewing.submit(workspace, item, "sign_off", by="Rita", text=f"{draft['text']}{edit}")
    (record,) = {one["record_id"] for one in briefing.list_briefs(workspace, "p")}
    return str(record)


def no_longer_shown(workspace: Workspace, record: str) -> None:
    limiting.limit_records(
        workspace, "p", RecordFilter(ids=(record,)), by="Ann", expected=1, uses=["train", "evaluate"]
    )


def test_a_draft_that_wants_a_second_verdict_leaves_the_queue_too(workspace: Workspace) -> None:
    record = judged_once(workspace, n_reviewers=2)
    assert reviewing.next_draft(workspace, "p", by="Otto").current is not None
    no_longer_shown(workspace, record)
    assert reviewing.next_draft(workspace, "p", by="Otto").current is None


def test_a_verdict_that_is_taken_back_brings_no_text_that_may_not_be_shown(workspace: Workspace) -> None:
    record = judged_once(workspace)
    no_longer_shown(workspace, record)
    reviewing.undo_last_review(workspace, "p", by="Rita")
    assert reviewing.next_draft(workspace, "p", by="Rita").current is None


def test_two_drafts_for_a_text_that_may_not_be_shown_are_not_compared(workspace: Workspace) -> None:
    record = judged_once(workspace)
    pair_making.make_pairs(workspace, "p", ["base"], by="Lea", run=run_on(workspace, "both")["id"])
    assert pairwise.next_drafts(workspace, "p", by="Otto").current is not None
    no_longer_shown(workspace, record)
    assert pairwise.next_drafts(workspace, "p", by="Otto").current is None


def test_whoever_looks_back_sees_no_text_that_may_not_be_shown(workspace: Workspace) -> None:
    record = judged_once(workspace)
    before = looking_back.my_verdicts(workspace, "p", by="Rita").newest
    assert len(before) == 3
    (own,) = workspace.store.read("SELECT text FROM drafts WHERE system = 'human'")
    assert own["text"] in {one.draft for one in before}
    no_longer_shown(workspace, record)
    after = looking_back.my_verdicts(workspace, "p", by="Rita").newest
    assert {one.brief for one in after} == {telling_drafts.NOT_SHOWN}
    assert own["text"] not in str(after)
    assert telling_drafts.NOT_SHOWN in {one.draft for one in after}


def test_an_edit_of_a_text_that_may_not_be_shown_is_not_put_before_anybody(workspace: Workspace) -> None:
    record = judged_once(workspace, edit=" And more.")
    assert edit_limit.next_edit(workspace, "p", by="Otto").n_left == 3
    no_longer_shown(workspace, record)
    assert edit_limit.next_edit(workspace, "p", by="Otto").n_left == 2


def test_a_text_that_may_not_be_shown_is_no_nearest_passage(workspace: Workspace) -> None:
    measuring = curating.measure_records(workspace, "p", by="Ann")
    assert measuring is not None
    finish(workspace, measuring)
    project, day = project_named(workspace, "p")["id"], importing.today()

    def shown() -> set[str]:
        found = likeness.nearest_texts(
            workspace.store, project, [1.0] + [0.0] * 383, encoder="made up", use="show", today=day, limit=50
        )
        return {one["record_id"] for one in found}

    everything = shown()
    assert len(everything) == 24
    gone = tuple(sorted(everything)[:3])
    limiting.limit_records(workspace, "p", RecordFilter(ids=gone), by="Ann", expected=3, uses=["train", "evaluate"])
    assert shown() == everything - set(gone)
    limiting.withdraw_source(workspace, ladders(workspace), reason=WHY, by="Ann")
    assert not {one["source_id"] for one in limited_to(workspace, shown())} & {ladders(workspace)}


def limited_to(workspace: Workspace, records: set[str]) -> list[dict[str, Any]]:
    return workspace.store.read("SELECT source_id FROM records WHERE id IN (SELECT unnest(?))", [sorted(records)])


def test_results_show_no_text_of_ones_own_that_may_not_be_shown(workspace: Workspace) -> None:
    run = run_on(workspace, "both")
    taken = briefing.add_briefs(
        workspace, "p", briefing.briefs_from_hold_out(workspace, "p", "both", limit=1), by="Ann"
    )
    job = drafting.write_drafts(workspace, "p", run=run["id"], brief_ids=taken, systems=["tuned"], by="Ann")["job"]
    finish(workspace, job)
    for draft in drafting.list_drafts(workspace, "p"):
        reviewing.submit(workspace, made_up.item_of(workspace, draft), "sign_off", by="Rita")
    systems = {one["system"]: one["draft_text"] for one in telling_drafts.verdict_rows(workspace, "p")}
    assert set(systems) == {"tuned", "human"}
    (record,) = {one["record_id"] for one in briefing.list_briefs(workspace, "p")}
    limiting.limit_records(
        workspace, "p", RecordFilter(ids=(record,)), by="Ann", expected=1, uses=["train", "evaluate"]
    )
    after = {one["system"]: one for one in telling_drafts.verdict_rows(workspace, "p")}
    assert (after["human"]["draft_text"], after["human"]["final_text"]) == (telling_drafts.NOT_SHOWN,) * 2
    assert after["tuned"]["draft_text"] == systems["tuned"]
    assert systems["human"] not in str(results.report(workspace, "p", "csv"))


def test_a_withdrawal_is_a_reason_to_train_again(workspace: Workspace) -> None:
    withdraw_records(workspace, some_records(workspace, "vans alone", "train", 1))
    kinds = {one["kind"]: one["sentence"] for one in retraining.retraining(workspace, "p")["reasons"]}
    assert "1 record of the version vans alone has lapsed since: 1 withdrawn." in kinds["lapsed"]


def test_moved_facts_of_what_was_withdrawn_are_not_looked_up(workspace: Workspace) -> None:
    (record,) = some_records(workspace, "both", "train", 1)
    project = project_named(workspace, "p")["id"]
    source = workspace.store.read("SELECT source_id FROM records WHERE id = ?", [record])[0]["source_id"]
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO facts VALUES ('fa_1', ?, 'It costs 9 euros.', ?, ?, NULL, ?, 'Ann')",
            [project, record, source, tx.at],
        )
        tx.execute("INSERT INTO fact_moves VALUES ('fa_1', 'v', ?, ['price'], NULL, NULL)", [record])

    def n_known() -> int:
        return int(known_facts.counts(workspace.store, project, importing.today())["usable"])

    assert n_known() == 1
    limit = limiting.limit_records(
        workspace, "p", RecordFilter(ids=(record,)), by="Ann", expected=1, uses=["train", "evaluate"]
    )["limit"]
    assert n_known() == 0
    limiting.lift_limit(workspace, limit, by="Ann")
    assert n_known() == 1
    limiting.withdraw_source(workspace, source, reason=WHY, by="Ann")
    assert n_known() == 0
    with workspace.store.transaction() as tx:
        tx.execute("DELETE FROM fact_moves")
