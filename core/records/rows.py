"""One row of a table into one record, by its mapping; or the reason why not. What no field takes is kept."""

from __future__ import annotations

from typing import Any

from core.nouns import ParsedRecord, RecordKind, RejectedRow
from core.records.cells import Cells, RowRefused
from core.records.chats import chat_content
from core.records.diffs import diff_content
from core.records.mapping import Mapping
from core.records.threads import first_reply_at, thread_content
from core.records.values import as_flag, as_number, as_tags, as_text, as_time, plain

# Instead of a column: every column of a row, each with its name. For tables of facts, where no column is the text.
ALL_COLUMNS = "*"
TEXT_FACTS = ("author", "customer", "url", "category", "language", "repository")
TIME_FACTS = ("created_at", "updated_at", "first_reply_at", "resolved_at", "reviewed_at", "merged_at")

NUMBER_FACTS = ("review_minutes", "review_seconds")


def row_to_record(number: int, row: dict[str, Any], mapping: Mapping) -> ParsedRecord | RejectedRow:
    """The record of a row, or the row with its reason."""
    cells = Cells(row, mapping)
    kind = RecordKind(mapping.shape)
    try:
        content = _content(kind, cells)
    except RowRefused as refusal:
        return RejectedRow(number, refusal.reason, refusal.value)
    external_id = cells.fact("id") or str(number)
    return ParsedRecord(external_id, number, kind, cells.fact("title"), content, _meta(kind, cells, content))


def whole_row(number: int, row: dict[str, Any]) -> ParsedRecord | RejectedRow:
    """A row as a document of lines, a column with its value on each; empty cells say nothing."""
    cells = [(str(column).strip(), as_text(value).strip()) for column, value in row.items()]
    lines = [f"{column}: {value}" for column, value in cells if value]
    if not lines:
        return RejectedRow(number, "Every cell of the row is empty. Leave it out.")
    return ParsedRecord(str(number), number, RecordKind.DOCUMENT, "", {"body": "\n".join(lines)})


def _content(kind: RecordKind, cells: Cells) -> dict[str, Any]:
    match kind:
        case RecordKind.DOCUMENT:
            return {"body": cells.needed("text", cells.document("text"))}
        case RecordKind.THREAD:
            return thread_content(cells)
        case RecordKind.DIFF:
            return diff_content(cells)
        case RecordKind.CHAT:
            return chat_content(cells)


def _meta(kind: RecordKind, cells: Cells, content: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = {field: cells.fact(field) for field in TEXT_FACTS}
    meta |= {field: as_time(cells.value(field)) for field in TIME_FACTS}
    meta["tags"] = as_tags(cells.value("tags"))
    if cells.has("reopened"):
        meta["reopened"] = as_flag(cells.value("reopened"))
    meta |= {field: as_number(cells.value(field)) for field in NUMBER_FACTS}
    if kind is RecordKind.THREAD and not meta["first_reply_at"]:
        meta["first_reply_at"] = first_reply_at(content["messages"])
    used = set(cells.mapping.columns.values())
    meta["extra"] = plain({key: value for key, value in cells.row.items() if key not in used})
    return {key: value for key, value in meta.items() if value not in ("", None, [], {})}
