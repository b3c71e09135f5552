"""HTML that was left inside Markdown, as Markdown; wrappers that only lay out go, comments too.

Only whole elements are converted, by the same converter that reads HTML at import; a tag without its end,
and text that speaks of tags (`&lt;br&gt;`), stay as they are.
"""

from __future__ import annotations

import re

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import prose_spans
from core.records.markup import CODE, TAG, NestedTooDeep, html_to_markdown

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
NAMED = re.compile(r"<(/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?(/?)>", re.IGNORECASE)
VOID = frozenset({"br", "hr", "img"})
WRAPPERS = frozenset({"div", "span", "section", "article", "font", "center", "p", "body", "html"})
BLANK_LINE = re.compile(r"\n[ \t]*\n")


def convert_markup(text: str, around: Around) -> list[Change]:
    if "<" not in text:
        return []
    changes: list[Change] = []
    for start, end in prose_spans(text):
        changes += [
            Change(start + m.start(), start + m.end(), "", "comment") for m in COMMENT.finditer(text[start:end])
        ]
    taken = [(change.start, change.end) for change in changes]
    for start, end in prose_spans(text):
        for change in _elements(text, start, end):
            if not any(a < change.end and change.start < b for a, b in taken):
                changes.append(change)
    return changes


def _elements(text: str, start: int, end: int) -> list[Change]:
    """Changes for the outermost whole elements, one after the other."""
    changes: list[Change] = []
    at = start
    while (tag := NAMED.search(text, at, end)) is not None:
        at = tag.end()
        name = tag[2].lower()
        if tag[1] or not TAG.fullmatch(tag[0]):
            continue
        close = (tag.start(), tag.end()) if name in VOID else _close_of(text, name, tag.end(), end)
        if close is None:
            continue
        found = _conversion(text, name, (tag.start(), tag.end()), close)
        if found:
            changes += found
            at = close[1]
    return changes


def _close_of(text: str, name: str, at: int, end: int) -> tuple[int, int] | None:
    """Where the element's end tag stands; elements of the same name inside it are passed over."""
    depth = 1
    for tag in NAMED.finditer(text, at, end):
        if tag[2].lower() != name or tag[3]:
            continue
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.start(), tag.end()
    return None


def _conversion(text: str, name: str, opened: tuple[int, int], closed: tuple[int, int]) -> list[Change]:
    inner = text[opened[1] : closed[0]]
    if name in WRAPPERS and (BLANK_LINE.search(inner) or not TAG.search(inner)) and name not in VOID:
        # What is inside is Markdown already; read as HTML it would lose its lines.
        return [Change(*opened, "", "tags that only lay out"), Change(*closed, "", "tags that only lay out")]
    try:
        put = _line_break(text, opened[0]) if name == "br" else html_to_markdown(text[opened[0] : closed[1]])
    except NestedTooDeep:
        return []
    if TAG.search(CODE.sub("", put)):
        return []
    before = inner[: len(inner) - len(inner.lstrip(" "))] if put else ""
    after = inner[len(inner.rstrip(" ")) :] if put else ""
    reason = f"<{name}> as Markdown" if put else f"<{name}>, which says nothing to a reader"
    return [Change(opened[0], closed[1], before + put + after, reason)]


def _line_break(text: str, at: int) -> str:
    """A new line; a space in the row of a table, which a new line would end."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return " " if line.lstrip().startswith("|") else "\n"
