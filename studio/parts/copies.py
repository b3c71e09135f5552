"""The script of a component that keeps what is typed in the browser: its own, behind the shared one for copies."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def script_with_copies(name: str) -> str:
    """name: the component's own file in this folder."""
    return "".join((_HERE / file).read_text(encoding="utf-8") for file in ("copies.js", name))
