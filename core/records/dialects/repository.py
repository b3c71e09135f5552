"""A packed git repository: its code as chats that ask for one unit each, its commits as diffs with their messages.

The file is written by `repositories`; what it left out, and why, stands in it and goes into the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.nouns import RecordKind, RejectedRow
from core.records.code_cutting import cut_into_units
from core.records.code_units import CodeUnit, CutFile
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import said
from core.records.languages import language_of
from core.records.repositories import MAX_DIFF_CHARACTERS, paths_in
from core.records.values import as_number, shown

PARTS = frozenset({"repository", "file", "left_out", "commit", "left_out_commits"})
LEFT_OUT = {
    "merge": ("merge", "merges"),
    "revert": ("revert", "reverts"),
    "bot": ("commit by a bot", "commits by bots"),
    "no message": ("commit without a message", "commits without a message"),
    "no code": ("commit that changes no code", "commits that change no code"),
    "too long": (
        f"commit over {MAX_DIFF_CHARACTERS:,} characters",
        f"commits over {MAX_DIFF_CHARACTERS:,} characters",
    ),
}
# How a block of code is marked, where it is not the language's name in small letters.
FENCE_NAMES = {
    "C++": "cpp",
    "C#": "csharp",
    "F#": "fsharp",
    "Objective-C": "objectivec",
    "Shell": "sh",
    "Terraform": "hcl",
}


class Repository:
    """A repository as `proofroom import --git` and `proofroom pack` write it."""

    name = "Git repository"

    def recognises(self, row: dict[str, Any]) -> bool:
        return row.get("proofroom") in PARTS

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        facts: dict[str, Any] = {}
        for number, row in rows:
            match row["proofroom"]:
                case "repository":
                    facts = {"repository": said(row.get("name")), "commit": said(row.get("commit"))[:12]}
                    facts["committed_at"] = row.get("committed_at")
                    tally.say(f"Read at the commit {facts['commit']} of {facts['repository']}.")
                case "left_out":
                    tally.left_out("file", "files")
                    yield RejectedRow(number, said(row.get("reason")), shown(row.get("path")))
                case "file":
                    tally.met("file", "files")
                    yield from _units(number, said(row.get("path")), str(row.get("text") or ""), facts, tally)
                case "commit":
                    tally.met("commit", "commits")
                    yield _commit(number, row, facts)
                case _:
                    _count(row.get("counts"), tally)


def _units(number: int, path: str, text: str, facts: dict[str, Any], tally: Tally) -> Iterator[Row | RejectedRow]:
    language = language_of(path)
    cut = cut_into_units(text, language)
    if cut.reason:
        yield RejectedRow(number, cut.reason, shown(path))
        return
    tally.left_out("short function or class", "short functions and classes", cut.n_short)
    tally.left_out("function with a mistake in it", "functions with a mistake in them", cut.n_broken)
    for unit in cut.units:
        yield Row(
            number,
            RecordKind.CHAT,
            {
                "id": f"{path}::{unit.name}" if unit.name else path,
                "title": f"{path}: {unit.name}" if unit.name else path,
                "messages": [
                    {"role": "user", "content": _task(unit, cut, path, language)},
                    {"role": "assistant", "content": _fenced(unit.code, language)},
                ],
                "created_at": facts.get("committed_at"),
                "language": language,
                "repository": facts.get("repository"),
            },
            {"path": path, "unit": unit.kind, "commit": facts.get("commit")},
        )  # fmt: skip


def _task(unit: CodeUnit, cut: CutFile, path: str, language: str) -> str:
    """What is asked for: the unit by its name and place, its signature, what it is to do, and what its file is for."""
    what = f"the {unit.kind} `{unit.name}` of `{path}`" if unit.name else f"the file `{path}`"
    parts = [f"Write {what} in {language}."]
    if unit.about:
        parts.append(unit.about)
    if unit.name and cut.about:
        parts.append(f"The file is about: {cut.about}")
    if unit.signature:
        parts.append(_fenced(unit.signature, language))
    return "\n\n".join(parts)


def _fenced(code: str, language: str) -> str:
    """A block of code; its fence is longer than any that stands in the code."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{FENCE_NAMES.get(language, language.lower().replace(' ', ''))}\n{code}\n{fence}"


def _commit(number: int, row: dict[str, Any], facts: dict[str, Any]) -> Row:
    message, diff = said(row.get("message")), str(row.get("diff") or "")
    return Row(
        number,
        RecordKind.DIFF,
        {
            "id": said(row.get("commit"))[:12],
            "title": message.split("\n", 1)[0],
            "diff": diff,
            "language": next((language for path in paths_in(diff) if (language := language_of(path))), ""),
            "reviews": [{"id": "1", "author": said(row.get("author")), "text": message, "is_reference": True}],
            "author": said(row.get("author")),
            "created_at": row.get("written_at"),
            "repository": facts.get("repository"),
        },
        marks={"is_commit": True},
    )


def _count(counts: Any, tally: Tally) -> None:
    for reason, n in (counts if isinstance(counts, dict) else {}).items():
        words = LEFT_OUT.get(reason, (f"commit ({reason})", f"commits ({reason})"))
        tally.left_out(*words, int(as_number(n) or 0))
