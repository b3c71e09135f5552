"""A frozen version without a person, or a source: its examples, what was left out of it, its card, written anew into another folder.

It is the one exception to what a version is, and the card says so: how many examples went, and which hash it had before. An example of an
erased record goes whole, and so does one that no record stands behind; of a record that was masked it is masked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from core.curate.versions import example_as_row, example_of_row, write_version
from core.nouns import Dropped, Example, Split
from core.privacy.person import Person, masked_value

CARD_FILE, LEFT_OUT = "version.json", Path("left_out") / "dropped.parquet"
# Of these the writer counts anew.
COUNTED = ("content_sha256", "n_examples")
IDS = ("id", "record_id")


@dataclass(frozen=True, slots=True)
class Erasing:
    """What to do. erased: ids of records. masked: those of which mentions alone go, and whether possible ones too. left: those left as they are.

    whole: what stands for a name that is all of a text. mark: what the card says of this erasure, without its counts. source: id of one that the card
    names no more.
    """

    person: Person
    erased: Collection[str]
    masked: Mapping[str, bool]
    left: Collection[str]
    whole: str
    mark: Mapping[str, str]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """gone, masked: ids of examples. has_learnt: whether any of them was trained on. mark: what the card says of the erasure."""

    content_sha256: str
    n_examples: dict[str, int]
    n_records: int
    gone: tuple[str, ...]
    masked: tuple[str, ...]
    has_learnt: bool
    mark: dict[str, Any]


def rewrite_version_without(folder: Path, target: Path, erasing: Erasing) -> Rewritten | None:
    """Write the version of a folder without the person into target, an empty place. None, and nothing written, where it holds nothing of them."""
    gone: list[str] = []
    masked: list[str] = []
    examples: dict[Split, list[Example]] = {}
    for split in Split:
        examples[split] = []
        for row in parquet.read_table(folder / f"{split.value}.parquet").to_pylist():
            example = example_of_row(row)
            kept = _without(example, erasing)
            if kept is None:
                gone.append(example.id)
            else:
                masked += [example.id] if kept != example else []
                examples[split].append(kept)
    has_learnt = bool({*gone, *masked} & _trained_on(folder))
    dropped, n_dropped = _left_out(folder, erasing)
    card: dict[str, Any] = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    clean = without_source(masked_value(card, erasing.person, whole=erasing.whole), erasing.source)
    readme = folder / "README.md"
    is_quoted = readme.exists() and erasing.person.certain(readme.read_text(encoding="utf-8"))
    if not (gone or masked or n_dropped or clean != card or is_quoted):
        return None
    mark = {
        **erasing.mark,
        "n_erased": len(gone),
        "n_masked": len(masked),
        "content_sha256_before": card["content_sha256"],
    }
    n_records = len({one.record_id for kept in examples.values() for one in kept})
    facts = {name: value for name, value in clean.items() if name not in COUNTED}
    facts |= {"n_records": n_records, "erased": [*card.get("erased", []), mark]}
    sha256 = write_version(target, examples, dropped, facts)
    counts = {split.value: len(kept) for split, kept in examples.items()}
    return Rewritten(sha256, counts, n_records, tuple(gone), tuple(masked), has_learnt, mark)


def without_source(card: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The card without a source among those that gave it records: what was erased from a version binds it no more."""
    if not source or not any(one.get("id") == source for one in card.get("sources", [])):
        return dict(card)
    return {**card, "sources": [one for one in card["sources"] if one.get("id") != source]}


def _without(example: Example, erasing: Erasing) -> Example | None:
    """The example as it may stay; None where it goes."""
    if example.record_id in erasing.erased:
        return None
    if example.record_id in erasing.left:
        return example
    row = example_as_row(example)
    by_hand = erasing.masked.get(example.record_id, False)
    clean = masked_value(row, erasing.person, whole=erasing.whole, takes_possible=by_hand)
    if clean == row:
        return example
    if example.record_id not in erasing.masked or any(clean[name] != row[name] for name in IDS):
        return None
    return example_of_row(clean)


def _trained_on(folder: Path) -> set[str]:
    return set(parquet.read_table(folder / f"{Split.TRAIN.value}.parquet", columns=["id"]).column("id").to_pylist())


def _left_out(folder: Path, erasing: Erasing) -> tuple[list[Dropped], int]:
    """What the version lists as left out, without the person, and how many of its lines went or changed."""
    rows = parquet.read_table(folder / LEFT_OUT).to_pylist() if (folder / LEFT_OUT).exists() else []
    kept, n_changed = [], 0
    for row in rows:
        if row["record_id"] in erasing.erased:
            n_changed += 1
            continue
        clean = row if row["record_id"] in erasing.left else masked_value(row, erasing.person, whole=erasing.whole)
        n_changed += clean != row
        kept.append(Dropped(clean["record_id"], clean["external_id"], clean["reason"], clean["detail"]))
    return kept, n_changed
