"""One file that is one document: Markdown with front matter, HTML or plain text."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import frontmatter
import yaml

from core.nouns import ParsedRecord, RecordKind, RejectedRow
from core.records.encoding import clean_text
from core.records.formats import Format
from core.records.markup import html_title, html_to_markdown

HEADING = re.compile(r"^#{1,2}\s+(.+?)\s*#*$", re.MULTILINE)
LEADING_DATE = re.compile(r"^(\d{4}-\d{2}-\d{2})[-_ ]")


def read_document(form: Format, text: str, name: str) -> ParsedRecord | RejectedRow:
    """The document, or why it is none. Its external id is the file's path within the import."""
    cleaned, trouble = clean_text(text)
    if trouble:
        return RejectedRow(1, f"The text holds {trouble}. Save the file as UTF-8.", name)
    facts: dict[str, Any] = {}
    body = cleaned
    if form is Format.MARKDOWN:
        try:
            post = frontmatter.loads(cleaned)
        except yaml.YAMLError as error:
            reason = (
                f"The front matter between the --- lines is not valid YAML: {_first_line(error)}. Mend or remove it."
            )
            return RejectedRow(1, reason, cleaned[:120])
        facts, body = _plain(post.metadata), post.content
    elif form is Format.HTML:
        facts, body = {"title": html_title(cleaned)}, html_to_markdown(cleaned)
    if not body.strip():
        return RejectedRow(1, "The file holds no text.", name)
    return ParsedRecord(
        name, 1, RecordKind.DOCUMENT, _title(facts, body, name), {"body": body.strip()}, _meta(facts, name)
    )


def _title(facts: dict[str, Any], body: str, name: str) -> str:
    heading = HEADING.search(body)
    stem = LEADING_DATE.sub("", PurePosixPath(name).stem).replace("-", " ").replace("_", " ")
    return str(facts.get("title") or (heading.group(1) if heading else "") or stem.strip().capitalize())


def _meta(facts: dict[str, Any], name: str) -> dict[str, Any]:
    dated = LEADING_DATE.match(PurePosixPath(name).name)
    tags = facts.get("tags") or facts.get("categories") or []
    meta = {
        "created_at": facts.get("date") or facts.get("created") or (dated.group(1) if dated else None),
        "author": facts.get("author"),
        "url": facts.get("url") or facts.get("permalink"),
        "language": facts.get("lang") or facts.get("language"),
        "tags": [str(tag) for tag in tags] if isinstance(tags, list) else str(tags).split(),
        "front_matter": facts,
    }
    return {key: value for key, value in meta.items() if value not in (None, [], {})}


def _plain(value: Any) -> Any:
    """YAML's dates and odd keys as plain JSON values."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
