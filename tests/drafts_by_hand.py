"""Drafts in the review queue without a run or a model. Whoever a text stands for, it is drawn in one and the same way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

import pyarrow as pa
import pyarrow.parquet as parquet

from core.jobs.folder import JobFolder
from core.nouns import System
from core.review.briefs import BriefIn
from core.workflows import briefing, drafting
from core.workflows.workspace import Workspace, project_named

WORDS = (
    "bench", "calendar", "customer", "delivery", "engine", "form", "garden", "handle", "invoice", "journey", "kettle",
    "ladder", "market", "notice", "office", "parcel", "quarter", "receipt", "season", "ticket", "uniform", "van",
    "weather", "yard",
)  # fmt: skip
COLUMNS = [(name, pa.string()) for name in ("id", "project_id", "brief_id", "run_id", "job_id", "system", "text")]
COLUMNS += [("seed", pa.int64()), ("n_tokens", pa.int64()), ("created_at", pa.timestamp("ms"))]


def put_drafts(
    workspace: Workspace, project: str, *, n_briefs: int, seed: int, with_human: bool = True,
    systems: Sequence[System] = drafting.USUAL_SYSTEMS,
) -> None:  # fmt: skip
    """Briefs with a draft of each system, collected as those of a job are: some of them come before reviewers."""
    draw = Random(seed)
    briefs = [
        BriefIn(
            f"b{seed}-{n}", f"Write about the {draw.choice(WORDS)} and the {draw.choice(WORDS)}, number {n}.",
            reference=a_text(draw) if with_human else None,
        )
        for n in range(n_briefs)
    ]  # fmt: skip
    ids = briefing.add_briefs(workspace, project, briefs, by="Ann")
    row = project_named(workspace, project)
    drafts = [
        {
            "id": f"dr_{brief_id}_{system}", "project_id": row["id"], "brief_id": brief_id, "run_id": "", "job_id": f"j_{seed}",
            "system": system.value, "text": brief.reference if system is System.HUMAN else a_text(draw), "seed": seed,
            "n_tokens": 60, "created_at": datetime(2026, 1, 1),
        }
        for brief_id, brief in zip(ids, briefs, strict=True)
        for system in (*systems, *([System.HUMAN] if with_human else []))
    ]  # fmt: skip
    folder = JobFolder(workspace.folder.exchange / f"drafts-{seed}")
    folder.out.mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(drafts, schema=pa.schema(COLUMNS)), folder.out / "drafts.parquet")
    job = {"id": f"j_{seed}", "project_id": row["id"], "created_by": "Ann", "facts": {}}
    with workspace.store.transaction() as tx:
        drafting.collect_drafts(workspace, tx, job, folder, {})


def a_text(draw: Random) -> str:
    """Some sentences of words, in two paragraphs."""
    sentences = [
        " ".join(draw.choice(WORDS) for _ in range(draw.randint(6, 14))).capitalize() + "."
        for _ in range(draw.randint(4, 9))
    ]
    middle = len(sentences) // 2
    return " ".join(sentences[:middle]) + "\n\n" + " ".join(sentences[middle:])
