"""A record as detectors see it: the part that is learnt, where that part stands, and its running text.

`taught` is the body of a document, the accepted answer of a thread, the reference comment of a diff,
the last reply of a chat. Offsets that detectors give count characters of `taught`; `place` turns
them into those of the record's flat text. In `prose`, code, links and markup are blanks of the same
length, so that an offset holds in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from core.curate.records_in import RecordIn
from core.nouns import Flag, Goal, RecordKind
from core.records.text import accepted_answer, reference_comment

URL = re.compile(r"(?:https?://|www\.)[^\s)>\]\"']+")
WORD = re.compile(r"\w+(?:['’]\w+)*", re.UNICODE)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]\n]*)\]\([^)\n]*\)?")
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|<!--.*?-->", re.DOTALL)
HIDDEN = re.compile(
    rf"(?P<code>{CODE.pattern})|(?P<url><?{URL.pattern}>?)|(?P<tag>{TAG.pattern})|(?P<target>(?<=\])\([^)\n]*\)?)",
    re.DOTALL,
)
# A line of dashes or stars, which parts what is above from what is below.
RULE = re.compile(r"^[ \t]*(?:([-*_=~+•])(?:[ \t]?\1){2,}|⁂|§+|<hr ?/?>)[ \t]*$", re.MULTILINE | re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[^\s])|\n+")


@dataclass(frozen=True)
class View:
    """record and goal; the rest follows. Computed once for all detectors of a record."""

    record: RecordIn
    goal: Goal

    @cached_property
    def taught(self) -> str:
        text = answer_text(self.record)
        return self.record.content["body"] if text is None else text

    @property
    def is_document(self) -> bool:
        return self.record.kind is RecordKind.DOCUMENT

    @cached_property
    def question(self) -> str:
        """What the taught part answers; nothing for a document."""
        content = self.record.content
        match self.record.kind:
            case RecordKind.THREAD:
                return str(content["question"])
            case RecordKind.CHAT:
                asked = [m["content"] for m in content["messages"] if m["role"] == "user"]
                return str(asked[-1]) if asked else ""
            case _:
                return ""

    @cached_property
    def prose(self) -> str:
        """`taught` with code, links and markup blanked, of the same length."""
        return blanked(self.taught)

    @cached_property
    def lower_prose(self) -> str:
        return self.prose.lower()

    @cached_property
    def sentences(self) -> list[str]:
        return [s for s in (part.strip() for part in SENTENCE_END.split(self.prose)) if s]

    @cached_property
    def n_words(self) -> int:
        return len(WORD.findall(self.taught))

    @cached_property
    def _offset(self) -> int:
        """Where the taught part begins in the flat text; -1 where there is none."""
        taught = self.taught
        if not taught.strip():
            return -1
        if self.record.kind is not RecordKind.THREAD:
            return self.record.text.rfind(taught)
        # A quoted question may hold the answer's words: each part is passed over in turn.
        answer = accepted_answer(self.record.content)
        position = 0
        parts = [self.record.title, self.record.content["question"]]
        for part in parts:
            position += len(part) + 2 if part else 0
        for message in self.record.content["messages"]:
            if message is answer:
                return position
            position += len(message["text"]) + 2 if message["text"] else 0
        return -1

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of the flat text from those of `taught`."""
        return (self._offset + start, self._offset + end) if self._offset >= 0 else (-1, -1)

    def flag(
        self, name: str, evidence: str, span: tuple[int, int] | None = None, *, value: float | None = None,
        limit: float | None = None,
    ) -> Flag:  # fmt: skip
        """A flag on a span of `taught`; on all of it without one."""
        start, end = self.place(*(span or (0, len(self.taught))))
        return Flag(name, evidence, start, end, value=value, limit=limit)


def answer_text(record: RecordIn) -> str | None:
    """What the record would teach: the accepted answer, the reference comment, the last reply; None for prose."""
    match record.kind:
        case RecordKind.THREAD:
            answer = accepted_answer(record.content)
            return answer["text"] if answer else ""
        case RecordKind.DIFF:
            comment = reference_comment(record.content)
            return comment["text"] if comment else ""
        case RecordKind.CHAT:
            return next((m["content"] for m in reversed(record.content["messages"]) if m["role"] == "assistant"), "")
        case RecordKind.DOCUMENT:
            return None


def blanked(text: str) -> str:
    """The text with code, links and markup as spaces; line ends stay."""
    if not any(mark in text for mark in ("`", "<", "](", "http", "www.")):
        return text
    return HIDDEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def plain_words(text: str) -> list[str]:
    """Lower-case words, punctuation and marks aside."""
    return [word.lower() for word in WORD.findall(text)]
