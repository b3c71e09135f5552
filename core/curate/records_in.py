"""A record as curation sees it: text and facts, without storage.

`comparison_text` is what near-duplicate search compares: for a thread the question alone, since
one problem posted twice gets two different answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.nouns import RecordKind
from core.records.text import record_text


@dataclass(frozen=True, slots=True)
class RecordIn:
    """One record. text: flat text of title and content. customer: who it is about, where known.

    language: what the source says that it is in, as it says it (en-US); empty where it does not.
    """

    id: str
    external_id: str
    kind: RecordKind
    title: str
    text: str
    content: dict[str, Any]
    customer: str | None = None
    tags: tuple[str, ...] = ()
    written_at: str = ""
    language: str = ""

    @property
    def comparison_text(self) -> str:
        if self.kind is RecordKind.THREAD:
            return f"{self.title}\n\n{self.content['question']}"
        if self.kind is RecordKind.CHAT:
            return "\n\n".join(m["content"] for m in self.content["messages"] if m["role"] != "system")
        return self.text


def record_in(row: dict[str, Any]) -> RecordIn:
    """From plain columns: id, external_id, kind, title, content (decoded), meta (decoded or JSON), customer, tags, written_at."""
    kind = RecordKind(row["kind"])
    meta = row.get("meta") or {}
    meta = json.loads(meta) if isinstance(meta, str) else meta
    return RecordIn(
        id=row["id"],
        external_id=row["external_id"],
        kind=kind,
        title=row["title"],
        text=record_text(kind, row["title"], row["content"]),
        content=row["content"],
        customer=row.get("customer"),
        tags=tuple(row.get("tags") or ()),
        written_at=row.get("written_at") or "",
        language=str(meta.get("language") or ""),
    )
