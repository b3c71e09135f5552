"""Choosing from a list in the browser, also where the page is written anew at the same moment."""

from __future__ import annotations

from playwright.sync_api import Page, TimeoutError, expect


def choose(page: Page, field: str, option: str) -> None:
    """Type into the list called `field` and take `option`; begun again where a rerun of the page shut the list.

    Raises
    ------
    playwright.sync_api.TimeoutError
        If the option never stood in the list.
    """
    listed = page.get_by_role("option", name=option, exact=True)
    for patience_ms in (5_000, 5_000, 20_000):
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        page.get_by_role("combobox", name=field).fill(option)
        try:
            return listed.click(timeout=patience_ms)
        except TimeoutError:
            page.keyboard.press("Escape")
    raise TimeoutError(f"{option} never stood in the list {field}.")
