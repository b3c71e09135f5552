"""Flags that compare records: off topic, off voice, contradiction.

The reference is the gold subset where ten records are marked, else the project's own bulk, from fifty
records on. Limits come from how the reference's own records differ among themselves, so that a few in a
hundred of them are flagged at most. Contradiction asks for two alike questions and answers that take opposite sides;
two merely different answers are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.curate.flags.view import WORD, View, answer_text, plain_words
from core.curate.records_in import RecordIn
from core.curate.voice import FEWEST_WORDS, VoiceDistance, VoiceProfile
from core.nouns import LEAST_GOLD, Flag, Goal, RecordKind, ScoredPair

if TYPE_CHECKING:
    from core.curate.encoder import Vectors

LEAST_BULK = 50
N_NEIGHBOURS = 5
BLOCK = 1_024
# Deviations from the median, in robust standard deviations, and a cosine above which nothing is off topic.
TOPIC_Z, TOPIC_COSINE = 2.0, 0.28
VOICE_Z, LEAST_VOICE_LIMIT = 2.25, 1.5
PROFILE_TEXTS, PROFILE_CHARACTERS = 1_000, 600
ALIKE_COSINE = 0.85

NEGATIVE = re.compile(
    r"^(?:no|nope|sadly|unfortunately|regrettably|i'?m afraid)\b|\b(?:can(?:no|')t|cannot|can not|won'?t|will not|isn'?t|is not|aren'?t|are not|doesn'?t|does not|don'?t|do not|never|impossible|no way|not possible|no such|no setting|no option|no recall|no effect|lost|erases?|permanently|only one|separately|different formats?|be careful|dangerous|unsafe)\b",
    re.IGNORECASE,
)
POSITIVE = re.compile(
    r"^(?:yes|yep|sure|certainly|of course|absolutely|you can|it can|that works|it will|they are|simply|just)\b|\b(?:you can\b(?! only)|it works|that works|harmless|safely|safe to|nothing is lost|no need|possible|in one go|same format|are kept|is kept|stays?|both ways|will be|recovers?|works fine|easily)\b",
    re.IGNORECASE,
)
NOT_NEGATIVE = re.compile(
    r"\b(?:not only|no problem|no need|nothing is lost|do not worry|don't worry|without any|doesn'?t (?:touch|matter|delete|affect)|not deleted|can'?t hurt)\b",
    re.IGNORECASE,
)
LOSES = re.compile(
    r"\b(?:erases?|permanently|removes all|deleted too|would lose|will lose|gone for good)\b", re.IGNORECASE
)
NOT_POSITIVE = re.compile(
    r"\b(?:no way[^.;]*|not possible|im?possible|n'?t possible|not safe|no longer works|won'?t be|will not be|can only|one signature only)\b",
    re.IGNORECASE,
)
CHOICE = re.compile(
    r"\b(?:choose|use|select|pick|set|take|enable|enter|tick|type|need|is|try)\s+(?:the |it to |port )?([A-Z0-9][\w/.+-]*)"
)
OPPOSITES = [
    frozenset(pair.split())
    for pair in ("on off", "enable disable", "enabled disabled", "always never", "before after", "safe unsafe", "kept deleted", "keep delete",
                 "local server", "provider program", "higher lower", "increase decrease", "both one", "same different", "possible impossible",
                 "tick untick", "true false", "allowed forbidden", "free paid", "more less", "open closed", "lost kept", "imap pop")
]  # fmt: skip
SHARED_WORDS = 2


def reference_of(n_records: int, gold: Sequence[int]) -> list[int]:
    """Places of the records to compare with: the gold subset, else all; none where there are too few."""
    if len(gold) >= LEAST_GOLD:
        return list(gold)
    return list(range(n_records)) if n_records >= LEAST_BULK else []


def typicality(vectors: Vectors, reference: Sequence[int]) -> list[float]:
    """Mean cosine of each record to its five nearest of the reference, itself left out. Empty without a reference."""
    if not len(vectors) or not reference:
        return []
    chosen = vectors[list(reference)]
    place = {record: i for i, record in enumerate(reference)}
    found: list[float] = []
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ chosen.T
        for i, row in enumerate(cosines):
            if start + i in place:
                row[place[start + i]] = -1.0
            nearest = np.partition(row, -min(N_NEIGHBOURS, len(row)))[-N_NEIGHBOURS:]
            found.append(float(np.mean(nearest)))
    return found


def off_topic(values: Sequence[float], reference: Sequence[int]) -> list[Flag | None]:
    """values: as `typicality` gives them."""
    if not values:
        return []
    own = np.asarray([values[i] for i in reference])
    middle = float(np.median(own))
    spread = 1.4826 * float(np.median(np.abs(own - middle))) or 0.01
    limit = min(middle - TOPIC_Z * spread, TOPIC_COSINE)
    return [
        Flag(
            "off_topic",
            f"Its nearest records are far in meaning ({v:.2f} of 1; {middle:.2f} is usual).",
            value=v,
            limit=limit,
        )
        if v < limit
        else None
        for v in values
    ]


def voice_distances(
    records: Sequence[RecordIn], reference: Sequence[int], goal: Goal
) -> tuple[list[VoiceDistance | None], float]:
    """The distance of each record's taught text, and the limit above which it is off voice."""
    texts = [View(record, goal).taught for record in records]
    chosen = _long_enough(texts, reference)
    profile = VoiceProfile([texts[i] for i in chosen])
    if not profile.is_usable:
        return [None] * len(records), LEAST_VOICE_LIMIT
    own = dict(zip(chosen, profile.own_distances(), strict=True))
    distances = [own[i] if i in own else profile.distance(text) for i, text in enumerate(texts)]
    # The median and its spread, for a reference holds odd texts of its own, which would lift any share of the highest.
    values = np.asarray([distance.value for distance in own.values() if distance])
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    return distances, max(LEAST_VOICE_LIMIT, middle + VOICE_Z * spread)


def _long_enough(texts: Sequence[str], reference: Sequence[int]) -> list[int]:
    """Places of the reference texts that a manner can be told from, some of them where there are many."""
    usable = [i for i in reference if len(WORD.findall(texts[i][:PROFILE_CHARACTERS])) >= FEWEST_WORDS]
    return usable[:: max(1, len(usable) // PROFILE_TEXTS)]


def off_voice(distance: VoiceDistance | None, limit: float, *, is_gold: bool) -> Flag | None:
    if distance is None or distance.value <= limit:
        return None
    than = "your gold subset" if is_gold else "most records"
    evidence = f"{distance.value:.1f} times as far from {than} as is usual: {'; '.join(distance.words) or 'in many small things'}."
    return Flag("off_voice", evidence, value=distance.value, limit=limit)


def contradictions(records: Sequence[RecordIn], pairs: Sequence[ScoredPair]) -> Mapping[str, Flag]:
    """By record id: a flag for each of two records whose questions are alike and whose answers oppose each other."""
    by_id = {record.id: record for record in records if record.kind in (RecordKind.THREAD, RecordKind.CHAT)}
    found: dict[str, Flag] = {}
    for pair in pairs:
        a, b = by_id.get(pair.a), by_id.get(pair.b)
        if a is None or b is None:
            continue
        first, second = answer_text(a) or "", answer_text(b) or ""
        why = opposed(first, second)
        if why:
            for one, other in ((a, b), (b, a)):
                evidence = f"{other.title or other.external_id} ({other.external_id}) asks the same and is answered otherwise: {why}."
                found.setdefault(one.id, Flag("contradiction", evidence, value=pair.score))
    return found


def opposed(a: str, b: str) -> str:
    """Why two answers to one question cannot both be right, in words; empty where nothing says so."""
    words = [set(plain_words(text)) for text in (a, b)]
    content = {w for w in words[0] & words[1] if len(w) > 3}
    if len(content) < SHARED_WORDS or words[0] == words[1]:
        return ""
    sides = [_side(text) for text in (a, b)]
    if sides[0] * sides[1] < 0:
        return "one says yes, the other no"
    choices = [CHOICE.search(text) for text in (a, b)]
    if choices[0] and choices[1] and choices[0][1].rstrip(".") != choices[1][1].rstrip("."):
        one, other = (choice[1].rstrip(".") for choice in choices if choice)
        if one in b and other in a:
            return f"one says {one}, the other {other}"
    for pair in OPPOSITES:
        only = [pair & (words[0] - words[1]), pair & (words[1] - words[0])]
        if only[0] and only[1] and len(content) >= 3 * SHARED_WORDS:
            return f"one says {' '.join(only[0])}, the other {' '.join(only[1])}"
    return ""


def _side(answer: str) -> int:
    """1 for yes, -1 for no, 0 where the first two sentences take no side."""
    opening = " ".join(re.split(r"(?<=[.!?;,])\s+", answer.strip().replace("’", "'"))[:3])
    opening = " ".join(opening.split()[:40])
    # What is lost weighs more than the yes or no that it may be introduced by.
    no = len(NEGATIVE.findall(NOT_NEGATIVE.sub(" ", opening))) + len(LOSES.findall(opening))
    yes = len(POSITIVE.findall(NOT_POSITIVE.sub(" ", opening))) + len(
        re.findall(r"\b(?:no need|nothing is lost|doesn'?t touch)\b", opening, re.IGNORECASE)
    )
    return 1 if yes > no else -1 if no > yes else 0


__all__ = [
    "WORD",
    "contradictions",
    "off_topic",
    "off_voice",
    "opposed",
    "reference_of",
    "typicality",
    "voice_distances",
]
