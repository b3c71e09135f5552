"""Which format a file has, from its name and its first bytes; which files hold no writing to learn from.

Reads nothing beyond the name and the first bytes. A licence, a manifest or a README that came along
in a folder is refused by name, so that it never becomes a record; renamed, it is read.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath

from core.errors import UnreadableFile


class Format(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"
    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"
    ZIP = "zip"


SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".parquet": Format.PARQUET,
    ".md": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".srt": Format.TEXT,
    ".zip": Format.ZIP,
}
TABLES = frozenset({Format.CSV, Format.TSV, Format.JSON, Format.JSONL, Format.PARQUET})
SIGNATURES = {b"PK\x03\x04": Format.ZIP, b"PK\x05\x06": Format.ZIP, b"PAR1": Format.PARQUET}
FOREIGN_SIGNATURES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"SQLite format 3": "a database",
}
HEAD_BYTES = 64
READ_FORMATS = "Read are CSV, TSV, JSON, JSONL, Parquet, Markdown, HTML, text, and ZIP files of these."
ADVICE = {
    ".xlsx": "Save the sheet as CSV.",
    ".xls": "Save the sheet as CSV.",
    ".ods": "Save the sheet as CSV.",
    ".docx": "Save the document as HTML or as text.",
    ".doc": "Save the document as HTML or as text.",
    ".odt": "Save the document as HTML or as text.",
    ".pdf": "Export the text it was made from.",
    ".gz": "Unpack it, or pack it as ZIP.",
}

# A post called license-your-code.md is writing: the lower-case words count only as the whole name.
LICENCE_NAME = re.compile(r"(?i:licen[cs]es?|copying|notice|unlicen[cs]e)|(?:LICEN[CS]E|COPYING|NOTICE)[-_.].*")
LICENCE_FOLDERS = frozenset({"license", "licence", "licenses", "licences"})
MANIFEST_NAME = re.compile(r"(?i:manifest|package|package-lock|composer|tsconfig)")
ABOUT_NAMES = frozenset({"README", "SOURCE", "CHANGELOG", "CONTRIBUTING", "CODE_OF_CONDUCT"})


def detect_format(name: str, head: bytes) -> Format:
    """The format of a file called `name` that begins with `head`. Raises UnreadableFile with what is read."""
    reason = reason_to_refuse(name)
    if reason:
        raise UnreadableFile(f"{name}: {reason}")
    suffix = PurePosixPath(name).suffix.lower()
    found = SUFFIXES.get(suffix)
    foreign = next((kind for mark, kind in FOREIGN_SIGNATURES.items() if head.startswith(mark)), None)
    if foreign is not None:
        raise UnreadableFile(
            f"{name} is called {suffix or '(no ending)'}, but its first bytes are those of {foreign}.",
            remedy=READ_FORMATS,
        )
    signed = next((form for mark, form in SIGNATURES.items() if head.startswith(mark)), None)
    if signed is not None and found not in (None, signed):
        raise UnreadableFile(
            f"{name} is called {suffix}, but its first bytes are those of a {signed.value} file.",
            remedy=f"Give it the ending .{signed.value}, or save it anew.",
        )
    form = found or signed or _guessed(head)
    if form is None:
        raise UnreadableFile(f"{name} has no ending, and its first bytes name no format.", remedy=READ_FORMATS)
    return form


def reason_to_refuse(name: str) -> str:
    """Why a file of this name is not read, or nothing. One whole sentence and what to do."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    # LICENSE-2.0 has no ending that means anything; nor has .MIT.
    stem = path.stem if suffix in SUFFIXES or suffix in ADVICE else path.name
    if LICENCE_NAME.fullmatch(stem) or any(part.lower() in LICENCE_FOLDERS for part in path.parts[:-1]):
        return "It is a licence text, not writing to learn from. Rename it if it is."
    if suffix in {".json", ".jsonl", ".csv"} and MANIFEST_NAME.fullmatch(stem):
        return "It is a manifest that lists other files, not writing to learn from. Rename it if it is."
    if stem in ABOUT_NAMES:
        return "It describes the folder it lies in and is not writing to learn from. Rename it if it is."
    if suffix and suffix not in SUFFIXES:
        return f"Files ending in {suffix} are not read. {ADVICE.get(suffix, READ_FORMATS)}"
    return ""


def _guessed(head: bytes) -> Format | None:
    """The format of a file without an ending, where its first bytes leave no doubt."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Format.HTML
    if start.startswith((b"{", b"[")):
        return Format.JSON
    return None
