"""Passages of a document: pieces that can be found by themselves and fit a prompt.

A passage is one or more whole paragraphs (lists and code blocks too) under one heading, up to a number of words. A longer block is cut
between sentences, a longer sentence between words. Title and heading come along: they say what a passage is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt

# About 220 tokens of English: what the encoder reads of a text at once, with room for title and heading.
MAX_WORDS = 160
# A text without spaces is cut by its signs.
MAX_CHARACTERS = 1_200
SENTENCE_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)\]]))\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Passage:
    """heading: the nearest one above it, empty where there is none. text: as the document has it."""

    heading: str
    text: str


def passages_of(document: str, *, max_words: int = MAX_WORDS) -> list[Passage]:
    """The passages of a Markdown or plain text, in order; nothing is left out but white space between them."""
    passages: list[Passage] = []
    for heading, blocks in _under_headings(document):
        pieces = [piece for block in blocks for piece in _cut(block, max_words)]
        passages += [Passage(heading, text) for text in _joined(pieces, max_words)]
    return passages


def searched_text(title: str, passage: Passage) -> str:
    """What is searched and embedded for a passage: with title and heading, each once."""
    above = dict.fromkeys(part for part in (title.strip(), passage.heading.strip()) if part)
    return "\n".join([*above, passage.text])


def _under_headings(document: str) -> Iterator[tuple[str, list[str]]]:
    """Each heading with the blocks below it, as they are written; a heading with nothing below it is a block itself."""
    lines = document.replace("\r\n", "\n").split("\n")
    tokens = MarkdownIt().enable("table").parse("\n".join(lines))
    heading, blocks, reached = "", list[str](), 0
    for at, token in enumerate(tokens):
        if token.level or not token.map or token.nesting < 0:
            continue
        start, end = token.map
        # Between blocks stand definitions of links, which no token tells of.
        between = "\n".join(lines[reached:start]).strip()
        blocks += [between] if between else []
        reached = max(reached, end)
        if token.type == "heading_open":
            if blocks or heading:
                yield heading, blocks or [heading]
            heading, blocks = tokens[at + 1].content.strip(), []
        elif text := "\n".join(lines[start:end]).strip("\n"):
            blocks.append(text)
    rest = "\n".join(lines[reached:]).strip()
    blocks += [rest] if rest else []
    if blocks or heading:
        yield heading, blocks or [heading]


def _cut(block: str, max_words: int) -> list[str]:
    if _n_words(block) <= max_words and len(block) <= MAX_CHARACTERS:
        return [block]
    pieces = [part for part in re.split(r"\n(?=\s*(?:[-*+|]|\d+[.)]) )", block) if part.strip()]
    if len(pieces) == 1:
        pieces = [part for part in SENTENCE_END.split(block) if part.strip()]
    if len(pieces) == 1:
        words = [word[at : at + MAX_CHARACTERS] for word in block.split() for at in range(0, len(word), MAX_CHARACTERS)]
        return _joined(words, max_words, joint=" ")
    joint = "\n" if "\n" in block and len(SENTENCE_END.split(block)) != len(pieces) else " "
    return _joined([one for piece in pieces for one in _cut(piece, max_words)], max_words, joint=joint)


def _joined(pieces: Sequence[str], max_words: int, *, joint: str = "\n\n") -> list[str]:
    """Neighbours together as long as they fit."""
    joined: list[str] = []
    n_words = 0
    for piece in pieces:
        size = _n_words(piece)
        if joined and n_words + size <= max_words and len(joined[-1]) + len(piece) <= MAX_CHARACTERS:
            joined[-1] += joint + piece
            n_words += size
        else:
            joined.append(piece)
            n_words = size
    return joined


def _n_words(text: str) -> int:
    return len(text.split())
