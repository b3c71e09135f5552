"""How well a score learnt from 100 decisions sorts the rest, against the formula, length alone and chance, on five seeds.

Decisions are made up from the source's fields, as a team would decide: keep what somebody of the team wrote, was accepted, was
called helpful and does not merely close; reject the others. The fields themselves are hidden: flags come from the text
alone. Nothing of the 100 is in the rest.

    .venv/bin/python -m tests.benchmarks.learned_score [--meanings]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import statistics
from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

from core.curate.flags import flags_of, survey
from core.curate.flags.answers import closes_without_help
from core.curate.flags.view import View, answer_text
from core.curate.learnt_score import learn
from core.curate.score import score_of
from core.curate.signals import text_signals
from core.nouns import Flag, Goal
from tests.benchmarks.planted.bases import is_helpful, threads
from tests.benchmarks.planted.plant import without_names

RESULT = Path(__file__).with_suffix(".json")
N_DECISIONS, SEEDS = 100, (17, 18, 19, 20, 21)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--meanings", action="store_true", help="with the signal of how near answer and question are; embeds both"
    )
    arguments = parser.parse_args()
    records = threads("resolved_en")
    kept = {r.id: is_helpful(r) and not closes_without_help(View(r, Goal.SUPPORT)) for r in records}
    bare = [dataclasses.replace(without_names(r), id=r.id) for r in records]
    corpus = survey(bare, Goal.SUPPORT)
    found: dict[str, dict[str, str]] = {r.id: {f.name: f.evidence for f in flags_of(r, corpus)} for r in bare}
    signals = {r.id: text_signals(r) for r in bare}
    if arguments.meanings:
        add_nearness(bare, signals)
    runs = [measured(seed, kept, signals, found) for seed in SEEDS]
    result: dict[str, Any] = {
        "n": len(records),
        "n_kept": sum(kept.values()),
        "n_decisions": N_DECISIONS,
        "with_meanings": arguments.meanings,
    }
    result |= {"runs": runs, "mean": {k: round(statistics.mean(r[k] for r in runs), 4) for k in runs[0] if k != "seed"}}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def measured(
    seed: int, kept: dict[str, bool], signals: dict[str, dict[str, float]], found: dict[str, dict[str, str]]
) -> dict[str, Any]:
    ids = sorted(kept)
    random.Random(seed).shuffle(ids)
    learnt = learn(signals, found, {i: kept[i] for i in ids[:N_DECISIONS]}, seed=seed)
    assert learnt is not None
    rest = ids[N_DECISIONS:]
    truth = [kept[i] for i in rest]
    scores = {
        "learnt": [learnt.score(signals[i], found[i]).value for i in rest],
        "formula": [score_of([Flag(n, e) for n, e in found[i].items()], signals[i]).value for i in rest],
        "length_alone": [signals[i]["n_taught_words"] for i in rest],
        "random": [random.Random(f"{seed}:{i}").random() for i in rest],
    }
    aurocs = {name: round(float(roc_auc_score(truth, values)), 4) for name, values in scores.items()}
    return {"seed": seed} | aurocs | {"cross_validated": round(learnt.auroc, 4)}


def add_nearness(records: Any, signals: dict[str, dict[str, float]]) -> None:
    from core.curate.encoder import MiniLMEncoder

    encoder = MiniLMEncoder()
    asked = encoder.encode([r.comparison_text for r in records], lambda n: None)
    said = encoder.encode([answer_text(r) or "" for r in records], lambda n: None)
    for record, question, answer in zip(records, asked, said, strict=True):
        signals[record.id]["prompt_answer_cosine"] = float(question @ answer)


if __name__ == "__main__":
    main()
