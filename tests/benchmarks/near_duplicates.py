"""Near-duplicates: this project's shipped defaults against SemHash and MinHash at theirs, on the same texts in one run.

SemHash gets the same encoder and its default threshold (0.9); MinHash (datasketch) 128 permutations, word 5-shingles and
Jaccard 0.7. Whole corpora: every cross pair that is not labelled a duplicate counts against whoever reports it. A peer's
result is the groups that its pairs make; ours is the pairs of a probability of a half or more, and apart from them the
pairs that are merged without a person. Our weights were fitted on these very sets (`duplicate_calibration.py`), so
that the comparison flatters us; the peers' thresholds are theirs.

    .venv/bin/python -m tests.benchmarks.near_duplicates
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.curate.duplicates.find import find_near_duplicates
from core.curate.duplicates.phrases import words_of
from core.curate.encoder import MiniLMEncoder, Vectors
from core.nouns import ASK_AT, Band, ScoredPair
from tests.benchmarks.duplicate_sets import (
    LabelledTexts,
    as_record,
    double_posts,
    low_overlap,
    revised_posts,
    solved_questions,
)
from tests.benchmarks.machine import circumstances

HERE = Path(__file__).resolve().parent
RESULT = HERE / "near_duplicates.json"
PEERS = HERE / ".peers"
PEER_PACKAGES = (
    "semhash==0.5.0", "datasketch==2.0.0", "model2vec==0.10.0", "vicinity==0.4.6", "usearch==2.26.6", "frozendict==2.5.1",
    "pyversity==0.2.0", "orjson==3.13.0", "numkong==7.8.6",
)  # fmt: skip
N_SWAPS = 200
TARGETS = {"f1_revised_posts": 0.97, "f1_double_posts": 0.95, "precision_merged": 0.995, "merged_swaps": 0}

Pair = tuple[int, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    install_peers()
    encoder = MiniLMEncoder()
    result: dict[str, Any] = {**circumstances(), "peers": list(PEER_PACKAGES[:2]), "targets": TARGETS, "sets": {}}
    for labelled in (revised_posts(encoder), double_posts(encoder)):
        result["sets"][labelled.name] = compare(labelled)
    questions = solved_questions()
    vectors = encoder.encode(list(questions.values()), lambda n: None)
    result["few_words_in_common"] = few_words_in_common(questions, vectors)
    result["swapped_entities"] = swapped_entities(list(questions.values()), encoder)
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def install_peers() -> None:
    """Put the peers into a folder of their own; what else they need, this project has."""
    if (PEERS / "semhash").exists():
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--upgrade", "--target", str(PEERS), *PEER_PACKAGES], check=True)


def compare(labelled: LabelledTexts) -> dict[str, Any]:
    """Precision, recall, F1 and seconds of each side on one set; embedding is left out of the seconds, all use the same vectors."""
    ours, seconds = timed(lambda: find_near_duplicates(labelled.records(), labelled.vectors))
    semhash, semhash_seconds = timed(lambda: semhash_pairs(labelled.texts, labelled.vectors))
    minhash, minhash_seconds = timed(lambda: minhash_pairs(labelled.texts))
    likely = {places(pair) for pair in ours if pair.score >= 0.5}
    merged = {places(pair) for pair in ours if pair.band() is Band.MERGE}
    return {
        "n_texts": len(labelled.texts),
        "n_true_pairs": labelled.n_true_pairs,
        "ours": judged(likely, labelled) | {"seconds": seconds},
        "ours_merged": judged(merged, labelled),
        "ours_asked": sum(pair.band() is Band.ASK for pair in ours),
        "semhash": judged(closed(semhash), labelled) | {"seconds": semhash_seconds},
        "minhash": judged(closed(minhash), labelled) | {"seconds": minhash_seconds},
    }


def few_words_in_common(questions: dict[str, str], vectors: Vectors) -> dict[str, Any]:
    """Recall on the pairs that two readers both called duplicates, and how many that both called different are asked about."""
    place = {identity: i for i, identity in enumerate(questions)}
    found = find_near_duplicates([as_record(i, text) for i, text in enumerate(questions.values())], vectors)
    scores = {places(pair): pair.score for pair in found}
    rows: dict[str, list[float]] = {"duplicate": [], "different": []}
    for one in low_overlap():
        if len(set(one["labels"])) == 1:
            a, b = sorted((place[one["a"]], place[one["b"]]))
            rows[one["labels"][0]].append(scores.get((a, b), 0.0))
    semhash = closed(semhash_pairs(list(questions.values()), vectors))
    same = [one for one in low_overlap() if one["labels"] == ["duplicate", "duplicate"]]
    return {
        "n_duplicates": len(rows["duplicate"]),
        "n_different": len(rows["different"]),
        "recall_from_a_half": share(rows["duplicate"], 0.5),
        "recall_asked_or_merged": share(rows["duplicate"], ASK_AT),
        "different_asked": share(rows["different"], ASK_AT),
        "different_from_a_half": share(rows["different"], 0.5),
        "merged": sum(pair.band() is Band.MERGE for pair in found),
        "recall_semhash": round(
            sum(tuple(sorted((place[one["a"]], place[one["b"]]))) in semhash for one in same) / max(1, len(same)), 3
        ),
    }


def swapped_entities(questions: Sequence[str], encoder: MiniLMEncoder) -> dict[str, Any]:
    """Real questions, each beside a copy in which one entity is replaced: none may be merged."""
    originals, copies, kinds = [], [], []
    for number, text in enumerate(random.Random(29).sample(list(questions), N_SWAPS)):
        kind = ("order number", "product", "version", "name")[number % 4]
        before, after = swap(text, kind, number)
        originals.append(before)
        copies.append(after)
        kinds.append(kind)
    texts = originals + copies
    found = find_near_duplicates(
        [as_record(i, text) for i, text in enumerate(texts)], encoder.encode(texts, lambda n: None)
    )
    pairs = {places(pair): pair for pair in found}
    bands = [pairs[i, N_SWAPS + i].band() if (i, N_SWAPS + i) in pairs else Band.LEAVE for i in range(N_SWAPS)]
    return {
        "n": N_SWAPS,
        "merged": sum(band is Band.MERGE for band in bands),
        "asked": sum(band is Band.ASK for band in bands),
        "merged_by_kind": {kind: sum(b is Band.MERGE for b, k in zip(bands, kinds, strict=True) if k == kind) for kind in set(kinds)},
    }  # fmt: skip


def swap(text: str, kind: str, number: int) -> tuple[str, str]:
    """The text and its copy with one entity replaced; where the text has none of the kind, both get a sentence with one."""
    patterns = {"product": r"(?i)thunderbird|outlook|gmail|yahoo|firefox", "version": r"\b\d{2,3}(?:\.\d+)+\b"}
    found = re.search(patterns[kind], text) if kind in patterns else None
    if kind == "product" and found:
        word = found.group()
        other = "Evolution" if word[0].isupper() else "evolution"
        return text, text[: found.start()] + other + text[found.end() :]
    if kind == "version" and found:
        return text, text[: found.start()] + "131.4.2" + text[found.end() :]
    sentence, before, after = {
        "order number": ("My order number is {}.", str(48_000 + number), str(51_000 + 7 * number)),
        "product": ("I use the {} edition.", "Basic", "Business"),
        "version": ("I have version {}.", "115.6.0", "131.4.2"),
        "name": ("Regards, {}", "Anna Keller", "Marta Lindqvist"),
    }[kind]
    return f"{text}\n\n{sentence.format(before)}", f"{text}\n\n{sentence.format(after)}"


def semhash_pairs(texts: Sequence[str], vectors: Vectors) -> set[Pair]:
    """Pairs of SemHash with the vectors that we use, at its default threshold."""
    sys.path.insert(0, str(PEERS))
    from semhash import SemHash

    vector_of = dict(zip(texts, vectors, strict=True))

    class SameEncoder:
        def encode(self, inputs: Any, **_: Any) -> Any:
            return np.asarray([vector_of[text] for text in inputs], dtype=np.float32)

    result = SemHash.from_records(list(dict.fromkeys(texts)), model=SameEncoder()).self_deduplicate()
    first = {text: i for i, text in reversed(list(enumerate(texts)))}
    pairs = {(first[text], i) for i, text in enumerate(texts) if first[text] != i}
    for one in result.filtered:
        a, b = sorted((first[one.record], first[one.duplicate_of]))
        pairs.add((a, b))
    return pairs


def minhash_pairs(texts: Sequence[str], *, jaccard: float = 0.7) -> set[Pair]:
    sys.path.insert(0, str(PEERS))
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=jaccard, num_perm=128)
    pairs = set()
    for i, text in enumerate(texts):
        words = words_of(text)
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[k : k + 5]).encode() for k in range(max(1, len(words) - 4))])
        pairs |= {(int(other), i) for other in index.query(sketch)}
        index.insert(str(i), sketch)
    return pairs


def closed(pairs: set[Pair]) -> set[Pair]:
    """Every pair inside the groups that the pairs make."""
    parent: dict[int, int] = {}

    def root(x: int) -> int:
        parent.setdefault(x, x)
        while parent[x] != x:
            x = parent[x]
        return x

    for a, b in pairs:
        parent[root(a)] = root(b)
    groups: dict[int, list[int]] = {}
    for one in sorted(parent):
        groups.setdefault(root(one), []).append(one)
    return {(a, b) for group in groups.values() for i, a in enumerate(group) for b in group[i + 1 :]}


def judged(found: set[Pair], labelled: LabelledTexts) -> dict[str, Any]:
    n_right = sum(labelled.groups[a] == labelled.groups[b] for a, b in found)
    precision, recall = n_right / max(1, len(found)), n_right / labelled.n_true_pairs
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {"n": len(found), "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def places(pair: ScoredPair) -> Pair:
    return int(pair.a), int(pair.b)


def share(scores: Sequence[float], limit: float) -> float:
    return round(sum(score >= limit for score in scores) / max(1, len(scores)), 3)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    made = work()
    return made, round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main()
