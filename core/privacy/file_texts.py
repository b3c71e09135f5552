"""Every text in a file, whatever packs it: tables of a database, Parquet, Arrow, archives in archives, mail, PDFs, workbooks, logs, raw bytes.

A file is told by its first bytes, never by its name. A text is read as it stands and as it reads without its codes: escapes, entities, tags,
quoted-printable, percent signs, base64. What cannot be decoded, or unpacks to too much, is named as not read: nobody may say that nothing is in it.

Named as not read: words in pictures, sounds and films; pages of a PDF without text or with letters that nobody can tell; what is encrypted; archives and
databases of forms that are not opened here. Not covered, and not named: weights of models, base64 within base64, numbers in columns of numbers, and bytes between the members
of a ZIP. Databases are read by the caller, who knows their language.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from core.privacy.coded_texts import (
    BASE64,
    BEFORE_BASE64,
    PACKED_MARKS,
    encoding_of,
    ends_within_packed_base64,
    readings,
    runs_of_base64,
    texts_of_bytes,
)
from core.privacy.columnar_texts import columnar_texts, texts_of_value
from core.privacy.file_kinds import OLE, PICTURES, is_binary, is_database, is_picture, is_weights, why_not_read
from core.privacy.mail_texts import is_mail, mail_texts
from core.privacy.person import folded
from core.privacy.pieces import Inner, Piece, Unread

Databases = Callable[[Path], Iterator[tuple[str, str]]]

MOST_UNPACKED_BYTES = 8 * 1024**3
# What is real never unpacks to so many times its size; a little text of one repeated line harms nobody.
MOST_RATIO, UNSUSPECTED_BYTES = 200, 100 * 1024**2
MOST_DEPTH = 8
MOST_MEMBERS = 200_000
MOST_NOTES_BYTES = 100 * 1024**2
HEAD_BYTES = 4_096
PIECE_BYTES = 1024 * 1024
# A text that is no larger is looked into in one piece, so that what is packed in base64 is whole.
CHUNK_BYTES = 16 * 1024 * 1024
# A name that stands across two chunks is whole in the overlap, tags within it and all.
OVERLAP_BYTES = 16_384
AROUND_BYTES = 400
PACKED: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
PACKED_BY_ARROW = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
UNREADABLE = (
    OSError, EOFError, ValueError, KeyError, IndexError, AssertionError, RuntimeError, NotImplementedError, MemoryError, zipfile.BadZipFile,
    tarfile.TarError, lzma.LZMAError, zlib.error, struct.error, pa.ArrowException,
)  # fmt: skip


@dataclass(slots=True)
class Reading:
    """How files are read. scratch: an empty folder for what is unpacked. anchors: small-letter bytes of which one stands wherever the person does.

    told: called with what is read next, and now and then with nothing. broken: what stopped a reading before; of it the bytes alone are looked at.
    unread, n_files and n_bytes tell of what was read so far; n_files counts those in archives.
    """

    databases: Databases
    scratch: Path
    anchors: tuple[bytes, ...]
    told: Callable[[str], None] = lambda shown: None
    broken: Collection[str] = ()
    unread: list[Unread] = field(default_factory=list)
    n_files: int = 0
    n_bytes: int = 0
    n_unpacked_bytes: int = 0
    most_unpacked_bytes: int = MOST_UNPACKED_BYTES
    pictures: set[int] = field(default_factory=set)
    is_full: bool = False
    patterns: tuple[re.Pattern[bytes], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.patterns = tuple(re.compile(re.escape(anchor)) for anchor in self.anchors)

    def may_hold(self, text: str) -> bool:
        """Whether a text has an anchor, so that it is worth a closer look."""
        small = folded(text).encode("utf-8", "replace")
        return any(anchor in small for anchor in self.anchors)


def texts_in(file: Path, reading: Reading, *, shown: str) -> Iterator[Piece]:
    """Every text of a file with where it stands. shown: how the file is called in what is not read."""
    reading.pictures, reading.n_unpacked_bytes, reading.is_full = set(), 0, False
    n_packed_bytes = file.stat().st_size if file.exists() else 0
    reading.most_unpacked_bytes = min(MOST_UNPACKED_BYTES, max(UNSUSPECTED_BYTES, MOST_RATIO * n_packed_bytes))
    yield from _texts_of(file, reading, shown, 0)
    if n := len(reading.pictures):
        what = "it is or holds a picture" if n == 1 else f"it holds {n:,} pictures"
        reading.unread.append(Unread(shown, f"{what}, and words in pictures are not read"))


def _texts_of(file: Path, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    """The file's own texts, as they stand and decoded, and those of the files within it."""
    for one in _found_in(file, reading, shown):
        reading.told("")
        if isinstance(one, Unread):
            reading.unread.append(Unread(f"{shown} / {one.path}" if one.path else shown, one.why))
        elif isinstance(one, Inner):
            yield from _unpacked(one, reading, shown, depth)
        else:
            yield from _decoded(one, reading, shown, depth)


def _found_in(file: Path, reading: Reading, shown: str) -> Iterator[Piece | Inner | Unread]:
    reading.n_files += 1
    reading.told(shown)
    try:
        reading.n_bytes += file.stat().st_size
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
    except OSError as error:
        yield Unread("", f"{type(error).__name__} while it was read")
        return
    if shown in reading.broken:
        yield Unread("", "it stopped what reads it: it is damaged, or needs more memory or time than it may take")
        yield from _raw(file, head, reading)
        return
    try:
        yield from _by_head(file, head, reading)
    except UNREADABLE as error:
        yield Unread("", f"{type(error).__name__} while it was read")
        yield from _raw(file, head, reading)


def _decoded(piece: Piece, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    """A text with its readings, then what is in it as base64."""
    read = list(readings(piece.text))
    yield Piece(piece.where, piece.text, [(code, text) for code, text in read if reading.may_hold(text)])
    texts = [piece.text, *(text for code, text in read if code in BEFORE_BASE64)]
    for content in (content for text in texts for content in runs_of_base64(text)):
        where = f"{piece.where} in base64".strip()
        if content.startswith(PACKED_MARKS + PICTURES):
            yield from _unpacked(Inner(where, content), reading, shown, depth)
            continue
        for text in _of_base64(content, reading):
            yield Piece(where, text)


def _of_base64(content: bytes, reading: Reading) -> Iterator[str]:
    """Texts that may hold the person, of bytes most of which are none: numbers of things are written in these letters too."""
    for piece in _around(content, reading):
        yield from texts_of_bytes(piece, is_binary=True)
    try:
        text = content.decode("utf-8")
    except ValueError:
        return
    yield from (read for _, read in readings(text) if reading.may_hold(read))


def _by_head(file: Path, head: bytes, reading: Reading) -> Iterator[Piece | Inner | Unread]:
    """What a file is, is told by its first bytes."""
    if is_database(head):
        yield from (Piece(where, text) for where, text in reading.databases(file))
        yield from _raw(file, head, reading)
    elif head.startswith((b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")):
        yield from columnar_texts(file, head)
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _zip(file)
    elif head.startswith((*PACKED, *PACKED_BY_ARROW)):
        # The name that a file had before it was packed stands before its content.
        yield Piece("its first bytes", head[:512].decode("latin-1"))
        yield Inner("unpacked", _opened(file, head))
    elif head[257:262] == b"ustar":
        yield from _tar(file)
    else:
        yield from _by_kind(file, head, reading)
        yield from _raw(file, head, reading)


def _by_kind(file: Path, head: bytes, reading: Reading) -> Iterator[Piece | Inner | Unread]:
    """What is looked into beside its bytes, and what by its bytes alone."""
    if head[:1024].lstrip().startswith(b"%PDF"):
        # Loaded here, as is what reads workbooks: most files need neither.
        from core.privacy.pdf_texts import OF_BYTES, pdf_texts

        for one in pdf_texts(file):
            reading.told("")
            if not (isinstance(one, Piece) and one.where in OF_BYTES and not reading.may_hold(one.text)):
                yield one
    elif head.startswith(OLE):
        from core.privacy.workbook_texts import workbook_texts

        yield from workbook_texts(file)
    elif is_mail(head):
        yield from mail_texts(file)
    elif is_picture(head):
        # In a mail one is met twice, as an attachment and as base64.
        reading.pictures.add(hash((head, file.stat().st_size)))
    else:
        yield from _notes(file, head)
        why = why_not_read(file, head)
        if why:
            yield Unread("", why)


def _notes(file: Path, head: bytes) -> Iterator[Piece]:
    """What stands beside the weights in a safetensors file; nothing for any other file."""
    if not is_weights(head):
        return
    (n_bytes,) = struct.unpack("<Q", head[:8]) if head[8:9] == b"{" else (0,)
    if not 0 < n_bytes <= min(MOST_NOTES_BYTES, file.stat().st_size):
        return
    with file.open("rb") as opened:
        opened.seek(8)
        try:
            told = json.loads(opened.read(n_bytes))
        except ValueError:
            # Any other file that happens to begin so.
            return
    for text in texts_of_value(told.get("__metadata__", {}) if isinstance(told, dict) else {}):
        yield Piece("metadata", text)


def _zip(file: Path) -> Iterator[Piece | Inner]:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise ValueError(len(members))
        yield Piece("its comment", archive.comment.decode("utf-8", "replace"))
        for member in members:
            yield Piece(member.filename, member.filename)
            if member.comment:
                yield Piece(member.filename, member.comment.decode("utf-8", "replace"))
            if not member.is_dir():
                yield Inner(member.filename, partial(archive.open, member))


def _tar(file: Path) -> Iterator[Piece | Inner]:
    with tarfile.open(file, "r:") as archive:
        for n, member in enumerate(archive):
            if n > MOST_MEMBERS:
                raise ValueError(n)
            told = [member.name, member.linkname, member.uname, member.gname, *map(str, member.pax_headers.values())]
            yield Piece(member.name, "\n".join(told))
            if member.isfile():
                yield Inner(member.name, partial(_member_of, archive, member))


def _member_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    opened = archive.extractfile(member)
    assert opened is not None, "it is a file"
    return opened


def _opened(file: Path, head: bytes) -> Callable[[], Any]:
    for mark, opener in PACKED.items():
        if head.startswith(mark):
            return partial(opener, file, "rb")
    name = next(name for mark, name in PACKED_BY_ARROW.items() if head.startswith(mark))
    return partial(pa.input_stream, str(file), compression=name)


def _unpacked(inner: Inner, reading: Reading, shown: str, depth: int) -> Iterator[Piece]:
    called = f"{shown} / {inner.name}"
    if reading.is_full:
        return
    if depth >= MOST_DEPTH:
        reading.unread.append(Unread(called, f"packed more than {MOST_DEPTH} times"))
        return
    file = reading.scratch / f"{depth}-{reading.n_files}"
    try:
        try:
            _write(inner, file, reading)
        except UNREADABLE as error:
            reading.unread.append(Unread(called, f"{type(error).__name__} while it was unpacked"))
        if reading.is_full:
            most = f"{reading.most_unpacked_bytes / 1e6:,.0f} MB, or than there is room for"
            reading.unread.append(
                Unread(called, f"by here the file unpacks to more than {most}; the rest was not looked into")
            )
        elif file.exists():
            for one in _texts_of(file, reading, called, depth + 1):
                yield Piece(f"{inner.name} / {one.where}" if one.where else inner.name, one.text, one.readings)
    finally:
        file.unlink(missing_ok=True)


def _write(inner: Inner, file: Path, reading: Reading) -> None:
    """Unpack it as far as it can be."""
    most = min(reading.most_unpacked_bytes, reading.n_unpacked_bytes + shutil.disk_usage(reading.scratch).free // 2)
    with file.open("wb") as target:
        if isinstance(inner.content, bytes):
            target.write(inner.content)
            return
        with inner.content() as packed:
            while piece := packed.read(PIECE_BYTES):
                reading.told("")
                reading.n_unpacked_bytes += len(piece)
                if reading.n_unpacked_bytes > most:
                    reading.is_full = True
                    return
                target.write(piece)


def _raw(file: Path, head: bytes, reading: Reading) -> Iterator[Piece | Unread]:
    """The bytes as texts in the codes that they may be written in, piece by piece."""
    encoding = encoding_of(head)
    with file.open("rb") as opened:
        rest = b""
        while chunk := opened.read(CHUNK_BYTES):
            content = rest + chunk
            rest = content[-OVERLAP_BYTES:]
            reading.told("")
            # Weights begin with many kilobytes of names, and are no text for that.
            is_text = bool(encoding) or not (is_weights(head) or is_binary(content))
            if is_text:
                yield from (Piece("", text) for text in texts_of_bytes(content, is_binary=False, encoding=encoding))
                if len(chunk) == CHUNK_BYTES and ends_within_packed_base64(content):
                    yield Unread("", f"a packed file in base64 in it is larger than {CHUNK_BYTES // 1024**2} MB")
            elif not (is_weights(head) or is_database(head)):
                # Long runs of these letters are rare in what is no text.
                yield Piece("", "\n".join(run.group() for run in BASE64.finditer(content.decode("latin-1"))))
            if not is_text or (b"\0" in content and not encoding):
                for piece in _around(content, reading):
                    yield from (Piece("", text) for text in texts_of_bytes(piece, is_binary=True))


def _around(content: bytes, reading: Reading) -> Iterator[bytes]:
    """The stretches of a binary in which an anchor stands: all of it as text would take a hundred times as long."""
    small = content.lower()
    start = end = 0
    for place in sorted(found.start() for pattern in reading.patterns for found in pattern.finditer(small)):
        if place - AROUND_BYTES > end and end:
            yield content[start:end]
            start = end = 0
        start = start if end else max(0, place - AROUND_BYTES)
        end = place + AROUND_BYTES
    if end:
        yield content[start:end]
