"""HTML into Markdown, and the plain facts that stand in it (a title). Scripts and styles go."""

from __future__ import annotations

import html
import re
import warnings

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from markdownify import MarkdownConverter

warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning)
warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

# Tags that help-desk exports and pages use; `a <b` in somebody's code is not one of them.
TAG = re.compile(
    r"<(?:p|br|div|span|a|ul|ol|li|b|i|u|strong|em|h[1-6]|table|tr|td|pre|code|blockquote|img|html|body|script)\b[^>]*>",
    re.IGNORECASE,
)
BLANK_LINES = re.compile(r"\n{3,}")


def html_to_markdown(source: str) -> str:
    """Markdown of an HTML fragment or page; text without any tag only has its entities resolved."""
    if not TAG.search(source):
        return html.unescape(source).strip()
    soup = BeautifulSoup(source, "html.parser")
    for tag in soup(["script", "style", "noscript", "template"]):
        tag.decompose()
    markdown = MarkdownConverter(heading_style="ATX", bullets="-").convert_soup(soup.body or soup)
    lines = [line.rstrip() for line in markdown.replace("\xa0", " ").split("\n")]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def html_title(source: str) -> str:
    """The page's <title>, else its first heading, else nothing."""
    soup = BeautifulSoup(source, "html.parser")
    found = soup.title or soup.find(["h1", "h2"])
    return " ".join(found.get_text().split()) if found else ""
