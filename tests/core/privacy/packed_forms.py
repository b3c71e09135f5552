"""Files of every kind that an import takes, and of some that it does not, in which a sentence stands as programs write it: packed, coded, broken by markup."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from email.header import Header
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
from openpyxl import Workbook
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from tests.core.records.packed import ODS_MANIFEST, ODS_NAMESPACES, WORD, word_paragraph, write_docx

FILLING = "It is a long letter about vans and their drivers, and about ladders. " * 4


def halves(words: str) -> tuple[str, str]:
    """The sentence in two, parted within the name where there is one."""
    at = words.find("kott") if "kott" in words else len(words) // 2
    return words[:at], words[at:]


def as_entities(words: str) -> str:
    return "".join(f"&#{ord(one)};" if one in "aeiouöÖkt" else one for one in words)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(content: bytes, name: str = "b.bin") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def docx(words: str) -> bytes:
    """The name is broken over two runs of different looks."""
    first, last = halves(words)
    look = '<w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri"/><w:b/></w:rPr>'
    runs = f'<w:r><w:t xml:space="preserve">{first}</w:t></w:r><w:r>{look}<w:t xml:space="preserve">{last}</w:t></w:r>'
    return _written(lambda path: write_docx(path, word_paragraph(FILLING) + word_paragraph(runs)))


def docx_with_note(words: str) -> bytes:
    """In a comment, which no import reads."""
    note = f'<w:comments {WORD}><w:comment w:id="1" w:author="x"><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:comment></w:comments>'
    return _written(lambda path: write_docx(path, word_paragraph(FILLING), {"word/comments.xml": note}))


def xlsx(words: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text"])
    sheet.append([1, f"{FILLING}{words}"])
    return _written(lambda path: book.save(path))


def xlsx_hidden(words: str) -> bytes:
    """On a sheet that somebody hid."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text"])
    sheet.append([1, FILLING])
    hidden = book.create_sheet("kept back")
    hidden.sheet_state = "hidden"
    hidden.append(["id", "text"])
    hidden.append([1, words])
    return _written(lambda path: book.save(path))


def ods(words: str) -> bytes:
    first, last = halves(words)
    cells = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{one}</text:p></table:table-cell></table:table-row>'
        for one in ("text", f"{FILLING}<text:span>{first}</text:span>{last}")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {ODS_NAMESPACES}><office:body><office:spreadsheet><table:table table:name="Posts">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": ODS_MANIFEST,
            "content.xml": content,
        }
    )


def xls(words: str) -> bytes:
    """A workbook of before 2007: records of BIFF8 in a compound file, its text in letters of two bytes."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def label(row: int, column: int, text: str) -> bytes:
        return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))

    name = b"Posts"
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    end = record(0x000A, b"")
    place = len(begin) + 4 + 8 + len(name) + len(end)
    book = begin + record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name) + end
    cells = [("id", "text"), ("1", f"{FILLING[:60]}{words}")]
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += record(0x0200, struct.pack("<IIHHH", 0, len(cells), 0, 2, 0))
    sheet += b"".join(label(r, c, text) for r, row in enumerate(cells) for c, text in enumerate(row)) + end
    return compound("Workbook", book + sheet)


def compound(name: str, stream: bytes) -> bytes:
    """A compound file of one stream, which is filled up so that it is none of the small ones."""
    stream = stream.ljust(4096, b"\0")
    n_sectors = -(-len(stream) // 512)
    stream = stream.ljust(n_sectors * 512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 0) + b"\xff" * (108 * 4)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, n_sectors + 2), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")

    def entry(called: str, kind: int, child: int, start: int, size: int) -> bytes:
        letters = (called + "\0").encode("utf-16-le")
        told = letters.ljust(64, b"\0") + struct.pack("<HBBIII", len(letters), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return told + bytes(36) + struct.pack("<IQ", start, size)

    empty = bytes(68) + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF) + bytes(48)
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream)) + empty * 2
    return head + table + folder + stream


def epub(words: str) -> bytes:
    first, last = halves(words)
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A book</dc:title>'
        '</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    page = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>a</title></head>'
        f"<body><h1>One</h1><p>{FILLING}{first}<i>{last}</i></p></body></html>"
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "content.opf": package,
            "a.xhtml": page,
        }
    )


def pdf(words: str, **options: str) -> bytes:
    """Its text lies in a packed stream."""
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=A5, pageCompression=1, **options)
    for n in range(4):
        canvas.drawString(40, 500 - 14 * n, FILLING[:66])
    canvas.drawString(40, 440, words)
    canvas.showPage()
    canvas.save()
    return packed.getvalue()


def pdf_parted(words: str) -> bytes:
    """The name goes on in the next line."""
    first, last = halves(words)
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=A5, pageCompression=1)
    canvas.drawString(40, 500, f"{first}-")
    canvas.drawString(40, 486, last)
    canvas.showPage()
    canvas.save()
    return packed.getvalue()


def pdf_form(words: str) -> bytes:
    """In a field of a form."""
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=A5, pageCompression=1)
    canvas.drawString(40, 500, FILLING[:66])
    canvas.acroForm.textfield(name="to", value=words, x=40, y=300, width=300, height=30)
    canvas.showPage()
    canvas.save()
    return packed.getvalue()


def pdf_facts(words: str) -> bytes:
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=A5)
    canvas.setAuthor(words)
    canvas.drawString(40, 500, FILLING[:66])
    canvas.showPage()
    canvas.save()
    return packed.getvalue()


def mail(
    words: str, *, code: str = "base64", charset: str = "utf-8", attached: tuple[str, bytes] | None = None
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "post@example.net", "all@example.net", "News"
    message["Date"], message["Message-ID"] = "Mon, 05 Jan 2026 10:00:00 +0000", "<1@example.net>"
    message.set_content(f"{FILLING}\n\n{words}\n", charset=charset, cte=code)
    if attached:
        message.add_attachment(attached[1], maintype="application", subtype="octet-stream", filename=attached[0])
    return message.as_bytes()


def mail_html(words: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "post@example.net", "all@example.net", "News"
    first, last = halves(words)
    message.set_content(f"<p>{FILLING}</p><p>{as_entities(first)}<b>{last}</b></p>", subtype="html", cte="base64")
    return message.as_bytes()


def mail_subject(words: str) -> bytes:
    """In a header, whose coded words part the name."""
    coded = " ".join(Header(one, "utf-8").encode() for one in halves(words))
    return f"From: post@example.net\nTo: all@example.net\nSubject: {coded}\nDate: Mon, 05 Jan 2026 10:00:00 +0000\n\n{FILLING}\n".encode()


def mailbox(words: str) -> bytes:
    one = b"From post@example.net Mon Jan  5 10:00:00 2026\n"
    return one + mail("Nothing more.") + b"\n\n" + one + mail(words, code="quoted-printable") + b"\n"


def columnar(words: str) -> pa.Table:
    return pa.table({"id": ["1", "2"], "text": [FILLING, f"{FILLING}{words}"]})


def in_parquet(words: str) -> bytes:
    packed = io.BytesIO()
    nested = pa.array(
        [[{"role": "user", "content": words}]], pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    )
    parquet.write_table(pa.table({"n": [1], "messages": nested}), packed, compression="zstd")
    return packed.getvalue()


def in_feather(words: str) -> bytes:
    return _written(lambda path: feather.write_feather(columnar(words), str(path), compression="lz4"))


def in_stream(words: str) -> bytes:
    """As the library `datasets` saves it."""
    packed = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(packed, columnar(words).schema, options=options) as writer:
        writer.write_table(columnar(words))
    return packed.getvalue()


def in_csv(words: str, code: str = "utf-8") -> bytes:
    return f'id,text\n1,"{FILLING}"\n2,"{FILLING}{words}"\n'.encode(code)


def in_html(words: str) -> bytes:
    first, last = halves(words)
    return f"<!doctype html><html><body><h1>A letter</h1><p>{FILLING}</p><p>{as_entities(first)}<b>{last}</b></p></body></html>".encode()


def in_notes(words: str) -> bytes:
    head = json.dumps({"__metadata__": {"by": words}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(64)


def in_gzip(content: bytes, name: str) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=packed, mtime=0) as target:
        target.write(content)
    return packed.getvalue()


def zstd(content: bytes) -> bytes:
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as target:
        target.write(content)
    return packed.getvalue().to_pybytes()


def _written(write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(path)
        return path.read_bytes()


# What an import takes, by the name that it is sent under.
IMPORTED: dict[str, Callable[[str], bytes]] = {
    "latin.csv": lambda words: in_csv(words, "latin-1"),
    "wide.csv": lambda words: in_csv(words, "utf-16"),
    "rows.jsonl": lambda words: "\n".join(
        json.dumps({"id": n, "text": FILLING + one}) for n, one in enumerate(("", words))
    ).encode(),
    "page.html": in_html,
    "letter.docx": docx,
    "note.docx": docx_with_note,
    "book.xlsx": xlsx,
    "hidden.xlsx": xlsx_hidden,
    "sheet.ods": ods,
    "old.xls": xls,
    "book.epub": epub,
    "letter.pdf": pdf,
    "parted.pdf": pdf_parted,
    "form.pdf": pdf_form,
    "facts.pdf": pdf_facts,
    "base64.eml": mail,
    "quoted.eml": lambda words: mail(words, code="quoted-printable", charset="iso-8859-1"),
    "html.eml": mail_html,
    "subject.eml": mail_subject,
    "attached.eml": lambda words: mail("Nothing more.", attached=("letter.docx", docx(words))),
    "attached_pdf.eml": lambda words: mail("Nothing more.", attached=("letter.pdf", pdf(words))),
    "box.mbox": mailbox,
    "rows.parquet": lambda words: _written(lambda path: parquet.write_table(columnar(words), path, compression="zstd")),
    "rows.feather": in_feather,
    "rows.arrow": in_stream,
    "pages.zip": lambda words: zipped({"page.html": in_html(words), "letter.docx": docx(words)}),
    "rows.csv.gz": lambda words: gzip.compress(in_csv(words)),
    "rows.csv.bz2": lambda words: bz2.compress(in_csv(words)),
    "rows.csv.xz": lambda words: lzma.compress(in_csv(words)),
    "picture.html": lambda words: (
        f'<html><body><p>{FILLING}</p><object data="data:application/pdf;base64,{base64.b64encode(pdf(words)).decode()}"></object></body></html>'.encode()
    ),
    "link.md": lambda words: f"# A link\n\n{FILLING}\n\n[there](https://example.net/?to={quote(words)})\n".encode(),
}
