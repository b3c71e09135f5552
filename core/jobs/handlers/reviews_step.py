"""The freezing job's step for records that came out of reviews.

They are never held out. One whose brief was taken from a text belongs to that text's group; where the group is held out, the
record is left out, since it says what the test asks for. What is held out is drawn as if they were not there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.curate.splits import split_groups
from core.nouns import Dropped, Example, ReviewClass, Split

# What a machine wrote and nobody wrote anew.
MACHINE_WRITTEN = frozenset({ReviewClass.AS_IS, ReviewClass.LIGHT_EDIT})


class FromReviews:
    """Which records of a project came out of reviews, and what their briefs were taken from."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """rows: every record of the project; `review` holds what is kept of where it comes from, as JSON, where it came out of one."""
        self._told: dict[str, dict[str, Any]] = {
            row["id"]: json.loads(row["review"]) for row in rows if row.get("review")
        }
        asked = {told["brief_record"] for told in self._told.values() if told.get("brief_record")}
        self._asked = {row["id"]: row for row in rows if row["id"] in asked}

    @property
    def ids(self) -> set[str]:
        return set(self._told)

    def keys(self, record: str) -> list[str]:
        """What ties a record to the others: a text that briefs were taken from, and what was signed off for them."""
        asked = self._told.get(record, {}).get("brief_record") or record
        own = [f"asked:{asked}"]
        if record in self._told and (text := self._asked.get(asked)) is not None and text.get("cluster"):
            # Where the text itself is not taken, another of its cluster may be.
            own.append(f"cluster:{text['cluster']}")
        return own

    def split(
        self,
        examples: Sequence[Example],
        groups: Mapping[str, str],
        drawn: Mapping[str, str],
        *,
        seed: int,
        train_only: set[str],
    ) -> tuple[dict[Split, list[Example]], list[Dropped]]:
        """Examples by split, and those that belong to what is held out.

        groups: of each record. drawn: of each that did not come out of a review, as if no other were there. train_only: records.
        """
        sizes = Counter(drawn[e.record_id] for e in examples if e.record_id not in self._told)
        barred = {drawn[record] for record in train_only if record in drawn}
        assigned = split_groups(sizes, seed=seed, train_only=barred)
        held = {
            groups[record] for record, group in drawn.items() if assigned.get(group, Split.TRAIN) is not Split.TRAIN
        }
        splits: dict[Split, list[Example]] = {split: [] for split in Split}
        dropped = []
        for e in examples:
            if e.record_id not in self._told:
                group = drawn[e.record_id]
                splits[assigned[group]].append(replace(e, group=group))
            elif groups[e.record_id] in held:
                detail = "it was signed off for a brief from a text that is held out, or says the same as one"
                dropped.append(Dropped(e.record_id, e.external_id, "brief_held_out", detail))
            else:
                splits[Split.TRAIN].append(replace(e, group=groups[e.record_id]))
        return splits, dropped

    def counted(self, splits: Mapping[Split, Sequence[Example]]) -> dict[str, Any]:
        """n: examples to train on that came out of reviews, by verdict; n_machine_written: those that nobody wrote anew; n_train: all."""
        verdicts = Counter(
            str(self._told[e.record_id].get("verdict")) for e in splits[Split.TRAIN] if e.record_id in self._told
        )
        return {
            "n": verdicts.total(),
            "n_machine_written": sum(verdicts[one] for one in MACHINE_WRITTEN),
            "n_train": len(splits[Split.TRAIN]),
            "verdicts": dict(verdicts.most_common()),
        }
