"""The regular expressions of a rule: what it looks for, and what it lets pass. Compiled once a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex

from core.review.guide.rules import Rule, RuleKind

# Kinds whose expressions are of whole words, as Vale has it; the others' are taken as they are.
WHOLE = (RuleKind.EXISTENCE, RuleKind.CLAIM, RuleKind.SUBSTITUTION, RuleKind.CONSISTENCY)
WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"


@lru_cache(maxsize=4_096)
def pattern_of(rule: Rule) -> regex.Pattern[str]:
    """What the rule looks for as a whole: any of its words."""
    if rule.kind is RuleKind.SUBSTITUTION:
        words = _joined(rule, [key for key, _ in rule.swap])
    elif rule.kind is RuleKind.REPETITION and not rule.tokens:
        words = WORD
    else:
        words = _joined(rule, rule.tokens)
    return _compiled(f"{rule.raw}(?:{words})" if words else rule.raw, rule.ignorecase)


def word_pattern(rule: Rule, word: str) -> regex.Pattern[str]:
    """One of its words alone."""
    return _compiled(_joined(rule, (word,)), rule.ignorecase)


@lru_cache(maxsize=4_096)
def exceptions_of(rule: Rule) -> regex.Pattern[str] | None:
    if not rule.exceptions:
        return None
    words = "|".join(rule.exceptions if rule.is_pattern else map(regex.escape, rule.exceptions))
    return _compiled(rf"\b(?:{words})\b", False)


def patterns_of(rule: Rule) -> Iterator[regex.Pattern[str]]:
    """Every expression that a check of the rule compiles."""
    match rule.kind:
        case RuleKind.CONDITIONAL:
            yield from (word_pattern(rule, form) for form in (rule.first, rule.second))
        case RuleKind.CONSISTENCY:
            yield from (word_pattern(rule, form) for pair in rule.swap for form in pair)
        case RuleKind.CAPITALIZATION:
            return
        case RuleKind.SUBSTITUTION:
            yield pattern_of(rule)
            if rule.is_pattern:
                yield from (word_pattern(rule, key) for key, _ in rule.swap)
        case _:
            yield pattern_of(rule)
    exceptions = exceptions_of(rule)
    if exceptions is not None:
        yield exceptions


def _joined(rule: Rule, words: Sequence[str]) -> str:
    """One expression for the words, whole ones unless the rule says otherwise; the longest first, so that none hides another."""
    if rule.is_pattern:
        joined = "|".join(words)
        return rf"\b(?:{joined})\b" if words and rule.kind in WHOLE and not rule.nonword else joined
    return "|".join(_as_it_is(word, is_whole=not rule.nonword) for word in sorted(words, key=len, reverse=True))


def _as_it_is(word: str, *, is_whole: bool) -> str:
    """A team's own word, over any white space. C++ and #1 have an edge at their letters alone."""
    written = r"\s+".join(regex.escape(piece) for piece in word.split())
    before = r"(?<!\w)" if is_whole and (word[0].isalnum() or word[0] == "_") else ""
    after = r"(?!\w)" if is_whole and (word[-1].isalnum() or word[-1] == "_") else ""
    return f"{before}{written}{after}"


@lru_cache(maxsize=4_096)
def _compiled(expression: str, ignorecase: bool) -> regex.Pattern[str]:
    return regex.compile(expression, regex.MULTILINE | (regex.IGNORECASE if ignorecase else 0))
