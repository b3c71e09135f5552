"""The text of a PDF as Markdown: lines into paragraphs, larger type into headings.

Words parted at a line's end are mended; lines that stand at the edge of page after page (headers,
footers, page numbers) are left out and said to be. What is bold or in a table cannot be told.

Not covered: scanned pages, whose text only recognition would find.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.records.pdf_lines import Line, PdfText

EDGE_SHARE = 0.14
EDGE_LINES = 2
REPEATED_PAGES = 3
# Type that is so much larger than most of the text is a heading.
HEADING_SIZE = 1.15
HEADING_CHARACTERS = 160
HEADING_LEVELS = 3
SAME_SIZE = 0.12
# A gap that is so much wider than the usual one between two lines begins a paragraph.
WIDE_GAP = 1.3
SHORT_LINE = 0.85
UNREADABLE_SHARE = 0.05

NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
PAGE_NUMBER = re.compile(r"^(\d{1,4})\b|\b(\d{1,4})$")
LEADERS = re.compile(r"(?:\.\s?){5,}\s*(?:\d+|[ivxlc]+)$")
SENTENCE_END = re.compile(r"[.!?:;…。][\"'”’»)\]]*$")
BULLET = re.compile(r"[•◦▪‣●○■–]\s+|[-*]\s+(?=\S)")
NUMBERED = re.compile(r"(?:\d{1,2}|[a-z])[.)]\s+\S")
WORD_END = re.compile(r"[^\W\d_]+$")
WORD_START = re.compile(r"[^\W\d_]+")
WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line at the edge of pages. page: the first of them."""

    text: str
    page: int
    n_pages: int


def without_contents(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The lines that are text, and those of a table of contents, which lead to a page number by dots."""
    leading = [line for line in lines if LEADERS.search(line.text)]
    gone = {id(line) for line in leading}
    return [line for line in lines if id(line) not in gone], leading


def without_edges(text: PdfText) -> tuple[list[Line], list[LeftOut]]:
    """The lines without headers, footers and page numbers, and what these were."""
    needed = min(REPEATED_PAGES, max(len(text.heights), 2))
    alike: dict[object, list[Line]] = {}
    for edge, line in _edge_lines(text):
        alike.setdefault((edge, NUMBER.sub("#", line.text.lower())), []).append(line)
        # A running title changes from chapter to chapter; the page number in it goes on.
        if number := PAGE_NUMBER.search(line.text):
            alike.setdefault((edge, int(number[1] or number[2]) - line.page), []).append(line)
    left_out, gone = [], set()
    for candidates in sorted(alike.values(), key=len, reverse=True):
        # The title on the first page is often the words that head the others, in larger type.
        usual = statistics.median_low([line.size for line in candidates])
        lines = [line for line in candidates if line.size <= HEADING_SIZE * usual]
        new = [line for line in lines if id(line) not in gone]
        if new and len({line.page for line in lines}) >= needed:
            gone |= {id(line) for line in new}
            left_out.append(LeftOut(new[0].text, new[0].page, len({line.page for line in new})))
    return [line for line in text.lines if id(line) not in gone], left_out


def markdown_of(lines: Sequence[Line]) -> str:
    """The lines as paragraphs, lists and headings."""
    if not lines:
        return ""
    usual = _usual_size(lines)
    levels = _heading_levels(lines, usual)
    vocabulary = Counter(word.lower() for line in lines for word in WORDS.findall(line.text))
    blocks: list[list[Line]] = []
    pitches = _pitches(lines)
    rights = _right_edges(lines)
    for line in lines:
        if blocks and not _begins_block(blocks[-1], line, pitches, rights):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return "\n\n".join(_block(block, levels, vocabulary) for block in blocks).strip()


def is_unreadable(lines: Sequence[Line]) -> bool:
    """Whether the fonts do not say which letters they draw."""
    text = "".join(line.text for line in lines)
    n_bad = sum(
        1 for letter in text if letter in "\ufffd\ufffe\uffff" or "\ue000" <= letter <= "\uf8ff" or letter < " "
    )
    return n_bad > UNREADABLE_SHARE * len(text)


def _edge_lines(text: PdfText) -> list[tuple[str, Line]]:
    by_page: dict[int, list[Line]] = {}
    for line in text.lines:
        by_page.setdefault(line.page, []).append(line)
    found = []
    for page, lines in by_page.items():
        height = text.heights[page - 1]
        by_height = sorted(lines, key=lambda line: line.bottom)
        found += [("foot", line) for line in by_height[:EDGE_LINES] if line.bottom < EDGE_SHARE * height]
        found += [("head", line) for line in by_height[-EDGE_LINES:] if line.bottom > (1 - EDGE_SHARE) * height]
    return found


def _usual_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0]


def _heading_levels(lines: Sequence[Line], usual: float) -> dict[float, int]:
    """The level of each size of type that is a heading's; the largest is the first."""
    sizes = sorted({round(line.size, 1) for line in lines if line.size >= HEADING_SIZE * usual}, reverse=True)
    return {size: min(i, HEADING_LEVELS) for i, size in enumerate(sizes, start=1)}


def _pitches(lines: Sequence[Line]) -> dict[float, float]:
    """The usual distance between two lines, by their size of type."""
    gaps: dict[float, list[float]] = {}
    for before, line in itertools.pairwise(lines):
        gap = before.bottom - line.bottom
        if before.page == line.page and _alike(before, line) and 0 < gap < 3 * line.size:
            gaps.setdefault(round(line.size), []).append(gap)
    # Lines within a paragraph outnumber those between; their gap is the lower one.
    return {size: statistics.quantiles(found, n=4)[0] if len(found) > 3 else min(found) for size, found in gaps.items()}


def _right_edges(lines: Sequence[Line]) -> dict[int, float]:
    edges: dict[int, float] = {}
    for line in lines:
        edges[line.page] = max(edges.get(line.page, 0.0), line.right)
    return edges


def _alike(before: Line, line: Line) -> bool:
    return abs(before.size - line.size) <= SAME_SIZE * max(before.size, line.size)


def _begins_block(block: list[Line], line: Line, pitches: dict[float, float], rights: dict[int, float]) -> bool:
    before = block[-1]
    if before.is_parted:
        return False
    if not _alike(before, line) or BULLET.match(line.text) or NUMBERED.match(line.text):
        return True
    gap = before.bottom - line.bottom
    if before.page != line.page or gap <= 0:
        # A page or a column further on, a sentence that has not ended goes on.
        return bool(SENTENCE_END.search(before.text)) or not line.text[0].islower()
    if gap > WIDE_GAP * pitches.get(round(line.size), line.size * 1.2):
        return True
    if line.left > block[0].left + 0.8 * line.size and not _is_item(block[0]) and len(block) > 1:
        return line.left > before.left + 0.8 * line.size
    ends_early = before.right < SHORT_LINE * rights[before.page]
    return ends_early and bool(SENTENCE_END.search(before.text)) and not _is_item(block[0])


def _is_item(line: Line) -> bool:
    return bool(BULLET.match(line.text) or NUMBERED.match(line.text))


def _block(block: list[Line], levels: dict[float, int], vocabulary: Counter[str]) -> str:
    text = _joined(block, vocabulary)
    level = levels.get(round(block[0].size, 1))
    if level and len(text) <= HEADING_CHARACTERS:
        return f"{'#' * level} {text}"
    return BULLET.sub("- ", text, count=1) if BULLET.match(text) else text


def _joined(block: list[Line], vocabulary: Counter[str]) -> str:
    text = block[0].text
    for before, line in itertools.pairwise(block):
        is_hyphen = text.endswith("-") and len(text) > 1 and text[-2].isalpha() and line.text[0].islower()
        if before.is_parted or is_hyphen:
            text = text.removesuffix("-") + _seam(text.removesuffix("-"), line.text, vocabulary) + line.text
        else:
            text += " " + line.text
    return text


def _seam(left: str, right: str, vocabulary: Counter[str]) -> str:
    """What belongs between the halves of a parted word: its own hyphen, where the text has it so elsewhere."""
    start, end = WORD_END.search(left), WORD_START.match(right)
    if start is None or end is None:
        return "-"
    whole, hyphened = f"{start[0]}{end[0]}".lower(), f"{start[0]}-{end[0]}".lower()
    return "-" if vocabulary[hyphened] > vocabulary[whole] else ""
