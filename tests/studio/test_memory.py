"""What libraries made at import is set aside once, and again only when more of them were loaded."""

from __future__ import annotations

import gc
import sys
from types import ModuleType

import pytest

from studio import memory


def test_modules_are_set_aside_when_some_were_loaded_and_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_n_modules", 0)
    try:
        memory.set_modules_aside()
        first = gc.get_freeze_count()
        assert first > 0
        kept = [[] for _ in range(1_000)]
        memory.set_modules_aside()
        assert gc.get_freeze_count() <= first
        monkeypatch.setitem(sys.modules, "one_more", ModuleType("one_more"))
        memory.set_modules_aside()
        assert gc.get_freeze_count() >= first + len(kept)
    finally:
        gc.unfreeze()
