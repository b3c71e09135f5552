"""Which format a file has, from its name and its first bytes. Reads nothing beyond them."""

from __future__ import annotations

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
SIGNATURES = {b"PK\x03\x04": Format.ZIP, b"PAR1": Format.PARQUET}


def detect_format(name: str, head: bytes) -> Format:
    """The format of a file called `name` that begins with `head`. Raises UnreadableFile with what is read."""
    suffix = PurePosixPath(name).suffix.lower()
    found = SUFFIXES.get(suffix)
    signed = next((form for mark, form in SIGNATURES.items() if head.startswith(mark)), None)
    if signed is not None and found not in (None, signed):
        raise UnreadableFile(
            f"{name} is called {suffix}, but its first bytes are those of a {signed.value} file.",
            remedy=f"Give it the ending .{signed.value}, or save it anew.",
        )
    if found is None and signed is None:
        raise UnreadableFile(
            f"{name} has the ending {suffix or '(none)'}, which is not read.",
            remedy="Read are CSV, TSV, JSON, JSONL, Parquet, Markdown, HTML, text, and ZIP files of these.",
        )
    return found or signed or Format.TEXT
