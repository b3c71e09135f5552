"""No serious fault for whoever uses a screen reader or the keyboard, on the pages of review and those around it (axe-core's rules).

What Streamlit draws by itself is looked at as ours is; no rule and no element is left out.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.accessible import severe
from tests.e2e.test_pages import Seen, Studio, context, full_studio, opened, settled

__all__ = ["context", "full_studio"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS = ("", "curate?status=all", "facts", "guide", "drafts", "review", "results", "register", "audit")


@pytest.mark.parametrize("path", PATHS)
def test_no_serious_violation(context: BrowserContext, full_studio: Studio, path: str) -> None:
    page = opened(context, full_studio, Seen())
    page.goto(f"{full_studio.address}/{path}{'&' if '?' in path else '?'}project=voice")
    settled(page)
    assert severe(page) == []


@pytest.mark.parametrize("path", ["", "review", "results", "audit"])
def test_nor_at_the_size_of_a_phone(context: BrowserContext, full_studio: Studio, path: str) -> None:
    page = opened(context, full_studio, Seen())
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{full_studio.address}/{path}?project=voice")
    settled(page)
    assert severe(page) == []


def test_a_fault_would_be_found(context: BrowserContext, full_studio: Studio) -> None:
    page = opened(context, full_studio, Seen())
    page.goto(f"{full_studio.address}/review?project=voice")
    settled(page)
    page.evaluate(
        "document.querySelector('#root').insertAdjacentHTML('beforeend', '<button style=\"width:9px\"></button>')"
    )
    assert any(fault.startswith("button-name") for fault in severe(page))
