"""How long measuring takes: import, embedding, duplicates, flags, map, and taking over, of real threads and of growing numbers.

Real threads go through the whole pipeline. The growing numbers are invented articles, one in twenty of which says almost the
same as another; their vectors are put into the database before measuring, so that the embedding step finds nothing to do.
Every stage is a job in a process of its own; seconds come from the job's own status, as a person sees them.

    .venv/bin/python -m tests.benchmarks.pipeline_speed
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from core.config import DataFolder, offline_environment
from core.curate.records_in import record_in
from core.records.text import text_sha256
from core.store import records as record_rows
from core.workflows import curating, importing, projects
from core.workflows.jobs import job_progress
from core.workflows.workspace import Workspace, open_workspace
from tests.benchmarks.machine import circumstances

RESULT = Path(__file__).resolve().parent / "pipeline_speed.json"
THREADS = Path(__file__).resolve().parents[3] / "shared" / "data" / "support-thunderbird" / "resolved_en.jsonl"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
PROJECT = "speed"
SEED = 17
ALIKE_EVERY = 20
N_SUBJECTS = 400
DIMENSIONS = 384
ONSETS = ("b", "br", "d", "f", "g", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w")
RHYMES = ("a", "al", "an", "ar", "e", "el", "en", "er", "i", "in", "it", "o", "on", "or", "u", "un")
N_WORDS = 12_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--without-threads", action="store_true")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    result: dict[str, Any] = circumstances()
    if not arguments.without_threads:
        result["threads"] = real_threads()
        print(json.dumps(result["threads"]), file=sys.stderr, flush=True)
    result["articles_without_embedding"] = []
    for size in arguments.sizes:
        result["articles_without_embedding"].append(invented_articles(size))
        print(json.dumps(result["articles_without_embedding"][-1]), file=sys.stderr, flush=True)
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def real_threads() -> dict[str, Any]:
    with studio("support") as workspace:
        imported = import_file(workspace, "threads.jsonl", THREADS.read_bytes())
        return told(workspace, imported, measured(workspace))


def invented_articles(n: int) -> dict[str, Any]:
    with studio("voice") as workspace:
        lines = "".join(json.dumps(article) + "\n" for article in articles(n))
        imported = import_file(workspace, "articles.jsonl", lines.encode())
        put_vectors(workspace)
        return told(workspace, imported, measured(workspace))


@contextmanager
def studio(goal: str) -> Iterator[Workspace]:
    with tempfile.TemporaryDirectory(prefix="proofroom-pipeline-") as folder:
        workspace = open_workspace(DataFolder(Path(folder)))
        workspace.supervisor.start()
        try:
            projects.create_project(workspace, name=PROJECT, goal=goal, by="Ann")
            yield workspace
        finally:
            workspace.close()


def import_file(workspace: Workspace, name: str, content: bytes) -> dict[str, float]:
    upload = importing.keep_upload(workspace, name, content)
    return finished(workspace, importing.import_files(workspace, PROJECT, [upload], terms(), name="", by="Ann")["job"])


def terms() -> importing.Terms:
    return importing.checked_terms(
        owner="Ann", basis="consent", purpose="speed", uses=None, expires=None, licence=None, today=importing.today()
    )


def measured(workspace: Workspace) -> dict[str, float]:
    job = curating.measure_records(workspace, PROJECT, by="Ann")
    assert job is not None
    return finished(workspace, job)


def finished(workspace: Workspace, job: str) -> dict[str, float]:
    """Seconds of each phase of the job, and of the taking over into the database after it."""
    while (progress := job_progress(workspace, job))["state"] in ("queued", "running"):
        time.sleep(0.05)
    done_at = time.time()
    assert progress["state"] == "done", progress["reason"]
    status = workspace.supervisor.folder(job).status()
    seconds = {name: value for name, value in status["seconds"].items() if value >= 0.005}
    return seconds | {"Taking over": round(done_at - status["ended_at"], 3)}


def told(workspace: Workspace, imported: dict[str, float], measured: dict[str, float]) -> dict[str, Any]:
    n = record_rows.count_records(workspace.store, projects_id(workspace), record_rows.RecordFilter())
    importing_seconds, measuring_seconds = sum(imported.values()), sum(measured.values())
    return {
        "n_records": n,
        "import_seconds": round(importing_seconds, 2),
        "measure_seconds": round(measuring_seconds, 2),
        "records_per_second": {
            "import": round(n / importing_seconds, 1),
            "measure": round(n / measuring_seconds, 1),
        },
        "import": {name: round(value, 2) for name, value in imported.items()},
        "measure": {name: round(value, 2) for name, value in measured.items()},
    }


def projects_id(workspace: Workspace) -> str:
    (row,) = workspace.store.read("SELECT id FROM projects")
    return str(row["id"])


def articles(n: int) -> Iterator[dict[str, Any]]:
    """Invented articles of about a hundred words; every so often one that says an earlier one again with a few words changed."""
    draw = random.Random(SEED)
    words = [
        f"{draw.choice(ONSETS)}{draw.choice(RHYMES)}{draw.choice(ONSETS)}{draw.choice(RHYMES)}" for _ in range(N_WORDS)
    ]
    rank = [1 / (place + 10) for place in range(N_WORDS)]
    said: list[str] = []
    for number in range(n):
        if number % ALIKE_EVERY == ALIKE_EVERY - 1:
            spoken = said[draw.randrange(len(said))].split()
            for _ in range(3):
                spoken[draw.randrange(len(spoken))] = draw.choice(words)
        else:
            spoken = draw.choices(words, weights=rank, k=draw.randint(60, 140))
        said = [*said[-199:], " ".join(spoken)]
        yield {
            "id": f"a{number:06}",
            "title": " ".join(spoken[:5]),
            "text": sentences(spoken),
            "tags": [f"t{number % 12}"],
        }


def sentences(words: list[str]) -> str:
    return " ".join(" ".join(words[start : start + 12]).capitalize() + "." for start in range(0, len(words), 12))


def put_vectors(workspace: Workspace) -> None:
    """Vectors about some hundred subjects for the project's records, as an encoder would have given them."""
    project = projects_id(workspace)
    with tempfile.TemporaryDirectory(dir=workspace.folder.exchange) as folder:
        records, vectors = Path(folder) / "records.parquet", Path(folder) / "vectors.parquet"
        with workspace.store.transaction() as tx:
            record_rows.copy_to(tx, project, records, original=True)
        rows = [
            record_in(row | {"content": json.loads(row["content"])}) for row in parquet.read_table(records).to_pylist()
        ]
        draw = np.random.default_rng(SEED)
        subjects = draw.standard_normal((N_SUBJECTS, DIMENSIONS)).astype(np.float32)
        made = subjects[draw.integers(0, N_SUBJECTS, len(rows))]
        made += 0.9 * draw.standard_normal(made.shape).astype(np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        table = pa.table({
            "record_id": [row.id for row in rows],
            "project_id": pa.array(np.full(len(rows), project)),
            "encoder": pa.array(np.full(len(rows), curating.ENCODER_ID)),
            "text_sha256": [text_sha256(row.comparison_text) for row in rows],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(made.ravel()), DIMENSIONS),
        })  # fmt: skip
        parquet.write_table(table, vectors)
        with workspace.store.transaction() as tx:
            tx.execute("INSERT INTO vectors BY NAME SELECT * FROM read_parquet(?)", [str(vectors)])


if __name__ == "__main__":
    main()
