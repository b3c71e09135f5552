"""The parts of a draft that rules look at, by their place in it; code, addresses and marks are blanked out, never moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.review.guide.rules import Scope

FENCE = re.compile(r"^(```+|~~~+)[^\n]*\n.*?(?:^\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
# Runs of one sign are entered at their first and never given back: a text of dots alone must not take a minute.
INLINE_CODE = re.compile(r"(?<!`)(`++)[^\n]{1,2000}?(?<!`)\1(?!`)")
TARGET = re.compile(r"(?<=\])\((?:[^()\s]|\([^()\s]*\))*+(?:\s+\"[^\"\n]*\")?\)")
ADDRESS = re.compile(
    r"\b(?:https?://|www\.)[^\s<>()\[\]]*[^\s<>()\[\].,;:!?'\"]|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
)
TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
LINE = re.compile(r"[^\n]*(?:\n|\Z)")
HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+(?P<text>.*?)[ \t#]*\Z")
ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?=\S)")
UNDERLINE = re.compile(r"[ \t]{0,3}(?:=+|-+)[ \t]*\Z")
STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]*_]*+(?=\s+[\"'“‘(\[*_]*[^\W_a-z]|\s*\Z)")
ABBREVIATION = re.compile(r"\b(?:(?i:e\.g|i\.e|vs|cf|mr|mrs|ms|dr|prof|st|approx)|[A-HJ-Z])\.\Z")
NUMBERED = re.compile(r"\b(?i:no|nos|fig|eq|p|pp|vol|ch)\.\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text. start: its place in the whole."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Parts:
    """A draft and its parts by scope."""

    of: dict[Scope, tuple[Part, ...]]

    def in_scope(self, scope: Scope) -> tuple[Part, ...]:
        return self.of[scope]

    def sentence_at(self, place: int) -> Part | None:
        return next((part for part in self.of[Scope.SENTENCE] if part.start <= place < part.end), None)


def parts_of(text: str) -> Parts:
    """Headings, paragraphs, list items and their sentences of a Markdown text."""
    blanked = _blanked(text)
    headings, paragraphs, items = _blocks(blanked)
    sentences = [
        sentence
        for block in sorted([*paragraphs, *items], key=lambda part: part.start)
        for sentence in _sentences(block)
    ]
    return Parts(
        {
            Scope.RAW: (Part(0, text),),
            Scope.TEXT: (Part(0, blanked),),
            Scope.HEADING: tuple(headings),
            Scope.PARAGRAPH: tuple(paragraphs),
            Scope.LIST: tuple(items),
            Scope.SENTENCE: tuple(sentences),
        }
    )


def _blanked(text: str) -> str:
    for kind in (FENCE, INLINE_CODE, TARGET, ADDRESS, TAG):
        text = kind.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    return text


def _blocks(text: str) -> tuple[list[Part], list[Part], list[Part]]:
    """Headings, paragraphs and list items; an item goes on over the lines below it until an empty one."""
    headings: list[Part] = []
    paragraphs: list[Part] = []
    items: list[Part] = []
    block: tuple[int, bool] | None = None
    end = 0

    def close() -> None:
        if block is not None and text[block[0] : end].strip():
            (items if block[1] else paragraphs).append(Part(block[0], text[block[0] : end]))

    for line in LINE.finditer(text):
        content = line.group().rstrip("\n")
        heading, item = HEADING.match(content), ITEM.match(content)
        if not content.strip() or heading:
            close()
            block = None
            if heading:
                headings.append(Part(line.start() + heading.start("text"), heading["text"]))
        elif block is not None and not block[1] and UNDERLINE.match(content) and "\n" not in text[block[0] : end]:
            headings.append(Part(block[0], text[block[0] : end]))
            block = None
        elif item:
            close()
            block = (line.start() + item.end(), True)
        elif block is None:
            block = (line.start(), False)
        end = line.start() + len(content)
    close()
    return headings, paragraphs, items


def _sentences(block: Part) -> Iterator[Part]:
    start = 0
    for stop in STOP.finditer(block.text):
        so_far, rest = block.text[start : stop.end()], block.text[stop.end() :].lstrip()
        if rest and (ABBREVIATION.search(so_far) or (rest[0].isdigit() and NUMBERED.search(so_far))):
            continue
        yield _stripped(block, start, stop.end())
        start = stop.end()
    if block.text[start:].strip():
        yield _stripped(block, start, len(block.text))


def _stripped(block: Part, start: int, end: int) -> Part:
    found = block.text[start:end]
    return Part(block.start + start + len(found) - len(found.lstrip()), found.strip())
