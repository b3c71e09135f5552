"""Remakes the README's pictures: a script, not a test.

    .venv/bin/python -m tests.e2e.screenshots                 the pages that need no trained adapter
    .venv/bin/python -m tests.e2e.screenshots --data FOLDER   those that do, from an existing studio

FOLDER is one that `python -m tests.e2e.trained_sample FOLDER` made, or any other. With --pages train,runs it takes just these. Without --data it opens a studio of its own on the sample
projects, and makes some decisions and a version in it; for Erasure it looks for a person and erases nobody. With --data it opens the studio of that folder (no other server may run on it), takes
the pictures of Train, Briefs and drafts, Review and Results, and decides nothing. Opening Review
shows a draft to a reviewer called "Picture", which holds it for five minutes.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from core.config import DataFolder
from core.workflows import curating, deciding, freezing, personal_data, personal_search, suggesting, tagging, taxonomy
from core.workflows.jobs import active_jobs
from core.workflows.sample import SAMPLES, make_samples
from core.workflows.workspace import Workspace, open_workspace
from tests.jobs_by_hand import finish

REPOSITORY = Path(__file__).resolve().parents[2]
PICTURES = REPOSITORY / "data" / "pictures"
SIZE = {"width": 1440, "height": 900}
MAX_BYTES = 200_000
PROJECT, SUPPORT = SAMPLES[0].project, SAMPLES[1].project
# Of the sample project, and invented as everybody in it.
PERSON = "Walter Pemberley"
UNTRAINED = (
    "desk", "sources", "duplicates", "curate", "explore", "datasets", "personal-data", "register", "erasure", "audit",
)  # fmt: skip
OF_SUPPORT = ("tags",)
TRAINED = ("train", "runs", "models", "drafts", "review", "results")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="the data folder of a studio with a trained adapter")
    options.add_argument("--project", default=PROJECT, help=f"the project to show (default {PROJECT})")
    options.add_argument("--pages", default="", help="only these pages, with commas between them")
    chosen = options.parse_args()
    every = TRAINED if chosen.data else UNTRAINED + OF_SUPPORT
    pages = tuple(chosen.pages.split(",")) if chosen.pages else every
    if not_there := set(pages) - set(every):
        options.error(f"there is no page {min(not_there)} here, only {', '.join(every)}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    if chosen.data is not None:
        take(chosen.data, chosen.project, pages)
        return
    with tempfile.TemporaryDirectory(prefix="proofroom-pictures-") as folder:
        data = Path(folder) / "data"
        flagged = prepare(data)
        take(
            data,
            PROJECT,
            tuple(name for name in pages if name in UNTRAINED),
            **{"curate": f"&record={flagged}", "explore": "&words=price", "personal-data": "&kind=person"},
        )
        take(data, SUPPORT, tuple(name for name in pages if name in OF_SUPPORT))


def prepare(data: Path) -> str:
    """The sample project half way: measured, a third of its records judged, one version frozen.

    Returns a record with a marked flag, for Curate to show.
    """
    workspace = open_workspace(DataFolder(data))
    workspace.supervisor.start()
    try:
        make_samples(workspace, REPOSITORY / "data" / "sample")
        measured(workspace)
        waiting = deciding.queue(workspace, PROJECT, deciding.RecordFilter(status="undecided"))
        for place, record in enumerate(waiting[:24]):
            # The doubtful ones come first in the queue.
            decision = "reject" if place < 8 else "defer" if place < 10 else "keep"
            deciding.decide(workspace, PROJECT, record, decision, by="Ann")
        tagged(workspace)
        finish(workspace, personal_search.find_in_project(workspace, PROJECT, by="Ann"))
        personal_data.decide_kind(workspace, PROJECT, "DATE_TIME", "keep", by="Ann")
        personal_data.decide_undecided(workspace, PROJECT, "mask", by="Ann")
        finish(workspace, freezing.freeze_version(workspace, PROJECT, name="v1", by="Ann")["job"])
        return deciding.queue(workspace, PROJECT, deciding.RecordFilter(flag="personal_data"))[0]
    finally:
        workspace.close()


def tagged(workspace: Workspace) -> None:
    """Sixty support threads with the tag of whose meaning they hold most words, and suggestions for the others."""
    listed = taxonomy.list_tags(workspace, SUPPORT)
    meanings = {tag["tag"]: {w.lower().strip(",:;") for w in tag["meaning"].split() if len(w) > 3} for tag in listed}
    for record in sorted(deciding.queue(workspace, SUPPORT, deciding.RecordFilter()))[:60]:
        words = deciding.record_details(workspace, SUPPORT, record)["text"].lower().split()
        best = max(meanings, key=lambda tag: sum(word.strip(".,?!") in meanings[tag] for word in words))
        tagging.tag(workspace, SUPPORT, record, [best], by="Ann")
    for tag, colour in zip(listed, ("blue", "violet", "green", "amber", "olive", "grey"), strict=False):
        taxonomy.change_tag(
            workspace, SUPPORT, tag["tag"], by="Ann", shortcut=tag["shortcut"], colour=colour, meaning=tag["meaning"]
        )
    finish(workspace, suggesting.suggest_tags(workspace, SUPPORT, by="Ann"))


def measured(workspace: Workspace) -> None:
    """Wait for all sample projects: a worker that still ran would write into a folder that is gone."""
    deadline = time.monotonic() + 1_200
    while active_jobs(workspace) or not curating.is_current(workspace, PROJECT):
        assert time.monotonic() < deadline, "the sample projects were not measured within twenty minutes"
        time.sleep(0.5)


def take(data: Path, project: str, pages: tuple[str, ...], **more: str) -> None:
    """more: what a page's address has beside the project."""
    if not pages:
        return
    chromium = which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium on this machine; install Debian's package of that name.")
    with served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport=SIZE, color_scheme="light")
        context.add_cookies([{"name": "proofroom_name", "value": "Picture", "url": address}])
        page = context.new_page()
        for name in pages:
            page.goto(f"{address}/{'' if name == 'desk' else name}?project={project}{more.get(name, '')}")
            settle(page)
            if name in BEFORE:
                BEFORE[name](page)
                settle(page)
            keep(name, page.screenshot())
        browser.close()


def look_for_a_person(page: Page) -> None:
    """What would go of a customer of the sample project, in view."""
    page.get_by_role("textbox", name="Full name").fill(PERSON)
    page.get_by_role("textbox", name="Full name").press("Tab")
    page.get_by_role("button", name="Look everywhere").click()
    heading = page.get_by_role("heading", name="What would go")
    expect(heading).to_be_visible(timeout=60_000)
    settle(page)
    heading.evaluate("heading => heading.scrollIntoView()")
    page.mouse.move(0, 0)


# What is done on a page before its picture is taken.
BEFORE: dict[str, Callable[[Page], None]] = {"erasure": look_for_a_person}


def settle(page: Page) -> None:
    """Wait until the page is drawn, its tables and charts included."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(1_500)


def keep(name: str, png: bytes) -> None:
    """Write the picture with as many colours as fit under the limit."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    target = PICTURES / f"{name}.png"
    for n_colours in (256, 128, 64, 32):
        picture.quantize(n_colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size < MAX_BYTES:
            break
    print(f"{target.relative_to(REPOSITORY)}: {target.stat().st_size:,} bytes")


@contextmanager
def served(data: Path) -> Iterator[str]:
    """A studio on the folder, as long as the pictures are taken."""
    server = subprocess.Popen(
        [sys.executable, "-m", "studio.cli", "serve", "--port", "0", "--data", str(data)], cwd=REPOSITORY
    )
    deadline = time.monotonic() + 60
    try:
        while (port := port_of(data, server.pid)) is None:
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"No studio could be started on {data}.")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def port_of(data: Path, pid: int) -> int | None:
    """The port of this process's server; None as long as the file is missing or speaks of another server."""
    try:
        facts = json.loads((data / "server.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return int(facts["port"]) if facts["pid"] == pid else None


if __name__ == "__main__":
    main()
