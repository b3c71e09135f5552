"""Answers that are kept: what is read is true at every moment, and nothing is asked twice without need."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import answers
from core.store.answers import Answer, Answers
from core.store.connection import Store

COUNT = "SELECT count(*) AS n FROM projects"
VIEWS = {
    "kept": "CREATE VIEW kept AS SELECT * FROM decisions",
    "good": "CREATE VIEW good AS SELECT * FROM kept JOIN records",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "p.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that reach the engine from now on."""
    reached: list[str] = []
    keep = Answers.keep

    def noted(self: Answers, question: answers.Question, *rest: object, **named: object) -> None:
        reached.append(question.sql)
        keep(self, question, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Answers, "keep", noted)
    return reached


def add_project(store: Store, name: str) -> None:
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO projects (id, name, goal, created_at, created_by) VALUES (?, ?, 'voice', ?, 'Ann')",
            [name, name, tx.at],
        )


def test_a_read_follows_every_write(store: Store) -> None:
    for n in range(3):
        assert store.read(COUNT) == [{"n": n}]
        add_project(store, f"p{n}")
    with store.transaction() as tx:
        tx.execute("UPDATE projects SET goal = 'code' WHERE id = 'p0'")
    assert store.read("SELECT goal FROM projects WHERE id = ?", ["p0"]) == [{"goal": "code"}]
    with store.transaction() as tx:
        tx.execute("DELETE FROM projects WHERE id = 'p0'")
    assert store.read(COUNT) == [{"n": 2}]


def test_the_same_question_reaches_the_engine_once(store: Store, asked: list[str]) -> None:
    assert store.read(COUNT) == store.read(COUNT) == [{"n": 0}]
    assert asked == [COUNT]


def test_other_parameters_are_another_question(store: Store) -> None:
    add_project(store, "p")
    by_id = "SELECT name FROM projects WHERE id = ?"
    assert store.read(by_id, ["p"]) == [{"name": "p"}]
    assert store.read(by_id, ["q"]) == []
    assert store.read("SELECT typeof(?) AS kind FROM projects", [1]) != store.read(
        "SELECT typeof(?) AS kind FROM projects", [True]
    )


def test_a_read_through_a_view_follows_the_tables_behind_it(store: Store) -> None:
    on = "SELECT count(*) AS n FROM active_flags"
    with store.transaction() as tx:
        tx.execute("INSERT INTO flags VALUES ('p', 'r', 'truncated', true, '', 0, 0, NULL, NULL)")
    assert store.read(on) == [{"n": 1}]
    with store.transaction() as tx:
        tx.execute("INSERT INTO flag_switches VALUES ('p', 'truncated', false, 'Ann', ?)", [tx.at])
    assert store.read(on) == [{"n": 0}]


def test_a_write_elsewhere_leaves_the_answer(store: Store, asked: list[str]) -> None:
    store.read(COUNT)
    with store.transaction() as tx:
        tx.execute("INSERT INTO holds VALUES ('r', 'p', 'Ann', ?)", [tx.at])
    store.read(COUNT)
    assert asked == [COUNT]


def test_what_is_not_committed_is_not_seen_and_what_is_taken_back_never(store: Store) -> None:
    lines = "SELECT * FROM framing_lines"

    def add_and_fail() -> None:
        with store.transaction() as tx:
            tx.execute("INSERT INTO framing_lines VALUES ('p', 'a line')")
            assert store.read(lines) == []
            raise RuntimeError

    with pytest.raises(RuntimeError):
        add_and_fail()
    assert store.read(lines) == []


def test_a_transaction_asks_nothing_twice_of_tables_that_it_has_not_written(store: Store, asked: list[str]) -> None:
    store.read(COUNT)
    with store.transaction() as tx:
        assert tx.read(COUNT) == [{"n": 0}]
        tx.read("SELECT count(*) AS n FROM tags")
    store.read("SELECT count(*) AS n FROM tags")
    assert asked == [COUNT, "SELECT count(*) AS n FROM tags"]


def test_a_transaction_reads_its_own_writes_and_leaves_no_answer_of_them(store: Store) -> None:
    assert store.read(COUNT) == [{"n": 0}]
    with contextlib.suppress(ValueError), store.transaction() as tx:
        tx.execute(
            "INSERT INTO projects (id, name, goal, created_at, created_by) VALUES ('p', 'p', 'voice', ?, 'Ann')",
            [tx.at],
        )
        assert tx.read(COUNT) == [{"n": 1}]
        raise ValueError
    assert store.read(COUNT) == [{"n": 0}]
    with store.transaction() as tx:
        assert tx.read(COUNT) == [{"n": 0}]


def test_rows_belong_to_who_asked(store: Store) -> None:
    with store.transaction() as tx:
        tx.execute("INSERT INTO themes VALUES ('p', 1, 'one', ['a', 'b'], 0, 0)")
    (row,) = store.read("SELECT name, words FROM themes")
    row["words"].append("c")
    row["name"] = "another"
    assert store.read("SELECT name, words FROM themes") == [{"name": "one", "words": ["a", "b"]}]


def test_what_stands_in_a_file_is_read_each_time(store: Store, asked: list[str]) -> None:
    file = store.path.with_name("p.parquet")
    for n in (1, 2):
        with store.transaction() as tx:
            tx.execute(f"COPY (SELECT {n} AS n) TO '{file}' (FORMAT parquet)")
        assert store.read("SELECT f.n FROM read_parquet(?) f LEFT JOIN projects p ON true", [str(file)]) == [{"n": n}]
    assert asked == []


def test_a_write_between_question_and_answer_is_not_missed() -> None:
    kept = Answers(["records"], {})
    question = kept.question("SELECT count(*) FROM records", ())
    assert question is not None
    revision = kept.revision(question)
    kept.note_writes(["records"])
    kept.keep(question, (), Answer(["n"], {}, [(0,)], 0.1), revision=revision)
    assert kept.find(question) is None


def test_a_view_of_a_view_reads_the_tables_of_both() -> None:
    question = Answers(["decisions", "records", "tags"], VIEWS).question("SELECT * FROM good", ())
    assert question is not None
    assert question.tables == ("decisions", "records")


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("SELECT * FROM records", set()),
        ("COPY (SELECT * FROM records) TO 'a.parquet'", set()),
        ("INSERT INTO tags SELECT * FROM records", {"tags"}),
        ("INSERT OR REPLACE INTO tags VALUES (1)", {"tags"}),
        ("WITH new AS (SELECT * FROM records) INSERT INTO tags SELECT * FROM new", {"tags"}),
        ("INSERT INTO tags VALUES (1) ON CONFLICT (tag) DO UPDATE SET tag = 2", {"tags"}),
        ("UPDATE records SET title = ''", {"records"}),
        ("DELETE FROM records WHERE id IN (SELECT id FROM tags)", {"records"}),
        ("TRUNCATE tags", {"tags", "records"}),
        ('DELETE FROM "tags"', {"tags", "records"}),
    ],
)
def test_a_statement_says_what_it_writes_or_everything_counts_as_written(sql: str, written: set[str]) -> None:
    assert set(Answers(["tags", "records"], {}).written_by(sql)) == written


def test_what_was_asked_least_lately_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_CHARACTERS", 250 + 2 * answers.ENTRY_CHARACTERS)
    kept = Answers(["records"], {})
    questions = [kept.question("SELECT text FROM records WHERE id = ?", [n]) for n in range(3)]
    for place, question in enumerate(questions):
        assert question is not None
        kept.keep(question, [place], Answer(["text"], {}, [("x" * 100,)], 0.1), revision=0)
        kept.find(questions[0])  # type: ignore[arg-type]
    assert [kept.find(question) is not None for question in questions if question] == [True, False, True]


def test_long_answers_and_long_questions_are_not_kept() -> None:
    kept = Answers(["records"], {})
    assert kept.question("SELECT * FROM records WHERE id IN (SELECT unnest(?))", [["r"] * 10_000]) is None
    question = kept.question("SELECT text FROM records", ())
    assert question is not None
    kept.keep(question, (), Answer(["text"], {}, [("x" * 1_000_000,)], 0.1), revision=0)
    assert kept.find(question) is None


def test_what_is_out_of_date_and_was_asked_twice_is_named_the_latest_first() -> None:
    kept = Answers(["records", "tags"], {})
    for sql, n_times, seconds in (
        ("SELECT 1 FROM records", 2, 0.1), ("SELECT 2 FROM records", 2, 0.1), ("SELECT 3 FROM records", 1, 0.1),
        ("SELECT 4 FROM records", 2, 0.001), ("SELECT 5 FROM tags", 2, 0.1),
    ):  # fmt: skip
        question = kept.question(sql, [7])
        assert question is not None
        kept.keep(question, [7], Answer(["n"], {}, [(1,)], seconds), revision=0)
        for _ in range(n_times - 1):
            kept.find(question)
    assert kept.outdated(least_seconds=0.01) == []
    kept.note_writes(["records"])
    assert kept.outdated(least_seconds=0.01) == [("SELECT 2 FROM records", [7]), ("SELECT 1 FROM records", [7])]


def test_answers_that_hold_nothing_cost_room_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_CHARACTERS", 20 * answers.ENTRY_CHARACTERS)
    for n in range(100):
        assert store.read("SELECT * FROM projects WHERE id = ?", [f"guessed-{n}"]) == []
    assert len(store.answers._kept) < 20
