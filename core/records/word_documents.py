"""DOCX into Markdown: headings, lists, tables, links and footnotes, by way of plain HTML.

What a reader does not see is left out (comments, deleted text, the styles' own looks), and so are
pictures and the table of contents, which are said to be. Macros are never opened.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import mammoth
from bs4 import BeautifulSoup, Tag

from core.errors import UnreadableFile
from core.records.markup import html_to_markdown
from core.records.packages import DAMAGED, UNZIP_ERRORS, check_package, read_member, xml_of
from core.records.values import as_tags, shown

STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p > em:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name^='toc '] => !
"""
# What the library raises at XML that is none, or that lacks what every document has.
BROKEN = (*UNZIP_ERRORS, expat.ExpatError, AttributeError, TypeError, IndexError, RecursionError)
NOTE = re.compile(r"^#(?:footnote|endnote)-(?!ref-)")
NOTE_ID = re.compile(r"^(?:footnote|endnote)-(?!ref-)")
BACK = re.compile(r"^#(?:footnote|endnote)-ref-")
FACTS = {"title": "title", "creator": "author", "created": "date", "language": "language"}


@dataclass(frozen=True, slots=True)
class WordDocument:
    """body: Markdown. facts: what the file says about itself. n_pictures: left out of the body."""

    body: str
    facts: dict[str, Any]
    n_pictures: int


def read_docx(path: Path, name: str) -> WordDocument:
    """Raises UnreadableFile, and NestedTooDeep for tables in tables without end."""
    check_package(path, name)
    n_pictures = 0

    def leave_out(_: Any) -> list[Any]:
        nonlocal n_pictures
        n_pictures += 1
        return []

    try:
        with path.open("rb") as file:
            converted = mammoth.convert_to_html(
                file, style_map=STYLES, convert_image=leave_out, include_embedded_style_map=False
            )
        facts = _facts(path)
    except BROKEN as error:
        raise UnreadableFile(f"{name} cannot be read as a Word document: {shown(error)}.", remedy=DAMAGED) from error
    return WordDocument(html_to_markdown(_as_pages_have_it(converted.value)), facts, n_pictures)


def _as_pages_have_it(source: str) -> str:
    """The first row of a table is its header, and notes are Markdown's own."""
    soup = BeautifulSoup(source, "html.parser")
    for table in soup.find_all("table"):
        first = table.find("tr")
        if isinstance(first, Tag) and not table.find("th"):
            for cell in first.find_all("td", recursive=False):
                cell.name = "th"
        for words in table.find_all(string=re.compile(r"\|")):
            # Within a table a bar would begin another cell.
            words.replace_with(words.replace("|", "\\|"))
    numbers: dict[str, str] = {}
    for link in soup.find_all("a", href=NOTE):
        number = numbers.setdefault(str(link["href"]).lstrip("#"), str(len(numbers) + 1))
        (link.parent if link.parent and link.parent.name == "sup" else link).replace_with(f"[^{number}]")
    for note in soup.find_all("li", id=NOTE_ID):
        for back in note.find_all("a", href=BACK):
            back.decompose()
        paragraph = soup.new_tag("p")
        paragraph.append(f"[^{numbers.get(str(note['id']), '')}]: ")
        for child in list(note.children):
            paragraph.extend(list(child.children) if isinstance(child, Tag) and child.name == "p" else [child])
        note.name = "div"
        note.clear()
        note.append(paragraph)
        if note.parent and note.parent.name == "ol":
            note.parent.name = "div"
    return str(soup)


def _facts(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as opened:
        core = xml_of(read_member(opened, "docProps/core.xml"))
    if core is None:
        return {}
    texts = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in core}
    facts: dict[str, Any] = {ours: texts[theirs] for theirs, ours in FACTS.items() if texts.get(theirs)}
    return facts | ({"tags": as_tags(texts["keywords"])} if texts.get("keywords") else {})
