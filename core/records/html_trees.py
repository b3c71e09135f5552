"""HTML as a tree of tags: its Markdown, and the plain facts that stand in a page. Scripts and styles go.

Loaded by `markup` with the first text that holds a tag: most hold none, and the parser should start at once.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from markdownify import MarkdownConverter

from core.records.markup import MAX_NESTING, NestedTooDeep

warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning)
warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

BLANK_LINES = re.compile(r"\n{3,}")
FACT_TAGS = {
    "author": "author",
    "article:author": "author",
    "date": "created_at",
    "article:published_time": "created_at",
    "keywords": "tags",
    "og:url": "url",
}

# People's underscores and asterisks stay as typed: a model would learn the backslashes.
_CONVERTER = MarkdownConverter(
    heading_style="ATX", bullets="-", escape_underscores=False, escape_asterisks=False, escape_misc=False
)


def markdown_of(source: str) -> str:
    """Markdown of an HTML fragment or page. Raises NestedTooDeep."""
    soup = BeautifulSoup(source, "html.parser")
    for tag in soup(["script", "style", "noscript", "template"]):
        tag.decompose()
    _check_nesting(soup)
    markdown = _CONVERTER.convert_soup(soup.body or soup)
    lines = [line.rstrip() for line in markdown.replace("\xa0", " ").split("\n")]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def facts_of(source: str) -> dict[str, Any]:
    """What a page says about itself: title (else its first heading), language, author, date, keywords, address."""
    soup = BeautifulSoup(source, "html.parser")
    titled = soup.title or soup.find(["h1", "h2"])
    facts: dict[str, Any] = {"title": " ".join(titled.get_text().split()) if titled else ""}
    if isinstance(soup.html, Tag) and soup.html.get("lang"):
        facts["language"] = str(soup.html["lang"])
    for tag in soup.find_all("meta"):
        field = FACT_TAGS.get(str(tag.get("name") or tag.get("property") or "").lower())
        if field and tag.get("content"):
            facts.setdefault(field, str(tag["content"]).strip())
    return facts


def _check_nesting(soup: BeautifulSoup) -> None:
    level: list[Tag] = [soup]
    for _ in range(MAX_NESTING):
        level = [child for tag in level for child in tag.children if isinstance(child, Tag)]
        if not level:
            return
    raise NestedTooDeep
