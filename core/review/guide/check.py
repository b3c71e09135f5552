"""Checks a draft against a guide: deterministic, from the text and the brief alone, so that it says nothing of who wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from core.review.guide.capitals import is_capitalised
from core.review.guide.expressions import exceptions_of, pattern_of, word_pattern
from core.review.guide.parts import Part, Parts, parts_of
from core.review.guide.rules import Level, Rule, RuleKind, Scope

# For one search of one rule in one text: an expression that takes longer is one that goes round in circles.
SECONDS_A_RULE = 0.1
FIGURE = regex.compile(r"\d+(?:[.,]\d+)*")
LINK = regex.compile(r"https?://|www\.|\]\(")


@dataclass(frozen=True, slots=True)
class MarginNote:
    """One place that breaks a rule. start, end: characters of the draft. better: what to write instead, where the rule knows it."""

    rule: str
    level: Level
    message: str
    start: int
    end: int
    better: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """notes: in the order of the text. unchecked: rules that could not be checked on it, as a rule because their expression took too long."""

    notes: tuple[MarginNote, ...]
    unchecked: tuple[str, ...]


def check_draft(text: str, rules: Iterable[Rule], *, support: Sequence[str] = ()) -> Checked:
    """Every place in a draft that breaks a rule. support: the brief and its facts, whose figures prove a claim."""
    parts, notes, unchecked = parts_of(text), list[MarginNote](), list[str]()
    proven = {figure for one in support for figure in FIGURE.findall(one)}
    for rule in rules:
        try:
            if rule.kind is RuleKind.CLAIM:
                notes += _claims(rule, parts, text, proven)
            else:
                notes += CHECKS[rule.kind](rule, parts)
        except (TimeoutError, regex.error, LookupError):
            # Whatever a rule does, the others are checked, and the text can be judged.
            unchecked.append(rule.name)
    return Checked(tuple(sorted(notes, key=lambda note: (note.start, note.end, note.rule))), tuple(unchecked))


def _existence(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    for part, found in _matches(rule, parts):
        yield _note(rule, part, found.start(), found.end(), found.group().strip())


def _claims(rule: Rule, parts: Parts, text: str, proven: set[str]) -> Iterator[MarginNote]:
    for note in _existence(rule, parts):
        sentence = parts.sentence_at(note.start)
        said = text[sentence.start : sentence.end] if sentence else text[note.start : note.end]
        if not LINK.search(said) and proven.isdisjoint(FIGURE.findall(said)):
            yield note


def _substitution(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    for part, found in _matches(rule, parts):
        better = _better(rule, part, found)
        written = found.group().strip()
        if not _is_written_so(rule, better, written):
            note = _note(rule, part, found.start(), found.end(), _in_words(better.split("|")), written)
            yield replace(note, better=tuple(better.split("|")))


def _occurrence(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    for part in parts.in_scope(rule.scope):
        found = [one for one in _searched(rule, part) if not _is_excepted(rule, one.group().strip())]
        if rule.maximum is not None and len(found) > rule.maximum:
            yield _note(rule, part, found[rule.maximum].start(), found[-1].end(), str(len(found)))
        elif rule.minimum is not None and len(found) < rule.minimum and part.text.strip():
            first_line = part.text.strip().split("\n")[0]
            start = part.text.index(first_line)
            yield _note(rule, part, start, start + len(first_line), str(len(found)))


def _repetition(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    for part in parts.in_scope(Scope.SENTENCE if rule.scope is Scope.TEXT else rule.scope):
        before, in_a_row = None, 0
        for found in _searched(rule, part):
            word, last = found.group().strip(), before.group().strip() if before else ""
            gap = part.text[before.end() : found.start()] if before else ""
            is_same = (word.casefold() == last.casefold() if rule.ignorecase else word == last) and not gap.strip()
            in_a_row = in_a_row + 1 if word and is_same else 0
            if before and in_a_row > (rule.maximum or 0) and not _is_excepted(rule, word):
                yield _note(rule, part, before.start(), found.end(), word)
                in_a_row = 0
            before = found


def _consistency(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    for one, other in rule.swap:
        for part in parts.in_scope(rule.scope):
            forms = [
                list(word_pattern(rule, form).finditer(part.text, timeout=SECONDS_A_RULE)) for form in (one, other)
            ]
            if all(forms):
                # The rarer form is the one to mend; of as many of both, the one that comes later.
                rarer = min(forms, key=lambda found: (len(found), -found[0].start()))
                for found in rarer:
                    yield _note(rule, part, found.start(), found.end(), found.group().strip())


def _conditional(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    first, second = (word_pattern(rule, form) for form in (rule.first, rule.second))
    for part in parts.in_scope(rule.scope):
        explained = list(second.finditer(part.text, timeout=SECONDS_A_RULE))
        named = {group for found in explained for group in found.groups() if group}
        for found in first.finditer(part.text, timeout=SECONDS_A_RULE):
            word = found.group().strip()
            is_fine = word in named if second.groups else bool(explained)
            if not is_fine and not _is_excepted(rule, word):
                yield _note(rule, part, found.start(), found.end(), word)


def _capitalization(rule: Rule, parts: Parts) -> Iterator[MarginNote]:
    assert rule.case is not None
    for part in parts.in_scope(rule.scope):
        if part.text.strip() and not is_capitalised(part.text, rule.case, exceptions=rule.exceptions):
            start = len(part.text) - len(part.text.lstrip())
            yield _note(rule, part, start, start + len(part.text.strip()), part.text.strip())


CHECKS: dict[RuleKind, Callable[[Rule, Parts], Iterator[MarginNote]]] = {
    RuleKind.EXISTENCE: _existence,
    RuleKind.SUBSTITUTION: _substitution,
    RuleKind.OCCURRENCE: _occurrence,
    RuleKind.REPETITION: _repetition,
    RuleKind.CONSISTENCY: _consistency,
    RuleKind.CONDITIONAL: _conditional,
    RuleKind.CAPITALIZATION: _capitalization,
}


def _matches(rule: Rule, parts: Parts) -> Iterator[tuple[Part, regex.Match[str]]]:
    for part in parts.in_scope(rule.scope):
        for found in _searched(rule, part):
            if found.group().strip() and not _is_excepted(rule, found.group().strip()):
                yield part, found


def _searched(rule: Rule, part: Part) -> Iterator[regex.Match[str]]:
    return iter(pattern_of(rule).finditer(part.text, timeout=SECONDS_A_RULE))


def _note(rule: Rule, part: Part, start: int, end: int, *said: str) -> MarginNote:
    message = rule.message
    for word in said:
        message = message.replace("%s", word, 1)
    return MarginNote(rule.name, rule.level, message, part.start + start, part.start + end)


def _better(rule: Rule, part: Part, found: regex.Match[str]) -> str:
    """What the rule says instead of a match. A group for each word in one expression would tell it too, forty times slower."""
    if not rule.is_pattern:
        # Signs that match without case and fold otherwise (İ, ı) find nothing here.
        return _literal_swap(rule).get(_folded(rule, found.group()), rule.swap[0][1])
    for key, better in rule.swap:
        one = word_pattern(rule, key).match(part.text, found.start(), timeout=SECONDS_A_RULE)
        if one and one.end() == found.end():
            return better
    return rule.swap[0][1]


@lru_cache(maxsize=256)
def _literal_swap(rule: Rule) -> dict[str, str]:
    return {_folded(rule, key): better for key, better in rule.swap}


def _folded(rule: Rule, words: str) -> str:
    on_one_line = " ".join(words.split())
    return on_one_line.casefold() if rule.ignorecase else on_one_line


def _is_excepted(rule: Rule, word: str) -> bool:
    exceptions = exceptions_of(rule)
    return exceptions is not None and exceptions.search(word, timeout=SECONDS_A_RULE) is not None


def _is_written_so(rule: Rule, better: str, written: str) -> bool:
    """Whether what was found is the better word itself; where the rule is about its case alone, in that case."""
    choices = better.split("|")
    if written in choices or not rule.ignorecase:
        return written in choices
    is_about_case = any(key.casefold() == better.casefold() for key, _ in rule.swap)
    return not is_about_case and written.casefold() in {one.casefold() for one in choices}


def _in_words(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
