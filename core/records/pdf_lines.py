"""The lines of a PDF with their places on the page, read by PDFium.

A line is what stands at one height; PDFium gives the letters in the order of reading. Knows nothing
of paragraphs: `pdf_documents` makes them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from core.errors import UnreadableFile
from core.records.values import shown, storable

MAX_PAGES = 5_000
# PDFium puts one of these in place of a hyphen that parts a word at a line's end.
PARTED = frozenset("\x02\ufffe")
# Lines whose heights differ by less than this share of their size are one.
SAME_HEIGHT = 0.3
FACTS = {"Title": "title", "Author": "author", "CreationDate": "date", "Keywords": "tags"}


@dataclass(frozen=True, slots=True)
class Line:
    """bottom, top, left, right: in points from the page's lower left corner. is_parted: ends within a word."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    is_parted: bool = False


@dataclass(frozen=True, slots=True)
class PdfText:
    """heights: of every page, in points."""

    lines: tuple[Line, ...]
    heights: tuple[float, ...]
    facts: dict[str, Any]


def read_pdf(path: Path, name: str) -> PdfText:
    """Raises UnreadableFile when the file is damaged, protected by a password or too long."""
    try:
        with pypdfium2.PdfDocument(path) as document:
            if len(document) > MAX_PAGES:
                raise UnreadableFile(
                    f"{name} has {len(document):,} pages, at most {MAX_PAGES:,} are read.", remedy="Split it."
                )
            lines: list[Line] = []
            heights = []
            for number in range(len(document)):
                page = document[number]
                heights.append(page.get_height())
                lines += _joined(_lines(page, number + 1))
                page.close()
            return PdfText(tuple(lines), tuple(heights), _facts(document.get_metadata_dict()))
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise UnreadableFile(f"{name} is protected by a password.", remedy="Save it without one.") from error
        raise UnreadableFile(
            f"{name} is damaged and cannot be read as a PDF: {shown(error).rstrip('.')}.", remedy="Export it anew."
        ) from error


def _lines(page: pypdfium2.PdfPage, number: int) -> Iterator[Line]:
    text_page = page.get_textpage()
    try:
        letters = [chr(pdfium.FPDFText_GetUnicode(text_page, i)) for i in range(text_page.count_chars())]
        start = 0
        for end in [*(i for i, letter in enumerate(letters) if letter == "\n" or letter in PARTED), len(letters)]:
            text = storable("".join(letters[start:end])).replace("\r", "").replace("\xad", "")
            if text.strip():
                filled = [i for i in range(start, end) if not letters[i].isspace()]
                first, last = _box(text_page, filled[0]), _box(text_page, filled[-1])
                # The first letter may be a bullet in a type of its own.
                middle = _box(text_page, filled[len(filled) // 2])
                is_parted = end < len(letters) and letters[end] in PARTED
                yield Line(
                    " ".join(text.split()), number, first.left, last.right, middle.bottom, middle.top - middle.bottom, is_parted
                )  # fmt: skip
            start = end + 1
    finally:
        text_page.close()


def _box(text_page: pypdfium2.PdfTextPage, index: int) -> Any:
    """The box of a letter with the room above and below that its font gives every letter."""
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box))
    return box


def _joined(lines: Iterator[Line]) -> list[Line]:
    """Pieces at one height are one line: the cells of a table's row, or words with a wide gap between."""
    joined: list[Line] = []
    for line in lines:
        before = joined[-1] if joined else None
        if (
            before is not None
            and not before.is_parted
            and abs(before.bottom - line.bottom) <= SAME_HEIGHT * before.size
            and line.left >= before.right - before.size
        ):
            joined[-1] = replace(before, text=f"{before.text} {line.text}", right=line.right, is_parted=line.is_parted)
        else:
            joined.append(line)
    return joined


def _facts(metadata: dict[str, str]) -> dict[str, Any]:
    facts = {ours: metadata[theirs].strip() for theirs, ours in FACTS.items() if metadata.get(theirs, "").strip()}
    if "date" in facts:
        facts["date"] = _day(facts["date"])
    return {
        key: value
        for key, value in facts.items()
        if value and value.strip("()").lower() not in ("anonymous", "untitled")
    }


def _day(stamp: str) -> str:
    """D:20240102030405+01'00' is 2024-01-02; nothing for what is no such stamp."""
    try:
        return datetime.strptime(stamp.removeprefix("D:")[:8], "%Y%m%d").date().isoformat()
    except ValueError:
        return ""
