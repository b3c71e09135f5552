"""Office files and e-books as the ZIP files that they are, looked over before a library opens them.

Every member is unpacked once and counted, without trusting a size that the file states, and nothing
is written. XML that declares entities is refused: no program writes it, and a few lines of it can
stand for gigabytes.
"""

from __future__ import annotations

import copy
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from core.errors import UnreadableFile
from core.records.archive import MAX_FILES, PIECE_BYTES, most_unpacked_bytes
from core.records.values import shown

UNZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError, KeyError, ValueError)
DAMAGED = "Open it in the program that made it, and save it anew."


class _EntityDeclared(Exception):
    """The XML declares an entity."""


class _RootReached(Exception):
    """The part of an XML file in which entities can be declared is over."""


def check_package(path: Path, name: str) -> None:
    """Raises UnreadableFile when the package cannot be opened, unpacks to too much, or hides something in its XML."""
    limit = most_unpacked_bytes(path.stat().st_size)
    n_bytes = 0
    try:
        with zipfile.ZipFile(path) as opened:
            infos = opened.infolist()
            _check_directory(infos, name)
            for info in infos:
                prologue = _Prologue(name)
                for piece in _real_pieces(opened, info):
                    n_bytes += len(piece)
                    if n_bytes > limit:
                        raise UnreadableFile(
                            f"{name} unpacks to more than {limit // 2**20:,} MB, which real writing of its size never does.",
                            remedy="Check where it comes from.",
                        )
                    prologue.feed(piece)
    except UNZIP_ERRORS as error:
        raise UnreadableFile(f"{name} is damaged and cannot be opened: {shown(error)}.", remedy=DAMAGED) from error


def read_member(opened: zipfile.ZipFile, member: str) -> bytes:
    """The bytes of a member; nothing where there is none of that name."""
    try:
        return opened.read(member)
    except KeyError:
        return b""


def xml_of(content: bytes) -> ElementTree.Element | None:
    """The root of an XML text whose package was checked; none where it is no XML."""
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError):
        return None


def _check_directory(infos: list[zipfile.ZipInfo], name: str) -> None:
    if len(infos) > MAX_FILES:
        raise UnreadableFile(f"{name} is made of {len(infos):,} parts, at most {MAX_FILES:,} are read.")
    if any(info.flag_bits & 0x1 for info in infos):
        raise UnreadableFile(f"{name} is protected by a password.", remedy="Save it without one.")


def _real_pieces(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """What really comes out of a member: zipfile itself stops at the size that the directory states."""
    unlimited = copy.copy(info)
    unlimited.file_size = 2**62
    # A checksum of None is not compared; the library that reads the file compares it.
    unlimited.CRC = None  # type: ignore[assignment]
    with opened.open(unlimited) as source:
        while piece := source.read(PIECE_BYTES):
            yield piece


class _Prologue:
    """Reads an XML file up to its first element, and takes offence at a declared entity."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parser: expat.XMLParserType | None = expat.ParserCreate()
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._end

    def feed(self, piece: bytes) -> None:
        if self._parser is None:
            return
        try:
            self._parser.Parse(piece, False)
        except _EntityDeclared as error:
            raise UnreadableFile(
                f"{self._name} declares entities in its XML, which no office program does.",
                remedy="Check where it comes from.",
            ) from error
        # Pictures and other parts are no XML; whether a broken one matters is for the reader to say.
        except (_RootReached, expat.ExpatError):
            self._parser = None

    def _refuse(self, *_: object) -> None:
        raise _EntityDeclared

    def _end(self, *_: object) -> None:
        raise _RootReached
