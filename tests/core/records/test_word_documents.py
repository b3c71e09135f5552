"""DOCX into one document: what of it is kept, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.records.formats import Format
from core.records.works import Work, read_work
from tests.core.records.packed import LAUGHS, WORD, word_paragraph, write_docx

ITEM = '<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
PICTURE = (
    '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData>'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
    '<a:blip r:embed="P1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
)
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>A template</dc:title>'
    "<dc:creator>Ann</dc:creator><dcterms:created>2024-01-02T03:04:05Z</dcterms:created><cp:keywords>mail, help</cp:keywords>"
    "</cp:coreProperties>"
)


def word(tmp_path: Path, body: str, extra: dict[str, str | bytes] | None = None, prologue: str = "") -> Work:
    return read_work(Format.DOCX, write_docx(tmp_path / "a.docx", body, extra, prologue), "posts/a.docx")


def body_of(work: Work) -> str:
    (record,) = work.records
    body = record.content["body"]
    assert isinstance(body, str)
    return body


def test_headings_lists_and_emphasis_become_markdown(tmp_path: Path) -> None:
    bold = "<w:r><w:t>So </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>bold</w:t></w:r>"
    work = word(
        tmp_path,
        word_paragraph("On mail", "T") + word_paragraph("First", "H1") + word_paragraph(bold)
        + word_paragraph("one", properties=ITEM.format(level=0)) + word_paragraph("within", properties=ITEM.format(level=1))
        + word_paragraph("two", properties=ITEM.format(level=0)) + word_paragraph("Said.", "Q"),
    )  # fmt: skip
    assert body_of(work) == "# On mail\n\n# First\n\nSo **bold**\n\n- one\n  - within\n- two\n\n> Said."


def test_the_first_row_of_a_table_is_its_header_and_bars_stay_in_their_cell(tmp_path: Path) -> None:
    rows = [("name", "use"), ("a|b", "both")]
    cells = ["".join(f"<w:tc>{word_paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    work = word(tmp_path, "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>")
    assert body_of(work) == "| name | use |\n| --- | --- |\n| a\\|b | both |"


def test_links_and_footnotes_are_kept(tmp_path: Path) -> None:
    text = (
        '<w:r><w:t>See </w:t></w:r><w:hyperlink r:id="L1"><w:r><w:t>the site</w:t></w:r></w:hyperlink>'
        '<w:r><w:footnoteReference w:id="2"/></w:r>'
    )
    notes = f'<w:footnotes {WORD}><w:footnote w:id="2">{word_paragraph("As it was.")}</w:footnote></w:footnotes>'
    work = word(tmp_path, word_paragraph(text), {"word/footnotes.xml": notes})
    assert body_of(work) == "See [the site](https://example.org/)[^1]\n\n[^1]: As it was."


def test_the_files_own_facts_are_kept_and_its_title_gives_way_to_the_heading(tmp_path: Path) -> None:
    work = word(tmp_path, word_paragraph("On mail", "T") + word_paragraph("Text."), {"docProps/core.xml": CORE})
    (record,) = work.records
    assert (record.external_id, record.title) == ("posts/a.docx", "On mail")
    assert record.meta == {"author": "Ann", "created_at": "2024-01-02T03:04:05Z", "tags": ["mail", "help"]}


def test_pictures_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    work = word(tmp_path, word_paragraph("Text.") + word_paragraph(PICTURE), {"word/media/one.png": b"\x89PNG"})
    assert body_of(work) == "Text."
    assert [row.reason for row in work.left_out] == ["1 picture of the document was left out: only text is learnt."]


def test_the_table_of_contents_and_deleted_text_are_not_read(tmp_path: Path) -> None:
    deleted = "<w:del><w:r><w:delText>not </w:delText></w:r></w:del><w:ins><w:r><w:t>really </w:t></w:r></w:ins><w:r><w:t>so</w:t></w:r>"
    assert body_of(word(tmp_path, word_paragraph("First 3", "C1") + word_paragraph(deleted))) == "really so"


def test_a_file_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="holds no text"):
        word(tmp_path, word_paragraph(""))


def test_entities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="declares entities"):
        word(tmp_path, word_paragraph("&lol9;"), prologue=LAUGHS)


@pytest.mark.parametrize(
    "extra",
    [
        {"word/document.xml": "<w:document"},
        {"word/document.xml": f"<w:document {WORD}/>"},
        {"word/document.xml": b"\xff\xfe\x00"},
        {"_rels/.rels": "no XML"},
        {"word/styles.xml": "<x/>", "word/numbering.xml": "<"},
    ],
)
def test_broken_parts_are_refused_with_a_reason(tmp_path: Path, extra: dict[str, str | bytes]) -> None:
    with pytest.raises(UnreadableFile, match=r"a\.docx (cannot be read as a Word document|holds no text)"):
        word(tmp_path, word_paragraph("Text."), extra)


def test_tables_in_tables_without_end_are_refused(tmp_path: Path) -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 300 + word_paragraph("x") + "</w:tc></w:tr></w:tbl>" * 300
    with pytest.raises(UnreadableFile):
        word(tmp_path, deep)


def test_macros_are_never_looked_at(tmp_path: Path) -> None:
    path = write_docx(
        tmp_path / "a.docm", word_paragraph("Text."), {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"x" * 99}
    )
    assert body_of(read_work(Format.DOCX, path, "a.docm")) == "Text."
