"""The cells of one row under the names of our fields, and how a row is refused.

A text to learn from that cannot be kept whole refuses its row; facts about it are mended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.records.encoding import clean_text
from core.records.mapping import Mapping
from core.records.markup import NestedTooDeep, html_to_markdown, is_html_page, looks_like_html
from core.records.values import ErrorCell, as_list, as_text, shown, storable


class RowRefused(Exception):
    """The row cannot become a record; the message is the reason and what to do, in whole sentences."""

    def __init__(self, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = shown(value)


@dataclass(frozen=True, slots=True)
class Cells:
    """A row seen through its mapping."""

    row: dict[str, Any]
    mapping: Mapping

    def has(self, field: str) -> bool:
        return field in self.mapping.columns

    def column(self, field: str) -> str:
        return self.mapping.columns.get(field, "")

    def value(self, field: str) -> Any:
        return self.row.get(self.mapping.columns[field]) if field in self.mapping.columns else None

    def fact(self, field: str) -> str:
        """A fact as mended text; nothing where there is none, or where a formula failed."""
        value = self.value(field)
        return "" if isinstance(value, ErrorCell) else storable(as_text(value)).strip()

    def text(self, field: str) -> str:
        """A text as it stands. Raises RowRefused when it cannot be kept whole."""
        return checked_text(self.value(field), f"The column {self.column(field)!r}")

    def markdown(self, field: str) -> str:
        """A text that may be HTML, as Markdown. Raises RowRefused."""
        return markdown_of(self.value(field), f"The column {self.column(field)!r}", self.column(field))

    def document(self, field: str) -> str:
        """A text that is converted only when it is HTML as a whole or by its name. Raises RowRefused."""
        text = self.text(field)
        if is_html_page(text) or "html" in self.column(field).lower():
            return self.markdown(field)
        return text.strip()

    def items(self, field: str) -> list[Any]:
        """A list, also one written as JSON into a cell; nothing is the empty list. Raises RowRefused."""
        value = self.value(field)
        listed = as_list(None if isinstance(value, str) and not value.strip() else value)
        if listed is None:
            raise RowRefused(
                f"The column {self.column(field)!r} ({field}) holds {type(value).__name__}, expected a list. "
                "Export it as a list, or leave the row out.",
                value,
            )
        return listed

    def needed(self, field: str, text: str) -> str:
        """The text, which must not be empty. Raises RowRefused naming the column."""
        if not text.strip():
            raise RowRefused(
                f"The column {self.column(field)!r} ({field}) is empty. Fill it in, or leave the row out.",
                self.value(field),
            )
        return text


def checked_text(value: Any, where: str) -> str:
    """Text without NUL characters and with plain line ends. Raises RowRefused for half a character pair."""
    if isinstance(value, ErrorCell):
        raise RowRefused(f"{where} holds the error {value}. Mend the formula, or leave the row out.", value)
    cleaned, trouble = clean_text(as_text(value))
    if trouble:
        raise RowRefused(f"{where} holds {trouble}. Save the file as UTF-8.", value)
    return cleaned


def markdown_of(value: Any, where: str, name: str = "") -> str:
    """Markdown of a text that may be HTML; name: the column or key, which may say so. Raises RowRefused."""
    text = checked_text(value, where)
    if "markdown" in name.lower():
        return text.strip()
    if "html" not in name.lower() and not looks_like_html(text) and "&" not in text:
        return text.strip()
    try:
        return html_to_markdown(text) if "html" in name.lower() or looks_like_html(text) else _unescaped(text)
    except NestedTooDeep as error:
        raise RowRefused(f"{where} is {error}. Send it as text.", value) from error


def _unescaped(text: str) -> str:
    """Plain text of a help desk often has its entities left in."""
    return html_to_markdown(text) if "<" not in text else text.strip()
