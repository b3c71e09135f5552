"""How far a text is from the manner of a reference set, in plain figures and in words.

Four views of a stretch of text: the commonest words, character trigrams, punctuation and the lengths of
sentences and words. A text is compared stretch by stretch with reference stretches of the same
length, because a short one scatters more; each figure counts in standard deviations of the reference
(Burrows' Delta, 2002), each view as much as the others. 1.0 is what a reference record itself has, left out of
the reference, in the median.

Not covered: what is said. A text about something else in the same manner is near.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.curate.flags.view import blanked

LENGTHS = (60, 120, 250, 500, 1000)
FEWEST_WORDS = 40
N_WORDS, N_TRIGRAMS = 60, 150
MOST_STRETCHES_A_TEXT = 3
FEWEST_STRETCHES = 8
Z_LIMIT = 6.0
SAMPLE = 6_000
WORD = re.compile(r"\w+(?:['’]\w+)*")
SENTENCE = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|\n{2,}")
MARKS: dict[str, tuple[str, re.Pattern[str]]] = {
    name: (words, re.compile(pattern))
    for name, words, pattern in (
        (",", "commas", r","), (";", "semicolons", r";"), (":", "colons", r":"), ("!", "exclamation marks", r"!"),
        ("?", "question marks", r"\?"), ("-", "dashes", r" [-–—] |—|--"), ("(", "brackets", r"[(\[]"), ('"', "quotation marks", r'["“”«»„]'),
        ("0", "numbers", r"\b\d[\d.,]*"), ("A", "words in capitals", r"\b[A-Z]{3,}\b"), ("'", "short forms (don't, it's)", r"\w['’](?:t|s|re|ve|ll|d|m)\b"),
        ("*", "marks of emphasis", r"\*+|_{1,2}(?=\w)"), ("/", "line breaks", r"\n"), ("`", "pieces of code", r"`+"),
        ("h", "links", r"\]\(|https?://"), ("#", "headings", r"(?m)^#+ "), ("l", "list items", r"(?m)^\s*(?:[-*+]|\d+[.)]) "),
    )
}  # fmt: skip
FIGURES = ("sentence length", "spread of sentence lengths", "word length")

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VoiceDistance:
    """value: 1.0 for what a reference record has in the median. words: what differs most, as sentences in the plain."""

    value: float
    words: tuple[str, ...]


class VoiceProfile:
    """The manner of a set of texts. Needs two texts of 40 words; `distance` is None for shorter ones."""

    def __init__(self, texts: Sequence[str]) -> None:
        prose = [blanked(text[:SAMPLE]) for text in texts]
        self._common = [w for w, _ in Counter(w for t in prose for w in _words(t)).most_common(N_WORDS)]
        trigrams = Counter(g for t in prose for g in _trigrams(t.lower()))
        self._trigrams = [g for g, _ in trigrams.most_common(N_TRIGRAMS)]
        self._sizes = (len(self._common), len(self._trigrams), len(MARKS), len(FIGURES))
        self._by_length = {n: self._measured(texts, n) for n in LENGTHS}

    @property
    def is_usable(self) -> bool:
        return any(stats is not None for stats in self._by_length.values())

    @cached_property
    def own_distances(self) -> list[float]:
        """Of each reference text that is long enough, with itself left out; the median is 1.0."""
        return [value for stats in self._by_length.values() if stats for value in stats.own]

    def distance(self, text: str) -> VoiceDistance | None:
        """How far a text is; None when it is too short, or there is no reference of its length."""
        n_words = len(_words(text))
        usable = [n for n in LENGTHS if self._by_length[n] is not None and n <= max(n_words, FEWEST_WORDS * 1.5)]
        if n_words < FEWEST_WORDS or not usable:
            return None
        stats = self._by_length[usable[-1]]
        assert stats is not None
        rows = [self._figures(s) for s in _stretches(text, usable[-1])]
        z = np.asarray([(row - stats.mean) / stats.spread for row in rows])
        value = float(np.mean([self._apart(row) for row in z])) / stats.usual
        return VoiceDistance(value, self._in_words(z.mean(axis=0), np.mean(rows, axis=0), stats.mean))

    def _measured(self, texts: Sequence[str], n_words: int) -> _Stats | None:
        rows, owners = [], []
        for i, text in enumerate(texts):
            for stretch in _stretches(text, n_words):
                rows.append(self._figures(stretch))
                owners.append(i)
        if len(set(owners)) < 2 or len(rows) < FEWEST_STRETCHES:
            return None
        matrix, owner = np.asarray(rows), np.asarray(owners)
        spread = _spread(matrix)
        total, n = matrix.sum(axis=0), len(matrix)
        own = []
        for i in sorted(set(owners)):
            mine = matrix[owner == i]
            if n == len(mine):
                continue
            others = (total - mine.sum(axis=0)) / (n - len(mine))
            own.append(float(np.mean([self._apart(row) for row in (mine - others) / spread])))
        usual = float(np.median(own))
        return _Stats(matrix.mean(axis=0), spread, max(usual, 1e-6), tuple(value / max(usual, 1e-6) for value in own))

    def _apart(self, z: Vector) -> float:
        """Mean of the four views' mean absolute deviations; one odd figure alone does not decide."""
        parts = np.split(np.minimum(np.abs(z), Z_LIMIT), np.cumsum(self._sizes)[:-1])
        return float(np.mean([part.mean() for part in parts]))

    def _figures(self, text: str) -> Vector:
        prose = blanked(text)
        words = _words(prose)
        n = max(1, len(words))
        counted, grams = Counter(words), Counter(_trigrams(prose.lower()))
        n_grams = max(1, sum(grams.values()))
        lengths = [k for s in SENTENCE.split(prose) if (k := len(WORD.findall(s)))] or [0]
        return np.asarray(
            [100 * counted[w] / n for w in self._common]
            + [1000 * grams[g] / n_grams for g in self._trigrams]
            + [min(50.0, 100 * len(pattern.findall(text)) / n) for _, pattern in MARKS.values()]
            + [
                float(np.mean(lengths)),
                float(np.std(lengths)),
                float(np.mean([len(w) for w in words])) if words else 0.0,
            ]
        )

    def _in_words(self, z: Vector, own: Vector, usual: Vector) -> tuple[str, ...]:
        """The three plainest differences: sentence and word lengths, punctuation, then common words."""
        named: list[tuple[float, str]] = []
        start_marks, start_figures = sum(self._sizes[:2]), sum(self._sizes[:3])
        for i, (words, _) in enumerate(MARKS.values(), start=start_marks):
            more = "more" if own[i] > usual[i] else "fewer"
            named.append((abs(z[i]), f"{more} {words} ({own[i]:.1f} in 100 words against {usual[i]:.1f})"))
        longer = ("longer" if z[start_figures] > 0 else "shorter", "longer" if z[start_figures + 2] > 0 else "shorter")
        named.append(
            (
                abs(z[start_figures]),
                f"{longer[0]} sentences ({own[start_figures]:.0f} words against {usual[start_figures]:.0f})",
            )
        )
        place = start_figures + 2
        named.append((abs(z[place]), f"{longer[1]} words ({own[place]:.1f} letters against {usual[place]:.1f})"))
        for i, word in enumerate(self._common):
            often = "more" if z[i] > 0 else "less"
            named.append(
                (abs(z[i]) - 0.5, f"says “{word}” {often} often ({own[i]:.1f} in 100 words against {usual[i]:.1f})")
            )
        named.sort(key=lambda item: -item[0])
        return tuple(words for weight, words in named[:3] if weight >= 1.0)


@dataclass(frozen=True, slots=True)
class _Stats:
    """mean, spread: of the reference stretches of one length. usual: the distance that becomes 1.0. own: of each record."""

    mean: Vector
    spread: Vector
    usual: float
    own: tuple[float, ...]


def _spread(matrix: Vector) -> Vector:
    """Standard deviations, none so small that one comma more becomes a different voice."""
    spread = matrix.std(axis=0)
    return np.maximum(spread, np.maximum(0.25 * np.abs(matrix.mean(axis=0)), 0.05))


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


def _trigrams(text: str) -> list[str]:
    squeezed = re.sub(r"\s+", " ", text)
    return [squeezed[i : i + 3] for i in range(len(squeezed) - 2)]


def _stretches(text: str, n_words: int) -> list[str]:
    """Stretches of about n words each; a text of less than that, but more than half, is one."""
    places = [match.start() for match in WORD.finditer(text)]
    if len(places) < n_words:
        return [text] if len(places) >= max(FEWEST_WORDS, 0.6 * n_words) else []
    starts = list(range(0, len(places) - n_words + 1, n_words))
    step = max(1, len(starts) // MOST_STRETCHES_A_TEXT)
    chosen = starts[::step][:MOST_STRETCHES_A_TEXT]
    return [text[places[s] : places[s + n_words] if s + n_words < len(places) else len(text)] for s in chosen]
