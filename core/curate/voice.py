"""How far a text is from the manner of a reference set, in plain figures and in words.

Three views of a stretch of text. Its words: the share that no other reference text has, how rare the others are among
the reference texts, and how many pairs of known words are new. Its build: sentence and word lengths, punctuation, marks of
layout, who speaks and of whom, tense. Its usage: how often it has each of the commonest words and character trigrams (Burrows'
Delta, 2002), which tells authors of long texts apart. A text is compared stretch by stretch with reference stretches of the same
length, because a short one scatters more; each figure counts in standard deviations of the reference. Reference texts are always
measured as if they were not among it. 1.0 is what a reference text itself has in the median.

Not covered: a manner that is told by neither (irony, courtesy), and texts under 40 words. A text on a subject of its own has words of its
own, so that it is farther than one on a usual subject. Methods: Stamatatos 2009 on what tells authors of short texts apart.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.curate.flags.view import blanked

LENGTHS = (60, 90, 140, 250, 500, 1000)
FEWEST_WORDS = 40
MOST_STRETCHES_A_TEXT = 3
FEWEST_STRETCHES = 8
ODD_SHARE = 0.1
Z_LIMIT, WORDS_Z_LIMIT = 4.0, 6.0
SAMPLE = 6_000
# A pair of words says something where both are known from so many places.
KNOWN = 3
# So that the median of any reference stays well above zero, and build counts as much as words do.
BASE, BUILD_WEIGHT, USAGE_WEIGHT, LAYOUT_WEIGHT = 1.0, 1.5, 4.0, 1.5
# Usage and layout scatter too much in a short stretch to count for all they are worth: fully from this length on.
FULL_LENGTH = 500
WORD = re.compile(r"\w+(?:['’]\w+)*")
SENTENCE = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|\n{2,}")
NOTE_LINE = re.compile(r"^\s*\[\^.*$", re.MULTILINE)
MARKS: dict[str, re.Pattern[str]] = {
    words: re.compile(pattern)
    for words, pattern in (
        ("commas", r","), ("colons and semicolons", r"[:;]"), ("exclamation marks", r"!"), ("question marks", r"\?"), ("dashes", r" [-–—] |—|--"),
        ("brackets", r"[(\[]"), ("quotation marks", r'["“”«»„]'), ("numbers", r"\d[\d.,]*"), ("words in capitals", r"\b[A-Z]{3,}\b"),
        ("short forms (don't, it's)", r"\w['’](?:t|s|re|ve|ll|d|m)\b"), ("line breaks", r"\n"),
    )
}  # fmt: skip
LAYOUT: dict[str, re.Pattern[str]] = {
    words: re.compile(pattern)
    for words, pattern in (
        ("marks of emphasis", r"\*+|_{1,2}(?=\w)"), ("pieces of code", r"`+"), ("links", r"\]\(|https?://"), ("headings", r"(?m)^#+ "),
        ("list items", r"(?m)^\s*(?:[-*+]|\d+[.)]) "),
    )
}  # fmt: skip
PERSONS: dict[str, frozenset[str]] = {
    "words like “I” and “my”": frozenset(["i", "my", "me", "mine", "myself", "i'm", "i've", "i'd", "i'll"]),
    "words like “we” and “our”": frozenset(["we", "our", "us", "ours", "we're", "we've", "we'll", "we'd"]),
    "words like “you” and “your”": frozenset(["you", "your", "yours", "you're", "you've", "you'll", "yourself"]),
    "words like “he”, “she” and “they”": frozenset(
        ["he", "she", "they", "his", "her", "their", "him", "them", "himself", "herself", "theirs"]
    ),
}
ENDINGS: dict[str, tuple[str, ...]] = {
    "words in the past (-ed)": ("ed",), "words in -ing": ("ing",), "abstract words (-tion, -ment)": ("tion", "ment", "ity", "ness"),
}  # fmt: skip
N_COMMONEST = 16
N_USAGE_WORDS, N_TRIGRAMS = 60, 150
N_WORD_FIGURES = 3

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VoiceDistance:
    """value: 1.0 for what a reference text has in the median. words: what differs most, in plain words."""

    value: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stats:
    """mean, spread: of the figures of reference stretches of one length. usual: the sum that becomes 1.0."""

    mean: Vector
    spread: Vector
    usual: float


class VoiceProfile:
    """The manner of a set of texts. Needs two texts of 40 words; distances are None for shorter ones."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [_read(text) for text in texts]
        said = [_words(blanked(text)) for text in self._texts]
        self._n_texts = len(texts)
        self._counts = Counter(word for words in said for word in words)
        self._texts_with = Counter(word for words in said for word in set(words))
        self._pairs = Counter(pair for words in said for pair in pairwise(words))
        self._commonest = frozenset(word for word, _ in self._counts.most_common(N_COMMONEST))
        self._usage = [word for word, _ in self._counts.most_common(N_USAGE_WORDS)]
        trigrams = Counter(g for text in self._texts for g in _trigrams(blanked(text)))
        self._trigrams = [g for g, _ in trigrams.most_common(N_TRIGRAMS)]
        self._own = [_Own(words) for words in said]
        self._by_length = {n: self._measured(n) for n in LENGTHS}

    @property
    def is_usable(self) -> bool:
        return any(stats is not None for stats in self._by_length.values())

    def own_distances(self) -> list[VoiceDistance | None]:
        """Of each reference text, measured with itself left out."""
        return [self._distance(text, own) for text, own in zip(self._texts, self._own, strict=True)]

    def distance(self, text: str, *, without: int | None = None) -> VoiceDistance | None:
        """How far another text is; None when it is too short, or there is no reference of its length.

        without: the place of a reference text whose words do not count, as if it were not among them.
        """
        return self._distance(_read(text), _NONE if without is None else self._own[without])

    def _distance(self, text: str, own: _Own) -> VoiceDistance | None:
        n_words = len(WORD.findall(text))
        usable = [n for n in LENGTHS if self._by_length[n] is not None and n <= max(n_words, FEWEST_WORDS * 1.5)]
        if n_words < FEWEST_WORDS or not usable:
            return None
        stats = self._by_length[usable[-1]]
        assert stats is not None
        rows = np.asarray([self._figures(s, own) for s in _stretches(text, usable[-1])])
        z = (rows - stats.mean) / stats.spread
        value = float(np.mean([_apart(row, usable[-1]) for row in z])) / stats.usual
        return VoiceDistance(value, _in_words(z.mean(axis=0), rows.mean(axis=0), stats.mean))

    def _measured(self, n_words: int) -> _Stats | None:
        rows, owners = [], set()
        for i, (text, own) in enumerate(zip(self._texts, self._own, strict=True)):
            for stretch in _stretches(text, n_words):
                rows.append(self._figures(stretch, own))
                owners.add(i)
        if len(owners) < 2 or len(rows) < FEWEST_STRETCHES:
            return None
        matrix = np.asarray(rows)
        mean, spread = _moments(matrix)
        # A second time without the oddest, which would make odd what is usual.
        apart = np.asarray([_apart(row, n_words) for row in (matrix - mean) / spread])
        mean, spread = _moments(matrix[apart <= np.quantile(apart, 1 - ODD_SHARE)])
        usual = float(np.median([_apart(row, n_words) for row in (matrix - mean) / spread]))
        return _Stats(mean, spread, max(usual, 0.1))

    def _figures(self, text: str, own: _Own) -> Vector:
        prose = blanked(text)
        words = _words(prose)
        return np.asarray(
            [
                *self._word_figures(words, own),
                *self._build_figures(prose, words),
                *self._usage_figures(text, prose, words),
            ]
        )

    def _word_figures(self, words: list[str], own: _Own) -> Iterator[float]:
        plain = [w for w in words if w.isalpha()]
        n = max(1, len(plain))
        yield math.sqrt(sum(self._counts[w] == own.counts[w] for w in plain) / n)
        others = max(1, self._n_texts - bool(own.counts))
        yield sum(-math.log((self._texts_with[w] - (w in own.counts) + 0.5) / others) for w in plain) / n
        known = [w if self._counts[w] - own.counts[w] >= KNOWN else "" for w in words]
        pairs = [pair for pair in pairwise(known) if pair[0] and pair[1]]
        yield sum(self._pairs[pair] == own.pairs[pair] for pair in pairs) / len(pairs) if pairs else 1.0

    def _build_figures(self, prose: str, words: list[str]) -> Iterator[float]:
        """Rates are square roots of counts in 100 words, which scatter alike whether they are rare or common."""
        n = max(1, len(words))
        counted = Counter(words)
        yield from (_rate(len(pattern.findall(prose)), n) for pattern in MARKS.values())
        yield from (_rate(sum(counted[w] for w in person), n) for person in PERSONS.values())
        yield from (_rate(sum(w.endswith(ends) for w in words), n) for ends in ENDINGS.values())
        yield _rate(sum(counted[w] for w in self._commonest), n)
        lengths = [k for s in SENTENCE.split(prose) if (k := len(WORD.findall(s)))] or [0]
        yield math.log(1 + float(np.mean(lengths)))
        yield math.log(1 + float(np.std(lengths)))
        yield sum(map(len, words)) / n

    def _usage_figures(self, text: str, prose: str, words: list[str]) -> Iterator[float]:
        counted, grams = Counter(words), Counter(_trigrams(prose))
        n_words, n_grams = max(1, len(words)), max(1, grams.total())
        yield from (_rate(len(pattern.findall(text)), n_words) for pattern in LAYOUT.values())
        yield from (100 * counted[w] / n_words for w in self._usage)
        yield from (1_000 * grams[g] / n_grams for g in self._trigrams)


class _Own:
    """What one reference text adds to the counts of all."""

    __slots__ = ("counts", "pairs")

    def __init__(self, words: Sequence[str]) -> None:
        self.counts = Counter(words)
        self.pairs = Counter(pairwise(words))


_NONE = _Own(())
_RATES = (*MARKS, *PERSONS, *ENDINGS)
# Places of the figures: words, then rates, the commonest words together and three on lengths, then layout, then usage.
BUILD_FIGURES = slice(N_WORD_FIGURES, N_WORD_FIGURES + len(_RATES) + 4)
LAYOUT_FIGURES = slice(BUILD_FIGURES.stop, BUILD_FIGURES.stop + len(LAYOUT))


def _moments(matrix: Vector) -> tuple[Vector, Vector]:
    """Means and standard deviations, none so small that one comma more becomes a different voice."""
    mean, spread = matrix.mean(axis=0), matrix.std(axis=0)
    least = np.maximum(0.25 * np.abs(mean), 0.05)
    least[:N_WORD_FIGURES], least[BUILD_FIGURES], least[LAYOUT_FIGURES] = 0.05, 0.25, 0.25
    return mean, np.maximum(spread, least)


def _apart(z: Vector, n_words: int) -> float:
    """n_words: the length of the stretches."""
    clipped = np.clip(z, -Z_LIMIT, Z_LIMIT)
    # Only words that are rarer than usual speak against a text; a build may differ in both directions.
    rarer = float(np.clip(z[:N_WORD_FIGURES], -Z_LIMIT, WORDS_Z_LIMIT).mean())
    build, layout = (math.sqrt(float(np.mean(clipped[part] ** 2))) for part in (BUILD_FIGURES, LAYOUT_FIGURES))
    usage = np.abs(clipped[LAYOUT_FIGURES.stop :])
    often = (float(usage.mean()) if len(usage) else 0.0) * USAGE_WEIGHT + layout * LAYOUT_WEIGHT
    return max(0.0, BASE + rarer + BUILD_WEIGHT * build + often * min(1.0, n_words / FULL_LENGTH))


def _in_words(z: Vector, own: Vector, usual: Vector) -> tuple[str, ...]:
    """The three plainest differences."""
    named = [
        (z[0], f"{own[0] ** 2:.0%} of its words stand in no other ({usual[0] ** 2:.0%} is usual)"),
        (z[2] - 0.5, f"{own[2]:.0%} of its pairs of words are new ({usual[2]:.0%} is usual)"),
    ]
    for i, name in enumerate(_RATES, start=N_WORD_FIGURES):
        more = "more" if z[i] > 0 else "fewer"
        named.append((abs(z[i]), f"{more} {name} ({own[i] ** 2:.1f} in 100 words against {usual[i] ** 2:.1f})"))
    for i, name in enumerate(LAYOUT, start=LAYOUT_FIGURES.start):
        more = "more" if z[i] > 0 else "fewer"
        named.append((abs(z[i]), f"{more} {name} ({own[i] ** 2:.1f} in 100 words against {usual[i] ** 2:.1f})"))
    sentence, letters = N_WORD_FIGURES + len(_RATES) + 1, N_WORD_FIGURES + len(_RATES) + 3
    lengths = [math.exp(value) - 1 for value in (own[sentence], usual[sentence])]
    longer = "longer" if z[sentence] > 0 else "shorter"
    named.append((abs(z[sentence]), f"{longer} sentences ({lengths[0]:.0f} words against {lengths[1]:.0f})"))
    longer = "longer" if z[letters] > 0 else "shorter"
    named.append((abs(z[letters]), f"{longer} words ({own[letters]:.1f} letters against {usual[letters]:.1f})"))
    named.sort(key=lambda item: -item[0])
    return tuple(words for weight, words in named[:3] if weight >= 1.0)


def _rate(n_found: int, n_words: int) -> float:
    return math.sqrt(100 * n_found / n_words)


def _read(text: str) -> str:
    """The beginning of a text, without footnotes."""
    return NOTE_LINE.sub("", text[:SAMPLE])


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


def _trigrams(prose: str) -> list[str]:
    squeezed = re.sub(r"\s+", " ", prose.lower())
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
