"""The sample code reviews and their key agree, 40 of them are clean and different, and what was planted is found."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.curate.duplicates.find import find_near_duplicates
from core.curate.flags import flags_of, survey
from core.curate.records_in import RecordIn, record_in
from core.nouns import Goal, ParsedRecord
from core.records.parsing import parse_file
from tests.core.sample.shingles import shingles, words_of

CODE = Path(__file__).resolve().parents[3] / "data" / "sample" / "code"
N_CLEAN = 40
MOST_SHARED = 0.2
HUNK = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@")


@cache
def read_key() -> dict[str, Any]:
    key: dict[str, Any] = json.loads((CODE / "KEY.json").read_text("utf-8"))
    return key


@cache
def reviews() -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in (CODE / "reviews.jsonl").read_text("utf-8").splitlines()]
    return {row["id"]: row for row in rows}


@cache
def records() -> dict[str, RecordIn]:
    """Every review as curation gets it."""
    parsed = parse_file(CODE / "reviews.jsonl", "reviews.jsonl", Goal.CODE, {})
    assert not parsed.rejected
    return {r.external_id: as_record_in(r) for r in parsed.records}


def as_record_in(parsed: ParsedRecord) -> RecordIn:
    return record_in(
        {
            "id": parsed.external_id,
            "external_id": parsed.external_id,
            "kind": parsed.kind,
            "title": parsed.title,
            "content": parsed.content,
        }
    )


def pairs() -> list[list[str]]:
    return [*read_key()["exact_duplicates"], *read_key()["near_duplicates"]]


def planted() -> list[str]:
    return [copy for _, copy in pairs()] + [name for names in read_key()["flags"].values() for name in names]


def clean() -> dict[str, dict[str, Any]]:
    return {name: row for name, row in reviews().items() if name not in set(planted())}


@cache
def flags_by_review() -> dict[str, set[str]]:
    corpus = survey(list(records().values()), Goal.CODE)
    return {name: {flag.name for flag in flags_of(record, corpus)} for name, record in records().items()}


def test_every_row_is_read_as_a_review() -> None:
    assert records().keys() == reviews().keys()


def test_the_key_names_only_reviews_that_exist() -> None:
    assert ({name for pair in pairs() for name in pair} | set(planted())) - reviews().keys() == set()


def test_every_review_is_clean_or_planted_once() -> None:
    assert [name for name, n in Counter(planted()).items() if n > 1] == []
    assert len(clean()) == N_CLEAN


def test_the_original_of_each_pair_is_clean() -> None:
    assert [original for original, _ in pairs() if original not in clean()] == []


@pytest.mark.parametrize("name", sorted(reviews()))
def test_the_hunk_counts_its_lines_right(name: str) -> None:
    head, *lines = reviews()[name]["diff"].rstrip("\n").split("\n")[2:]
    counted = HUNK.match(head)
    assert counted
    old, new = (sum(line[0] in signs for line in lines) for signs in (" -", " +"))
    assert (int(counted[2]), int(counted[4])) == (old, new)
    assert (int(counted[1]) == 0) == (old == 0)


def test_no_clean_comment_shares_a_fifth_of_its_shingles_with_another() -> None:
    sets = {name: shingles(words_of(row["comment"])) for name, row in clean().items()}
    alike = [
        (a, b)
        for (a, first), (b, second) in itertools.combinations(sets.items(), 2)
        if len(first & second) > MOST_SHARED * min(len(first), len(second))
    ]
    assert alike == []


def test_exact_duplicates_have_the_same_text() -> None:
    for original, copy in read_key()["exact_duplicates"]:
        assert records()[original].text == records()[copy].text


@pytest.mark.parametrize(
    ("flag", "name"), [(flag, name) for flag, names in read_key()["flags"].items() for name in names]
)
def test_a_planted_defect_is_flagged(flag: str, name: str) -> None:
    assert flag in flags_by_review()[name]


def test_no_other_review_is_flagged() -> None:
    flagged = {name for names in read_key()["flags"].values() for name in names}
    # Prices, dates and an address of the made-up firm stand in honest code: they are told, and count against none.
    told = {"stale_fact", "personal_data"}
    assert {n: flags - told for n, flags in flags_by_review().items() if flags - told and n not in flagged} == {}


@pytest.mark.model
def test_planted_duplicates_are_found_and_nothing_else() -> None:
    from core.curate.encoder import MiniLMEncoder

    rows = list(records().values())
    found = find_near_duplicates(rows, MiniLMEncoder().encode([r.comparison_text for r in rows], lambda n: None))
    assert {frozenset((pair.a, pair.b)) for pair in found} == {frozenset(pair) for pair in pairs()}


def test_eight_briefs_ask_about_changes_that_are_not_there() -> None:
    briefs = [json.loads(line) for line in (CODE / "briefs.jsonl").read_text("utf-8").splitlines()]
    assert len({brief["id"] for brief in briefs}) == 8
    assert all(set(brief) == {"id", "prompt", "audience"} and all(brief.values()) for brief in briefs)
    assert [
        b["id"] for b in briefs if any(row["diff"].split("@@")[2] in b["prompt"] for row in reviews().values())
    ] == []
