"""Verifies the audit trail: every entry as the server copied it out, under the key that lies beside the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from core.jobs.context import JobContext
from core.privacy.audit import Entry, Head, moment
from core.privacy.audit_check import Outcome, verify
from core.store.trail import head_in, read_key

BATCH = 10_000


def run(context: JobContext) -> dict[str, Any]:
    """Read entries.parquet and the head of the inputs. Returns what the trail is found to be. Raises Invalid where the key cannot be read."""
    settings = context.settings
    key = read_key(Path(settings["key"]))
    copied = context.inputs / "audit.head"
    head, is_forged = head_in(copied.read_bytes() if copied.exists() else None, key)
    noted = Head(settings["noted"][0], bytes.fromhex(settings["noted"][1])) if settings["noted"] else None
    found = verify(_entries(context), key, head, head_is_forged=is_forged, noted=noted)
    return _told(found)


def _entries(context: JobContext) -> Iterator[Entry]:
    file = parquet.ParquetFile(context.inputs / "entries.parquet")
    done = 0
    for batch in file.iter_batches(batch_size=BATCH):
        columns = [column.to_pylist() for column in batch.columns]
        yield from map(Entry, *columns)
        done += batch.num_rows
        context.report(phase="Verifying the audit trail", done=done, total=file.metadata.num_rows)


def _told(found: Outcome) -> dict[str, Any]:
    return {
        "is_unbroken": found.is_unbroken,
        "n_entries": found.n_entries,
        "last": found.last,
        "since": _at(found.first_at_us),
        "n_earlier": found.n_earlier,
        "sealed_at": _at(found.sealed_at_us),
        "n_behind": found.n_behind,
        "n_followed": found.n_followed,
        "n_wrong": found.n_wrong,
        "findings": [
            {"kind": one.kind.value, "first": one.first, "last": one.last, "sentence": str(one)}
            for one in found.findings
        ],
        "restored": [
            {"entry": one.seq, "continues_after": one.continues_after, "n_gone": one.n_gone} for one in found.restored
        ],
    }


def _at(at_us: int | None) -> str | None:
    return None if at_us is None else moment(at_us).isoformat().replace("+00:00", "Z")
