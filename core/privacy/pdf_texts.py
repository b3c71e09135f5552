"""Every text of a PDF: its pages as PDFium reads them, what is known of it, notes, fields of forms, files in it, and the strings in its streams.

A page that has no text, whose letters nobody can tell, or that shows pictures, is said to.

Not covered: streams that are packed by anything but Flate, and words that are drawn as lines.
"""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from core.privacy.pieces import Inner, Piece, Unread

MOST_PAGES = 20_000
MOST_STREAM_BYTES = 256 * 1024 * 1024
STREAM_PIECE_BYTES = 16 * 1024
MOST_STREAMS_BYTES = 1024**3
UNREADABLE_SHARE = 0.05
# PDFium puts one of these in place of a hyphen that parts a word at a line's end.
PARTED = re.compile("[-\xad\x02\ufffe]\r?\n?")
STREAM = re.compile(rb"stream\r?\n")
OCTAL = re.compile(r"\\([0-7]{3})")
HEXADECIMAL = re.compile(rb"<((?:[0-9A-Fa-f]\s*){8,}+)>")
NOTED = ("Contents", "T", "TU", "V", "RC", "Subj", "NM")
LONGEST_NOTE_BYTES = 4 * 1024 * 1024
OF_A_PAGE = 15
# Where strings stand that are told from bytes alone, most of which say nothing.
OBJECTS, STREAMS = "objects", "streams"
OF_BYTES = frozenset({OBJECTS, STREAMS})


def pdf_texts(file: Path) -> Iterator[Piece | Inner | Unread]:
    """What stands in a PDF; paths of what is not read are parts of the file's. Raises ValueError where PDFium cannot open it."""
    try:
        with pypdfium2.PdfDocument(file) as document:
            yield from _told(document)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            yield Unread("", "it is protected by a password")
            return
        raise ValueError(f"{type(error).__name__} in a PDF") from error
    yield from _of_streams(file)


def _told(document: pypdfium2.PdfDocument) -> Iterator[Piece | Inner | Unread]:
    for key, value in document.get_metadata_dict().items():
        yield Piece(f"metadata {key}", value)
    for entry in document.get_toc():
        yield Piece("contents", entry.get_title())
    if len(document) > MOST_PAGES:
        yield Unread("", f"it has more than {MOST_PAGES:,} pages, the rest of which were not looked into")
    without_text, illegible, with_pictures = [], [], []
    for number in range(1, min(len(document), MOST_PAGES) + 1):
        page = document[number - 1]
        text_page = page.get_textpage()
        text = text_page.get_text_range()
        text_page.close()
        yield Piece(f"page {number}", text)
        if (mended := PARTED.sub("", text)) != text:
            yield Piece(f"page {number}", mended)
        kinds = {one.type for one in page.get_objects(max_depth=OF_A_PAGE)}
        if kinds and not text.strip():
            without_text.append(number)
        elif pdfium.FPDF_PAGEOBJ_IMAGE in kinds:
            with_pictures.append(number)
        if _is_illegible(text):
            illegible.append(number)
        for note in _notes(page):
            yield Piece(f"page {number}, note", note)
        page.close()
    for numbers, why in (
        (without_text, "no text, so what it shows was not read"),
        (illegible, "letters that nobody can tell"),
        (with_pictures, "pictures, whose words are not read"),
    ):
        if numbers:
            yield Unread("", f"{_pages(numbers)} {'has' if len(numbers) == 1 else 'have'} {why}")
    for number in range(document.count_attachments()):
        attachment = document.get_attachment(number)
        yield Inner(attachment.get_name() or f"file {number + 1}", bytes(attachment.get_data()))


def _pages(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:10]))
    return (
        f"page {named}" if len(numbers) == 1 else f"{len(numbers)} pages ({named}{', …' if len(numbers) > 10 else ''})"
    )


def _is_illegible(text: str) -> bool:
    """Whether the fonts do not say which letters they draw."""
    n_bad = sum(
        one in "\ufffd\uffff" or "\ue000" <= one <= "\uf8ff" or (one < " " and one not in "\r\n\t\x02") for one in text
    )
    return n_bad > UNREADABLE_SHARE * len(text)


def _notes(page: pypdfium2.PdfPage) -> Iterator[str]:
    """What stands in notes and fields of forms."""
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        for key in NOTED:
            n_bytes = min(pdfium.FPDFAnnot_GetStringValue(note, key.encode(), None, 0), LONGEST_NOTE_BYTES)
            if n_bytes > 2:
                told = ctypes.create_string_buffer(n_bytes)
                pdfium.FPDFAnnot_GetStringValue(
                    note, key.encode(), ctypes.cast(told, ctypes.POINTER(pdfium.FPDF_WCHAR)), n_bytes
                )
                yield told.raw.decode("utf-16-le", "replace").rstrip("\0")
        pdfium.FPDFPage_CloseAnnot(note)


def _of_streams(file: Path) -> Iterator[Piece | Unread]:
    """Strings that stand outside pages: what is known of the file as XML, objects that are packed together, scripts."""
    content = file.read_bytes()
    yield from _strings(OBJECTS, content)
    n_bytes = 0
    for begin in STREAM.finditer(content):
        unpacked = _unpacked(memoryview(content)[begin.end() :])
        n_bytes += len(unpacked)
        if n_bytes > MOST_STREAMS_BYTES:
            yield Unread(
                "",
                f"its streams unpack to more than {MOST_STREAMS_BYTES // 1024**3} GB; the rest of them was not looked into",
            )
            return
        if unpacked and (b"\0" not in unpacked[:64] or b"<" in unpacked):
            yield from _strings(STREAMS, unpacked)


def _unpacked(content: memoryview) -> bytes:
    """What a stream says that begins there, as far as it can be unpacked: of one that is not packed so, or shows a picture, nothing."""
    unpacking, unpacked = zlib.decompressobj(), bytearray()
    # Piece by piece: what stands behind the stream is copied with the last of them, and would be all of the file.
    for start in range(0, len(content), STREAM_PIECE_BYTES):
        try:
            unpacked += unpacking.decompress(
                content[start : start + STREAM_PIECE_BYTES], MOST_STREAM_BYTES - len(unpacked)
            )
        except zlib.error:
            break
        if unpacking.eof or len(unpacked) >= MOST_STREAM_BYTES:
            break
    return bytes(unpacked)


def _strings(where: str, content: bytes) -> Iterator[Piece]:
    text = content.decode("latin-1")
    if where != OBJECTS:
        yield Piece(where, content.decode("utf-8", "replace"))
        yield Piece(where, text)
        yield Piece(where, content.decode("utf-16-be", "replace"))
        yield Piece(where, content[1:].decode("utf-16-be", "replace"))
    if OCTAL.search(text):
        plain = OCTAL.sub(lambda match: chr(int(match[1], 8) & 0xFF), text)
        yield Piece(where, plain)
        yield Piece(where, plain.replace("\0", ""))
    for run in HEXADECIMAL.finditer(content):
        digits = re.sub(rb"\s", b"", run[1])
        told = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        yield Piece(where, told.decode("utf-16-be" if told.startswith(b"\xfe\xff") else "cp1252", "replace"))
