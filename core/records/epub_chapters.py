"""EPUB into chapters: the files of the reading order, cut where the book's own table of contents says.

A file that the contents do not name goes on with the chapter before it; one that they name more
than once is cut at the places they point at.

Not covered: books behind a seller's protection, which are refused; pictures.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from bs4 import BeautifulSoup, Tag

from core.errors import UnreadableFile
from core.records.encoding import decode
from core.records.markup import html_to_markdown
from core.records.packages import DAMAGED, UNZIP_ERRORS, check_package, read_member, xml_of
from core.records.values import shown

PAGES = frozenset({"application/xhtml+xml", "text/html"})
FACTS = {"title": "title", "creator": "author", "date": "date", "language": "language", "subject": "tags"}
# Stands in a page where a chapter begins, until the page is Markdown.
MARK = re.compile("\ue000(\\d+)\ue001")


@dataclass(slots=True)
class Chapter:
    """number: place in the reading order, from 1. title: as the contents name it, else nothing."""

    number: int
    title: str
    parts: list[str] = field(default_factory=list)

    @property
    def body(self) -> str:
        return "\n\n".join(part for part in self.parts if part)


@dataclass(frozen=True, slots=True)
class Book:
    """facts: what the book says about itself. chapters: in reading order, also those without text."""

    facts: dict[str, Any]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the contents. place: id within the file; empty for its start."""

    title: str
    place: str


def read_epub(path: Path, name: str) -> Book:
    """Raises UnreadableFile for the book as a whole, and NestedTooDeep."""
    check_package(path, name)
    try:
        with zipfile.ZipFile(path) as opened:
            return _read(opened, name)
    except UNZIP_ERRORS as error:
        raise UnreadableFile(f"{name} cannot be read as a book: {shown(error)}.", remedy=DAMAGED) from error


def _read(opened: zipfile.ZipFile, name: str) -> Book:
    container = xml_of(read_member(opened, "META-INF/container.xml"))
    root = container.find("{*}rootfiles/{*}rootfile") if container is not None else None
    package_path = root.get("full-path", "") if root is not None else ""
    package = xml_of(read_member(opened, package_path))
    if package is None:
        raise UnreadableFile(f"{name} has no list of its contents, as every EPUB has.", remedy=DAMAGED)
    folder = posixpath.dirname(package_path)
    items = {item.get("id", ""): item for item in package.iterfind("{*}manifest/{*}item")}
    order = [
        items[ref.get("idref", "")] for ref in package.iterfind("{*}spine/{*}itemref") if ref.get("idref") in items
    ]
    pages = [(_within(folder, item), item) for item in order if item.get("media-type") in PAGES]
    _refuse_protected(opened, [path for path, _ in pages], name)
    contents = _contents(opened, package, items, folder)
    return Book(_facts(package), tuple(_chapters(opened, pages, contents, name)))


def _chapters(
    opened: zipfile.ZipFile, pages: list[tuple[str, Element]], contents: dict[str, list[_Entry]], name: str
) -> list[Chapter]:
    chapters: list[Chapter] = []
    for number, (path, item) in enumerate(pages, start=1):
        if "nav" in item.get("properties", "").split():
            continue
        entries = contents.get(path, [])
        content = read_member(opened, path)
        pieces = _cut(decode(content, name).text, entries) if content.strip() else [(None, "")]
        for entry, text in pieces:
            if entry is None and chapters and contents:
                chapters[-1].parts.append(text)
            else:
                chapters.append(Chapter(number, entry.title if entry else "", [text]))
    return chapters


def _cut(source: str, entries: list[_Entry]) -> list[tuple[_Entry | None, str]]:
    """The Markdown of a page, cut where an entry of the contents points; what stands before the first has no entry."""
    soup = BeautifulSoup(source, "html.parser")
    opening = next((entry for entry in entries if not entry.place), None)
    for i, entry in enumerate(entries):
        target = soup.find(id=entry.place) if entry.place else None
        if isinstance(target, Tag):
            mark = soup.new_tag("p")
            mark.string = f"\ue000{i}\ue001"
            target.insert_before(mark)
    first, *rest = MARK.split(html_to_markdown(str(soup)))
    if opening is None and len(entries) == 1 and not rest:
        opening = entries[0]
    pieces: list[tuple[_Entry | None, str]] = [(opening, first.strip())]
    return pieces + [(entries[int(i)], text.strip()) for i, text in zip(rest[::2], rest[1::2], strict=True)]


def _contents(
    opened: zipfile.ZipFile, package: Element, items: dict[str, Element], folder: str
) -> dict[str, list[_Entry]]:
    """The entries of the contents by the file they point into: of the navigation page, else of the older NCX."""
    contents: dict[str, list[_Entry]] = {}
    nav = next((item for item in items.values() if "nav" in item.get("properties", "").split()), None)
    spine = package.find("{*}spine")
    ncx = items.get(spine.get("toc", "")) if spine is not None else None
    lines: Iterator[tuple[int, str, str]] = iter(())
    start = folder
    if nav is not None:
        start = posixpath.dirname(_within(folder, nav))
        lines = _nav_lines(read_member(opened, _within(folder, nav)))
    elif ncx is not None:
        start = posixpath.dirname(_within(folder, ncx))
        lines = _ncx_lines(xml_of(read_member(opened, _within(folder, ncx))))
    for depth, title, href in lines:
        target, _, place = unquote(href).partition("#")
        found = contents.setdefault(posixpath.normpath(posixpath.join(start, target)), [])
        # A section within a chapter is no chapter of its own.
        if not found or (depth == 1 and place):
            found.append(_Entry(title, place))
    return contents


def _nav_lines(content: bytes) -> Iterator[tuple[int, str, str]]:
    soup = BeautifulSoup(content, "html.parser")
    found = soup.find("nav", attrs={"epub:type": "toc"}) or soup.find("nav")
    for link in found.find_all("a", href=True) if isinstance(found, Tag) else []:
        yield len(link.find_parents("ol")), " ".join(link.get_text().split()), str(link["href"])


def _ncx_lines(root: Element | None) -> Iterator[tuple[int, str, str]]:
    waiting = [(1, point) for point in root.iterfind("{*}navMap/{*}navPoint")] if root is not None else []
    while waiting:
        depth, point = waiting.pop(0)
        label, content = point.find("{*}navLabel/{*}text"), point.find("{*}content")
        if content is not None:
            title = " ".join((label.text or "").split()) if label is not None else ""
            yield depth, title, content.get("src", "")
        waiting = [(depth + 1, inner) for inner in point.iterfind("{*}navPoint")] + waiting


def _refuse_protected(opened: zipfile.ZipFile, pages: list[str], name: str) -> None:
    """Fonts may be garbled by their maker; a garbled page is a seller's protection."""
    encryption = xml_of(read_member(opened, "META-INF/encryption.xml"))
    if encryption is None:
        return
    garbled = {unquote(reference.get("URI", "")) for reference in encryption.iter() if reference.get("URI")}
    if garbled & set(pages):
        raise UnreadableFile(
            f"{name} is protected against copying (DRM).", remedy="Send the book as its publisher has it, unprotected."
        )


def _facts(package: Element) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    metadata = package.find("{*}metadata")
    for element in metadata if metadata is not None else []:
        field_name = FACTS.get(element.tag.rpartition("}")[2])
        text = " ".join((element.text or "").split())
        if field_name in ("tags", "author") and text:
            facts.setdefault(field_name, []).append(text)
        elif field_name and text:
            facts.setdefault(field_name, text)
    return facts


def _within(folder: str, item: Element) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
