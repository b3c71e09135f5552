"""The script of a component, put together from files of this folder: what several share before its own."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def script_of(*files: str) -> str:
    """files: names in this folder; the component's own comes last."""
    return "".join((_HERE / file).read_text(encoding="utf-8") for file in files)
