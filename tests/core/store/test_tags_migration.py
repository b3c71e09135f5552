"""A list of tags and the tags of records from before the tree come through unchanged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.store import migrate as migrations
from core.store import tags as tag_rows
from core.store.connection import Store


def test_an_older_list_keeps_its_keys_meanings_order_and_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = migrations.MIGRATIONS
    older = tmp_path / "older"
    older.mkdir()
    shutil.copy(newest / "0001_first_loop.sql", older)
    monkeypatch.setattr(migrations, "MIGRATIONS", older)
    store = Store(tmp_path / "p.duckdb")
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO taxonomy VALUES ('p', 'van', '2', ''), ('p', 'bench', '1', 'Of wood'), ('p', 'logo', '', '')"
        )
        tx.execute(
            "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at) VALUES ('p', 'r', 'van', true, 'Ann', ?)",
            [tx.at],
        )
    store.close()
    monkeypatch.setattr(migrations, "MIGRATIONS", newest)
    store = Store(tmp_path / "p.duckdb")
    assert tag_rows.listed(store, "p") == [
        {"tag": "bench", "shortcut": "1", "colour": "", "meaning": "Of wood"},
        {"tag": "van", "shortcut": "2", "colour": "", "meaning": ""},
        {"tag": "logo", "shortcut": "", "colour": "", "meaning": ""},
    ]
    assert tag_rows.tags_of(store, "r") == ["van"]
    store.close()
