"""Documents that are no plain text (DOCX, EPUB, PDF) as records, and what of them was left out.

A DOCX or a PDF is one record, a chapter of an EPUB is one. What a reader of the file would miss in
the record is listed beside it as left out: pictures, page headers, pages without text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UnreadableFile
from core.nouns import ParsedRecord, RejectedRow
from core.records.documents import as_document, first_heading
from core.records.encoding import clean_text
from core.records.epub_chapters import Book, Chapter, read_epub
from core.records.formats import Format
from core.records.markup import NestedTooDeep
from core.records.pdf_documents import is_unreadable, markdown_of, without_contents, without_edges
from core.records.pdf_lines import PdfText, read_pdf
from core.records.values import shown
from core.records.word_documents import read_docx

SCAN_ADVICE = "Run text recognition (OCR) over it, and send the result."
PAGES_NAMED = 10
TOP_HEADING = re.compile(r"^# ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Work:
    """records: what came of the file. left_out: what of it did not, and why."""

    records: list[ParsedRecord]
    left_out: list[RejectedRow]


def read_work(form: Format, path: Path, name: str) -> Work:
    """Raises UnreadableFile when nothing of the file can be read."""
    try:
        match form:
            case Format.DOCX:
                return _word_document(path, name)
            case Format.EPUB:
                return _book(path, name)
            case _:
                return _pdf(path, name)
    except NestedTooDeep as error:
        raise UnreadableFile(f"{name} is {error}.", remedy="Save it as text.") from error


def _word_document(path: Path, name: str) -> Work:
    document = read_docx(path, name)
    body, facts = _cleaned(document.body, name), document.facts
    if not body:
        raise UnreadableFile(f"{name} holds no text.", remedy="Leave it out, or check the export.")
    left_out = []
    if document.n_pictures:
        n = document.n_pictures
        reason = f"{n} picture{'s' if n > 1 else ''} of the document {'were' if n > 1 else 'was'} left out: only text is learnt."
        left_out.append(RejectedRow(1, reason))
    return Work([as_document(Format.DOCX, body, _titled(facts, body), name)], left_out)


def _book(path: Path, name: str) -> Work:
    book = read_epub(path, name)
    records, left_out = [], []
    for place, chapter in enumerate(book.chapters, start=1):
        outcome = _chapter(book, chapter, place, name)
        if isinstance(outcome, RejectedRow):
            left_out.append(outcome)
        else:
            records.append(outcome)
    if not records and not left_out:
        raise UnreadableFile(f"{name} has no chapters.", remedy="Check the export; nothing was lost here.")
    return Work(records, left_out)


def _chapter(book: Book, chapter: Chapter, place: int, name: str) -> ParsedRecord | RejectedRow:
    body, trouble = clean_text(chapter.body)
    if trouble:
        return RejectedRow(place, f"The chapter holds {trouble}. Save the book anew.", shown(chapter.title))
    if not body.strip():
        return RejectedRow(place, "The chapter holds no text: a cover, or pictures alone.", shown(chapter.title))
    book_title = str(book.facts.get("title", ""))
    title = chapter.title or first_heading(body) or f"{book_title or 'Book'}, part {place}"
    record = as_document(Format.EPUB, body, book.facts | {"title": title}, f"{name}#{place}", place)
    if book_title:
        record.meta["extra"] = {"book": book_title}
    return record


def _pdf(path: Path, name: str) -> Work:
    text = read_pdf(path, name)
    n_pages = len(text.heights)
    if not text.lines:
        raise UnreadableFile(
            f"{name} holds pictures of its {_pages(n_pages)} and no text: it is a scan.", remedy=SCAN_ADVICE
        )
    if is_unreadable(text.lines):
        raise UnreadableFile(f"{name} does not say which letters its type stands for.", remedy=SCAN_ADVICE)
    inner, edges = without_edges(text)
    lines, contents = without_contents(inner)
    left_out = [
        RejectedRow(
            edge.page, f"It stands at the edge of {_pages(edge.n_pages)} (header, footer or page number) and was left out.",
            shown(edge.text),
        )
        for edge in edges
    ]  # fmt: skip
    if contents:
        reason = f"The table of contents was left out: {len(contents)} line{'s' if len(contents) > 1 else ''} with a page number."
        left_out.append(RejectedRow(contents[0].page, reason, shown(contents[0].text)))
    left_out += _pages_without_text(text)
    body = _cleaned(markdown_of(lines), name)
    if not body:
        raise UnreadableFile(f"{name} holds nothing but headers and footers.", remedy=SCAN_ADVICE)
    return Work([as_document(Format.PDF, body, _titled(text.facts, body), name)], left_out)


def _pages_without_text(text: PdfText) -> Iterator[RejectedRow]:
    written = {line.page for line in text.lines}
    empty = [page for page in range(1, len(text.heights) + 1) if page not in written]
    if empty:
        more = f" and {len(empty) - PAGES_NAMED} more" if len(empty) > PAGES_NAMED else ""
        named = ", ".join(str(page) for page in empty[:PAGES_NAMED])
        yield RejectedRow(empty[0], f"No text stands on page {named}{more}: blank, or a picture. {SCAN_ADVICE}")


def _titled(facts: dict[str, Any], body: str) -> dict[str, Any]:
    """The one heading at the top is the title; where there are several alike, or none, what the file says of itself."""
    heading = first_heading(body)
    is_title = bool(heading) and body.startswith("# ") and len(TOP_HEADING.findall(body)) == 1
    return facts | ({"title": heading} if is_title or not facts.get("title") else {})


def _cleaned(body: str, name: str) -> str:
    text, trouble = clean_text(body)
    if trouble:
        raise UnreadableFile(f"{name} holds {trouble}.", remedy="Save it anew.")
    return text.strip()


def _pages(n: int) -> str:
    return f"{n} page{'s' if n > 1 else ''}"
