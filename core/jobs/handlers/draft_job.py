"""Writes drafts: every brief by every system asked for, in batches, from one loaded model; what an endpoint elsewhere writes needs none."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.versions import read_version
from core.facts.store_files import KnownFact
from core.jobs.context import JobContext
from core.jobs.handlers.external_step import write_elsewhere
from core.jobs.handlers.lookup_step import look_up
from core.nouns import Split, System
from core.review.brief_checks import check_brief
from core.review.requests import length_of, request_of
from core.training.chat_format import ChatFormat, Message, chat_format
from core.training.draft_voice import SYSTEMS
from core.training.generation import GeneratedText, Sampling, generate_texts
from core.training.manifests import read_manifest
from core.training.merging import check_base
from core.training.models import load_base, ready_model_folder, with_adapter
from core.training.shots import shots_of

DRAFTS = pa.schema(
    [(name, pa.string()) for name in ("id", "project_id", "brief_id", "run_id", "job_id", "system", "text")]
    + [("seed", pa.int64()), ("n_tokens", pa.int64()), ("created_at", pa.timestamp("ms"))]
    + [("ended", pa.string()), ("brief_breaks", pa.list_(pa.string()))]
)
GIVEN = pa.schema(
    [("draft_id", pa.string()), ("place", pa.int64())]
    + [(name, pa.string()) for name in ("fact_id", "title", "passage", "source")]
    + [("expires_on", pa.date32())]
)
NOTHING_MORE = {"form": "", "min_words": 0, "max_words": 0, "must_not_say": []}
SEED_OF_EXAMPLES = 17
WRITERS = SYSTEMS | {
    System.TUNED_FACTS: "the tuned model and facts",
    System.BASE_FACTS: "the base model and facts",
}


def run(context: JobContext) -> dict[str, Any]:
    """Write drafts.parquet, and the facts that they were given. The human text of a brief becomes a draft too, as a control."""
    settings = context.settings
    systems = [System(name) for name in settings["systems"]]
    # A job that was queued before briefs said more asks what it asked then.
    briefs = [NOTHING_MORE | brief for brief in settings["briefs"]]
    seeds = settings["seeds"] if "seeds" in settings else [settings["seed"]]
    found: Sequence[Sequence[KnownFact]] = [[] for _ in briefs]
    writer: _Writer | None = None
    if any(system is not System.EXTERNAL for system in systems):
        found, writer = _loaded(context, systems, briefs)
    sampling = Sampling(max_new_tokens=settings["max_new_tokens"], stops_loops=True)
    rows, looked_up, n_tokens, seconds = [], [], 0, 0.0
    n_without_facts, n_not_elsewhere, why_not_elsewhere = 0, 0, ""
    for system, seed in ((system, seed) for system in systems for seed in seeds):
        # Without a fact the request is that of the system without facts, and so would be the draft.
        asked = [
            (brief, facts if system.looks_up else [])
            for brief, facts in zip(briefs, found, strict=True)
            if facts or not system.looks_up
        ]
        n_without_facts += len(briefs) - len(asked)
        started = time.perf_counter()
        if system is System.EXTERNAL:
            found_elsewhere, why = write_elsewhere(context, [request_of(b) for b, _ in asked], sampling, seed)
            why_not_elsewhere = why or why_not_elsewhere
            asked = [one for one, text in zip(asked, found_elsewhere, strict=True) if text is not None]
            texts = [text for text in found_elsewhere if text is not None]
            n_not_elsewhere += len(found_elsewhere) - len(texts)
        else:
            assert writer is not None, "it is loaded where a system of this machine writes"
            texts = _written(context, writer, system, asked, sampling, seed)
        seconds += time.perf_counter() - started
        n_tokens += sum(text.n_tokens for text in texts)
        for (brief, facts), text in zip(asked, texts, strict=True):
            row = _row(context, brief, system, text, facts, seed)
            rows.append(row)
            looked_up += [_given(row["id"], place, fact) for place, fact in enumerate(facts)]
    # Without the blank lines around it, which no machine's text has.
    human = [
        (brief, GeneratedText(brief["reference"].strip(), 0, is_cut=False)) for brief in briefs if brief["reference"]
    ]
    rows += [_row(context, brief, System.HUMAN, text, [], seeds[0]) for brief, text in human]
    parquet.write_table(pa.Table.from_pylist(rows, schema=DRAFTS), context.out / "drafts.parquet")
    parquet.write_table(pa.Table.from_pylist(looked_up, schema=GIVEN), context.out / "facts.parquet")
    return {
        "drafts": [row["id"] for row in rows],
        "n_drafts": len(rows),
        # An empty draft is one that does not pass; left out, it would flatter its system.
        "n_empty": sum(not row["text"].strip() for row in rows),
        "n_cut": sum(row["ended"] == "length" for row in rows),
        "n_loops": sum(row["ended"] == "repetition" for row in rows),
        # Drafts with facts that were not written, since nothing was found for their brief.
        "n_without_facts": n_without_facts,
        # Drafts that the endpoint did not write, and what it said.
        "n_not_elsewhere": n_not_elsewhere,
        "why_not_elsewhere": why_not_elsewhere,
        "n_tokens": n_tokens,
        "tokens_per_second": n_tokens / seconds if seconds else 0.0,
    }


@dataclass(frozen=True, slots=True)
class _Writer:
    """The model with its adapter. shots: the examples that the base model is shown where it gets some."""

    model: Any
    form: ChatFormat
    shots: Sequence[Message]


def _loaded(
    context: JobContext, systems: Sequence[System], briefs: list[dict[str, Any]]
) -> tuple[Sequence[Sequence[KnownFact]], _Writer]:
    """The facts looked up for each brief, where a system asks for some, and what writes."""
    settings = context.settings
    base_folder = ready_model_folder(settings["base"], Path(settings["models"]))
    form = chat_format(base_folder)
    adapter = Path(settings["adapter"])
    # A job that was queued before runs told it holds no hash.
    check_base(base_folder, read_manifest(adapter, trained_sha256=settings.get("weights_sha256")))
    # Before the model is loaded: the encoder is gone again when memory is needed.
    found = (
        look_up(context, Path(settings["known_facts"]), briefs, form)
        if any(system.looks_up for system in systems)
        else [[] for _ in briefs]
    )
    context.report(phase="Loading the model", done=0, total=0)
    model = with_adapter(load_base(base_folder), adapter)
    version = read_version(Path(settings["version_folder"]), expected_sha256=settings["content_sha256"])
    # The same examples for every draft: what is drawn anew are the words.
    return found, _Writer(model, form, shots_of(version.examples[Split.TRAIN], form, seed=SEED_OF_EXAMPLES))


def _written(
    context: JobContext, writer: _Writer, system: System, asked: Sequence[tuple[dict[str, Any], Sequence[KnownFact]]], sampling: Sampling,
    seed: int,
) -> list[GeneratedText]:  # fmt: skip
    requests = [_request(brief, facts) for brief, facts in asked]
    return generate_texts(
        writer.model,
        writer.form,
        [[*writer.shots, *request] for request in requests] if system is System.BASE_FEWSHOT else requests,
        sampling=sampling,
        seed=seed,
        use_adapter=system.is_tuned,
        progress=context,
        phase=f"Writing with {WRITERS[system]}",
    )


def _request(brief: dict[str, Any], facts: Sequence[KnownFact]) -> list[Message]:
    return [{"role": "user", "content": request_of(brief, facts=[fact.told for fact in facts])}]


def _origin(
    settings: dict[str, Any], brief: dict[str, Any], system: System, facts: Sequence[KnownFact], seed: int
) -> tuple[str, ...]:
    """What a draft follows from. The same twice is one draft: a reviewer who met a text again would know whose it is not."""
    drawn = (str(seed), str(settings["max_new_tokens"]), *(fact.told for fact in facts))
    match system:
        case System.HUMAN:
            return (brief["id"], system.value)
        case System.EXTERNAL:
            return (brief["id"], system.value, settings["endpoint"]["url"], settings["endpoint"]["model"], *drawn)
        case System.BASE | System.BASE_FACTS:
            return (brief["id"], system.value, settings["base"], *drawn)
        case System.BASE_FEWSHOT:
            return (brief["id"], system.value, settings["base"], settings["content_sha256"], *drawn)
        case System.TUNED | System.TUNED_FACTS:
            return (brief["id"], system.value, settings["run"], *drawn)


def _row(
    context: JobContext,
    brief: dict[str, Any],
    system: System,
    text: GeneratedText,
    facts: Sequence[KnownFact],
    seed: int,
) -> dict[str, Any]:
    origin = "\0".join(_origin(context.settings, brief, system, facts, seed))
    broken = check_brief(text.text, length=length_of(brief), facts=brief["facts"], must_not_say=brief["must_not_say"])
    return {
        "id": "dr_" + hashlib.sha256(origin.encode()).hexdigest()[:16],
        "project_id": context.settings["project_id"],
        "brief_id": brief["id"],
        "run_id": context.settings["run"],
        "job_id": context.folder.id,
        "system": system.value,
        "text": text.text,
        "seed": seed,
        "n_tokens": text.n_tokens,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
        "ended": "" if system is System.HUMAN else "repetition" if text.is_loop else "length" if text.is_cut else "end",
        "brief_breaks": sorted({note.asked.value for note in broken}),
    }


def _given(draft: str, place: int, fact: KnownFact) -> dict[str, Any]:
    return {
        "draft_id": draft, "place": place, "fact_id": fact.id, "title": fact.subject, "passage": fact.passage,
        "source": fact.source, "expires_on": fact.expires_on,
    }  # fmt: skip
