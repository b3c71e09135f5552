"""Why a draft was edited or rejected: a short list by goal, until a project has its own; the first nine have keys."""

from __future__ import annotations

from core.nouns import Goal

REASONS: dict[Goal, tuple[str, ...]] = {
    Goal.VOICE: (
        "not our voice",
        "wrong fact",
        "says nothing",
        "too long",
        "wrong tone for the audience",
        "clumsy wording",
        "off the brief",
    ),
    Goal.SUPPORT: (
        "wrong steps",
        "wrong fact",
        "does not answer",
        "too long",
        "wrong tone",
        "asks what was said",
        "not our policy",
    ),
    Goal.CODE: (
        "wrong claim",
        "misses the problem",
        "says nothing",
        "too long",
        "unkind",
        "against our conventions",
        "not about this change",
    ),
}
