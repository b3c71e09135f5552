"""What a project's records have in common, as far as a detector needs it to judge one of them.

Counted once over all records: the main language and its commonest words, the vocabulary, sentences that
stand in several records, the usual length.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.curate.flags.language import identify, main_script
from core.curate.flags.view import RULE, View, plain_words
from core.curate.records_in import RecordIn
from core.nouns import Goal

N_COMMON_WORDS = 120
SAMPLE_FOR_LANGUAGE = 150
LEAST_RECORDS_FOR_COMMON_WORDS = 8
SENTENCE_WORDS = 6
SIMPLE_WORD = re.compile(r"\w+")
MOST_CHARACTERS = 20_000
BLOCK_RECORDS = 3
# Of a large project a sentence must stand in more records, up to this many, before it is boilerplate.
BLOCK_SHARE, MOST_BLOCK_RECORDS = 0.004, 20
WIDESPREAD, WIDESPREAD_SHARE = 10, 0.03
MAX_WORDS = {Goal.VOICE: 20_000, Goal.SUPPORT: 1_200, Goal.CODE: 1_200}
MIDDLE_WORDS = 80
# Seen this often, and this seldom as the last word of a sentence, a word is taken for one that no sentence ends on.
OFTEN_SEEN, LAST_SHARE = 30, 0.015
SEEN, SELDOM_LAST_SHARE = 8, 0.06
# So many words at the very end, the same in several records, are a block that is put below texts.
TAIL_WORDS, TAIL_CHARACTERS = 12, 400
LONG_FACTOR, LEAST_LONG_WORDS, RECORDS_FOR_LENGTH = 5, 500, 50


@dataclass(frozen=True, slots=True)
class Corpus:
    """language, script: of most records, empty where there is no majority. declared: the language most sources state.

    common_words: the main language's commonest, as the project uses them. vocabulary: word to the number of records
    that have it. common_sentences: normalised, of several records; widespread_sentences: of many. common_tails: the last
    words of several records, numbers made alike. longest: words that a taught text usually stays under.
    ruled_share: of the records, that hold a line of dashes in their middle. inner_words: that sentences hold, but hardly end
    on; mostly_inner_words: on which they end seldom.
    """

    goal: Goal
    language: str = ""
    script: str = ""
    declared: str = ""
    common_words: frozenset[str] = frozenset()
    vocabulary: Counter[str] = field(default_factory=Counter)
    common_sentences: frozenset[str] = frozenset()
    widespread_sentences: frozenset[str] = frozenset()
    common_tails: frozenset[str] = frozenset()
    longest: int = 20_000
    ruled_share: float = 1.0
    inner_words: frozenset[str] = frozenset()
    mostly_inner_words: frozenset[str] = frozenset()
    _beginnings: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def beginnings(self) -> dict[str, list[tuple[str, int]]]:
        """Words of the vocabulary with their counts, by their first two letters."""
        if not self._beginnings:
            for word, n in self.vocabulary.items():
                self._beginnings.setdefault(word[:2], []).append((word, n))
        return self._beginnings


def survey(records: Sequence[RecordIn], goal: Goal) -> Corpus:
    """Read all records once. Records of one project and goal."""
    views = [View(record, goal) for record in records]
    language, script = _main_language(views)
    vocabulary, sentences, tails = Counter[str](), Counter[str](), Counter[str]()
    for view in views:
        vocabulary.update(set(SIMPLE_WORD.findall(view.record.text[:MOST_CHARACTERS].lower())))
        sentences.update(set(map(normal_sentence, long_sentences(view))))
        tails[tail(view)] += 1
    least = max(BLOCK_RECORDS, min(MOST_BLOCK_RECORDS, math.ceil(BLOCK_SHARE * len(records))))
    return Corpus(
        goal,
        language,
        script,
        _majority([record.language.split("-")[0].lower() for record in records]),
        _common_words(views, vocabulary),
        vocabulary,
        frozenset(sentence for sentence, n in sentences.items() if n >= least),
        frozenset(
            sentence for sentence, n in sentences.items() if n >= max(WIDESPREAD, WIDESPREAD_SHARE * len(records))
        ),
        frozenset(words for words, n in tails.items() if words and n >= least),
        _longest(views, goal),
        sum(_is_ruled(view) for view in views) / max(1, len(views)),
        *_inner_words(views),
    )


def long_sentences(view: View) -> list[str]:
    """Sentences and lines of the taught text that are long enough to be known again."""
    return [s for s in view.sentences if s.count(" ") >= SENTENCE_WORDS - 1]


def normal_sentence(sentence: str) -> str:
    return " ".join(plain_words(sentence))


def tail(view: View) -> str:
    """The taught text's last words, whatever stands between them, with every number as 0; empty for a text of little else."""
    words = plain_words(view.prose[-TAIL_CHARACTERS:])
    if len(words) <= TAIL_WORDS:
        return ""
    return " ".join("0" if word.isdigit() else word for word in words[-TAIL_WORDS:])


def _main_language(views: Sequence[View]) -> tuple[str, str]:
    step = max(1, len(views) // SAMPLE_FOR_LANGUAGE)
    texts = [view.record.text for view in views[::step]]
    return _majority([identify(text) for text in texts]), _majority([main_script(text) for text in texts])


def _majority(values: Sequence[str]) -> str:
    counts = Counter(value for value in values if value)
    if not counts:
        return ""
    value, n = counts.most_common(1)[0]
    return value if n > sum(counts.values()) / 2 else ""


def _common_words(views: Sequence[View], vocabulary: Counter[str]) -> frozenset[str]:
    """Words that most records share. A small project cannot tell them from its subject's."""
    if len(views) < LEAST_RECORDS_FOR_COMMON_WORDS:
        return frozenset()
    words = [(n, word) for word, n in vocabulary.items() if word.isalpha()]
    return frozenset(word for _, word in sorted(words, reverse=True)[:N_COMMON_WORDS])


def _longest(views: Sequence[View], goal: Goal) -> int:
    """The goal's limit, or less where most records are much shorter."""
    if len(views) < RECORDS_FOR_LENGTH:
        return MAX_WORDS[goal]
    lengths = sorted(view.n_words for view in views)
    usual = lengths[len(lengths) // 2]
    return min(MAX_WORDS[goal], max(LEAST_LONG_WORDS, round(LONG_FACTOR * usual)))


def _is_ruled(view: View) -> bool:
    """Whether a line of dashes stands between two sides of some length."""
    text = view.prose
    return any(
        min(len(text[: m.start()].split()), len(text[m.end() :].split())) >= MIDDLE_WORDS for m in RULE.finditer(text)
    )


def _inner_words(views: Sequence[View]) -> tuple[frozenset[str], frozenset[str]]:
    seen, last = Counter[str](), Counter[str]()
    for view in views:
        for sentence in view.sentences:
            words = SIMPLE_WORD.findall(sentence.lower())
            seen.update(words)
            last.update(words[-1:])
    return tuple(  # type: ignore[return-value]
        frozenset(w for w, n in seen.items() if n >= least and last[w] <= share * n and w.isalpha())
        for least, share in ((OFTEN_SEEN, LAST_SHARE), (SEEN, SELDOM_LAST_SHARE))
    )
