"""Learns to foresee verdicts from the texts of drafts, says how well, and gives every draft its chance to pass."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.records_in import record_in
from core.curate.taught import taught_texts
from core.errors import Refused
from core.jobs.context import JobContext
from core.review.guide.document import read_guide
from core.review.guide.rules import Rule
from core.review.judge import Oddness, calibrate
from core.review.judge_features import FEATURES, LENGTH, ODD_LENGTH, DraftFigures

CHANCES = pa.schema([("draft_id", pa.string()), ("chance", pa.float64())])
BETWEEN_WORDS = 20


def run(context: JobContext) -> dict[str, Any]:
    """Write chances.parquet. Returns what is said of the judge. Raises Refused where the verdicts are too few or too alike."""
    drafts = parquet.read_table(context.inputs / "drafts.parquet").to_pylist()
    verdicts: dict[str, bool] = json.loads((context.inputs / "verdicts.json").read_text(encoding="utf-8"))
    figures = DraftFigures(_rules(context), _reference(context))
    rows = []
    for place, draft in enumerate(drafts):
        if place % BETWEEN_WORDS == 0:
            context.report(phase="Reading drafts", done=place, total=len(drafts))
        rows.append(figures.of(draft["text"], draft["support"]))
    judged = [place for place, draft in enumerate(drafts) if draft["id"] in verdicts]
    context.report(phase="Comparing with your verdicts", done=0, total=0)
    judge = calibrate(
        [rows[place] for place in judged], [verdicts[drafts[place]["id"]] for place in judged],
        [drafts[place]["brief_id"] for place in judged], names=list(FEATURES), oddness=Oddness(ODD_LENGTH, of=LENGTH),
    )  # fmt: skip
    if judge is None:
        raise Refused("The verdicts are too few, or all on two briefs.", remedy="Review drafts on more briefs first.")
    chances = [
        {"draft_id": draft["id"], "chance": chance} for draft, chance in zip(drafts, judge.chances(rows), strict=True)
    ]
    parquet.write_table(pa.Table.from_pylist(chances, schema=CHANCES), context.out / "chances.parquet")
    return judge.facts


def _rules(context: JobContext) -> tuple[Rule, ...]:
    file = context.inputs / "guide.json"
    return read_guide(json.loads(file.read_text(encoding="utf-8"))).all_rules() if file.exists() else ()


def _reference(context: JobContext) -> list[str]:
    """What the team wrote, as far as it is learnt."""
    records = [
        record_in(row | {"content": json.loads(row["content"])})
        for row in parquet.read_table(context.inputs / "reference.parquet").to_pylist()
    ]
    texts = ("\n\n".join(part.text for part in taught_texts(r.kind, r.title, r.content)) for r in records)
    return [text for text in texts if text]
