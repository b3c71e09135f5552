"""The real posts and threads that defects are planted into, and that the clean rows are counted on."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from core.curate.records_in import RecordIn, record_in
from core.nouns import Goal, ParsedRecord
from core.records.documents import read_document
from core.records.formats import Format
from core.records.parsing import parse_file
from core.records.text import accepted_answer

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
POSTS = DATA / "voice-benbalter" / "posts"
TICKETS = DATA / "support-thunderbird"


def as_record_in(parsed: ParsedRecord) -> RecordIn:
    return record_in(
        {
            "id": parsed.external_id,
            "external_id": parsed.external_id,
            "kind": parsed.kind,
            "title": parsed.title,
            "content": parsed.content,
            "meta": parsed.meta,
        }
    )


@cache
def posts(folder: Path = POSTS) -> tuple[RecordIn, ...]:
    """Every post of a folder as curation gets it."""
    needs(folder)
    read = [read_document(Format.MARKDOWN, f.read_text(encoding="utf-8"), f.name) for f in sorted(folder.glob("*.md*"))]
    return tuple(as_record_in(post) for post in read if isinstance(post, ParsedRecord))


@cache
def threads(name: str) -> tuple[RecordIn, ...]:
    """Every thread of one of the support files as curation gets it."""
    file = TICKETS / f"{name}.jsonl"
    needs(file)
    return tuple(as_record_in(r) for r in parse_file(file, file.name, Goal.SUPPORT, {}).records)


def helpful_threads() -> tuple[RecordIn, ...]:
    """Threads whose accepted answer somebody of the team wrote, and somebody found helpful."""
    return tuple(r for r in threads("resolved_en") if is_helpful(r))


def is_helpful(record: RecordIn) -> bool:
    answer = accepted_answer(record.content)
    return bool(answer and not answer["is_asker"] and answer["helpful"] >= 1)


def clean(goal: Goal) -> tuple[RecordIn, ...]:
    return posts() if goal is Goal.VOICE else helpful_threads()


def needs(path: Path) -> None:
    """End the program when the real data are missing."""
    if not path.exists():
        sys.exit(f"The real data are not beside the repository: there is no {path}.")
