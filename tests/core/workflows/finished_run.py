"""A finished run on a tiny model, put into a studio without training: what an export starts from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.curate.versions import write_version
from core.nouns import Split
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.training.adapters import save_adapter
from core.training.evaluation import ExampleLoss, HoldOutLoss
from core.training.loop import TrainResult
from core.training.merging import load_exactly, with_plain_adapter
from core.training.presets import TrainConfig
from core.workflows import projects
from core.workflows.freezing import source_facts
from core.workflows.workspace import Workspace
from tests.core.training.exportable import tiny_adapter, tiny_model
from tests.core.training.tiny import examples

FAR = date(2099, 1, 1)


def finished_run(
    workspace: Workspace,
    root: Path,
    *,
    expires_on: date = FAR,
    architecture: str = "llama",
    project_name: str = "voice",
) -> str:
    """The run r_1 called v1-1 of a new project, with its adapter, version and source. Returns its id."""
    project = projects.create_project(workspace, name=project_name, goal="voice", by="Ann")
    base = tiny_model(root / "base", architecture=architecture)
    rows = examples(12)
    splits = {Split.TRAIN: rows[:4], Split.VALIDATION: rows[4:6], Split.TEST: rows[6:]}
    sha256 = write_version(workspace.folder.versions / "v_1", splits, [], {"name": "v1", "sources": []})
    config = TrainConfig(base=str(base), rank=4, alpha=8)
    adapter = workspace.folder.runs / "r_1" / "adapter"
    model = with_plain_adapter(load_exactly(base), tiny_adapter(load_exactly(base), root / "adapter"))
    losses = [HoldOutLoss(mean, (ExampleLoss("e6", mean, 1),)) for mean in (4.0, 3.0)]
    result = TrainResult(False, 5, 100, 1.0, 100.0, losses[0], losses[1], 10.0)
    facts = {"version": "v1", "content_sha256": sha256, "run": "r_1"}
    manifest = save_adapter(model, adapter, config=config, base_folder=base, version_facts=facts, result=result)
    with workspace.store.transaction() as tx:
        source_rows.insert_source(
            tx, "s_1", project_id=project["id"], name="posts", owner="Ann", basis="consent", purpose="voice",
            uses=["train", "show"], expires_on=expires_on, licence="own", by="Ann",
        )  # fmt: skip
    source = source_rows.source(workspace.store, "s_1")
    assert source is not None
    with workspace.store.transaction() as tx:
        version_rows.insert_version(
            tx, "v_1", project_id=project["id"], name="v1", recipe="everything", seed=17, content_sha256=sha256, n_records=12,
            n_examples={"train": 4, "validation": 2, "test": 6}, n_train_tokens=99, card={"sources": [source_facts(source)]}, by="Ann",
        )  # fmt: skip
        job_rows.insert_job(tx, "job_1", project_id=project["id"], kind="train", facts={"run": "r_1"}, by="Ann")
        run_rows.insert_run(
            tx, "r_1", project_id=project["id"], version_id="v_1", name="v1-1", job_id="job_1", config=config.to_dict(), estimate={"minutes": 1.0, "peak_memory_mb": 10.0},
            by="Ann",
        )  # fmt: skip
        run_rows.finish_run(
            tx,
            "job_1",
            status="done",
            adapter=str(adapter.relative_to(workspace.folder.root)),
            metrics=manifest["metrics"] | {"weights_sha256": manifest["weights_sha256"]},
        )
        job_rows.mark_ended(tx, "job_1", state="done", reason="", result={})
        job_rows.mark_collected(tx, "job_1")
    return "r_1"
