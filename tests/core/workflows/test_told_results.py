"""Results of a team that gives its drafts facts: whose rate is told, what is compared, which drafts explain it, and what it rests on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Invalid
from core.nouns import System
from core.review.briefs import BriefIn
from core.review.statistics import wilson_interval
from core.store import open_items as open_item_rows
from core.store.connection import utc_now
from core.workflows import given_facts, looking_back, projects, results, retraining, reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.queue_by_hand import put_drafts
from tests.e2e import made_up
from tests.edited_drafts import workspace_with_drafts

WITH_FACTS = (System.TUNED_FACTS, System.BASE_FACTS)
N_BRIEFS = 21


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    yield opened
    opened.close()


def judge(workspace: Workspace, passes: set[System], *, by: str = "Rita", but: str = "none") -> None:
    """Sign off what these systems wrote, and reject the rest; but drafts of one brief."""
    for item in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"]):
        if f"_{but}_" not in item["draft_id"]:
            reviewing.submit(workspace, item["id"], "sign_off" if item["system"] in passes else "reject", by=by)


def compared(told: dict[str, Any]) -> list[tuple[str, str, int, int, int]]:
    return [(one["system"], one["against"], one["n"], one["ours"], one["theirs"]) for one in told["compared"]]


def test_a_team_that_gives_its_drafts_facts_reads_their_rate(workspace: Workspace) -> None:
    put_drafts(workspace, "p", N_BRIEFS, systems=WITH_FACTS)
    judge(workspace, {System.TUNED_FACTS})
    told = results.results_json(workspace, "p", only_told=True)
    assert (told["system"], told["systems_told"]) == ("tuned_facts", ["tuned_facts"])
    assert told["headline"].startswith("Tuned drafts with facts pass without a rewrite 100% of the time")
    assert told["outlook"].startswith("That is above your target of 70%")
    assert (told["periods"][0]["n"], told["versions"][0]["n"]) == (N_BRIEFS, N_BRIEFS)
    assert told["reviewers"][0]["tuned"]["n"] == N_BRIEFS
    assert compared(told) == [("tuned_facts", "base_facts", N_BRIEFS, N_BRIEFS, 0)]
    assert "| Tuned model with facts | Base model with facts | 21 | 21 | 0 |" in str(
        results.report(workspace, "p", "md")
    )


def test_the_reader_chooses_between_with_facts_and_without(workspace: Workspace) -> None:
    put_drafts(workspace, "p", N_BRIEFS, systems=(System.TUNED, System.BASE, *WITH_FACTS))
    judge(workspace, {System.TUNED_FACTS, System.BASE})
    plain, facts = (results.results_json(workspace, "p", system=system) for system in (None, "tuned_facts"))
    assert plain["headline"].startswith("Tuned drafts pass without a rewrite 0% of the time"), "of equally many without"
    assert plain["systems_told"] == ["tuned", "tuned_facts"]
    assert compared(plain) == [
        ("tuned", "base", 21, 0, 21), ("tuned", "base_facts", 21, 0, 0), ("tuned_facts", "tuned", 21, 21, 0),
        ("tuned_facts", "base_facts", 21, 21, 0),
    ]  # fmt: skip
    assert facts["headline"].startswith("Tuned drafts with facts pass without a rewrite 100% of the time")
    assert compared(facts) == [
        ("tuned_facts", "base", 21, 0, 0), ("tuned_facts", "tuned", 21, 21, 0), ("tuned_facts", "base_facts", 21, 21, 0),
    ]  # fmt: skip
    assert "Tuned drafts with facts pass" in str(results.report(workspace, "p", "html", system="tuned_facts"))
    with pytest.raises(Invalid, match="'base' is no tuned system"):
        results.results(workspace, "p", system="base")


def test_the_ceiling_and_the_tags_are_those_of_the_drafts_whose_rate_is_told(workspace: Workspace) -> None:
    put_drafts(workspace, "p", N_BRIEFS, systems=(System.TUNED, System.TUNED_FACTS, System.HUMAN))
    judge(workspace, {System.TUNED_FACTS, System.HUMAN})
    found = {system: results.results(workspace, "p", system=system).ceiling for system in ("tuned", "tuned_facts")}
    assert {system: one and one.difference for system, one in found.items()} == {"tuned": -1.0, "tuned_facts": 0.0}
    assert (
        "tuned drafts with facts pass 0 points more often"
        in results.results_json(workspace, "p", system="tuned_facts")["ceiling"]
    )


def test_drafts_of_one_brief_do_not_count_as_independent_of_one_another(workspace: Workspace) -> None:
    ids = put_drafts(workspace, "p", N_BRIEFS, systems=(System.TUNED,))
    with workspace.store.transaction() as tx:
        for n in range(N_BRIEFS):
            tx.execute("UPDATE drafts SET brief_id = ? WHERE id = ?", [ids[n % 7], f"dr_b{n}_tuned"])
    judge(workspace, {System.TUNED})
    told = results.results_json(workspace, "p")
    assert "21 drafts on 7 briefs, 1 reviewer" in told["headline"]
    rate = told["systems"]["tuned"]
    assert (rate["n"], rate["n_briefs"], rate["n_effective"]) == (21, 7, pytest.approx(7))
    assert (rate["low"], rate["high"]) == pytest.approx(wilson_interval(7, 7))
    written = str(results.report(workspace, "p", "md"))
    assert "| Tuned model | 21 on 7 briefs | 21 | 100% |" in written
    assert "Where a brief has several drafts, these pass and fail together" in written


def test_notable_drafts_are_of_told_briefs_alone_and_stand_in_every_report(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    put_drafts(workspace, "p", 3)
    judge(workspace, {System.TUNED}, by="Rita")
    assert results.results_json(workspace, "p")["notable"] == {"worst": [], "best": [], "differing": []}
    judge(workspace, {System.BASE}, by="Otto", but="b2")
    told = results.results_json(workspace, "p")["notable"]
    assert {one["brief"] for one in told["differing"]} == {"b0", "b1"}
    assert {one["system"] for one in told["differing"]} == {"tuned", "base"}
    (first, _) = told["worst"]
    assert (first["system"], first["text"][:11]) == ("tuned", "The van of ")
    assert [(one["reviewer"], one["class"]) for one in first["verdicts"]] == [("Rita", "as_is"), ("Otto", "rejected")]
    for form in ("md", "html"):
        written = str(results.report(workspace, "p", form))
        assert "Worst drafts" in written
        assert "Where reviewers differ" in written
        assert "as is (Rita); rejected (Otto)" in written.replace("\\", "")
        assert "van of b 2" not in written, "another draft of its brief waits"
    rows = list(csv.DictReader(io.StringIO(str(results.report(workspace, "p", "csv")))))
    assert {row["brief"] for row in rows} == {"b0", "b1"}
    assert all("differing" in row["notable"] for row in rows)


def as_csv(workspace: Workspace) -> tuple[list[str], list[dict[str, str]]]:
    """The heading of the report and its rows."""
    heading, *rows = csv.reader(io.StringIO(str(results.report(workspace, "p", "csv"))))
    return heading, [dict(zip(heading, row, strict=True)) for row in rows]


def test_the_report_as_csv_says_under_its_heading_why_it_has_no_verdict(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 1)
    heading, (row,) = as_csv(workspace)
    assert (row["review"], row["note"]) == ("", "No draft has a verdict yet.")
    (first, *_) = open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"])
    reviewing.submit(workspace, first["id"], "sign_off", by="Rita")
    under, (row,) = as_csv(workspace)
    assert under == heading
    assert (row["review"], row["note"][:47]) == ("", "1 verdict is held back until every draft and ev")
    assert row["note"] in str(results.report(workspace, "p", "md", only_told=True))
    judge(workspace, {System.TUNED, System.BASE})
    under, rows = as_csv(workspace)
    assert under == heading
    assert [(row["review"] != "", row["note"]) for row in rows] == [(True, ""), (True, "")]
    told = set(results.verdict_rows(workspace, "p")[0])
    assert set(heading) - told == {"report_written_at", "note"}
    assert told <= set(heading)


def give_facts(workspace: Workspace, draft: str, *passages: str, first_id: int = 0) -> None:
    """As a job would have looked them up, the first one from a document that expired."""
    project = project_named(workspace, "p")["id"]
    yesterday = utc_now().date() - timedelta(days=1)
    with workspace.store.transaction() as tx:
        for place, passage in enumerate(passages):
            tx.execute(
                "INSERT INTO fact_documents (id, project_id, title, origin, owner, expires_on, sha256, n_passages, created_at, created_by) "
                "VALUES (?, ?, 'Prices', 'prices.md', 'Ann', ?, '', 1, ?, 'Ann')",
                [f"doc{first_id + place}", project, yesterday if place == 0 else None, tx.at],
            )
            tx.execute(
                "INSERT INTO fact_passages VALUES (?, ?, ?, 0, '', ?)",
                [f"f{first_id + place}", project, f"doc{first_id + place}", passage],
            )
            tx.execute(
                "INSERT INTO draft_facts VALUES (?, ?, ?, 'Prices', ?, 'prices.md', ?)",
                [draft, place, f"f{first_id + place}", passage, yesterday if place == 0 else None],
            )


def test_which_facts_a_draft_was_given_is_told_once_its_brief_is(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 1, systems=WITH_FACTS)
    project, draft = project_named(workspace, "p")["id"], "dr_b0_tuned_facts"
    give_facts(workspace, draft, "It costs 9 euros.", "It costs 12 euros.")
    judge(workspace, {System.TUNED_FACTS}, but="b0")
    assert given_facts.facts_given(workspace, project, [draft]) == {}
    assert "euros" not in json.dumps(results.results_json(workspace, "p"))
    judge(workspace, {System.TUNED_FACTS})
    told = [fact.in_words() for fact in given_facts.facts_given(workspace, project, [draft])[draft]]
    yesterday = utc_now().date() - timedelta(days=1)
    assert told == [
        f"It costs 9 euros. (Prices, prices.md; expired on {yesterday})",
        "It costs 12 euros. (Prices, prices.md)",
    ]
    newest, _ = results.newest_verdicts(workspace, "p", limit=5)
    assert {one["system"]: [fact.in_words() for fact in one["facts"]] for one in newest} == {
        "tuned_facts": told, "base_facts": [],
    }  # fmt: skip
    mine = looking_back.my_verdicts(workspace, "p", by="Rita").newest
    assert sorted(len(one.facts) for one in mine) == [0, 2]
    assert results.results_json(workspace, "p")["notable"]["best"][0]["facts"] == told
    rows = csv.DictReader(io.StringIO(str(results.report(workspace, "p", "csv"))))
    assert {row["system"]: row["facts_given"] for row in rows} == {"tuned_facts": "\n".join(told), "base_facts": ""}
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE fact_documents SET removed_at = ?", [tx.at])
    (first, _) = given_facts.facts_given(workspace, project, [draft])[draft]
    assert (first.passage, first.source) == ("", "prices.md"), "what left the store is named without its words"


@pytest.fixture
def with_run(tmp_path: Path) -> Iterator[Workspace]:
    """A run with three drafts for each of two briefs."""
    opened = workspace_with_drafts(tmp_path / "data", n_briefs=2)
    yield opened
    opened.close()


def traced(told: dict[str, Any]) -> dict[str, set[str]]:
    """By system, the drafts that stand under it."""
    return {
        system: {one["draft"] for listed in classes.values() for one in listed}
        for system, classes in told["provenance"]["verdicts"].items()
    }


def test_every_figure_can_be_followed_to_verdicts_drafts_run_and_version(with_run: Workspace) -> None:
    judge(with_run, {System.TUNED})
    told = json.loads(results.report(with_run, "p", "json"))["provenance"]
    (run,) = told["runs"]
    version = with_run.store.read("SELECT content_sha256, seed FROM versions")[0]
    assert run["name"] == "v1-1"
    assert run["version"] == {"name": "v1", "content_sha256": version["content_sha256"], "seed": version["seed"]}
    assert (run["adapter_sha256"], run["base"]["name"], run["seed"]) == ("made up", "SmolLM2-135M-Instruct", 17)
    assert told["written_at"].endswith("Z")
    assert told["draft_seeds"] == [17]
    reviews = {
        row["id"]: row
        for row in with_run.store.read(
            "SELECT r.id, r.draft_id, d.system FROM reviews r JOIN drafts d ON d.id = r.draft_id"
        )
    }
    listed = {
        one["review"]: (one["draft"], system)
        for system, classes in told["verdicts"].items()
        for found in classes.values()
        for one in found
    }
    assert listed == {review: (row["draft_id"], row["system"]) for review, row in reviews.items()}
    assert {kind: len(found) for kind, found in told["verdicts"]["tuned"].items()} == {"as_is": 2}
    for form in ("md", "html"):
        written = str(results.report(with_run, "p", form))
        for part in (
            run["run"],
            version["content_sha256"],
            "SHA-256 made up",
            "SmolLM2-135M-Instruct",
            "training 17",
            " UTC",
        ):
            assert part in written, (form, part)
    row = next(csv.DictReader(io.StringIO(str(results.report(with_run, "p", "csv")))))
    assert row["review"] in reviews
    assert (row["version_sha256"], row["run_id"], row["seed"]) == (version["content_sha256"], run["run"], "17")
    assert row["report_written_at"].endswith("Z")


def test_what_figures_rest_on_names_the_writer_of_no_draft_that_is_not_told_yet(with_run: Workspace) -> None:
    items = open_item_rows.open_items(with_run.store, project_named(with_run, "p")["id"])
    waiting = items[0]
    for item in items[1:]:
        reviewing.submit(with_run, item["id"], "reject", by="Rita")
    untold = {one["draft_id"] for one in items if one["brief_id"] == waiting["brief_id"]}
    for only_told in (True, False):
        told = results.results_json(with_run, "p", only_told=only_told)
        assert traced(told).keys() == {"tuned", "base", "base_fewshot"}
        assert not set().union(*traced(told).values()) & untold
        assert told["provenance"]["n_not_listed"] == (0 if only_told else 2)
        named = {one["draft"] for drafts in told["notable"].values() for one in drafts}
        assert named
        assert not named & untold
    assert all(draft not in str(results.report(with_run, "p", form)) for form in ("json", "csv") for draft in untold)


def test_the_offer_to_train_again_names_the_rate_of_the_drafts_with_facts(with_run: Workspace) -> None:
    run = with_run.store.read("SELECT id FROM runs")[0]["id"]
    made_up.drafted(with_run, "p", run, [BriefIn(f"c{n}", f"Write of boat {n}.") for n in range(N_BRIEFS)])
    with with_run.store.transaction() as tx:
        tx.execute("UPDATE drafts SET system = 'tuned_facts' WHERE system = 'tuned'")
    judge(with_run, set())
    (reason,) = [one for one in retraining.retraining(with_run, "p")["reasons"] if one["kind"] == "rate"]
    assert reason["sentence"].startswith(
        "Tuned drafts with facts of v1-1 pass 0% of the time, below your target of 70%"
    )
