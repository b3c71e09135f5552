"""The measuring job's step of quality: signals and flags of every record. Scores are made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.curate.encoder import Vectors
from core.curate.flags import flags_of, is_defect, survey
from core.curate.flags.likeness import (
    contradictions,
    off_topic,
    off_voice,
    reference_of,
    typicality,
    voice_distances,
)
from core.curate.records_in import RecordIn
from core.curate.signals import text_signals
from core.curate.signals import typicality as mean_cosines
from core.jobs.context import JobContext
from core.nouns import LEAST_GOLD, Flag, Goal, ScoredPair


def measure_quality(
    context: JobContext,
    records: Sequence[RecordIn],
    goal: Goal,
    vectors: Vectors,
    answers: Mapping[int, Vectors],
    pairs: Sequence[ScoredPair],
) -> tuple[list[dict[str, float]], list[list[Flag]]]:
    """Signals and flags, one of each a record. Settings: `gold`, the ids of the records marked as gold.

    answers: the vectors of threads' answers, by the record's place.
    """
    gold_ids = set(context.settings.get("gold", ()))
    gold = [i for i, record in enumerate(records) if record.id in gold_ids]
    signals = _signals(records, vectors, answers)
    flags = _text_flags(context, records, goal)
    _compare(context, records, goal, vectors, gold, signals, flags)
    opposed = contradictions(records, pairs)
    for record, found in zip(records, flags, strict=True):
        if record.id in opposed:
            found.append(opposed[record.id])
    return signals, flags


def flag_row(flag: Flag) -> dict[str, Any]:
    return {"name": flag.name, "is_defect": is_defect(flag.name), "evidence": flag.evidence, "start_char": flag.start,
            "end_char": flag.end, "value": flag.value, "limit_value": flag.limit}  # fmt: skip


def _signals(records: Sequence[RecordIn], vectors: Vectors, answers: Mapping[int, Vectors]) -> list[dict[str, float]]:
    """Signals of each record; a thread's answer is compared with its question by their vectors."""
    signals = [text_signals(r) | {"typicality": t} for r, t in zip(records, mean_cosines(vectors), strict=True)]
    for i, vector in answers.items():
        signals[i]["prompt_answer_cosine"] = float(vector @ vectors[i])
    return signals


def _text_flags(context: JobContext, records: Sequence[RecordIn], goal: Goal) -> list[list[Flag]]:
    corpus = survey(records, goal)
    flags = []
    for i, record in enumerate(records, start=1):
        flags.append(flags_of(record, corpus))
        context.report(phase="Looking for defects", done=i, total=len(records))
    return flags


def _compare(
    context: JobContext,
    records: Sequence[RecordIn],
    goal: Goal,
    vectors: Vectors,
    gold: Sequence[int],
    signals: list[dict[str, float]],
    flags: list[list[Flag]],
) -> None:
    """Add what follows from the reference: the gold subset, else the project's bulk. Few records have neither."""
    reference, is_gold = reference_of(len(records), gold), len(gold) >= LEAST_GOLD
    if not reference:
        return
    context.report(phase="Comparing with the gold subset" if is_gold else "Comparing with the bulk", done=0, total=1)
    near = typicality(vectors, reference)
    distances, limit = voice_distances(records, reference, goal)
    for i, (topic, value, distance) in enumerate(zip(off_topic(near, reference), near, distances, strict=True)):
        if is_gold:
            signals[i]["gold_typicality"] = value
        if distance is not None:
            signals[i]["voice_distance"] = distance.value
        voice = off_voice(distance, limit, is_gold=is_gold)
        flags[i] += [flag for flag in (topic, voice) if flag is not None]
