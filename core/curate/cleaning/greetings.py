"""The greeting above a message and the closing with the name below it; the help between them stays.

A closing is a phrase of courtesy alone, with nothing but a name after it: "Thanks, that worked" is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import Line, lines_of, taken_out

NAME = r"[^\W\d_][\w'’.-]*"
GREETING = (
    r"(?i:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen)|"
    r"sehr geehrte[rs]?|liebe[rs]?|bonjour|hola|ciao|moin)"
)
# A name begins with a capital letter; a word written small is one where a mark follows ("hi matt,").
ADDRESSED = (
    r"(?:\s+(?i:there|all|again|everyone|everybody|team|folks))?"
    r"(?:(?:\s+(?!I\b)[A-ZÀ-Þ][\w'’.-]*){1,4}|\s+[\w'’.-]{2,30}(?=\s*[,!]))?"
)
GREETING_LINE = re.compile(rf"^\W*(?:{GREETING}{ADDRESSED}\s*[,.!:\-–—]*|(?!I\b)[^\W\d_][\w'’.-]{{1,30}},)\s*$")
# Before the first sentence on the same line, where a mark parts the two.
GREETING_INLINE = re.compile(rf"^\s*{GREETING}{ADDRESSED}\s*[,!:–—]\s+(?=\S)")
# The longer form of a phrase stands before the shorter: what follows the phrase is taken for a name.
PHRASE = (
    r"(?:(?:thanks|thank you)(?: (?:again|so much|very much))? for (?:your |any |the |all (?:your |the )?)?"
    r"(?:help|time|support|assistance|advice)|(?:many )?(?:thanks|thank you) in advance|"
    r"(?:many |kind )?thanks(?: (?:again|so much|a lot|very much))?|thank you(?: (?:again|so much|very much))?|with thanks|"
    r"(?:kind|best|warm|warmest|kindest|many|with kind|with best)?\s*(?:regards|wishes)|all the best|best|cheers|"
    r"(?:yours )?(?:sincerely|faithfully|truly)|yours|take care|mit freundlichen grüßen|viele grüße|cordialement|saludos)"
)
CLOSING_LINE = re.compile(rf"^\W*{PHRASE}(?:\s*,?\s+(?:{NAME})){{0,3}}\W*$", re.IGNORECASE)
NAME_LINE = re.compile(
    r"^\W*(?:[A-ZÀ-Þ][\w'’.-]*|[a-z]{2,12}_?\w*)(?:\s+(?:[A-ZÀ-Þ][\w'’.-]*|de|van|von|der|la)){0,3}\W*$"
)
MAX_NAME_LINES = 3
MAX_NAME_WORDS = 4


def strip_greetings_closings(text: str, around: Around) -> list[Change]:
    lines = lines_of(text)
    changes = _greeting(lines)
    closing = _closing(lines)
    if closing is not None and (not changes or closing.start >= changes[0].end):
        changes.append(closing)
    return changes


def _greeting(lines: Sequence[Line]) -> list[Change]:
    first = next((n for n, line in enumerate(lines) if not line.is_blank), None)
    if first is None or lines[first].is_code:
        return []
    line = lines[first]
    if GREETING_LINE.match(line.text):
        return [taken_out(lines, 0, first, "greeting")]
    inline = GREETING_INLINE.match(line.text)
    if inline is None or not any(character.isalpha() for character in line.text[inline.end() :]):
        return []
    at = line.start + inline.end()
    letter = line.text[inline.end()]
    if letter == letter.upper():
        return [Change(lines[0].start, at, "", "greeting")]
    # What was the middle of a sentence begins it now.
    return [Change(lines[0].start, at + 1, letter.upper(), "greeting")]


def _closing(lines: Sequence[Line]) -> Change | None:
    last = len(lines) - 1
    while last >= 0 and lines[last].is_blank:
        last -= 1
    n_names = 0
    for n in range(last, -1, -1):
        line = lines[n]
        if line.is_code:
            return None
        if line.is_blank:
            continue
        if CLOSING_LINE.match(line.text) and _is_only_courtesy(line.text):
            return taken_out(lines, n, len(lines) - 1, "closing")
        n_names += 1
        is_name = NAME_LINE.match(line.text) and len(line.text.split()) <= MAX_NAME_WORDS
        if n_names > MAX_NAME_LINES or not is_name:
            return None
    return None


def _is_only_courtesy(line: str) -> bool:
    """Whether what follows the phrase on its line is a name: it begins with a capital letter."""
    phrase = re.match(rf"^\W*{PHRASE}", line, re.IGNORECASE)
    rest = re.findall(NAME, line[phrase.end() :]) if phrase else []
    return all(word[0].isupper() for word in rest)
