"""Named flags, each with one sentence of evidence and, where it has one, its place in the text.

`survey` reads all records of a project once; `flags_of` then judges one of them by itself. What compares records
(off topic, off voice, contradiction) is in `likeness`, and `completeness.cut_off` takes a base model's word; duplicates are settled pair by pair.
"""

from __future__ import annotations

from core.curate.flags import answers, completeness, language, notices, promotion, repetition, sources
from core.curate.flags.corpus import Corpus, survey
from core.curate.flags.registry import BY_NAME, DUPLICATES, KINDS, MEANINGS, NOTICES, WEIGHTS, is_defect, on_by_default
from core.curate.flags.view import View, answer_text
from core.curate.records_in import RecordIn
from core.nouns import Flag

__all__ = [
    "BY_NAME", "DUPLICATES", "KINDS", "MEANINGS", "NOTICES", "WEIGHTS", "Corpus", "answer_text", "flags_of", "is_defect",
    "on_by_default", "survey",
]  # fmt: skip

DETECTORS = (answers, completeness, language, repetition, sources, promotion, notices)


def flags_of(record: RecordIn, corpus: Corpus) -> list[Flag]:
    """Every flag that a record's own text raises, each name once."""
    view = View(record, corpus.goal)
    found: dict[str, Flag] = {}
    for detector in DETECTORS:
        for flag in detector.flags(view, corpus):
            found.setdefault(flag.name, flag)
    return list(found.values())
