"""What a reviewer's browser receives before the verdict tells nothing of who wrote the draft: frames, page, requests, time.

The order over many sessions is looked at in tests/core/review/test_blind_order.py, the API in test_10_blind_api.py.
Here somebody reviews by key in a real browser, on texts that are all drawn in one and the same way.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, WebSocket, expect

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.blindness import Received, figures_of_id, figures_of_words, guess_machine, is_told, with_planted
from tests.drafts_by_hand import put_drafts
from tests.e2e.test_pages import SYSTEM_NAMES, Seen, opened, press, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alone]

N_BRIEFS, N_DRAFTS = 40, 60
ITEM = re.compile(r"i_[0-9a-f]{24}")
DRAFTS = "SELECT i.id AS item, d.id AS draft, d.text, d.brief_id AS brief, d.system FROM review_items i JOIN drafts d ON d.id = i.draft_id"
# What the components drew for themselves included.
WHOLE_PAGE = """() => [document.querySelector('#root'), ...[...document.querySelectorAll('*')].map((e) => e.shadowRoot)]
  .filter(Boolean).map((root) => root.innerHTML).join('')"""
Collect = Callable[[], list[Received]]


@dataclass
class Wire:
    """All that came since it was emptied: frames of the websocket, and what was asked for by address."""

    frames: list[bytes] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        def framed(payload: str | bytes) -> None:
            self.frames.append(payload.encode() if isinstance(payload, str) else payload)

        def answered(response: Response) -> None:
            self.addresses.append(response.url)

        def connected(socket: WebSocket) -> None:
            socket.on("framereceived", framed)

        page.on("websocket", connected)
        page.on("response", answered)

    def taken(self) -> Wire:
        taken = Wire(self.frames.copy(), self.addresses.copy())
        self.frames.clear()
        self.addresses.clear()
        return taken


@pytest.fixture(scope="module")
def collect(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Collect:
    """Reviews many drafts of a new studio in a browser, and gives what was received of each."""
    seeds = count(1)

    def collected() -> list[Received]:
        seed, data = next(seeds), tmp_path_factory.mktemp("blind") / "data"
        workspace = open_workspace(DataFolder(data))
        projects.create_project(workspace, name="p", goal="voice", by="Ann")
        put_drafts(workspace, "p", n_briefs=N_BRIEFS, seed=seed)
        by_text = {row["text"]: row for row in workspace.store.read(DRAFTS)}
        workspace.close()
        return list(reviewed(browser, data, by_text, str(seed)))

    return collected


@pytest.fixture(scope="module")
def received(collect: Collect) -> list[Received]:
    return collect()


def reviewed(browser: Browser, data: Path, by_text: dict[str, Any], studio: str) -> Iterator[Received]:
    for opened_studio in served(data):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(30_000)
        page, wire = opened(context, opened_studio, Seen()), Wire()
        wire.listen(page)
        started = time.perf_counter()
        page.goto(f"{opened_studio.address}/review?project=p")
        text = ""
        for place in range(N_DRAFTS):
            editor = page.locator("textarea#draft")
            expect(editor).not_to_have_value(text)
            seconds = time.perf_counter() - started
            settled(page)
            text = editor.input_value()
            draft, came = by_text[text], wire.taken()
            yield Received(
                studio, draft["draft"], draft["brief"], System(draft["system"]), figures(page, came, text, draft["item"])
                | {"place": float(place), "shown_ms": 1000 * seconds},
            )  # fmt: skip
            started = time.perf_counter()
            press(page, "s")
        context.close()


def figures(page: Page, came: Wire, text: str, item: str) -> dict[str, float]:
    """Of what came for one draft, names of files among it, and of the page as it stands. The text itself is taken out of both."""
    told = b"".join(came.frames).decode("utf-8", errors="ignore")
    html = page.evaluate(WHOLE_PAGE)
    assert item in told, "the frames were not captured"
    assert SYSTEM_NAMES.search((told + html).lower()) is None
    n_elements, n_classes = page.evaluate(
        "[document.querySelectorAll('*').length, new Set([...document.querySelectorAll('*')].flatMap((e) => [...e.classList])).size]"
    )
    return figures_of_id(item) | {
        "n_frames": float(len(came.frames)),
        "bytes_beside_the_text": float(
            sum(map(len, came.frames)) - told.count(text.split("\n")[0]) * len(text.encode())
        ),
        "longest_frame": float(max(map(len, came.frames))),
        "n_ids": float(len(set(ITEM.findall(told)))),
        "n_answers": float(len(came.addresses)),
        "length_of_addresses": float(sum(map(len, came.addresses))),
        "html_beside_the_text": float(len(html.replace(text, ""))),
        "n_elements": float(n_elements),
        "n_classes": float(n_classes),
        "length_of_the_text": float(len(text)),
        **figures_of_words("frame", told.replace(text, "")),
        **figures_of_words("page", html.replace(text, "")),
        **figures_of_words("address", " ".join(came.addresses)),
    }


def test_a_classifier_finds_nothing(collect: Collect, received: list[Received]) -> None:
    assert len(received) == N_DRAFTS
    data = iter([received])
    assert is_told(lambda: next(data, None) or collect(), guess_machine) is None


def test_a_mark_beside_the_draft_that_differs_by_system_would_be_found(received: list[Received]) -> None:
    def marked(one: Received) -> dict[str, float]:
        # Some elements with a class of their own, and as many more for each system.
        more = {"n_elements": 3.0, "n_classes": 1.0, "html_beside_the_text": 150.0}
        return {name: one.figures[name] + n * list(System).index(one.system) for name, n in more.items()}

    assert guess_machine(with_planted(received, marked)).is_find


def test_a_class_of_the_same_length_that_differs_by_system_would_be_found(received: list[Received]) -> None:
    def named(one: Received) -> dict[str, float]:
        more = figures_of_words("page", f'<i class="mark{list(System).index(one.system)}"></i>')
        return {name: one.figures[name] + n for name, n in more.items()}

    assert guess_machine(with_planted(received, named)).is_find


def test_an_id_that_begins_with_the_system_would_be_found(received: list[Received]) -> None:
    assert guess_machine(with_planted(received, lambda one: {"id_2": float(ord(one.system.value[-1]))})).is_find
