"""How near estimates come by the third run, and a run of the embedded model made again from its bundle.

Three runs on the sample posts, one after another on a fresh studio: each with its estimate as it stood before, and what it then
took. The first makes a quarter of a pass. The second is made from the first one's bundle, so it should have the same weights to the byte.
The third makes a whole pass, so that its estimate is for a run four times as long as those it learnt from.

    .venv/bin/python -m tests.benchmarks.run_estimates
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from core.config import DataFolder, offline_environment
from core.workflows import bundles, curating, freezing, importing, projects, run_plans, training
from core.workflows.workspace import Workspace, open_workspace
from tests.benchmarks.machine import circumstances
from tests.jobs_by_hand import finish

RESULT = Path(__file__).with_suffix(".json")
POSTS = Path(__file__).resolve().parents[2] / "data" / "sample" / "voice" / "posts"
PROJECT = "voice"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="an empty data folder, which is kept; else one that is deleted")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    result: dict[str, Any] = circumstances() | {"runs": []}
    with tempfile.TemporaryDirectory(prefix="proofroom-estimates-") as folder:
        workspace = open_workspace(DataFolder(arguments.data or Path(folder)))
        prepared(workspace)
        for number in (1, 2, 3):
            result["runs"].append(one_run(workspace, number))
            result["load_after"] = [round(x, 2) for x in os.getloadavg()]
            arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        workspace.close()
    print(json.dumps(result, indent=2))


def prepared(workspace: Workspace) -> None:
    projects.create_project(workspace, name=PROJECT, goal="voice", by="Ann")
    uploads = [importing.keep_upload(workspace, file.name, file.read_bytes()) for file in sorted(POSTS.glob("*.md"))]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="benchmark", expires_on=None)
    done(workspace, importing.import_files(workspace, PROJECT, uploads, terms, name="posts", by="Ann")["job"])
    measuring = curating.measure_records(workspace, PROJECT, by="Ann")
    assert measuring is not None
    done(workspace, measuring)
    done(workspace, freezing.freeze_version(workspace, PROJECT, name="v1", recipe="recommended", by="Ann")["job"])


def one_run(workspace: Workspace, number: int) -> dict[str, Any]:
    """The second is made from the bundle of the first; the third is four times as long."""
    settings = {"epochs": 0.25 if number < 3 else 1.0}
    estimate = run_plans.plan_run(workspace, PROJECT, "v1", settings=settings)["estimate"]
    if number == 2:
        facts = bundles.bundle_facts(workspace, "v1-1")
        started = bundles.start_from_bundle(workspace, PROJECT, facts, by="Ann")
    else:
        started = training.start_run(workspace, PROJECT, "v1", by="Ann", settings=settings)
    done(workspace, started["job"])
    row = training.run_named(workspace, started["run"])
    metrics = row["metrics"]
    again = bundles.reproduction(row)
    return {
        "estimated_minutes": round(estimate["minutes"], 2),
        "minutes": round(metrics["job_seconds"] / 60, 2),
        "off_by": round(estimate["minutes"] * 60 / metrics["job_seconds"] - 1, 3),
        "estimated_memory_mb": round(estimate["peak_memory_mb"]),
        "memory_mb": round(metrics["peak_memory_mb"]),
        "memory_off_by": round(estimate["peak_memory_mb"] / metrics["peak_memory_mb"] - 1, 3),
        "is_measured_here": estimate["is_measured_here"],
        "seconds_of_the_steps": round(metrics["seconds"], 1),
        "tokens_per_second": round(metrics["tokens_per_second"], 1),
        "weights_sha256": metrics["weights_sha256"],
        "same_bytes_as_the_first": again["is_identical"] if again else None,
    }


def done(workspace: Workspace, job: str) -> None:
    progress = finish(workspace, job, seconds=3_600)
    assert progress["state"] == "done", progress["reason"]


if __name__ == "__main__":
    main()
