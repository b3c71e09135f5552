"""The header of a version's card, as the `datasets` library reads it."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pytest

from core.curate.version_card import card_text, with_header_for
from core.curate.versions import EXAMPLES, example_as_row
from core.nouns import Example, Split

CARD = {"n_examples": {"train": 1, "validation": 1, "test": 0}, "content_sha256": "0" * 64, "name": "v1"}
SAID = ({"role": "user", "content": "Is it on?"}, {"role": "assistant", "content": "It is."})
EXAMPLES_BY_SPLIT = {
    Split.TRAIN: Example("e1", "r1", "t1", "g1", SAID, "On", ("power",), ("html_to_markdown",)),
    Split.VALIDATION: Example("e2", "r2", "t2", "g2", SAID, "On", (), ()),
}


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """JSON Lines of which one split holds neither a tag nor the name of a cleaning step."""
    folder = tmp_path / "v1"
    folder.mkdir()
    for split, example in EXAMPLES_BY_SPLIT.items():
        (folder / f"{split.value}.jsonl").write_text(json.dumps(example_as_row(example)) + "\n", encoding="utf-8")
    text = with_header_for(card_text(CARD, [], schema=EXAMPLES), CARD["n_examples"], schema=EXAMPLES, ending="jsonl")
    (folder / "README.md").write_text(text, encoding="utf-8")
    return folder


def test_json_lines_load_with_the_columns_types_though_a_split_has_no_value_of_one(
    exported: Path, tmp_path: Path
) -> None:
    loaded = datasets.load_dataset(str(exported), cache_dir=str(tmp_path / "cache"))
    assert {name: rows.features for name, rows in loaded.items()} == {
        name: datasets.Features.from_arrow_schema(EXAMPLES) for name in ("train", "validation")
    }
    assert loaded["validation"][0]["tags"] == []


def test_another_header_leaves_the_rest_of_the_card_as_it_is() -> None:
    text = card_text(CARD, [], schema=EXAMPLES)
    other = with_header_for(text, CARD["n_examples"], schema=EXAMPLES, ending="jsonl")
    assert other == text.replace("path: train.parquet", "path: train.jsonl").replace(
        "path: validation.parquet", "path: validation.jsonl"
    )
