"""Going to a page of a served studio as somebody who has said who they are."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from tests.e2e.test_pages import Studio, settled


def opened(context: BrowserContext, studio: Studio, path: str, *, project: str = "voice", name: str = "Ann") -> Page:
    """The page at path, with this project, at rest. path: may bring parameters of its own."""
    context.add_cookies([{"name": "proofroom_name", "value": name, "url": studio.address}])
    page = context.new_page()
    page.goto(f"{studio.address}/{path}{'&' if '?' in path else '?'}project={project}")
    settled(page)
    return page
