"""A person is found in every form of file that lies under a data folder, and what cannot be looked into is named."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from core.privacy import file_kinds, file_texts
from core.privacy.file_texts import MOST_DEPTH
from core.privacy.person import person_of
from core.privacy.pieces import Unread
from core.privacy.read_back import ReadBack, look_into, read_back
from tests.core.privacy.packed_forms import (
    FILLING,
    IMPORTED,
    compound,
    docx,
    halves,
    in_gzip,
    in_notes,
    in_parquet,
    mail,
    pdf,
    tarred,
    zipped,
    zstd,
)

PERSON = person_of("Maren Öldenkott", ["maren.o@example.org"])
TEXT = "Then Maren Öldenkott rang."
SMALL_CHUNK_BYTES = 1024 * 1024


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_texts, "CHUNK_BYTES", SMALL_CHUNK_BYTES)


def no_databases(file: Path) -> Iterator[tuple[str, str]]:
    raise ValueError(file)


def looked_through(root: Path, scratch: Path) -> ReadBack:
    scratch.mkdir(exist_ok=True)
    return read_back(root, partial(look_into, person=PERSON, databases=no_databases, scratch=scratch))


def pdf_of_lines() -> bytes:
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=A5)
    canvas.line(10, 10, 200, 200)
    canvas.showPage()
    canvas.save()
    return packed.getvalue()


def zip_with_password() -> bytes:
    """Its first member says that it is encrypted, its second is not."""
    packed = bytearray(zipped({"shut.txt": "x" * 50, "open.txt": TEXT}))
    packed[6] |= 1
    packed[packed.find(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


FORMS: dict[str, Callable[[str], bytes]] = IMPORTED | {
    "utf-8": lambda words: words.encode(),
    "cp1252": lambda words: words.encode("cp1252"),
    "utf-16": lambda words: words.encode("utf-16"),
    "utf-16 without its mark": lambda words: words.encode("utf-16-be"),
    "utf-16 after an odd byte": lambda words: b"x" + words.encode("utf-16-le"),
    "utf-32": lambda words: words.encode("utf-32"),
    "escaped json": lambda words: json.dumps({"a": words}).encode(),
    "json escaped in json": lambda words: json.dumps({"a": json.dumps({"b": words})}).encode(),
    "rich text": lambda words: ("{\\rtf1 " + "".join(one if one.isascii() else f"\\'{ord(one):02x}" for one in words) + "}").encode(),
    "among zeros": lambda words: bytes(3_000_000) + words.encode() + bytes(2_000_000),
    "a few zeros among much": lambda words: b"Much more of it. " * 1_000 + b"\0" + base64.b64encode(words.encode()),
    "across two chunks": lambda words: b"." * (SMALL_CHUNK_BYTES - 10) + words.encode(),
    "tags across two chunks": lambda words: b"." * (SMALL_CHUNK_BYTES - 40) + docx_words(words),
    "base64 in a text": lambda words: b"key=" + base64.b64encode(words.encode()) + b" and more",
    "base64 without its first letters": lambda words: base64.b64encode(b"xx" + words.encode() * 3)[2:],
    "base64 in lines": lambda words: base64.encodebytes(FILLING.encode() + words.encode()),
    "base64 in json": lambda words: json.dumps({"a": base64.encodebytes(FILLING.encode() + words.encode()).decode()}).encode(),
    "zip": lambda words: zipped({"a.txt": words}),
    "zip by the name inside": lambda words: zipped({words: ""}),
    "gzip by the name before": lambda words: in_gzip(b"", f"{words}.txt"),
    "tar by the name inside": lambda words: tarred(b"", words),
    "zstandard": lambda words: zstd(words.encode() * 20),
    "tar.gz": lambda words: gzip.compress(tarred(words.encode())),
    "zip in tar in gzip": lambda words: gzip.compress(tarred(zipped({"a": words}))),
    "letter in a zip in a mail": lambda words: mail("No more.", attached=("a.zip", zipped({"letter.docx": docx(words)}))),
    "nested parquet": in_parquet,
    "parquet in zip": lambda words: zipped({"a": in_parquet(words)}),
    "parquet by the name of a column": lambda words: _table({words: [1]}),
    "arrow of json": lambda words: in_stream_of(pa.array(["{}", json.dumps([words], ensure_ascii=False)], pa.json_())),
    "safetensors": in_notes,
}  # fmt: skip


def in_stream_of(values: pa.Array) -> bytes:
    packed, table = io.BytesIO(), pa.table({"a": values})
    with pa.ipc.new_stream(packed, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return packed.getvalue()


def docx_words(words: str) -> bytes:
    first, last = halves(words)
    return f'<w:t>{first}</w:t></w:r><w:r w:rsidR="00A77427"><w:t>{last}</w:t>'.encode()


def _table(columns: dict[str, list[int]]) -> bytes:
    packed = io.BytesIO()
    parquet.write_table(pa.table(columns), packed)
    return packed.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_a_person_is_found_in(form: str, tmp_path: Path) -> None:
    root = tmp_path / "data" / "deep"
    root.mkdir(parents=True)
    (root / "file").write_bytes(FORMS[form](TEXT))
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert found.n_certain >= 1
    assert {place.path for place in found.places} == {"deep/file"}
    assert found.unread == ()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_nothing_is_found_and_nothing_named_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for n, form in enumerate(FORMS.values()):
        (tmp_path / "data" / f"{n}").write_bytes(form("Then nobody at all rang."))
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert (found.places, found.unread) == ((), ())
    assert found.n_files > len(FORMS)


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


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)
NOT_READ: dict[str, tuple[bytes, str]] = {
    "a picture": (PICTURE, "words in pictures are not read"),
    "pictures in a letter": (zipped({"word/document.xml": "<a/>", "word/media/1.png": PICTURE, "word/media/2.png": PICTURE + b"x"}), "2 pictures"),
    "a picture in a mail": (mail("x", attached=("a.png", PICTURE)), "it is or holds a picture"),
    "a picture in a page": (f'<img src="data:image/png;base64,{base64.b64encode(PICTURE).decode()}">'.encode(), "a picture"),
    "a pdf with a password": (pdf(TEXT, encrypt="open"), "protected by a password"),
    "a pdf without text": (pdf_of_lines(), "page 1 has no text"),
    "an old document": (compound("WordDocument", bytes(5_000)), "an old or encrypted Office document"),
    "a 7z archive": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z archive"),
    "an encrypted mail": (mail("x").replace(b"text/plain", b"application/pkcs7-mime"), "message 1: it is encrypted"),
    "random bytes": (random.Random(0).randbytes(4_000), "look packed or encrypted"),
    "one member of an archive": (zip_with_password(), "RuntimeError while it was unpacked"),
}  # fmt: skip


@pytest.mark.parametrize("form", NOT_READ)
def test_what_nobody_can_look_into_is_named_with_its_reason(form: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    content, why = NOT_READ[form]
    (tmp_path / "data" / "file").write_bytes(content)
    (told,) = looked_through(tmp_path / "data", tmp_path / "scratch").unread
    assert told.path.startswith("file")
    assert why in f"{told.path.removeprefix('file / ')}: {told.why}"


def test_a_member_that_cannot_be_unpacked_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "two.zip").write_bytes(zip_with_password())
    (place,) = looked_through(tmp_path / "data", tmp_path / "scratch").places
    assert place.inside == "open.txt"


def test_a_file_that_unpacks_to_too_much_is_named_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_texts, "MOST_UNPACKED_BYTES", 1_000_000)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bomb.zip").write_bytes(zipped({f"{n}.txt": b"x" * 400_000 for n in range(9)}))
    (told,) = looked_through(tmp_path / "data", tmp_path / "scratch").unread
    assert told.path == "bomb.zip / 2.txt"
    assert "the rest was not looked into" in told.why
    assert list((tmp_path / "scratch").iterdir()) == []


def test_archives_in_archives_are_read_to_a_depth_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    packed = TEXT.encode()
    for _ in range(MOST_DEPTH + 1):
        packed = zipped({"a": packed})
    (tmp_path / "data" / "deep.zip").write_bytes(packed)
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert found.places == ()
    assert f"packed more than {MOST_DEPTH} times" in found.unread[0].why


def test_numbers_of_records_are_counted_beside_the_person(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json").write_text('{"records": ["r_00000000000000aa", "r_00000000000000bb"]}')
    (tmp_path / "scratch").mkdir()
    ids = ["r_00000000000000aa"]
    look = partial(look_into, person=PERSON, databases=no_databases, scratch=tmp_path / "scratch", record_ids=ids)
    found = read_back(tmp_path / "data", look)
    assert [(place.n_ids, place.n_certain) for place in found.places] == [(1, 0)]


def test_an_archive_that_unpacks_to_hundreds_of_times_its_size_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_texts, "UNSUSPECTED_BYTES", 10_000)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bomb.gz").write_bytes(gzip.compress(b"x" * 3_000_000))
    (told,) = looked_through(tmp_path / "data", tmp_path / "scratch").unread
    assert "the rest was not looked into" in told.why


def test_a_packed_file_in_base64_that_is_larger_than_what_is_read_at_once_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    content = b"%PDF-1.7\n" + random.Random(0).randbytes(2 * SMALL_CHUNK_BYTES)
    (tmp_path / "data" / "a.json").write_bytes(b'{"a": "' + base64.b64encode(content) + b'"}')
    told = looked_through(tmp_path / "data", tmp_path / "scratch").unread
    assert Unread("a.json", "a packed file in base64 in it is larger than 1 MB") in told


def weights(*, at_end: bytes = b"") -> bytes:
    """As of an adapter: many kilobytes of names before the numbers, so that its beginning is a text."""
    names = {f"base_model.model.layers.{n}.lora_A.weight": {"dtype": "F32", "shape": [1]} for n in range(3_000)}
    head = json.dumps(names).encode()
    assert len(head) > file_kinds.SAMPLE_BYTES
    return struct.pack("<Q", len(head)) + head + random.Random(3).randbytes(1_000_000) + at_end


def test_weights_are_looked_into_where_the_person_may_stand_and_not_read_as_a_text(tmp_path: Path) -> None:
    (tmp_path / "adapter.safetensors").write_bytes(weights())
    reading = file_texts.Reading(no_databases, tmp_path / "scratch", PERSON.anchors())
    read = list(file_texts.texts_in(tmp_path / "adapter.safetensors", reading, shown="adapter"))
    # A million random bytes read as text in five codes took minutes.
    assert sum(len(one.text) for one in read) < 20_000
    assert reading.unread == []


def test_a_person_behind_the_numbers_of_weights_is_found(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "adapter.safetensors").write_bytes(weights(at_end=TEXT.encode()))
    (place,) = looked_through(tmp_path / "data", tmp_path / "scratch").places
    assert place.path == "adapter.safetensors"


@pytest.mark.parametrize("letter", ["\\", "<a", "=?", "= ", "&", "A", "%", "=\n", "\n", "From ", "(", "<0 "])
def test_a_file_of_nothing_but_signs_is_gone_over_once(letter: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text(letter * 300_000)
    begun = time.process_time()
    looked_through(tmp_path / "data", tmp_path / "scratch")
    # Gone over for each of its letters anew it would be hours.
    assert time.process_time() - begun < 20


def test_a_pdf_of_many_streams_is_gone_over_once(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    stream = b"stream\n" + zlib.compress(random.Random(5).randbytes(400)) + b"\nendstream\n"
    (tmp_path / "data" / "a.pdf").write_bytes(pdf(TEXT) + stream * 40_000)
    begun = time.process_time()
    found = looked_through(tmp_path / "data", tmp_path / "scratch")
    assert {place.path for place in found.places if place.n_certain} == {"a.pdf"}
    # Copied anew for each of them, what stands behind it alone took half a minute.
    assert time.process_time() - begun < 20
