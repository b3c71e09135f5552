"""No serious fault for whoever uses a screen reader or the keyboard, on the pages of review and those around it (axe-core's rules).

What Streamlit draws by itself is looked at as ours is; no rule and no element is left out.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.test_pages import Seen, Studio, context, full_studio, opened, settled

__all__ = ["context", "full_studio"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS = ("", "curate?status=all", "facts", "guide", "drafts", "review", "results")
SEVERE = ("serious", "critical")


def severe(page: Page) -> list[str]:
    """Serious and critical violations: the rule, the element and what is wrong with it."""
    found: list[dict[str, Any]] = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:300]} {node['failureSummary'][:300]}"
        for fault in found
        if fault["impact"] in SEVERE
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("path", PATHS)
def test_no_serious_violation(context: BrowserContext, full_studio: Studio, path: str) -> None:
    page = opened(context, full_studio, Seen())
    page.goto(f"{full_studio.address}/{path}{'&' if '?' in path else '?'}project=voice")
    settled(page)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    assert severe(page) == []


def test_a_fault_would_be_found(context: BrowserContext, full_studio: Studio) -> None:
    page = opened(context, full_studio, Seen())
    page.goto(f"{full_studio.address}/review?project=voice")
    settled(page)
    page.evaluate(
        "document.querySelector('#root').insertAdjacentHTML('beforeend', '<button style=\"width:9px\"></button>')"
    )
    assert any(fault.startswith("button-name") for fault in severe(page))
