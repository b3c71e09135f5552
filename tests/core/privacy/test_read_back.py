"""A person is found in every form of file that lies under a data folder, and what cannot be looked into is named."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from core.privacy.person import person_of
from core.privacy.read_back import ReadBack, read_back

PERSON = person_of("Maren Öldenkott", ["maren.o@example.org"])
TEXT = "Then Maren Öldenkott rang."


def no_databases(file: Path) -> Iterator[tuple[str, str]]:
    raise ValueError(file)


def looked_through(root: Path, scratch: Path) -> ReadBack:
    scratch.mkdir(exist_ok=True)
    return read_back(root, PERSON, databases=no_databases, scratch=scratch)


def in_zip(content: bytes, name: str = "a.txt") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def in_tar(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("b.bin")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def in_parquet(text: str) -> bytes:
    packed = io.BytesIO()
    nested = pa.array(
        [[{"role": "user", "content": text}]], pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    )
    parquet.write_table(pa.table({"n": [1], "messages": nested}), packed)
    return packed.getvalue()


def in_notes(text: str) -> bytes:
    head = json.dumps({"__metadata__": {"by": text}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(64)


FORMS: dict[str, Callable[[], bytes]] = {
    "utf-8": lambda: TEXT.encode(),
    "cp1252": lambda: TEXT.encode("cp1252"),
    "utf-16": lambda: TEXT.encode("utf-16"),
    "utf-16 after an odd byte": lambda: b"x" + TEXT.encode("utf-16-le"),
    "escaped json": lambda: json.dumps({"a": TEXT}).encode(),
    "among zeros": lambda: bytes(3_000_000) + TEXT.encode() + bytes(2_000_000),
    "across two chunks": lambda: b"." * (1024 * 1024 - 10) + TEXT.encode(),
    "zip": lambda: in_zip(TEXT.encode()),
    "zip by the name inside": lambda: in_zip(b"", "Maren Öldenkott.txt"),
    "gzip": lambda: gzip.compress(TEXT.encode()),
    "bzip2": lambda: bz2.compress(TEXT.encode()),
    "xz": lambda: lzma.compress(TEXT.encode()),
    "tar.gz": lambda: gzip.compress(in_tar(TEXT.encode())),
    "zip in tar in gzip": lambda: gzip.compress(in_tar(in_zip(TEXT.encode()))),
    "parquet": lambda: in_parquet(TEXT),
    "parquet in zip": lambda: in_zip(in_parquet(TEXT)),
    "safetensors": lambda: in_notes(TEXT),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_person_is_found_in(form: str, tmp_path: Path) -> None:
    root = tmp_path / "data" / "deep"
    root.mkdir(parents=True)
    (root / "file").write_bytes(FORMS[form]())
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert found.n_certain >= 1
    assert {place.path for place in found.places} == {"deep/file"}
    assert found.unread == ()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for n, form in enumerate(FORMS.values()):
        content = form().replace(TEXT.encode(), b"nobody")
        (tmp_path / "data" / f"{n}").write_bytes(content if content != form() else b"nobody")
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert found.places == ()
    assert found.n_files == len(FORMS)


def test_a_name_of_a_file_counts(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "maren öldenkott.txt").write_text("nothing")
    (place,) = looked_through(tmp_path / "data", tmp_path / "scratch").places
    assert place.inside == "its name"


def test_what_cannot_be_unpacked_is_named_and_its_bytes_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cut.gz").write_bytes(gzip.compress(b"x" * 100_000)[:60])
    (tmp_path / "data" / "no.zip").write_bytes(b"PK\x03\x04" + TEXT.encode())
    (tmp_path / "data" / "old.duckdb").write_bytes(b"12345678DUCK" + bytes(500))
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert sorted(one.path for one in found.unread) == ["cut.gz / unpacked", "no.zip", "old.duckdb"] or sorted(
        one.path for one in found.unread
    ) == ["cut.gz", "no.zip", "old.duckdb"]
    assert [place.path for place in found.places] == ["no.zip"]


def test_archives_in_archives_are_read_to_a_depth_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    packed = TEXT.encode()
    for _ in range(5):
        packed = in_zip(packed)
    (tmp_path / "data" / "deep.zip").write_bytes(packed)
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert found.places == ()
    assert "packed more than 4 times" in found.unread[0].why


def test_numbers_of_records_are_counted_beside_the_person(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json").write_text('{"records": ["r_00000000000000aa", "r_00000000000000bb"]}')
    (tmp_path / "scratch").mkdir()
    found = read_back(
        tmp_path / "data",
        PERSON,
        databases=no_databases,
        scratch=tmp_path / "scratch",
        record_ids=["r_00000000000000aa"],
    )
    assert [(place.n_ids, place.n_certain) for place in found.places] == [(1, 0)]
