"""The store: one owner, one write at a time, kill -9. Of migrations: tests/reliability/test_21_migrations.py."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.errors import StoreBusy
from core.store.connection import Store, Transaction

REPOSITORY = Path(__file__).resolve().parents[3]

# So many are acknowledged before the kill.
N_BEFORE = 15
WRITER = """
import sys
from pathlib import Path
from core.store.connection import Store
store = Store(Path(sys.argv[1]))
for i in range(100000):
    with store.transaction() as tx:
        tx.event("wrote", "number", str(i), by="writer")
    print(i, flush=True)
"""


def count(store: Store) -> int:
    return int(store.read("SELECT count(*) AS n FROM events WHERE noun <> 'audit'")[0]["n"])


def _write_then_fail(tx: Transaction) -> None:
    tx.event("a", "b", "c", by="d")
    tx.execute("INSERT INTO no_such_table VALUES (1)")


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")
    with pytest.raises(duckdb.CatalogException), store.transaction() as tx:
        _write_then_fail(tx)
    assert count(store) == 0
    store.close()


def test_a_second_process_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    script = "import sys, time\nfrom pathlib import Path\nfrom core.store.connection import Store\n"
    script += "store = Store(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "p.duckdb")], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    try:
        assert owner.stdout is not None
        owner.stdout.readline()
        with pytest.raises(StoreBusy, match=f"process {owner.pid}"):
            Store(tmp_path / "p.duckdb")
    finally:
        owner.kill()
        owner.communicate()


def test_files_outside_the_data_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("a\n1\n")
    (tmp_path / "data").mkdir()
    store = Store(tmp_path / "data" / "p.duckdb")
    with pytest.raises(duckdb.PermissionException):
        store.read("SELECT * FROM read_csv(?)", [str(tmp_path / "outside.csv")])
    with pytest.raises(duckdb.Error):
        store.read("SET enable_external_access = true")
    store.close()


def test_every_acknowledged_write_survives_kill_9(tmp_path: Path) -> None:
    file = tmp_path / "p.duckdb"
    acknowledged = 0
    for _ in range(2):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(N_BEFORE):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        acknowledged += N_BEFORE + len([line for line in writer.stdout.read().split("\n") if line.strip()])
        writer.wait()
        writer.stdout.close()
    store = Store(file)
    # One more than acknowledged per kill may have been written: committed, killed before it was said.
    assert acknowledged <= count(store) <= acknowledged + 2
    store.close()
