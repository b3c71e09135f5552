"""Reports as a PDF to print and pass on: the same sentences and tables as the other forms of the report.

The letters come with the file: Noto Sans, as far as it can be set letter by letter (Latin, Greek, Cyrillic and signs). What it lacks
stands as a mark, and the report says at its end which characters these are. The same records make the same bytes.

Not covered: bold, scripts whose letters join or run from right to left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from core.review.report import Report, report_of
from core.review.sections import Section
from core.review.summary import ResultsSummary

FONT = "NotoSans"
FONT_FILE = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
INK, MUTED, LINE = HexColor("#22252B"), HexColor("#62666D"), HexColor("#E4DFD5")
MISSING = "\ufffd"
# Vowel signs of these letters stand before or below others, which takes more than a font.
DEVANAGARI = range(0x0900, 0x0980)
# The frame that text flows in leaves six points inside the margin.
MARGIN, PADDING, MOST_NAMED = 20 * mm, 4, 30
LEFT, RIGHT = MARGIN + 6, A4[0] - MARGIN - 6
TEXT = ParagraphStyle("text", fontName=FONT, fontSize=10, leading=14.5, textColor=INK, spaceAfter=6)
TITLE = ParagraphStyle("title", parent=TEXT, fontSize=20, leading=26, spaceAfter=10)
HEADING = ParagraphStyle("heading", parent=TEXT, fontSize=13, leading=18, spaceBefore=14, spaceAfter=4)
LEAD = ParagraphStyle("lead", parent=TEXT, fontSize=12, leading=17)
NOTE = ParagraphStyle("note", parent=TEXT, fontSize=9, leading=13, textColor=MUTED, spaceBefore=4)
CELL = ParagraphStyle("cell", parent=TEXT, fontSize=9, leading=12.5, spaceAfter=0)
HEAD = ParagraphStyle("head", parent=CELL, textColor=MUTED)


def as_pdf(summary: ResultsSummary) -> bytes:
    """A4, with the page's number at the foot."""
    return pdf_of(report_of(summary))


def pdf_of(report: Report) -> bytes:
    """A4, with the page's number at the foot."""
    letters, title = _Letters(), report.title
    first, *others = report.opening
    story: list[Flowable] = [Paragraph(letters.of(title), TITLE), Paragraph(letters.of(first), LEAD)]
    story += [Paragraph(letters.of(one), TEXT) for one in others]
    for section in report.sections:
        story += _section(section, letters)
    heading, words = report.closing
    story.append(KeepTogether([Paragraph(letters.of(heading), HEADING), Paragraph(letters.of(words), TEXT)]))
    if letters.missing:
        story.append(Paragraph(letters.of(_missing_in_words(letters.missing)), NOTE))
    target = BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN, invariant=1,
        title=title, author="Proofroom", lang="en",
    )  # fmt: skip
    foot = letters.plain(title)

    def number(canvas: Any, _: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.setFillColor(MUTED)
        canvas.drawString(LEFT, MARGIN / 2, foot if len(foot) <= 90 else f"{foot[:89]}…")
        canvas.drawRightString(RIGHT, MARGIN / 2, f"Page {canvas.getPageNumber()}")

    document.build(story, onFirstPage=number, onLaterPages=number)
    return target.getvalue()


class _Letters:
    """Text as the font can show it; remembers the characters that it lacks, in the order in which they come."""

    def __init__(self) -> None:
        self.missing: dict[str, None] = {}
        self._known = _font().face.charToGlyph

    def of(self, text: str) -> str:
        """For a paragraph: nothing in it is markup."""
        return escape(self.plain(text), quote=False)

    def plain(self, text: str) -> str:
        return "".join(self._shown(letter) for letter in unicodedata.normalize("NFC", text))

    def _shown(self, letter: str) -> str:
        if letter.isspace():
            return " "
        # Joiners, marks of direction and of variants: they have no shape of their own.
        if unicodedata.category(letter) == "Cf" or "\ufe00" <= letter <= "\ufe0f":
            return ""
        if ord(letter) in self._known and ord(letter) not in DEVANAGARI:
            return letter
        self.missing[letter] = None
        return MISSING


@lru_cache(maxsize=1)
def _font() -> TTFont:
    font = TTFont(FONT, str(FONT_FILE))
    pdfmetrics.registerFont(font)
    return font


def _missing_in_words(missing: Iterable[str]) -> str:
    points = [f"U+{ord(letter):04X}" for letter in missing]
    named = ", ".join(points[:MOST_NAMED])
    more = f" and {len(points) - MOST_NAMED} more" if len(points) > MOST_NAMED else ""
    return f"{MISSING} stands for characters that the font of this file lacks: {named}{more}. The report as HTML shows them."


def _section(section: Section, letters: _Letters) -> list[Flowable]:
    rows = [[letters.plain(cell) for cell in row] for row in (section.columns, *section.rows)]
    table = Table(
        [[Paragraph(escape(cell, quote=False), CELL if place else HEAD) for cell in row] for place, row in enumerate(rows)],
        colWidths=_widths(rows, RIGHT - LEFT), repeatRows=1, hAlign="LEFT",
        # A row with a long text may be higher than what is left of a page, or than a whole one.
        splitInRow=1,
    )  # fmt: skip
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 2 * PADDING),
                ("TOPPADDING", (0, 0), (-1, -1), PADDING), ("BOTTOMPADDING", (0, 0), (-1, -1), PADDING),
            ]
        )
    )  # fmt: skip
    heading = [Paragraph(letters.of(section.title), HEADING)] if section.title else [Spacer(1, 6)]
    note = [Paragraph(letters.of(section.note), NOTE)] if section.note else []
    # A short table stays whole; a long one goes on over the page, its head repeated.
    return [KeepTogether([*heading, table, *note])] if len(rows) <= 12 else [*heading, table, *note]


def _widths(rows: Sequence[Sequence[str]], available: float) -> list[float]:
    """Each column as wide as its longest cell where that fits; else its longest word, and what is left in proportion to what it lacks."""
    columns = list(zip(*rows, strict=True))
    whole = [max(_width(cell) for cell in column) for column in columns]
    if sum(whole) <= available:
        return whole
    least = [max(_width(word) for cell in column for word in cell.split() or [""]) for column in columns]
    if sum(least) >= available:
        return _fair(least, available)
    lacking = [a - b for a, b in zip(whole, least, strict=True)]
    left = available - sum(least)
    return [width + left * lack / sum(lacking) for width, lack in zip(least, lacking, strict=True)]


def _fair(wanted: Sequence[float], available: float) -> list[float]:
    """What is wanted where that is no more than an even share; the others share what is left, and their words are broken."""
    given: dict[int, float] = {}
    for place in sorted(range(len(wanted)), key=wanted.__getitem__):
        even = (available - sum(given.values())) / (len(wanted) - len(given))
        given[place] = min(wanted[place], even)
    return [given[place] for place in range(len(wanted))]


def _width(text: str) -> float:
    # A hair more than measured, or rounding wraps what just fits.
    return float(pdfmetrics.stringWidth(text, FONT, CELL.fontSize)) + 2 * PADDING + 0.5
