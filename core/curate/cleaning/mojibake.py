"""Letters garbled by a wrong encoding, mended where ftfy is sure; nothing else of what ftfy can do.

Curly quotation marks, ligatures, wide letters, entities and line ends are people's own and stay.
"""

from __future__ import annotations

import ftfy
from ftfy import TextFixerConfig
from rapidfuzz.distance import Postfix, Prefix

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import prose_spans

CONFIG = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
LOST = "\N{REPLACEMENT CHARACTER}"


def mend_mojibake(text: str, around: Around) -> list[Change]:
    """One change a line, from its first to its last garbled letter."""
    if text.isascii():
        return []
    changes = []
    for start, end in prose_spans(text):
        at = start
        for line in text[start:end].splitlines(keepends=True):
            mended = line if line.isascii() else ftfy.fix_encoding(line, CONFIG)
            # A letter that was lost before is not brought back by the sign for a lost letter.
            if mended != line and mended.count(LOST) <= line.count(LOST):
                changes.append(_smallest(line, mended, at))
            at += len(line)
    return changes


def _smallest(line: str, mended: str, at: int) -> Change:
    before = Prefix.similarity(line, mended)
    after = Postfix.similarity(line[before:], mended[before:])
    put = mended[before : len(mended) - after]
    return Change(at + before, at + len(line) - after, put, "garbled letters mended")
