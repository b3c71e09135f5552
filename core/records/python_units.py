"""The functions, methods and small classes of a Python file, by Python's own parser."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterator

from core.records.code_units import MAX_CLASS_CHARACTERS, CodeUnit


def python_units(text: str) -> tuple[list[CodeUnit], str]:
    """The units in their order, and the first paragraph of the file's docstring; none of a Python of another age."""
    try:
        with warnings.catch_warnings():
            # An old escape in somebody's string is theirs.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], ""
    # As the parser counts lines: a form feed or a separator inside a string ends none.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    about = (ast.get_docstring(tree) or "").strip().split("\n\n")[0]
    return list(_units(tree, lines)), " ".join(about.split())


def _units(tree: ast.Module, lines: list[str]) -> Iterator[CodeUnit]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _unit(node, lines, "function", node.name)
        elif isinstance(node, ast.ClassDef):
            whole = _unit(node, lines, "class", node.name)
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
            if len(whole.code) <= MAX_CLASS_CHARACTERS or not methods:
                yield whole
            else:
                yield from (_unit(part, lines, "method", f"{node.name}.{part.name}") for part in methods)


def _unit(
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
