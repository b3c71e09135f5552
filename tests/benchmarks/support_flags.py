"""The asker's own answers, other languages and spam on real support threads, with the source's fields and without.

All four sets pooled as one project. With the fields (who answered, locale) both must be without error; without them the asker's
answers are told by a model that was trained on other threads (asker_model.py: its test half counts here), and languages
by the text. Truth of the language is the locale, which many people leave as it is, so what locale and text disagree on was
read (support_languages_read.json, by a language model) and both truths count. The moderators' spam mark is noisy, too.

    .venv/bin/python -m tests.benchmarks.support_flags
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

from core.curate.flags import answer_text, flags_of, survey
from core.curate.flags.asker import asker_probability
from core.curate.records_in import RecordIn
from core.nouns import Goal
from core.records.text import accepted_answer
from tests.benchmarks.asker_model import POOL, is_for_training
from tests.benchmarks.planted.bases import threads
from tests.benchmarks.planted.plant import without_names

RESULT = Path(__file__).with_suffix(".json")
READ = Path(__file__).with_name("support_languages_read.json")


def main() -> None:
    pool = [(name, record) for name in POOL for record in threads(name)]
    records = [record for _, record in pool]
    started = time.perf_counter()
    named = [_names(found) for found in _flags(records)]
    seconds = time.perf_counter() - started
    bare = [dataclasses.replace(without_names(record), language="") for record in records]
    unnamed = [_names(found) for found in _flags(bare)]
    is_asker = [bool((a := accepted_answer(r.content)) and a["is_asker"]) for r in records]
    is_other = [not r.language.startswith("en") for r in records]
    read = json.loads(READ.read_text(encoding="utf-8"))
    reads_other = [
        r.external_id in read["other_language"] or (other and r.external_id not in read["english"])
        for r, other in zip(records, is_other, strict=True)
    ]
    is_test = [not is_for_training(r) and accepted_answer(r.content) is not None for r in records]
    tested = [
        (truth, asker_probability(answer_text(r) or ""))
        for truth, r, t in zip(is_asker, records, is_test, strict=True)
        if t
    ]
    spam = [names for (name, _), names in zip(pool, unnamed, strict=True) if name == "spam"]
    others = [names for (name, _), names in zip(pool, unnamed, strict=True) if name != "spam"]
    result = {
        "n": len(records),
        "seconds_for_all_flags_of_the_text": round(seconds, 1),
        "with_fields": {
            "asker_answer": _measured(is_asker, ["asker_answer" in names for names in named], records),
            "wrong_language": _measured(is_other, ["wrong_language" in names for names in named], records),
        },
        "text_alone": {
            "asker_answer": {
                "n_test": len(tested),
                "n_askers": sum(truth for truth, _ in tested),
                "auroc": round(float(roc_auc_score(*zip(*tested, strict=True))), 4),
            }
            | _measured(*_only(is_asker, ["asker_answer" in names for names in unnamed], records, is_test)),
            "wrong_language": _measured(is_other, ["wrong_language" in names for names in unnamed], records),
            "wrong_language_as_read": _measured(reads_other, ["wrong_language" in names for names in unnamed], records),
            "promotional": {
                "n_spam": len(spam),
                "flagged_promotional": sum("promotional" in names for names in spam),
                "flagged_promotional_or_wrong_language": sum(
                    bool({"promotional", "wrong_language"} & names) for names in spam
                ),
                "flagged_of_the_others": sum("promotional" in names for names in others),
                "n_others": len(others),
            },
        },
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def _flags(records: Sequence[RecordIn]) -> list[list[Any]]:
    corpus = survey(records, Goal.SUPPORT)
    return [flags_of(record, corpus) for record in records]


def _names(flags: Sequence[Any]) -> set[str]:
    return {flag.name for flag in flags}


def _only(*columns: Any) -> list[list[Any]]:
    *values, chosen = columns
    return [[v for v, is_chosen in zip(column, chosen, strict=True) if is_chosen] for column in values]


def _measured(truth: Sequence[bool], found: Sequence[bool], records: Sequence[RecordIn]) -> dict[str, Any]:
    right = sum(t and f for t, f in zip(truth, found, strict=True))
    return {
        "n_true": sum(truth),
        "n_found": sum(found),
        "precision": round(right / max(1, sum(found)), 4),
        "recall": round(right / max(1, sum(truth)), 4),
        "missed": [r.external_id for r, t, f in zip(records, truth, found, strict=True) if t and not f][:60],
        "wrongly_found": [r.external_id for r, t, f in zip(records, truth, found, strict=True) if f and not t][:60],
    }


if __name__ == "__main__":
    main()
