"""The files in which passages travel between server and workers: what may be looked up, and the vectors that a worker adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.encoder import DIMENSIONS, ENCODER_ID
from core.facts.passages import Passage, searched_text
from core.facts.retrieval import Vectors

VECTORS = pa.schema(
    [("fact_id", pa.string()), ("encoder", pa.string()), ("vector", pa.list_(pa.float32(), DIMENSIONS))]
)


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A passage that may be looked up. source: where it comes from, in words; expires_on: the last day that it is used."""

    id: str
    title: str
    heading: str
    passage: str
    owner: str
    source: str
    expires_on: date | None

    @property
    def told(self) -> str:
        """As it stands in a request: with what it is about, where it does not say so itself."""
        subject = self.heading or self.title
        return f"{subject}: {self.passage}" if subject and subject.lower() not in self.passage.lower() else self.passage

    @property
    def subject(self) -> str:
        """All that says what it is about: the document's title, and the heading that it stands under."""
        return " › ".join(dict.fromkeys(filter(None, (self.title, self.heading))))

    @property
    def searched(self) -> str:
        return searched_text(self.title, Passage(self.heading, self.passage))


def read_known(
    file: Path, embed: Callable[[Sequence[str]], Vectors], *, today: date
) -> tuple[list[KnownFact], Vectors, list[int]]:
    """The passages of a file that hold today, their vectors, and the places of those that had none and were embedded now.

    The file may have waited for its turn since it was written.
    """
    table = parquet.read_table(file)
    holds = [last_day is None or last_day >= today for last_day in table.column("expires_on").to_pylist()]
    table = table.filter(pa.array(holds, type=pa.bool_()))
    rows = table.drop_columns(["vector"]).to_pylist()
    facts = [KnownFact(**{name: row[name] for name in KnownFact.__dataclass_fields__}) for row in rows]
    vectors = np.zeros((len(facts), DIMENSIONS), dtype=np.float32)
    stored = table.column("vector").combine_chunks()
    missing = [at for at, row in enumerate(rows) if row["encoder"] != ENCODER_ID or not stored[at].is_valid]
    there = sorted(set(range(len(rows))) - set(missing))
    if there:
        flat = stored.take(pa.array(there)).flatten().to_numpy(zero_copy_only=False)
        vectors[there] = flat.reshape(len(there), DIMENSIONS)
    if missing:
        vectors[missing] = embed([facts[at].searched for at in missing])
    return facts, vectors, missing


def write_vectors(file: Path, ids: Sequence[str], vectors: Vectors) -> None:
    rows = [{"fact_id": i, "encoder": ENCODER_ID, "vector": v.tolist()} for i, v in zip(ids, vectors, strict=True)]
    parquet.write_table(pa.Table.from_pylist(rows, schema=VECTORS), file)
