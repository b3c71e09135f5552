"""The user guide, read from studio/help."""

from __future__ import annotations

from pathlib import Path

# The title of the one chapter that somebody who only reviews needs.
FOR_REVIEWERS = "Reviewing drafts"
HELP = Path(__file__).resolve().parents[1] / "help"


def chapters() -> list[tuple[str, str]]:
    """(title, Markdown) of each chapter, in the order of their file names."""
    found = []
    for file in sorted(HELP.glob("*.md")):
        title, _, text = file.read_text(encoding="utf-8").partition("\n")
        found.append((title.removeprefix("# ").strip(), text.strip()))
    return found
