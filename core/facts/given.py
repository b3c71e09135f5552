"""A passage that a draft was given to look at, as it is told once it may be known who wrote the draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class GivenFact:
    """passage: empty where it may not be shown any more, since it left the fact store or its source forbids it."""

    title: str
    passage: str
    source: str
    expires_on: date | None = None
    has_expired: bool = False

    def in_words(self) -> str:
        """In one line: the passage and where it is from."""
        from_where = ", ".join(dict.fromkeys(name for name in (self.title, self.source) if name))
        passage = " ".join(self.passage.split()) or "a passage that may not be shown any more"
        expired = f"; expired on {self.expires_on}" if self.has_expired else ""
        return f"{passage} ({from_where}{expired})" if from_where or expired else passage
