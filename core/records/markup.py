"""HTML into Markdown, and the plain facts that stand in a page. Scripts and styles go."""

from __future__ import annotations

import html
import re
import warnings
from typing import Any

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from markdownify import MarkdownConverter

warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning)
warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

# Tags that help-desk exports and pages use; `a <b` in somebody's code is not one of them.
NAMES = (
    "p|br|hr|div|span|a|ul|ol|li|b|i|u|strong|em|h[1-6]|table|tr|td|th|thead|tbody|pre|code|blockquote|img|"
    "html|head|body|script|style|section|article|font|s|del|dl|dt|dd"
)
TAG = re.compile(rf"</?(?:{NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
CLOSED = re.compile(rf"</(?:{NAMES})\s*>|<(?:br|hr|img|p)\b[^<>]*>", re.IGNORECASE)
BLOCK_START = re.compile(r"\s*(?:<!doctype html|<!--|<(?:p|div|html|body|table|h[1-6]|ul|ol|section|article)\b)", re.I)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
BLANK_LINES = re.compile(r"\n{3,}")
# markdownify makes one pass of recursion a level; mail that was answered a hundred times stays below.
MAX_NESTING = 200
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


class NestedTooDeep(ValueError):
    """The HTML has more levels than any writing has."""

    def __init__(self) -> None:
        super().__init__(f"HTML nested deeper than the {MAX_NESTING} levels that are read")


def looks_like_html(text: str) -> bool:
    """Whether a text is HTML: it begins with a block, or holds a closed tag outside of quoted code."""
    return bool(BLOCK_START.match(text)) or bool(CLOSED.search(CODE.sub("", text)))


def is_html_page(text: str) -> bool:
    """Whether a text is HTML as a whole, so that a Markdown text with a <br> in it stays as it is."""
    return bool(BLOCK_START.match(text)) and text.rstrip().endswith(">")


def html_to_markdown(source: str) -> str:
    """Markdown of an HTML fragment or page; text without any tag only has its entities resolved.

    Raises NestedTooDeep.
    """
    if not TAG.search(source):
        return html.unescape(source).strip()
    soup = BeautifulSoup(source, "html.parser")
    for tag in soup(["script", "style", "noscript", "template"]):
        tag.decompose()
    _check_nesting(soup)
    markdown = _CONVERTER.convert_soup(soup.body or soup)
    lines = [line.rstrip() for line in markdown.replace("\xa0", " ").split("\n")]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def html_facts(source: str) -> dict[str, Any]:
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
