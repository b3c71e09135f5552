"""Real files of every kind, and what becomes of them when a few bytes are flipped, cut, repeated or put in."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as parquet
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from tests.core.records.packed import ods_row, word_paragraph, write_docx, write_ods, write_package

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
ROWS = [
    {"id": "1", "title": "One, two", "body": 'A "quoted" text\nof two lines, with Grüße.'},
    {"id": "2", "title": "", "body": "=1+1 is what a spreadsheet would count. 😀"},
]
NASTY = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\n", b"\r", b"\r\n", b",", b";", b"\t", b"{", b"}", b"[", b"]", b":", b"<", b">", b"&#0;",
    b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\xed\xa0\x80", b"\\ud800", b"1e999", b"NaN", b"-0", b"9" * 40, b"[" * 3_000, b'{"a":' * 600,
    "\u2028\u0085\u202e".encode(), b"../../x", b"From a@b Tue Jan  2 10:00:00 2024\n", b"\n---\n", b"# ", b"!!timestamp x", b"!!bool x", b"!!int ''",
    b"2001-99-99", b"0x" + b"f" * 40, b"&a [*a]", b"? [a]\n: b\n", b"(" * 50, b"%s%s%s", b"null", b"true",
]  # fmt: skip


def csv_of(mark: str) -> bytes:
    return f'id{mark}title{mark}body\n1{mark}"One, two"{mark}"A ""quoted"" text\nof two lines"\n2{mark}Zwei{mark}Grüße\n'.encode()


def html() -> bytes:
    return b"<!doctype html><html><head><title>A</title></head><body><h1>A</h1><p>One <b>two</b></p><ul><li>x</li></ul></body></html>"


def epub(path: Path) -> bytes:
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/a.opf"/></rootfiles></container>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest><item id="a" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/a.opf": package,
        "OEBPS/one.xhtml": "<html><body><h1>One</h1><p>A chapter.</p></body></html>",
    }  # fmt: skip
    return write_package(path, parts).read_bytes()


def workbook() -> bytes:
    made, target = openpyxl.Workbook(), io.BytesIO()
    for row in (list(ROWS[0]), *(list(row.values()) for row in ROWS)):
        made.active.append(row)
    made.save(target)
    return target.getvalue()


def pdf() -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pageCompression=0)
    for number in (1, 2):
        canvas.drawString(60, 700, f"A line of page {number}.")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def columnar(*, is_arrow: bool) -> bytes:
    table, target = pa.Table.from_pylist(ROWS), io.BytesIO()
    if is_arrow:
        with pa.ipc.new_file(target, table.schema) as writer:
            writer.write_table(table)
    else:
        parquet.write_table(table, target)
    return target.getvalue()


def mail() -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann <ann@example.org>", "bob@example.org", "Grüße"
    made["Date"], made["Message-ID"] = "Tue, 02 Jan 2024 10:00:00 +0100", "<a@example.org>"
    made.set_content("It does not print.\n")
    made.add_alternative("<p>It does not <b>print</b>.</p>", subtype="html")
    return made.as_bytes()


def post() -> bytes:
    return next(iter(sorted((SAMPLE / "voice" / "posts").glob("*.md")))).read_bytes()


def threads() -> bytes:
    return b"".join((SAMPLE / "support" / "threads.jsonl").read_bytes().splitlines(keepends=True)[:3])


def seeds() -> dict[str, bytes]:
    """A small sound file of every kind that is read, by its ending."""
    mailbox = b"From ann@example.org Tue Jan  2 10:00:00 2024\n" + mail() + b"\n\n"
    with tempfile.TemporaryDirectory() as folder:
        some = Path(folder) / "a"
        table = f'<table:table table:name="S">{ods_row("id", "body")}{ods_row("1", "Text.")}</table:table>'
        return {
            ".csv": csv_of(","), ".tsv": csv_of("\t"), ".json": json.dumps(ROWS).encode(), ".jsonl": threads(),
            ".parquet": columnar(is_arrow=False), ".arrow": columnar(is_arrow=True), ".md": post(), ".html": html(),
            ".txt": b"A text.\n\nOf two paragraphs.\n", ".srt": b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n",
            ".xlsx": workbook(), ".ods": write_ods(some, table).read_bytes(), ".docx": write_docx(some, word_paragraph("Text.")).read_bytes(),
            ".epub": epub(some), ".pdf": pdf(), ".mbox": mailbox * 2, ".eml": mail(),
            ".zip": write_package(some, {"one.md": b"# One\n\nText.", "in/two.csv": csv_of(",")}).read_bytes(),
            ".csv.gz": gzip.compress(csv_of(","), mtime=0), ".jsonl.bz2": bz2.compress(threads()), ".md.xz": lzma.compress(post()),
        }  # fmt: skip


def mutated(seed: bytes) -> st.SearchStrategy[bytes]:
    """The file with one to five changes."""
    return st.lists(
        st.tuples(
            st.sampled_from(("flip", "cut", "insert", "repeat", "end")), st.floats(0, 1), st.integers(1, 255), st.sampled_from(NASTY)
        ),
        min_size=1, max_size=5,
    ).map(lambda changes: _changed(seed, changes))  # fmt: skip


def mutated_inside(ending: str, seed: bytes) -> st.SearchStrategy[bytes]:
    """As `mutated`; of what is packed also what lies inside, which a changed byte of the package would only hide."""
    packing: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
        ".gz": (gzip.decompress, lambda content: gzip.compress(content, mtime=0)),
        ".bz2": (bz2.decompress, bz2.compress),
        ".xz": (lzma.decompress, lzma.compress),
    }
    if zipfile.is_zipfile(io.BytesIO(seed)):
        with zipfile.ZipFile(io.BytesIO(seed)) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
        inside = st.sampled_from(sorted(parts)).flatmap(
            lambda name: mutated(parts[name]).map(lambda content: _zipped(parts | {name: content}))
        )
        return st.one_of(inside, mutated(seed))
    for last, (unpack, pack) in packing.items():
        if ending.endswith(last):
            return st.one_of(mutated(unpack(seed)).map(pack), mutated(seed))
    return mutated(seed)


def _zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _changed(seed: bytes, changes: list[tuple[str, float, int, bytes]]) -> bytes:
    content = bytearray(seed)
    for kind, where, n, nasty in changes:
        place = int(where * len(content))
        match kind:
            case "flip" if place < len(content):
                content[place] ^= n
            case "cut":
                del content[place : place + n]
            case "insert":
                content[place:place] = nasty
            case "repeat":
                content[place:place] = content[place : place + n] * 2
            case "end":
                del content[place:]
    return bytes(content)
