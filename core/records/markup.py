"""Whether a text is HTML, and what becomes of it: Markdown, and the plain facts that stand in a page.

What reads tags, `html_trees`, is loaded with the first text that has any.
"""

from __future__ import annotations

import html
import re
from typing import Any

# Tags that help-desk exports and pages use; `a <b` in somebody's code is not one of them.
NAMES = (
    "p|br|hr|div|span|a|ul|ol|li|b|i|u|strong|em|h[1-6]|table|tr|td|th|thead|tbody|pre|code|blockquote|img|"
    "html|head|body|script|style|section|article|font|s|del|dl|dt|dd"
)
TAG = re.compile(rf"</?(?:{NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
CLOSED = re.compile(rf"</(?:{NAMES})\s*>|<(?:br|hr|img|p)\b[^<>]*>", re.IGNORECASE)
BLOCK_START = re.compile(r"\s*(?:<!doctype html|<!--|<(?:p|div|html|body|table|h[1-6]|ul|ol|section|article)\b)", re.I)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
# markdownify makes one pass of recursion a level; mail that was answered a hundred times stays below.
MAX_NESTING = 200


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
    from core.records.html_trees import markdown_of

    return markdown_of(source)


def html_facts(source: str) -> dict[str, Any]:
    """What a page says about itself: title (else its first heading), language, author, date, keywords, address."""
    from core.records.html_trees import facts_of

    return facts_of(source)
