"""A rule read from plain values, as a guide's file or a Vale style holds them; what is wrong is named with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar

import regex

from core.errors import Invalid
from core.review.guide.expressions import patterns_of
from core.review.guide.rules import MAX_PATTERN, MESSAGES, Case, Level, Rule, RuleKind, Scope

E = TypeVar("E", bound=StrEnum)
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


def read_rule(values: Mapping[str, Any], *, place: str) -> Rule:
    """A rule from plain values as a guide's file holds them. Raises Invalid naming the place, the value and what is allowed."""
    known = {field.name for field in fields(Rule)}
    unknown = sorted(str(key) for key in values if key not in known)
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
    if any(not key.strip() or not value.strip() for key, value in rule.swap):
        raise Invalid(
            f"{place} ({rule.name}) has an empty word in its swap.", remedy="Write both, or leave the pair out."
        )
    _check_expressions(rule, place)


def _check_expressions(rule: Rule, place: str) -> None:
    """What the check will compile is compiled here: pieces that can be read alone may not fit together."""
    expressions = [*rule.tokens, *(key for key, _ in rule.swap), *rule.exceptions, rule.raw, rule.first, rule.second]
    for expression in expressions:
        if len(expression) > MAX_PATTERN:
            raise Invalid(
                f"{place} ({rule.name}) has an expression of {len(expression):,} characters.",
                remedy=f"Use up to {MAX_PATTERN:,}.",
            )
    try:
        for pattern in patterns_of(rule):
            # Compiled by asking it something.
            pattern.search("", timeout=1.0)
    except (regex.error, RecursionError, OverflowError) as error:
        told = str(error) or type(error).__name__
        wrong = next((one for one in filter(None, expressions) if not _compiles(one)), "")
        raise Invalid(
            f"{place} ({rule.name}): the expression {shown(wrong)} cannot be read: {told}."
            if wrong
            else f"{place} ({rule.name}): its expressions do not fit together: {told}.",
            remedy="Mend it, or write the words as they are and leave is_pattern and raw out.",
        ) from None


def _compiles(expression: str) -> bool:
    try:
        regex.compile(expression)
    except (regex.error, RecursionError, OverflowError):
        return False
    return True


def shown(value: Any) -> str:
    """A value in an error: its beginning, however much there is of it."""
    if isinstance(value, str):
        return repr(value[:80])
    return repr(value) if value is None or isinstance(value, int | float | bool) else f"a {type(value).__name__}"


def _text(values: Mapping[str, Any], name: str, place: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{place}: {name} is {shown(value)}.", remedy="Write a text.")
    return value


def _flag(values: Mapping[str, Any], name: str, place: str, *, default: bool) -> bool:
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise Invalid(f"{place}: {name} is {shown(value)}.", remedy="Write true or false.")
    return value


def _count(values: Mapping[str, Any], name: str, place: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Invalid(f"{place}: {name} is {shown(value)}.", remedy="Write a whole number from 0 on.")
    return value


def _words(values: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    value = values.get(name) or ()
    if isinstance(value, str) or not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise Invalid(
            f"{place}: {name} is {shown(value)}.", remedy='Write a list of texts, such as ["leverage", "utilise"].'
        )
    return tuple(word for word in (v.strip() for v in value) if word)


def _swap(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for pair in value.items() for v in pair):
        raise Invalid(f"{place}: swap is {shown(value)}.", remedy='Write pairs, such as {"utilise": "use"}.')
    return tuple(value.items())


def _one_of(kind: type[E], value: Any, place: str, name: str) -> E:
    try:
        return kind(value)
    except (ValueError, TypeError):
        raise Invalid(f"{place}: {name} is {shown(value)}.", remedy=f"Choose from {', '.join(kind)}.") from None
