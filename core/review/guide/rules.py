"""The rules of a brand guide: what each kind means, and how one is read from plain values.

Kinds and most names of settings are those of Vale, so that its styles can be brought along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

import regex

from core.errors import Invalid

E = TypeVar("E", bound=StrEnum)
MAX_RULES = 2_000
MAX_PATTERN = 20_000


class RuleKind(StrEnum):
    """What a rule looks for.

    existence: words that must not stand there. claim: words that need proof: a link, or a figure that the brief or its facts hold, in the
    same sentence. substitution: words with a better one. occurrence: how often something may or must stand in each part. repetition: the
    same word twice in a row. consistency: of two forms only one. conditional: the first asks for the second. capitalization: how a part is
    capitalised.
    """

    EXISTENCE = "existence"
    CLAIM = "claim"
    SUBSTITUTION = "substitution"
    OCCURRENCE = "occurrence"
    REPETITION = "repetition"
    CONSISTENCY = "consistency"
    CONDITIONAL = "conditional"
    CAPITALIZATION = "capitalization"


class Level(StrEnum):
    """How much it matters. An error is one that the team does not publish with."""

    SUGGESTION = "suggestion"
    WARNING = "warning"
    ERROR = "error"


class Scope(StrEnum):
    """The part of a text that a rule looks at, each for itself. text: all of it but code and addresses; raw: to the letter."""

    TEXT = "text"
    RAW = "raw"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"
    LIST = "list"


class Case(StrEnum):
    TITLE = "title"
    SENTENCE = "sentence"
    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. name: unique in its guide. message: with up to two %s, for what was found (in a substitution: the better word first).

    tokens, swap, exceptions, first, second: words as they are, or regular expressions where is_pattern. raw: an expression put before what the
    tokens give, never wrapped. nonword: also inside words. maximum, minimum: of an occurrence, in each part; the maximum also of a
    repetition: how many in a row are let pass. case: of a capitalization. source: where it was brought from.
    """

    name: str
    kind: RuleKind
    message: str = ""
    level: Level = Level.WARNING
    scope: Scope = Scope.TEXT
    tokens: tuple[str, ...] = ()
    raw: str = ""
    swap: tuple[tuple[str, str], ...] = ()
    exceptions: tuple[str, ...] = ()
    is_pattern: bool = False
    ignorecase: bool = True
    nonword: bool = False
    maximum: int | None = None
    minimum: int | None = None
    first: str = ""
    second: str = ""
    case: Case | None = None
    source: str = ""


NEEDED = {
    RuleKind.EXISTENCE: ("tokens", "raw"),
    RuleKind.CLAIM: ("tokens", "raw"),
    RuleKind.SUBSTITUTION: ("swap",),
    RuleKind.OCCURRENCE: ("tokens", "raw"),
    RuleKind.REPETITION: (),
    RuleKind.CONSISTENCY: ("swap",),
    RuleKind.CONDITIONAL: ("first", "second"),
    RuleKind.CAPITALIZATION: ("case",),
}
MESSAGES = {
    RuleKind.EXISTENCE: "Do not write '%s'.",
    RuleKind.CLAIM: "'%s' needs proof: a figure of the brief, or a link.",
    RuleKind.SUBSTITUTION: "Write '%s' instead of '%s'.",
    RuleKind.OCCURRENCE: "It stands here %s times.",
    RuleKind.REPETITION: "'%s' stands here twice.",
    RuleKind.CONSISTENCY: "'%s' is written in two ways.",
    RuleKind.CONDITIONAL: "'%s' is not explained.",
    RuleKind.CAPITALIZATION: "'%s' is capitalised otherwise here.",
}


def read_rule(values: Mapping[str, Any], *, place: str) -> Rule:
    """A rule from plain values as a guide's file holds them. Raises Invalid naming the place, the value and what is allowed."""
    known = {field.name for field in fields(Rule)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise Invalid(f"{place} has the setting {unknown[0]!r}.", remedy=f"Known are {', '.join(sorted(known))}.")
    name = _text(values, "name", place).strip()
    if not name:
        raise Invalid(f"{place} has no name.", remedy="Give every rule a name of its own.")
    kind = _one_of(RuleKind, values.get("kind"), place, "kind")
    rule = Rule(
        name=name,
        kind=kind,
        message=_text(values, "message", place) or MESSAGES[kind],
        level=_one_of(Level, values.get("level", Level.WARNING), place, "level"),
        scope=_one_of(Scope, values.get("scope", Scope.TEXT), place, "scope"),
        tokens=_words(values, "tokens", place),
        raw=_text(values, "raw", place),
        swap=_swap(values.get("swap") or {}, place),
        exceptions=_words(values, "exceptions", place),
        is_pattern=_flag(values, "is_pattern", place, default=False),
        ignorecase=_flag(values, "ignorecase", place, default=True),
        nonword=_flag(values, "nonword", place, default=False),
        maximum=_count(values, "maximum", place),
        minimum=_count(values, "minimum", place),
        first=_text(values, "first", place),
        second=_text(values, "second", place),
        case=_one_of(Case, values["case"], place, "case") if values.get("case") else None,
        source=_text(values, "source", place),
    )
    check_rule(rule, place=place)
    return rule


def check_rule(rule: Rule, *, place: str) -> None:
    """Raises Invalid where the rule lacks what its kind needs, or an expression of it cannot be read."""
    needed = NEEDED[rule.kind]
    if needed and not any(getattr(rule, name) for name in needed):
        raise Invalid(f"{place} ({rule.name}) lacks {' or '.join(needed)}.", remedy=f"A {rule.kind} needs it.")
    if rule.kind is RuleKind.CONDITIONAL and not (rule.first and rule.second):
        raise Invalid(f"{place} ({rule.name}) needs both first and second.", remedy="Say what asks for what.")
    if rule.kind is RuleKind.OCCURRENCE and rule.maximum is None and rule.minimum is None:
        raise Invalid(
            f"{place} ({rule.name}) has neither maximum nor minimum.", remedy="Say how often it may stand there."
        )
    if rule.message.count("%s") > 2:
        raise Invalid(f"The message of {place} ({rule.name}) has more than two %s.", remedy="Use one or two.")
    if rule.is_pattern:
        expressions = [
            *rule.tokens,
            *(key for key, _ in rule.swap),
            *rule.exceptions,
            rule.raw,
            rule.first,
            rule.second,
        ]
        if rule.kind is RuleKind.CONSISTENCY:
            expressions += [value for _, value in rule.swap]
        for expression in filter(None, expressions):
            _check_expression(expression, rule, place)


def _check_expression(expression: str, rule: Rule, place: str) -> None:
    if len(expression) > MAX_PATTERN:
        raise Invalid(
            f"{place} ({rule.name}) has an expression of {len(expression):,} characters.",
            remedy=f"Use up to {MAX_PATTERN:,}.",
        )
    try:
        regex.compile(expression)
    except regex.error as error:
        raise Invalid(
            f"{place} ({rule.name}): the expression {expression[:80]!r} cannot be read: {error}.",
            remedy="Mend it, or write the word as it is and leave is_pattern out.",
        ) from error


def _text(values: Mapping[str, Any], name: str, place: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{place}: {name} is {value!r}.", remedy="Write a text.")
    return value


def _flag(values: Mapping[str, Any], name: str, place: str, *, default: bool) -> bool:
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise Invalid(f"{place}: {name} is {value!r}.", remedy="Write true or false.")
    return value


def _count(values: Mapping[str, Any], name: str, place: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Invalid(f"{place}: {name} is {value!r}.", remedy="Write a whole number from 0 on.")
    return value


def _words(values: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    value = values.get(name) or ()
    if isinstance(value, str) or not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise Invalid(
            f"{place}: {name} is {value!r}.", remedy='Write a list of texts, such as ["leverage", "utilise"].'
        )
    return tuple(word for word in (v.strip() for v in value) if word)


def _swap(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for pair in value.items() for v in pair):
        raise Invalid(f"{place}: swap is {value!r}.", remedy='Write pairs, such as {"utilise": "use"}.')
    return tuple(value.items())


def _one_of(kind: type[E], value: Any, place: str, name: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise Invalid(f"{place}: {name} is {value!r}.", remedy=f"Choose from {', '.join(kind)}.") from None
