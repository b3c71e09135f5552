"""Flags that compare records: off topic, off voice, contradiction.

The reference is the gold subset where ten records are marked, else the project's own bulk, from fifty
records on. Limits come from how the reference's own records differ among themselves, so that a few in a
hundred of them are flagged at most. Contradiction asks for two alike questions and answers that take opposite sides;
two merely different answers are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.curate.flags.opposites import opposed
from core.curate.flags.view import WORD, View, answer_text
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
VOICE_Z, LEAST_VOICE_LIMIT = 2.0, 1.5
PROFILE_TEXTS, PROFILE_CHARACTERS = 1_000, 600
ALIKE_COSINE = 0.85


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
