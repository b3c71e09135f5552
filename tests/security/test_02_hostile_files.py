"""Hostile and broken files of every packed format, through the sandbox: each is one refused file, and its neighbours get in."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.nouns import Goal
from core.records.parsing import ParsedFile
from core.records.parts import parse_parts
from core.records.sandbox import FileToParse, RefusedFile, parse_files
from tests.core.records.packed import (
    LAUGHS,
    ods_row,
    rewrite_part,
    word_paragraph,
    write_docx,
    write_ods,
    write_package,
)

ZEROS = b"\0" * (60 * 2**20)


def workbook(path: Path) -> Path:
    made = openpyxl.Workbook()
    for row in (["text"], ["one"]):
        made.active.append(row)
    made.save(path)
    return path


def cut_off(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def xlsx_of_laughs(path: Path) -> Path:
    rewrite_part(workbook(path), "xl/worksheets/sheet1.xml", ("<worksheet", f"{LAUGHS}<worksheet"))
    return path


def xlsx_of_one_far_cell(path: Path) -> Path:
    """Two cells, the second in the last row and column there is: the table between them has 17 thousand million."""
    rewrite_part(workbook(path), "xl/worksheets/sheet1.xml", ('r="A2"', 'r="XFD1048576"'))
    return path


HOSTILE: dict[str, Callable[[Path], Any]] = {
    "cut-off.docx": lambda path: cut_off(write_docx(path, word_paragraph("Text."))),
    "cut-off.xlsx": lambda path: cut_off(workbook(path)),
    "laughs.docx": lambda path: write_docx(path, word_paragraph("&lol9;"), prologue=LAUGHS),
    "laughs.ods": lambda path: write_ods(path, f'<table:table table:name="S">{ods_row("&lol9;")}</table:table>', LAUGHS),
    "laughs.xlsx": xlsx_of_laughs,
    "bomb.docx": lambda path: write_docx(path, word_paragraph("Text."), {"word/media/one.png": ZEROS}),
    "bomb.epub": lambda path: write_package(path, {"OEBPS/one.xhtml": ZEROS}),
    "far.xlsx": xlsx_of_one_far_cell,
    "nothing.epub": lambda path: write_package(path, {}),
    "junk.pdf": lambda path: path.write_bytes(b"%PDF-1.7\n" + b"\xff\x00" * 900),
    "junk.xls": lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2_000),
    "junk.arrow": lambda path: path.write_bytes(b"\xff\xff\xff\xff\xff\xff\xff\x7f" + b"\0" * 99),
    "junk.gz": lambda path: path.write_bytes(b"\x1f\x8b\x08\x00" + b"\xff" * 99),
}  # fmt: skip


def outcomes(files: list[Path]) -> list[ParsedFile | RefusedFile]:
    found = parse_files([FileToParse(f, f.name) for f in files], Goal.VOICE, memory_mb=1_500, seconds_per_file=30.0)
    return [outcome for _, outcome in found]


def test_every_hostile_file_is_refused_by_itself_and_its_neighbours_get_in(tmp_path: Path) -> None:
    files = []
    for name, make in HOSTILE.items():
        make(tmp_path / name)
        neighbour = tmp_path / f"beside-{name}.md"
        neighbour.write_text(f"Beside {name}.", encoding="utf-8")
        files += [tmp_path / name, neighbour]
    found = outcomes(files)
    refused = {o.name.partition("/")[0]: o.reason for o in found if isinstance(o, RefusedFile)}
    assert set(refused) == set(HOSTILE)
    assert all(reason.endswith(".") for reason in refused.values())
    assert [o.name for o in found if isinstance(o, ParsedFile)] == [f.name for f in files[1::2]]


@pytest.mark.parametrize("name", ["laughs.docx", "bomb.epub", "far.xlsx", "junk.pdf"])
def test_a_hostile_file_in_an_archive_takes_no_other_along(tmp_path: Path, name: str) -> None:
    HOSTILE[name](tmp_path / name)
    parts = {"one.md": b"One.", name: (tmp_path / name).read_bytes(), "two.md": b"Two."}
    archive = write_package(tmp_path / "a.zip", parts)
    assert [(o.name.partition("/")[0], isinstance(o, ParsedFile)) for o in outcomes([archive])] == [
        ("one.md", True), (name, False), ("two.md", True),
    ]  # fmt: skip


STARTS = {
    ".xlsx": b"PK\x03\x04", ".xls": b"\xd0\xcf\x11\xe0", ".ods": b"PK\x03\x04", ".docx": b"PK\x03\x04", ".epub": b"PK\x03\x04",
    ".pdf": b"%PDF-1.7\n", ".mbox": b"From a@b Tue Jan  2 10:00:00 2024\n", ".eml": b"Subject: ", ".arrow": b"ARROW1", ".csv.gz": b"\x1f\x8b",
}  # fmt: skip


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), ending=st.sampled_from(sorted(STARTS)))
def test_any_bytes_behind_a_formats_first_ones_give_records_or_a_reason(
    tmp_path: Path, content: bytes, ending: str
) -> None:
    path = tmp_path / "any"
    path.write_bytes(STARTS[ending] + content)
    for outcome in parse_parts(path, f"any{ending}", Goal.VOICE, {}):
        if isinstance(outcome, ParsedFile):
            assert outcome.records or outcome.rejected
            assert all(row.reason for row in outcome.rejected)
        else:
            assert isinstance(outcome, RefusedFile)
            assert outcome.reason


def test_a_workbook_with_macros_is_read_and_they_are_not_opened(tmp_path: Path) -> None:
    path = workbook(tmp_path / "macros.xlsm")
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"x" * 500)
    (outcome,) = outcomes([path])
    assert isinstance(outcome, ParsedFile)
    assert [record.content for record in outcome.records] == [{"body": "one"}]
