"""Markdown documents: tables and lists, and words from outside in them (titles, names, tags, reasons) shown letter for letter.

Of such words only what could become markup gets a backslash, so that the file also reads well as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

Escape = Callable[[str], str]

# An underscore inside a word is one everywhere; at a word's edge it would begin emphasis.
_MARKS = re.compile(r"([\\`*\[\]<>|~&$#]|(?<![^\W_])_|_(?![^\W_]))")


def escaped(text: str) -> str:
    """The text on one line, as Markdown that shows exactly it within a line or a table's cell."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are Markdown of one line each."""
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)
