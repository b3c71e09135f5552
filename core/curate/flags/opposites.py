"""Whether two answers to one question cannot both be right.

In turn: one takes the side of yes and the other of no; they recommend different values where one names the other's; they give
different numbers of the same unit; their opening claims are about the same things, and one of them is denied; or they hold the two
words of a pair of opposites. Two merely different answers do none of this. English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags.view import plain_words

NEGATIVE = re.compile(
    r"^(?:no|nope|sadly|unfortunately|regrettably|i'?m afraid)\b|\b(?:can(?:no|')t|cannot|can not|won'?t|will not|isn'?t|is not|aren'?t|are not|doesn'?t|does not|don'?t|do not|never|impossible|no way|not possible|no such|no setting|no option|no recall|no effect|lost|erases?|permanently|only one|(?:a )?single \w+ only|separately|different formats?|be careful|dangerous|unsafe)\b",
    re.IGNORECASE,
)
POSITIVE = re.compile(
    r"^(?:yes|yep|sure|certainly|of course|absolutely|you can|it can|that works|it will|they are|simply|just)\b|\b(?:you can\b(?! only)|it works|that works|harmless|safely|safe to|nothing is lost|no need|possible|in one go|same format|are kept|is kept|stays?|both ways|will be|recovers?|works fine|easily|as many \w+ as)\b",
    re.IGNORECASE,
)
NOT_NEGATIVE = re.compile(
    r"\b(?:not only|no problem|no need|nothing is lost|do not worry|don't worry|without any|doesn'?t (?:touch|matter|delete|affect)|not deleted|can'?t hurt)\b",
    re.IGNORECASE,
)
LOSES = re.compile(
    r"\b(?:erases?|permanently|removes all|deleted too|would lose|will lose|gone for good)\b", re.IGNORECASE
)
NOT_POSITIVE = re.compile(
    r"\b(?:no way[^.;]*|not possible|im?possible|n'?t possible|not safe|no longer works|won'?t be|will not be|can only|one signature only)\b",
    re.IGNORECASE,
)
CHOICE = re.compile(
    r"\b(?i:choose|use|select|pick|set|take|enable|enter|tick|type|need|is|try)\s+(?:the |it to |port )?([A-Z0-9][\w/.+-]*)"
)
OPPOSITES = [
    frozenset(pair.split())
    for pair in ("on off", "enable disable", "enabled disabled", "always never", "before after", "safe unsafe", "kept deleted", "keep delete",
                 "local server", "provider program", "higher lower", "increase decrease", "both one", "same different", "possible impossible",
                 "tick untick", "true false", "allowed forbidden", "free paid", "more less", "open closed", "lost kept", "imap pop",
                 "remain removed", "stay removed", "anybody nobody", "anyone nobody", "everybody nobody", "automatically manually", "safe dangerous",
                 "harmless dangerous", "directly convert", "enough restart", "encrypted unencrypted", "online offline", "public private", "sender recipient",
                 "needed unnecessary", "required optional", "first last", "start stop", "include exclude", "inside outside", "locally online", "keeps deletes",
                 "permanent temporary", "permanently temporarily", "reversible irreversible", "recoverable gone", "merged separate", "unlimited limited")
]  # fmt: skip
SHARED_WORDS = 2
MOST_WORDS_FOR_PAIRS = 80
OPENING_SENTENCES, OPENING_WORDS, SIDE_PARTS = 2, 40, 3
DENIES = re.compile(r"\b(?:not|never|no|none|nobody|nothing|nowhere|cannot|neither|nor|without|unable|impossible|hardly)\b|n['’]t\b", re.IGNORECASE)  # fmt: skip
CLAUSE_END = re.compile(r"[.!?;:,]\s+|\b(?:because|since|so that|otherwise|but|and then|as|while|unless|although)\b", re.IGNORECASE)  # fmt: skip
CONDITION = re.compile(r"^\W*(?:if|when|unless|in case|once|after|before|provided|should you)\b", re.IGNORECASE)
# Share of the stems of the shorter clause that both have.
SAME_CLAIM = 0.6
AMOUNT = re.compile(r"\b(\d+(?:[.,]\d+)?)\s?(seconds?|minutes?|hours?|days?|weeks?|months?|years?|kb|mb|gb|tb|%|percent|per cent|euros?|dollars?|characters?|recipients?|devices?|accounts?|computers?|times)\b", re.IGNORECASE)  # fmt: skip
COMMON_STEMS = frozenset(["that", "this", "with", "from", "have", "your", "them", "they", "then", "will", "what", "which", "there", "when", "where", "into", "only", "also", "just", "does", "about", "some", "need", "want", "make"])  # fmt: skip


def opposed(a: str, b: str) -> str:
    """Why two answers to one question cannot both be right, in words; empty where nothing says so."""
    words = [set(plain_words(text)) for text in (a, b)]
    content = {w for w in words[0] & words[1] if len(w) > 3}
    if len(content) < SHARED_WORDS or words[0] == words[1]:
        return ""
    sides = [_side(text) for text in (a, b)]
    if sides[0] * sides[1] < 0:
        return "one says yes, the other no"
    found = _choices(a, b) or _amounts(a, b) or _denied(a, b)
    if found:
        return found
    # Long answers hold one word or the other of most pairs.
    pairs = OPPOSITES if max(len(text.split()) for text in (a, b)) <= MOST_WORDS_FOR_PAIRS else []
    for pair in pairs:
        only = [pair & (words[0] - words[1]), pair & (words[1] - words[0])]
        if only[0] and only[1] and len(content) >= 3:
            return f"one says {' '.join(only[0])}, the other {' '.join(only[1])}"
    return ""


def _side(answer: str) -> int:
    """1 for yes, -1 for no, 0 where the first two sentences take no side."""
    opening = " ".join(re.split(r"(?<=[.!?;,])\s+", answer.strip().replace("’", "'"))[:SIDE_PARTS])
    opening = " ".join(opening.split()[:OPENING_WORDS])
    # What is lost weighs more than the yes or no that it may be introduced by.
    no = len(NEGATIVE.findall(NOT_NEGATIVE.sub(" ", opening))) + len(LOSES.findall(opening))
    yes = len(POSITIVE.findall(NOT_POSITIVE.sub(" ", opening))) + len(
        re.findall(r"\b(?:no need|nothing is lost|doesn'?t touch)\b", opening, re.IGNORECASE)
    )
    return 1 if yes > no else -1 if no > yes else 0


def _choices(a: str, b: str) -> str:
    """Different values recommended first, where at least one answer speaks of the other's."""
    choices = [CHOICE.search(text) for text in (a, b)]
    if not choices[0] or not choices[1]:
        return ""
    one, other = (choice[1].rstrip(".,") for choice in choices if choice)
    alike = one.isdigit() == other.isdigit() and one.isupper() == other.isupper()
    if one.lower() != other.lower() and alike and len(one) > 1 and (one in b or other in a):
        return f"one says {one}, the other {other}"
    return ""


def _amounts(a: str, b: str) -> str:
    """Different numbers of one unit, where each answer has a single one of it."""
    found = [_by_unit(text) for text in (a, b)]
    for unit in found[0].keys() & found[1].keys():
        one, other = found[0][unit], found[1][unit]
        if len(one) == len(other) == 1 and one != other:
            return f"one says {min(one)} {unit}s, the other {min(other)}"
    return ""


def _by_unit(text: str) -> dict[str, set[str]]:
    units: dict[str, set[str]] = {}
    for number, unit in AMOUNT.findall(text):
        units.setdefault(unit.lower().rstrip("s"), set()).add(number)
    return units


def _denied(a: str, b: str) -> str:
    """Whether a claim of one opening is denied by the other's: the same things are spoken of, and one of the two says not."""
    for one, one_denies in _claims(a):
        for other, other_denies in _claims(b):
            shared = one & other
            if one_denies == other_denies or len(shared) < SHARED_WORDS:
                continue
            if len(shared) >= SAME_CLAIM * min(len(one), len(other)):
                said, denied = ("the other", "one") if other_denies is False else ("one", "the other")
                return f"{said} says so of {' and '.join(sorted(shared)[:2])}, {denied} denies it"
    return ""


def _claims(text: str) -> Iterator[tuple[frozenset[str], bool]]:
    """Stems and denial of each clause of the opening that depends on no condition."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())[:OPENING_SENTENCES]
    for sentence in sentences:
        for clause in CLAUSE_END.split(sentence):
            if CONDITION.match(clause):
                continue
            stems = frozenset(_stem(w) for w in plain_words(clause) if len(w) > 3) - COMMON_STEMS
            if len(stems) >= SHARED_WORDS:
                yield stems, len(DENIES.findall(clause)) % 2 == 1


def _stem(word: str) -> str:
    word = re.sub(r"(?:'s|’s)$", "", word)
    return re.sub(r"(?:ing|ed|es|s|ly)$", "", word) if len(word) > 5 else word.rstrip("s")
