"""What whoever uses a screen reader or the keyboard would stumble over on a page (axe-core's rules)."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SEVERE = ("serious", "critical")


def severe(page: Page) -> list[str]:
    """Serious and critical violations: the rule, the element and what is wrong with it."""
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    found: list[dict[str, Any]] = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:300]} {node['failureSummary'][:300]}"
        for fault in found
        if fault["impact"] in SEVERE
        for node in fault["nodes"]
    ]
