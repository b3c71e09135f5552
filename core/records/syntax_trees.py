"""The functions, methods and small classes of a file in a language that tree-sitter parses.

One table says which nodes of a grammar are functions, which hold others, and which are passed through; the
cutting is the same for all. A node with a mistake in it is no unit. The grammars are those of the
tree-sitter project, loaded when a file of their language comes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from core.records.code_units import MAX_CLASS_CHARACTERS, CodeUnit

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_DEPTH = 12
MAX_SECONDS = 3.0
MAX_ANGLES = 1_000
BREATHS = re.compile(r"[;{}]")
PIECE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Grammar:
    """functions, classes: types of nodes. passed: nodes that only stand around others. get: what the module calls it."""

    module: str
    functions: frozenset[str]
    classes: frozenset[str]
    passed: frozenset[str] = frozenset()
    get: str = "language"


def _grammar(module: str, functions: str, classes: str, passed: str = "", get: str = "language") -> Grammar:
    return Grammar(module, frozenset(functions.split()), frozenset(classes.split()), frozenset(passed.split()), get)


SCRIPT_FUNCTIONS = "function_declaration generator_function_declaration method_definition variable_declarator"
TYPED_CLASSES = "class_declaration abstract_class_declaration interface_declaration"
SCRIPT_PASSED = "export_statement lexical_declaration variable_declaration"
TYPED_PASSED = f"{SCRIPT_PASSED} internal_module module expression_statement statement_block ambient_declaration"
GRAMMARS = {
    "JavaScript": _grammar("tree_sitter_javascript", SCRIPT_FUNCTIONS, "class_declaration", SCRIPT_PASSED),
    "TypeScript": _grammar(
        "tree_sitter_typescript", SCRIPT_FUNCTIONS, TYPED_CLASSES, TYPED_PASSED, "language_typescript"
    ),
    "TSX": _grammar("tree_sitter_typescript", SCRIPT_FUNCTIONS, TYPED_CLASSES, TYPED_PASSED, "language_tsx"),
    "Java": _grammar(
        "tree_sitter_java", "method_declaration constructor_declaration",
        "class_declaration interface_declaration enum_declaration record_declaration", "enum_body_declarations",
    ),
    "Go": _grammar("tree_sitter_go", "function_declaration method_declaration", "type_declaration"),
    "Rust": _grammar("tree_sitter_rust", "function_item", "impl_item trait_item struct_item enum_item", "mod_item declaration_list"),
    "C": _grammar("tree_sitter_c", "function_definition", "struct_specifier", "preproc_ifdef preproc_if linkage_specification"),
    "C++": _grammar(
        "tree_sitter_cpp", "function_definition", "class_specifier struct_specifier",
        "namespace_definition declaration_list template_declaration preproc_ifdef preproc_if linkage_specification",
    ),
    "C#": _grammar(
        "tree_sitter_c_sharp", "method_declaration constructor_declaration local_function_statement",
        "class_declaration struct_declaration interface_declaration record_declaration",
        "namespace_declaration file_scoped_namespace_declaration declaration_list global_statement",
    ),
    "Ruby": _grammar("tree_sitter_ruby", "method singleton_method", "class", "module body_statement"),
    "PHP": _grammar(
        "tree_sitter_php", "function_definition method_declaration",
        "class_declaration trait_declaration interface_declaration enum_declaration",
        "namespace_definition compound_statement", "language_php",
    ),
}  # fmt: skip
# What a variable may hold to be a function.
FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})
# What stands above a function and belongs to it.
ATTACHED = frozenset({"attribute_item", "decorator"})
COMMENT_MARKS = re.compile(r"^\s*(?:/\*+!?|\*+/|\*|//[/!]?|#)\s?|\s*\*+/\s*$", re.MULTILINE)


def tree_units(text: str, language: str) -> tuple[list[CodeUnit], int]:
    """The units of a file, in their order, and how many were left out for a mistake in them.

    None where the language has no grammar here, or the file cannot be parsed in reasonable time.
    """
    grammar = GRAMMARS.get(language)
    if grammar is None:
        return [], 0
    source = text.encode()
    root = None if _is_tangled(text) else _root(source, _parser(grammar))
    if root is None:
        return [], 0
    found = list(_units(root, source, grammar, "", 0))
    units = [unit for unit in found if unit is not None]
    return units, len(found) - len(units)


def _root(source: bytes, parser: Parser) -> Node | None:
    """The tree of a file; none where a text made to be slow takes longer than any real one."""
    deadline = time.monotonic() + MAX_SECONDS
    try:
        return parser.parse(
            lambda start, _: source[start : start + PIECE_BYTES],
            progress_callback=lambda _, __: time.monotonic() > deadline,
        ).root_node
    except ValueError:
        parser.reset()
        return None


def _is_tangled(text: str) -> bool:
    """Whether a text opens so many angle brackets in one breath that a parser tries every way to close them."""
    return any(part.count("<") > MAX_ANGLES for part in BREATHS.split(text))


@lru_cache(maxsize=16)
def _parser(grammar: Grammar) -> Parser:
    from tree_sitter import Language, Parser

    return Parser(Language(getattr(import_module(grammar.module), grammar.get)()))


def _units(parent: Node, source: bytes, grammar: Grammar, prefix: str, depth: int) -> Iterator[CodeUnit | None]:
    """None stands for a unit with a mistake in it."""
    if depth > MAX_DEPTH:
        return
    for node in parent.named_children:
        if node.type in grammar.passed:
            yield from _units(node, source, grammar, prefix, depth + 1)
        elif node.type in grammar.functions and (body := _body(node)) is not None:
            name = prefix + _name(node, source)
            yield None if node.has_error else _unit("method" if prefix else "function", name, node, body, source)
        elif node.type in grammar.classes:
            yield from _class_units(node, source, grammar, prefix, depth)


def _class_units(node: Node, source: bytes, grammar: Grammar, prefix: str, depth: int) -> Iterator[CodeUnit | None]:
    """A small class whole; a large one, or one with a mistake somewhere, method by method."""
    body = node.child_by_field_name("body")
    name = prefix + _name(node, source)
    inside = list(_units(body, source, grammar, f"{name}.", depth + 1)) if body is not None else []
    if inside and (node.has_error or node.end_byte - node.start_byte > MAX_CLASS_CHARACTERS):
        yield from inside
    elif node.has_error:
        yield None
    else:
        yield _unit("type" if node.type == "type_declaration" else "class", name, node, body or node, source)


def _unit(kind: str, name: str, node: Node, body: Node, source: bytes) -> CodeUnit:
    outer = _with_shell(node)
    first, about = _above(outer, source)
    head = source[outer.start_byte : body.start_byte] if body is not node else b""
    return CodeUnit(
        kind, name,
        signature=_dedented(head, outer).rstrip().removesuffix("{").rstrip(),
        about=about,
        code=_dedented(source[first.start_byte : outer.end_byte], first),
    )  # fmt: skip


def _with_shell(node: Node) -> Node:
    """The function with the `export`, `const` or `template` around it."""
    while (
        node.parent is not None
        and node.parent.type
        in ("export_statement", "lexical_declaration", "variable_declaration", "template_declaration")
        and node.parent.named_child_count <= (2 if node.parent.type == "template_declaration" else 1)
    ):
        node = node.parent
    return node


def _above(node: Node, source: bytes) -> tuple[Node, str]:
    """Where the unit begins, its attributes included, and what the comment right above it says."""
    first, top = node, node
    comments: list[Node] = []
    # Ruby puts the first comment of a body before the body.
    is_first_in_body = (
        node.prev_named_sibling is None and node.parent is not None and node.parent.type == "body_statement"
    )
    before = node.parent.prev_named_sibling if is_first_in_body and node.parent else node.prev_named_sibling
    while before is not None:
        # Some grammars count the line end to the comment.
        last_row = before.end_point.row - (before.end_point.column == 0)
        if last_row + 1 < top.start_point.row:
            break
        if before.type in ATTACHED and not comments:
            first = before
        elif "comment" in before.type and last_row < top.start_point.row and _begins_its_line(before, source):
            comments.append(before)
        else:
            break
        top, before = before, before.prev_named_sibling
    words = "\n".join(_text(comment, source).rstrip("\r\n") for comment in reversed(comments))
    return first, "\n".join(line.rstrip() for line in COMMENT_MARKS.sub("", words).split("\n")).strip()


def _begins_its_line(node: Node, source: bytes) -> bool:
    return not source[node.start_byte - node.start_point.column : node.start_byte].strip()


def _body(node: Node) -> Node | None:
    """The body of a function; of a variable, of the function that it holds; none where there is none."""
    if node.type != "variable_declarator":
        return node.child_by_field_name("body")
    value = node.child_by_field_name("value")
    return value.child_by_field_name("body") if value is not None and value.type in FUNCTION_VALUES else None


def _name(node: Node, source: bytes) -> str:
    """The name by its field; in C it lies inside the declarator, in Go inside the first specification."""
    found = node.child_by_field_name("name")
    if found is None and (found := node.child_by_field_name("declarator")) is not None:
        while (deeper := found.child_by_field_name("declarator")) is not None:
            found = deeper
    if found is None:
        # Rust's `impl Kettle` names its type, Go's `type ( ... )` its first one.
        found = node.child_by_field_name("type") or next(
            (name for child in node.named_children if (name := child.child_by_field_name("name")) is not None), None
        )
    return _text(found, source) if found is not None else "(no name)"


def _dedented(piece: bytes, node: Node) -> str:
    """Lines moved to the left by what the first one stands in."""
    indent = node.start_point.column
    first, *others = piece.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return "\n".join([first, *(line[min(indent, len(line) - len(line.lstrip())) :] for line in others)])


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")
