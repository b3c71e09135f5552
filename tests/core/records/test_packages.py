"""Office files and compressed files are counted before anything opens them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records.compression import decompress
from core.records.formats import Format
from core.records.packages import check_package
from core.records.parsing import ParsedFile, RefusedFile
from core.records.parts import ReadingMember, parse_parts
from tests.core.records.packed import LAUGHS, write_package

PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
ZEROS = 100 * 2**20


def outcomes(path: Path, name: str) -> list[ParsedFile | RefusedFile]:
    return [o for o in parse_parts(path, name, Goal.VOICE, {}) if not isinstance(o, ReadingMember)]


def test_a_hundred_megabytes_of_zeros_in_a_package_are_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "book.xlsx", {"xl/workbook.xml": b"\0" * ZEROS})
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        check_package(path, "book.xlsx")


def test_a_package_that_states_a_small_size_is_counted_by_what_comes_out(tmp_path: Path) -> None:
    path = write_package(tmp_path / "book.xlsx", {"xl/workbook.xml": b"\0" * ZEROS})
    content = bytearray(path.read_bytes())
    # The size and the checksum of the first 1,000 bytes, in the local header and in the directory.
    forged = struct.pack("<L", 1_000)
    for start, size_at, crc_at in ((0, 22, 14), (content.index(b"PK\x01\x02"), 24, 16)):
        content[start + size_at : start + size_at + 4] = forged
        content[start + crc_at : start + crc_at + 4] = struct.pack("<L", zlib.crc32(b"\0" * 1_000))
    path.write_bytes(content)
    with zipfile.ZipFile(path) as opened:
        assert len(opened.read("xl/workbook.xml")) == 1_000
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        check_package(path, "book.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_found_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = LAUGHS.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>') + "<a>&lol9;</a>"
    path = write_package(tmp_path / "a.docx", {"word/document.xml": text.encode(encoding)})
    with pytest.raises(UnreadableFile, match="declares entities"):
        check_package(path, "a.docx")


def test_a_document_type_without_entities_passes(tmp_path: Path) -> None:
    page = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd"><html/>'
    check_package(write_package(tmp_path / "a.epub", {"one.xhtml": page}), "a.epub")


@pytest.mark.parametrize("ending", PACKERS)
def test_a_packed_file_is_read_under_the_name_that_was_sent(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "packed"
    path.write_bytes(PACKERS[ending](b"id,text\n7,one\n"))
    (parsed,) = outcomes(path, f"posts/report.csv.{ending}")
    assert isinstance(parsed, ParsedFile)
    assert (parsed.name, parsed.format) == (f"posts/report.csv.{ending}", "csv")
    assert [(r.external_id, r.content) for r in parsed.records] == [("7", {"body": "one"})]


@pytest.mark.parametrize(("ending", "pack"), PACKERS.items())
def test_a_hundred_megabytes_of_zeros_packed_small_are_refused_and_nothing_stays(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "packed"
    path.write_bytes(pack(b"\0" * ZEROS))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    (refused,) = outcomes(path, f"zeros.txt.{ending}")
    assert isinstance(refused, RefusedFile)
    assert "unpacks to more than" in refused.reason
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("ending", PACKERS)
def test_a_packed_file_that_breaks_off_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "packed"
    content = PACKERS[ending](bytes(range(256)) * 40)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile, match="breaks off"):
        decompress(path, Format(ending), f"a.csv.{ending}", tmp_path / "out")


def test_a_packed_file_in_an_archive_is_read_and_one_packed_twice_is_not(tmp_path: Path) -> None:
    path = write_package(
        tmp_path / "a.zip",
        {
            "one.md.gz": gzip.compress(b"One."),
            "two.md.gz.bz2": bz2.compress(gzip.compress(b"Two.")),
            "three.md": "Three.",
        },
    )
    one, two, three = outcomes(path, "a.zip")
    assert isinstance(one, ParsedFile)
    assert one.records[0].content == {"body": "One."}
    assert isinstance(two, RefusedFile)
    assert "archive inside an archive" in two.reason
    assert isinstance(three, ParsedFile)


def test_a_packed_tar_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"anything"))
    (refused,) = outcomes(path, "posts.tar.gz")
    assert isinstance(refused, RefusedFile)
    assert "Unpack it, or pack it as ZIP." in refused.reason


def test_a_packed_licence_is_a_licence_still(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"Permission is granted"))
    (refused,) = outcomes(path, "LICENSE.txt.gz")
    assert isinstance(refused, RefusedFile)
    assert "licence text" in refused.reason
