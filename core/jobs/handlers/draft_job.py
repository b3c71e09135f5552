"""Writes drafts: every brief by every system asked for, in batches, from one loaded model."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.versions import read_version
from core.jobs.context import JobContext
from core.nouns import Split, System
from core.review.requests import request_text
from core.training.chat_format import chat_format
from core.training.draft_voice import SYSTEMS
from core.training.generation import Sampling, generate_texts
from core.training.manifests import read_manifest
from core.training.models import load_base, ready_model_folder, with_adapter
from core.training.shots import shots_of

DRAFTS = pa.schema(
    [(name, pa.string()) for name in ("id", "project_id", "brief_id", "run_id", "job_id", "system", "text")]
    + [("seed", pa.int64()), ("n_tokens", pa.int64()), ("created_at", pa.timestamp("ms"))]
)


def run(context: JobContext) -> dict[str, Any]:
    """Write drafts.parquet. The human text of a brief becomes a draft too, as a control."""
    settings = context.settings
    systems = [System(name) for name in settings["systems"]]
    base_folder = ready_model_folder(settings["base"], Path(settings["models"]))
    form = chat_format(base_folder)
    adapter = Path(settings["adapter"])
    read_manifest(adapter)
    context.report(phase="Loading the model", done=0, total=0)
    model = with_adapter(load_base(base_folder), adapter)
    version = read_version(Path(settings["version_folder"]), expected_sha256=settings["content_sha256"])
    shots = shots_of(version.examples[Split.TRAIN], form, seed=settings["seed"])
    briefs = settings["briefs"]
    prompts = [
        [{"role": "user", "content": request_text(b["prompt"], audience=b["audience"], facts=b["facts"])}]
        for b in briefs
    ]
    sampling = Sampling(max_new_tokens=settings["max_new_tokens"])
    rows, n_tokens, seconds = [], 0, 0.0
    for system in systems:
        started = datetime.now(UTC)
        texts = generate_texts(
            model,
            form,
            [[*shots, *p] for p in prompts] if system is System.BASE_FEWSHOT else prompts,
            sampling=sampling,
            seed=settings["seed"],
            use_adapter=system is System.TUNED,
            progress=context,
            phase=f"Writing with {SYSTEMS[system]}",
        )
        seconds += (datetime.now(UTC) - started).total_seconds()
        n_tokens += sum(text.n_tokens for text in texts)
        rows += [
            _row(context, brief, system, text.text, text.n_tokens) for brief, text in zip(briefs, texts, strict=True)
        ]
    rows += [_row(context, brief, System.HUMAN, brief["reference"], 0) for brief in briefs if brief["reference"]]
    parquet.write_table(pa.Table.from_pylist(rows, schema=DRAFTS), context.out / "drafts.parquet")
    return {
        "drafts": [row["id"] for row in rows],
        "n_drafts": len(rows),
        # An empty draft is one that does not pass; left out, it would flatter its system.
        "n_empty": sum(not row["text"].strip() for row in rows),
        "n_tokens": n_tokens,
        "tokens_per_second": n_tokens / seconds if seconds else 0.0,
    }


def _origin(settings: dict[str, Any], brief: dict[str, Any], system: System) -> tuple[str, ...]:
    """What a draft follows from. The same twice is one draft: a reviewer who met a text again would know whose it is not."""
    drawn = (str(settings["seed"]), str(settings["max_new_tokens"]))
    match system:
        case System.HUMAN:
            return (brief["id"], system.value)
        case System.BASE:
            return (brief["id"], system.value, settings["base"], *drawn)
        case System.BASE_FEWSHOT:
            return (brief["id"], system.value, settings["base"], settings["content_sha256"], *drawn)
        case System.TUNED:
            return (brief["id"], system.value, settings["run"], *drawn)


def _row(context: JobContext, brief: dict[str, Any], system: System, text: str, n_tokens: int) -> dict[str, Any]:
    identity = hashlib.sha256("\0".join(_origin(context.settings, brief, system)).encode()).hexdigest()[:16]
    return {
        "id": "dr_" + identity,
        "project_id": context.settings["project_id"],
        "brief_id": brief["id"],
        "run_id": context.settings["run"],
        "job_id": context.folder.id,
        "system": system.value,
        "text": text,
        "seed": context.settings["seed"],
        "n_tokens": n_tokens,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
    }
