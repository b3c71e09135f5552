"""What the text of a draft says of its verdict before anybody reads it: a few plain figures, from the text and its brief alone.

Nothing here knows who wrote the draft. Figures that cannot be told (a voice distance of a short text, what nobody elsewhere was asked) are NaN.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from core.curate.voice import VoiceProfile
from core.facts.support import unsupported
from core.review.edits import words
from core.review.guide.check import check_draft
from core.review.guide.rules import Rule

# In the order in which they stand in a row, with the words that a page has for them.
FEATURES = {
    "guide": "places that break the brand guide, in 100 words",
    "unsupported": "figures, dates, names and links that nobody gave",
    "length": "its length",
    "odd_length": "how far its length is from the usual one",
    "voice": "its distance from the team's own writing",
    "repetition": "how much of it comes again",
    "breaks_off": "whether it breaks off",
    "elsewhere": "what a model elsewhere says of it, where it may be asked",
}
ENDS = re.compile(r"[.!?…:)\]\"'”’»`*_|>]\s*$")
REPEATED_WORDS = 3
LENGTH, ODD_LENGTH = list(FEATURES).index("length"), list(FEATURES).index("odd_length")
ELSEWHERE = list(FEATURES).index("elsewhere")
# Fewer reference texts tell no voice.
LEAST_REFERENCE = 8


class DraftFigures:
    """Figures of drafts beside a project's guide and its own writing. reference: texts of the team that no brief was taken from."""

    def __init__(self, rules: Sequence[Rule], reference: Sequence[str]) -> None:
        self._rules = tuple(rules)
        profile = VoiceProfile(reference) if len(reference) >= LEAST_REFERENCE else None
        self._voice = profile if profile is not None and profile.is_usable else None

    def of(self, text: str, support: Sequence[str], *, elsewhere: float = math.nan) -> list[float]:
        """One row, in the order of FEATURES; odd_length is filled in where it is learnt what is usual. support: the brief, its facts, what was found for it.

        elsewhere: in [0, 1], what a model elsewhere says of the draft.
        """
        said = words(text)
        n_words = max(1, len(said))
        notes = check_draft(text, self._rules, support=support).notes
        distance = self._voice.distance(text) if self._voice else None
        return [
            math.sqrt(100 * len(notes) / n_words),
            math.log1p(len(set(unsupported(text, tuple(support))))),
            math.log1p(len(said)),
            math.nan,
            distance.value if distance else math.nan,
            repeated_share(said),
            float(bool(said) and not ENDS.search(text)),
            elsewhere,
        ]


def repeated_share(said: Sequence[str]) -> float:
    """Share of stretches of three words that stand in a text more than once."""
    stretches = Counter(tuple(word.lower() for word in said[i : i + REPEATED_WORDS]) for i in range(len(said) - 2))
    return sum(n for n in stretches.values() if n > 1) / max(1, stretches.total())
