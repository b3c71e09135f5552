"""Preference pairs from verdicts: this text rather than that one.

A draft that was signed off after an edit of its words is a pair of the two texts. A draft that was rejected, where another
draft for the same brief was signed off, is a pair of the two drafts: they were judged blind and one by one, by whether the
text may leave the house, so one that may is better than one that may not. Of several that were signed off, the one that
needed the least edit stands for them, so that no brief counts for more than its drafts.

Of two drafts that were seen side by side, the one that more than half of the reviewers preferred makes a pair with the other, as the
text that it was signed off as. One that nobody would sign off makes none, though it be the better of two: the text that is learnt
from has to be one that may leave the house.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import Invalid
from core.nouns import PairOrigin, PreferencePair
from core.review.edits import edit_ratio

# Why a verdict makes no pair.
AS_IS, ALONE, EMPTY, DISAGREEMENT, SAME = "as_is", "alone", "empty", "disagreement", "same"
NOT_SIGNED_OFF = "not_signed_off"


@dataclass(frozen=True, slots=True)
class JudgedDraft:
    """One verdict on one draft. request: what the model was asked. final_text: what was signed off."""

    draft_id: str
    brief_id: str
    record_id: str | None
    run_id: str
    request: str
    text: str
    is_signed_off: bool
    final_text: str
    edit_ratio: float


@dataclass(frozen=True, slots=True)
class Preferred:
    """One draft preferred to another for the same brief, side by side. chosen: the verdicts on the preferred one; rejected: one on the other."""

    chosen: Sequence[JudgedDraft]
    rejected: JudgedDraft


def make_preferred_pairs(preferences: Sequence[Preferred]) -> tuple[list[PreferencePair], Counter[str]]:
    """The pairs of what was preferred side by side, ordered by id, and how many preferences are in none, by reason."""
    pairs: dict[str, PreferencePair] = {}
    left_out: Counter[str] = Counter()
    for one in preferences:
        better = _least_edited(one.chosen)
        if better is None or not all(verdict.is_signed_off for verdict in one.chosen):
            left_out[NOT_SIGNED_OFF] += 1
        elif not one.rejected.text.strip():
            left_out[EMPTY] += 1
        elif edit_ratio(one.rejected.text, better.final_text) == 0.0:
            left_out[SAME] += 1
        else:
            pair = _pair(one.rejected, better, origin=PairOrigin.PREFERRED)
            pairs[pair.id] = pair
    return [pairs[i] for i in sorted(pairs)], left_out


def make_pairs(verdicts: Sequence[JudgedDraft]) -> tuple[list[PreferencePair], Counter[str]]:
    """The pairs of the verdicts, ordered by id, and how many verdicts are in none, by reason."""
    decisions: dict[str, set[bool]] = defaultdict(set)
    for one in verdicts:
        decisions[one.draft_id].add(one.is_signed_off)
    agreed = [one for one in verdicts if len(decisions[one.draft_id]) == 1]
    left_out = Counter({DISAGREEMENT: len(verdicts) - len(agreed)})
    signed_off: dict[str, list[JudgedDraft]] = defaultdict(list)
    for one in agreed:
        if one.is_signed_off:
            signed_off[one.brief_id].append(one)
    pairs: dict[str, PreferencePair] = {}
    stood_beside: set[str] = set()
    # Rejected ones first: what was signed off as it was is of use beside them.
    for one in sorted(agreed, key=lambda verdict: verdict.is_signed_off):
        better = one if one.is_signed_off else _least_edited(signed_off[one.brief_id])
        if better is None:
            left_out[ALONE] += 1
        elif not one.text.strip():
            left_out[EMPTY] += 1
        elif edit_ratio(one.text, better.final_text) == 0.0:
            # White space and marks of formatting are no edit, as everywhere in a review.
            left_out[AS_IS if one.is_signed_off else SAME] += one.draft_id not in stood_beside
        elif (pair := _pair(one, better, origin=PairOrigin.EDIT if one is better else PairOrigin.BESIDE)).id in pairs:
            left_out[SAME] += 1
        else:
            pairs[pair.id] = pair
            stood_beside.add(better.draft_id)
    return [pairs[i] for i in sorted(pairs)], +left_out


def write_pairs(file: Path, pairs: Sequence[PreferencePair]) -> str:
    """Write the pairs by value, one a line. Returns the SHA-256 of the file."""
    content = "".join(json.dumps(asdict(pair), sort_keys=True) + "\n" for pair in pairs).encode()
    file.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def read_pairs(file: Path, *, expected_sha256: str) -> list[PreferencePair]:
    """The pairs of a file. Raises Invalid when it is gone, or is not the one that was written."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise Invalid("The file with the run's pairs is gone.", remedy="Restore it from a backup.") from None
    found = hashlib.sha256(content).hexdigest()
    if found != expected_sha256:
        raise Invalid(
            f"The file with the run's pairs has the SHA-256 {found[:12]}…, it was written with {expected_sha256[:12]}….",
            remedy="It was changed afterwards. Restore it from a backup, or start a new run.",
        )
    rows = map(json.loads, content.decode().splitlines())
    return [
        PreferencePair(**row | {"origin": PairOrigin(row["origin"]), "run_ids": tuple(row["run_ids"])}) for row in rows
    ]


def _least_edited(signed_off: Sequence[JudgedDraft]) -> JudgedDraft | None:
    return min(signed_off, key=lambda one: (one.edit_ratio, one.draft_id), default=None)


def _pair(worse: JudgedDraft, better: JudgedDraft, *, origin: PairOrigin) -> PreferencePair:
    prompt, chosen, rejected = worse.request, better.final_text.strip(), worse.text.strip()
    identity = hashlib.sha256(json.dumps([prompt, chosen, rejected]).encode()).hexdigest()[:16]
    return PreferencePair(
        id="pp_" + identity,
        origin=origin,
        brief_id=worse.brief_id,
        record_id=worse.record_id,
        run_ids=tuple(sorted({worse.run_id, better.run_id})),
        prompt=prompt,
        chosen=chosen,
        rejected=rejected,
    )
