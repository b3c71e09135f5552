"""A file of code as the units that people write: functions, methods, small classes; else the file, where it is short.

A unit is a task and its answer: from the signature and the docstring, or the comment above, to the whole
code. Python is cut by its own parser. Knows nothing of repositories.
"""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CLASS_CHARACTERS = 3_000
MAX_WHOLE_CHARACTERS = 8_000
MIN_UNIT_LINES = 4
MIN_FILE_LINES = 4


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
    """about: what the file says of itself. n_short: units too short to teach anything. reason: why there is no unit."""

    units: tuple[CodeUnit, ...]
    about: str = ""
    n_short: int = 0
    reason: str = ""


def cut_into_units(text: str, language: str) -> CutFile:
    """The units of one file of code, in their order."""
    cut = _cut_python(text) if language == "Python" else None
    return cut if cut is not None and (cut.units or cut.n_short) else _whole(text, cut.about if cut else "")


def _whole(text: str, about: str) -> CutFile:
    n_lines = sum(1 for line in text.split("\n") if line.strip())
    if n_lines < MIN_FILE_LINES:
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


def _cut_python(text: str) -> CutFile | None:
    """None where it is no Python that this version reads."""
    try:
        with warnings.catch_warnings():
            # An old escape in somebody's string is theirs.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    # As the parser counts lines: a form feed or a separator inside a string ends none.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = list(_python_units(tree, lines))
    kept = tuple(unit for unit in found if unit.code.count("\n") + 1 >= MIN_UNIT_LINES)
    return CutFile(kept, first_paragraph(ast.get_docstring(tree) or ""), len(found) - len(kept))


def _python_units(tree: ast.Module, lines: list[str]) -> Iterator[CodeUnit]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _python_unit(node, lines, "function", node.name)
        elif isinstance(node, ast.ClassDef):
            whole = _python_unit(node, lines, "class", node.name)
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
            if len(whole.code) <= MAX_CLASS_CHARACTERS or not methods:
                yield whole
            else:
                yield from (_python_unit(part, lines, "method", f"{node.name}.{part.name}") for part in methods)


def _python_unit(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lines: list[str], kind: str, name: str
) -> CodeUnit:
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
    head = lines[node.lineno - 1 : max(node.lineno, node.body[0].lineno - 1)]
    return CodeUnit(
        kind, name,
        signature=textwrap.dedent("\n".join(head)).rstrip(),
        about=ast.get_docstring(node) or _comment_above(lines, start),
        code=textwrap.dedent("\n".join(lines[start : node.end_lineno])),
    )  # fmt: skip


def _comment_above(lines: list[str], start: int) -> str:
    """The lines of comment that end right above a unit."""
    first = start
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "\n".join(line.strip().lstrip("#").strip() for line in lines[first:start]).strip()


def first_paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split())
