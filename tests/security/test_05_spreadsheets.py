"""What is opened in a spreadsheet runs nothing there: a cell that would begin a formula begins with an apostrophe."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records.spreadsheet import as_csv, neutralised
from tests.security.inputs import FORMULAS


@pytest.mark.parametrize("cell", FORMULAS)
def test_checklist_5_what_would_be_a_formula_begins_with_an_apostrophe(cell: str) -> None:
    assert neutralised(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["a=1", "", "2024-01-01", "'quoted", 7, -3, 0.5, None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert neutralised(cell) == cell


@given(st.lists(st.fixed_dictionaries({"a": st.text(), "=b": st.text()}), max_size=4))
def test_no_cell_of_any_table_begins_a_formula_and_every_row_is_there(rows: list[dict[str, str]]) -> None:
    read = list(csv.reader(io.StringIO(as_csv(rows, ["a", "=b"]), newline="")))
    assert read[0] == ["a", "'=b"]
    assert len(read) == len(rows) + 1
    assert not [
        cell for row in read for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    ]


def test_no_table_of_a_page_writes_a_file_of_its_own() -> None:
    """Streamlit's own download writes cells as they are."""
    file = Path(__file__).resolve().parents[2] / "studio" / ".streamlit" / "config.toml"
    assert tomllib.loads(file.read_text(encoding="utf-8"))["client"]["disableDataExport"] is True
