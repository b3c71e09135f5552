"""Going on from a run in the browser: the offer names its counts, and a run that went on says from which and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.jobs.folder import JobFolder
from core.review.briefs import BriefIn
from core.training.base_models import file_sha256
from core.training.manifests import WEIGHTS
from core.workflows import briefing, continuing, drafting, training
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.test_continuing import judge
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Studio, body, context, imported, served
from tests.e2e.test_runs import opened
from tests.jobs_by_hand import finish

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


class ContinuesAtOnce(made_up.MadeUpWorkers):
    """A continuation is written down at once too: an adapter that nothing loads, and invented figures."""

    def start(self, folder: JobFolder) -> None:
        if folder.spec()["kind"] != "continue":
            super().start(folder)
            return
        adapter = folder.out / "adapter"
        adapter.mkdir(parents=True)
        (adapter / WEIGHTS).write_bytes(b"made up, and other")
        n_pairs = folder.spec()["settings"]["continues"]["n_pairs"]
        for step in range(1, 7):
            folder.append_event(
                {"kind": "step", "step": step, "n_steps": 6, "loss": 0.69 - step / 30, "margin": step / 2}
            )
        for step, loss in ((0, 3.02), (3, 3.01), (6, 3.03)):
            folder.append_event({"kind": "eval", "step": step, "loss": loss, "n_examples": 6})
        folder.write_status({"state": "done", "result": _figures(n_pairs)})


def _figures(n_pairs: int) -> dict[str, Any]:
    pairs = {"n": n_pairs, "margin": 0.0, "chosen_change": 0.0}
    return {
        "n_steps": 6, "n_train_tokens": 9_000, "seconds": 40.0, "tokens_per_second": 225.0, "base_eval_loss": 3.36, "eval_loss": 3.03,
        "peak_memory_mb": 3_300, "examples": [], "n_train_examples": 120, "weights_sha256": "made up too", "job_seconds": 90.0,
        "energy_wh": 0.5, "n_dropped": 0,
        "preference": {
            "n_pairs": n_pairs, "n_learnt": n_pairs, "is_aside": False,
            "before": pairs | {"n_likelier": 1, "n_moved": 0}, "after": pairs | {"n_likelier": 4, "n_moved": n_pairs},
            "hold_out": {"split": "test", "n": 5, "n_left_out": 1, "before": 3.018, "after": 3.03},
        },
    }  # fmt: skip


def made_loadable(workspace: Workspace, run: str) -> None:
    """Give the made-up adapter bytes whose hash its manifest says."""
    row = training.run_named(workspace, run)
    folder = training.adapter_folder(workspace, row)
    (folder / WEIGHTS).write_bytes(b"made up")
    sha256 = file_sha256(folder / WEIGHTS)
    (folder / "manifest.json").write_text(json.dumps({"weights_sha256": sha256, "run": row["id"]}))
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"] | {"weights_sha256": sha256}, row["id"]])


def prepared(data: Path) -> None:
    """A run with five edited drafts, and one that went on from it."""
    workspace = open_workspace(DataFolder(data), executor=ContinuesAtOnce())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    made_up.frozen(workspace, "voice", "v1")
    finish(workspace, training.start_run(workspace, "voice", "v1", by="Ann", name="first")["job"])
    made_loadable(workspace, "first")
    briefs = [BriefIn(f"typed-{n}", f"Write about van {n}.") for n in range(7)]
    ids = briefing.add_briefs(workspace, "voice", briefs, by="Ann")
    finish(
        workspace,
        drafting.write_drafts(workspace, "voice", run="first", brief_ids=ids, systems=["tuned"], by="Ann")["job"],
    )
    for brief in ids[:5]:
        judge(workspace, brief, "tuned", text="We changed one thing, and said so.", project="voice")
    judge(workspace, ids[5], "tuned", project="voice")
    finish(workspace, continuing.start_continuation(workspace, "voice", "first", by="Ann", name="second")["job"])
    workspace.close()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("continuation") / "data"
    prepared(data)
    yield from served(data)


def test_the_offer_names_its_counts_and_why_others_are_left_out(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=first&")
    expect(page.get_by_role("button", name="Continue with the 5 edits of your reviewers")).to_be_enabled()
    expect(page.get_by_text("The verdicts make 5 pairs of texts: 5 drafts signed off after an edit.")).to_be_visible()
    page.get_by_text("How it learns, and what is left out").click()
    expect(page.get_by_text("1 verdict: signed off without an edit")).to_be_visible()


def test_a_run_that_went_on_says_from_which_and_what_came_of_it(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=second&")
    expect(page.get_by_text("Went on from first with 5 pairs from the reviews: 5 edited drafts.")).to_be_visible()
    figures = page.locator(".st-key-figures_preference")
    expect(figures.get_by_text("4 of 5")).to_be_visible()
    expect(figures.get_by_text("before 1")).to_be_visible()
    expect(figures.get_by_text("3.030")).to_be_visible()
    expect(page.get_by_text("Measured on the 5 pairs that it learnt from")).to_be_visible()


def test_the_button_starts_a_run_and_shows_it(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=first&")
    page.get_by_role("button", name="Continue with the 5 edits of your reviewers").click()
    expect(page.get_by_role("heading", name="first-reviewed-3")).to_be_visible()
    expect(page.get_by_text("Went on from first with 5 pairs")).to_be_visible()
