"""Where each record stands: never behind what it follows from. Every test of the suite checks it when it closes its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from core.store.connection import Row, Store, utc_now
from core.store.integrity import orphans, states_behind

PROJECT = "p_1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "p.duckdb")
    with opened.transaction() as tx:
        for number in (1, 2):
            tx.execute(
                "INSERT INTO records BY NAME SELECT ? AS id, ? AS project_id, 's_1' AS source_id, 'f_1' AS file_id, ? AS row_number, "
                "'x' AS external_id, 'post' AS kind, 'T' AS title, 'text' AS text, '{}' AS content, '{}' AS meta, '2024-05-01' AS written_at, "
                "'h' AS text_sha256, 7 AS n_words, ? AS created_at",
                [f"r_{number}", PROJECT, number, utc_now()],
            )
    yield opened
    opened.close()


def write(store: Store, sql: str) -> None:
    with store.transaction() as tx:
        tx.execute(sql)


def decide(store: Store, name: str, decision: str, undoes: str = "NULL") -> None:
    write(
        store,
        "INSERT INTO decisions (id, project_id, record_id, decision, undoes, text_sha256, note, decided_by, decided_at, text_version) "
        f"VALUES ('{name}', '{PROJECT}', 'r_1', '{decision}', {undoes}, 'h', '', 'Ann', TIMESTAMP '2026-01-01', 0)",
    )


def flag(store: Store, name: str) -> None:
    write(
        store,
        f"INSERT INTO flags BY NAME SELECT '{PROJECT}' AS project_id, 'r_1' AS record_id, '{name}' AS name, "
        "true AS is_defect, 'seen' AS evidence, 0 AS start_char, 0 AS end_char",
    )


def state(store: Store) -> Row:
    row = store.read_one("SELECT * FROM record_states WHERE record_id = 'r_1'")
    assert row is not None
    return row


def test_a_record_stands_undecided_and_unmeasured_at_first(store: Store) -> None:
    now = state(store)
    assert (now["status"], now["score"], now["has_defect"], now["written"]) == ("undecided", None, False, "2024-05-01")


def test_a_decision_and_its_undoing_are_followed(store: Store) -> None:
    decide(store, "d_1", "keep")
    assert state(store)["status"] == "kept"
    decide(store, "d_2", "undo", "'d_1'")
    assert state(store)["status"] == "undecided"


def test_an_undone_decision_gives_way_to_the_one_before(store: Store) -> None:
    decide(store, "d_1", "reject")
    decide(store, "d_2", "defer")
    decide(store, "d_3", "undo", "'d_2'")
    assert state(store)["status"] == "rejected"


def test_another_text_takes_the_decision_away(store: Store) -> None:
    decide(store, "d_1", "keep")
    write(store, "UPDATE records SET text_version = 1, n_words = 9 WHERE id = 'r_1'")
    assert (state(store)["status"], state(store)["n_words"]) == ("undecided", 9)


def test_a_double_is_a_defect_but_not_its_own(store: Store) -> None:
    flag(store, "near_duplicate")
    assert (state(store)["has_defect"], state(store)["own_defect"]) == (True, None)
    flag(store, "truncated")
    assert state(store)["own_defect"] == "truncated"


def test_a_flag_that_is_switched_off_is_no_defect(store: Store) -> None:
    flag(store, "truncated")
    write(store, f"INSERT INTO flag_switches VALUES ('{PROJECT}', 'truncated', false, 'Ann', TIMESTAMP '2026-01-01')")
    assert not state(store)["has_defect"]


def test_scores_and_taught_words_are_followed_and_forgotten(store: Store) -> None:
    write(store, f"INSERT INTO scores VALUES ('r_1', '{PROJECT}', 0.5, [])")
    write(store, f"INSERT INTO signals VALUES ('{PROJECT}', 'r_1', 'n_taught_words', 3)")
    assert (state(store)["score"], state(store)["n_taught_words"]) == (0.5, 3)
    write(store, "DELETE FROM scores")
    write(store, "DELETE FROM signals")
    assert (state(store)["score"], state(store)["n_taught_words"]) == (None, 7)


def test_a_record_that_goes_takes_its_state_with_it(store: Store) -> None:
    write(store, "DELETE FROM records WHERE id = 'r_2'")
    assert [row["record_id"] for row in store.read("SELECT record_id FROM record_states")] == ["r_1"]


def test_a_write_that_fails_changes_no_state(store: Store) -> None:
    with pytest.raises(duckdb.CatalogException), store.transaction() as tx:
        tx.execute("DELETE FROM records; DELETE FROM no_such_table")
    assert state(store)["status"] == "undecided"


def test_doctor_tells_of_a_state_that_is_not_true(store: Store) -> None:
    write(store, "UPDATE record_states SET status = 'kept' WHERE record_id = 'r_2'")
    assert states_behind(store) == 2
    assert any("record_states" in problem for problem in orphans(store))
    write(store, "UPDATE record_states SET status = 'undecided' WHERE record_id = 'r_2'")
