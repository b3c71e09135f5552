"""Checklist 6: every reader on damaged files. Records, or a refusal with its reason; never another exception, never a row that is gone without a word.

Not covered: coverage-guided fuzzing of what is compiled (PDFium, Arrow): those run in a process of their own, where a crash is one refused file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ProofroomError
from core.nouns import Goal
from core.records.parsing import ParsedFile, RefusedFile, parse_file
from core.records.parts import ReadingMember, parse_parts
from core.records.sandbox import FileToParse, parse_files
from core.review.briefs import read_briefs
from core.review.guide.check import check_draft
from core.review.guide.document import as_values, read_file, write_file
from core.review.guide.vale import read_style
from core.review.rubric import read_file as read_rubric_file
from core.tags import taxonomy_file
from core.workflows.bundles import NEEDED, checked_facts
from studio.commands.bundles import unpacked
from tests.security import mutations
from tests.security.mutations import mutated, mutated_inside
from tests.security.tried import PER_COUNTED_TABLE, PER_KIND_OF_FILE, PER_RULE_FILE

pytestmark = pytest.mark.slow

SEEDS = (
    ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".md", ".html", ".txt", ".srt", ".xlsx", ".ods", ".docx", ".epub", ".pdf", ".mbox", ".eml",
    ".zip", ".csv.gz", ".jsonl.bz2", ".md.xz",
)  # fmt: skip
# Read by compiled code that a damaged file may bring down: in the process that is there for it.
COMPILED = (".pdf", ".parquet", ".arrow")
AT_ONCE = 20
COUNTED = ("csv", "tsv", "jsonl", "json", "parquet")
CHECKS = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
TEXT = "We leverage the bench of 12 March, which costs 40 €. **Very** very good. See [here](https://example.org)."

GUIDE = b"""notes: |
  Write as we speak.
spelling: british
presets: []
rules:
  - {name: plain, kind: existence, tokens: [leverage, utilise], message: "Say it plainly: %s"}
  - {name: swap, kind: substitution, swap: {utilise: use}}
  - {name: twice, kind: repetition}
  - {name: count, kind: occurrence, raw: "[0-9]+", is_pattern: true, maximum: 3}
"""
VALE = b"""extends: substitution
message: "Use '%s' instead of '%s'"
level: error
ignorecase: true
swap:
  utilise: use
  'in order to': to
"""
RUBRIC = b"""reasons: [Off voice, Wrong fact]
criteria:
  - {name: Facts, meaning: Every figure is right., critical: true}
  - {name: Voice}
searches:
  - {reason: Wrong fact, holds: price}
"""
TAGS = b'tag,key,colour,meaning\nbilling / refunds,1,red,"Money, back"\n\'=bench,,,\n'
TAGS_JSON = json.dumps([{"tag": "billing", "key": "1", "colour": "red", "meaning": "Money"}]).encode()
BRIEFS = (
    b'{"id": "b1", "prompt": "Write of vans.", "facts": ["One"], "length": "80-120"}\n{"prompt": "Write of benches."}\n'
)
BRIEFS_CSV = b'id,prompt,facts,length\nb1,"Write of vans, please.",One|Two,80-120\n,Write.,,\n'
FACTS: dict[str, Any] = {
    "form": 1, "run": "v1-1", "version": "v1", "content_sha256": "a" * 64, "splits": {"train": ["e1"]}, "config": {"base": "embedded", "seed": 17},
    "base": {"name": "embedded", "sha256": "b" * 64}, "weights_sha256": "c" * 64, "losses": {"base": 3.0, "tuned": None},
    "libraries": {"torch": "2.13.0"}, "machine": {"processor": "x"},
}  # fmt: skip


@cache
def seeds() -> dict[str, bytes]:
    return mutations.seeds()


def test_there_is_a_sound_file_of_every_kind(tmp_path: Path) -> None:
    assert set(seeds()) == set(SEEDS)
    for ending, content in seeds().items():
        path = tmp_path / "file"
        path.write_bytes(content)
        found = [one for one in parse_parts(path, f"a{ending}", Goal.VOICE, {}) if not isinstance(one, ReadingMember)]
        assert any(isinstance(one, ParsedFile) and one.records for one in found), (ending, found)


@pytest.mark.parametrize("ending", [ending for ending in SEEDS if ending not in COMPILED])
def test_checklist_6_a_damaged_file_gives_records_or_a_reason(tmp_path: Path, ending: str) -> None:
    @settings(deadline=None, max_examples=PER_KIND_OF_FILE, suppress_health_check=CHECKS)
    @given(content=mutated_inside(ending, seeds()[ending]), goal=st.sampled_from(list(Goal)))
    def try_it(content: bytes, goal: Goal) -> None:
        path = tmp_path / "file"
        path.write_bytes(content)
        for outcome in parse_parts(path, f"a{ending}", goal, {}):
            if not isinstance(outcome, ReadingMember):
                check(outcome)

    try_it()


@pytest.mark.parametrize("ending", COMPILED)
def test_checklist_2_a_damaged_file_takes_nothing_but_itself_along(tmp_path: Path, ending: str) -> None:
    @settings(deadline=None, max_examples=PER_KIND_OF_FILE // AT_ONCE, suppress_health_check=CHECKS)
    @given(contents=st.lists(mutated(seeds()[ending]), min_size=AT_ONCE, max_size=AT_ONCE))
    def try_them(contents: list[bytes]) -> None:
        files = []
        for number, content in enumerate(contents):
            path = tmp_path / f"{number}{ending}"
            path.write_bytes(content)
            files.append(FileToParse(path, path.name))
        outcomes = list(parse_files(files, Goal.VOICE, memory_mb=1_500, seconds_per_file=30.0))
        assert {number for number, _ in outcomes} == set(range(AT_ONCE))
        for _, outcome in outcomes:
            check(outcome)

    try_them()


def check(outcome: object) -> None:
    if isinstance(outcome, RefusedFile):
        assert outcome.reason.strip()
        return
    assert isinstance(outcome, ParsedFile)
    assert outcome.records or outcome.rejected
    assert all(row.reason for row in outcome.rejected)
    ids = [record.external_id for record in outcome.records]
    assert len(set(ids)) == len(ids)
    for record in outcome.records:
        # What is kept can be stored: no halves of characters, no NUL, no number that is none.
        told = json.dumps(
            [record.external_id, record.title, record.content, record.meta], ensure_ascii=False, allow_nan=False
        )
        assert "\\u0000" not in told
        told.encode()


CELLS = st.text(st.characters(codec="utf-8"), max_size=24)


def as_csv(rows: list[list[str]], mark: str) -> bytes:
    target = io.StringIO()
    # All in quotes: by itself it leaves a lone carriage return, which ends a row, without them.
    writer = csv.writer(target, delimiter=mark, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "title", "body"], *rows])
    return target.getvalue().encode()


def as_objects(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(("id", "title", "body"), row, strict=True)) for row in rows]


def as_parquet(rows: list[list[str]]) -> bytes:
    target = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(as_objects(rows)), target)
    return target.getvalue()


WRITTEN: dict[str, Callable[[list[list[str]]], bytes]] = {
    "csv": lambda rows: as_csv(rows, ","),
    "tsv": lambda rows: as_csv(rows, "\t"),
    "jsonl": lambda rows: b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in as_objects(rows)),
    "json": lambda rows: json.dumps(as_objects(rows)).encode(),
    "parquet": as_parquet,
}


@pytest.mark.parametrize("form", COUNTED)
def test_checklist_6_every_row_of_a_table_is_a_record_or_refused(tmp_path: Path, form: str) -> None:
    @settings(deadline=None, max_examples=PER_COUNTED_TABLE, suppress_health_check=CHECKS)
    @given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS).map(list), min_size=1, max_size=6))
    def try_it(rows: list[list[str]]) -> None:
        path = tmp_path / "rows"
        path.write_bytes(WRITTEN[form](rows))
        try:
            parsed = parse_file(path, f"rows.{form}", Goal.VOICE, {})
        except ProofroomError:
            return
        assert len(parsed.records) + len(parsed.rejected) == len(rows)
        assert {row.row for row in parsed.records} | {row.row for row in parsed.rejected} == set(
            range(1, len(rows) + 1)
        )

    try_it()


def read_guide(content: bytes, folder: Path) -> None:
    guide = read_file(content)
    json.dumps(as_values(guide), ensure_ascii=False, allow_nan=False).encode()
    assert read_file(write_file(guide).encode()) == guide
    check_draft(TEXT, guide.all_rules())


def read_vale(content: bytes, folder: Path) -> None:
    style = read_style([("Brand/Terms.yml", content)])
    assert len(style.rules) + len(style.refused) == 1
    check_draft(TEXT, style.rules)


def read_rubric(content: bytes, folder: Path) -> None:
    read_rubric_file(content)


def read_tags(form: str) -> Callable[[bytes, Path], None]:
    def read(content: bytes, folder: Path) -> None:
        tags, rejected = taxonomy_file.read(content.decode("utf-8", "replace"), form)
        assert all(row.reason for row in rejected)
        again, refused = taxonomy_file.read(taxonomy_file.written(tags, form), form) if tags else ([], [])
        assert (again, refused) == (tags, [])

    return read


def read_some_briefs(content: bytes, folder: Path) -> None:
    text = content.decode("utf-8", "replace")
    found = read_briefs(text)
    assert len(found.briefs) == len(found.rows)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        lines = [line for line in text.split("\n") if line.strip("\ufeff \t\r")]
        assert len(found.briefs) + len(found.refused) == len(lines)
    for brief in found.briefs:
        repr(brief).encode()
        json.dumps(
            [brief.id, brief.prompt, brief.audience, *brief.facts, *brief.must_not_say], ensure_ascii=False
        ).encode()


def read_bundle(content: bytes, folder: Path) -> None:
    (folder / "a.zip").write_bytes(content)
    into = folder / "into"
    assert isinstance(unpacked(folder / "a.zip", into), dict)
    assert {one.name for one in folder.iterdir()} <= {"a.zip", "into"}
    assert all(one.resolve().is_relative_to(into.resolve()) for one in into.rglob("*"))


def read_facts(content: bytes, folder: Path) -> None:
    try:
        facts = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(facts, dict):
        checked = checked_facts(facts)
        assert all(name in checked for name in NEEDED)
        assert re.fullmatch(r".*", checked["content_sha256"][:12] + checked["base"]["sha256"][:12], re.DOTALL)
        assert checked["losses"]["tuned"] is None or checked["losses"]["tuned"] - 1.0 is not None


def bundle() -> bytes:
    return mutations._zipped(
        {"bundle.json": json.dumps(FACTS).encode(), "version/train.parquet": b"PAR1", "version/../../evil": b"x"}
    )


RULE_FILES: dict[str, tuple[bytes, Callable[[bytes, Path], None]]] = {
    "guide": (GUIDE, read_guide),
    "vale": (VALE, read_vale),
    "rubric": (RUBRIC, read_rubric),
    "tags.csv": (TAGS, read_tags("csv")),
    "tags.json": (TAGS_JSON, read_tags("json")),
    "briefs.jsonl": (BRIEFS, read_some_briefs),
    "briefs.csv": (BRIEFS_CSV, read_some_briefs),
    "bundle.zip": (bundle(), read_bundle),
    "bundle.json": (json.dumps(FACTS).encode(), read_facts),
}


@pytest.mark.parametrize("kind", RULE_FILES)
def test_what_teams_write_by_hand_is_read_or_refused_in_words(tmp_path: Path, kind: str) -> None:
    seed, read = RULE_FILES[kind]
    read(seed, tmp_path)

    @settings(deadline=None, max_examples=PER_RULE_FILE, suppress_health_check=CHECKS)
    @given(content=mutated_inside(kind.replace("bundle", ""), seed))
    def try_it(content: bytes) -> None:
        with suppress(ProofroomError):
            read(content, tmp_path)

    try_it()
