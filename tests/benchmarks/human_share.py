"""How many rows a person has to look at until at most one defect in a hundred is left, on real posts and threads.

One row in five has a defect planted into it, each kind in turn; the others are clean ones as they were written. Rows are read
from the lowest score on, and a row that was read is right afterwards. Beside the studio's order: the shortest first, the rows
that break Gopher's and C4's rules first, and by chance. Told apart is what the studio does by itself: rows it leaves out for
their score, rows it takes without a look, and what that loses or lets through.

    .venv/bin/python -m tests.benchmarks.human_share [--held-out] [--to FILE]

The two threads of a contradiction are left out: one of them is right. Clean rows are taken as clean, though some have flaws.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import offline_environment
from core.curate.duplicates.find import find_near_duplicates
from core.curate.encoder import MiniLMEncoder
from core.curate.flags import NOTICES
from core.curate.records_in import RecordIn
from core.curate.score import score_of
from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers.quality_step import measure_quality
from core.nouns import Goal, RecordKind
from core.workflows.queueing import OPEN_BELOW, OPEN_FROM
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted import bases
from tests.benchmarks.planted.plant import DEFECTS, GOALS, THREADS_ALONE, plant
from tests.benchmarks.planted.rules import rule_broken
from tests.benchmarks.planted.wordings import building, held_out
from tests.benchmarks.planted_defects import taught

RESULT = Path(__file__).resolve().parent / "human_share.json"
SEEDS = (1, 2, 3, 4, 5)
PLANTED_SHARE = 0.2
LEFT_AT_MOST = 0.01
POINTS = tuple(range(0, 101, 5))
LEFT_OUT = NOTICES | {"contradiction"}


@dataclass(frozen=True, slots=True)
class Row:
    """defect: what was planted, empty for a clean row."""

    record: RecordIn
    defect: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true", help="the wordings that nobody who builds has seen")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    wordings = held_out() if arguments.held_out else building()
    encoder = MiniLMEncoder()
    result: dict[str, Any] = {
        **circumstances(), "is_held_out": arguments.held_out, "seeds": arguments.seeds, "planted_share": PLANTED_SHARE,
        "left_at_most": LEFT_AT_MOST,
    }  # fmt: skip
    for goal in GOALS:
        result[goal.value] = in_short([one_project(goal, wordings, encoder, seed) for seed in arguments.seeds])
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def one_project(goal: Goal, wordings: dict[str, Sequence[Any]], encoder: MiniLMEncoder, seed: int) -> dict[str, Any]:
    rows = mixed(goal, wordings, seed)
    records = [row.record for row in rows]
    is_defective = [bool(row.defect) for row in rows]
    scores = scored(records, goal, encoder)
    lengths = [len(taught(record)) for record in records]
    draw = random.Random(seed)
    rules = [(not rule_broken(taught(record)), draw.random()) for record in records]
    sides: dict[str, Sequence[Any]] = {
        "studio": scores, "shortest_first": lengths, "rules_first": rules, "by_chance": [draw.random() for _ in records],
    }  # fmt: skip
    return {
        "n": len(rows),
        "n_defective": sum(is_defective),
        "sides": {name: curve(order, is_defective) for name, order in sides.items()},
        "by_itself": by_itself(scores, is_defective),
    }


def mixed(goal: Goal, wordings: dict[str, Sequence[Any]], seed: int) -> list[Row]:
    """The clean rows of one goal in an order of their own, one in five with a defect in it, as many of each kind as may be."""
    defects = [d for d in DEFECTS if d not in LEFT_OUT and (goal is Goal.SUPPORT or d not in THREADS_ALONE)]
    clean = list(bases.clean(goal))
    random.Random(f"{seed}:{goal}").shuffle(clean)
    n_planted = round(PLANTED_SHARE * len(clean))
    used: set[str] = set()
    rows: list[Row] = []
    drawn_from = {other: list(bases.clean(other)) for other in GOALS} | {goal: clean}
    made = {d: iter(plant(d, wordings.get(d, ()), drawn_from, seed=seed)) for d in defects}
    while made and len(rows) < n_planted:
        for defect in list(made):
            one = next((p for p in made[defect] if p.goal is goal and p.base.external_id not in used), None)
            if one is None:
                del made[defect]
            elif len(rows) < n_planted:
                used.add(one.base.external_id)
                rows.append(Row(one.record, defect))
    rows += [Row(record, "") for record in clean if record.external_id not in used]
    # Rows of one score are read in this order: it must not tell which is which.
    random.Random(f"{seed}:{goal}:order").shuffle(rows)
    return rows


def scored(records: Sequence[RecordIn], goal: Goal, encoder: MiniLMEncoder) -> list[float]:
    """Each record's score by the fixed formula, as the studio's own measuring job gives it."""
    vectors = encoder.encode([record.comparison_text for record in records], lambda n: None)
    with tempfile.TemporaryDirectory() as scratch:
        folder = JobFolder(Path(scratch) / "job")
        folder.create({"id": "job", "kind": "curate", "project_id": "p", "settings": {}})
        pairs = find_near_duplicates(records, vectors)
        threads = {
            i: text for i, r in enumerate(records) if r.kind is RecordKind.THREAD and (text := taught(r)).strip()
        }
        said = encoder.encode(list(threads.values()), lambda n: None) if threads else []
        answers = dict(zip(threads, said, strict=True))
        signals, flags = measure_quality(JobContext(folder), records, goal, vectors, answers, pairs)
    return [score_of(found, one).value for found, one in zip(flags, signals, strict=True)]


def curve(order: Sequence[Any], is_defective: Sequence[bool]) -> dict[str, Any]:
    """Share of the defects left after the first so many percent of rows, and the least share of rows for one in a hundred left."""
    n, n_defective = len(order), sum(is_defective)
    left = [n_defective]
    for place in sorted(range(n), key=lambda i: (order[i], i)):
        left.append(left[-1] - is_defective[place])
    enough = next(looked for looked, rest in enumerate(left) if rest <= LEFT_AT_MOST * n_defective)
    return {
        "looked_at": round(enough / n, 4),
        "left_at_percent": {str(p): round(left[round(p / 100 * n)] / n_defective, 4) for p in POINTS},
    }


def by_itself(scores: Sequence[float], is_defective: Sequence[bool]) -> dict[str, float]:
    """What the queue settles by rule, and what a person is asked."""
    n, n_defective = len(scores), sum(is_defective)
    pairs = list(zip(scores, is_defective, strict=True))
    return {
        "asked": round(sum(OPEN_FROM <= score < OPEN_BELOW for score, _ in pairs) / n, 4),
        "clean_left_out": round(sum(score < OPEN_FROM and not bad for score, bad in pairs) / (n - n_defective), 4),
        "defects_taken": round(sum(score >= OPEN_BELOW and bad for score, bad in pairs) / n_defective, 4),
    }


def in_short(projects: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means over the seeds, the least and the greatest share looked at beside them."""
    first = projects[0]
    looked = {side: [p["sides"][side]["looked_at"] for p in projects] for side in first["sides"]}
    return {
        "n": first["n"],
        "n_defective": first["n_defective"],
        "looked_at": {
            side: {"mean": round(statistics.mean(x), 4), "lowest": min(x), "highest": max(x)} for side, x in looked.items()
        },
        "left_at_percent": {
            side: {
                str(p): round(statistics.mean(one["sides"][side]["left_at_percent"][str(p)] for one in projects), 4) for p in POINTS
            }
            for side in first["sides"]
        },
        "by_itself": {name: round(statistics.mean(p["by_itself"][name] for p in projects), 4) for name in first["by_itself"]},
    }  # fmt: skip


if __name__ == "__main__":
    main()
