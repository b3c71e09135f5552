"""What a passage is about, all that it stands under, each once; and which passages of a file are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from core.curate.encoder import DIMENSIONS, ENCODER_ID
from core.facts.retrieval import Vectors
from core.facts.store_files import KnownFact, read_known


@pytest.mark.parametrize(
    ("title", "heading", "subject"),
    [
        ("Price list", "Plans of 2027", "Price list › Plans of 2027"),
        ("Price list", "", "Price list"),
        ("", "Plans of 2027", "Plans of 2027"),
        ("Prices", "Prices", "Prices"),
        ("", "", ""),
    ],
)
def test_title_and_heading_are_both_kept(title: str, heading: str, subject: str) -> None:
    assert KnownFact("f1", title, heading, "It costs 12 euros.", "Ann", "prices.md", None).subject == subject


def test_what_expired_while_the_file_waited_is_not_read(tmp_path: Path) -> None:
    today = date(2026, 5, 3)
    days = {"kept": today, "never": None, "over": today - timedelta(days=1)}
    rows = [
        {
            "id": name, "title": "", "heading": "", "passage": f"{name}.", "owner": "Ann", "source": "a.md", "expires_on": day,
            "encoder": ENCODER_ID, "vector": [1.0] * DIMENSIONS,
        }
        for name, day in days.items()
    ]  # fmt: skip
    fields = [(name, pa.string()) for name in ("id", "title", "heading", "passage", "owner", "source")]
    fields += [("expires_on", pa.date32()), ("encoder", pa.string()), ("vector", pa.list_(pa.float32(), DIMENSIONS))]
    parquet.write_table(pa.Table.from_pylist(rows, schema=pa.schema(fields)), tmp_path / "known.parquet")

    def embed(texts: Sequence[str]) -> Vectors:
        raise AssertionError(texts)

    facts, vectors, missing = read_known(tmp_path / "known.parquet", embed, today=today)
    assert [one.id for one in facts] == ["kept", "never"]
    assert (vectors.shape, missing) == ((2, DIMENSIONS), [])
