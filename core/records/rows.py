"""One row of a table into one record, by its mapping; or the reason why not."""

from __future__ import annotations

import json
from typing import Any

from core.nouns import ParsedRecord, RecordKind, RejectedRow
from core.records.encoding import clean_text
from core.records.mapping import Mapping
from core.records.markup import html_to_markdown

VALUE_SHOWN = 120


class RowRefused(Exception):
    """The row cannot become a record; the message is the reason, a whole sentence."""

    def __init__(self, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = str(value)[:VALUE_SHOWN]


def row_to_record(number: int, row: dict[str, Any], mapping: Mapping) -> ParsedRecord | RejectedRow:
    """The record of a row, or the row with its reason."""
    try:
        return _record(number, row, mapping)
    except RowRefused as refusal:
        return RejectedRow(number, refusal.reason, refusal.value)


def _record(number: int, row: dict[str, Any], mapping: Mapping) -> ParsedRecord:
    kind = RecordKind(mapping.shape)
    title = _text(row, mapping, "title")
    match kind:
        case RecordKind.DOCUMENT:
            content: dict[str, Any] = {
                "body": _needed(row, mapping, "text", markup="html" in mapping.columns["text"].lower())
            }
        case RecordKind.THREAD:
            content = _thread(row, mapping)
        case RecordKind.DIFF:
            content = _diff(row, mapping)
        case RecordKind.CHAT:
            content = _chat(row, mapping)
    external_id = _text(row, mapping, "id") or str(number)
    return ParsedRecord(external_id, number, kind, title, content, _meta(row, mapping, content))


def _thread(row: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    question = _needed(row, mapping, "question")
    asker = _text(row, mapping, "asker")
    if "answer" in mapping.columns:
        answer = {"id": "1", "author": _text(row, mapping, "author"), "is_asker": False, "created_at": "",
                  "text": _text(row, mapping, "answer"), "is_solution": True, "helpful": 0}  # fmt: skip
        return {"question": question, "asker": asker, "messages": [answer]}
    solution = str(row.get("solution_answer_id") or "")
    messages = []
    for i, item in enumerate(row[mapping.columns["answers"]], start=1):
        if not isinstance(item, dict):
            raise RowRefused(f"Message {i} of the thread is not an object with an author and a text.", item)
        identity = str(item.get("id", i))
        author = str(item.get("author") or "")
        messages.append(
            {
                "id": identity,
                "author": author,
                "is_asker": bool(item.get("is_asker", author != "" and author == asker)),
                "created_at": str(item.get("created_at") or item.get("created") or ""),
                "text": _clean_html(item.get("text") or item.get("body") or item.get("body_html") or ""),
                "is_solution": bool(
                    item.get("is_solution") or item.get("accepted") or (solution and identity == solution)
                ),
                "helpful": int(item.get("helpful") or 0),
            }
        )
    return {"question": question, "asker": asker, "messages": messages}


def _diff(row: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    diff = _needed(row, mapping, "diff", markup=False)
    comments = []
    if "reviews" in mapping.columns:
        for i, item in enumerate(row[mapping.columns["reviews"]], start=1):
            if not isinstance(item, dict) or not isinstance(item.get("text"), str):
                raise RowRefused(f"Review {i} is not an object with a text.", item)
            author = str(item.get("system") or item.get("author") or "")
            comments.append(_comment(str(i), author, item["text"], author == "human_reference", _mean_rating(item)))
    else:
        comments.append(_comment("1", _text(row, mapping, "author"), _text(row, mapping, "comment"), True, None))
    return {"diff": diff, "language": _text(row, mapping, "language"), "comments": comments}


def _comment(identity: str, author: str, text: str, is_reference: bool, rating: float | None) -> dict[str, Any]:
    cleaned, trouble = clean_text(text)
    if trouble:
        raise RowRefused(f"A review comment holds {trouble}.", author)
    return {"id": identity, "author": author, "text": cleaned.strip(), "is_reference": is_reference, "rating": rating}


def _mean_rating(item: dict[str, Any]) -> float | None:
    ratings = item.get("ratings")
    if isinstance(ratings, int | float):
        return float(ratings)
    values = [v for r in ratings or [] if isinstance(r, dict) for v in r.values() if isinstance(v, int | float)]
    return sum(values) / len(values) if values else None


ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "system": "system",
    "bot": "assistant",
}


def _chat(row: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    if "messages" not in mapping.columns:
        return {
            "messages": [
                {"role": "user", "content": _needed(row, mapping, "prompt")},
                {"role": "assistant", "content": _text(row, mapping, "response")},
            ]
        }
    messages = []
    for i, item in enumerate(row[mapping.columns["messages"]], start=1):
        role = ROLES.get(str(item.get("role") or item.get("from")).lower()) if isinstance(item, dict) else None
        content = (item.get("content") or item.get("value")) if isinstance(item, dict) else None
        if role is None or not isinstance(content, str):
            raise RowRefused(f"Message {i} needs a role (system, user, assistant) and a text.", item)
        cleaned, trouble = clean_text(content)
        if trouble:
            raise RowRefused(f"Message {i} holds {trouble}.", role)
        messages.append({"role": role, "content": cleaned.strip()})
    if not any(message["role"] == "assistant" for message in messages):
        raise RowRefused("The chat has no message by the assistant, so there is nothing to learn from it.")
    return {"messages": messages}


def _meta(row: dict[str, Any], mapping: Mapping, content: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = {
        field: _text(row, mapping, field)
        for field in ("author", "customer", "created_at", "url", "category", "language", "repository")
        if field in mapping.columns
    }
    tags = row.get(mapping.columns.get("tags", ""), [])
    meta["tags"] = (
        [str(t) for t in tags] if isinstance(tags, list) else [t.strip() for t in str(tags).split(",") if t.strip()]
    )
    first_reply = next((m for m in content.get("messages", []) if m.get("is_asker") is False), None)
    if first_reply and first_reply.get("created_at"):
        meta["first_reply_at"] = first_reply["created_at"]
    used = set(mapping.columns.values())
    extra = {key: value for key, value in row.items() if key not in used}
    if extra:
        meta["extra"] = json.loads(json.dumps(extra, default=str).replace("\\u0000", ""))
    return {key: value for key, value in meta.items() if value not in ("", None, [])}


def _needed(row: dict[str, Any], mapping: Mapping, field: str, *, markup: bool = True) -> str:
    value = row.get(mapping.columns[field])
    text = _clean_html(value) if markup else _clean(value)
    if not text.strip():
        raise RowRefused(
            f"The column {mapping.columns[field]!r} ({field}) is empty. Fill it in, or leave the row out.", value
        )
    return text


def _text(row: dict[str, Any], mapping: Mapping, field: str) -> str:
    if field not in mapping.columns:
        return ""
    value = row.get(mapping.columns[field])
    return "" if value is None else _clean(value).strip()


def _clean(value: Any) -> str:
    cleaned, trouble = clean_text(value if isinstance(value, str) else "" if value is None else str(value))
    if trouble:
        raise RowRefused(f"The text holds {trouble}. Save the file as UTF-8.")
    return cleaned


def _clean_html(value: Any) -> str:
    return html_to_markdown(_clean(value))
