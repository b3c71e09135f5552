"""EPUB into chapters, in reading order, under the titles of the book's own contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.records.formats import Format
from core.records.works import Work, read_work
from tests.core.records.packed import LAUGHS, write_package

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>Ignored</title></head><body>{body}</body></html>"
    )


def opf(order: list[str], *, extra: str = "", toc: str = "") -> str:
    items = "".join(
        f'<item id="i{i}" href="{name}" media-type="application/xhtml+xml"/>' for i, name in enumerate(order)
    )
    refs = "".join(f'<itemref idref="i{i}"/>' for i in range(len(order)))
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>The Book</dc:title><dc:creator>Ann</dc:creator><dc:date>2024-01-02</dc:date><dc:language>en</dc:language>"
        f'</metadata><manifest>{items}{extra}</manifest><spine toc="{toc}">{refs}</spine></package>'
    )


NAV_ITEM = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'


def nav(*links: tuple[str, str]) -> str:
    lines = "".join(f'<li><a href="{href}">{title}</a></li>' for href, title in links)
    return page(f'<nav epub:type="toc"><ol>{lines}</ol></nav>')


def book(tmp_path: Path, parts: dict[str, str], package: str) -> Work:
    files: dict[str, str | bytes] = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}
    files |= {"OEBPS/content.opf": package} | {
        name.removeprefix("../") if name.startswith("../") else f"OEBPS/{name}": content
        for name, content in parts.items()
    }
    return read_work(Format.EPUB, write_package(tmp_path / "b.epub", files), "b.epub")


def titles_and_bodies(work: Work) -> list[tuple[str, str]]:
    return [(record.title, record.content["body"]) for record in work.records]


def test_chapters_come_in_reading_order_under_the_titles_of_the_contents(tmp_path: Path) -> None:
    parts = {
        "two.xhtml": page("<h1>II</h1><p>Later.</p>"),
        "one.xhtml": page("<h1>I</h1><p>First <em>words</em>.</p>"),
        "nav.xhtml": nav(("one.xhtml", "The beginning"), ("two.xhtml", "The end")),
    }
    work = book(tmp_path, parts, opf(["one.xhtml", "two.xhtml"], extra=NAV_ITEM))
    assert titles_and_bodies(work) == [("The beginning", "# I\n\nFirst *words*."), ("The end", "# II\n\nLater.")]
    assert work.left_out == []


def test_a_chapter_knows_its_book(tmp_path: Path) -> None:
    work = book(tmp_path, {"one.xhtml": page("<h1>I</h1><p>Text.</p>")}, opf(["one.xhtml"]))
    (record,) = work.records
    assert (record.external_id, record.row, record.title) == ("b.epub#1", 1, "I")
    assert record.meta == {
        "author": "Ann", "created_at": "2024-01-02", "language": "en", "extra": {"book": "The Book"},
    }  # fmt: skip


def test_a_file_that_the_contents_do_not_name_goes_on_with_the_chapter(tmp_path: Path) -> None:
    parts = {
        "title.xhtml": page("<p>The Book</p>"),
        "one.xhtml": page("<p>First.</p>"),
        "one-b.xhtml": page("<p>More.</p>"),
        "nav.xhtml": nav(("one.xhtml", "One")),
    }
    work = book(tmp_path, parts, opf(["title.xhtml", "one.xhtml", "one-b.xhtml"], extra=NAV_ITEM))
    assert titles_and_bodies(work) == [("The Book, part 1", "The Book"), ("One", "First.\n\nMore.")]


def test_a_file_of_several_chapters_is_cut_where_the_contents_point(tmp_path: Path) -> None:
    parts = {
        "all.xhtml": page('<h2 id="a">A</h2><p>First.</p><div><h2 id="b">B</h2><p>Second.</p></div>'),
        "nav.xhtml": nav(("all.xhtml#a", "One"), ("all.xhtml#b", "Two")),
    }
    work = book(tmp_path, parts, opf(["all.xhtml"], extra=NAV_ITEM))
    assert titles_and_bodies(work) == [("One", "## A\n\nFirst."), ("Two", "## B\n\nSecond.")]


def test_sections_within_a_chapter_are_no_chapters(tmp_path: Path) -> None:
    inner = '<ol><li><a href="one.xhtml">One</a><ol><li><a href="one.xhtml#s">Section</a></li></ol></li></ol>'
    parts = {
        "one.xhtml": page('<p>First.</p><h2 id="s">Section</h2><p>More.</p>'),
        "nav.xhtml": page(f'<nav epub:type="toc">{inner}</nav>'),
    }
    work = book(tmp_path, parts, opf(["one.xhtml"], extra=NAV_ITEM))
    assert [title for title, _ in titles_and_bodies(work)] == ["One"]


def test_the_older_contents_give_titles_too(tmp_path: Path) -> None:
    ncx = (
        '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx.dtd">'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint id="p"><navLabel><text>The beginning</text>'
        '</navLabel><content src="one%20a.xhtml"/></navPoint></navMap></ncx>'
    )
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    parts = {"one a.xhtml": page("<p>First.</p>"), "toc.ncx": ncx}
    work = book(tmp_path, parts, opf(["one%20a.xhtml"], extra=item, toc="ncx"))
    assert titles_and_bodies(work) == [("The beginning", "First.")]


def test_a_cover_without_text_is_listed_as_left_out(tmp_path: Path) -> None:
    parts = {"cover.xhtml": page('<svg><image href="c.png"/></svg>'), "one.xhtml": page("<h1>I</h1><p>Text.</p>")}
    work = book(tmp_path, parts, opf(["cover.xhtml", "one.xhtml"]))
    assert [record.title for record in work.records] == ["I"]
    assert [(row.row, row.reason) for row in work.left_out] == [
        (1, "The chapter holds no text: a cover, or pictures alone.")
    ]


def test_a_protected_book_is_refused(tmp_path: Path) -> None:
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData><CipherData>'
        '<CipherReference URI="OEBPS/one.xhtml"/></CipherData></EncryptedData></encryption>'
    )
    with pytest.raises(UnreadableFile, match="protected against copying"):
        book(tmp_path, {"one.xhtml": "garbled", "../META-INF/encryption.xml": encryption}, opf(["one.xhtml"]))


def test_a_book_without_its_list_of_contents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no list of its contents"):
        book(tmp_path, {}, "no XML")


def test_entities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="declares entities"):
        book(tmp_path, {"one.xhtml": LAUGHS + "<html><body>&lol9;</body></html>"}, opf(["one.xhtml"]))
