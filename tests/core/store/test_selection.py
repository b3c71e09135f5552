"""What a recipe takes and leaves out: rule by rule, on a handful of records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from core.curate.recipes import Balance, Recipe
from core.store import selection
from core.store.connection import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "proofroom.duckdb")
    yield opened
    opened.close()


def add(store: Store, identity: str, **facts: Any) -> None:
    """A record. facts: status, flags, cluster, is_canonical, n_characters, n_words, score, tags, source, written, author."""
    decision = {"kept": "keep", "edited": "edit", "rejected": "reject", "deferred": "defer"}.get(
        facts.get("status", "")
    )
    text = "x" * facts.get("n_characters", 10)
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO records VALUES (?, 'p', ?, 'f', 1, ?, 'document', ?, ?, ?, ?, NULL, ?, 'h', ?, ?, 0)",
            [identity, facts.get("source", "s"), identity, identity, text, {"body": text}, {"author": facts.get("author", "")},
             facts.get("written"), facts.get("n_words", 1), tx.at],
        )  # fmt: skip
        if decision:
            tx.execute(
                "INSERT INTO decisions (id, project_id, record_id, decision, text_sha256, note, decided_by, decided_at) "
                "VALUES (?, 'p', ?, ?, 'h', '', 'Ann', ?)",
                ["d" + identity, identity, decision, tx.at],
            )
        for flag in facts.get("flags", ()):
            tx.execute(
                "INSERT INTO flags VALUES ('p', ?, ?, ?, '', -1, -1, NULL, NULL)",
                [identity, flag, flag != "personal_data"],
            )
        for tag in facts.get("tags", ()):
            tx.execute(
                "INSERT INTO taggings (project_id, record_id, tag, is_added, tagged_by, tagged_at) VALUES ('p', ?, ?, true, 'Ann', ?)",
                [identity, tag, tx.at],
            )
        if "cluster" in facts:
            tx.execute(
                "INSERT INTO cluster_members VALUES ('p', ?, ?, ?)",
                [facts["cluster"], identity, facts.get("is_canonical", True)],
            )
        if "score" in facts:
            tx.execute("INSERT INTO scores VALUES (?, 'p', ?, [])", [identity, facts["score"]])


def selected(store: Store, recipe: Recipe, *, seed: int = 1) -> tuple[list[str], dict[str, str]]:
    """Ids taken, and the reason against each of the others: told one by one, and the same as the counts say."""
    file = store.path.with_name("selected.parquet")
    snapshot = store.snapshot()
    selection.copy_selected_to(snapshot, "p", recipe, file, seed=seed)
    snapshot.close()
    rows = parquet.read_table(file).to_pylist()
    taken = [row["id"] for row in rows if row["reason"] is None]
    left_out = {row["id"]: row["reason"] for row in rows if row["reason"] is not None}
    assert all(row["rule"] in selection.RULES and row["detail"] for row in rows if row["reason"] is not None)
    counted = selection.counts(store, "p", recipe, seed=seed)
    assert sum(row["n"] for row in counted if row["reason"] is None) == len(taken)
    assert sum(row["n"] for row in counted) == len(rows)
    return taken, left_out


def test_the_recommended_recipe_leaves_defects_and_duplicates_to_a_person(store: Store) -> None:
    add(store, "good")
    add(store, "kept", status="kept", flags=["truncated"])
    add(store, "bad", flags=["truncated", "boilerplate", "near_duplicate"])
    add(store, "copy", cluster="c", is_canonical=False, flags=["near_duplicate"])
    add(store, "original", cluster="c")
    add(store, "later", status="deferred")
    add(store, "no", status="rejected")
    add(store, "noticed", flags=["personal_data"])
    assert selected(store, Recipe()) == (
        ["good", "kept", "original", "noticed"],
        {"bad": "boilerplate", "copy": "duplicate", "later": "deferred", "no": "rejected"},
    )
    assert selected(store, Recipe("everything"))[1] == {"no": "rejected"}


def test_a_cluster_whose_kept_record_is_no_good_is_stood_for_by_another(store: Store) -> None:
    add(store, "long", cluster="c", flags=["empty_answer"], n_words=90)
    add(store, "short", cluster="c", is_canonical=False, flags=["near_duplicate"], n_words=20)
    add(store, "shorter", cluster="c", is_canonical=False, n_words=10)
    assert selected(store, Recipe()) == (["short"], {"long": "empty_answer", "shorter": "duplicate"})


def test_what_a_person_kept_of_a_cluster_is_taken_instead_of_the_canonical(store: Store) -> None:
    add(store, "a", cluster="c")
    add(store, "b", cluster="c", is_canonical=False, status="kept")
    add(store, "c", cluster="c", is_canonical=False, status="kept")
    assert selected(store, Recipe())[0] == ["b", "c"]


def test_a_cap_lets_so_many_of_a_cluster_in(store: Store) -> None:
    for n in range(4):
        add(store, f"r{n}", cluster="c", is_canonical=n == 2, n_words=10 + n)
    assert selected(store, Recipe(per_cluster=2))[0] == ["r2", "r3"]
    assert selected(store, Recipe(per_cluster=0))[0] == ["r0", "r1", "r2", "r3"]
    assert selected(store, Recipe("everything", per_cluster=1))[0] == ["r2"]


def test_an_allowed_defect_keeps_nobody_out_and_a_flag_left_out_keeps_even_kept_ones_out(store: Store) -> None:
    add(store, "short", flags=["too_short"])
    add(store, "named", status="kept", flags=["personal_data"])
    recipe = Recipe(flags_allowed=("too_short",), flags_out=("personal_data",))
    assert selected(store, recipe) == (["short"], {"named": "personal_data"})


def test_the_score_is_asked_of_records_that_no_person_kept(store: Store) -> None:
    add(store, "low", score=0.2)
    add(store, "high", score=0.9)
    add(store, "kept", score=0.2, status="kept")
    add(store, "unmeasured")
    taken, left_out = selected(store, Recipe(min_score=0.5))
    assert (taken, set(left_out.values())) == (["high", "kept"], {"low_score"})


def test_tags_sources_and_period_filter(store: Store) -> None:
    add(store, "a", tags=["login"], source="s1", written="2024-03-01T10:00:00Z")
    add(store, "b", tags=["login", "internal"], source="s1", written="2024-03-02")
    add(store, "c", source="s2", written="2023-12-31")
    add(store, "d", source="s1")
    assert selected(store, Recipe(tags=("login",), tags_out=("internal",)))[1] == {
        "b": "tag_left_out", "c": "other_tag", "d": "other_tag",
    }  # fmt: skip
    assert selected(store, Recipe(tags_out=("internal",)))[1] == {"b": "tag_left_out"}
    assert selected(store, Recipe(sources=("s2",)))[0] == ["c"]
    assert selected(store, Recipe(written_to="2023-12-31"))[0] == ["c"]
    assert selected(store, Recipe(written_from="2024-01-01", written_to="2024-03-01"))[1] == {
        "b": "too_late", "c": "too_early", "d": "no_date",
    }  # fmt: skip


def test_a_full_group_takes_the_kept_then_the_higher_score(store: Store) -> None:
    add(store, "low", tags=["login"], score=0.1)
    add(store, "high", tags=["login"], score=0.9)
    add(store, "kept", tags=["login"], score=0.2, status="kept")
    add(store, "other", tags=["billing"])
    assert selected(store, Recipe(balance=Balance("tag", at_most=2))) == (
        ["high", "kept", "other"],
        {"low": "group_is_full"},
    )


def test_a_record_of_two_tags_finds_room_in_both_or_none(store: Store) -> None:
    for n in range(6):
        add(store, f"r{n}", tags=["a"] if n % 2 else ["a", "b"], score=n / 10)
    taken, _ = selected(store, Recipe(balance=Balance("tag", at_most=2)))
    assert taken == ["r4", "r5"]


def test_a_share_is_of_the_records_that_are_left(store: Store) -> None:
    for n in range(10):
        add(store, f"r{n}", author="Ann" if n < 8 else "Bo", score=n / 10)
    taken, _ = selected(store, Recipe(balance=Balance("author", share=0.3)))
    assert taken == ["r5", "r6", "r7", "r8", "r9"]


@pytest.mark.parametrize(("by", "taken"), [("month", ["a", "c", "d"]), ("year", ["a", "d"])])
def test_periods_are_balanced_by_month_or_year(store: Store, by: str, taken: list[str]) -> None:
    add(store, "a", written="2024-03-01", score=0.9)
    add(store, "b", written="2024-03-09", score=0.1)
    add(store, "c", written="2024-04-01", score=0.5)
    add(store, "d")
    assert selected(store, Recipe(balance=Balance(by, at_most=1)))[0] == taken


def test_random_k_draws_the_same_by_the_same_seed_and_longest_k_the_longest(store: Store) -> None:
    for n in range(30):
        add(store, f"r{n:02}", n_characters=n + 1)
    drawn = selected(store, Recipe("random:7"), seed=3)[0]
    assert len(drawn) == 7
    assert selected(store, Recipe("random:7"), seed=3)[0] == drawn
    assert selected(store, Recipe("random:7"), seed=4)[0] != drawn
    assert selected(store, Recipe("longest:2"))[0] == ["r28", "r29"]


def test_balance_comes_before_the_draw(store: Store) -> None:
    for n in range(10):
        add(store, f"r{n}", tags=["a"])
    taken, left_out = selected(store, Recipe("random:3", balance=Balance("tag", at_most=5)))
    assert (len(taken), sorted(left_out.values())) == (3, ["group_is_full"] * 5 + ["not_drawn"] * 2)


def test_a_snapshot_does_not_see_what_came_after_it(store: Store) -> None:
    add(store, "before")
    snapshot = store.snapshot()
    add(store, "after")
    assert sum(row["n"] for row in selection.counts(snapshot, "p", Recipe(), seed=1)) == 1
    snapshot.close()
    assert sum(row["n"] for row in selection.counts(store, "p", Recipe(), seed=1)) == 2
