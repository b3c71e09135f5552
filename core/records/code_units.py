"""What a unit of code is: a function, a method, a small class or a short file, as a task and its answer.

From the signature and the docstring, or the comment above, to the whole code. `code_cutting` finds them.
"""

from __future__ import annotations

from dataclasses import dataclass

# A larger class is cut into its methods.
MAX_CLASS_CHARACTERS = 3_000


@dataclass(frozen=True, slots=True)
class CodeUnit:
    """kind: function, method, class or file. name: as it is spoken of within the file; empty for a file.

    signature: its first lines as written. about: its docstring or the comment above it. code: the whole, dedented.
    """

    kind: str
    name: str
    signature: str
    about: str
    code: str


@dataclass(frozen=True, slots=True)
class CutFile:
    """about: what the file says of itself. reason: why there is no unit.

    n_short: units too short to teach anything. n_broken: units with a mistake in them, or of a newer language.
    """

    units: tuple[CodeUnit, ...]
    about: str = ""
    n_short: int = 0
    n_broken: int = 0
    reason: str = ""
