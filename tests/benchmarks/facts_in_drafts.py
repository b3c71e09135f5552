"""With facts on, do drafts hold fewer figures, names and links that nobody gave?

A support team's project on real threads: a model tuned on accepted answers, a fact store of all the other accepted answers, and questions that neither
has seen. Each is answered by the base and the tuned model, with facts and without, under the same seed. A value of a draft (number,
amount, date, name, link) is unsupported where it stands neither in the question nor in what was looked up for it: the same texts for both drafts of a
pair. Told are unsupported values a draft, and their share of all values, with bootstrap intervals over questions.

    .venv/bin/python -m tests.benchmarks.facts_in_drafts
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from core.config import DataFolder, offline_environment
from core.curate.records_in import RecordIn
from core.facts.support import unsupported, values_of
from core.nouns import System
from core.records.text import accepted_answer
from core.review.briefs import BriefIn
from core.workflows import briefing, curating, drafting, fact_documents, freezing, importing, projects, training
from core.workflows.workspace import Workspace, open_workspace
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted.bases import TICKETS, threads
from tests.benchmarks.retrieval import is_accepted
from tests.jobs_by_hand import finish

RESULT = Path(__file__).with_suffix(".json")
N_BRIEFS, N_LEARNT, SEED, N_DRAWS = 50, 400, 17, 10_000
PROJECT = "support"
PAIRS = {"base": (System.BASE_FACTS, System.BASE), "tuned": (System.TUNED_FACTS, System.TUNED)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=40_000, help="that the run learns from")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    result: dict[str, Any] = circumstances() | {"tokens_of_the_run": arguments.tokens, "seed": SEED}
    rng = np.random.default_rng(SEED)
    records = [record for record in threads("resolved_en") if is_accepted(record)]
    shuffled = [records[place] for place in rng.permutation(len(records))]
    asked, learnt, known = shuffled[:N_BRIEFS], shuffled[N_BRIEFS : N_BRIEFS + N_LEARNT], shuffled[N_BRIEFS:]
    with tempfile.TemporaryDirectory(prefix="proofroom-facts-") as folder:
        workspace = open_workspace(DataFolder(Path(folder)))
        run = tuned(workspace, learnt, arguments.tokens)
        n_passages = stored(workspace, known)
        drafts = written(workspace, run, asked)
        result |= {"n_learnt": len(learnt), "n_passages": n_passages} | {
            name: compared(drafts, *systems) for name, systems in PAIRS.items()
        }
        workspace.close()
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def tuned(workspace: Workspace, records: list[RecordIn], n_tokens: int) -> str:
    """A run on the accepted answers of these threads. Returns its name."""
    projects.create_project(workspace, name=PROJECT, goal="support", by="Ann")
    wanted = {record.external_id for record in records}
    lines = (TICKETS / "resolved_en.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = "\n".join(line for line in lines if str(json.loads(line)["id"]) in wanted)
    upload = importing.keep_upload(workspace, "threads.jsonl", chosen.encode())
    terms = importing.Terms(owner="the forum", basis="consent", purpose="benchmark", expires_on=None)
    done(workspace, importing.import_files(workspace, PROJECT, [upload], terms, name="threads", by="Ann")["job"])
    measuring = curating.measure_records(workspace, PROJECT, by="Ann")
    assert measuring is not None
    done(workspace, measuring)
    done(workspace, freezing.freeze_version(workspace, PROJECT, name="v1", recipe="recommended", by="Ann")["job"])
    settings = {"train_tokens": n_tokens, "n_evaluations": 0, "n_drafts": 0, "ask_again": False, "keep_best": False}
    started = training.start_run(workspace, PROJECT, "v1", by="Ann", settings=settings)
    done(workspace, started["job"])
    return started["run"]


def stored(workspace: Workspace, records: list[RecordIn]) -> int:
    """The accepted answers of these threads as facts, each under its title. Returns the number of passages."""
    text = "\n\n".join(f"## {record.title}\n\n{(accepted_answer(record.content) or {})['text']}" for record in records)
    upload = importing.keep_upload(workspace, "answers.md", text.encode())
    done(
        workspace,
        fact_documents.add_documents(workspace, PROJECT, [upload], owner="the forum", expires="never", by="Ann")["job"],
    )
    return int(fact_documents.list_documents(workspace, PROJECT)["usable"])


def written(workspace: Workspace, run: str, asked: list[RecordIn]) -> dict[str, dict[str, dict[str, Any]]]:
    """By question and system: the draft's text, and what was given with the question."""
    briefs = [
        BriefIn(record.external_id, f"{record.title}\n\n{record.content['question']}"[:8_000]) for record in asked
    ]
    ids = briefing.add_briefs(workspace, PROJECT, briefs, by="Ann")
    systems = [system.value for pair in PAIRS.values() for system in pair]
    job = drafting.write_drafts(workspace, PROJECT, run=run, brief_ids=ids, systems=systems, by="Ann", seed=SEED)["job"]
    done(workspace, job)
    rows = workspace.store.read(
        "SELECT d.brief_id, d.system, d.text, b.prompt, coalesce(f.passages, []) AS passages FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "LEFT JOIN (SELECT o.brief_id, list(DISTINCT concat_ws(chr(10), x.title, x.passage)) AS passages FROM draft_facts x JOIN drafts o ON o.id = x.draft_id "
        "GROUP BY o.brief_id) f ON f.brief_id = d.brief_id ORDER BY d.brief_id",
        [],
    )
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        found[row["brief_id"]][row["system"]] = row
    return found


def compared(drafts: dict[str, dict[str, dict[str, Any]]], with_facts: System, without: System) -> dict[str, Any]:
    """Over the questions that have both drafts: unsupported values a draft and their share, and the differences with 95 % intervals."""
    counts = []
    for of_brief in drafts.values():
        if with_facts in of_brief and without in of_brief:
            pair = [of_brief[system] for system in (with_facts, without)]
            support = (pair[0]["prompt"], *pair[0]["passages"])
            counts.append(
                [x for draft in pair for x in (len(unsupported(draft["text"], support)), len(values_of(draft["text"])))]
            )
    table = np.array(counts, dtype=float)
    rng = np.random.default_rng(SEED)
    draws = table[rng.integers(0, len(table), (N_DRAWS, len(table)))].sum(axis=1)
    share = draws[:, [0, 2]] / np.maximum(draws[:, [1, 3]], 1)
    mean = draws[:, [0, 2]] / len(table)
    total = table.sum(axis=0)
    return {
        "n_briefs": len(table),
        "values_a_draft": [round(float(total[at]) / len(table), 2) for at in (1, 3)],
        "unsupported_a_draft": [round(float(total[at]) / len(table), 2) for at in (0, 2)],
        "unsupported_share": [round(float(total[0] / total[1]), 4), round(float(total[2] / total[3]), 4)],
        "difference_a_draft": interval(mean[:, 0] - mean[:, 1], (total[0] - total[2]) / len(table)),
        "difference_of_shares": interval(share[:, 0] - share[:, 1], total[0] / total[1] - total[2] / total[3]),
        "order": "with facts, without",
    }


def interval(draws: np.ndarray, found: float) -> dict[str, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"difference": round(float(found), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def done(workspace: Workspace, job: str) -> None:
    progress = finish(workspace, job, seconds=14_400)
    assert progress["state"] == "done", progress["reason"]


if __name__ == "__main__":
    main()
