"""Facts from pages by their address: off until a host is allowed, fetched by the job, and ended when the host is forbidden."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core.errors import Invalid, NotFound, Refused
from core.store import jobs as job_rows
from core.workflows import fact_documents, fact_pages, projects
from core.workflows.workspace import Workspace
from tests.jobs_by_hand import finish

PAGE = b"<html><head><title>Prices</title><script>alert(1)</script></head><body><h1>Prices</h1><p>The Pro plan costs 12 euros.</p></body></html>"


@pytest.fixture(autouse=True)
def project(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")


@pytest.fixture
def host() -> Iterator[str]:
    """A server on this machine with one page, /prices; any other is not there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_there = self.path == "/prices"
            self.send_response(200 if is_there else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE if is_there else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def added(workspace: Workspace, *addresses: str) -> str:
    return fact_documents.add_documents(workspace, "p", [], owner="Ann", by="Ann", addresses=addresses)["job"]


def test_no_page_is_asked_for_until_its_host_is_allowed_by_name(workspace: Workspace) -> None:
    assert fact_pages.allowed_hosts(workspace) == []
    with pytest.raises(Refused, match=r"Pages of docs\.example are not fetched"):
        added(workspace, "https://docs.example/prices")
    fact_pages.allow_host(workspace, "example", by="Olga")
    with pytest.raises(Refused, match=r"Pages of docs\.example are not fetched"):
        added(workspace, "https://docs.example/prices")
    with pytest.raises(Invalid, match="No file was chosen"):
        added(workspace, " ")
    assert job_rows.unsettled_jobs(workspace.store) == []


def test_a_host_that_is_forbidden_ends_the_jobs_that_are_to_fetch_from_it(workspace: Workspace) -> None:
    found = fact_pages.allow_host(workspace, "Docs.example", by="Olga", allows_private=True)
    assert (found.host, found.allows_private, found.set_by) == ("docs.example", True, "Olga")
    job = added(workspace, "https://docs.example/prices", "https://docs.example/prices")
    (row,) = job_rows.unsettled_jobs(workspace.store)
    assert (row["facts"]["n_pages"], row["facts"]["hosts"]) == (1, ["docs.example"])
    fact_pages.forbid_host(workspace, "docs.example", by="Olga")
    assert finish(workspace, job)["state"] == "cancelled"
    assert fact_pages.allowed_hosts(workspace) == []
    with pytest.raises(NotFound, match="are not fetched"):
        fact_pages.forbid_host(workspace, "docs.example", by="Olga")


@pytest.mark.model
def test_a_page_becomes_passages_and_one_that_is_not_there_is_said(workspace: Workspace, host: str) -> None:
    fact_pages.allow_host(workspace, host, by="Olga", allows_private=True)
    progress = finish(workspace, added(workspace, f"http://{host}/prices", f"http://{host}/gone"))
    assert progress["state"] == "done", progress["reason"]
    assert progress["result"]["refused"] == [f"http://{host}/gone answers 404."]
    (document,) = fact_documents.list_documents(workspace, "p")["documents"]
    assert (document["title"], document["origin"]) == ("Prices", f"{host}/prices.html")
    passages = fact_documents.passages_of_document(workspace, "p", document["id"])
    assert [one["passage"] for one in passages] == ["The Pro plan costs 12 euros."]


@pytest.mark.model
def test_where_no_page_could_be_had_the_job_says_why(workspace: Workspace, host: str) -> None:
    fact_pages.allow_host(workspace, host, by="Olga", allows_private=True)
    progress = finish(workspace, added(workspace, f"http://{host}/gone"))
    assert (progress["state"], f"http://{host}/gone answers 404." in progress["reason"]) == ("failed", True)
