"""Sections, examples, splits, recipes and frozen versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.curate.examples import examples_of
from core.curate.records_in import RecordIn
from core.curate.sections import cut_into_sections, prose_of
from core.curate.splits import groups_of, split_groups
from core.curate.versions import content_sha256, read_version, write_version
from core.errors import Invalid
from core.nouns import Example, RecordKind, Split

WORDS = "Plain words that make up a paragraph of a certain length for this test. " * 6


def count(text: str) -> int:
    return len(text.split())


def count_chat(messages: Sequence[dict[str, str]]) -> int:
    return sum(count(m["content"]) for m in messages)


def test_sections_follow_the_headings() -> None:
    cut = cut_into_sections(f"{WORDS}\n\n## One\n\n{WORDS}\n\n## Two\n\n{WORDS}", max_tokens=900, count_tokens=count)
    assert [s.heading for s in cut.sections] == ["", "One", "Two"]
    assert cut.left_out == ()


def test_a_heading_in_a_code_block_is_none() -> None:
    cut = cut_into_sections(f"{WORDS}\n\n```\n## not a heading\n```\n\n{WORDS}", max_tokens=900, count_tokens=count)
    assert [s.heading for s in cut.sections] == [""]


def test_a_small_section_joins_the_one_before_it() -> None:
    cut = cut_into_sections(f"## One\n\n{WORDS}\n\n## Two\n\nFew words.", max_tokens=900, count_tokens=count)
    assert len(cut.sections) == 1
    assert "## Two\n\nFew words." in cut.sections[0].body


def test_a_long_section_is_split_between_paragraphs_and_nothing_is_lost() -> None:
    body = "\n\n".join(f"Paragraph {i}. {WORDS}" for i in range(12))
    cut = cut_into_sections(body, max_tokens=900, count_tokens=count)
    assert len(cut.sections) > 1
    assert "\n\n".join(s.body for s in cut.sections) == prose_of(body)


def test_a_paragraph_over_the_limit_is_left_out_with_its_size() -> None:
    cut = cut_into_sections(WORDS * 10, max_tokens=100, count_tokens=count)
    assert cut.sections == ()
    assert "840 tokens, 100 allowed" in cut.left_out[0][1]


def test_images_comments_and_footnotes_are_no_prose() -> None:
    assert prose_of("A ![x](y.png) b[^1] <!-- c -->\n\n[^1]: note") == "A  b"


def record(kind: RecordKind, content: dict[str, object], title: str = "T") -> RecordIn:
    return RecordIn("r", "x", kind, title, "", content)


def test_a_thread_becomes_question_and_accepted_answer() -> None:
    content = {
        "question": "Q",
        "asker": "u",
        "messages": [{"text": "no", "is_solution": False}, {"text": "A", "is_solution": True}],
    }
    examples, dropped = examples_of(
        record(RecordKind.THREAD, content), max_tokens=50, count_chat=count_chat, count_text=count
    )
    assert [m["content"] for m in examples[0].messages] == ["T\n\nQ", "A"]
    assert dropped == []


def test_a_thread_without_an_accepted_answer_is_dropped_with_the_reason() -> None:
    content = {"question": "Q", "asker": "u", "messages": []}
    examples, dropped = examples_of(
        record(RecordKind.THREAD, content), max_tokens=50, count_chat=count_chat, count_text=count
    )
    assert (examples, dropped[0].reason) == ([], "no_accepted_answer")


def test_what_is_too_long_is_dropped_and_never_cut() -> None:
    content = {"messages": [{"role": "user", "content": "a " * 60}, {"role": "assistant", "content": "b"}]}
    examples, dropped = examples_of(
        record(RecordKind.CHAT, content), max_tokens=50, count_chat=count_chat, count_text=count
    )
    assert examples == []
    assert dropped[0].detail == "61 tokens, 50 allowed"


def test_a_diff_becomes_change_and_comment() -> None:
    content = {"diff": "+ a", "language": "py", "comments": [{"text": "why", "is_reference": True}]}
    (example,), _ = examples_of(
        record(RecordKind.DIFF, content), max_tokens=50, count_chat=count_chat, count_text=count
    )
    assert "```diff\n+ a\n```" in example.messages[0]["content"]
    assert example.messages[1]["content"] == "why"


keys = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.lists(st.sampled_from(["k1", "k2", "k3", "k4"]), max_size=2),
    min_size=1,
    max_size=30,
)


@given(keys, st.integers(0, 99))
def test_no_key_stands_in_two_splits(keys: dict[str, list[str]], seed: int) -> None:
    groups = groups_of(keys)
    sizes: dict[str, int] = {}
    for group in groups.values():
        sizes[group] = sizes.get(group, 0) + 1
    splits = split_groups(sizes, seed=seed)
    by_key: dict[str, set[Split]] = {}
    for one, own in keys.items():
        for key in own:
            by_key.setdefault(key, set()).add(splits[groups[one]])
    assert all(len(found) == 1 for found in by_key.values())


@given(keys)
def test_groups_do_not_depend_on_the_order(keys: dict[str, list[str]]) -> None:
    assert groups_of(keys) == groups_of(dict(reversed(keys.items())))


@given(st.integers(3, 60), st.integers(0, 9))
def test_three_groups_are_enough_for_a_hold_out(n: int, seed: int) -> None:
    splits = split_groups({f"g{i}": 1 for i in range(n)}, seed=seed)
    assert set(splits.values()) == set(Split)


@given(st.integers(0, 199))
def test_a_group_too_large_for_the_hold_out_is_trained_on(seed: int) -> None:
    splits = split_groups({f"g{i}": 1 for i in range(100)} | {"large": 100}, seed=seed)
    assert splits["large"] is Split.TRAIN
    assert set(splits.values()) == set(Split)


def test_what_may_not_be_evaluated_on_is_trained_on() -> None:
    sizes = {f"g{i}": 1 for i in range(30)}
    own = {f"g{i}" for i in range(15)}
    splits = split_groups(sizes, seed=3, train_only=own)
    assert {splits[group] for group in own} == {Split.TRAIN}
    assert set(splits.values()) == set(Split)


def example(identity: str, answer: str = "a") -> Example:
    return Example(
        identity, "r" + identity, "x", "g", ({"role": "user", "content": "q"}, {"role": "assistant", "content": answer})
    )


def test_a_frozen_version_is_read_back_equal(tmp_path: Path) -> None:
    splits = {Split.TRAIN: [example("1"), example("2")], Split.VALIDATION: [example("3")], Split.TEST: [example("4")]}
    sha256 = write_version(tmp_path, splits, [], {"name": "v"})
    frozen = read_version(tmp_path, expected_sha256=sha256)
    assert {split: list(rows) for split, rows in frozen.examples.items()} == splits


def test_the_hash_does_not_depend_on_the_order_of_examples() -> None:
    assert content_sha256({Split.TRAIN: [example("1"), example("2")]}) == content_sha256(
        {Split.TRAIN: [example("2"), example("1")]}
    )


def test_the_hash_changes_with_one_letter_and_with_the_split() -> None:
    base = content_sha256({Split.TRAIN: [example("1")]})
    assert base != content_sha256({Split.TRAIN: [example("1", "b")]})
    assert base != content_sha256({Split.TEST: [example("1")]})


def test_a_version_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    write_version(tmp_path, {Split.TRAIN: [example("1")]}, [], {})
    other = tmp_path / "other"
    write_version(other, {Split.TRAIN: [example("1", "changed")]}, [], {})
    (other / "train.parquet").replace(tmp_path / "train.parquet")
    with pytest.raises(Invalid, match="changed after freezing"):
        read_version(tmp_path)


def test_a_version_loads_with_the_datasets_library(tmp_path: Path) -> None:
    splits = {Split.TRAIN: [example("1"), example("2")], Split.VALIDATION: [example("3")], Split.TEST: [example("4")]}
    write_version(tmp_path / "v", splits, [], {"name": "v"})
    loaded = datasets.load_dataset(str(tmp_path / "v"), cache_dir=str(tmp_path / "cache"))
    assert {name: len(rows) for name, rows in loaded.items()} == {"train": 2, "validation": 1, "test": 1}
    assert loaded["train"][0]["messages"][1] == {"role": "assistant", "content": "a"}
