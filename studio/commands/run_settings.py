"""The settings of a run on the command line: any of the expert view, by name, and the few that have an option of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from core.training.presets import TrainConfig, settings_from_text

NAMES = ", ".join(field.name for field in fields(TrainConfig))
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", show_default=False,
        help=f"A setting in place of the preset's, such as rank=8; several times for several. Any of {NAMES}.",
    ),
]  # fmt: skip


def settings_of(pairs: Sequence[str] | None, **named: Any) -> dict[str, Any]:
    """What --set says and the options of the same name, None for one that was left out. Raises Invalid where both say one."""
    found = settings_from_text(pairs or [])
    for name, value in named.items():
        if value is None:
            continue
        if name in found:
            option = "--" + name.replace("_", "-")
            raise Invalid(f"{name} is said twice, by {option} and by --set.", remedy="Say it once.")
        found[name] = value
    if "base" in found:
        found["base"] = folder_or_id(found["base"])
    return found


def folder_or_id(base: str) -> str:
    """A folder with its whole path, since the studio may run in another one; anything else as it is."""
    folder = Path(base).expanduser()
    return str(folder.resolve()) if folder.exists() else base
