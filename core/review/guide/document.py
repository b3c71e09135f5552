"""A brand guide as one document: how the team writes, in words and in rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import yaml

from core.errors import Invalid
from core.review.guide.presets import PRESETS
from core.review.guide.reading import read_rule, shown
from core.review.guide.rules import MAX_RULES, MESSAGES, Rule
from core.review.guide.spelling import Spelling, spelling_rule
from core.review.yaml_file import plain_values

MAX_NOTES = 20_000
MAX_FILE = 4 << 20
KEYS = ("notes", "spelling", "presets", "rules")


@dataclass(frozen=True, slots=True)
class Guide:
    """notes: Markdown that reviewers read, on tone and whatever no rule can hold. presets: names of PRESETS that are on."""

    notes: str = ""
    spelling: Spelling | None = None
    presets: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def all_rules(self) -> tuple[Rule, ...]:
        """What a draft is checked with."""
        spelling = (spelling_rule(self.spelling),) if self.spelling else ()
        return (*spelling, *(PRESETS[name][1] for name in self.presets), *self.rules)

    @property
    def rules_sha256(self) -> str:
        """Of what a draft is checked with: notes in words change nothing there."""
        return Guide(spelling=self.spelling, presets=self.presets, rules=self.rules).sha256

    @property
    def sha256(self) -> str:
        """Of what the guide says: the same guide has the same."""
        return hashlib.sha256(json.dumps(as_values(self), sort_keys=True).encode()).hexdigest()


def read_guide(values: Any) -> Guide:
    """A guide from plain values. Raises Invalid naming the place, the value and what is allowed."""
    if not isinstance(values, Mapping):
        raise Invalid(f"A guide is {shown(values)}.", remedy=f"It has the keys {', '.join(KEYS)}.")
    unknown = sorted(set(map(str, values)) - set(KEYS))
    if unknown:
        raise Invalid(f"The guide has {unknown[0]!r}.", remedy=f"Known are {', '.join(KEYS)}.")
    notes = values.get("notes") or ""
    if not isinstance(notes, str) or len(notes) > MAX_NOTES:
        raise Invalid("The guide's notes are no text, or too long.", remedy=f"Write up to {MAX_NOTES:,} characters.")
    return Guide(
        notes.strip(),
        _spelling(values.get("spelling")),
        _presets(values.get("presets") or ()),
        _rules(values.get("rules") or []),
    )


def read_file(content: bytes) -> Guide:
    """A guide from YAML or JSON. Raises Invalid."""
    return read_guide(plain_values(content, what="guide", most_bytes=MAX_FILE))


def write_file(guide: Guide) -> str:
    """The guide as YAML that reads back the same."""
    return yaml.safe_dump(as_values(guide), allow_unicode=True, sort_keys=False, width=110)


def as_values(guide: Guide) -> dict[str, Any]:
    """Plain values; what a rule leaves as it is by itself is left out."""
    return {
        "notes": guide.notes,
        "spelling": guide.spelling.value if guide.spelling else None,
        "presets": list(guide.presets),
        "rules": [_rule_values(rule) for rule in guide.rules],
    }


def _rule_values(rule: Rule) -> dict[str, Any]:
    defaults = {field.name: field.default for field in fields(Rule)} | {"message": MESSAGES[rule.kind]}
    values = {name: value for name, value in asdict(rule).items() if value != defaults[name]}
    if "swap" in values:
        values["swap"] = dict(values["swap"])
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value


def _spelling(value: Any) -> Spelling | None:
    if value is None:
        return None
    try:
        return Spelling(value)
    except (ValueError, TypeError):
        raise Invalid(
            f"The spelling is {value!r}.", remedy=f"Choose {' or '.join(Spelling)}, or leave it out."
        ) from None


def _presets(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Invalid(f"The presets are {shown(value)}.", remedy="Write a list of names.")
    unknown = [name for name in value if not isinstance(name, str) or name not in PRESETS]
    if unknown:
        raise Invalid(f"There is no preset {shown(unknown[0])}.", remedy=f"Known are {', '.join(PRESETS)}.")
    return tuple(dict.fromkeys(value))


def _rules(value: Any) -> tuple[Rule, ...]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Invalid(f"The rules are {shown(value)}.", remedy="Write a list of rules.")
    if len(value) > MAX_RULES:
        raise Invalid(f"The guide has {len(value):,} rules.", remedy=f"Use up to {MAX_RULES:,}.")
    rules = [read_rule(one, place=f"Rule {number}") for number, one in enumerate(value, start=1)]
    taken = {*PRESETS, *(f"spelling-{one}" for one in Spelling)}
    for rule in rules:
        if rule.name in taken:
            raise Invalid(f"Two rules are called {rule.name!r}.", remedy="Give every rule a name of its own.")
        taken.add(rule.name)
    return tuple(rules)
