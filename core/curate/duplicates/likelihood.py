"""How likely two records say the same, and what may be done with the pair.

A logistic regression on the evidence, fitted on labelled pairs: revisions of blog posts, support questions
posted twice, and questions alike in meaning with few words in common, the last labelled by two language models. `python -m
tests.benchmarks.duplicate_calibration` fits it anew and prints how well its probabilities hold on the half
that it has not seen. No weight is negative: more in common never makes a pair less likely.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.curate.duplicates.evidence import Evidence, Measures

# Containment counts in full from this many common phrases on: a shared opening of a few words says nothing.
CONTAINED_PHRASES = 20
# The cosine of two texts on one subject is about this; only what is above it tells them apart.
NEAR_COSINE = 0.7

WEIGHTS = {
    "words": 5.42,
    "words_read": 13.57,
    "couples": 4.86,
    "phrases": 6.05,
    "containment": 2.92,
    "cosine": 5.02,
    "near_read": 34.29,
}
INTERCEPT = -11.27

# Merged without a person is only what has most of its words in common, or stands in the other almost whole.
MERGED_WORDS, MERGED_CONTAINMENT = 0.6, 0.9


def features(evidence: Evidence) -> Measures:
    """(pairs, features), in the order of WEIGHTS."""
    columns = {
        "words": evidence.words,
        "words_read": evidence.words * evidence.share_read,
        "couples": evidence.couples,
        "phrases": evidence.phrases,
        "containment": evidence.containment * np.minimum(1.0, evidence.n_shared / CONTAINED_PHRASES),
        "cosine": evidence.cosine,
        "near_read": np.maximum(0.0, evidence.cosine - NEAR_COSINE) * evidence.share_read,
    }
    return np.column_stack([columns[name] for name in WEIGHTS])


def probabilities(evidence: Evidence) -> Measures:
    """Probability in (0, 1) that each pair says the same."""
    logits = features(evidence) @ np.asarray(list(WEIGHTS.values())) + INTERCEPT
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), dtype=np.float64)


def has_merging_words(evidence: Evidence) -> npt.NDArray[np.bool_]:
    """Whether the words of each pair, not its meaning, bear out a merge."""
    is_contained = (evidence.containment >= MERGED_CONTAINMENT) & (evidence.n_shared >= CONTAINED_PHRASES)
    return np.asarray((evidence.words >= MERGED_WORDS) | is_contained)
