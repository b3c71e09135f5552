"""Rows of tables: every one is accepted or refused with a reason."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFile
from core.nouns import Goal, RejectedRow
from core.records.csv_rows import column_names
from core.records.formats import Format
from core.records.parsing import parse_file
from core.records.tables import read_rows


def rows_of(form: Format, text: str) -> list[Any]:
    return list(read_rows(form, Path("unused"), text, "file"))


def test_a_quoted_newline_stays_inside_its_cell() -> None:
    assert rows_of(Format.CSV, 'a,b\n"x\ny",2\n') == [(1, {"a": "x\ny", "b": "2"})]


def test_a_row_with_too_many_cells_is_refused_and_its_neighbours_are_kept() -> None:
    rows = rows_of(Format.CSV, "a,b\n1,2\n1,2,3\n4,5\n")
    assert [r[0] if not isinstance(r, RejectedRow) else "refused" for r in rows] == [1, "refused", 3]
    refused = rows[1]
    assert refused.row == 2
    assert "3 cells, the header 2" in refused.reason


def test_a_short_row_is_filled_with_empty_cells() -> None:
    assert rows_of(Format.CSV, "a,b,c\n1\n") == [(1, {"a": "1", "b": "", "c": ""})]


def test_semicolons_are_recognised_as_the_delimiter() -> None:
    assert rows_of(Format.CSV, "a;b\n1;2,5\n") == [(1, {"a": "1", "b": "2,5"})]


def test_duplicate_and_empty_column_names_get_names_of_their_own() -> None:
    assert column_names(["a", "a", "", "a"], "file") == ["a", "a (2)", "column 3", "a (3)"]


def test_ten_thousand_columns_are_one_row() -> None:
    names = [f"c{i}" for i in range(10_000)]
    (row,) = rows_of(Format.CSV, ",".join(names) + "\n" + ",".join("x" * 10_000) + "\n")
    assert row == (1, dict.fromkeys(names, "x"))


def test_more_columns_than_any_table_has_are_refused_with_the_number() -> None:
    with pytest.raises(UnreadableFile, match="30,000 columns"):
        rows_of(Format.CSV, "," * 29_999 + "x\n")


def test_a_line_that_is_no_json_is_refused_alone() -> None:
    rows = rows_of(Format.JSONL, '{"a": 1}\nnot json\n{"a": 2}\n')
    assert [isinstance(r, RejectedRow) for r in rows] == [False, True, False]
    assert rows[1].row == 2


def test_json_nested_a_hundred_thousand_deep_is_refused() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    rows = rows_of(Format.JSONL, '{"a": ' + deep + "}\n" + '{"a": 1}')
    assert isinstance(rows[0], RejectedRow)
    assert rows[1] == (2, {"a": 1})


def test_nan_is_not_a_json_number() -> None:
    (row,) = rows_of(Format.JSONL, '{"a": NaN}')
    assert "NaN is not a JSON number" in row.reason


def test_a_list_in_a_json_file_is_the_rows_and_strings_become_texts() -> None:
    assert rows_of(Format.JSON, '["x", "y"]') == [(1, {"text": "x"}), (2, {"text": "y"})]


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": 2}]\n[{"a": 3}]', '[[{"a": 1}, {"a": 2}], [{"a": 3}]]'])
def test_pages_of_a_list_are_rows_counted_through(text: str) -> None:
    assert rows_of(Format.JSON, text) == [(1, {"a": 1}), (2, {"a": 2}), (3, {"a": 3})]


def test_a_page_that_was_cut_off_takes_only_its_own_rows_along() -> None:
    rows = rows_of(Format.JSON, '[{"a": 1}]\n[{"a": 2}, {"a":')
    assert rows[0] == (1, {"a": 1})
    assert [isinstance(row, RejectedRow) for row in rows] == [False, True]


def test_an_object_with_a_list_of_tags_is_one_record() -> None:
    post = {"title": "Hello", "body": "A long post.", "categories": ["news", "dev"]}
    assert rows_of(Format.JSON, json.dumps(post)) == [(1, post)]
    thread = {"question": "How?", "history": [{"a": 1}, {"b": 2}]}
    assert rows_of(Format.JSON, json.dumps(thread)) == [(1, thread)]


def test_parquet_rows_come_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"text": ["one", "two"]}), file)
    assert list(read_rows(Format.PARQUET, file, "", "rows.parquet")) == [(1, {"text": "one"}), (2, {"text": "two"})]


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    file.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(UnreadableFile, match="cannot be read as Parquet"):
        list(read_rows(Format.PARQUET, file, "", "rows.parquet"))


def test_csv_spectrum_is_read_as_its_authors_expect(real_data: Path) -> None:
    root = real_data / "robustness" / "csv-spectrum"
    compared = 0
    for file in sorted((root / "csvs").glob("*.csv")):
        expected = json.loads((root / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        text = file.read_bytes().decode("utf-8-sig")
        # The copy of newlines_crlf.csv has lost its carriage returns, its expected JSON has not.
        unified = json.loads(json.dumps(expected).replace("\\r\\n", "\\n"))
        assert [row[1] for row in rows_of(Format.CSV, text.replace("\r\n", "\n"))] == unified, file.name
        compared += 1
    assert compared >= 10


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".jsonl", ".md", ".html", ".txt", ".json"]))
def test_any_bytes_give_records_refusals_or_one_clear_error(tmp_path: Path, content: bytes, suffix: str) -> None:
    file = tmp_path / "any"
    file.write_bytes(content)
    with contextlib.suppress(UnreadableFile):
        parsed = parse_file(file, f"any{suffix}", Goal.VOICE, {})
        assert parsed.records or parsed.rejected
        assert all(row.reason for row in parsed.rejected)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.one_of(st.text(max_size=30), st.integers(), st.none()), min_size=1, max_size=8))
def test_accepted_and_refused_rows_account_for_every_row(tmp_path: Path, texts: list[object]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps({"text": t}) for t in texts), encoding="utf-8")
    parsed = parse_file(file, "rows.jsonl", Goal.VOICE, {})
    numbers = sorted([r.row for r in parsed.records] + [r.row for r in parsed.rejected])
    assert numbers == list(range(1, len(texts) + 1))
