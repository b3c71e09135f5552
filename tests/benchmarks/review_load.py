"""Fifty reviewers at once: how long "next" takes, and that no draft is handed twice and no verdict lost or doubled.

A real studio on a made-up queue; five people review in a browser by key, the others by the API, each with a pause for
reading and judging before every verdict. In the middle the server is killed with -9 and started again on the same
folder; whoever was reviewing goes on, and asks again for what got no answer.

"next" is measured where the person is: from the request to the answer, from the key to the next draft in the browser; each with the
engine's, Python's and the browsers' work on the same cores. Requests that the killed server never answered are counted by themselves,
and those that wait for the next one's start are not in the times. The new server's first seconds, when all that waited come at once, are
told by themselves too. Fifty people who take a minute for a draft give fifty verdicts a minute; the rate that came of the pause stands in
the result.

    .venv/bin/python -m tests.benchmarks.review_load
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from shutil import which
from typing import Any

import httpx
from playwright.async_api import Browser, Page, async_playwright, expect
from playwright.async_api import Error as BrowserError

from core.config import DataFolder, offline_environment
from core.workflows import projects, results
from core.workflows.workspace import open_workspace
from tests.benchmarks.machine import circumstances
from tests.drafts_by_hand import put_drafts

RESULT = Path(__file__).resolve().parent / "review_load.json"
REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = "load"
LIMIT_MS = 300.0
LONGEST_WAIT_SECONDS = 90.0
SETTLED_SECONDS = 20.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
EDITOR = "textarea#draft"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many review, for how long. think_seconds: the mean pause before a verdict; killed: whether the server is, half way."""

    n_api: int
    n_browsers: int
    seconds: float
    think_seconds: float
    killed: bool = True
    seed: int = 17


@dataclass
class Seen:
    """What the clients noted. verdicts: acknowledged ones, as (item, reviewer). next_ms: of requests that were answered; settled_next_ms and
    settled_browser_ms: of those among them that did not begin in a new server's first 20 seconds.
    """

    verdicts: list[tuple[str, str]] = field(default_factory=list)
    next_ms: list[float] = field(default_factory=list)
    settled_next_ms: list[float] = field(default_factory=list)
    submit_ms: list[float] = field(default_factory=list)
    browser_ms: list[float] = field(default_factory=list)
    settled_browser_ms: list[float] = field(default_factory=list)
    n_browser_verdicts: int = 0
    n_unanswered: int = 0
    n_refused: Counter[int] = field(default_factory=Counter)
    back_after_seconds: float | None = None
    # Between the kill and the first answer of the next server; what is asked for then waits for its start, and is no measure.
    is_down: bool = False
    settled_at: float = 0.0

    def is_settled(self) -> bool:
        """Whether no server is starting, or has just started."""
        return not self.is_down and time.monotonic() >= self.settled_at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=870, help="each with three machine drafts and a human text")
    parser.add_argument("--api", type=int, default=45)
    parser.add_argument("--browsers", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--think-seconds", type=float, default=45.0)
    parser.add_argument("--to", type=Path, default=RESULT)
    given = parser.parse_args()
    os.environ.update(offline_environment())
    plan = Plan(given.api, given.browsers, given.seconds, given.think_seconds)
    with tempfile.TemporaryDirectory(prefix="proofroom-load-") as scratch:
        data = Path(scratch) / "data"
        n_queue = build(data, given.briefs)
        about = circumstances()
        seen = reviewed(data, plan)
        stored = what_is_stored(data, seen)
    result = {
        **about, "cores_used": len(os.sched_getaffinity(0)), "limit_ms": LIMIT_MS,
        "n_briefs": given.briefs, "n_drafts_in_queue": n_queue, "n_api": plan.n_api, "n_browsers": plan.n_browsers,
        "seconds": plan.seconds, "mean_think_seconds": plan.think_seconds, "verdicts_per_minute": round(60 * len(seen.verdicts) / plan.seconds, 1),
        **in_figures(seen), **stored,
    }  # fmt: skip
    given.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def build(data: Path, n_briefs: int) -> int:
    """A studio with drafts that wait. Returns how many come before reviewers."""
    workspace = open_workspace(DataFolder(data))
    try:
        projects.create_project(workspace, name=PROJECT, goal="voice", by="Ann")
        put_drafts(workspace, PROJECT, n_briefs=n_briefs, seed=17)
        return results.results(workspace, PROJECT).n_open
    finally:
        workspace.close()


def reviewed(data: Path, plan: Plan) -> Seen:
    """All that the people of the plan saw."""
    return asyncio.run(_reviewed(data, plan))


async def _reviewed(data: Path, plan: Plan) -> Seen:
    seen, port = Seen(), free_port()
    server = started(data, port)
    try:
        await until_it_answers(port)
        token = (data / "token").read_text(encoding="ascii").strip()
        end = time.monotonic() + plan.seconds
        async with async_playwright() as playwright:
            browser = (
                await playwright.chromium.launch(executable_path=which("chromium"), args=list(FLAGS))
                if plan.n_browsers
                else None
            )
            people = [by_api(f"Reader {n}", port, token, plan, seen, end) for n in range(plan.n_api)]
            people += [
                in_browser(f"Person {n}", browser, port, plan, seen, end) for n in range(plan.n_browsers) if browser
            ]
            work = asyncio.gather(*people)
            if plan.killed:
                await asyncio.sleep(plan.seconds / 2)
                seen.is_down = True
                server.send_signal(signal.SIGKILL)
                server.wait()
                killed_at = time.monotonic()
                server = started(data, port)
                await until_it_answers(port)
                seen.back_after_seconds = round(time.monotonic() - killed_at, 1)
                seen.is_down, seen.settled_at = False, time.monotonic() + SETTLED_SECONDS
            await work
            if browser:
                await browser.close()
    finally:
        server.terminate()
        server.wait(timeout=60)
    return seen


async def by_api(name: str, port: int, token: str, plan: Plan, seen: Seen, end: float) -> None:
    """Next, a pause, in every third draft an edit, the verdict; and so on until the end."""
    draw = Random(f"{plan.seed} {name}")
    headers = {"Authorization": f"Bearer {token}", "X-Proofroom-By": name}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}/api", headers=headers, timeout=LONGEST_WAIT_SECONDS, trust_env=False
    ) as client:
        # They do not all come in the same second.
        await asyncio.sleep(draw.uniform(0, plan.think_seconds))
        while time.monotonic() < end:
            is_settled = seen.is_settled()
            answer, ms = await asked(client, "POST", f"/projects/{PROJECT}/review/next", seen)
            told = answer.json()
            if ms is not None:
                seen.next_ms.append(ms)
                if is_settled:
                    seen.settled_next_ms.append(ms)
            if told["item"] is None:
                return
            await asyncio.sleep(pause(draw, plan))
            text = told["text"]
            if draw.random() < 1 / 3:
                text = f"{text} And one more word."
                await asked(client, "PUT", f"/review/{told['item']}/text", seen, {"text": text, "seconds": 3.0})
            verdict = {"decision": "reject" if draw.random() < 0.2 else "sign_off", "text": text, "seconds": 5.0}
            answer, ms = await asked(client, "POST", f"/review/{told['item']}", seen, verdict)
            # A verdict that was stored before the server was killed, and asked for again: it is this person's.
            if answer.is_success or (answer.status_code == 409 and "You have judged" in answer.text):
                seen.verdicts.append((told["item"], name))
                if ms is not None:
                    seen.submit_ms.append(ms)
            else:
                seen.n_refused[answer.status_code] += 1


async def asked(
    client: httpx.AsyncClient, method: str, path: str, seen: Seen, body: dict[str, Any] | None = None
) -> tuple[httpx.Response, float | None]:
    """The answer, and the milliseconds that it took, None while the server starts; asked for again where a killed one gave none."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        began, was_down = time.perf_counter(), seen.is_down
        try:
            answer = await client.request(method, path, json=body or {})
            return answer, None if was_down else 1000 * (time.perf_counter() - began)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            seen.n_unanswered += 1
            await asyncio.sleep(0.25)


async def in_browser(name: str, browser: Browser, port: int, plan: Plan, seen: Seen, end: float) -> None:
    """Reads, types a word into every third draft, and decides by key."""
    draw, address = Random(f"{plan.seed} {name}"), f"http://127.0.0.1:{port}"
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_cookies([{"name": "proofroom_name", "value": name, "url": address}])
    page = await context.new_page()
    page.set_default_timeout(1000 * LONGEST_WAIT_SECONDS)
    await page.goto(f"{address}/review?project={PROJECT}")
    await expect(page.locator(EDITOR)).not_to_have_value("", timeout=1000 * LONGEST_WAIT_SECONDS)
    while time.monotonic() < end:
        await asyncio.sleep(pause(draw, plan))
        editor = page.locator(EDITOR)
        if draw.random() < 1 / 3:
            await editor.press("End")
            await editor.type(" more")
        shown = await editor.input_value()
        is_settled, began, n_tries = seen.is_settled(), time.perf_counter(), 0
        while not await decided(page, shown):
            # The server that was to answer is gone: the page says so, and the same key works again.
            n_tries += 1
            if n_tries > 10:
                raise AssertionError(f"{name} could not go on")
        seen.n_browser_verdicts += 1
        if n_tries == 0:
            seen.browser_ms.append(1000 * (time.perf_counter() - began))
            if is_settled:
                seen.settled_browser_ms.append(seen.browser_ms[-1])
    await context.close()


async def decided(page: Page, shown: str) -> bool:
    """Whether another draft came after the key."""
    await page.keyboard.press("Control+Enter")
    try:
        await page.wait_for_function(
            "(shown) => { const e = [...document.querySelectorAll('*')].map((x) => (x.shadowRoot ?? x).querySelector?.('textarea#draft')).find(Boolean);"
            " return e && e.value && e.value !== shown; }",
            arg=shown,
            timeout=12_000,
        )
    except BrowserError:
        return False
    return True


def pause(draw: Random, plan: Plan) -> float:
    """Some read quickly, some slowly: a quarter of the mean at least, three times the mean at most."""
    return min(3 * plan.think_seconds, plan.think_seconds * (0.25 + draw.expovariate(1 / 0.75)))


def what_is_stored(data: Path, seen: Seen) -> dict[str, Any]:
    """Counts from the store after all is over: what was lost, doubled or handed twice."""
    workspace = open_workspace(DataFolder(data))
    try:
        read = workspace.store.read
        stored = Counter((row["item_id"], row["reviewer"]) for row in read("SELECT item_id, reviewer FROM reviews"))
        of_item = Counter(item for item, _ in stored)
        handed = read("SELECT item_id, count(DISTINCT reviewer) AS n FROM shown_items GROUP BY item_id")
        by_browser = sum(n for (_, reviewer), n in stored.items() if reviewer.startswith("Person"))
        return {
            "n_verdicts_acknowledged": len(seen.verdicts) + seen.n_browser_verdicts,
            "n_verdicts_stored": sum(stored.values()),
            "n_lost": sum(stored[verdict] == 0 for verdict in seen.verdicts)
            + max(0, seen.n_browser_verdicts - by_browser),
            "n_doubled": sum(n > 1 for n in of_item.values()) + sum(n > 1 for n in stored.values()),
            "n_handed_to_two": sum(row["n"] > 1 for row in handed),
            "n_drafts_handed": len(handed),
        }
    finally:
        workspace.close()


def in_figures(seen: Seen) -> dict[str, Any]:
    return {
        "next_by_api_ms": told(seen.next_ms),
        "submit_by_api_ms": told(seen.submit_ms),
        "key_to_next_draft_in_browser_ms": told(seen.browser_ms),
        "without_the_new_servers_first_seconds": {
            "next_by_api_ms": told(seen.settled_next_ms),
            "key_to_next_draft_in_browser_ms": told(seen.settled_browser_ms),
        },
        "n_requests_without_an_answer": seen.n_unanswered,
        "n_refused": dict(seen.n_refused),
        "back_after_seconds": seen.back_after_seconds,
    }


def told(ms: list[float]) -> dict[str, float]:
    if len(ms) < 2:
        return {"n": len(ms)}
    cuts = statistics.quantiles(ms, n=100, method="inclusive")
    return {
        "n": len(ms),
        "median": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "highest": round(max(ms), 1),
    }


def started(data: Path, port: int) -> subprocess.Popen[bytes]:
    with (data.parent / "server.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "studio.cli", "serve", "--port", str(port), "--data", str(data)],
            cwd=REPOSITORY, stdout=log, stderr=log,
        )  # fmt: skip


async def until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 90
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/healthz")).is_success:
                    return
            except httpx.TransportError:
                assert time.monotonic() < deadline, "the server did not start"
            await asyncio.sleep(0.1)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


if __name__ == "__main__":
    main()
