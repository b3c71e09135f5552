"""Exports written by hand, of people and firms that do not exist, and how a test reads one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.nouns import Goal, ParsedRecord
from core.records.parsing import ParsedFile, parse_file


def read_json(folder: Path, value: Any, goal: Goal = Goal.SUPPORT, *, limit: int | None = None) -> ParsedFile:
    file = folder / "export.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return parse_file(file, file.name, goal, {}, limit=limit)


def read_lines(folder: Path, rows: list[Any], goal: Goal = Goal.SUPPORT) -> ParsedFile:
    file = folder / "export.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return parse_file(file, file.name, goal, {})


def read_csv(folder: Path, text: str, *, encoding: str = "utf-8") -> ParsedFile:
    file = folder / "export.csv"
    file.write_bytes(text.encode(encoding))
    return parse_file(file, file.name, Goal.SUPPORT, {})


def said_in(record: ParsedRecord) -> list[tuple[str, bool, bool]]:
    """Text, whether by the asker, whether it is the solution; of every message."""
    return [(m["text"], m["is_asker"], m["is_solution"]) for m in record.content["messages"]]


def everything(parsed: ParsedFile) -> str:
    """All that would be stored, as one text: what must not be in an import must not be in here."""
    return json.dumps(
        [[r.title, r.content, r.meta] for r in parsed.records] + [[r.reason, r.value] for r in parsed.rejected]
    )
