"""Whether somebody stands anywhere below a folder, told without anything of the product: it imports nothing of it, and knows nothing of what lies where.

Every file is told by its bytes and decoded by libraries: tables of databases and what else they hold, Parquet, Arrow, archives in archives, PDFs, mail. Each
text is read in every code that it may be in, then all but its letters and digits is taken out of it, and the bare forms are looked for. That finds
more than an erasure has to: a surname alone, a name over two lines, marks within it.
"""

from __future__ import annotations

import base64
import bz2
import email
import email.header
import gzip
import html
import io
import json
import lzma
import quopri
import re
import shutil
import struct
import tarfile
import tempfile
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pypdfium2

LARGE_BYTES = 256 * 1024
AROUND_BYTES = 300
DEEPEST = 10
# Beside how deep it is packed, the depth tells how often it was in base64.
IN_BASE64, MOST_IN_BASE64 = 100, 2
LIGATURES = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ı": "i"}
NOT_A_LETTER = re.compile(r"[\W_]+")
# What a database says of itself: names of columns, definitions of views and types.
CATALOGUES = tuple(f"duckdb_{name}() WHERE NOT internal" for name in ("views", "types", "columns", "schemas")) + (
    "duckdb_indexes()",
)
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\s*\n\s*[A-Za-z0-9+/_-]+)*=*")
CODES = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Hit:
    """path: of the file, from the folder on. inside: the column, the member, the page; "" for the file's own bytes. form: what was found there, bare."""

    path: str
    inside: str
    form: str


@dataclass(slots=True)
class Verified:
    """hits: where somebody stands. unread: what could not be decoded, and why."""

    hits: set[Hit] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    n_files: int = 0

    @property
    def places(self) -> set[tuple[str, str]]:
        return {(hit.path, hit.inside) for hit in self.hits}

    @property
    def paths(self) -> set[str]:
        return {hit.path for hit in self.hits}


def verify(root: Path, forms: Iterable[str]) -> Verified:
    """Look for these forms in every file below root. forms: a surname, an address, a handle; case, accents and marks do not matter."""
    looker = _Looker(tuple(bare(form) for form in forms))
    for path in sorted(root.rglob("*")):
        looker.path = path.relative_to(root).as_posix()
        looker.in_text("its name", looker.path)
        if path.is_file() and not path.is_symlink():
            looker.told.n_files += 1
            looker.in_file(path)
    return looker.told


def bare(text: str) -> str:
    """Small letters and digits alone, without accents, ligatures and whatever stands between."""
    text = "".join(LIGATURES.get(one, one) for one in text.casefold())
    plain = unicodedata.normalize("NFKD", text).casefold()
    return NOT_A_LETTER.sub("", "".join(one for one in plain if not unicodedata.combining(one)))


class _Looker:
    def __init__(self, forms: tuple[str, ...]) -> None:
        self.forms, self.told, self.path = forms, Verified(), ""
        # A part of each form that has no accent, in letters of one byte and of two.
        parts = {form[-4:] for form in forms} | {form[:4] for form in forms}
        wide = {"\0".join(part) for part in parts}
        self.anchors = re.compile("|".join(map(re.escape, parts | wide)).encode(), re.IGNORECASE)

    def in_file(self, path: Path) -> None:
        with path.open("rb") as opened:
            is_database = opened.read(12)[8:12] == b"DUCK"
        if is_database:
            self.in_database("", path)
        self.in_bytes("", path.read_bytes(), 0, raw_alone=is_database)

    def in_text(self, inside: str, text: str) -> bool:
        """Note it where one of the forms stands in the text, in whatever code."""
        small = bare(text)
        found = [form for form in self.forms if form in small]
        self.told.hits |= {Hit(self.path, inside, form) for form in found}
        return bool(found)

    def in_any_code(self, inside: str, text: str, depth: int) -> None:
        for read in dict.fromkeys(_as_read(text)):
            self.in_text(inside, read)
            for run in BASE64.findall(read):
                for content in _from_base64(run):
                    if depth < IN_BASE64 * MOST_IN_BASE64:
                        self.in_bytes(inside, content, depth + IN_BASE64)

    def in_value(self, inside: str, value: Any, depth: int) -> None:
        if isinstance(value, str):
            self.in_any_code(inside, value, depth)
        elif isinstance(value, bytes | bytearray | memoryview):
            self.in_bytes(inside, bytes(value), depth + 1)
        elif isinstance(value, dict):
            for key, one in value.items():
                self.in_value(inside, str(key), depth)
                self.in_value(inside, one, depth)
        elif isinstance(value, list | tuple | set):
            for one in value:
                self.in_value(inside, one, depth)

    def in_bytes(self, inside: str, content: bytes, depth: int, *, raw_alone: bool = False) -> None:
        """What the bytes are as a file of some kind, and as they stand."""
        if depth % IN_BASE64 > DEEPEST:
            self.told.unread.append(f"{self.path} / {inside}: packed too deep")
            return
        for mark, look in () if raw_alone else self._kinds():
            if mark(content):
                try:
                    look(inside, content, depth)
                except Exception as error:  # noqa: BLE001 - whatever a damaged file does to a library, it is told and the bytes are looked at
                    self.told.unread.append(f"{self.path} / {inside}: {type(error).__name__}")
        for piece in [content] if len(content) < LARGE_BYTES and not raw_alone else self._around(content):
            for code in CODES:
                for start in (0, 1) if code.startswith("utf-16") else (0,):
                    text = piece[start:].decode(code, "replace")
                    if code in ("utf-8", "latin-1"):
                        self.in_any_code(inside, text, depth)
                    else:
                        self.in_text(inside, text)

    def _kinds(self) -> tuple[tuple[Callable[[bytes], bool], Callable[[str, bytes, int], None]], ...]:
        return (
            (lambda c: c[8:12] == b"DUCK", self._database),
            (lambda c: c[:4] == b"PAR1", self._parquet),
            (lambda c: c[:6] == b"ARROW1", lambda i, c, d: self._table(i, pa.ipc.open_file(c).read_all(), d)),
            (lambda c: c[:4] == b"\xff" * 4, lambda i, c, d: self._table(i, pa.ipc.open_stream(c).read_all(), d)),
            (lambda c: c[:4] == b"PK\3\4", self._zip),
            (lambda c: c[257:262] == b"ustar", self._tar),
            (lambda c: c[:2] == b"\x1f\x8b", lambda i, c, d: self.in_bytes(i, gzip.decompress(c), d + 1)),
            (lambda c: c[:3] == b"BZh", lambda i, c, d: self.in_bytes(i, bz2.decompress(c), d + 1)),
            (lambda c: c[:6] == b"\xfd7zXZ\0", lambda i, c, d: self.in_bytes(i, lzma.decompress(c), d + 1)),
            (lambda c: c[:4] == b"\x28\xb5\x2f\xfd", lambda i, c, d: self.in_bytes(i, _from_zstd(c), d + 1)),
            (lambda c: c[:5] == b"%PDF-", self._pdf),
            (lambda c: c[8:9] == b"{" and c[4:8] == bytes(4), self._notes),
            (lambda c: re.match(rb"From \S+ |(?:[\w-]+: .*\r?\n)+(?:\s.*\r?\n|[\w-]+: .*\r?\n)*\r?\n", c[:4096]) is not None, self._mail),
        )  # fmt: skip

    def _around(self, content: bytes) -> Iterator[bytes]:
        """Of a large file the stretches where a part of a form stands; of a text also its runs of base64."""
        end = 0
        for found in self.anchors.finditer(content):
            if found.start() >= end:
                end = found.end() + AROUND_BYTES
                yield content[max(0, found.start() - AROUND_BYTES) : end]
        if b"\0" not in content:
            yield from re.findall(rb"[A-Za-z0-9+/=\r\n_-]{64,}", content)

    def _database(self, inside: str, content: bytes, depth: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.duckdb"
            copy.write_bytes(content)
            self._tables(inside, copy, depth)

    def in_database(self, inside: str, file: Path) -> None:
        """From a copy, with what is in its log."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.duckdb"
            shutil.copy(file, copy)
            log = file.with_name(file.name + ".wal")
            if log.exists():
                shutil.copy(log, copy.with_name(copy.name + ".wal"))
            self._tables(inside, copy, 0)

    def _tables(self, inside: str, file: Path, depth: int) -> None:
        with closing(duckdb.connect(str(file))) as connection:
            cursor = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
            )
            for schema, table in cursor.fetchall():
                rows = connection.execute(f'SELECT * FROM "{schema}"."{table}"')
                names = [column[0] for column in rows.description or []]
                while some := rows.fetchmany(2_000):
                    for name, values in zip(names, zip(*some, strict=True), strict=True):
                        told = [_of_json(one) for one in values if not isinstance(one, int | float)]
                        self.in_value(f"{inside} / {table}.{name}".removeprefix(" / "), told, depth)
            for catalogue in CATALOGUES:
                for row in connection.execute(f"SELECT * FROM {catalogue}").fetchall():
                    self.in_text(f"{inside} / catalogue".removeprefix(" / "), " ".join(map(str, row)))

    def _parquet(self, inside: str, content: bytes, depth: int) -> None:
        self._table(inside, parquet.read_table(io.BytesIO(content)), depth)

    def _table(self, inside: str, table: pa.Table, depth: int) -> None:
        self.in_text(inside, str(table.schema))
        for name, column in zip(table.column_names, table.columns, strict=True):
            self.in_value(
                f"{inside} / {name}".removeprefix(" / "), [_of_json(one) for one in column.to_pylist()], depth
            )

    def _zip(self, inside: str, content: bytes, depth: int) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                where = f"{inside} / {member.filename}".removeprefix(" / ")
                self.in_text(where, member.filename)
                self.in_bytes(where, archive.read(member), depth + 1)

    def _tar(self, inside: str, content: bytes, depth: int) -> None:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                where = f"{inside} / {member.name}".removeprefix(" / ")
                self.in_text(where, member.name)
                opened = archive.extractfile(member) if member.isfile() else None
                if opened is not None:
                    self.in_bytes(where, opened.read(), depth + 1)

    def _pdf(self, inside: str, content: bytes, depth: int) -> None:
        with pypdfium2.PdfDocument(content) as document:
            self.in_text(inside, " ".join(document.get_metadata_dict().values()))
            for number in range(len(document)):
                text = document[number].get_textpage().get_text_range()
                self.in_text(f"{inside} / page {number + 1}".removeprefix(" / "), text)
                # The sign in place of a hyphen at a line's end is no letter to us, and one to Unicode.
                self.in_text(f"{inside} / page {number + 1}".removeprefix(" / "), text.replace("\ufffe", ""))
        for found in re.finditer(rb"stream\r?\n", content):
            with suppress(zlib.error):
                self.in_bytes(
                    f"{inside} / streams".removeprefix(" / "),
                    zlib.decompressobj().decompress(content[found.end() :]),
                    depth + 1,
                )
        for code in re.findall(rb"<([0-9A-Fa-f\s]{8,})>", content):
            digits = re.sub(rb"\s", b"", code)
            self.in_bytes(
                f"{inside} / strings".removeprefix(" / "),
                bytes.fromhex(digits[: len(digits) // 2 * 2].decode()),
                depth + 1,
            )

    def _notes(self, inside: str, content: bytes, depth: int) -> None:
        (n_bytes,) = struct.unpack("<Q", content[:8])
        self.in_value(f"{inside} / header".removeprefix(" / "), json.loads(content[8 : 8 + n_bytes]), depth)

    def _mail(self, inside: str, content: bytes, depth: int) -> None:
        for number, one in enumerate(re.split(rb"(?m)^From \S+ .*\n", content)):
            where = f"{inside} / message {number}".removeprefix(" / ")
            for part in email.message_from_bytes(one).walk():
                for name, value in part.items():
                    self.in_text(
                        f"{where}, {name}", str(email.header.make_header(email.header.decode_header(str(value))))
                    )
                read = part.get_payload(decode=True)
                if isinstance(read, bytes):
                    self.in_bytes(where, read, depth + 1)


def _as_read(text: str) -> Iterator[str]:
    """A text in every code that programs put on texts, one and two at a time."""
    yield text
    unescaped = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), text)
    unescaped = re.sub(r"\\+[nrt]", " ", unescaped)
    octal = re.sub(r"\\([0-7]{3})", lambda one: chr(int(one[1], 8) % 256), text)
    unquoted = quopri.decodestring(text.encode("utf-8", "replace"))
    for read in (
        unescaped, octal, urllib.parse.unquote(text), urllib.parse.unquote(text, "latin-1"), unquoted.decode("utf-8", "replace"),
        unquoted.decode("latin-1"),
    ):  # fmt: skip
        yield read
        for _ in range(2):
            read = html.unescape(read)
        yield read
        yield re.sub(r"<[^<>]*>", "", read)
        yield html.unescape(re.sub(r"<[^<>]*>", "", read))


def _from_base64(run: str) -> Iterator[bytes]:
    """What a run of base64 says, wherever its first whole group begins; one that is a file of a known kind begins at its first letter."""
    letters = re.sub(r"[\s=]", "", run).replace("-", "+").replace("_", "/")
    for start in range(4):
        piece = letters[start:]
        piece = piece[: len(piece) - (len(piece) % 4 == 1)]
        with suppress(ValueError):
            content = base64.b64decode(piece + "=" * (-len(piece) % 4))
            yield content
            if content[:4] in (b"PK\3\4", b"%PDF"):
                return


def _from_zstd(content: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as opened:
        return bytes(opened.read())


def _of_json(value: Any) -> Any:
    """JSON in a text as the value that it is, so that no escape hides a name; beside it the text itself."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            return [value, json.loads(value)]
    return value
