"""Measured properties of a record, as numbers, and the language of a text.

prompt_answer_cosine  how close the answer is in meaning to the question, -1 to 1
typicality            cosine to the mean of the project: low for what does not belong
n_words, link_share, letter_share, repeated_line_share   of the flat text
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from core.curate.encoder import Vectors
from core.curate.flags import MIN_WORDS_FOR_LANGUAGE, URL, WORD
from core.curate.records_in import RecordIn

LANGUAGE_CHARACTERS = 2_000
LEAST_CONFIDENCE = 0.9


def text_signals(record: RecordIn) -> dict[str, float]:
    text = record.text
    visible = sum(not c.isspace() for c in text)
    lines = [line.strip() for line in text.split("\n") if len(line.split()) >= 4]
    repeated = sum(n - 1 for n in Counter(lines).values())
    return {
        "n_words": float(len(WORD.findall(text))),
        "link_share": sum(map(len, URL.findall(text))) / max(1, len(text)),
        "letter_share": sum(c.isalpha() for c in text) / max(1, visible),
        "repeated_line_share": repeated / max(1, len(lines)),
    }


def typicality(vectors: Vectors) -> list[float]:
    """Cosine of each row to the mean of all."""
    if not len(vectors):
        return []
    mean = vectors.mean(axis=0)
    return [float(x) for x in vectors @ (mean / max(1e-9, float(np.linalg.norm(mean))))]


def language_of(text: str) -> str:
    """Two-letter code of the text's language; empty when it is too short or the guess is unsure."""
    prose = re.sub(r"```.*?```|`[^`]*`|https?://\S+", " ", text, flags=re.DOTALL)
    if len(WORD.findall(prose)) < MIN_WORDS_FOR_LANGUAGE:
        return ""
    code, confidence = _identifier().classify(prose[:LANGUAGE_CHARACTERS])
    return code if confidence >= LEAST_CONFIDENCE else ""


def main_language(codes: Sequence[str]) -> str:
    """The language of more than half of the records that have one, else none."""
    counts = Counter(code for code in codes if code)
    if not counts:
        return ""
    code, n = counts.most_common(1)[0]
    return code if n > sum(counts.values()) / 2 else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
