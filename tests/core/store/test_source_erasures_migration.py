"""A source from before anybody could say what becomes of it at its end is kept, however long ago its retention ended."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from core.store import migrate as migrations
from core.store import source_erasures
from core.store.connection import Store


def test_a_source_from_before_is_kept_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = migrations.MIGRATIONS
    older = tmp_path / "older"
    older.mkdir()
    for file in newest.glob("*.sql"):
        if int(file.name[:4]) < 52:
            shutil.copy(file, older)
    monkeypatch.setattr(migrations, "MIGRATIONS", older)
    store = Store(tmp_path / "p.duckdb")
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO sources (id, project_id, name, owner, basis, purpose, uses, expires_on, licence, created_at, created_by, retention) "
            "VALUES ('s', 'p', 'posts', 'Ann', 'consent', 'test', ['train'], '2020-01-01', 'own', ?, 'Ann', '12 months')",
            [tx.at],
        )
    store.close()
    monkeypatch.setattr(migrations, "MIGRATIONS", newest)
    store = Store(tmp_path / "p.duckdb")
    assert store.read("SELECT at_end, erasure_id FROM sources") == [{"at_end": "keep", "erasure_id": None}]
    assert source_erasures.due(store, date(2099, 1, 1)) == []
    store.close()
