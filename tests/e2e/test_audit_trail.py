"""The audit trail in the browser: filtered, with the filter in the address; verified while one waits; taken along as a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.e2e.accessible import severe
from tests.e2e.test_pages import Studio, context, served, settled
from tests.e2e.visiting import opened

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("audit") / "data"
    workspace = open_workspace(DataFolder(data))
    for name in ("p", "q"):
        projects.create_project(workspace, name=name, goal="voice", by="Ann")
    with workspace.store.transaction() as tx:
        tx.events("keep", "record", [f"r_{n}" for n in range(70)], by="Rita")
    workspace.close()
    yield from served(data)


def test_the_trail_is_filtered_verified_and_taken_along(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "audit", project="p")
    expect(page.get_by_text("72 entries, newest first.")).to_be_visible()
    page.get_by_label("Who").click()
    page.get_by_role("option", name="Rita").click()
    expect(page.get_by_text("70 entries, newest first.")).to_be_visible()
    assert "by=Rita" in page.url
    page.reload()
    expect(page.get_by_text("70 entries, newest first.")).to_be_visible()
    settled(page)
    with page.expect_download() as waited:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert waited.value.suggested_filename == "audit-trail.csv"
    assert len(waited.value.path().read_text(encoding="utf-8").splitlines()) == 71
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("entries, unbroken")).to_be_visible(timeout=60_000)
    assert severe(page) == []
