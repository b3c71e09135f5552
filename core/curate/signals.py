"""Measured properties of a record, as numbers.

prompt_answer_cosine  how close the answer is in meaning to the question, -1 to 1
typicality            cosine to the mean of the project: low for what does not belong
loss_left             what is left of the answer's loss under a base model once it has read the question; near 1 the question says
                      nothing of the answer. Measured for doubtful records alone, by a job of its own
difficulty            the same, with what the answer's length explains taken off
n_words, link_share, letter_share, repeated_line_share   of the flat text
n_taught_words, question_share, list_share   of the part that is learnt: its length, and how much of it asks or lists
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from core.curate.encoder import Vectors
from core.curate.flags.view import URL, WORD, View
from core.curate.records_in import RecordIn
from core.nouns import Goal

LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s", re.MULTILINE)


def text_signals(record: RecordIn) -> dict[str, float]:
    text = record.text
    visible = sum(not c.isspace() for c in text)
    lines = [line.strip() for line in text.split("\n") if len(line.split()) >= 4]
    repeated = sum(n - 1 for n in Counter(lines).values())
    # What is learnt does not depend on the goal.
    taught = View(record, Goal.SUPPORT).taught
    n_taught = len(WORD.findall(taught))
    return {
        "n_words": float(len(WORD.findall(text))),
        "link_share": sum(map(len, URL.findall(text))) / max(1, len(text)),
        "letter_share": sum(c.isalpha() for c in text) / max(1, visible),
        "repeated_line_share": repeated / max(1, len(lines)),
        "n_taught_words": float(n_taught),
        "question_share": taught.count("?") / max(1, n_taught),
        "list_share": len(LIST_ITEM.findall(taught)) / max(1, taught.count("\n") + 1),
    }


def typicality(vectors: Vectors) -> list[float]:
    """Cosine of each row to the mean of all."""
    if not len(vectors):
        return []
    mean = vectors.mean(axis=0)
    return [float(x) for x in vectors @ (mean / max(1e-9, float(np.linalg.norm(mean))))]
