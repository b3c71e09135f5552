"""The rules of a brand guide: what each kind means, and how one is read from plain values.

Kinds and most names of settings are those of Vale, so that its styles can be brought along.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
