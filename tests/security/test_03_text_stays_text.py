"""Whatever came from outside is shown letter for letter: markup in every field that pages show, in a real browser, and none of it runs, draws or fetches.

`ran` is a function that the browser is given and that a payload would call; evil.example is a host that it would ask. What is looked at
beside these: elements and attributes that only a payload can have made, in the page, in the components' own trees and in frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, WebSocket

from studio.gate import COOKIE
from studio.navigation import SPECS
from tests.e2e.test_pages import Studio, served, settled
from tests.security.inputs import ASKED_FOR, FIELDS, MARKUP, dose, mark
from tests.security.planted import LINK, Planted, planted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Pages of the two other projects that show what the first has not: threads with their people, changes with their comments.
OF_RECORDS = ("sources", "curate", "explore", "tags", "duplicates", "datasets")
# And those of a project whose source was withdrawn under its model, and another erased.
OF_WHAT_LAPSED = ("", "sources", "datasets", "train", "runs", "models", "register", "erasure", "people")
# What shows more of a page, and changes nothing.
SHOWING_MORE = ("Show the drafts with who wrote them", "Look back")
# Of a file that is only looked at before it comes in; `test_a_table_that_is_looked_at...` has them.
OF_PREVIEWS = {"column", "cell"}
# Of colours those count that hold a payload's one word: the studio's own hold whole texts, or in bold what was searched for.
MADE_BY_PAYLOADS = """() => {
  const found = [];
  const tell = (why, one) => found.push(why + ": " + one.outerHTML.slice(0, 200));
  // Not where the words stand in the query of a link of the studio's own.
  const leads = (value) => {
    let to;
    try { to = new URL(value, document.baseURI); } catch { return true; }
    return /evil/.test(to.host) || to.protocol === "javascript:" || value === "x" || /url=\\/\\/evil/.test(value);
  };
  const look = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const name = one.localName, own = [...one.attributes];
      if (own.some((a) => a.name.startsWith("on"))) tell("a handler", one);
      if (own.some((a) => /^(href|src|action|srcset|poster|data|formaction|xlink:href|content)$/.test(a.name) && leads(a.value))) tell("an address", one);
      if (one.hasAttribute("srcdoc")) tell("a frame", one);
      if (name === "script" && /ran\\(/.test(one.textContent)) tell("a script", one);
      if (name === "style" && /evil/.test(one.textContent)) tell("a style", one);
      if (name === "base" && root !== document) tell("a base", one);
      if (one.classList.contains("katex") || name === "math") tell("a formula", one);
      if (one.dataset.testid === "stIconMaterial" && one.textContent.trim() === "bug_report") tell("an icon", one);
      if (/stMarkdown(Colored|Small|Badge)/.test(one.className?.baseVal ?? one.className) && one.textContent.trim() === "evil"
          && !one.querySelector("strong")) tell("a colour", one);
      if (one.shadowRoot) look(one.shadowRoot);
      if (name === "iframe") { try { if (one.contentDocument) look(one.contentDocument); } catch { tell("a foreign frame", one); } }
    }
  };
  look(document);
  return [...new Set(found)];
}"""


@dataclass
class Watched:
    """A browser and all that happened in it. shown: whatever the studio sent to it, as text."""

    context: BrowserContext
    trouble: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    where: str = ""

    def page(self, own: str) -> Page:
        page = self.context.new_page()
        page.expose_function("ran", lambda *_: self.note("ran"))
        page.on("dialog", lambda dialog: (self.note(f"a dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.note(f"an error: {error}"))
        page.on("websocket", self._read)
        mine = (own, "data:", "blob:", "file://", "about:")
        page.on("request", lambda r: self.note(f"asked {r.url[:120]}") if not r.url.startswith(mine) else None)
        return page

    def note(self, what: str) -> None:
        self.trouble.append(f"{self.where}: {what}")

    def look(self, page: Page) -> None:
        for one in page.evaluate(MADE_BY_PAYLOADS):
            self.note(one)

    def _listen(self, message: ConsoleMessage) -> None:
        # Streamlit looks for its own health route below the page's path first.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            self.note(f"the console: {message.text[:200]}")

    def _read(self, socket: WebSocket) -> None:
        def received(frame: str | bytes) -> None:
            self.shown.append(frame if isinstance(frame, str) else frame.decode("utf-8", errors="ignore"))

        socket.on("framereceived", received)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Planted, Studio]]:
    data = tmp_path_factory.mktemp("planted") / "data"
    found = planted(data)
    for studio in served(data):
        yield found, studio


@pytest.fixture
def watched(browser: Browser, made: tuple[Planted, Studio]) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 2_400})
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": COOKIE, "value": made[0].session, "url": made[1].address}])
    # Whoever would ask it is told of; the answer never comes from outside.
    context.route(re.compile(r"^[a-z]+://[^/?#]*evil\.example"), lambda route: route.abort())
    yield Watched(context)
    context.close()


def test_the_checks_see_each_payload_where_it_does_run(browser: Browser, watched: Watched) -> None:
    """The same markup on a page that takes it for markup: if nothing were seen here, nothing would be shown by the tests below."""
    page = watched.page("http://127.0.0.1:1")

    def as_markup(route: Route) -> None:
        icon = '<span data-testid="stIconMaterial">bug_report</span><span class="stMarkdownColoredText">evil</span><i class="katex"></i>'
        body = "".join(f"<p>{payload}</p>" for payload in MARKUP[:3]) + icon
        more = "<a href='javascript:ran(1)'>a</a><a href='https://evil.example'>b</a><iframe srcdoc='<script>parent.ran(1)</script>'></iframe>"
        route.fulfill(content_type="text/html", body=body + more + "<img src='//evil.example/a.png'>")

    page.route("http://127.0.0.1:1/", as_markup)
    page.goto("http://127.0.0.1:1/")
    page.wait_for_load_state()
    watched.look(page)
    told = "\n".join(watched.trouble)
    for word in (
        ": ran",
        "a handler",
        "an address",
        "a frame",
        "a script",
        "a formula",
        "an icon",
        "a colour",
        "asked http://evil.example",
    ):
        assert word in told, (word, told)


def test_no_field_of_any_page_is_more_than_text(made: tuple[Planted, Studio], watched: Watched) -> None:
    found, studio = made
    page = watched.page(studio.address)
    for spec in SPECS:
        visit(watched, page, studio, "" if spec.path == "desk" else spec.path, "project=voice")
    for path, more in (
        ("runs", f"run={found.run}"),
        ("tags", "view=The+list"),
        ("tags", "view=Coverage"),
        ("results", f"run={found.run}"),
    ):
        visit(watched, page, studio, path, f"project=voice&{more}")
    for path in OF_WHAT_LAPSED:
        visit(watched, page, studio, path, f"project={LINK}")
    for project in ("support", "code"):
        for path in OF_RECORDS:
            visit(watched, page, studio, path, f"project={project}")
    for project, records in found.records.items():
        for record in records:
            visit(watched, page, studio, "curate", f"project={project}&status=all&record={record}")
    assert watched.trouble == []
    told = "\n".join(watched.shown)
    unseen = [name for name in FIELDS if mark(name) not in told and name not in OF_PREVIEWS]
    assert unseen == [], f"planted and never shown: {', '.join(unseen)}"


def visit(watched: Watched, page: Page, studio: Studio, path: str, query: str) -> None:
    watched.where = f"{path}?{query}"
    page.goto(f"{studio.address}/{path}?{query}")
    settled(page)
    watched.look(page)
    open_everything(watched, page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
        open_everything(watched, page)
    if page.get_by_text("Something unexpected happened").count():
        watched.note("an error that nobody foresaw")
    for words in SHOWING_MORE:
        more = page.get_by_text(words)
        if more.count() and press(page, more.first):
            open_everything(watched, page)


def open_everything(watched: Watched, page: Page) -> None:
    """Each fold, popover and list of choices once; none of them changes anything."""
    folds, place = page.locator("[data-testid=stExpander] details > summary"), 0
    # By their places among all folds: of those that are closed the next one would be another with each that opens.
    while place < folds.count():
        if not folds.nth(place).evaluate("(one) => one.parentElement.open"):
            press(page, folds.nth(place))
        place += 1
    watched.look(page)
    for popover in page.get_by_test_id("stPopover").get_by_role("button").all():
        if press(page, popover):
            watched.look(page)
            page.keyboard.press("Escape")
    for choice in page.locator("[data-testid=stSelectbox] input, [data-testid=stMultiSelect] input").all():
        # While its list is open nothing else of the page is there for a screen reader.
        if press(page, choice, settles=False):
            watched.look(page)
            page.keyboard.press("Escape")


def press(page: Page, place: Locator, *, settles: bool = True) -> bool:
    """Whether it could be pressed: what lies in a tab that is not shown, or in a folded sidebar, cannot."""
    box = place.bounding_box() if place.is_visible() else None
    if box is None or box["x"] + box["width"] <= 0 or place.is_disabled():
        return False
    place.click()
    page.wait_for_timeout(150)
    if settles:
        settled(page)
    return True


def test_words_in_the_address_are_said_and_nothing_more(made: tuple[Planted, Studio], watched: Watched) -> None:
    _, studio = made
    page = watched.page(studio.address)
    # The first question about a meaning starts the model that embeds, which takes its time.
    page.goto(f"{studio.address}/explore?project=voice&about=van")
    page.get_by_text(re.compile(r"^\d+ records?$")).first.wait_for(timeout=180_000)
    for path, name in ASKED_FOR:
        for some in (MARKUP[:14], MARKUP[14:]):
            watched.where = f"{path}?{name}"
            own = "" if name == "project" else "project=voice&"
            page.goto(f"{studio.address}/{path}?{own}{name}={quote(' '.join(some))}")
            settled(page)
            watched.look(page)
            assert page.get_by_text("Something unexpected happened").count() == 0, watched.where
    assert watched.trouble == []


def test_a_table_that_is_looked_at_before_it_comes_in_is_text(made: tuple[Planted, Studio], watched: Watched) -> None:
    """The preview of a file: its name, its columns, its rows and what is wrong with it."""
    _, studio = made
    page = watched.page(studio.address)
    watched.where = "a preview"
    page.goto(f"{studio.address}/sources?project=support")
    settled(page)
    page.get_by_text("Add a source").first.click()
    settled(page)
    head, row = f'"{dose("column")}"', f'"{dose("cell")}"'.replace("'\"><", "'<")
    table = f"question,answer,{head.replace(chr(39) + chr(34), chr(39))}\n{row},{row},x\n".encode()
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(
        {"name": f"{dose('file').replace('/', '_')}.csv", "mimeType": "text/csv", "buffer": table}
    )
    page.wait_for_timeout(3_000)
    settled(page)
    watched.look(page)
    open_everything(watched, page)
    assert [name for name in OF_PREVIEWS if mark(name) not in "\n".join(watched.shown)] == []
    assert watched.trouble == []


def test_files_that_are_opened_from_a_disk_hold_text_alone(made: tuple[Planted, Studio], watched: Watched) -> None:
    """The report and the documents as HTML: there no policy of the studio stands before a script."""
    found, studio = made
    page = watched.page(studio.address)
    for name, file in found.pages.items():
        watched.where = name
        page.goto(f"file://{Path(file)}")
        watched.look(page)
    assert watched.trouble == []
    assert mark("owner") in found.pages["report"].read_text() + found.pages["record"].read_text()


def test_a_table_gives_nothing_away_as_a_file_of_its_own(made: tuple[Planted, Studio], watched: Watched) -> None:
    """Streamlit's tables would write their cells as they are, formulas included, and no trail would say who took them."""
    _, studio = made
    page = watched.page(studio.address)
    page.goto(f"{studio.address}/register?project=voice")
    settled(page)
    table = page.get_by_test_id("stDataFrame").first
    table.hover()
    page.wait_for_timeout(500)
    assert page.get_by_label("Download as CSV").count() == 0
    assert page.get_by_label("Search").count() > 0, "the table's own tools were not shown"
