"""A frozen version on disk: Parquet by split, a card, and a hash over the content.

The hash covers every example's id, messages, split and group in a canonical order, so it does
not depend on how Parquet packs the rows. The folder loads with `datasets.load_dataset`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.version_card import card_text
from core.errors import Invalid
from core.nouns import Dropped, Example, Split

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])
EXAMPLES = pa.schema(
    [
        ("id", pa.string()),
        ("record_id", pa.string()),
        ("external_id", pa.string()),
        ("group", pa.string()),
        ("title", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("messages", pa.list_(MESSAGE)),
        ("cleaned", pa.list_(pa.string())),
        ("hidden", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class FrozenVersion:
    """A version read back from disk, its hash checked."""

    content_sha256: str
    examples: dict[Split, tuple[Example, ...]]
    card: dict[str, Any]


def content_sha256(examples: Mapping[Split, Sequence[Example]]) -> str:
    """SHA-256 over all examples, sorted by id, each as canonical JSON with its split."""
    digest = hashlib.sha256()
    for line in sorted(_canonical_lines(examples)):
        digest.update(line.encode("utf-8") + b"\n")
    return digest.hexdigest()


def write_version(
    folder: Path, examples: Mapping[Split, Sequence[Example]], dropped: Sequence[Dropped], facts: dict[str, Any]
) -> str:
    """Write the version into `folder`. Returns its content hash. facts: what the card says beside counts and hash."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in Split:
        parquet.write_table(_table(examples.get(split, ())), folder / f"{split.value}.parquet")
    rows = [
        {"record_id": d.record_id, "external_id": d.external_id, "reason": d.reason, "detail": d.detail}
        for d in dropped
    ]
    names = ("record_id", "external_id", "reason", "detail")
    schema = pa.schema([(name, pa.string()) for name in names])
    (folder / "left_out").mkdir(exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "left_out" / "dropped.parquet")
    sha256 = content_sha256(examples)
    card = facts | {"content_sha256": sha256, "n_examples": {s.value: len(examples.get(s, ())) for s in Split}}
    (folder / "version.json").write_text(json.dumps(card, indent=2, ensure_ascii=False), encoding="utf-8")
    (folder / "README.md").write_text(card_text(card, dropped, schema=EXAMPLES), encoding="utf-8")
    return sha256


def read_version(folder: Path, *, expected_sha256: str | None = None) -> FrozenVersion:
    """The version of a folder. Raises Invalid when its content is not what was frozen."""
    card: dict[str, Any] = json.loads((folder / "version.json").read_text(encoding="utf-8"))
    examples = {
        split: tuple(example_of_row(row) for row in parquet.read_table(folder / f"{split.value}.parquet").to_pylist())
        for split in Split
    }
    found = content_sha256({split: list(rows) for split, rows in examples.items()})
    for wanted in {card["content_sha256"], expected_sha256 or found}:
        if found != wanted:
            raise Invalid(
                f"The version's content has the hash {found[:12]}…, frozen was {wanted[:12]}….",
                remedy="A file was changed after freezing. Freeze a new version, or restore the folder from a backup.",
            )
    return FrozenVersion(found, examples, card)


def tag_counts(folder: Path, split: Split) -> dict[str, int]:
    """How many examples of a split have each tag, the most first; read without the texts, and the hash is not checked."""
    rows = parquet.read_table(folder / f"{split.value}.parquet", columns=["tags"]).column("tags").to_pylist()
    counts = Counter(tag for tags in rows for tag in tags or ())
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _canonical_lines(examples: Mapping[Split, Sequence[Example]]) -> Iterator[str]:
    for split, rows in examples.items():
        for example in rows:
            value = {
                "id": example.id,
                "split": split.value,
                "group": example.group,
                "messages": [{"role": m["role"], "content": m["content"]} for m in example.messages],
            }
            yield json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def example_as_row(example: Example) -> dict[str, Any]:
    """The example as plain columns; what Parquet and JSON Lines of a version hold."""
    return {
        "id": example.id,
        "record_id": example.record_id,
        "external_id": example.external_id,
        "group": example.group,
        "title": example.title,
        "tags": list(example.tags),
        "messages": list(example.messages),
        "cleaned": list(example.cleaned),
        "hidden": list(example.hidden),
    }


def example_of_row(row: Mapping[str, Any]) -> Example:
    """The other way round. Versions frozen before cleaning, or hiding facts, existed have no column of it. Raises KeyError, TypeError."""
    return Example(
        row["id"],
        row["record_id"],
        row["external_id"],
        row["group"],
        tuple({"role": m["role"], "content": m["content"]} for m in row["messages"]),
        row["title"],
        tuple(row["tags"]),
        tuple(row.get("cleaned") or ()),
        tuple(row.get("hidden") or ()),
    )


def _table(examples: Sequence[Example]) -> pa.Table:
    return pa.Table.from_pylist([example_as_row(e) for e in examples], schema=EXAMPLES)
