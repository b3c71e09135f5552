"""The longest stretch of words that a draft shares with any one training text: where it speaks by heart, and whose words those are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+(?:['’]\w+)*")
# Shorter stretches are turns of phrase.
FEWEST_WORDS = 5


@dataclass(frozen=True, slots=True)
class SharedStretch:
    """example_id: the training text that has it. passage: as the draft has it."""

    example_id: str
    n_words: int
    passage: str


def nearest_passages(drafts: Sequence[str], texts: Iterable[tuple[str, str]]) -> list[SharedStretch | None]:
    """For each draft its longest stretch; None where no text shares five words in a row. texts: id and text, read once.

    Upper and lower case, and what stands between words, do not count; of equally long ones it is the first.
    """
    places = [list(WORD.finditer(draft)) for draft in drafts]
    words = [[match.group().lower() for match in found] for found in places]
    starts: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for draft, spoken in enumerate(words):
        for place in range(len(spoken) - FEWEST_WORDS + 1):
            starts[tuple(spoken[place : place + FEWEST_WORDS])].append((draft, place))
    best: list[tuple[int, int, str]] = [(0, 0, "")] * len(drafts)
    for example_id, text in texts:
        said = [word.lower() for word in WORD.findall(text)]
        for there in range(len(said) - FEWEST_WORDS + 1):
            for draft, here in starts.get(tuple(said[there : there + FEWEST_WORDS]), ()):
                n = _shared(words[draft], here, said, there)
                if n > best[draft][0]:
                    best[draft] = (n, here, example_id)
    return [_stretch(draft, places[i], *best[i]) for i, draft in enumerate(drafts)]


def _shared(ours: Sequence[str], here: int, theirs: Sequence[str], there: int) -> int:
    most = min(len(ours) - here, len(theirs) - there)
    return next((n for n in range(FEWEST_WORDS, most) if ours[here + n] != theirs[there + n]), most)


def _stretch(
    draft: str, places: Sequence[re.Match[str]], n_words: int, start: int, example_id: str
) -> SharedStretch | None:
    if not n_words:
        return None
    return SharedStretch(example_id, n_words, draft[places[start].start() : places[start + n_words - 1].end()])
