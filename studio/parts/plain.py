"""Words from outside inside a sentence of ours: titles, file names, tags, people, errors that quote them.

Streamlit reads most labels and messages as Markdown. What goes through here is shown letter for
letter: no link, picture, icon, formula or colour comes of it.
"""

from __future__ import annotations

import re

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
# Addresses and icons are found after escapes are resolved; an invisible joiner keeps them apart.
_JOINER = "\u2060"
_FOUND_LATER = re.compile(r"\\:(?=[a-zA-Z\\])|\\@|www(?=\\\.)", re.IGNORECASE)


def plain(text: str) -> str:
    """The text on one line, as Markdown that shows exactly it."""
    one_line = " ".join(text.split())
    return _FOUND_LATER.sub(lambda found: found[0] + _JOINER, _MARKS.sub(r"\\\1", one_line))
