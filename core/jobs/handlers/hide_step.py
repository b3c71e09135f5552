"""The freezing job's step of facts: placeholders in the answers, and the passages that are moved to the fact store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.fact_hiding import Choices, FactChoice, HiddenFact, hide, hide_in_example, says_nothing_else
from core.curate.facts import FactKind
from core.curate.records_in import RecordIn
from core.nouns import Dropped, Example
from core.training.chat_format import ChatFormat

MOVED = pa.schema([("place", pa.int64())] + [(n, pa.string()) for n in ("passage", "kind", "record_id", "source_id")])


@dataclass(slots=True)
class Hiding:
    """examples: with placeholders. dropped: those that hiding left nothing to learn of, or made too long.

    facts: those hidden in the examples, with the record that each was in.
    """

    choices: Choices
    examples: list[Example] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    facts: list[tuple[str, HiddenFact]] = field(default_factory=list)

    def counts(self) -> dict[str, dict[str, str | int]]:
        """By kind that is not kept: choice, n_spans and n_examples; for the card."""
        n_spans = Counter(fact.kind for _, fact in self.facts)
        n_examples = Counter(kind for example in self.examples for kind in example.hidden)
        return {
            kind.value: {"choice": choice.value, "n_spans": n_spans[kind], "n_examples": n_examples[kind.value]}
            for kind, choice in sorted(self.choices.items(), key=lambda item: list(FactKind).index(item[0]))
        }

    def write_moved(self, file: Path, sources: Mapping[str, str]) -> None:
        """The passages that the fact store takes over, in their order, each with its kind and record. sources: of the records."""
        rows = [
            {
                "place": n,
                "passage": fact.passage,
                "kind": fact.kind.value,
                "record_id": record,
                "source_id": sources[record],
            }
            for n, (record, fact) in enumerate(self.facts)
            if fact.choice is FactChoice.MOVE
        ]
        parquet.write_table(pa.Table.from_pylist(rows, schema=MOVED), file)


def hide_facts(examples: Sequence[Example], choices: Choices, form: ChatFormat, *, max_tokens: int) -> Hiding:
    """Hide the chosen kinds in every example."""
    done = Hiding(choices)
    for example in examples:
        hidden, facts = hide_in_example(example, choices)
        reason = _against(hidden, form, max_tokens) if facts else None
        if reason is None:
            done.examples.append(hidden)
            done.facts += [(example.record_id, fact) for fact in facts]
        else:
            done.dropped.append(Dropped(example.record_id, example.external_id, *reason))
    return done


def as_compared(record: RecordIn, choices: Choices) -> RecordIn:
    """The record for the comparison with others: posts and reviews that differ in hidden facts alone are the same.

    Threads are compared by their question, which nothing is put out of, and chats as they are.
    """
    return replace(record, text=hide(record.text, choices).text) if choices else record


def _against(example: Example, form: ChatFormat, max_tokens: int) -> tuple[str, str] | None:
    """Why an example with placeholders cannot be learnt from: reason and detail."""
    kinds = ", ".join(example.hidden)
    if says_nothing_else(example.messages):
        return "nothing_but_facts", f"no word is left beside the facts that were put out: {kinds}"
    # A placeholder may take a token more than what it stands for.
    n_tokens = form.count_chat_tokens(example.messages)
    if n_tokens > max_tokens:
        return "too_many_tokens", f"{n_tokens} tokens with placeholders of {kinds}, {max_tokens} allowed"
    return None
