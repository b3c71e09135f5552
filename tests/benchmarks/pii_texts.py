"""Texts with labelled personal data, and which of them recognisers may be built on.

The half that is held out is fixed by the templates' numbers alone, before any text was read: texts of one template
share their wording, so a template stands on one side whole. Nothing here prints a text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

TEXTS = Path(__file__).resolve().parents[3] / "shared/data/pii-presidio/synth_dataset_v2.json"
SEED = 17


@dataclass(frozen=True, slots=True)
class Labelled:
    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class LabelledText:
    template_id: int
    text: str
    spans: tuple[Labelled, ...]


def labelled_texts(*, held_out: bool) -> list[LabelledText]:
    """The texts of one half, in the file's order."""
    rows = json.loads(TEXTS.read_text(encoding="utf-8"))
    kept = held_out_templates({row["template_id"] for row in rows})
    return [
        LabelledText(
            row["template_id"],
            row["full_text"],
            tuple(Labelled(s["start_position"], s["end_position"], s["entity_type"]) for s in row["spans"]),
        )
        for row in rows
        if (row["template_id"] in kept) == held_out
    ]


def held_out_templates(templates: set[int]) -> set[int]:
    """Half of the templates, chosen by a seeded hash of their numbers."""
    by_hash = sorted(templates, key=lambda template: sha256(f"{SEED}:{template}".encode()).digest())
    return set(by_hash[len(by_hash) // 2 :])
