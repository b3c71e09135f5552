"""Server time of the pages with 100,000 records: what one run of a page's script takes in the served studio.

Some pages are opened at several addresses; Runs, Models and Review, which show no records, are not opened.

The records are imported by the studio; what measuring would find is drawn at random in its place, because a page does not
care how true it is. A browser opens each page in turn, and the server notes how long each run of the page's script took,
the parts that run by themselves included. Each page is opened after nothing was written, and again at once after a
decision, which makes most of its counts untrue; the decision itself is made by key on Curate, and its run measured too.
The peer is the same studio with 1,000 records: a page that looks at every record shows itself by the ratio.

Beside the seconds on the clock stands what the script's own thread computed: the browser draws on the same cores, and
the difference is what the script waited, for a core, for the engine or for Python's lock.

    .venv/bin/python -m tests.benchmarks.page_times
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from playwright.sync_api import Page, sync_playwright

from core.config import DataFolder, offline_environment
from core.jobs.executor import ChildProcessExecutor
from core.jobs.folder import JobFolder
from core.jobs.handlers.facts_step import FACTS
from core.store import records as record_rows
from core.store import tags as tag_rows
from core.store.connection import new_id
from core.workflows import curating, deciding, importing, jobs, projects
from core.workflows.workspace import Workspace, open_workspace, project_named
from studio.client import Client
from tests.benchmarks.machine import circumstances
from tests.benchmarks.pipeline_speed import articles, terms
from tests.jobs_by_hand import finish

RESULT = Path(__file__).resolve().parent / "page_times.json"
REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = "speed"
LIMIT_SECONDS = 0.2
FLAGS = ("truncated", "too_short", "off_topic", "personal_data", "stale_fact", "repetition")
PAGES = (
    "", "sources", "duplicates", "curate", "curate?status=all", "curate?status=not+yet+decided", "tags", "explore",
    "explore?words=bratal", "datasets", "train", "drafts", "results", "help",
)  # fmt: skip
# The decision by key, measured as a page.
BY_KEY = "curate, a decision by key"
SETTLED_SECONDS = 1.5
Run = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 100_000])
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--pages", nargs="*", default=PAGES)
    parser.add_argument("--data", type=Path, help="keep the studio in this folder, and use it when it is there")
    parser.add_argument("--to", type=Path, default=RESULT)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    if arguments.serve:
        serve_with_times(arguments.serve)
        return
    result: dict[str, Any] = {
        **circumstances(),
        "limit_seconds": LIMIT_SECONDS,
        "n_visits": arguments.visits,
        "pages": {},
    }
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory(prefix="proofroom-pages-") as scratch:
            data = (arguments.data or Path(scratch)) / f"studio-{size}"
            if not data.exists():
                build(data, size)
            for path, seconds in visited(data, arguments.pages, arguments.visits).items():
                result["pages"].setdefault(path or "desk", {})[str(size)] = seconds
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for path, by_size in result["pages"].items():
        print(f"{path:32}", "  ".join(f"{size}: {line(s)}" for size, s in by_size.items()))


def line(seconds: dict[str, Any]) -> str:
    after = seconds.get("after_a_decision")
    told = f"{seconds['median']:.3f} ({seconds['highest']:.3f}, computed {seconds['median_computed']:.3f})"
    return told + (f", after a decision {after['median']:.3f}" if after else "")


def build(data: Path, n: int) -> None:
    """A studio with n records, measured, three quarters tagged, a sixth decided on."""
    workspace = open_workspace(DataFolder(data), executor=DrawnMeasures())
    try:
        projects.create_project(workspace, name=PROJECT, goal="voice", by="Ann")
        lines = "".join(json.dumps(article) + "\n" for article in articles(n))
        upload = importing.keep_upload(workspace, "articles.jsonl", lines.encode())
        done(workspace, importing.import_files(workspace, PROJECT, [upload], terms(), name="", by="Ann")["job"])
        job = curating.measure_records(workspace, PROJECT, by="Ann")
        assert job is not None
        done(workspace, job)
        give_tags(workspace)
        for tag, decision in (("t0", "keep"), ("t1", "reject")):
            where = deciding.RecordFilter(tag=tag)
            n_tagged = deciding.count_records(workspace, PROJECT, where)
            assert n_tagged
            deciding.decide_all(workspace, PROJECT, where, decision, by="Ann", expected=n_tagged)
        # So many decisions are learnt from: not while pages are measured.
        for learning in jobs.active_jobs(workspace):
            done(workspace, learning["id"])
    finally:
        workspace.close()


def give_tags(workspace: Workspace) -> None:
    """One of nine tags on three quarters of the records, in one act each; the others wait for theirs."""
    project = project_named(workspace, PROJECT)["id"]
    ids = record_rows.record_ids(workspace.store, project, deciding.RecordFilter())
    with workspace.store.transaction() as tx:
        for number in range(9):
            act, tagged = new_id("t_"), ids[number::12]
            tag_rows.put_on(tx, act, project_id=project, record_ids=tagged, tag=f"t{number}", by="Ann")
            tag_rows.insert_act(tx, act, "tag_alike", project_id=project, by="Ann", n_records=len(tagged))
            tx.event("tagged", "records", project, by="Ann", project_id=project, n_records=len(tagged))


def done(workspace: Workspace, job: str) -> None:
    assert finish(workspace, job, seconds=1_200)["state"] == "done"


class DrawnMeasures(ChildProcessExecutor):
    """Files are read by real workers; what measuring would find is drawn at random."""

    def start(self, folder: JobFolder) -> None:
        if folder.spec()["kind"] != "curate":
            super().start(folder)
            return
        folder.out.mkdir()
        folder.write_status({"state": "done", "result": draw_measures(folder, folder.spec()["settings"]["project_id"])})


def draw_measures(folder: JobFolder, project: str) -> dict[str, int]:
    records = parquet.read_table(folder.inputs / "records.parquet", columns=["id", "text_sha256"])
    n, draw = len(records), np.random.default_rng(17)
    ids = records["id"].combine_chunks()
    beside = ids.take(pa.array((np.arange(n) + 1) % n))
    some = np.flatnonzero(draw.random(n) < 0.25)
    likeness = {name: np.full(n // 20, 0.8) for name in ("words", "jaccard", "containment", "cosine", "length_ratio")}
    first = pa.array(np.arange(0, n // 20 * 20, 20))
    pairs = [ids.take(first).to_pylist(), beside.take(first).to_pylist()]
    vectors = draw.standard_normal((n, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    own = {"record_id": ids}
    tables: dict[str, dict[str, Any]] = {
        "scores": own | {"score": draw.beta(4, 1, n).round(4), "reasons": [["Nothing lowers its score."]] * n},
        "signals": {
            "record_id": pa.concat_arrays([ids] * 3), "name": np.repeat(["letter_share", "n_words", "typicality"], n),
            "value": np.concatenate([draw.beta(9, 1, n), draw.integers(40, 160, n), draw.normal(0.4, 0.1, n)]),
        },
        "flags": {
            "record_id": ids.take(pa.array(some)), "name": draw.choice(FLAGS, len(some)), "is_defect": draw.random(len(some)) < 0.6,
            "evidence": ["Drawn for a benchmark."] * len(some), "start_char": np.full(len(some), 2), "end_char": np.full(len(some), 9),
            "value": pa.nulls(len(some), pa.float64()), "limit_value": pa.nulls(len(some), pa.float64()),
        },
        "neighbours": own | {"neighbour_id": beside, "place": np.ones(n, dtype=np.int64), "cosine": np.full(n, 0.7)},
        "pairs": {"a": [min(p) for p in zip(*pairs, strict=True)], "b": [max(p) for p in zip(*pairs, strict=True)]} | likeness | {
            "method": ["shingles"] * (n // 20), "score": draw.random(n // 20), "swapped": [""] * (n // 20),
            "is_mergeable": np.ones(n // 20, dtype=bool),
        },
        "positions": own | {"x": draw.uniform(-1, 1, n), "y": draw.uniform(-1, 1, n), "theme": draw.integers(0, 20, n)},
        "themes": {
            "theme": np.arange(20), "name": [f"theme {i}" for i in range(20)], "words": [["one", "two"]] * 20,
            "x": draw.uniform(-1, 1, 20), "y": draw.uniform(-1, 1, 20),
        },
        "vectors": own | {
            "encoder": ["drawn"] * n, "text_sha256": records["text_sha256"].combine_chunks(),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 384),
        },
    }  # fmt: skip
    span = {"kind": "price", "start_char": 2, "end_char": 9, "value": "a price"}
    spans = [[span] if is_priced else [] for is_priced in draw.random(n) < 0.1]
    facts = {"record_id": ids, "text_sha256": records["text_sha256"].combine_chunks(), "spans": spans}
    parquet.write_table(pa.table(facts, schema=FACTS), folder.out / "facts.parquet")
    for name, columns in tables.items():
        n_rows = len(next(iter(columns.values())))
        table = pa.table({"project_id": [project] * n_rows} | columns)
        parquet.write_table(table, folder.out / f"{name}.parquet")
    return {"n_records": n, "n_pairs": n // 20, "n_flags": len(some)}


def visited(data: Path, paths: list[str], n_visits: int) -> dict[str, dict[str, Any]]:
    """The longest script run of each visit, by page: its seconds, and those that its thread computed."""
    runs: dict[str, list[Run]] = {path: [] for path in (*paths, BY_KEY)}
    after: dict[str, list[Run]] = {path: [] for path in paths}
    with served(data) as (address, times), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "proofroom_name", "value": "Ann", "url": address}])
        page, client = context.new_page(), Client(DataFolder(data), by="Ann")

        def visit(path: str) -> Run:
            before = len(read_times(times))
            page.goto(f"{address}/{path}{'&' if '?' in path else '?'}project={PROJECT}")
            return max(settled(page, times, before))

        for number in range(n_visits):
            for path in paths:
                runs[path].append(visit(path))
            for path in paths:
                decision = {"decision": "keep" if number % 2 else "reject"}
                client.post("projects", PROJECT, "records", "a000005", "decisions", body=decision)
                after[path].append(visit(path))
            visit("curate")
            before = len(read_times(times))
            page.keyboard.press("k")
            runs[BY_KEY].append(max(settled(page, times, before)))
        browser.close()
    return {
        path: in_figures(found) | ({"after_a_decision": in_figures(after[path])} if path in after else {})
        for path, found in runs.items()
    }


def in_figures(runs: list[Run]) -> dict[str, float]:
    seconds, computed = zip(*runs, strict=True)
    return {
        "median": round(statistics.median(seconds), 3), "highest": round(max(seconds), 3),
        "median_computed": round(statistics.median(computed), 3),
    }  # fmt: skip


def settled(page: Page, times: Path, before: int) -> list[Run]:
    """The runs since `before`, when none has come for a while."""
    deadline, runs, last_at = time.monotonic() + 120, [], time.monotonic()
    while time.monotonic() < deadline:
        page.wait_for_timeout(100)
        now = read_times(times)[before:]
        if len(now) > len(runs):
            runs, last_at = now, time.monotonic()
        elif runs and time.monotonic() - last_at > SETTLED_SECONDS:
            break
    return runs


def read_times(times: Path) -> list[Run]:
    lines = times.read_text(encoding="utf-8").splitlines()
    return [(float(seconds), float(computed)) for seconds, computed in (line.split() for line in lines)]


@contextmanager
def served(data: Path) -> Iterator[tuple[str, Path]]:
    """The studio of a folder in a process that notes its script runs; its address, and the file of times."""
    times = data.parent / f"{data.name}-times.txt"
    times.write_text("", encoding="utf-8")
    (data / "server.json").unlink(missing_ok=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.page_times", "--serve", str(data)],
        cwd=REPOSITORY, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not (data / "server.json").exists():
            assert server.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{json.loads((data / 'server.json').read_text())['port']}", times
    finally:
        server.terminate()
        server.wait(timeout=60)


def serve_with_times(data: Path) -> None:
    """`proofroom serve`, with the seconds of each script run appended to the file of times."""
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    from studio.cli import main as studio

    run_script, times = ScriptRunner._run_script, data.parent / f"{data.name}-times.txt"

    def timed(runner: ScriptRunner, rerun: Any) -> None:
        started, computed = time.perf_counter(), time.thread_time()
        run_script(runner, rerun)
        line = f"{time.perf_counter() - started:.4f} {time.thread_time() - computed:.4f}\n"
        with times.open("a", encoding="utf-8") as file:
            file.write(line)

    ScriptRunner._run_script = timed  # type: ignore[method-assign]
    sys.argv = ["proofroom", "serve", "--port", "0", "--data", str(data)]
    studio()


if __name__ == "__main__":
    main()
