"""How long the blind queue takes to give out the next draft, with 10,000 drafts of which many are judged.

The drafts are made up in the store: 2,500 briefs with four drafts each, two verdicts wanted on each draft, a fifth of the briefs
assigned. Reviewers have judged 6,000 drafts between them on another day, so that every tenth draft that they get came back. Then five
reviewers in turn take 20 drafts each and judge them; each `next_draft` after a verdict is timed, and each of those that typing asks
for (the draft stays the same). No server and no browser: what they add does not depend on the number of drafts. Beside the seconds on
the clock stands what the process itself computed, which is what other work on the machine leaves alone.

    .venv/bin/python -m tests.benchmarks.review_queue_speed
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from core.config import DataFolder
from core.workflows import assigning, projects, reviewing
from core.workflows.assigning import Which
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.benchmarks.machine import circumstances

RESULT = Path(__file__).resolve().parent / "review_queue_speed.json"
PROJECT, N_BRIEFS, SYSTEMS = "speed", 2_500, ("tuned", "base", "base_fewshot", "human")
REVIEWERS = tuple(f"Reviewer {n}" for n in range(10))
N_JUDGED_EACH, N_TAKEN_EACH = 600, 20
PUT_DRAFTS = """
    INSERT INTO drafts (id, project_id, brief_id, run_id, job_id, system, text, seed, n_tokens, created_at)
    SELECT 'dr_' || b.id || s.system, b.project_id, b.id, 'run_x', 'job_x', s.system, repeat('A text of about ninety words. ', 15), 17, 90, '2026-01-01'
    FROM briefs b, (SELECT unnest(?) AS system) s
"""
PUT_ITEMS = "INSERT INTO review_items SELECT 'i_' || left(md5(id), 24), project_id, id FROM drafts"
# Seconds on the clock, and those that the process computed.
Took = tuple[float, float]
# Of each reviewer so many drafts, those whose hash comes first, as the queue's own order is drawn.
PUT_SHOWN = """
    INSERT INTO shown_items (project_id, item_id, reviewer, shown_at)
    SELECT project_id, id, $1, '2026-01-02' FROM review_items ORDER BY md5($1 || id) LIMIT $2
"""
PUT_VERDICTS = """
    INSERT INTO reviews
    SELECT 'rv_' || s.reviewer || s.item_id, s.seq, s.project_id, s.item_id, i.draft_id, 'sign_off', NULL, d.text, 0.0, [], 30.0, s.reviewer,
           '2026-01-02'
    FROM shown_items s JOIN review_items i ON i.id = s.item_id JOIN drafts d ON d.id = i.draft_id
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="proofroom-queue-") as folder:
        workspace = open_workspace(DataFolder(Path(folder) / "data"))
        try:
            prepare(workspace)
            told = measure(workspace)
        finally:
            workspace.close()
    RESULT.write_text(json.dumps(told | circumstances(), indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def prepare(workspace: Workspace) -> None:
    project = projects.create_project(workspace, name=PROJECT, goal="voice", by="Ann")["id"]
    projects.set_reviewers_per_draft(workspace, PROJECT, n=2, by="Ann")
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO briefs (id, project_id, external_id, prompt, audience, facts, created_at, created_by) "
            "SELECT 'b_' || n, $1, 'b' || n, 'Write of ' || n, '', [], '2026-01-01', 'Ann' FROM range($2) t(n)",
            [project, N_BRIEFS],
        )
        tx.execute(PUT_DRAFTS, [list(SYSTEMS)])
        tx.execute(PUT_ITEMS)
        for reviewer in REVIEWERS:
            tx.execute(PUT_SHOWN, [reviewer, N_JUDGED_EACH])
        tx.execute(PUT_VERDICTS)
    assigning.assign(
        workspace, PROJECT, Which(briefs=tuple(f"b{n}" for n in range(0, N_BRIEFS, 5))), to=REVIEWERS[:5], by="Ann"
    )


def measure(workspace: Workspace) -> dict[str, object]:
    after_verdict: list[Took] = []
    while_typing: list[Took] = []
    for _ in range(N_TAKEN_EACH):
        for reviewer in REVIEWERS[:5]:
            item, took = timed(workspace, reviewer)
            after_verdict.append(took)
            reviewing.save_text(workspace, item, by=reviewer, text="A text.", seconds=5.0)
            again, took = timed(workspace, reviewer)
            assert again == item
            while_typing.append(took)
            reviewing.submit(workspace, item, "sign_off", by=reviewer, seconds=30.0)
    project = project_named(workspace, PROJECT)["id"]
    (row,) = workspace.store.read("SELECT count(*) AS n FROM repeat_items WHERE project_id = ?", [project])
    return {
        "n_drafts": N_BRIEFS * len(SYSTEMS), "n_verdicts_before": N_JUDGED_EACH * len(REVIEWERS), "n_came_back": row["n"],
        "next_after_a_verdict": spread(after_verdict), "next_while_typing": spread(while_typing),
    }  # fmt: skip


def timed(workspace: Workspace, reviewer: str) -> tuple[str, Took]:
    started, computed = time.perf_counter(), time.process_time()
    current = reviewing.next_draft(workspace, PROJECT, by=reviewer).current
    took = (time.perf_counter() - started, time.process_time() - computed)
    assert current is not None
    return current.item, took


def spread(taken: list[Took]) -> dict[str, float | int]:
    told: dict[str, float | int] = {"n": len(taken)}
    for name, seconds in (("", [clock for clock, _ in taken]), ("cpu_", [cpu for _, cpu in taken])):
        at = [round(1000 * one, 1) for one in statistics.quantiles(seconds, n=20)]
        told |= {f"{name}median_ms": at[9], f"{name}p95_ms": at[18], f"{name}most_ms": round(1000 * max(seconds), 1)}
    return told


if __name__ == "__main__":
    main()
