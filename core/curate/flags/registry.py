"""Every flag there is: its name, what it means, whether it lowers the score, and for which goals it is on at first.

A defect keeps an undecided record out of the recommended recipe and, duplicates apart, lowers the
score; a notice only informs. A project can switch each flag off or on; what was found stays stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.nouns import Goal

EVERY_GOAL = frozenset(Goal)
TALKS = frozenset({Goal.SUPPORT, Goal.CODE})


@dataclass(frozen=True, slots=True)
class FlagKind:
    """meaning: one plain sentence. weight: what a defect takes off the score, as a share; 0 for notices and duplicates."""

    name: str
    meaning: str
    is_defect: bool = True
    weight: float = 0.0
    goals: frozenset[Goal] = EVERY_GOAL


KINDS: tuple[FlagKind, ...] = (
    FlagKind("exact_duplicate", "Another record has the same words; this one would only be learnt twice."),
    FlagKind("near_duplicate", "Another record says nearly the same; the fuller one is kept."),
    FlagKind("empty_answer", "There is no answer to learn from.", weight=0.95),
    FlagKind("placeholder", "The text is a stand-in, or a comment that says nothing.", weight=0.8),
    FlagKind("closing_without_help", "The accepted answer only says thanks or closes the matter; it helps nobody else.",
             weight=0.85),
    FlagKind("asker_answer", "The accepted answer was written by the person who asked, not by the team.", weight=0.5),
    FlagKind("truncated", "The text breaks off in the middle.", weight=0.5),
    FlagKind("prompt_echo", "The answer repeats the question; the model would learn to do so.", weight=0.5),
    FlagKind("merged_records", "Two texts seem to have been joined into one record.", weight=0.6),
    FlagKind("wrong_language", "It is in another language than most of the project.", weight=0.8),
    FlagKind("mojibake", "Letters were garbled by a wrong encoding (mojibake).", weight=0.7),
    FlagKind("repetition", "The same words come again and again.", weight=0.4),
    FlagKind("boilerplate", "It holds a block that stands in several records.", weight=0.3),
    FlagKind("link_only", "There is little but a link.", weight=0.7),
    FlagKind("quote_only", "There is little but a quotation of somebody else.", weight=0.6),
    FlagKind("promotional", "It advertises something.", weight=0.6),
    FlagKind("missing_reference", "It speaks of something that is not here, such as an attachment.", weight=0.3),
    FlagKind("contradiction", "Another record answers the same question the other way round.", weight=0.4),
    FlagKind("too_short", "It is too short to teach anything.", weight=0.6),
    FlagKind("off_topic", "It is about something else than the rest of the project.", weight=0.4),
    FlagKind("off_voice", "It is written in another manner than the texts it should resemble.", weight=0.3,
             goals=frozenset({Goal.VOICE})),
    FlagKind("too_long", "It is longer than is usual for this goal.", is_defect=False),
    FlagKind("personal_data", "It seems to hold personal data, such as an address, a number or a date of birth.",
             is_defect=False),
    FlagKind("secret", "It seems to hold a password or key.", is_defect=False),
    FlagKind("stale_fact", "It states something that will not stay true, such as a price or the latest version.",
             is_defect=False),
)  # fmt: skip

BY_NAME = {kind.name: kind for kind in KINDS}
MEANINGS = {kind.name: kind.meaning for kind in KINDS}
NOTICES = frozenset(kind.name for kind in KINDS if not kind.is_defect)
# Settled pair by pair on their own page; they never count in the score.
DUPLICATES = frozenset({"exact_duplicate", "near_duplicate"})
WEIGHTS = {kind.name: kind.weight for kind in KINDS if kind.weight}


def is_defect(name: str) -> bool:
    return BY_NAME[name].is_defect


def on_by_default(goal: Goal) -> frozenset[str]:
    """Names of the flags that a new project of this goal has switched on."""
    return frozenset(kind.name for kind in KINDS if goal in kind.goals)
