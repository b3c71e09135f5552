"""Import speed: a file of 100,000 JSON Lines rows into the studio's database, against `datasets.load_dataset` of the same file.

Ours is the whole import through a real job: worker process, sandboxed parser, checks of every row, ids, hashes, and the
records in the database. Told apart are: from the button to the records (processes started on the way included), the same from
the start of the worker's work, and of that the reading and the taking over. The peer has its library loaded already, and an
empty cache each time; it makes an Arrow file, and checks or hashes no row. Beside both stands the least that the database's
own engine needs for the same file without any of our checks: read it, hash the texts, and put the rows into a table with a
key. Rounds alternate between the sides.

    .venv/bin/python -m tests.benchmarks.import_speed
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from core.config import DataFolder, offline_environment
from core.workflows import importing, projects
from core.workflows.jobs import job_progress
from core.workflows.workspace import Workspace, open_workspace
from tests.benchmarks.machine import THREADS, circumstances

RESULT = Path(__file__).resolve().parent / "import_speed.json"
SEED = 17
SYLLABLES = [
    "mor",
    "tan",
    "kel",
    "vi",
    "sho",
    "pra",
    "lum",
    "ost",
    "bre",
    "fin",
    "ka",
    "ling",
    "ted",
    "ver",
    "son",
    "ous",
    "min",
    "per",
    "ta",
    "rel",
]
PROJECT = "speed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    result = compare(arguments.rows, arguments.rounds)
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def compare(n_rows: int, n_rounds: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        **circumstances(),
        "target": {"ratio_at_most": 3.0},
        "n_rows": n_rows,
        "n_rounds": n_rounds,
    }
    with tempfile.TemporaryDirectory(prefix="proofroom-speed-") as folder:
        for kind in ("documents", "prompts"):
            file = Path(folder) / f"{kind}.jsonl"
            write_rows(file, kind, n_rows)
            ours, peer, engine = [], [], []
            for number in range(n_rounds):
                ours.append(import_once(file, n_rows, Path(folder)))
                peer.append(load_dataset_once(file, n_rows))
                engine.append(engine_alone_once(file, kind, n_rows))
                print(
                    f"{kind}, round {number + 1}: {ours[-1]}, {peer[-1]:.2f}, {engine[-1]:.2f} s",
                    file=sys.stderr,
                    flush=True,
                )
            result[kind] = told(ours, peer) | {
                "engine_alone_seconds": in_words(engine),
                "ratio_of_the_engine_alone": round(statistics.median(engine) / statistics.median(peer), 2),
                "n_megabytes": round(file.stat().st_size / 1e6, 1),
            }
    return result | {"load_after": [round(x, 2) for x in os.getloadavg()]}


def told(ours: list[dict[str, float]], peer: list[float]) -> dict[str, Any]:
    """Medians with the lowest and the highest; the ratio of each round to the peer's of that round."""
    whole = [one["from_worker_to_records"] for one in ours]
    ratios = [mine / other for mine, other in zip(whole, peer, strict=True)]
    return {
        "ours_seconds": {stage: in_words([one[stage] for one in ours]) for stage in ours[0]},
        "load_dataset_seconds": in_words(peer),
        "ratio": round(statistics.median(whole) / statistics.median(peer), 2),
        "ratio_of_each_round": [round(ratio, 2) for ratio in ratios],
    }


def import_once(file: Path, n_rows: int, folder: Path) -> dict[str, float]:
    """Seconds of one import into a studio of its own, by stage."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        workspace = open_workspace(DataFolder(Path(data)))
        workspace.supervisor.start()
        try:
            projects.create_project(workspace, name=PROJECT, goal="voice", by="Ann")
            writer = importing.UploadWriter(workspace, file.name)
            writer.write(file.read_bytes())
            upload = writer.finish()
            pressed_at = time.time()
            job = importing.import_files(workspace, PROJECT, [upload], terms(), name="", by="Ann")["job"]
            while job_progress(workspace, job)["state"] in ("queued", "running"):
                time.sleep(0.005)
            done_at = time.time()
            return stages(workspace, job, n_rows, pressed_at, done_at)
        finally:
            workspace.close()


def stages(workspace: Workspace, job: str, n_rows: int, pressed_at: float, done_at: float) -> dict[str, float]:
    progress, status = job_progress(workspace, job), workspace.supervisor.folder(job).status()
    assert progress["state"] == "done", progress["reason"]
    assert progress["result"]["n_accepted"] == n_rows
    seconds = {
        "from_button_to_records": done_at - pressed_at,
        "from_worker_to_records": done_at - status["started_at"],
        "reading": status["ended_at"] - status["started_at"],
        "taking_over": done_at - status["ended_at"],
    }
    return {stage: round(value, 2) for stage, value in seconds.items()}


def load_dataset_once(file: Path, n_rows: int) -> float:
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        started = time.perf_counter()
        loaded = datasets.load_dataset("json", data_files=str(file), cache_dir=cache, split="train")
        seconds = time.perf_counter() - started
        assert len(loaded) == n_rows
    return seconds


def engine_alone_once(file: Path, kind: str, n_rows: int) -> float:
    """DuckDB's part at its least: the file's columns, a key, one hash of each text, in a table on disk."""
    text = "text" if kind == "documents" else "prompt || chr(10) || chr(10) || response"
    columns = {"id": "VARCHAR"} | dict.fromkeys(["text"] if kind == "documents" else ["prompt", "response"], "VARCHAR")
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        connection = duckdb.connect(str(Path(folder) / "alone.duckdb"), config={"threads": THREADS})
        connection.execute("CREATE TABLE alone (id TEXT PRIMARY KEY, text TEXT, content JSON, text_sha256 TEXT)")
        connection.execute(
            f"""INSERT INTO alone SELECT id, {text}, to_json({{'body': {text}}}), sha256({text})
                FROM read_json(?, format = 'newline_delimited', columns = {columns})""",
            [str(file)],
        )
        connection.execute("CHECKPOINT")
        seconds = time.perf_counter() - started
        assert connection.execute("SELECT count(*) FROM alone").fetchall() == [(n_rows,)]
        connection.close()
    return seconds


def terms() -> importing.Terms:
    return importing.checked_terms(
        owner="Ann", basis="consent", purpose="speed", uses=None, expires=None, licence=None, today=importing.today()
    )


def write_rows(file: Path, kind: str, n_rows: int) -> None:
    """Invented rows, about 700 bytes each: documents with tags, or prompts with their responses."""
    draw = random.Random(SEED)
    words = [a + b for a in SYLLABLES[:10] for b in SYLLABLES[10:]]

    def text(n_words: int) -> str:
        return " ".join(draw.choices(words, k=n_words)).capitalize() + "."

    with file.open("w", encoding="utf-8") as opened:
        for number in range(n_rows):
            row: dict[str, Any] = {"id": f"r{number:06}", "created": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"}
            if kind == "documents":
                body = "\n\n".join(text(30) for _ in range(3))
                row |= {"title": text(5), "text": body, "tags": ["news", "dev"] if number % 3 else []}
            else:
                row |= {"prompt": text(30), "response": text(60), "category": "how"}
            opened.write(json.dumps(row) + "\n")


def in_words(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "lowest": round(min(values), 2),
        "highest": round(max(values), 2),
    }


if __name__ == "__main__":
    main()
