"""The quick lane of large files gives, row by row, what reading row by row gives."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records import large_files
from core.records.large_files import ParsedInParts, parse_large
from core.records.parsing import ParsedFile, parse_file
from core.records.plain_rows import PlainLane
from core.records.plain_sql import ODD_WHITE, WHITE
from core.records.record_rows import row_of

# Texts that one lane or the other could read differently.
ODD_TEXTS = [
    "", " ", "plain words here", "two  blanks", " framed ", "line\nline", "para\n\npara", "a\r\nb", "a\rb", "a\tb", "\u3000wide\u3000",
    "no\u00a0break", "next\u0085line", "sep\u2028par\u2029", "\u200bzero", "nul\x00l", "\x01ctl", "\x1besc", "\x7fdel", "\ud800", "\udcff",
    "<p>Para</p>", "<b>x</b> &amp; y", "a < b", "& so", "  <div>x</div>", "<br", "é ü 漢字 😀", 'quo"te', "back\\slash", "slash/", "\\u0000",
    ",}", ",]", "[1,2]", '["a","b"]', "a,b;c", "a, a", "null", "-0", "1700000000", "1e5", "2024-02-30", "2024-02-29", "2024-02-29T10:00:00Z",
    "2024-01-02", "2024-01-02 10:00:00", "2024-01-02T10:00:00", "2024-01-31T23:59:59.123Z", "2024-04-31 10:00:00", "2024-01-02T10:00:00+00:00",
    "2024-01-02T10:00:00+02:00", "2024-01-02T24:00:00Z", "2024-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "01/02/2024", "1.2.2024",
    "Tue, 02 Jan 2024 10:00:00 +0000", "2024-01-02T10:00", "\f\fpage\f", "x#2", "x", "user", " Assistant ", "GPT",
]  # fmt: skip
ODD_VALUES: list[Any] = [
    *ODD_TEXTS, None, True, False, 0, 1, -1, 7, 10**17, 10**18, 10**19, 10**30, 0.5, -0.0, 5.0, 1.25, 0.0001, 0.00001, 1e16, 1e300, 0.1 + 0.2,
    123456789.1234, [], {}, ["a", "b"], ["a", "a"], ["a", " a"], ["", "x"], ["x", 1], [["x"]], {"k": "v"}, {"k": [1, {"z": None}]},
    [{"role": "user", "content": "q"}], ["<p>", "\u0001"], ['q"', "b\\", "ü"],
]  # fmt: skip
MESSAGES: list[Any] = [
    [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": " Hello "}],
    [{"content": "Hi\r\nyou", "role": "human"}, {"role": "GPT", "content": "Hello"}],
    [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello <b>x</b>"}],
    [{"role": "system", "content": "Be"}, {"role": "user", "content": ""}, {"role": "assistant", "content": "\u2003"}],
    [{"role": "user", "content": "Hi"}],
    [{"role": "assistant", "content": [{"type": "text", "text": "part"}]}],
    [{"role": "assistant", "content": "x", "name": "n"}],
    [{"role": "tool", "content": "x"}, {"role": "assistant", "content": "y"}],
    [{"role": "assistant", "content": None}],
    ["text"],
    [],
    None,
    '[{"role": "assistant", "content": "in a text"}]',
]
SHAPES: dict[str, tuple[Goal, dict[str, list[Any]]]] = {
    "documents": (Goal.VOICE, {"text": ["A text to learn from."], "title": ["Title"], "tags": [["a", "b"], "a;b", []]}),
    "prompts": (Goal.VOICE, {"prompt": ["Write it."], "response": ["Written."], "system": ["Be brief.", ""]}),
    "messages": (Goal.VOICE, {"messages": MESSAGES, "title": ["Title"]}),
    "tickets": (Goal.SUPPORT, {"question": ["How?"], "answer": ["So."], "asker": ["u1", ""], "company": ["Acme", ""]}),
    "reviews": (Goal.CODE, {"diff": ["@@ -1 +1 @@\n-a\n+b\n"], "comment": ["Name it."], "language": ["py"]}),
}  # fmt: skip
FACTS: dict[str, list[Any]] = {
    "id": ["1", "2", "x", 3],
    "created_at": ["2024-01-02"],
    "author": ["Ann"],
    "votes": [3],
    "url": ["https://a.b/c"],
}
BROKEN_LINES = [
    "", "   ", "\u3000", "not json", "[1, 2]", '"a text"', "{}", "null", '{"a": 1,}', '{"text": "x", "text": "y"}', '{"text": NaN}',
    '{"text": "cut', '{"text": "x"} extra', '{"text": "a\tb"}', '{"a": ' + "[" * 300 + "]" * 300 + "}", '{"tags": ["a",]}', "// {}", "{'a': 1}",
    '{"text": "x", "votes": NaN}', '{"text": "x", "votes": 01}', ' {"text": "spaced" } ', '{"t\\u0065xt": "escaped name"}', '{"text": "x", "": 1}',
    '{"text": "x", "a/b~c\\"d": "y"}', '{"text": "x", "n\\u0000l": "y"}', '{"text": "\\ud83d\\ude00", "id": 1.0}', '{"text": "x", "v": 1.50}',
    '{"text": "x", "v": -0}', '{"text": "x", "v": 1E+2}', '{"text": "x" , }', '{"text":"x","more":{"a":[1 , 2]}}',
    '\ufeff{"text": "x"}', '\ufeff', ' \ufeff{"text": "x"}', '{"text": "x", "v": ' + "9" * 4_000 + "}", '{"text": "x", "v": ' + "9" * 5_000 + "}",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _all_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "QUICK_FROM_BYTES", 0)


@pytest.fixture
def lanes(tmp_path: Path) -> Callable[..., ParsedInParts | None]:
    """Reads lines by both lanes, asserts that they agree, and returns what the quick one gave; None where it passed."""
    numbers = itertools.count()

    def both(lines: list[str], goal: Goal, end: str = "\n") -> ParsedInParts | None:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        file = folder / "rows.jsonl"
        file.write_bytes(end.join(lines).encode("utf-8", "surrogatepass"))
        slow = outcome(lambda: parse_file(file, "rows.jsonl", goal, {}))
        quick = outcome(lambda: parse_large(file, "rows.jsonl", goal, {}, folder=folder, on_rows=lambda n: None))
        if isinstance(slow, str) or isinstance(quick, str):
            assert slow == quick
            return None
        if isinstance(quick, ParsedFile):
            assert quick == slow
            return None
        rows = [row for part in quick.parts for row in parquet.read_table(folder / part).to_pylist()]
        expected = [row_of(record) for record in slow.records]
        assert sorted(rows, key=lambda row: row["row_number"]) == expected
        assert quick.n_records == len(expected)
        assert sorted(quick.rejected, key=lambda row: row.row) == slow.rejected
        assert (quick.name, quick.format, quick.encoding) == (slow.name, slow.format, slow.encoding)
        assert (quick.mapping, quick.columns) == (slow.mapping, slow.columns)
        return quick

    return both


def outcome(read: Callable[[], Any]) -> Any:
    """What a reader gives, or the words with which it refuses the file."""
    try:
        return read()
    except UnreadableFile as refusal:
        return str(refusal)


@pytest.mark.parametrize("shape", SHAPES)
def test_both_lanes_agree_on_rows_with_every_oddity(lanes: Callable[..., ParsedInParts | None], shape: str) -> None:
    goal, parts = SHAPES[shape]
    fields = parts | FACTS
    draw = random.Random(17)
    usual = [json.dumps({name: values[0] for name, values in fields.items()} | {"id": f"d{i}"}) for i in range(60)]
    odd = []
    for name in [*fields, "extra one"]:
        for value in [*ODD_VALUES, *fields.get(name, [])]:
            # An id of its own: rows whose id stands twice are all read row by row.
            row = {n: draw.choice(values) for n, values in fields.items()} | {"id": f"o{len(odd)}"} | {name: value}
            odd.append(
                json.dumps(row, ensure_ascii=draw.random() < 0.5 or "\ud800" in str(value) or "\udcff" in str(value))
            )
    found = lanes([*usual, *odd, *BROKEN_LINES], goal)
    assert found is not None
    assert found.n_records > 60
    assert len(found.parts) == 2


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), shape=st.sampled_from(sorted(SHAPES)), end=st.sampled_from(["\n", "\r\n"]))
def test_both_lanes_agree_on_any_rows(
    lanes: Callable[..., ParsedInParts | None], data: st.DataObject, shape: str, end: str
) -> None:
    goal, parts = SHAPES[shape]
    fields = parts | FACTS
    anything = st.one_of(st.text(max_size=12), st.sampled_from(ODD_VALUES), st.integers(), st.floats(), st.booleans())
    cells = {name: st.one_of(st.sampled_from(values), anything) for name, values in fields.items()}
    cells["id"] = st.one_of(st.integers(0, 10**6), st.integers(0, 10**6).map(str), cells["id"])
    row = st.fixed_dictionaries({}, optional=cells | {"more": anything})
    line = st.one_of(row.map(json.dumps), st.sampled_from(BROKEN_LINES))
    usual = json.dumps({name: values[0] for name, values in fields.items()})
    lanes([usual, *data.draw(st.lists(line, max_size=12)), usual], goal, end)


def test_a_plain_file_takes_the_quick_lane_alone(lanes: Callable[..., ParsedInParts | None]) -> None:
    found = lanes([json.dumps({"id": i, "text": f"Text number {i}."}) for i in range(3_000)], Goal.VOICE)
    assert found is not None
    assert (found.n_records, len(found.parts)) == (3_000, 1)


def test_an_id_that_stands_twice_is_numbered_whichever_lane_its_rows_took(
    lanes: Callable[..., ParsedInParts | None],
) -> None:
    rows = [
        {"id": "a", "text": "one"},
        {"id": "a", "text": "<p>two</p>"},
        {"id": "a#2", "text": "three"},
        {"id": "b", "text": "four"},
    ]
    found = lanes([json.dumps(row) for row in [*rows, {"id": "b", "text": "five"}, {"text": "six"}]], Goal.VOICE)
    assert found is not None
    assert found.n_records == 6


def test_line_ends_of_an_old_kind_and_other_encodings_are_read_row_by_row(tmp_path: Path) -> None:
    rows = [json.dumps({"text": f"Grüße {i}"}, ensure_ascii=False) for i in range(5)]
    for name, content in {
        "mac": "\r".join(rows).encode(), "latin": "\n".join(rows).encode("latin-1"), "utf16": "\n".join(rows).encode("utf-16"),
        "marked": "\n".join(rows).encode("utf-8-sig"), "list": ("[\n" + ",\n".join(rows) + "\n]").encode(),
    }.items():  # fmt: skip
        file = tmp_path / f"{name}.jsonl"
        file.write_bytes(content)
        found = parse_large(file, file.name, Goal.VOICE, {}, folder=tmp_path, on_rows=lambda n: None)
        assert found == parse_file(file, file.name, Goal.VOICE, {}), name


def test_the_white_space_is_pythons() -> None:
    assert sorted(WHITE) == [c for c in map(chr, range(0x110000)) if c.isspace()]
    assert "\\x{3000}" in ODD_WHITE


def test_the_engine_opens_nothing_but_its_folder(tmp_path: Path) -> None:
    import duckdb

    file, folder = tmp_path / "rows.jsonl", tmp_path / "parts"
    folder.mkdir()
    file.write_text(json.dumps({"text": "x"}) + "\n", encoding="utf-8")
    mapping = parse_file(file, "rows.jsonl", Goal.VOICE, {}).mapping
    assert mapping is not None
    with PlainLane(file, mapping, folder / "1.parquet", on_rows=lambda n: None) as lane:
        assert lane.write() == 1
        with pytest.raises(duckdb.PermissionException):
            lane._connection.execute(f"SELECT * FROM read_text('{file}')")
        with pytest.raises(duckdb.Error):
            lane._connection.execute("SET enable_external_access = true")
