"""How a heading is capitalised: every word, the first one, none or all."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.review.guide.rules import Case

WORD = re.compile(r"[^\W_]+(?:['’.&/-][^\W_]+)*")
# Articles, short conjunctions and short prepositions stay small inside a title.
SMALL = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "nor", "of", "off", "on", "onto", "or", "out", "over",
     "per", "so", "than", "the", "to", "up", "via", "vs", "with", "yet")
)  # fmt: skip
# Names make up to this share of a heading's later words; above it the heading is no sentence.
MOST_NAMES = 1 / 3


def is_capitalised(text: str, case: Case, *, exceptions: Collection[str] = ()) -> bool:
    """exceptions: words that are written as they are there, such as names of products.

    A word with a capital after its first letter, or a figure in it, is taken for a name and fits every case but lower and upper.
    """
    words = [word for word in WORD.findall(text) if word not in exceptions]
    match case:
        case Case.LOWER:
            return all(word == word.lower() for word in words)
        case Case.UPPER:
            return all(word == word.upper() for word in words)
        case Case.TITLE:
            inner = range(1, len(words) - 1)
            return all(
                _is_name(w) or w[0].isupper() or (i in inner and w.lower() in SMALL) for i, w in enumerate(words)
            )
        case Case.SENTENCE:
            if not words:
                return True
            later = [word for word in words[1:] if not _is_name(word)]
            n_names = sum(word[0].isupper() and word != "I" for word in later)
            return (_is_name(words[0]) or words[0][0].isupper()) and n_names <= MOST_NAMES * len(later)


def _is_name(word: str) -> bool:
    return any(letter.isupper() or letter.isdigit() for letter in word[1:]) or word[0].isdigit()
