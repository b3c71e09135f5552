"""Sheets of XLSX, ODS and XLS as tables."""

from __future__ import annotations

import base64
import bz2
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.errors import UnreadableFile
from core.nouns import Goal, RejectedRow
from core.records.formats import Format
from core.records.parsing import ParsedFile, RefusedFile
from core.records.parts import parse_parts
from core.records.tables import TableRow
from core.records.workbooks import read_sheets
from tests.core.records.packed import LAUGHS, ods_cell, ods_row, write_ods

# An XLS file (BIFF8) of the sheets Posts and Blank, packed by bz2 and base85: no kept library writes this format.
OLD_WORKBOOK = (
    "LRx4!F+o`-Q(23I0BisQTmS$6|NlLE{wPEDgK+fzZQODG0!TC_BjN05MA*`J2qsU!0`3%06arKz#73T`nrICG0BB?Y0000000uw+4FJ)mfd&8x"
    "fB=jD0x$qZj7=~EzyK2n!Y~siBM>ly00h7QMgRdA03${wm;zt`34~!736l|s7!o8xCW38A>FQ`Fpu}ith)o+))W~8sfFl4AhSfZc38p8hwHc<P"
    "(4K-oS!NOZx>o_a*DE?_joWd`e&PTmQ-Q)z>abK+VXl17tIw+T#c(fXfv_uIN=CMGwJ{<ZwAQhrlA4JVCZ@zmLxI%<Fm0NUq{L9>f{Zx7xHLe$"
    "m<e7c2rC0Zrse{v*oh{@Zc+vcrU}!3&LZe_QU!6cY|qamNG66b!LN$UPJ$`OWkI}H5a33)Dssz0jb@}N;B@$Ya1aNu4ptsl3Br8TyP%Di;|5a!"
    "WSJ$v5<a)}Fq#2|6hh7)+I`2~QN=NeLv%CXv0Pn^ct^d+Ae@?kk;#%hsRtws2?ZwKVGA~A!}uW!1bvs34PCPl223p3SdqqPoEQ{9gPyJ3eTIwe"
    "soG$*Z(5+m5=Wqs6wV$C^#Cl{B{ZAmTX1Wr#{&bsB~uV%fG}4Dh%(w^G8zvc8Fb3aykbXSXoiB{t3yXRgBg~G+a5d~aFzaM;;zNzB13JUV*qSg"
    "Ob+4b^O7~k81Y*P*M2reWGkZ=?20#ivXe!m4f`5P6{ILk3KL0iQ-)}@g3Gvz4YgpxglQ>|6PuN*<vCDY6u`9F&!B+|(s_sjl+o*9{TfEJ0zqer"
    "w9*MH3^3YQ;%Apa0?70o(obv&g|=}SrfLVgzqCw<IAB5Mmynce2|h^$q7q9kWD1H!plO<fvX;c+-x%pa9%NOl8dH1jag^f<xD+Yz&|8;4#GHkN"
    "feL=WDX}wBv}#ou!!Lkof5Sx?L@#I-e*j+K*qb7lGT{jQOPDi8yNo@>V1U|!IZ%VHzxbZ1k{i<Ig=7O6k(uj^G3N%U0FhX?3iXm}R^W*yG{zqv"
    "hy;*H2$C2N$54C9C-N6^ML1B9i-Z7d"
)


def book(tmp_path: Path, sheets: dict[str, Sequence[Sequence[Any]]], merged: Sequence[str] = ()) -> Path:
    """A workbook; merged: ranges of the first sheet."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for cells in merged:
        made.worksheets[0].merge_cells(cells)
    path = tmp_path / "book.xlsx"
    made.save(path)
    return path


def rows_of(path: Path, form: Format = Format.XLSX) -> list[TableRow]:
    """The rows of the first sheet."""
    return list(next(read_sheets(form, path, path.name)).rows)


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = book(tmp_path, {"Posts": [["id", "text"], ["a", "one"], [], ["b", "two"]]})
    assert rows_of(path) == [(2, {"id": "a", "text": "one"}), (4, {"id": "b", "text": "two"})]


def test_a_table_that_begins_further_in_is_read_where_it_stands(tmp_path: Path) -> None:
    path = book(tmp_path, {"Posts": [[], [None, None, "id", "text"], [None, None, "a", "one"]]})
    assert rows_of(path) == [(3, {"id": "a", "text": "one"})]


def test_days_and_times_are_iso_and_whole_numbers_stay_whole(tmp_path: Path) -> None:
    cells = [7, 2.5, datetime.datetime(2024, 1, 2, 3, 4, 5), datetime.date(2024, 1, 2), datetime.time(9, 30), True]
    cells.append(datetime.timedelta(hours=30, minutes=5))
    path = book(tmp_path, {"Posts": [["n", "share", "at", "day", "time", "flag", "took"], cells]})
    assert rows_of(path) == [
        (2, {"n": 7, "share": 2.5, "at": "2024-01-02T03:04:05", "day": "2024-01-02", "time": "09:30:00", "flag": True,
             "took": "30:05:00"}),
    ]  # fmt: skip


def test_a_title_above_the_table_is_left_out_and_said_so(tmp_path: Path) -> None:
    rows = [["Export of 2024"], [], ["id", "text"], ["a", "one"]]
    title, row = rows_of(book(tmp_path, {"Posts": rows}, merged=["A1:B1"]))
    assert isinstance(title, RejectedRow)
    assert (title.row, title.value) == (1, "Export of 2024")
    assert row == (4, {"id": "a", "text": "one"})


def test_one_column_alone_has_no_title(tmp_path: Path) -> None:
    assert rows_of(book(tmp_path, {"Posts": [["text"], ["one"]]})) == [(2, {"text": "one"})]


def test_a_header_of_merged_rows_gives_joined_names(tmp_path: Path) -> None:
    rows = [["id", "customer", None, "text"], [None, "name", "town", None], ["a", "Ann", "Ely", "one"]]
    path = book(tmp_path, {"Posts": rows}, merged=["A1:A2", "B1:C1", "D1:D2"])
    assert rows_of(path) == [(3, {"id": "a", "customer / name": "Ann", "customer / town": "Ely", "text": "one"})]


def test_a_merged_cell_counts_for_every_row_that_it_spans(tmp_path: Path) -> None:
    rows = [["topic", "text"], ["mail", "one"], [None, "two"], [None, "three"]]
    found = rows_of(book(tmp_path, {"Posts": rows}, merged=["A2:A3"]))
    assert [row[1]["topic"] for row in found if not isinstance(row, RejectedRow)] == ["mail", "mail", ""]


def test_duplicate_and_missing_column_names_get_names_of_their_own(tmp_path: Path) -> None:
    path = book(tmp_path, {"Posts": [["text", "text", None], ["one", "two", "three"], ["four", "five", None]]})
    assert rows_of(path) == [
        (2, {"text": "one", "text (2)": "two", "column 3": "three"}),
        (3, {"text": "four", "text (2)": "five"}),
    ]


def test_every_sheet_is_a_table_and_empty_and_hidden_ones_are_named(tmp_path: Path) -> None:
    path = book(tmp_path, {"Posts": [["text"], ["one"]], "Blank": [], "Old": [["text"], ["two"]], "Notes": [["text"]]})
    made = openpyxl.load_workbook(path)
    made["Old"].sheet_state = "hidden"
    made.create_chartsheet("Chart")
    made.save(path)
    parsed, *refused = parse_parts(path, "book.xlsx", Goal.VOICE, {})
    assert parsed.name == "book.xlsx/Posts"
    assert {o.name: o.reason for o in refused if isinstance(o, RefusedFile)} == {
        "book.xlsx/Blank": "The sheet is empty.",
        "book.xlsx/Old": "The sheet is hidden and was not read. Show it in the workbook if it is to be imported.",
        "book.xlsx/Notes": "book.xlsx/Notes has no rows. Check the export; nothing was lost here.",
        "book.xlsx/Chart": "The sheet holds a chart, a dialog or macros, and no table.",
    }


def test_a_cell_with_an_error_refuses_its_row_and_not_as_an_empty_one(tmp_path: Path) -> None:
    path = book(tmp_path, {"Posts": [["text", "author"], ["one", "Ann"], ["#N/A", "Ann"], ["three", "#REF!"]]})
    (parsed,) = parse_parts(path, "book.xlsx", Goal.VOICE, {})
    assert isinstance(parsed, ParsedFile)
    assert [(r.row, r.reason) for r in parsed.rejected] == [
        (3, "The column 'text' holds the error #N/A. Mend the formula, or leave the row out.")
    ]
    assert [(r.row, r.meta.get("author")) for r in parsed.records] == [(2, "Ann"), (4, None)]


def test_a_cell_of_ten_million_characters_is_read(tmp_path: Path) -> None:
    text = "a word" * 1_700_000
    path = write_ods(
        tmp_path / "book.ods", f'<table:table table:name="Posts">{ods_row("text")}{ods_row(text)}</table:table>'
    )
    assert rows_of(path, Format.ODS) == [(2, {"text": text})]


def test_ods_gives_its_rows_errors_and_merged_headers(tmp_path: Path) -> None:
    wide = ods_cell("customer", 'table:number-columns-spanned="2"') + "<table:covered-table-cell/>"
    failed = (
        '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    path = write_ods(
        tmp_path / "book.ods",
        f'<table:table table:name="Posts"><table:table-row>{ods_cell("text")}{wide}</table:table-row>'
        f"{ods_row('', 'name', 'town')}{ods_row('one', 'Ann', 'Ely')}"
        f'<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        f"<table:table-row>{failed}{ods_cell('Bob')}</table:table-row></table:table>",
    )
    assert rows_of(path, Format.ODS) == [
        (3, {"text": "one", "customer / name": "Ann", "customer / town": "Ely"}),
        (6, {"text": "#DIV/0!", "customer / name": "Bob", "customer / town": ""}),
    ]
    (parsed,) = parse_parts(path, "book.ods", Goal.VOICE, {})
    assert isinstance(parsed, ParsedFile)
    assert [r.row for r in parsed.rejected] == [6]


def test_entities_in_the_xml_are_refused_before_the_library_opens_it(tmp_path: Path) -> None:
    table = f'<table:table table:name="Posts">{ods_row("text")}{ods_row("&lol9;")}</table:table>'
    path = write_ods(tmp_path / "book.ods", table, LAUGHS)
    with pytest.raises(UnreadableFile, match="declares entities"):
        rows_of(path, Format.ODS)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_workbook_that_was_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    path = book(tmp_path, {"Posts": [["text"], ["one"]]})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    (outcome,) = parse_parts(path, "book.xlsx", Goal.VOICE, {})
    assert isinstance(outcome, RefusedFile)
    assert "damaged" in outcome.reason


def test_another_files_bytes_under_the_name_of_a_workbook_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xls"
    path.write_bytes(b"<html><table><tr><td>text</td></tr></table></html>")
    (outcome,) = parse_parts(path, "book.xls", Goal.VOICE, {})
    assert isinstance(outcome, RefusedFile)
    assert "cannot be read as a spreadsheet" in outcome.reason


def test_a_workbook_behind_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (outcome,) = parse_parts(path, "book.xlsx", Goal.VOICE, {})
    assert isinstance(outcome, RefusedFile)
    assert "password" in outcome.reason


def test_the_old_binary_format_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "book.xls"
    path.write_bytes(bz2.decompress(base64.b85decode(OLD_WORKBOOK)))
    assert rows_of(path, Format.XLS) == [(2, {"id": 7, "text": "one", "date": "2024-01-02"})]
