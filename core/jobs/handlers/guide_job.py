"""Checks every draft of a project against its brand guide."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.jobs.context import JobContext
from core.review.guide.check import check_draft
from core.review.guide.document import read_guide

CHECKS = pa.schema([("draft_id", pa.string()), ("rule", pa.string()), ("n", pa.int64())])
BETWEEN_WORDS = 50


def run(context: JobContext) -> dict[str, Any]:
    """Write checks.parquet: a row for each rule that a draft breaks, one without a rule where it breaks none."""
    rules = read_guide(json.loads((context.folder.inputs / "guide.json").read_text(encoding="utf-8"))).all_rules()
    drafts = parquet.read_table(context.folder.inputs / "drafts.parquet").to_pylist()
    rows: list[dict[str, Any]] = []
    unchecked: Counter[str] = Counter()
    for place, draft in enumerate(drafts):
        checked = check_draft(draft["text"], rules, support=draft["support"])
        unchecked.update(checked.unchecked)
        broken = Counter(note.rule for note in checked.notes)
        rows += [{"draft_id": draft["id"], "rule": rule, "n": n} for rule, n in sorted(broken.items())]
        rows += [{"draft_id": draft["id"], "rule": rule, "n": -1} for rule in checked.unchecked]
        if not broken:
            rows.append({"draft_id": draft["id"], "rule": None, "n": 0})
        if place % BETWEEN_WORDS == 0:
            context.report(phase="Checking drafts", done=place, total=len(drafts))
    parquet.write_table(pa.Table.from_pylist(rows, schema=CHECKS), context.out / "checks.parquet")
    return {"n_drafts": len(drafts), "n_rules": len(rules), "unchecked": dict(unchecked)}
