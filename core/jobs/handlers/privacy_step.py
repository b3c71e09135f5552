"""The freezing job's step of personal data: what was decided to be masked or replaced is, before anything else is made of a record."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from core.errors import Refused
from core.nouns import RecordKind
from core.privacy.pseudonyms import placeholder
from core.privacy.putting_out import Put, put_out
from core.privacy.spans import PersonalType

BLOCK = "block"
MOST_NAMED = 4


def put_personal_data_out(
    rows: Sequence[dict[str, Any]], folder: Path, undecided: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows with their personal data as decided, and what the card says of those that are taken.

    undecided: block or mask. Raises Refused where it blocks, with what is undecided in rows that are taken.
    """
    spans: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for span in parquet.read_table(folder / "personal.parquet").to_pylist():
        spans[span["record_id"]].append(span)
    searched = set(parquet.read_table(folder / "searched.parquet")["record_id"].to_pylist())
    instead = {
        (one["type"], one["value"]): one["pseudonym"]
        for one in parquet.read_table(folder / "pseudonyms.parquet").to_pylist()
    }
    taken = [row["id"] for row in rows if row["reason"] is None]
    n_unread = sum(record not in searched for record in taken)
    if undecided == BLOCK:
        _refuse([span for record in taken for span in spans[record] if span["choice"] is None], n_unread)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for span in (span for record in taken for span in spans[record]):
        kinds[span["type"]][span["choice"] or "masked_undecided"] += 1
    card = {"kinds": {kind: dict(counts) for kind, counts in sorted(kinds.items())}, "n_records_not_searched": n_unread}
    return [_rewritten(row, spans[row["id"]], instead) for row in rows], card


def _refuse(undecided: list[dict[str, Any]], n_unread: int) -> None:
    """Raises Refused where anything is."""
    if n_unread:
        raise Refused(
            f"In {n_unread:,} of the records nobody looked for personal data since they came in or were edited.",
            remedy="Look for it on the page Personal data, or have what is undecided masked.",
        )
    if undecided:
        counts = Counter(span["type"] for span in undecided).most_common(MOST_NAMED)
        named = ", ".join(f"{PersonalType(kind).in_words} ({n:,})" for kind, n in counts)
        raise Refused(
            f"Nobody has decided on {len(undecided):,} places of personal data: {named}.",
            remedy="Decide on the page Personal data, or have what is undecided masked.",
        )


def _rewritten(row: dict[str, Any], spans: list[dict[str, Any]], instead: dict[tuple[str, str], str]) -> dict[str, Any]:
    puts = [
        Put(
            span["start_char"],
            span["end_char"],
            instead[span["type"], span["value"]]
            if span["choice"] == "replace"
            else placeholder(PersonalType(span["type"])),
        )
        for span in spans
        if span["choice"] != "keep"
    ]
    if not puts:
        return row
    title, content = put_out(RecordKind(row["kind"]), row["title"], json.loads(row["content"]), puts)
    return row | {"title": title, "content": json.dumps(content, ensure_ascii=False)}
