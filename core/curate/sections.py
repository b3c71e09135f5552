"""A post into sections under its headings, each with a written instruction.

Headings are found as Markdown tokens, so a `#` in a code block is none. Small sections join their
neighbour, long ones are split between paragraphs; nothing is cut inside a paragraph. What is not
prose (images, comments, imports of MDX) is left out of the text that is learnt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt

MIN_WORDS = 60
MAX_WORDS = 350

NOT_PROSE = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"^\s*(?:import|export)\s.+?from\s+['\"].+$", re.MULTILINE),
    re.compile(r"!\[[^\]]*\]\([^)]*\)"),
    re.compile(r"<(?:img|iframe|video|source|script|style|br|hr)\b[^>]*?/?>", re.IGNORECASE),
    re.compile(r"</?(?:div|span|p|figure|figcaption|center|small|iframe|video|script|style)\b[^>]*>", re.IGNORECASE),
    re.compile(r"^\[\^[^\]]+\]:.*(?:\n(?:[ \t]+.*))*", re.MULTILINE),
    re.compile(r"\[\^[^\]]+\]"),
    re.compile(r"\{[:%][^}]*\}"),
)
BLANK_LINES = re.compile(r"\n{3,}")

# Instructions that a person would give; which one a section gets follows from its text, so a version is the same each time.
OPENINGS = (
    "Write the opening of a post called “{title}”.",
    "Begin a post with the title “{title}”.",
    "Draft the introduction to “{title}”.",
)
SECTIONS = (
    "Write the section “{heading}” of the post “{title}”.",
    "For the post “{title}”, write the part headed “{heading}”.",
    "Draft what “{title}” says under the heading “{heading}”.",
)
CONTINUED = (
    "Continue the section “{heading}” of the post “{title}”.",
    "Go on with “{heading}” in the post “{title}”.",
)
WHOLE = ("Write a short post called “{title}”.", "Draft a post with the title “{title}”.")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a post. part: 0 for the first piece under a heading. heading: empty before the first one."""

    heading: str
    part: int
    body: str


@dataclass(frozen=True, slots=True)
class CutPost:
    """Sections of one post, and the pieces left out with the reason."""

    sections: tuple[Section, ...]
    left_out: tuple[tuple[str, str], ...]


def cut_into_sections(body: str, *, max_tokens: int, count_tokens: Callable[[str], int]) -> CutPost:
    """Sections of half of MIN_WORDS to about MAX_WORDS words and at most max_tokens tokens each."""
    sections: list[Section] = []
    left_out: list[tuple[str, str]] = []
    for heading, text in _joined(_under_headings(prose_of(body))):
        for part, piece in enumerate(_pieces(text)):
            n_tokens = count_tokens(piece)
            if n_tokens > max_tokens:
                left_out.append((heading, f"one paragraph of {n_tokens} tokens, {max_tokens} allowed"))
            elif _n_words(piece) < MIN_WORDS // 2:
                left_out.append((heading, f"{_n_words(piece)} words, at least {MIN_WORDS // 2} needed"))
            else:
                sections.append(Section(heading, part, piece))
    return CutPost(tuple(sections), tuple(left_out))


def instruction(title: str, section: Section, n_sections: int) -> str:
    """What a person would ask for to get this section."""
    if n_sections == 1 and not section.heading:
        forms: tuple[str, ...] = WHOLE
    elif section.part:
        forms = CONTINUED
    else:
        forms = SECTIONS if section.heading else OPENINGS
    choice = int(hashlib.sha256(section.body.encode()).hexdigest(), 16) % len(forms)
    return forms[choice].format(title=title, heading=section.heading or "the opening")


def prose_of(body: str) -> str:
    """The post without what is not read as prose: images, comments, imports, footnote marks."""
    for pattern in NOT_PROSE:
        body = pattern.sub("", body)
    lines = [line.rstrip() for line in body.split("\n")]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _under_headings(body: str) -> list[tuple[str, str]]:
    """(heading, text below it) in order, for headings of the first three levels."""
    lines = body.split("\n")
    found: list[tuple[str, int, int]] = [("", 0, 0)]
    tokens = MarkdownIt().parse(body)
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag in ("h1", "h2", "h3") and token.map and token.level == 0:
            found.append((_plain(tokens[i + 1].content), token.map[0], token.map[1]))
    ends = [start for _, start, _ in found[1:]] + [len(lines)]
    return [(h, "\n".join(lines[begin:end]).strip()) for (h, _, begin), end in zip(found, ends, strict=True)]


def _joined(parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Parts too small to stand alone joined to the one before, their heading kept as a line of it."""
    joined: list[tuple[str, str]] = []
    for heading, text in parts:
        if not text:
            continue
        if joined and (_n_words(text) < MIN_WORDS or _n_words(joined[-1][1]) < MIN_WORDS):
            before_heading, before = joined[-1]
            between = f"\n\n## {heading}\n\n" if heading else "\n\n"
            joined[-1] = (before_heading, before + between + text)
        else:
            joined.append((heading, text))
    return joined


def _pieces(text: str) -> list[str]:
    """The text split between paragraphs into pieces of about equal length, none over MAX_WORDS where avoidable."""
    blocks = _blocks(text)
    n_words = sum(map(_n_words, blocks))
    if n_words <= MAX_WORDS:
        return ["\n\n".join(blocks)]
    target = n_words / -(-n_words // MAX_WORDS)
    pieces: list[list[str]] = [[]]
    for block in blocks:
        held = sum(map(_n_words, pieces[-1]))
        if pieces[-1] and (held + _n_words(block) > MAX_WORDS or held >= target):
            pieces.append([])
        pieces[-1].append(block)
    return ["\n\n".join(piece) for piece in pieces]


def _blocks(text: str) -> list[str]:
    """Top-level Markdown blocks: a list or a code block stays whole."""
    lines = text.split("\n")
    starts = sorted({t.map[0] for t in MarkdownIt().parse(text) if t.level == 0 and t.map and t.nesting >= 0})
    ends = [*starts[1:], len(lines)]
    return [block for a, b in zip(starts, ends, strict=True) if (block := "\n".join(lines[a:b]).strip())] or [text]


def _plain(heading: str) -> str:
    return re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip()


def _n_words(text: str) -> int:
    return len(text.split())
