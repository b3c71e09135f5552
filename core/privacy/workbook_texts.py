"""Every cell of an old workbook (XLS); of other old Office documents nothing but that they are ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from core.privacy.pieces import Piece, Unread

WHY_OLD = "it is an old or encrypted Office document, or a program in one: its bytes alone were looked at"


def workbook_texts(file: Path) -> Iterator[Piece | Unread]:
    """Hidden sheets too."""
    try:
        book = CalamineWorkbook.from_path(str(file))
        names = book.sheet_names
        for name in names:
            yield Piece("names of sheets", name)
            for row in book.get_sheet_by_name(name).iter_rows():
                yield Piece(name, "\n".join(str(cell) for cell in row if cell != ""))
    except (CalamineError, ValueError):
        yield Unread("", WHY_OLD)
