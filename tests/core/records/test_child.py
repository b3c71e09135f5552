"""A process that reads foreign files may end at any moment; whoever asked goes on."""

from __future__ import annotations

from pathlib import Path

from core.records.child import LineChild


def test_one_that_is_gone_before_it_is_asked_is_put_away_all_the_same() -> None:
    child = LineChild("core.records.parser_process", 1_000)
    child._process.kill()
    child._process.wait()
    assert not child.tell({"path": "a.txt"})
    child.stop()
    assert not Path(child._scratch.name).exists()
