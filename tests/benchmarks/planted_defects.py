"""How many planted defects are flagged, under the right name and at all, and how many clean rows are flagged beside.

Each defect is planted into real posts and threads (planted/plant.py) and judged in a project of the clean rows that it was not
planted into and of all records with that defect. A notice counts as found when it was not there before planting, or stands
where it was planted. Beside our flags, the same records by the rule set of Gopher and C4 (planted/rules.py). The studio's
own code does everything but the near-duplicate search: the two threads of a contradiction are given as a pair.

    .venv/bin/python -m tests.benchmarks.planted_defects [--held-out] [--seed N] [--no-meanings] [--to FILE]

Without --held-out the wordings for building are used; their figures say how well the detectors fit what they were built on, no more.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.config import models_folder
from core.curate.flags import NOTICES, answer_text, flags_of, survey
from core.curate.flags.completeness import cut_off, may_break_off
from core.curate.flags.likeness import contradictions, off_topic, off_voice, reference_of, typicality, voice_distances
from core.curate.flags.view import View
from core.curate.records_in import RecordIn
from core.nouns import Flag, Goal, ScoredPair
from core.training.base_models import EMBEDDED
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted import bases
from tests.benchmarks.planted.plant import DEFECTS, GOALS, Planted, plant
from tests.benchmarks.planted.rules import rule_broken
from tests.benchmarks.planted.wordings import building, held_out

HERE = Path(__file__).resolve().parent
TARGETS = {"flagged_at_least": 0.90, "clean_flagged_at_most": 0.05}
COMPARED = frozenset({"off_topic", "off_voice", "contradiction"})


class Meanings:
    """What the models say of texts, each asked once."""

    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on
        self._known: dict[str, Any] = {}
        self._encoder: Any = None
        self._base: Any = None
        self._ends: dict[str, float] = {}

    def of(self, records: Sequence[RecordIn]) -> Any:
        from core.curate.encoder import MiniLMEncoder

        texts = [record.comparison_text for record in records]
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._encoder = self._encoder or MiniLMEncoder()
            vectors = self._encoder.encode(missing, lambda n: None)
            self._known |= dict(zip(missing, vectors, strict=True))
        return np.asarray([self._known[text] for text in texts], dtype=np.float32)

    def end_share(self, text: str) -> float:
        """As the measuring job asks the base model, one text at a time."""
        if text not in self._ends:
            from core.training.chat_format import chat_format
            from core.training.models import load_for_reading, ready_model_folder
            from core.training.text_end import end_probabilities

            folder = ready_model_folder(EMBEDDED, models_folder())
            if self._base is None:
                self._base = load_for_reading(folder)
            (self._ends[text],) = end_probabilities(self._base, chat_format(folder).tokenizer, [text], lambda n: None)
        return self._ends[text]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true", help="the wordings that nobody who builds has seen")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--no-meanings", action="store_true", help="leave out what takes meanings; no model is loaded")
    parser.add_argument("--defects", nargs="*", default=DEFECTS)
    parser.add_argument("--to", type=Path)
    arguments = parser.parse_args()
    wordings = held_out() if arguments.held_out else building()
    meanings = Meanings(is_on=not arguments.no_meanings)
    clean = {goal: bases.clean(goal) for goal in GOALS}
    result: dict[str, Any] = circumstances() | {
        "is_held_out": arguments.held_out,
        "seed": arguments.seed,
        "targets": TARGETS,
        "with_meanings": meanings.is_on,
        "clean": {goal.value: clean_rows(clean[goal], goal, meanings) for goal in GOALS},
        "defects": {},
    }
    for defect in arguments.defects:
        planted = plant(defect, wordings.get(defect, ()), clean, seed=arguments.seed)
        result["defects"][defect] = measured(defect, planted, clean, meanings)
    rows = result["defects"].values()
    if arguments.held_out:
        # Which of the held-out wordings are missed would tell whoever goes on building what to build.
        for row in rows:
            row.pop("missed")
    total = sum(row["n"] for row in rows)
    result["all"] = {"n": total} | {
        name: round(sum(row[name] for row in rows) / total, 4) for name in ("right", "at_all", "by_rules")
    }
    to = arguments.to or HERE / ("planted_defects.json" if arguments.held_out else "planted_defects_building.json")
    to.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(result))


def clean_rows(records: Sequence[RecordIn], goal: Goal, meanings: Meanings) -> dict[str, Any]:
    """Shares of the clean rows that are flagged, by defect and notice, with the ids to look at; and the time for the text's flags."""
    started = time.perf_counter()
    corpus = survey(records, goal)
    for record in records:
        flags_of(record, corpus)
    seconds = time.perf_counter() - started
    found = flagged(records, goal, meanings)
    by_name: dict[str, list[str]] = defaultdict(list)
    for record, flags in zip(records, found, strict=True):
        for name in flags:
            by_name[name].append(record.external_id)
    n = len(records)
    return {
        "n": n,
        "with_defect": sum(bool(flags.keys() - NOTICES) for flags in found) / n,
        "with_notice": sum(bool(flags.keys() & NOTICES) for flags in found) / n,
        "by_rules": sum(bool(rule_broken(taught(r))) for r in records) / n,
        "seconds": round(seconds, 2),
        "flags": {
            name: {"n": len(ids), "ids": ids[:60]} for name, ids in sorted(by_name.items(), key=lambda x: -len(x[1]))
        },
    }


def measured(
    defect: str, planted: Sequence[Planted], clean: dict[Goal, Sequence[RecordIn]], meanings: Meanings
) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    missed: list[str] = []
    for goal in GOALS:
        here = [p for p in planted if p.goal is goal]
        if not here:
            continue
        used = {p.base.external_id for p in here}
        records = [r for r in clean[goal] if r.external_id not in used] + [p.record for p in here]
        # What compares records costs a survey of all of them: elsewhere it is left out, and "at all" counts the less.
        found = flagged(records, goal, meanings, pairs=_pairs(here), n_last=len(here), is_compared=defect in COMPARED)
        for one, flags in zip(here, found, strict=True):
            is_right = _is_found(one, flags, records, goal)
            counts["n"] += 1
            counts["right"] += is_right
            counts["at_all"] += is_right or bool(flags.keys() - NOTICES)
            counts["by_rules"] += bool(rule_broken(taught(one.record)))
            if not is_right:
                missed.append(f"{goal.value} {one.item} {one.variant}")
    return dict(counts) | {"missed": missed}


def flagged(
    records: Sequence[RecordIn], goal: Goal, meanings: Meanings, *, pairs: Sequence[ScoredPair] = (), n_last: int = 0,
    is_compared: bool = True,
) -> list[dict[str, Flag]]:  # fmt: skip
    """Flags by name of the last n records, of all when it is 0; is_compared: those that compare records included."""
    corpus = survey(records, goal)
    wanted = range(len(records) - n_last if n_last else 0, len(records))
    found = [{flag.name: flag for flag in flags_of(records[i], corpus)} for i in wanted]
    if meanings.is_on:
        for flags, i in zip(found, wanted, strict=True):
            view = View(records[i], goal)
            if "truncated" not in flags and may_break_off(view):
                cut = cut_off(view, meanings.end_share(view.taught.rstrip()))
                flags |= {cut.name: cut} if cut else {}
    if not is_compared:
        return found
    reference = reference_of(len(records), [])
    topics: Sequence[Flag | None] = [None] * len(records)
    if meanings.is_on:
        topics = off_topic(typicality(meanings.of(records), reference), reference)
    distances, limit = voice_distances(records, reference, goal)
    opposed = contradictions(records, pairs)
    for flags, i in zip(found, wanted, strict=True):
        for flag in (topics[i], off_voice(distances[i], limit, is_gold=False), opposed.get(records[i].id)):
            if flag is not None:
                flags[flag.name] = flag
    return found


def _is_found(one: Planted, flags: dict[str, Flag], records: Sequence[RecordIn], goal: Goal) -> bool:
    flag = flags.get(one.defect)
    if flag is None or one.defect not in NOTICES or one.start < 0:
        return flag is not None
    overlaps = flag.start < one.end and one.start < flag.end
    return overlaps or one.defect not in {f.name for f in flags_of(one.base, survey([one.base], goal))}


def _pairs(planted: Sequence[Planted]) -> list[ScoredPair]:
    sides = defaultdict(list)
    for one in planted:
        if one.defect == "contradiction":
            sides[one.item].append(one.record.id)
    return [_pair(*sorted(ids)) for ids in sides.values() if len(ids) == 2]


def _pair(a: str, b: str) -> ScoredPair:
    """The same question twice, as the search would report it."""
    return ScoredPair(a, b, "exact", words=1.0, jaccard=1.0, containment=1.0, cosine=1.0, length_ratio=1.0, score=1.0)


def taught(record: RecordIn) -> str:
    text = answer_text(record)
    return str(record.content["body"]) if text is None else text


def table(result: dict[str, Any]) -> str:
    lines = ["| defect | n | right name | flagged at all | Gopher and C4 rules |", "|---|---|---|---|---|"]
    for name, row in result["defects"].items():
        shares = " | ".join(f"{row[key] / row['n']:.0%}" for key in ("right", "at_all", "by_rules"))
        lines.append(f"| {name} | {row['n']} | {shares} |")
    total = result["all"]
    lines.append(f"| all | {total['n']} | {total['right']:.0%} | {total['at_all']:.0%} | {total['by_rules']:.0%} |")
    for goal, row in result["clean"].items():
        flags = ", ".join(f"{name} {found['n']}" for name, found in row["flags"].items())
        lines.append(f"\nClean rows, {goal}: {row['with_defect']:.1%} of {row['n']} with a defect, {row['with_notice']:.1%} with a notice, "
                     f"{row['by_rules']:.1%} by the rules; {row['seconds']} s for the text's flags. {flags}")  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()
