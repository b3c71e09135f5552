"""The database file is written anew under whoever reads and writes, and keeps nothing of what was deleted."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import duckdb
import pytest

from core.errors import ProofroomError, Unavailable
from core.store import open_reads
from core.store.connection import Store

SECRET = "Maren Oldenkott of Wick"


def filled(path: Path) -> Store:
    store = Store(path)
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO run_notes (run_id, project_id, note, tags, written_by, written_at) "
            "SELECT 'run', 'p', ? || range, [], 'Ann', now()::TIMESTAMP FROM range(2000)",
            [SECRET],
        )
    return store


def shape(store: Store) -> list[object]:
    asked = (
        "SELECT table_name, column_name, data_type, column_default, is_nullable FROM duckdb_columns() WHERE NOT internal ORDER BY ALL",
        "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() ORDER BY ALL",
        "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
        "SELECT index_name, sql FROM duckdb_indexes() ORDER BY ALL",
    )
    return [store.read(sql) for sql in asked]


def test_all_of_the_shape_and_where_counters_stand_goes_on(tmp_path: Path) -> None:
    store = filled(tmp_path / "p.duckdb")
    before, last = shape(store), store.read("SELECT max(seq) AS n FROM run_notes")[0]["n"]
    store.rewrite()
    assert shape(store) == before
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO run_notes (run_id, project_id, note, tags, written_by, written_at) VALUES ('run', 'p', 'new', [], 'Ann', now()::TIMESTAMP)"
        )
        tx.event("wrote", "note", "run", by="Ann")
    assert store.read("SELECT seq FROM run_notes WHERE note = 'new'")[0]["seq"] == last + 1
    store.close()
    again = Store(tmp_path / "p.duckdb")
    assert again.read("SELECT count(*) AS n FROM run_notes")[0]["n"] == 2001
    assert again.read("SELECT action FROM events ORDER BY seq DESC LIMIT 1")[0]["action"] == "wrote"
    again.close()


def test_the_new_file_is_the_one_that_is_written_to(tmp_path: Path) -> None:
    store = filled(tmp_path / "p.duckdb")
    old = (tmp_path / "p.duckdb").stat().st_ino
    store.read("SELECT count(*) AS n FROM run_notes")
    with store.transaction() as tx:
        tx.execute("DELETE FROM run_notes")
    store.rewrite()
    assert (tmp_path / "p.duckdb").stat().st_ino != old
    assert sorted(file.name for file in tmp_path.iterdir() if "p.duckdb" in file.name) == ["p.duckdb"]
    with store.transaction() as tx:
        tx.event("wrote", "after", "it", by="Ann")
    store.checkpoint()
    assert b"Maren" not in (tmp_path / "p.duckdb").read_bytes()
    assert not (tmp_path / "p.duckdb.wal").exists() or b"Maren" not in (tmp_path / "p.duckdb.wal").read_bytes()
    store.close()


def test_an_answer_of_before_is_not_given_again(tmp_path: Path) -> None:
    store = filled(tmp_path / "p.duckdb")
    sql = "SELECT note FROM run_notes ORDER BY seq LIMIT 3"
    assert SECRET in store.read(sql)[0]["note"]
    with store.transaction() as tx:
        tx.execute("DELETE FROM run_notes")
    store.rewrite()
    assert store.read(sql) == []
    assert SECRET not in repr([kept.answer for kept in store.answers._kept.values()])
    store.close()


@pytest.mark.slow
def test_readers_and_writers_go_on_while_it_is_written_anew(tmp_path: Path) -> None:
    store = filled(tmp_path / "p.duckdb")
    failures: list[BaseException] = []
    stops = threading.Event()

    def read() -> None:
        n = 0
        while not stops.is_set():
            n += 1
            try:
                assert store.read("SELECT count(*) AS n, ? AS asked FROM run_notes", [n])[0]["n"] == 2000
            except (duckdb.Error, ProofroomError, AssertionError) as error:
                failures.append(error)
                return

    def write() -> None:
        while not stops.is_set():
            try:
                with store.transaction() as tx:
                    tx.event("wrote", "number", "1", by="Ann")
            except (duckdb.Error, ProofroomError, AssertionError) as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=one) for one in (read, read, write)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        store.rewrite()
    stops.set()
    for thread in threads:
        thread.join()
    assert failures == []
    numbers = [row["seq"] for row in store.read("SELECT seq FROM events ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    store.close()


def test_it_waits_for_a_snapshot_and_says_so_when_that_stays_open(tmp_path: Path) -> None:
    store = filled(tmp_path / "p.duckdb")
    snapshot = store.snapshot()
    reads = open_reads.OpenReads()
    reads.begin()
    with pytest.raises(Unavailable), reads.alone(seconds=0.05):
        pass
    reads.end()
    closing = threading.Thread(target=lambda: (time.sleep(0.2), snapshot.close()))
    closing.start()
    store.rewrite()
    closing.join()
    assert store.read("SELECT count(*) AS n FROM run_notes")[0]["n"] == 2000
    store.close()


def test_what_an_earlier_try_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "p.duckdb.new").write_bytes(b"half")
    store = filled(tmp_path / "p.duckdb")
    store.rewrite()
    assert not (tmp_path / "p.duckdb.new").exists()
    store.close()
