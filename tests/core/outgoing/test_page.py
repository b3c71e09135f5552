"""Pages by their address: what is fetched, from where alone, and what is refused before or while it comes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import Invalid, Refused, Unavailable
from core.outgoing.page import FetchedPage, checked_host, fetch_page, page_address

HTML = {"Content-Type": "text/html; charset=utf-8"}


class Site:
    """What the server on this machine was asked, and what it answers, by path: status, headers, body."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {"/prices": (200, HTML, b"<p>Pro costs 12.</p>")}
        self.seconds_between_bytes = 0.0
        self.port = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def fetch(self, path: str, *, allows_private: bool = True, **options: float) -> FetchedPage:
        return fetch_page(f"http://{self.host}{path}", {self.host: allows_private}, **options)  # type: ignore[arg-type]


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            status, headers, content = found.answers.get(self.path, (404, HTML, b"gone"))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            try:
                self.end_headers()
                for place in range(len(content)) if found.seconds_between_bytes else ():
                    self.wfile.write(content[place : place + 1])
                    time.sleep(found.seconds_between_bytes)
                if not found.seconds_between_bytes:
                    self.wfile.write(content)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_of_an_allowed_host_is_fetched_and_nothing_is_told_of_the_studio(site: Site) -> None:
    page = site.fetch("/prices")
    assert (page.name, page.content) == (f"{site.host}/prices.html", b"<p>Pro costs 12.</p>")
    ((path, headers),) = site.asked
    assert path == "/prices"
    assert {name.lower() for name in headers} == {"host", "accept", "accept-encoding", "user-agent"}
    assert headers["Host"] == site.host


def test_a_host_that_nobody_allowed_is_not_asked(site: Site) -> None:
    with pytest.raises(Refused, match=rf"Pages of 127\.0\.0\.1:{site.port} are not fetched\."):
        fetch_page(f"http://{site.host}/prices", {"127.0.0.1": True})
    assert site.asked == []


def test_an_address_on_this_machine_is_refused_before_anything_is_sent(site: Site) -> None:
    with pytest.raises(Refused, match="is not encrypted"):
        site.fetch("/prices", allows_private=False)
    with pytest.raises(Refused, match=r"127\.0\.0\.1 is at 127\.0\.0\.1, which is no public address"):
        fetch_page(f"https://{site.host}/prices", {site.host: False})
    assert site.asked == []


def test_a_name_is_held_against_the_address_that_it_has_now(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Refused, match=r"docs\.example is at 169\.254\.169\.254"):
        fetch_page("https://docs.example/prices", {"docs.example": False})


def test_a_private_host_that_moved_to_a_public_address_is_not_asked_in_the_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: public)
    with pytest.raises(Refused, match="without https everybody on the way can read"):
        fetch_page("http://wiki.example/prices", {"wiki.example:80": True})


def test_a_redirect_within_the_host_is_followed(site: Site) -> None:
    site.answers["/old"] = (301, {"Location": "/prices"}, b"moved")
    assert site.fetch("/old").name == f"{site.host}/prices.html"


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("http://127.0.0.1:1/prices", "Pages of 127.0.0.1:1 are not fetched"),
        ("https://docs.example/", "Pages of docs.example are not fetched"),
        ("file:///etc/passwd", "is no address of a page"),
        ("http://rita:secret@{host}/prices", "is no address of a page"),
        ("", "leads on more than 5 times"),
    ],
)
def test_a_redirect_to_anything_else_is_not(site: Site, to: str, said: str) -> None:
    site.answers["/old"] = (302, {"Location": to.format(host=site.host)}, b"")
    with pytest.raises((Refused, Invalid, Unavailable), match=said):
        site.fetch("/old")
    assert {path for path, _ in site.asked} == {"/old"}


def test_one_that_never_ends_is_given_up(site: Site) -> None:
    site.answers["/a"], site.answers["/b"] = (302, {"Location": "/b"}, b""), (302, {"Location": "/a"}, b"")
    with pytest.raises(Unavailable, match="leads on more than 5 times"):
        site.fetch("/a")
    assert len(site.asked) == 6


def test_a_page_that_is_too_long_is_not_read_to_its_end(site: Site) -> None:
    site.answers["/prices"] = (200, HTML, b"x" * 1_001)
    with pytest.raises(Unavailable, match="is longer than 1,000 bytes"):
        site.fetch("/prices", most_bytes=1_000)
    assert len(site.fetch("/prices", most_bytes=1_001).content) == 1_001


def test_a_host_that_sends_byte_after_byte_is_not_waited_for(site: Site) -> None:
    site.answers["/prices"] = (200, HTML, b"x" * 200)
    site.seconds_between_bytes = 0.1
    with pytest.raises(Unavailable, match=r"takes too long|timed out"):
        site.fetch("/prices", most_seconds=0.5)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, HTML, b"gone"), "answers 404"),
        ((200, {"Content-Type": "image/png"}, b"\x89PNG"), "is of the kind image/png"),
        ((200, {}, b"text"), "is of the kind that the host does not name"),
        ((200, HTML | {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "comes compressed"),
    ],
)
def test_what_is_no_page_is_said(site: Site, answer: tuple[int, dict[str, str], bytes], said: str) -> None:
    site.answers["/prices"] = answer
    with pytest.raises(Unavailable, match=said):
        site.fetch("/prices")


def test_what_does_not_answer_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(Unavailable, match="cannot be fetched"):
        fetch_page(f"http://{host}/", {host: True})


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("www.Example.com", "www.example.com"),
        (" docs.example:443 ", "docs.example"),
        ("docs.example:8443", "docs.example:8443"),
        ("wiki.local:80", "wiki.local:80"),
    ],
)
def test_a_host_is_named_in_one_way(given: str, host: str) -> None:
    assert checked_host(given) == host


@pytest.mark.parametrize(
    "given",
    ["", "https://docs.example", "docs.example/prices", "*.example", "a b", "x:0", "x:99999", "rita@x", "[::1]"],
)
def test_what_is_no_host_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="is no name of a host"):
        checked_host(given)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://Docs.example", "docs.example", "/"),
        ("https://docs.example:443/a?b=c#d", "docs.example", "/a?b=c"),
        ("http://docs.example/a", "docs.example:80", "/a"),
        ("https://docs.example:8443/ä b%20c", "docs.example:8443", "/%C3%A4%20b%20c"),
    ],
)
def test_an_address_names_its_host_as_an_allowed_one_is_named(url: str, host: str, path: str) -> None:
    found = page_address(url)
    assert (found.host, found.path) == (host, path)


@pytest.mark.parametrize(
    "url", ["", "docs.example/a", "ftp://docs.example/a", "https:///a", "https://rita@docs.example/", "https://x:0/", "https://[::1]/"]
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="is no address of a page"):
        page_address(url)
