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
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    DOCX = "docx"
    EPUB = "epub"
    PDF = "pdf"
    MBOX = "mbox"
    EML = "eml"
    ARROW = "arrow"
    ZIP = "zip"
    GZIP = "gz"
    BZIP2 = "bz2"
    XZ = "xz"


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
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".xls": Format.XLS,
    ".ods": Format.ODS,
    ".docx": Format.DOCX,
    ".docm": Format.DOCX,
    ".epub": Format.EPUB,
    ".pdf": Format.PDF,
    ".mbox": Format.MBOX,
    ".mbx": Format.MBOX,
    ".eml": Format.EML,
    ".arrow": Format.ARROW,
    ".feather": Format.ARROW,
    ".zip": Format.ZIP,
    ".gz": Format.GZIP,
    ".bz2": Format.BZIP2,
    ".xz": Format.XZ,
}
TABLES = frozenset({Format.CSV, Format.TSV, Format.JSON, Format.JSONL, Format.PARQUET})
COLUMNAR = frozenset({Format.PARQUET, Format.ARROW})
WORKBOOKS = frozenset({Format.XLSX, Format.XLS, Format.ODS})
# ZIP files by another name: what is in them is one work, not several files.
PACKAGES = frozenset({Format.XLSX, Format.ODS, Format.DOCX, Format.EPUB})
MAIL = frozenset({Format.MBOX, Format.EML})
WORKS = frozenset({Format.DOCX, Format.EPUB, Format.PDF})
COMPRESSED = frozenset({Format.GZIP, Format.BZIP2, Format.XZ})
SIGNATURES = {
    b"PK\x03\x04": Format.ZIP,
    b"PK\x05\x06": Format.ZIP,
    b"PAR1": Format.PARQUET,
    b"ARROW1": Format.ARROW,
    b"%PDF": Format.PDF,
    b"\x1f\x8b": Format.GZIP,
    b"BZh": Format.BZIP2,
    b"\xfd7zXZ\x00": Format.XZ,
}
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"
FOREIGN_SIGNATURES = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    OLE_SIGNATURE: "an old Office document",
    b"SQLite format 3": "a database",
}
HEAD_BYTES = 64
READ_FORMATS = (
    "Read are CSV, TSV, JSON, JSONL, Parquet, Arrow, XLSX, XLS, ODS, Markdown, HTML, text, DOCX, EPUB, PDF, mbox and EML, "
    "each also as gz, bz2 or xz, and ZIP files of these."
)
ADVICE = {
    ".xlsb": "Save the workbook as XLSX.",
    ".numbers": "Export the workbook as XLSX.",
    ".doc": "Save the document as DOCX.",
    ".odt": "Save the document as DOCX or as HTML.",
    ".rtf": "Save the document as DOCX.",
    ".pages": "Export the document as DOCX.",
    ".msg": "Save the message as EML, or the folder as mbox.",
    ".pst": "Export the mailbox as mbox.",
    ".mobi": "Convert the book to EPUB.",
    ".tar": "Unpack it, or pack it as ZIP.",
    ".tgz": "Unpack it, or pack it as ZIP.",
    ".zst": "Unpack it, or pack it as ZIP.",
    ".7z": "Unpack it, or pack it as ZIP.",
    ".rar": "Unpack it, or pack it as ZIP.",
    ".bundle": "Run `proofroom pack` on the repository, and send what it writes.",
}

# A post called license-your-code.md is writing: the lower-case words count only as the whole name.
LICENCE_NAME = re.compile(r"(?i:licen[cs]es?|copying|notice|unlicen[cs]e)|(?:LICEN[CS]E|COPYING|NOTICE)[-_.].*")
LICENCE_FOLDERS = frozenset({"license", "licence", "licenses", "licences"})
MANIFEST_NAME = re.compile(r"(?i:manifest|package|package-lock|composer|tsconfig)")
# Files that a saved dataset, or a frozen version of this studio, holds beside its rows.
NO_WRITING = (
    (
        re.compile(r"(?:^|/)(?:state|dataset_infos?|dataset_dict)\.json$"),
        "It describes a saved dataset, whose rows are in the files beside it.",
    ),
    (
        re.compile(r"(?:^|/)cache-[0-9a-f]+\.arrow$"),
        "It is a cache of a saved dataset, whose rows are in the files beside it.",
    ),
    (re.compile(r"(?:^|/)version\.json$"), "It describes a frozen version, whose examples are in the files beside it."),
    (
        re.compile(r"(?:^|/)left_out/dropped\.parquet$"),
        "It lists what a frozen version left out, and holds no examples.",
    ),
)
ABOUT_NAMES = frozenset({"README", "SOURCE", "CHANGELOG", "CONTRIBUTING", "CODE_OF_CONDUCT"})
# The line that begins a message of a mailbox: who sent it, then the day.
MAILBOX_START = re.compile(rb"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ")


def detect_format(name: str, head: bytes) -> Format:
    """The format of a file called `name` that begins with `head`. Raises UnreadableFile with what is read."""
    reason = reason_to_refuse(name)
    if reason:
        raise UnreadableFile(f"{name}: {reason}")
    suffix = PurePosixPath(name).suffix.lower()
    found = SUFFIXES.get(suffix)
    if head.startswith(OLE_SIGNATURE) and found in PACKAGES:
        raise UnreadableFile(
            f"{name} is protected by a password, or an old Office document under a new name.",
            remedy="Save it without a password, in today's format.",
        )
    foreign = next((kind for mark, kind in FOREIGN_SIGNATURES.items() if head.startswith(mark)), None)
    if foreign is not None and not (found is Format.XLS and head.startswith(OLE_SIGNATURE)):
        raise UnreadableFile(
            f"{name} is called {suffix or '(no ending)'}, but its first bytes are those of {foreign}.",
            remedy=READ_FORMATS,
        )
    signed = next((form for mark, form in SIGNATURES.items() if head.startswith(mark)), None)
    if signed is not None and found not in (None, signed) and not (signed is Format.ZIP and found in PACKAGES):
        raise UnreadableFile(
            f"{name} is called {suffix}, but its first bytes are those of a {signed.value} file.",
            remedy=f"Give it the ending .{signed.value}, or save it anew.",
        )
    form = found or signed or _guessed(head)
    if form is None:
        raise UnreadableFile(f"{name} has no ending, and its first bytes name no format.", remedy=READ_FORMATS)
    return form


def is_json_name(name: str) -> bool:
    """Whether a file is JSON or JSON Lines by its name."""
    return SUFFIXES.get(PurePosixPath(name).suffix.lower()) in (Format.JSON, Format.JSONL)


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
    reason = next((why for known, why in NO_WRITING if known.search(name)), "")
    if reason:
        return f"{reason} Rename it if it is writing."
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
    # Mail programs keep a folder in a file without an ending.
    return Format.MBOX if MAILBOX_START.match(head) else None
