"""A page of another origin in a real browser: whatever it has the browser ask of the studio is refused, and a link on it that is followed leads here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response

from core.config import DataFolder
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.e2e.test_pages import Studio, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# To a browser `localhost` is another site than the studio's `127.0.0.1`, and another port of `127.0.0.1` another origin of its site.
HOSTS = ("localhost", "127.0.0.1")
# A path for each way of asking, so that its answer is known by it.
ASKED = {
    "/healthz?img": "<img src='{0}'>", "/healthz?script": "<script src='{0}'></script>", "/healthz?style": "<link rel=stylesheet href='{0}'>",
    "/?iframe": "<iframe src='{0}'></iframe>", "/?object": "<object data='{0}'></object>", "/?embed": "<embed src='{0}'>",
    "/api/projects?fetch": "<script>fetch('{0}', {{mode: 'no-cors', credentials: 'include'}}).catch(() => 0)</script>",
    "/api/projects?post": "<script>fetch('{0}', {{mode: 'no-cors', method: 'POST', body: '{{}}'}}).catch(() => 0)</script>",
    "/healthz?video": "<video src='{0}' preload=auto></video>",
}  # fmt: skip


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("cross-site") / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    workspace.close()
    yield from served(data)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def another_site(folder: Path, host: str) -> Iterator[str]:
    server = ThreadingHTTPServer((host, 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("host", HOSTS)
def test_a_page_of_another_origin_is_refused_all_that_it_asks_and_may_link_here(
    browser: Browser, studio: Studio, tmp_path: Path, host: str
) -> None:
    asking = "".join(way.format(f"{studio.address}{path}") for path, way in ASKED.items())
    link = f"<a href='{studio.address}/help?project=p'>the studio's help</a>"
    (tmp_path / "page.html").write_text(f"<!doctype html>{link}{asking}", encoding="utf-8")
    answered: dict[str, int] = {}

    def note(answer: Response) -> None:
        place = urlsplit(answer.url)
        if answer.url.startswith(studio.address):
            answered[f"{place.path}?{place.query}"] = answer.status

    with another_site(tmp_path, host) as address:
        context = browser.new_context()
        page = context.new_page()
        page.on("response", note)
        page.goto(f"{address}/page.html", wait_until="networkidle")
        assert {path: answered.get(path) for path in ASKED} == dict.fromkeys(ASKED, 403)
        page.get_by_role("link", name="the studio's help").click()
        page.get_by_role("heading", name="Help", exact=True).wait_for()
        settled(page)
        assert answered["/help?project=p"] == 200
        context.close()
