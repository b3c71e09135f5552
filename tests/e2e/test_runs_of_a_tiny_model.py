"""Runs in the browser that really train and really leave: on a tiny model in the base model's place, so that each takes seconds.

An expert's run goes to its end, a model is taken away as GGUF, over what forbids it too, models are rolled back, a run gets a
note and tags, and the page of a running run comes back by itself after its server went away.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.config import DataFolder
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.workflows import training
from core.workflows.workspace import Workspace
from tests.core.training.exportable import tiny_model
from tests.core.workflows.finished_run import finished_run
from tests.e2e import made_up
from tests.e2e.choices import choose
from tests.e2e.test_pages import Studio, context, served, settled
from tests.e2e.test_typing_is_kept import Server
from tests.e2e.visiting import opened
from tests.studio.serving_studio import with_run

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAKEN = "taken"
LONG = 180_000
# Tokens to train on: far more than a test waits for.
MANY = 100_000_000
STEPS = re.compile(r"^[\d,]+ of [\d,]+ ")
LIMITS = {"n_given": 32, "n_asked": 48, "long_run": 24}
BY_HEART = {"n": 20, "n_tuned": 5, "n_base": 1, "n_new": 4, "longest": 48, "limits": LIMITS, "passages": []}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """In `voice` two runs whose training was made up; in `taken` one with a real adapter, and one that knows too much by heart."""
    root = tmp_path_factory.mktemp("tiny")
    data = root / "data"
    workspace = with_run(DataFolder(data))
    made_up.trained(workspace, "voice", "v1")
    finished_run(workspace, root, project_name=TAKEN)
    _knows_by_heart(workspace)
    workspace.close()
    yield from served(data)
    _end_workers(data)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A studio that may go away and come back on the same port."""
    with_run(DataFolder(tmp_path / "data")).close()
    running = Server(tmp_path / "data")
    running.start()
    yield running
    running.stop()
    _end_workers(tmp_path / "data")


def _knows_by_heart(workspace: Workspace) -> None:
    """The run v1-2, with the adapter of v1-1 and texts that came out word for word."""
    row = training.run_named(workspace, "r_1")
    own = workspace.folder.runs / "r_2" / "adapter"
    shutil.copytree(workspace.folder.root / row["adapter"], own)
    with workspace.store.transaction() as tx:
        job_rows.insert_job(tx, "job_2", project_id=row["project_id"], kind="train", facts={"run": "r_2"}, by="Ann")
        run_rows.insert_run(
            tx, "r_2", project_id=row["project_id"], version_id=row["version_id"], name="v1-2", job_id="job_2",
            config=row["config"], estimate=row["estimate"], by="Ann",
        )  # fmt: skip
        run_rows.finish_run(
            tx, "job_2", status="done", adapter=str(own.relative_to(workspace.folder.root)),
            metrics=row["metrics"] | {"by_heart": BY_HEART},
        )  # fmt: skip
        job_rows.mark_ended(tx, "job_2", state="done", reason="", result={})
        job_rows.mark_collected(tx, "job_2")


def _end_workers(data: Path) -> None:
    """Workers outlive their server by design; a test leaves none behind."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(data) in part for part in process.info["cmdline"] or []):
            process.kill()


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")
    settled(page)


def test_an_experts_run_goes_to_its_end_with_what_was_set(context: BrowserContext, studio: Studio, base: Path) -> None:
    page = opened(context, studio, "train")
    fill(page, "Base model", str(base))
    page.get_by_text("All settings", exact=True).click()
    for label, value in (("Rank", "4"), ("Stop after so many steps", "3"), ("Drafts at the end", "0")):
        fill(page, label, value)
    page.get_by_text("Ask again", exact=True).click()
    expect(page.get_by_text("4 settings differ from the preset")).to_be_visible()
    # The short view starts the same run.
    page.get_by_text("All settings", exact=True).click()
    expect(page.get_by_label("Rank", exact=True)).to_have_count(0)
    expect(page.get_by_text("4 settings differ from the preset: rank 4 instead of 16")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name=re.compile("· done$"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Hold-out loss, nats per token")).to_be_visible()
    page.get_by_text("Drafts for held-out requests").click()
    expect(page.get_by_text("Its settings asked for none: drafts at the end were set to 0.")).to_be_visible()
    told = [json.loads(file.read_text()) for file in studio.data.glob("runs/run_*/adapter/adapter_config.json")]
    assert [one["r"] for one in told] == [4]


def test_a_model_is_taken_away_as_gguf_and_shows_what_its_check_found(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=r_1", project=TAKEN)
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_text("GGUF q8_0 · ")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("largest difference of a next-token probability")).to_be_visible()
    expect(page.get_by_text("ollama create v1-1 -f")).to_be_visible()
    (file,) = studio.data.glob("exports/*/v1-1-q8_0.gguf")
    assert file.stat().st_size > 0
    page.reload()
    expect(page.get_by_text("GGUF q8_0 · ")).to_be_visible()


def test_what_was_learnt_by_heart_bars_an_export_until_somebody_says_why(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "runs?run=r_2", project=TAKEN)
    expect(page.get_by_text("the model wrote on word for word").first).to_be_visible()
    choose(page, "As", "Adapter: the trained weights alone (PEFT)")
    settled(page)
    export = page.get_by_role("button", name="Export all the same")
    expect(page.get_by_role("button", name="Export", exact=True)).to_have_count(0)
    fill(page, "Why it is to be exported all the same", "All of these texts are public.")
    export.click()
    expect(page.get_by_text("Exported over what forbade it: All of these texts are public.")).to_be_visible()
    expect(page.get_by_text("By Ann, ").last).to_be_visible()


def test_models_are_rolled_back_with_a_reason(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "models")
    for run in ("v1-1", "v1-2"):
        # Each time the candidate that is left, or the newest, stands below the approved one.
        card = page.locator("[data-testid=stVerticalBlock]").filter(has_text=re.compile(rf"^{run}Trained on")).last
        card.get_by_text("Decide", exact=True).click()
        reason = card.get_by_label("Why")
        reason.fill(f"Ten drafts of {run} were read.")
        reason.press("Tab")
        card.get_by_role("button", name="Approve", exact=True).click()
        expect(page.get_by_text(f"{run} is approved")).to_be_visible()
        settled(page)
    page.get_by_text("Roll back to v1-1").click()
    why = page.get_by_test_id("stExpander").filter(has_text="Roll back to v1-1").get_by_label("Why")
    why.fill("v1-2 repeats itself.")
    why.press("Tab")
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_text("v1-1 is approved")).to_be_visible()
    page.reload()
    expect(page.get_by_text("v1-1 is approved")).to_be_visible()
    expect(page.get_by_text("v1-2 repeats itself.").first).to_be_visible()


def test_a_bundle_is_downloaded_from_the_page_of_its_run(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=r_1", project=TAKEN)
    page.get_by_text("Make it again").click()
    expect(page.get_by_text(f"proofroom runs bundle v1-1 --project {TAKEN} --to v1-1.zip")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Take the bundle").click()
    assert waiting.value.suggested_filename == "v1-1.zip"
    with zipfile.ZipFile(waiting.value.path()) as archive:
        facts = json.loads(archive.read("bundle.json"))
        assert {"version/train.parquet", "version/test.parquet"} <= set(archive.namelist())
    assert (facts["run"], facts["version"]) == ("v1-1", "v1")


def test_a_run_gets_a_note_and_tags_by_which_it_is_found(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=v1-1")
    page.get_by_text("Write a note").click()
    fill(page, "Note", "The one to beat.")
    fill(page, "Tags, with commas between", "baseline, spring")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Tagged baseline, spring")).to_be_visible()
    page.reload()
    expect(page.get_by_text("The one to beat.").first).to_be_visible()
    page.get_by_role("tab", name="Side by side").click()
    page.get_by_text("baseline", exact=True).click()
    expect(page.get_by_text("Choose two or more.")).to_be_visible()


def test_the_page_of_a_run_comes_back_by_itself_after_its_server_went_away(
    context: BrowserContext, server: Server, base: Path
) -> None:
    studio = Studio(server.address, psutil.Process(), base)
    page = opened(
        context, studio, f"train?settings={quote(f'base={base},train_tokens={MANY},n_drafts=0,ask_again=False')}"
    )
    page.get_by_role("button", name="Start training").click()
    before = steps(page)
    server.stop()
    expect(page.get_by_text(re.compile("Connection|Connecting|Running")).first).to_be_attached()
    server.start()
    # Nobody touches the page.
    expect(page.get_by_text(STEPS)).to_be_visible(timeout=LONG)
    page.wait_for_function(
        "before => [...document.querySelectorAll('p')].some(p => / of /.test(p.textContent) && +p.textContent.split(' of ')[0].replace(/,/g, '') > before)",
        arg=before, timeout=LONG,
    )  # fmt: skip
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name=re.compile("· cancelled$"))).to_be_visible(timeout=LONG)


def steps(page: Page) -> int:
    """How many steps the page says are done, once it says any."""
    told = page.get_by_text(STEPS)
    expect(told).to_be_visible(timeout=LONG)
    return int(told.inner_text().partition(" of ")[0].replace(",", ""))
