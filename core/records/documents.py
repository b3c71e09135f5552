"""One text that is one document: Markdown with front matter, HTML or plain text; what a title and its facts are."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from core.nouns import ParsedRecord, RecordKind, RejectedRow
from core.records.encoding import clean_text
from core.records.formats import Format
from core.records.front_matter import BrokenFrontMatter, split_front_matter
from core.records.markup import NestedTooDeep, html_facts, html_to_markdown
from core.records.values import as_flag, as_tags, as_text, as_time, plain, shown, storable

HEADING = re.compile(r"#{1,2}\s+(.+?)\s*#*")
FENCE = re.compile(r"\s{0,3}(```|~~~)")
LEADING_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})[-_ ]")


def read_document(form: Format, text: str, name: str) -> ParsedRecord | RejectedRow:
    """The document, or why it is none. Its external id is the file's path within the import."""
    cleaned, trouble = clean_text(text)
    if trouble:
        return RejectedRow(1, f"The text holds {trouble}. Save the file as UTF-8.", shown(name))
    facts: dict[str, Any] = {}
    body = cleaned
    try:
        if form is Format.MARKDOWN:
            split = split_front_matter(cleaned)
            facts, body = split.facts, split.body
        elif form is Format.HTML:
            facts, body = plain(html_facts(cleaned)), html_to_markdown(cleaned)
    except BrokenFrontMatter as error:
        reason = f"The front matter at the top cannot be read: {error}. Mend or remove it."
        return RejectedRow(1, reason, shown(cleaned))
    except NestedTooDeep as error:
        return RejectedRow(1, f"The file is {error}. Save it as text.", shown(cleaned))
    if not body.strip():
        return RejectedRow(1, "The file holds no text. Leave it out, or check the export.", shown(name))
    return as_document(form, body, facts, name)


def as_document(form: Format, body: str, facts: dict[str, Any], name: str, row: int = 1) -> ParsedRecord:
    """A record of a text that was found, with its title and what is known of it. name: its path within the import."""
    external_id = storable(name)
    title = _title(facts, body, external_id)
    meta = _meta(facts, external_id, form)
    return ParsedRecord(external_id, row, RecordKind.DOCUMENT, title, {"body": body.strip()}, meta)


def _title(facts: dict[str, Any], body: str, name: str) -> str:
    stem = LEADING_DATE.sub("", PurePosixPath(name).stem, count=1).replace("-", " ").replace("_", " ")
    return as_text(facts.get("title")).strip() or first_heading(body) or stem.strip().capitalize()


def first_heading(markdown: str) -> str:
    """The first heading of the first or second level; a comment in a block of code is none."""
    fence = ""
    for line in markdown.split("\n"):
        mark = FENCE.match(line)
        if mark and (not fence or mark.group(1) == fence):
            fence = "" if fence else mark.group(1)
        elif not fence and (heading := HEADING.fullmatch(line)):
            return heading.group(1)
    return ""


def _meta(facts: dict[str, Any], name: str, form: Format) -> dict[str, Any]:
    named = LEADING_DATE.match(PurePosixPath(name).name)
    author = facts.get("author") or facts.get("authors") or facts.get("by")
    meta = {
        "created_at": as_time(facts.get("date") or facts.get("created_at") or facts.get("created"))
        or ("-".join(named.groups()) if named else ""),
        "author": ", ".join(as_tags(author)) if isinstance(author, list) else _name(author),
        "url": as_text(facts.get("url") or facts.get("permalink")),
        "language": as_text(facts.get("lang") or facts.get("language")),
        "category": _name(facts.get("category")),
        "tags": _tags(facts),
        "draft": True if "draft" in facts and as_flag(facts["draft"]) else None,
        "front_matter": facts if form is Format.MARKDOWN else {},
    }
    return {key: value for key, value in meta.items() if value not in (None, "", [], {})}


def _tags(facts: dict[str, Any]) -> list[str]:
    """Jekyll writes several tags as words in one line, others separate them by commas."""
    tags = facts.get("tags") or facts.get("categories") or []
    if isinstance(tags, str) and "," not in tags and ";" not in tags:
        return list(dict.fromkeys(tags.split()))
    return as_tags(tags)


def _name(value: Any) -> str:
    """A name given as text, or as an object with a name in it."""
    return as_text(value.get("name") if isinstance(value, dict) else value).strip()
