"""Facts put out of an example: a placeholder such as [price] stands in the answer, and what was there is told.

Only what the assistant says is touched. What was asked stays as it came: nothing is learnt from it, and a question without its
amounts and versions could not be read. Masking and moving put the same placeholder; of a fact that is moved
the sentence around it is kept as well, so that it can be looked up when a draft is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.curate.cleaning.changes import Change, applied
from core.curate.facts import PATTERNS, FactKind, fact_spans
from core.curate.flags.view import SENTENCE_END
from core.nouns import Example

# A sentence of next to no words, or one that leans on what was said, is kept with the one or two before it.
LEAST_WORDS = 3
LEANING = re.compile(r"\W*(?:it|its|this|that|they|these|those|he|she|both|there)\b", re.IGNORECASE)
MOST_BEFORE = 2
LONGEST_PASSAGE = 600
WORD = re.compile(r"[^\W\d_]{2,}")


class FactChoice(StrEnum):
    """What becomes of a kind of fact in a version."""

    KEEP = "keep"
    MASK = "mask"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class HiddenFact:
    """One span that a placeholder took the place of. passage: the sentence around it, of the text before."""

    kind: FactKind
    choice: FactChoice
    value: str
    passage: str


@dataclass(frozen=True, slots=True)
class HiddenText:
    """changes: on the text before, one for each of facts, in order."""

    text: str
    facts: tuple[HiddenFact, ...] = ()
    changes: tuple[Change, ...] = ()


Choices = Mapping[FactKind, FactChoice]


def placeholder(kind: FactKind) -> str:
    return f"[{kind.value}]"


def hide(text: str, choices: Choices) -> HiddenText:
    """The text with every fact of a chosen kind as its placeholder. choices: by kind; a kind that is missing is kept."""
    facts, changes = [], []
    for span in fact_spans(text):
        choice = choices.get(span.kind, FactChoice.KEEP)
        if choice is FactChoice.KEEP:
            continue
        value = text[span.start : span.end]
        facts.append(HiddenFact(span.kind, choice, value, passage_around(text, span.start, span.end)))
        changes.append(Change(span.start, span.end, placeholder(span.kind), f"a {span.kind.value}"))
    return HiddenText(applied(text, changes), tuple(facts), tuple(changes))


def hide_in_example(example: Example, choices: Choices) -> tuple[Example, list[HiddenFact]]:
    """The example with the facts put out of what the assistant says, and these facts."""
    hidden: list[HiddenFact] = []
    messages: list[dict[str, str]] = []
    for message in example.messages:
        if message["role"] == "assistant":
            done = hide(message["content"], choices)
            hidden += done.facts
            message = message | {"content": done.text}
        messages.append(message)
    if not hidden:
        return example, []
    kinds = tuple(kind.value for kind in FactKind if any(fact.kind is kind for fact in hidden))
    return replace(example, messages=tuple(messages), hidden=kinds), hidden


def says_nothing_else(messages: Sequence[Mapping[str, str]]) -> bool:
    """Whether no word is left beside placeholders in what the assistant says."""
    said = " ".join(m["content"] for m in messages if m["role"] == "assistant")
    for kind in FactKind:
        said = said.replace(placeholder(kind), " ")
    return WORD.search(said) is None


def passage_around(text: str, start: int, end: int) -> str:
    """The sentence in which the characters stand, on one line; with those before where it says nothing by itself."""
    edges = [0, *(m.end() for m in SENTENCE_END.finditer(text) if not start < m.end() < end), len(text)]
    first = max(place for place, edge in enumerate(edges) if edge <= start)
    last = min(place for place, edge in enumerate(edges) if edge >= end and place > first)
    for _ in range(MOST_BEFORE):
        if first > 0 and not _stands_by_itself(text[edges[first] : edges[last]]):
            first -= 1
    begin, stop = edges[first], edges[last]
    if stop - begin > LONGEST_PASSAGE:
        # What has no sentence ends is cut around the fact, at spaces.
        begin = max(begin, start - LONGEST_PASSAGE // 2)
        stop = min(stop, max(end, begin + LONGEST_PASSAGE))
        begin = text.find(" ", begin, start) + 1 or begin
        stop = max(text.rfind(" ", end, stop), end)
    return " ".join(text[begin:stop].split())


def _stands_by_itself(passage: str) -> bool:
    # One answer for all facts of a sentence, so that they share one passage.
    n_words = len(WORD.findall(PATTERNS[FactKind.LINK].sub(" ", passage)))
    return n_words >= LEAST_WORDS and LEANING.match(passage) is None
