"""The browser of the tests that need one."""

from __future__ import annotations

from tests.e2e.conftest import browser

__all__ = ["browser"]
