"""The sample support threads and their key agree, 150 of them are clean and different, and what was planted is found."""

from __future__ import annotations

import itertools
import json
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

SUPPORT = Path(__file__).resolve().parents[3] / "data" / "sample" / "support"
N_CLEAN = 150
MOST_SHARED = 0.2
# What the firm's footer makes of an otherwise clean answer; the others stand in the key thread by thread.
SEEN_ON_CLEAN = {"boilerplate"}
# Prices, dates and one address stand in honest threads: they are told, and count against none.
TOLD = {"stale_fact", "personal_data"}


@cache
def read_key() -> dict[str, Any]:
    key: dict[str, Any] = json.loads((SUPPORT / "KEY.json").read_text("utf-8"))
    return key


@cache
def threads() -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in (SUPPORT / "threads.jsonl").read_text("utf-8").splitlines()]
    return {row["id"]: row for row in rows}


@cache
def records() -> dict[str, RecordIn]:
    """Every thread as curation gets it."""
    parsed = parse_file(SUPPORT / "threads.jsonl", "threads.jsonl", Goal.SUPPORT, {})
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
    flagged = {name for names in read_key()["flags"].values() for name in names}
    return [copy for _, copy in pairs()] + sorted(flagged)


def clean() -> dict[str, dict[str, Any]]:
    return {name: row for name, row in threads().items() if name not in set(planted())}


@cache
def flags_by_thread() -> dict[str, set[str]]:
    corpus = survey(list(records().values()), Goal.SUPPORT)
    return {name: {flag.name for flag in flags_of(record, corpus)} for name, record in records().items()}


def test_every_row_is_read_as_a_thread() -> None:
    assert records().keys() == threads().keys()


def test_the_key_names_only_threads_that_exist() -> None:
    named = {name for pair in pairs() for name in pair} | set(planted()) | set(read_key()["same_footer"])
    assert named - threads().keys() == set()


def test_every_thread_is_clean_or_planted_once() -> None:
    assert [name for name, n in Counter(planted()).items() if n > 1] == []
    assert len(clean()) == N_CLEAN


def test_the_original_of_each_pair_is_clean() -> None:
    assert [original for original, _ in pairs() if original not in clean()] == []


def test_the_footer_stands_in_the_threads_that_the_key_names() -> None:
    having = [name for name, row in threads().items() if "The Old Seed Shop, Canal Side" in json.dumps(row["answers"])]
    assert [name for name in having if name in clean()] == read_key()["same_footer"]


def test_no_clean_thread_shares_a_fifth_of_its_shingles_with_another() -> None:
    footer = "Midfeather Ltd, The Old Seed Shop"
    sets = {name: shingles(words_of(records()[name].text.split(footer)[0])) for name in clean()}
    alike = [
        (a, b)
        for (a, first), (b, second) in itertools.combinations(sets.items(), 2)
        if len(first & second) > MOST_SHARED * min(len(first), len(second))
    ]
    assert alike == []


@pytest.mark.parametrize("name", sorted(clean()))
def test_a_clean_thread_has_one_solution_by_the_team(name: str) -> None:
    row = clean()[name]
    (solution,) = [answer for answer in row["answers"] if answer["is_solution"]]
    assert solution["id"] == row["solution_id"]
    assert solution["role"] == "agent"
    assert [a["created_at"] for a in row["answers"]] == sorted(a["created_at"] for a in row["answers"])


@pytest.mark.parametrize(
    ("flag", "name"), [(flag, name) for flag, names in read_key()["flags"].items() for name in names]
)
def test_a_planted_defect_is_flagged(flag: str, name: str) -> None:
    assert flag in flags_by_thread()[name]


def test_no_other_thread_is_flagged() -> None:
    copies = {copy for _, copy in pairs()}
    raised = {
        name: flags - SEEN_ON_CLEAN - TOLD
        for name, flags in flags_by_thread().items()
        if name in clean() or name in copies
    }
    assert {name: flags for name, flags in raised.items() if flags} == {}


def test_boilerplate_is_flagged_where_the_footer_stands_alone() -> None:
    flagged = [name for name, flags in flags_by_thread().items() if "boilerplate" in flags]
    assert flagged
    assert set(flagged) <= set(read_key()["same_footer"])


def test_exact_duplicates_have_the_same_text() -> None:
    for original, copy in read_key()["exact_duplicates"]:
        assert records()[original].text == records()[copy].text


@pytest.mark.model
def test_planted_duplicates_are_found_and_nothing_else() -> None:
    from core.curate.encoder import MiniLMEncoder

    rows = list(records().values())
    found = find_near_duplicates(
        rows, MiniLMEncoder().encode([record.comparison_text for record in rows], lambda n: None)
    )
    assert {frozenset((pair.a, pair.b)) for pair in found} == {frozenset(pair) for pair in pairs()}


def test_the_taxonomy_has_a_key_for_each_tag() -> None:
    taxonomy = json.loads((SUPPORT / "taxonomy.json").read_text("utf-8"))
    assert [entry["key"] for entry in taxonomy] == list("123456789")
    assert len({entry["tag"] for entry in taxonomy}) == 9
    assert all(entry["meaning"] for entry in taxonomy)


def test_ten_briefs_ask_what_no_thread_answers() -> None:
    briefs = [json.loads(line) for line in (SUPPORT / "briefs.jsonl").read_text("utf-8").splitlines()]
    assert len({brief["id"] for brief in briefs}) == 10
    assert all(set(brief) == {"id", "prompt", "audience"} and all(brief.values()) for brief in briefs)
