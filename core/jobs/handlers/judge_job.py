"""Learns to foresee verdicts from the texts of drafts, says how well, and gives every draft its chance to pass.

Where an owner wants it, a model elsewhere is asked of those drafts that may be sent; without its answers the judge is the same less one figure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.records_in import record_in
from core.curate.taught import taught_texts
from core.errors import Refused
from core.jobs.context import JobContext
from core.jobs.handlers.opinion_step import Opinions, ask_elsewhere
from core.review.guide.document import read_guide
from core.review.guide.rules import Rule
from core.review.judge import Judge, Oddness, calibrate
from core.review.judge_features import ELSEWHERE, FEATURES, LENGTH, ODD_LENGTH, DraftFigures

CHANCES = pa.schema([("draft_id", pa.string()), ("chance", pa.float64())])
OPINIONS = pa.schema([("draft_id", pa.string()), ("opinion", pa.float64())])
BETWEEN_WORDS = 20


def run(context: JobContext) -> dict[str, Any]:
    """Write chances.parquet, and opinions.parquet where somebody elsewhere was asked. Returns what is said of the judge.

    Raises Refused where the verdicts are too few or too alike; nothing is sent then.
    """
    drafts = parquet.read_table(context.inputs / "drafts.parquet").to_pylist()
    verdicts: dict[str, bool] = json.loads((context.inputs / "verdicts.json").read_text(encoding="utf-8"))
    figures = DraftFigures(_rules(context), _reference(context))
    rows = []
    for place, draft in enumerate(drafts):
        if place % BETWEEN_WORDS == 0:
            context.report(phase="Reading drafts", done=place, total=len(drafts))
        rows.append(figures.of(draft["text"], draft["support"]))
    context.report(phase="Comparing with your verdicts", done=0, total=0)
    judge = _calibrated(drafts, rows, verdicts)
    if judge is None:
        raise Refused("The verdicts are too few, or all on two briefs.", remedy="Review drafts on more briefs first.")
    facts = judge.facts
    if context.settings.get("endpoint"):
        opinions = ask_elsewhere(context, parquet.read_table(context.inputs / "to_ask.parquet").to_pylist())
        given = [{"draft_id": draft, "opinion": opinion} for draft, opinion in opinions.new.items()]
        parquet.write_table(pa.Table.from_pylist(given, schema=OPINIONS), context.out / "opinions.parquet")
        for draft, row in zip(drafts, rows, strict=True):
            row[ELSEWHERE] = opinions.by_draft.get(draft["id"], row[ELSEWHERE])
        without, judge = judge, _calibrated(drafts, rows, verdicts) or judge
        facts = judge.facts | {"elsewhere": _of_elsewhere(context, drafts, verdicts, opinions, without)}
    chances = [
        {"draft_id": draft["id"], "chance": chance} for draft, chance in zip(drafts, judge.chances(rows), strict=True)
    ]
    parquet.write_table(pa.Table.from_pylist(chances, schema=CHANCES), context.out / "chances.parquet")
    return facts


def _calibrated(
    drafts: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[float]], verdicts: Mapping[str, bool]
) -> Judge | None:
    judged = [place for place, draft in enumerate(drafts) if draft["id"] in verdicts]
    return calibrate(
        [rows[place] for place in judged], [verdicts[drafts[place]["id"]] for place in judged],
        [drafts[place]["brief_id"] for place in judged], names=list(FEATURES), oddness=Oddness(ODD_LENGTH, of=LENGTH),
    )  # fmt: skip


def _of_elsewhere(
    context: JobContext, drafts: Sequence[Mapping[str, Any]], verdicts: Mapping[str, bool], opinions: Opinions, without: Judge
) -> dict[str, Any]:  # fmt: skip
    """What is told of the model elsewhere; alone: how well its answers agree by themselves, None where they are too few."""
    told = context.settings["endpoint"]
    asked = [draft for draft in drafts if draft["id"] in verdicts and draft["id"] in opinions.by_draft]
    alone = calibrate(
        [[opinions.by_draft[draft["id"]]] for draft in asked], [verdicts[draft["id"]] for draft in asked],
        [draft["brief_id"] for draft in asked], names=["elsewhere"],
    ) if asked else None  # fmt: skip
    return {
        "model": told["model"], "host": urlsplit(told["url"]).hostname, "n_asked": len(opinions.by_draft), "n_left": opinions.n_left,
        "why": opinions.why, "alone": alone.facts if alone else None, "kappa_without": without.facts["kappa"],
    }  # fmt: skip


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
