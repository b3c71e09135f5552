"""Sixty (draft, final) pairs from real revisions of real posts, at the length of a draft, for a reader to label.

A part of the older version stands for the draft; the part of the newest version that says the same stands for what a
reviewer would have made of it. Cut between paragraphs; parts with code or tables are left out. Chosen so that the edit
ratios lie densely where a limit may be and thinly up to 0.6, no two of one post.

    .venv/bin/python -m tests.benchmarks.edit_pairs > to_read.txt

writes them for the reader: shuffled, changes marked, without any ratio.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from core.review.edits import edit_ratio, word_difference

BLOG = Path(__file__).resolve().parents[3] / "shared" / "data" / "dup-blog-revisions"
N_PAIRS, HIGHEST_RATIO, SEED = 60, 0.6, 60
# In words, by white space. A final text may be shorter or longer than a draft.
DRAFT_WORDS, FINAL_WORDS = (80, 220), (40, 280)
PARAGRAPHS = re.compile(r"\n\s*\n")
NOT_PROSE = re.compile(r"```|~~~|^(?: {4}|\t|\||<)|\{%", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class EditedText:
    """post: whose part it is. ratio: what the studio says was edited."""

    post: str
    draft: str
    final: str
    ratio: float

    @property
    def id(self) -> str:
        """Follows from the two texts alone; a label is stored under it."""
        return hashlib.sha256(f"{self.draft}\0{self.final}".encode()).hexdigest()[:16]


def revisions() -> list[dict[str, Any]]:
    """Rows of the data set; raises FileNotFoundError where it is not beside the repository."""
    lines = (BLOG / "revision_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def parts_of_posts() -> list[EditedText]:
    """Every part of every post that changed between its two versions."""
    found = []
    for row in revisions():
        post, before, after = f"{row['repo']}/{row['key']}", row["a"]["text"], row["b"]["text"]
        found += [EditedText(post, a, b, edit_ratio(a, b)) for a, b in _parts(before, after) if a != b]
    return sorted(found, key=lambda one: one.id)


def chosen_pairs() -> list[EditedText]:
    """The pairs to label, in an order drawn by the seed."""
    left, used = parts_of_posts(), set()
    chosen = []
    # The scarce ones first: large edits.
    for place in reversed(range(N_PAIRS)):
        wanted = HIGHEST_RATIO * (place / (N_PAIRS - 1)) ** 2
        best = min((one for one in left if one.post not in used), key=lambda one: abs(one.ratio - wanted))
        used.add(best.post)
        chosen.append(best)
    chosen.sort(key=lambda one: one.id)
    random.Random(SEED).shuffle(chosen)
    return chosen


def _parts(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Parts of the older version with what stands in their place in the newer one."""
    old, new = (PARAGRAPHS.split(text.strip()) for text in (before, after))
    old_ends, new_ends = ([0, *accumulate(len(p.split()) for p in paragraphs)] for paragraphs in (old, new))
    moved = _moved(" ".join(old).split(), " ".join(new).split())
    start = 0
    for end in range(1, len(old) + 1):
        n_words = old_ends[end] - old_ends[start]
        if n_words < DRAFT_WORDS[0] and end < len(old):
            continue
        a, b = (min(range(len(new_ends)), key=lambda i: abs(new_ends[i] - moved[old_ends[at]])) for at in (start, end))
        draft, final = "\n\n".join(old[start:end]), "\n\n".join(new[a:b])
        fits = DRAFT_WORDS[0] <= n_words <= DRAFT_WORDS[1] and FINAL_WORDS[0] <= len(final.split()) <= FINAL_WORDS[1]
        if fits and not NOT_PROSE.search(draft) and not NOT_PROSE.search(final):
            yield draft, final
        start = end


def _moved(old: list[str], new: list[str]) -> list[int]:
    """Where each place between words of the old text stands in the new one."""
    places = [0] * (len(old) + 1)
    for step in Levenshtein.opcodes(old, new):
        for at in range(step.src_start, step.src_end):
            places[at] = min(step.dest_start + at - step.src_start, step.dest_end)
        places[step.src_end] = step.dest_end
    return places


def main() -> None:
    for pair in chosen_pairs():
        marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
        text = "".join(marks[span.kind].format(span.text) for span in word_difference(pair.draft, pair.final))
        print(f"===== {pair.id}\n{text}\n")


if __name__ == "__main__":
    main()
