"""A file of code as the units that people write: functions, methods, small classes; else the file, where it is short."""

from __future__ import annotations

from core.records.code_units import CodeUnit, CutFile
from core.records.python_units import python_units
from core.records.syntax_trees import tree_units

MAX_WHOLE_CHARACTERS = 8_000
MIN_LINES = 4


def cut_into_units(text: str, language: str) -> CutFile:
    """The units of one file of code, in their order."""
    about, n_broken = "", 0
    if language == "Python":
        found, about = python_units(text)
    else:
        found, n_broken = tree_units(text, language)
    if not found:
        return _whole(text, about)
    long_enough = tuple(unit for unit in found if unit.code.count("\n") + 1 >= MIN_LINES)
    return CutFile(long_enough, about, len(found) - len(long_enough), n_broken)


def _whole(text: str, about: str) -> CutFile:
    n_lines = sum(1 for line in text.split("\n") if line.strip())
    if n_lines < MIN_LINES:
        return CutFile(
            (), about, reason=f"It has {n_lines or 'no'} line{'' if n_lines == 1 else 's'}, too few to learn from."
        )
    if len(text) > MAX_WHOLE_CHARACTERS:
        return CutFile(
            (), about,
            reason=f"No function or class could be told in it, and its {len(text):,} characters are more than the "
            f"{MAX_WHOLE_CHARACTERS:,} that are taken whole.",
        )  # fmt: skip
    return CutFile((CodeUnit("file", "", "", about, text.strip("\n")),), about)
