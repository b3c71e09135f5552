"""The text of PDFs: paragraphs, headings, what stands at the edges, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from core.errors import UnreadableFile
from core.records.formats import Format
from core.records.works import Work, read_work

WIDTH, HEIGHT = A5
LEFT, TOP, PITCH = 40, 500, 14


def pdf(tmp_path: Path, pages: list[list[str]], *, encrypt: str | None = None, **edges: str) -> Work:
    """pages: lines from the top; an empty one leaves a gap, one that begins with # is in larger type, with > further in.

    head, foot: what stands at the edge of every page, with {n} for its number.
    """
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=A5, encrypt=encrypt)
    canvas.setTitle("A template")
    canvas.setAuthor("Ann")
    for number, lines in enumerate(pages, start=1):
        for words, y in ((edges.get("head", ""), HEIGHT - 25), (edges.get("foot", ""), 20)):
            canvas.setFont("Times-Roman", 9)
            canvas.drawString(LEFT, y, words.format(n=number))
        for i, line in enumerate(lines):
            canvas.setFont("Times-Roman", 18 if line.startswith("#") else 11)
            canvas.drawString(LEFT + (12 if line.startswith(">") else 0), TOP - i * PITCH, line.lstrip("#>"))
        canvas.showPage()
    canvas.save()
    return read_work(Format.PDF, path, "a.pdf")


def body_of(work: Work) -> str:
    (record,) = work.records
    body = record.content["body"]
    assert isinstance(body, str)
    return body


def test_lines_are_joined_to_paragraphs_and_gaps_part_them(tmp_path: Path) -> None:
    work = pdf(
        tmp_path, [["A paragraph of more than one line goes on", "here and ends.", "", "Another one", "follows."]]
    )
    assert body_of(work) == "A paragraph of more than one line goes on here and ends.\n\nAnother one follows."


def test_a_word_parted_at_a_lines_end_is_mended(tmp_path: Path) -> None:
    assert body_of(pdf(tmp_path, [["This is a docu-", "ment."]])) == "This is a document."


def test_a_words_own_hyphen_stays_where_the_text_has_it_elsewhere(tmp_path: Path) -> None:
    lines = ["A well-known thing is well-known, and a well-", "known one stays so."]
    assert body_of(pdf(tmp_path, [lines])) == "A well-known thing is well-known, and a well-known one stays so."


def test_larger_type_is_a_heading(tmp_path: Path) -> None:
    lines = [
        "#On mail",
        "",
        "Text of the first part, in the usual type.",
        "",
        "#On post",
        "",
        "Text of the second part.",
    ]
    assert body_of(pdf(tmp_path, [lines])) == (
        "# On mail\n\nText of the first part, in the usual type.\n\n# On post\n\nText of the second part."
    )


def test_a_list_stays_a_list(tmp_path: Path) -> None:
    lines = ["Take with you", "\x95 a pen, and what is needed to", ">write with it", "\x95 paper"]
    assert body_of(pdf(tmp_path, [lines])) == "Take with you\n\n- a pen, and what is needed to write with it\n\n- paper"


def test_a_sentence_goes_on_over_the_page(tmp_path: Path) -> None:
    work = pdf(tmp_path, [["A sentence that does not end on"], ["this page. It is over."]])
    assert body_of(work) == "A sentence that does not end on this page. It is over."


def test_what_repeats_at_the_edge_of_pages_is_left_out_and_said_so(tmp_path: Path) -> None:
    work = pdf(tmp_path, [[f"Text {word}."] for word in ("one", "two", "three")], head="ACME", foot="Page {n} of 3")
    assert body_of(work) == "Text one.\n\nText two.\n\nText three."
    assert sorted((row.row, row.value) for row in work.left_out) == [(1, "ACME"), (1, "Page 1 of 3")]
    assert {row.reason for row in work.left_out} == {
        "It stands at the edge of 3 pages (header, footer or page number) and was left out."
    }


def test_one_page_alone_has_no_edges(tmp_path: Path) -> None:
    assert body_of(pdf(tmp_path, [["Text of the usual size."]], head="Stays")) == "Stays\n\nText of the usual size."


def test_a_table_of_contents_is_left_out_and_said_so(tmp_path: Path) -> None:
    work = pdf(tmp_path, [["1 On mail . . . . . . . . . 3", "2 On post ................ 4", "", "Text."]])
    assert body_of(work) == "Text."
    assert [row.reason for row in work.left_out] == ["The table of contents was left out: 2 lines with a page number."]


def test_the_title_is_the_one_heading_at_the_top_else_the_files_own(tmp_path: Path) -> None:
    assert pdf(tmp_path, [["#On mail", "", "Text in the usual type."]]).records[0].title == "On mail"
    (record,) = pdf(tmp_path, [["Text."]]).records
    assert (record.title, record.meta["author"]) == ("A template", "Ann")


def test_a_scan_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"pictures of its 2 pages and no text.*text recognition"):
        pdf(tmp_path, [[], []])


def test_a_page_without_text_is_named(tmp_path: Path) -> None:
    work = pdf(tmp_path, [["Text."], [], ["More."]])
    assert [(row.row, row.reason) for row in work.left_out] == [
        (2, "No text stands on page 2: blank, or a picture. Run text recognition (OCR) over it, and send the result.")
    ]


def test_a_password_is_said_to_be_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="protected by a password"):
        pdf(tmp_path, [["Text."]], encrypt="secret")


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n" + b"\x00\xff" * 400, b"%PDF-1.4 and nothing more", b"%PDF-1.4\n1 0 obj\n<<"]
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_work(Format.PDF, path, "a.pdf")
