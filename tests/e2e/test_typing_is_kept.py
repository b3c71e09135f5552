"""What a reviewer types is not lost with a reload, nor with a server that goes away; "Saved" is only said of what is stored."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.workflows import importing, projects
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]
AWAY = "Not stored: the studio does not answer. Your text is kept in this browser."
SECONDS = 30_000


class Server:
    """A studio on one port, which ends and comes back as a restarted one does."""

    def __init__(self, data: Path) -> None:
        self._data = data
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "studio.cli", "serve", "--port", str(self._port), "--data", str(self._data)]
        with (self._data.parent / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urlopen(f"{self.address}/healthz"):
                    return
            except OSError:
                assert self._process.poll() is None, (self._data.parent / "server.log").read_text()
                assert time.monotonic() < deadline, "the studio did not start within a minute"
                time.sleep(0.1)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A studio with two drafts to review."""
    workspace = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    uploads = [
        importing.keep_upload(
            workspace, f"{n}.md", (f"# Van {n}\n\n" + f"We moved van {n} in week {n}. " * 40).encode()
        )
        for n in range(8)
    ]
    finish(workspace, importing.import_files(workspace, "p", uploads, terms, name="posts", by="Ann")["job"])
    made_up.frozen(workspace, "p", "v1")
    run = made_up.trained(workspace, "p", "v1")
    briefs = [BriefIn(f"b{n}", f"Write of van {n}.") for n in range(2)]
    made_up.drafted(workspace, "p", run, briefs)
    workspace.close()
    running = Server(tmp_path / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context()
    context.add_cookies([{"name": "proofroom_name", "value": "Ann", "url": server.address}])
    opened = context.new_page()
    opened.goto(f"{server.address}/review?project=p")
    expect(opened.locator("textarea#draft")).not_to_have_value("", timeout=SECONDS)
    yield opened
    context.close()


def type_first(page: Page, words: str) -> None:
    page.locator("textarea#draft").press("Control+Home")
    page.keyboard.type(words)


def test_words_typed_just_before_a_reload_come_back_and_are_stored(page: Page) -> None:
    type_first(page, "Quick words. ")
    assert page.locator("#state").text_content() != "Saved"
    page.reload()
    # The field stands there before its text does.
    expect(page.locator("textarea#draft")).to_have_value(re.compile(r"^Quick words\. "), timeout=SECONDS)
    expect(page.locator("#state")).to_have_text("Saved", timeout=SECONDS)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('proofroom-typed'))") == []


def test_what_is_typed_while_the_studio_is_away_is_said_to_be_unsaved_and_stored_later(
    page: Page, server: Server
) -> None:
    server.stop()
    type_first(page, "While it was away. ")
    page.keyboard.press("Control+Enter")
    sign_off = page.locator("button[data-decision=sign_off]")
    expect(sign_off).to_be_disabled()
    expect(page.locator("#state")).to_have_text(AWAY, timeout=SECONDS)
    expect(sign_off).to_be_enabled()
    server.start()
    expect(page.locator("#state")).to_have_text("Saved", timeout=2 * SECONDS)
    page.reload()
    expect(page.locator("#state")).to_have_text("Saved", timeout=SECONDS)
    expect(page.locator("textarea#draft")).to_have_value(re.compile(r"^While it was away\. "), timeout=SECONDS)


def test_reasons_that_were_chosen_are_chosen_after_a_reload(page: Page) -> None:
    second = page.locator(".st-key-review_reasons button").nth(1)
    page.keyboard.press("2")
    expect(second).to_have_attribute("aria-pressed", "true", timeout=SECONDS)
    page.locator(".st-key-review_reasons button").nth(2).click()
    expect(page.locator(".st-key-review_reasons button[aria-pressed=true]")).to_have_count(2, timeout=SECONDS)
    page.reload()
    chosen = page.locator(".st-key-review_reasons button[aria-pressed=true]")
    expect(chosen).to_have_count(2, timeout=SECONDS)
    expect(second).to_have_attribute("aria-pressed", "true")
