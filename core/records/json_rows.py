"""Rows of JSON and JSON Lines text. An object is a row; strictly JSON, so no NaN and no name twice.

Where a JSON file as a whole cannot be read, its list is cut into its elements and each is read by
itself: a broken, endless or cut-off element is refused alone.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.field_names import KNOWN_NAMES, PARTS, simple_name
from core.records.values import MAX_DEPTH, shown

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},]', re.DOTALL)
# A file may begin with it; where files were put one behind the other it stands before a later row.
BYTE_ORDER_MARK = "\ufeff"
MEND_OR_LEAVE_OUT = "Mend it, or leave it out."
TOO_DEEP = f"The JSON is nested deeper than the {MAX_DEPTH} levels that are read. Flatten it."
# An object with one of these lists in it is one record, not a wrapping around a list of records.
PARTS_OF_A_RECORD = frozenset(
    {"messages", "conversation", "conversations", "answers", "replies", "comments", "reviews", "thread", "tags"}
)

# An object that has a text beside its list is one record too.
NAMES_OF_PARTS = frozenset(name for part in PARTS for name in KNOWN_NAMES[part])

JsonRow = tuple[int, dict[str, Any]] | RejectedRow


def read_jsonl(text: str) -> Iterator[JsonRow]:
    """One row a line; the row's number is the line's. Empty lines are no rows."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if line.strip():
            yield row_of_line(number, line)


def read_json(text: str, name: str) -> Iterator[JsonRow]:
    """The objects of a list, or of the one list in an object; else the object itself. Raises UnreadableFile."""
    try:
        value = _loads(text)
    except (ValueError, RecursionError) as error:
        pages = _pages(text) if "Extra data" in str(error) else None
        if pages is not None:
            for number, item in enumerate(pages, start=1):
                yield _as_row(number, item, item)
            return
        if text.lstrip().startswith("["):
            for number, piece in enumerate(_elements(text), start=1):
                yield row_of_line(number, piece)
            return
        # Files called .json often hold one object a line.
        if "Extra data" in str(error):
            yield from read_jsonl(text)
            return
        raise UnreadableFile(f"{name} is not valid JSON: {_words(error)}.", remedy="Export it again.") from error
    for number, item in enumerate(_items(value, name), start=1):
        yield _as_row(number, item, item)


def _pages(text: str) -> list[Any] | None:
    """The objects of lists that stand one after another, as a client writes the pages of an API; None for anything else."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object)
    items: list[Any] = []
    place, end = 0, len(text)
    while place < end:
        if text[place].isspace():
            place += 1
            continue
        try:
            page, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        if not isinstance(page, list):
            return None
        items += page
    return items


def is_one_json_value(text: str) -> bool:
    """Whether a text called JSON Lines is really one list written over many lines."""
    first, _, rest = text.strip().partition("\n")
    return first.rstrip() in ("[", "[{", "{") and bool(rest)


def row_of_line(number: int, text: str) -> JsonRow:
    """The row that a text is, or why it is none."""
    try:
        value = _loads(text.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError) as error:
        reason = f"The row is not valid JSON: {_words(error)}. {MEND_OR_LEAVE_OUT}"
        return RejectedRow(number, reason, shown(text.strip()))
    return _as_row(number, value, text.strip())


def _as_row(number: int, value: Any, source: Any) -> JsonRow:
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        reason = f"The row is {_kind(value)}, expected an object with named fields. {MEND_OR_LEAVE_OUT}"
        return RejectedRow(number, reason, shown(source))
    if not value:
        return RejectedRow(number, "The row is an object without fields. Leave it out.", shown(source))
    if _is_too_deep(value):
        return RejectedRow(number, TOO_DEEP, shown(source))
    return number, value


def _items(value: Any, name: str) -> list[Any]:
    if isinstance(value, list):
        is_pages = bool(value) and all(isinstance(page, list) for page in value)
        return [item for page in value for item in page] if is_pages else value
    if not isinstance(value, dict):
        raise UnreadableFile(f"{name} holds {_kind(value)}, expected a list of objects.", remedy="Export it again.")
    lists = [key for key, item in value.items() if isinstance(item, list) and item and _holds_rows(item, value)]
    is_record = any(simple_name(key) in NAMES_OF_PARTS for key in value if key not in lists)
    if len(lists) == 1 and lists[0].lower() not in PARTS_OF_A_RECORD and not is_record:
        return list(value[lists[0]])
    return [value]


def _holds_rows(items: list[Any], around: dict[str, Any]) -> bool:
    """Objects are rows; texts are rows only where the list stands alone, for beside other facts they are tags or names."""
    return all(isinstance(item, dict) for item in items) or (
        len(around) == 1 and all(isinstance(item, str) for item in items)
    )


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {shown(twice)!r} stands twice in one object, and only one value could be kept")
    return made


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"it is nested deeper than the {MAX_DEPTH} levels that are read"
    if str(error).startswith("Exceeds the limit"):
        return f"it holds a number of more than {sys.get_int_max_str_digits():,} digits"
    return shown(error)


def _elements(text: str) -> Iterator[str]:
    """The texts between the commas of the outermost list, also of one that was cut off."""
    start = text.index("[") + 1
    depth = 0
    for token in TOKEN.finditer(text):
        mark = token.group()
        if mark in ("[", "{"):
            depth += 1
        elif mark in ("]", "}"):
            depth -= 1
        if (mark == "," and depth == 1) or (mark == "]" and depth == 0):
            piece = text[start : token.start()]
            start = token.end()
            if piece.strip():
                yield piece
        if depth == 0 and mark == "]":
            break
    if text[start:].strip():
        yield text[start:]


def _is_too_deep(value: Any) -> bool:
    level, layer = 0, [value]
    while layer:
        level += 1
        if level > MAX_DEPTH:
            return True
        layer = [
            child
            for item in layer
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
    return False


def _kind(value: Any) -> str:
    names = {list: "a list", int: "a number", float: "a number", bool: "true or false", type(None): "null"}
    return names.get(type(value), type(value).__name__)
