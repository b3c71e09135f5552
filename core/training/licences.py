"""Under which licence a base model is, as far as this machine knows: the set-up's own, else what stands in the model's folder."""

from __future__ import annotations

from pathlib import Path

from core.records.front_matter import BrokenFrontMatter, split_front_matter
from core.training.base_models import SMOLLM2

MOST_CHARACTERS = 64_000


def licence_of(name: str, folder: Path | None) -> str | None:
    """The licence that the base model names itself by; None where nothing here says one. folder: None where it is not on this machine."""
    if name.startswith(SMOLLM2.id):
        return SMOLLM2.licence
    if folder is None:
        return None
    try:
        with (folder / "README.md").open(encoding="utf-8") as card:
            told = split_front_matter(card.read(MOST_CHARACTERS)).facts
    except (OSError, UnicodeDecodeError, BrokenFrontMatter):
        return None
    licence = told.get("license_name") if told.get("license") == "other" else told.get("license")
    return licence if isinstance(licence, str) and licence.strip() else None
