"""States of a studio that would need a trained model, made up: measurements, a run, drafts, verdicts.

The work is queued and taken over by the real workflows; only the workers of the kinds that load a
model are replaced, at the executor's seam, by one that writes down invented results. No figure
here was measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.records_in import record_in
from core.curate.versions import read_version
from core.jobs.executor import ChildProcessExecutor
from core.jobs.folder import JobFolder, write_json
from core.jobs.handlers.facts_step import found_facts
from core.nouns import Example, Split, System
from core.review.briefs import BriefIn
from core.store import drafts as draft_rows
from core.store import open_items as open_item_rows
from core.training.base_models import model_folder
from core.training.chat_format import chat_format
from core.training.preflight import check_examples
from core.training.presets import config_from
from core.workflows import briefing, drafting, freezing, reviewing, training
from core.workflows.rubrics import rubric_of
from core.workflows.workspace import Workspace, project_named
from tests.jobs_by_hand import finish

TEXT, REAL, WHOLE = pa.string(), pa.float64(), pa.int64()
TABLES: dict[str, list[tuple[str, Any]]] = {
    "pairs": [("project_id", TEXT), ("a", TEXT), ("b", TEXT), ("method", TEXT)]
    + [(name, REAL) for name in ("words", "jaccard", "containment", "cosine", "length_ratio", "score")]
    + [("swapped", TEXT), ("is_mergeable", pa.bool_())],
    "signals": [("project_id", TEXT), ("record_id", TEXT), ("name", TEXT), ("value", REAL)],
    "flags": [("project_id", TEXT), ("record_id", TEXT), ("name", TEXT), ("is_defect", pa.bool_()), ("evidence", TEXT)]
    + [("start_char", WHOLE), ("end_char", WHOLE), ("value", REAL), ("limit_value", REAL)],
    "scores": [("record_id", TEXT), ("project_id", TEXT), ("score", REAL), ("reasons", pa.list_(TEXT))],
    "neighbours": [("project_id", TEXT), ("record_id", TEXT), ("neighbour_id", TEXT), ("place", WHOLE), ("cosine", REAL)],
    "positions": [("project_id", TEXT), ("record_id", TEXT), ("x", REAL), ("y", REAL), ("theme", WHOLE)],
    "themes": [("project_id", TEXT), ("theme", WHOLE), ("name", TEXT), ("words", pa.list_(TEXT)), ("x", REAL), ("y", REAL)],
    "vectors": [("record_id", TEXT), ("project_id", TEXT), ("encoder", TEXT), ("text_sha256", TEXT)]
    + [("vector", pa.list_(pa.float32(), 384))],
}  # fmt: skip
DRAFT = [(name, TEXT) for name in ("id", "project_id", "brief_id", "run_id", "job_id", "system", "text")] + [
    ("seed", WHOLE), ("n_tokens", WHOLE), ("created_at", pa.timestamp("ms")),
]  # fmt: skip
# Shares of as is, light edit, rewritten and rejected, out of ten.
# The seed that drafts are written under where nothing else is said.
FIRST_SEED = 17
VERDICTS = {System.TUNED: "aaaallwwlr", System.BASE: "wwrrrwrwrl", System.BASE_FEWSHOT: "alwwrrwlwr", System.HUMAN: "aaaaaaalal"}  # fmt: skip


class MadeUpWorkers(ChildProcessExecutor):
    """Files are read and versions frozen by real workers; the rest is written down at once. REAL: kinds that are not made up either."""

    REAL: frozenset[str] = frozenset()

    def start(self, folder: JobFolder) -> None:
        spec = folder.spec()
        writers: dict[str, Callable[[JobFolder, dict[str, Any]], dict[str, Any]]] = {
            "curate": _measures,
            "train": _training,
            "draft": _drafts,
        }
        if spec["kind"] not in writers or spec["kind"] in self.REAL:
            super().start(folder)
            return
        folder.out.mkdir()
        result = writers[spec["kind"]](folder, spec["settings"])
        folder.write_status({"state": "done", "result": result})


def frozen(workspace: Workspace, project: str, name: str) -> None:
    job = freezing.freeze_version(workspace, project, name=name, by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"


def trained(workspace: Workspace, project: str, version: str) -> str:
    """A finished run with its curve. Returns its id."""
    started = training.start_run(workspace, project, version, by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    return started["run"]


def drafted(workspace: Workspace, project: str, run: str, briefs: list[BriefIn]) -> None:
    ids = briefing.add_briefs(workspace, project, briefs, by="Ann")
    systems = [system.value for system in drafting.USUAL_SYSTEMS]
    job = drafting.write_drafts(workspace, project, run=run, brief_ids=ids, systems=systems, by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"


def item_of(workspace: Workspace, draft: dict[str, Any]) -> str:
    """The review item of a draft without a verdict; one that was left out beside a human text is put into the queue."""
    items = {item["draft_id"]: item["id"] for item in open_item_rows.open_items(workspace.store, draft["project_id"])}
    if draft["id"] not in items:
        items[draft["id"]] = f"i_{draft['id']}"
        with workspace.store.transaction() as tx:
            draft_rows.insert_review_items(tx, [(items[draft["id"]], draft["project_id"], draft["id"])])
    return items[draft["id"]]


def reviewed(workspace: Workspace, project: str, *, by: str, most: int) -> None:
    """Verdicts on the drafts that the blind queue gives out, edits and all, until it gives out no more."""
    systems = {row["text"]: row["system"] for row in drafting.list_drafts(workspace, project)}
    reasons = rubric_of(workspace.store, project_named(workspace, project)).reasons
    for n in range(most):
        item = reviewing.next_draft(workspace, project, by=by).current
        if item is None:
            return
        verdict = VERDICTS[System(systems[item.draft])][n % 10]
        text = {
            "a": item.draft,
            "l": item.draft.replace("We ", "I ", 1),
            "w": "I wrote this one anew. " + item.draft[:60],
        }
        reviewing.submit(
            workspace, item.item, "reject" if verdict == "r" else "sign_off", by=by, text=text.get(verdict),
            reasons=[reasons[n % len(reasons)]] if verdict in "wr" else [], seconds=40 + 7 * (n % 5),
        )  # fmt: skip


def _measures(folder: JobFolder, settings: dict[str, Any]) -> dict[str, Any]:
    """A score, a vector and a place on the map for each record, a flag for every third, and the first two records as a pair to ask about."""
    project = settings["project_id"]
    rows = parquet.read_table(folder.inputs / "records.parquet").to_pylist()
    texts = {row["id"]: row["title"] + " " + row["text"] for row in rows}
    hashes = {row["id"]: row["text_sha256"] for row in rows}
    ids = sorted(hashes)
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for place, record in enumerate(ids):
        own = {"record_id": record, "project_id": project}
        tables["vectors"].append(
            own | {"encoder": "made up", "text_sha256": hashes[record], "vector": _vector(texts[record])}
        )
        tables["scores"].append(own | {"score": 0.5 + place / (2 * len(ids)), "reasons": ["It is of a usual length."]})
        tables["signals"].append(own | {"name": "place", "value": float(place)})
        angle = 2 * math.pi * place / len(ids)
        tables["positions"].append(own | {"x": 0.9 * math.cos(angle), "y": 0.9 * math.sin(angle), "theme": place % 2})
        if place % 3 == 0:
            flag = {"name": "truncated", "is_defect": True, "evidence": "It ends in the middle of a sentence.",
                    "start_char": 2, "end_char": 9, "value": None, "limit_value": None}  # fmt: skip
            tables["flags"].append(own | flag)
    for theme, name in enumerate(("vans, winter, calendar", "invoices, price, bench")[: len(ids)]):
        middle = {"x": 0.3 - 0.6 * theme, "y": 0.0, "words": name.split(", ")}
        tables["themes"].append({"project_id": project, "theme": theme, "name": name} | middle)
    for a, b in pairwise(ids):
        tables["neighbours"].append(
            {"project_id": project, "record_id": a, "neighbour_id": b, "place": 0, "cosine": 0.7}
        )
    if len(ids) > 1:
        pair = {"project_id": project, "a": ids[0], "b": ids[1], "method": "shingles", "jaccard": 0.4}
        pair |= {"words": 0.5, "containment": 0.6, "cosine": 0.9, "length_ratio": 0.9, "score": 0.8}
        tables["pairs"].append(pair | {"swapped": "", "is_mergeable": False})
    for name, fields in TABLES.items():
        parquet.write_table(
            pa.Table.from_pylist(tables[name], schema=pa.schema(fields)), folder.out / f"{name}.parquet"
        )
    # Facts are found without a model, so these are real.
    records = [record_in(row | {"content": json.loads(row["content"])}) for row in rows]
    parquet.write_table(found_facts(records, folder.inputs / "edited.parquet"), folder.out / "facts.parquet")
    return {"n_records": len(ids), "n_pairs": len(tables["pairs"]), "n_flags": len(tables["flags"])}


def _vector(text: str) -> list[float]:
    """How often which words stand in the text, folded into 384 numbers: texts that share words are near."""
    counts = [0.0] * 384
    for word in text.lower().split():
        counts[crc32(word.encode()) % 384] += 1.0
    length = math.sqrt(sum(n * n for n in counts)) or 1.0
    return [n / length for n in counts]


def _training(folder: JobFolder, settings: dict[str, Any]) -> dict[str, Any]:
    """Losses that fall towards 2.9, and an adapter whose weights nothing will load."""
    n_steps = 60
    for step in range(1, n_steps + 1):
        loss = 2.9 + 0.55 * math.exp(-step / 14) + 0.05 * math.sin(step * 1.7)
        folder.append_event(
            {"kind": "step", "step": step, "n_steps": n_steps, "loss": loss, "tokens_per_second": 300.0}
        )
        if step % 15 == 0:
            held_out = 3.0 + 0.36 * math.exp(-step / 20)
            folder.append_event({"kind": "eval", "step": step, "loss": held_out, "n_examples": 6})
    adapter = folder.out / "adapter"
    adapter.mkdir()
    base = {"name": "SmolLM2-135M-Instruct", "sha256": "made up"}
    write_json(adapter / "manifest.json", {"weights_sha256": "made up", "run": settings["run"], "base": base})
    config = config_from(settings["config"])
    version = read_version(Path(settings["version_folder"]))
    form = chat_format(model_folder(config.base, Path(settings["models"])))
    checked = check_examples(version.examples, form, config)
    write_json(folder.out / "preflight.json", checked.told)
    examples = [
        {"example_id": example.id, "n_target_tokens": 90, "base": 3.3 + n / 9, "tuned": 2.9 + n / 8}
        for n, example in enumerate(version.examples[Split.TEST])
    ]
    write_json(folder.out / "drafts.json", {"requests": _held_out_drafts(version.examples[Split.TEST])})
    return {
        "n_steps": n_steps, "n_train_tokens": 96_000, "n_answer_tokens": 61_000, "seconds": 320.0, "tokens_per_second": 300.0, "base_eval_loss": 3.36,
        "eval_loss": 3.018, "peak_memory_mb": 3_300, "examples": examples, "n_train_examples": len(checked.rows[Split.TRAIN]),
        "weights_sha256": "made up", "best_step": 60, "job_seconds": 402.0, "energy_wh": 2.2, "general_ability": {"base": 2.41, "tuned": 2.46, "n": 24},
        "by_heart": {"n": 32, "n_tuned": 1, "n_base": 0, "n_new": 1, "longest": 26, "limits": {"n_given": 32, "n_asked": 48, "long_run": 24},
                     "passages": [{"example_id": examples[0]["example_id"] if examples else "r:0", "n_tokens": 26, "passage": "A passage."}]},
        "stopped_early": False, "n_dropped": 0, "voice": _VOICE, "consistency": _CONSISTENCY,
    }  # fmt: skip


_VOICE = {
    "n": 12,
    "author": {"distance": 1.04, "low": 0.97, "high": 1.12},
    "tuned": {
        "distance": 1.31, "low": 1.18, "high": 1.44, "share": 0.63, "share_low": 0.45, "share_high": 0.79, "longest": 9,
    },
    "base": {"distance": 1.77, "low": 1.61, "high": 1.95, "share": 0.0, "share_low": 0.0, "share_high": 0.0, "longest": 4},
    "base_fewshot": {
        "distance": 1.58, "low": 1.43, "high": 1.73, "share": 0.26, "share_low": 0.05, "share_high": 0.46, "longest": 6,
    },
}  # fmt: skip


_CONSISTENCY = {
    "tuned": {
        "n": 25, "n_measured": 25, "voice_spread": {"value": 0.19, "low": 0.14, "high": 0.24},
        "length_spread": {"value": 0.22, "low": 0.17, "high": 0.28}, "format_agreement": 0.94,
    },
    "base_fewshot": {
        "n": 25, "n_measured": 25, "voice_spread": {"value": 0.31, "low": 0.22, "high": 0.39},
        "length_spread": {"value": 0.35, "low": 0.26, "high": 0.44}, "format_agreement": 0.83,
    },
}  # fmt: skip


def _held_out_drafts(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """One invented draft for each held-out request and system."""
    stretch = {
        "example_id": examples[0].id if examples else "r:0",
        "n_words": 9,
        "passage": "nine words that stand in a training text too",
    }
    return [
        {
            "example_id": one.id, "external_id": one.external_id, "request": one.messages[0]["content"],
            "reference": one.messages[-1]["content"],
            "drafts": {
                system: {"text": f"An invented draft by {system}, for the page.", "n_tokens": 11, "nearest": near}
                for system, near in (("tuned", stretch), ("base", None), ("base_fewshot", None))
            },
        }
        for one in examples
    ]  # fmt: skip


def _drafts(folder: JobFolder, settings: dict[str, Any]) -> dict[str, Any]:
    """One invented text for each brief and system; no text says which system it stands for."""
    rows = []
    for brief in settings["briefs"]:
        wanted = [*settings["systems"], *([System.HUMAN.value] if brief["reference"] else [])]
        written = [
            (place, system, seed)
            for place, system in enumerate(wanted)
            for seed in (settings["seeds"] if system != System.HUMAN else settings["seeds"][:1])
        ]
        for place, system, seed in written:
            # As real drafts do: what the tuned model writes is the run's own, the rest is the same for every run.
            own = settings["run"] if system == System.TUNED else ""
            luck = seed - FIRST_SEED
            n_vans = 12 + place + crc32(own.encode()) % 99_991 * 3 + 300_000 * luck
            text = brief["reference"] if system == System.HUMAN else _invented(brief["prompt"], place, n_vans)
            rows.append(
                {
                    "id": f"dr_{brief['id']}_{place}{own}{f'_{luck}' if luck else ''}",
                    "project_id": settings["project_id"],
                    "brief_id": brief["id"],
                    "run_id": settings["run"],
                    "job_id": folder.id,
                    "system": system,
                    "text": text,
                    "seed": seed,
                    "n_tokens": 60,
                    "created_at": datetime(2026, 1, 1),
                }  # fmt: skip
            )
    parquet.write_table(pa.Table.from_pylist(rows, schema=pa.schema(DRAFT)), folder.out / "drafts.parquet")
    return {
        "drafts": [row["id"] for row in rows],
        "n_drafts": len(rows),
        "n_empty": 0,
        "n_tokens": 60 * len(rows),
        "tokens_per_second": 25.0,
    }


def _invented(prompt: str, place: int, n_vans: int) -> str:
    openings = ("We changed one thing this month.", "Here is what we learnt.", "A customer rang on Monday.")
    return (
        f"{openings[place % 3]}\n\nYou asked about this: {prompt} We looked at it for three weeks, in {n_vans} vans, and "
        "counted what it cost. It cost less than the phone calls did.\n\nIf it goes wrong for you, ring the desk and say so."
    )
