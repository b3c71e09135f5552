"""Words said again and again in one record, and blocks that stand in several.

Repetition: many lines said before, the same few sentences in direct succession, or a short cycle of words
(`cycles.py`). Boilerplate: sentences that stand in several records, which together are a good part of the text or a block
of their own; in a post, at its beginning or end. A block of short lines or links has no such sentence, and is
known by the words that several records end on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from core.curate.flags.corpus import TAIL_WORDS, Corpus, long_sentences, normal_sentence, tail
from core.curate.flags.cycles import cycle, cycle_of_addresses
from core.curate.flags.view import WORD, View, plain_words
from core.nouns import Flag

REPEATED_SHARE = 0.3
LINE_WORDS, FEWEST_LINES = 4, 4
# In direct succession: this many times, over this many words in all.
TIMES, SUCCESSION_WORDS, LONGEST_PERIOD = 3, 10, 4
STEP = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•])\s+")
NUMBERED = re.compile(r"\s*\d{1,2}[.)]\s")
BOILERPLATE_SHARE, SHARE_WORDS, BLOCK_WORDS = 0.25, 15, 25


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    if not view.taught.strip():
        return
    yield from _repetition_flag(view)
    yield from _boilerplate_flag(view, corpus)


def _repetition_flag(view: View) -> Iterator[Flag]:
    lines = [line.strip() for line in view.prose.split("\n")]
    longer = [line for line in lines if len(line.split()) >= LINE_WORDS]
    repeated = sum(n - 1 for n in Counter(longer).values())
    if len(longer) >= FEWEST_LINES and repeated / len(longer) >= REPEATED_SHARE:
        share = repeated / len(longer)
        evidence = f"{repeated} of {len(longer)} lines were said before."
        yield view.flag(
            "repetition", evidence, _place_of(view, _most_common(longer)), value=share, limit=REPEATED_SHARE
        )
        return
    said = [words for sentence in view.sentences if (words := plain_words(sentence))]
    found = succession(said)
    if found:
        times, words = found
        evidence = f"{' '.join(words)[:50]!r} is said {times} times in a row."
        yield view.flag("repetition", evidence, value=times, limit=TIMES)
        return
    run = cycle(view.prose) or cycle_of_addresses(view.taught)
    if run:
        evidence = f"{run.unit[:50]!r} comes {run.times} times in a row."
        yield view.flag("repetition", evidence, (run.start, run.end), value=run.times)


def succession(said: Sequence[Sequence[str]]) -> tuple[int, list[str]] | None:
    """(times, words) of the first stretch of up to four sentences that is said three times or more without a break."""
    for period in range(1, LONGEST_PERIOD + 1):
        run = 0
        for i in range(period, len(said)):
            run = run + 1 if said[i] == said[i - period] else 0
            times = run // period + 1
            if run % period or times < TIMES:
                continue
            words = [word for sentence in said[i - period + 1 : i + 1] for word in sentence]
            if len(words) * times >= SUCCESSION_WORDS and len(words) >= 2:
                return times, words
    return None


def _boilerplate_flag(view: View, corpus: Corpus) -> Iterator[Flag]:
    block = _block(view, corpus) if corpus.common_sentences else []
    n_words = sum(len(WORD.findall(sentence)) for sentence in block)
    share = n_words / max(1, view.n_words)
    if n_words >= BLOCK_WORDS or (n_words >= SHARE_WORDS and share >= BOILERPLATE_SHARE):
        evidence = f"{n_words} of its words ({share:.0%}) stand in other records too."
        yield view.flag("boilerplate", evidence, _place_of(view, block[0]), value=share, limit=BOILERPLATE_SHARE)
    elif corpus.common_tails and tail(view) in corpus.common_tails:
        last = list(WORD.finditer(view.prose))[-TAIL_WORDS:]
        if _is_help(view, last[0].start()):
            return
        evidence = f"Several records end on the same {TAIL_WORDS} words."
        yield view.flag("boilerplate", evidence, (last[0].start(), last[-1].end()))


def _block(view: View, corpus: Corpus) -> list[str]:
    """The sentences of other records: in a post those at its ends, or of many records; writers use a passage again in the middle."""
    said = [(s, normal_sentence(s)) for s in long_sentences(view)]
    common = [normal in corpus.common_sentences for _, normal in said]
    if not view.is_document:
        # Steps that several answers give are the help itself.
        return [s for (s, _), is_common in zip(said, common, strict=True) if is_common and not _is_step(view, s)]
    at_end = _run(common[::-1])
    ends = {*range(_run(common)), *range(len(said) - at_end, len(said))}
    return [
        s for i, (s, normal) in enumerate(said) if common[i] and (i in ends or normal in corpus.widespread_sentences)
    ]


def _is_step(view: View, sentence: str) -> bool:
    """Whether a sentence begins an item of a list, whose number may have been taken for a sentence of its own."""
    start = view.prose.find(sentence)
    line = view.prose.rfind("\n", 0, start) + 1
    return STEP.match(view.prose, line) is not None and not view.prose[line:start].strip("0123456789.)-*• \t")


def _is_help(view: View, start: int) -> bool:
    """Whether the end of an answer is steps or links to read, which several answers give because they help."""
    if view.is_document:
        return False
    paragraph = view.prose.rfind("\n\n", 0, start) + 1
    return "](" in view.taught[start:] or any(NUMBERED.match(line) for line in view.prose[paragraph:].split("\n"))


def _run(common: Sequence[bool]) -> int:
    """How many sentences the run of common ones at the beginning has, one other within or before it allowed."""
    length, others = 0, 0
    for i, is_common in enumerate(common, start=1):
        others += not is_common
        if others > 1:
            break
        length = i if is_common else length
    return length


def _most_common(lines: Sequence[str]) -> str:
    return Counter(lines).most_common(1)[0][0]


def _place_of(view: View, part: str) -> tuple[int, int] | None:
    start = view.prose.find(part)
    return (start, start + len(part)) if start >= 0 else None
