"""Every text in a file, whatever packs it: tables of a database, Parquet, archives in archives, notes in safetensors, logs, raw bytes.

A file is told by its first bytes, never by its name. What cannot be decoded, or unpacks to too much, is named as not read: nobody may say
that nothing is in it.

Not covered: words in pictures, in the streams of a PDF, and in base64. Databases are read by the caller, who knows their language.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as parquet

# Where in a file, as a person finds it again, and the text there.
Piece = tuple[str, str]
Databases = Callable[[Path], Iterator[Piece]]

MOST_UNPACKED_BYTES = 8 * 1024**3
MOST_DEPTH = 4
MOST_MEMBERS = 200_000
MOST_NOTES_BYTES = 100 * 1024**2
CHUNK_BYTES = 1024 * 1024
# A name that stands across two chunks is whole in the overlap.
OVERLAP_BYTES = 1_024
AROUND_BYTES = 400
ROWS_AT_A_TIME = 500
PACKED: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
UNREADABLE = (
    OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, pa.ArrowException, NotImplementedError,
    RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a part of one, that was not looked into, and why."""

    path: str
    why: str


@dataclass(slots=True)
class Reading:
    """How files are read. scratch: an empty folder for what is unpacked. anchors: bytes without which a chunk of a binary is not looked at.

    unread, n_files and n_bytes tell of what was read so far; n_files counts those in archives.
    """

    databases: Databases
    scratch: Path
    anchors: tuple[bytes, ...]
    unread: list[Unread] = field(default_factory=list)
    n_files: int = 0
    n_bytes: int = 0
    n_unpacked_bytes: int = 0


def texts_in(file: Path, reading: Reading, *, shown: str, depth: int = 0) -> Iterator[Piece]:
    """Every text of a file with where it stands. shown: how the file is called in what is not read."""
    reading.n_files += 1
    try:
        reading.n_bytes += file.stat().st_size
        with file.open("rb") as opened:
            head = opened.read(512)
        yield from _texts_by_head(file, head, reading, shown, depth)
    except UNREADABLE as error:
        reading.unread.append(Unread(shown, f"{type(error).__name__} while it was read"))
        if file.exists():
            yield from _raw(file, reading)


def _texts_by_head(file: Path, head: bytes, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    if head[8:12] == b"DUCK":
        yield from reading.databases(file)
        yield from _raw(file, reading)
    elif head[:4] == b"PAR1":
        yield from _parquet(file)
    elif head[:4] == b"PK\x03\x04":
        yield from _zip(file, reading, shown, depth)
    elif any(head.startswith(mark) for mark in PACKED):
        yield from _packed(file, head, reading, shown, depth)
    elif head[257:262] == b"ustar":
        yield from _tar(file, reading, shown, depth)
    else:
        yield from _notes(file, head)
        yield from _raw(file, reading)


def _parquet(file: Path) -> Iterator[Piece]:
    opened = parquet.ParquetFile(file)
    for key, value in (opened.schema_arrow.metadata or {}).items():
        if key != b"ARROW:schema":
            yield "metadata", f"{key.decode(errors='replace')} {value.decode(errors='replace')}"
    columns = [one.name for one in opened.schema_arrow if holds_text(one.type)]
    for batch in opened.iter_batches(batch_size=ROWS_AT_A_TIME, columns=columns) if columns else ():
        for name in columns:
            for text in _texts_of(batch.column(name).to_pylist()):
                yield name, text


def holds_text(kind: pa.DataType) -> bool:
    """Whether a column of this type may hold texts or bytes, in whatever it is nested."""
    if pa.types.is_dictionary(kind):
        return holds_text(kind.value_type)
    if kind.num_fields:
        return any(holds_text(kind.field(i).type) for i in range(kind.num_fields))
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", errors="replace")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _texts_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts_of(one)


def _notes(file: Path, head: bytes) -> Iterator[Piece]:
    """What stands beside the weights in a safetensors file; nothing for any other file."""
    if len(head) < 10 or head[8:9] != b"{":
        return
    (n_bytes,) = struct.unpack("<Q", head[:8])
    if n_bytes > min(MOST_NOTES_BYTES, file.stat().st_size):
        return
    with file.open("rb") as opened:
        opened.seek(8)
        try:
            told = json.loads(opened.read(n_bytes))
        except ValueError:
            # Any other file that happens to begin so.
            return
    for text in _texts_of(told.get("__metadata__", {})):
        yield "metadata", text


def _zip(file: Path, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise ValueError(len(members))
        for member in members:
            yield member.filename, member.filename
            if not member.is_dir():
                with archive.open(member) as packed:
                    yield from _unpacked(packed, member.filename, reading, shown, depth)


def _tar(file: Path, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    with tarfile.open(file, "r:") as archive:
        for n, member in enumerate(archive):
            if n > MOST_MEMBERS:
                raise ValueError(n)
            yield member.name, member.name
            packed = archive.extractfile(member) if member.isfile() else None
            if packed is not None:
                yield from _unpacked(packed, member.name, reading, shown, depth)


def _packed(file: Path, head: bytes, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    opener = next(opener for mark, opener in PACKED.items() if head.startswith(mark))
    with opener(file, "rb") as packed:
        yield from _unpacked(packed, "unpacked", reading, shown, depth)


def _unpacked(packed: IO[bytes], name: str, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    if depth >= MOST_DEPTH:
        reading.unread.append(Unread(f"{shown} / {name}", f"packed more than {MOST_DEPTH} times"))
        return
    file = reading.scratch / f"{depth}-{reading.n_files}"
    try:
        with file.open("wb") as target:
            while piece := packed.read(CHUNK_BYTES):
                reading.n_unpacked_bytes += len(piece)
                if reading.n_unpacked_bytes > MOST_UNPACKED_BYTES:
                    raise ValueError(reading.n_unpacked_bytes)
                target.write(piece)
        for where, text in texts_in(file, reading, shown=f"{shown} / {name}", depth=depth + 1):
            yield f"{name} / {where}" if where else name, text
    finally:
        file.unlink(missing_ok=True)


def _raw(file: Path, reading: Reading) -> Iterator[Piece]:
    """The bytes as texts in the codes that they may be written in, piece by piece."""
    with file.open("rb") as opened:
        rest = b""
        while chunk := opened.read(CHUNK_BYTES):
            content = rest + chunk
            rest = content[-OVERLAP_BYTES:]
            is_binary = b"\0" in content
            for piece in _around(content, reading.anchors) if is_binary else (content,):
                yield from (("", text) for text in _as_texts(piece, is_binary=is_binary))


def _around(content: bytes, anchors: tuple[bytes, ...]) -> Iterator[bytes]:
    """The stretches of a binary in which an anchor stands: all of it as text would take a hundred times as long."""
    small = content.lower()
    places = sorted(match.start() for anchor in anchors for match in re.finditer(re.escape(anchor), small))
    start = end = 0
    for place in places:
        if place - AROUND_BYTES > end and end:
            yield content[start:end]
            start = end = 0
        start = start if end else max(0, place - AROUND_BYTES)
        end = place + AROUND_BYTES
    if end:
        yield content[start:end]


def _as_texts(content: bytes, *, is_binary: bool) -> Iterator[str]:
    text = content.decode("utf-8", errors="replace")
    yield text
    if "\\u" in text:
        yield ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if "\ufffd" in text:
        yield content.decode("cp1252", errors="replace")
    if is_binary:
        yield content.decode("utf-16-le", errors="replace")
        yield content[1:].decode("utf-16-le", errors="replace")
        yield content.decode("utf-16-be", errors="replace")
