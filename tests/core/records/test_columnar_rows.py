"""Parquet and Arrow files, and the folders that `datasets` saves."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from core.errors import UnreadableFile
from core.nouns import Goal, RejectedRow
from core.records.columnar_rows import columnar_rows
from core.records.formats import Format
from core.records.parsing import ParsedFile, RefusedFile
from core.records.parts import ReadingMember, parse_parts
from tests.core.records.packed import write_package

FEATURES = {
    "text": {"dtype": "string", "_type": "Value"},
    "label": {"names": ["bad", "good"], "_type": "ClassLabel"},
    "tags": {"feature": {"names": ["mail", "help"], "_type": "ClassLabel"}, "_type": "List"},
}


def table(columns: dict[str, list[Any]], features: dict[str, Any] | None = None) -> pa.Table:
    made = pa.table(columns)
    noted = json.dumps({"info": {"features": features}})
    return made.replace_schema_metadata({"huggingface": noted}) if features else made


def stream(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue()


def test_the_stream_that_datasets_saves_is_read_with_its_labels_as_names(tmp_path: Path) -> None:
    path = tmp_path / "data-00000-of-00001.arrow"
    path.write_bytes(stream(table({"text": ["one", "two"], "label": [1, -1], "tags": [[0], [1, 0]]}, FEATURES)))
    assert list(columnar_rows(Format.ARROW, path, path.name)) == [
        (1, {"text": "one", "label": "good", "tags": ["mail"]}),
        (2, {"text": "two", "label": None, "tags": ["help", "mail"]}),
    ]


def test_an_arrow_file_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    rows = table({"text": ["one"], "label": [0], "tags": [[1]]}, FEATURES)
    with pa.ipc.new_file(str(tmp_path / "a.arrow"), rows.schema) as writer:
        writer.write_table(rows)
    parquet.write_table(rows, tmp_path / "a.parquet")
    expected = [(1, {"text": "one", "label": "bad", "tags": ["help"]})]
    assert list(columnar_rows(Format.ARROW, tmp_path / "a.arrow", "a.arrow")) == expected
    assert list(columnar_rows(Format.PARQUET, tmp_path / "a.parquet", "a.parquet")) == expected


def test_pictures_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    features = {"image": {"_type": "Image"}, "text": {"dtype": "string", "_type": "Value"}}
    rows = table({"image": [{"bytes": b"\x89PNG", "path": None}], "text": ["one"]}, features)
    parquet.write_table(rows, tmp_path / "a.parquet")
    left_out, row = columnar_rows(Format.PARQUET, tmp_path / "a.parquet", "a.parquet")
    assert left_out == RejectedRow(1, "The column 'image' (Image) was left out: only text is learnt.")
    assert row == (1, {"text": "one"})


@pytest.mark.parametrize("noted", ["no JSON", "[]", '{"info": null}', '{"info": {"features": {"text": 3}}}'])
def test_notes_that_make_no_sense_are_passed_over(tmp_path: Path, noted: str) -> None:
    parquet.write_table(pa.table({"text": ["one"]}).replace_schema_metadata({"huggingface": noted}), tmp_path / "a")
    assert list(columnar_rows(Format.PARQUET, tmp_path / "a", "a.parquet")) == [(1, {"text": "one"})]


def test_a_saved_dataset_comes_in_by_its_rows_alone(tmp_path: Path) -> None:
    rows = stream(table({"text": ["one"]}))
    path = write_package(
        tmp_path / "a.zip",
        {
            "a/dataset_dict.json": '{"splits": ["train"]}',
            "a/train/data-00000-of-00001.arrow": rows,
            "a/train/cache-0f3a.arrow": rows,
            "a/train/dataset_info.json": "{}",
            "a/train/state.json": "{}",
        },
    )
    outcomes = [o for o in parse_parts(path, "a.zip", Goal.VOICE, {}) if not isinstance(o, ReadingMember)]
    assert [o.name for o in outcomes if isinstance(o, ParsedFile)] == ["a/train/data-00000-of-00001.arrow"]
    refused = {o.name.rpartition("/")[2]: o.reason for o in outcomes if isinstance(o, RefusedFile)}
    assert set(refused) == {"dataset_dict.json", "cache-0f3a.arrow", "dataset_info.json", "state.json"}
    assert all("whose rows are in the files beside it" in reason for reason in refused.values())


def test_what_a_frozen_version_left_out_is_no_example_under_any_name(tmp_path: Path) -> None:
    names = ("record_id", "external_id", "reason", "detail")
    parquet.write_table(pa.table({name: ["x"] for name in names}), tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match="what a frozen version left out"):
        list(columnar_rows(Format.PARQUET, tmp_path / "a.parquet", "renamed.parquet"))


@pytest.mark.parametrize("content", [b"ARROW1\0\0 and nothing more", b"\xff\xff\xff\xff\x10\0\0\0", b"plain text"])
def test_a_broken_arrow_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.arrow").write_bytes(content)
    with pytest.raises(UnreadableFile, match="cannot be read as Arrow"):
        list(columnar_rows(Format.ARROW, tmp_path / "a.arrow", "a.arrow"))
