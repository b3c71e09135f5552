"""How far the class that follows from an edit agrees with a reader, and what edits real revisions are.

Sixty pairs of edit_pairs.py, labelled in edit_classes_read.json by a reader who saw no ratio and knew of no limit: a language model, not a
person. Beside it an earlier reader of the same kind, who knew the default, and how far the two agree. The class by the default limit against the label, the limit that would serve best with how sure that is, and the classes of all 161 revised posts by
the depth that the data set gives them (by how many runs of five words two versions share).

    .venv/bin/python -m tests.benchmarks.edit_classes
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.curate.agreement import cohen_kappa, kappa_interval
from core.nouns import EditLabel, ReviewClass, ReviewDecision
from core.review.calibration import LabelledPair, calibrate
from core.review.edits import LIGHT_EDIT_LIMIT, classify, edit_ratio
from tests.benchmarks.edit_pairs import BLOG, chosen_pairs, revisions

RESULT = Path(__file__).with_suffix(".json")
READ = Path(__file__).with_name("edit_classes_read.json")
ADDRESSES = re.compile(
    r"(?<=\])\([^)\s]*\)|(?<=\])\[[^\]]*\]|https?://\S+|<[^>]+>|\{\{.*?\}\}|\{[:#][^}]*\}", re.DOTALL
)
CLASS_OF = {
    EditLabel.SAME: ReviewClass.AS_IS, EditLabel.LIGHT: ReviewClass.LIGHT_EDIT, EditLabel.REWRITTEN: ReviewClass.REWRITTEN,
}  # fmt: skip


def main() -> None:
    if not BLOG.exists():
        sys.exit(f"The revised posts are not beside the repository: there is no {BLOG}.")
    read = json.loads(READ.read_text(encoding="utf-8"))
    labels, earlier = read["labels"], read["reader_who_knew_the_default"]["labels"]
    chosen = [(pair, (EditLabel(labels[pair.id]),)) for pair in chosen_pairs()]
    pairs = [LabelledPair(pair.ratio, label) for pair, label in chosen]
    before = [LabelledPair(pair.ratio, (EditLabel(earlier[pair.id]),)) for pair, _ in chosen]
    prose = [
        LabelledPair(edit_ratio(without_addresses(p.draft), without_addresses(p.final)), label) for p, label in chosen
    ]
    result = {
        "reader": "a language model, not a person; it saw no ratio and knew of no limit",
        "limit": LIGHT_EDIT_LIMIT,
        **measured(pairs),
        "without_addresses_and_markup": measured(prose),
        "reader_who_knew_the_default": measured(before),
        "both_readers": agreement([(labels[pair.id], earlier[pair.id]) for pair, _ in chosen]),
        "revised_posts": by_depth(revisions()),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def measured(pairs: list[LabelledPair]) -> dict[str, Any]:
    """Over the three classes and over passing alone, which is all that a limit decides."""
    said = [(class_of(pair.ratio), CLASS_OF[pair.label].value) for pair in pairs]
    found = calibrate(pairs, limit=LIGHT_EDIT_LIMIT, n_people=1)
    return {
        "n": len(pairs),
        "labels": dict(Counter(pair.label.value for pair in pairs)),
        "confusion": found.classes,
        "three_classes": agreement(said),
        "passing": _all_rounded(asdict(found.in_force)),
        "best": _all_rounded(asdict(found.best)) if found.best else found.why_not,
        "ratios_by_label": {
            label.value: _quartiles([pair.ratio for pair in pairs if pair.label is label]) for label in EditLabel
        },
    }


def agreement(said: list[tuple[str, str]]) -> dict[str, Any]:
    """How often two say the same, and by how much more than chance."""
    return {
        "agreement": round(sum(a == b for a, b in said) / len(said), 3),
        "kappa": _rounded(cohen_kappa(said)),
        "kappa_interval": [_rounded(bound) for bound in kappa_interval(said) or ()],
    }


def without_addresses(text: str) -> str:
    """What one reads: link texts without where they lead, nothing of HTML tags and of a site's own marks."""
    return ADDRESSES.sub(" ", text)


def by_depth(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each depth of edit, how many of the whole posts are of which class by the default limit, and their ratios."""
    ratios: dict[str, list[float]] = {}
    for row in rows:
        ratios.setdefault(row["edit"], []).append(edit_ratio(row["a"]["text"], row["b"]["text"]))
    return {
        depth: {
            "n": len(found),
            "classes": dict(Counter(class_of(ratio) for ratio in sorted(found))),
            "ratios": _quartiles(found),
        }
        for depth, found in sorted(ratios.items(), key=lambda one: sorted(one[1])[len(one[1]) // 2])
    }


def class_of(ratio: float) -> str:
    return classify(ReviewDecision.SIGN_OFF, ratio, light_edit_limit=LIGHT_EDIT_LIMIT).value


def _quartiles(ratios: list[float]) -> dict[str, float]:
    """Lowest, quartiles and highest."""
    ordered = sorted(ratios)
    at = {"lowest": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "highest": 1.0}
    return {name: round(ordered[round(share * (len(ordered) - 1))], 3) for name, share in at.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _all_rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _all_rounded(v) if isinstance(v, dict) else _rounded(v) for name, v in values.items()}


if __name__ == "__main__":
    main()
