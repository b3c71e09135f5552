"""The freezing job's step for a version that is measured on another one's hold-out.

The held-out examples are taken over by value, so that two versions are measured on the same words. What is held out, and
whatever belongs together with it, is not learnt from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.curate.records_in import RecordIn
from core.curate.versions import read_version
from core.nouns import Dropped, Example, RecordKind, Split


@dataclass(frozen=True, slots=True)
class HoldOut:
    """name: of the version whose hold-out it is."""

    name: str
    examples: dict[Split, tuple[Example, ...]]

    @property
    def records(self) -> set[str]:
        return {one.record_id for held in self.examples.values() for one in held}

    def compared(
        self, rows: Sequence[Mapping[str, Any]], as_record: Callable[[Mapping[str, Any]], RecordIn]
    ) -> list[RecordIn]:
        """The held-out records for the comparison with others: as they are in the project, else as they were frozen."""
        found = {row["id"]: as_record(row) for row in rows if row["id"] in self.records}
        for held in self.examples.values():
            for one in held:
                found.setdefault(one.record_id, _as_frozen(one))
        return [found[record] for record in sorted(found)]

    def keep_apart(self, examples: Sequence[Example], groups: Mapping[str, str]) -> tuple[list[Example], list[Dropped]]:
        """The examples that may be learnt from, and those that belong to what is held out. groups: of each record."""
        held = self.records
        held_groups = {groups[record] for record in held}
        left, dropped = [], []
        for one in examples:
            if one.record_id in held:
                dropped.append(Dropped(one.record_id, one.external_id, "held_out", f"held out in {self.name}"))
            elif groups[one.record_id] in held_groups:
                detail = f"says the same as what is held out in {self.name}, or is of the same customer"
                dropped.append(Dropped(one.record_id, one.external_id, "like_held_out", detail))
            else:
                left.append(one)
        return left, dropped


def read_hold_out(told: Mapping[str, str] | None) -> HoldOut | None:
    """told: folder, content_sha256 and name of a version; None for a hold-out that is drawn anew. Raises Invalid where it was changed."""
    if told is None:
        return None
    version = read_version(Path(told["folder"]), expected_sha256=told["content_sha256"])
    return HoldOut(told["name"], {split: version.examples[split] for split in (Split.VALIDATION, Split.TEST)})


def _as_frozen(example: Example) -> RecordIn:
    messages = [dict(message) for message in example.messages]
    text = "\n\n".join(message["content"] for message in messages)
    return RecordIn(
        example.record_id, example.external_id, RecordKind.CHAT, example.title, text, {"messages": messages}
    )
