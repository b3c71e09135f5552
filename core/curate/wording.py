"""A wording as an expression that finds it in a text: whole words, in any case, whatever stands for white space and apostrophes."""

from __future__ import annotations

import re

NO_WORD_BEFORE, NO_WORD_AFTER = r"(?:^|[^\pL\pN_])", r"(?:$|[^\pL\pN_])"
APOSTROPHE = re.compile("['’]")
# Fits nothing.
NOTHING = r"[^\s\S]"


def wording_pattern(wording: str) -> str:
    """For the database's expressions (RE2). wording: words, or a mark such as `!`."""
    words = [APOSTROPHE.sub("['’]", re.escape(word)) for word in wording.split()]
    if not words:
        return NOTHING
    said = wording.strip()
    begin = NO_WORD_BEFORE if said[0].isalnum() else ""
    end = NO_WORD_AFTER if said[-1].isalnum() else ""
    return "(?i)" + begin + r"\s+".join(words) + end
