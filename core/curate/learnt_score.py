"""A score learnt from the team's own decisions: what makes them keep a record, and what makes them reject one.

Regularised logistic regression on standardised signals and on flags, its strength chosen by cross-validation, which
also says how often it decides as the team did. Thirty decisions with eight on either side are the least; before
that, and where it does no better than chance, the fixed formula of score.py holds. Loaded by workers alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.curate.flags.registry import DUPLICATES, MEANINGS
from core.curate.score import N_REASONS, Score

LEAST_DECISIONS, LEAST_OF_EACH = 30, 8
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)
FOLDS = 5
# Below this it sorts records hardly better than a coin.
LEAST_AUROC = 0.6
# Lengths differ by factors; their logarithm by steps.
COUNTS = frozenset({"n_words", "n_taught_words"})
LEAST_EFFECT = 0.1

SAID = {
    "n_words": "the record's length ({own:.0f} words; {usual:.0f} is usual)",
    "n_taught_words": "the length of what is learnt ({own:.0f} words; {usual:.0f} is usual)",
    "link_share": "its share of links ({own:.0%}; {usual:.0%} is usual)",
    "letter_share": "its share of letters ({own:.0%}; {usual:.0%} is usual)",
    "repeated_line_share": "its share of repeated lines ({own:.0%}; {usual:.0%} is usual)",
    "question_share": "how much it asks ({own:.2f} question marks a word; {usual:.2f} is usual)",
    "list_share": "how much of it is a list ({own:.0%}; {usual:.0%} is usual)",
    "prompt_answer_cosine": "how near the answer is to the question ({own:.2f} of 1; {usual:.2f} is usual)",
    "typicality": "how like the project it is ({own:.2f} of 1; {usual:.2f} is usual)",
    "gold_typicality": "how like the gold subset it is in meaning ({own:.2f} of 1; {usual:.2f} is usual)",
    "loss_left": "how little the question helps to foresee the answer ({own:.2f} of its loss is left; {usual:.2f} is usual)",
    "difficulty": "how little the question helps, beside answers of its length ({own:.2f}; {usual:.2f} is usual)",
    "voice_distance": "its distance from the reference voice ({own:.1f}; {usual:.1f} is usual)",
}

Matrix = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Signals = Mapping[str, Mapping[str, float]]
Flags = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class LearntScore:
    """names: of the features, flags as `flag:name`. middle, scale: of the signals. accuracy, auroc: cross-validated.

    share_of_larger: the accuracy of always deciding as the team mostly does.
    """

    names: tuple[str, ...]
    middle: Matrix
    scale: Matrix
    weights: Matrix
    intercept: float
    n_kept: int
    n_rejected: int
    accuracy: float
    auroc: float
    share_of_larger: float

    @property
    def facts(self) -> dict[str, Any]:
        """What a page says of it."""
        order = np.argsort(-np.abs(self.weights))[:6]
        return {
            "n_kept": self.n_kept,
            "n_rejected": self.n_rejected,
            "accuracy": round(self.accuracy, 4),
            "auroc": round(self.auroc, 4),
            "share_of_larger": round(self.share_of_larger, 4),
            "strongest": [{"name": self.names[i], "weight": round(float(self.weights[i]), 3)} for i in order],
        }

    def score(self, signals: Mapping[str, float], flags: Mapping[str, str]) -> Score:
        """The chance that the team would keep a record, with what speaks most for and against it."""
        effects = self.weights * (_row(self.names, signals, flags, self.middle) - self.middle) / self.scale
        value = 1 / (1 + math.exp(-float(np.clip(self.intercept + effects.sum(), -30, 30))))
        order = [i for i in np.argsort(-np.abs(effects))[:N_REASONS] if abs(effects[i]) >= LEAST_EFFECT]
        reasons = tuple(self._in_words(i, float(effects[i]), signals, flags) for i in order)
        return Score(round(value, 4), reasons or ("Nothing about it is unusual.",))

    def _in_words(self, i: int, effect: float, signals: Mapping[str, float], flags: Mapping[str, str]) -> str:
        name = self.names[i]
        side = "Speaks for it" if effect > 0 else "Speaks against it"
        if name.startswith("flag:"):
            flag = name.removeprefix("flag:")
            if flag in flags:
                return f"{side}: {MEANINGS[flag]} {flags[flag]}"
            return f"{side}: it has no flag “{flag.replace('_', ' ')}”."
        own, usual = signals.get(name), float(self.middle[i])
        if own is not None and name in COUNTS:
            usual = math.expm1(usual)
        words = SAID.get(name, name.replace("_", " ") + " ({own:.2f}; {usual:.2f} is usual)")
        return f"{side}: {words.format(own=own if own is not None else usual, usual=usual)}."


def is_enough(n_kept: int, n_rejected: int) -> bool:
    return n_kept + n_rejected >= LEAST_DECISIONS and min(n_kept, n_rejected) >= LEAST_OF_EACH


def learn(signals: Signals, flags: Flags, decisions: Mapping[str, bool], *, seed: int = 17) -> LearntScore | None:
    """A score from the decisions (record to whether it was kept); None while they are too few.

    signals, flags: by record; a record without signals was not measured and teaches nothing.
    """
    judged = sorted(record for record in decisions if record in signals)
    kept: Truth = np.asarray([decisions[record] for record in judged], dtype=bool)
    if not is_enough(int(kept.sum()), int((~kept).sum())):
        return None
    names = _names(judged, signals, flags)
    nothing = np.full(len(names), np.nan)
    raw = np.asarray([_row(names, signals[r], flags.get(r, {}), nothing) for r in judged])
    middle = np.nanmean(raw, axis=0)
    matrix = np.where(np.isnan(raw), middle, raw)
    scale = matrix.std(axis=0)
    # A flag that one record in thirty has must not weigh as one standard deviation of it would.
    scale = np.where([n.startswith("flag:") for n in names], 0.5, np.maximum(scale, 1e-6))
    return _fitted(names, (matrix - middle) / scale, kept, middle, scale, seed)


def _fitted(
    names: tuple[str, ...], matrix: Matrix, kept: Truth, middle: Matrix, scale: Matrix, seed: int
) -> LearntScore:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    least = int(min(kept.sum(), (~kept).sum()))
    folds = StratifiedKFold(min(FOLDS, least), shuffle=True, random_state=seed)
    best: tuple[float, float, Matrix] | None = None
    for strength in STRENGTHS:
        guesses = cross_val_predict(
            _model(LogisticRegression, strength), matrix, kept, cv=folds, method="predict_proba"
        )[:, 1]
        loss = float(log_loss(kept, guesses))
        if best is None or loss < best[0]:
            best = (loss, strength, guesses)
    assert best is not None
    model = _model(LogisticRegression, best[1]).fit(matrix, kept)
    share = float(kept.mean())
    return LearntScore(
        names, middle, scale, model.coef_[0], float(model.intercept_[0]), int(kept.sum()), int((~kept).sum()),
        accuracy=float(((best[2] >= 0.5) == kept).mean()), auroc=float(roc_auc_score(kept, best[2])), share_of_larger=max(share, 1 - share),
    )  # fmt: skip


def _model(kind: Any, strength: float) -> Any:
    return kind(C=strength, max_iter=2_000)


def _names(judged: Sequence[str], signals: Signals, flags: Flags) -> tuple[str, ...]:
    """Signals that some judged record has, and flags that two or more have; one alone would be learnt by heart."""
    counts: dict[str, int] = {}
    for record in judged:
        for flag in flags.get(record, {}):
            counts[flag] = counts.get(flag, 0) + 1
    named = sorted({name for record in judged for name in signals[record]})
    return tuple(named + [f"flag:{flag}" for flag in sorted(counts) if counts[flag] >= 2 and flag not in DUPLICATES])


def _row(names: Sequence[str], signals: Mapping[str, float], flags: Mapping[str, str], absent: Matrix) -> Matrix:
    row = np.empty(len(names))
    for i, name in enumerate(names):
        if name.startswith("flag:"):
            row[i] = float(name.removeprefix("flag:") in flags)
        else:
            value = signals.get(name)
            row[i] = absent[i] if value is None else math.log1p(value) if name in COUNTS else value
    return row
