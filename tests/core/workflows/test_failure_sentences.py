"""The sentence that a person reads when a job cannot go on: real workers on a tiny model, each trouble made as it would come."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from core.errors import ModelMissing
from core.review.briefs import BriefIn
from core.training.base_models import file_sha256
from core.training.checkpoints import STATE
from core.training.manifests import WEIGHTS
from core.workflows import briefing, continuing, drafting, jobs, training
from core.workflows.training import run_folder
from core.workflows.workspace import Workspace
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.stopped_run import SETTINGS, stopped_run, wait_for
from tests.jobs_by_hand import finish


@pytest.fixture
def base(workspace: Workspace, tmp_path: Path) -> Path:
    """Of the run v1-1, which is finished."""
    finished_run(workspace, tmp_path)
    return tmp_path / "base"


def resumed(workspace: Workspace, run: str) -> str:
    """Resume a run that cannot go on. Returns the sentence."""
    job = continuing.resume(workspace, run, by="Ann")["job"]
    assert finish(workspace, job)["state"] == "failed"
    return said(workspace, run)


def said(workspace: Workspace, run: str) -> str:
    return str(training.run_summary(workspace, run)["reason"])


def drafted(workspace: Workspace, systems: list[str]) -> dict[str, Any]:
    ids = briefing.add_briefs(workspace, "voice", [BriefIn("typed", "Write about the van.")], by="Ann")
    started = drafting.write_drafts(
        workspace, "voice", run="v1-1", brief_ids=ids, systems=systems, by="Ann", max_new_tokens=16
    )
    return finish(workspace, started["job"])


def replace_weights(file: Path) -> None:
    """Others of the same shapes."""
    save_file({name: tensor + 0.01 for name, tensor in load_file(file).items()}, file, metadata={"format": "pt"})


def test_a_run_that_was_cancelled_says_so_and_the_resumed_one_from_which_step_it_goes_on(
    workspace: Workspace, base: Path
) -> None:
    run = stopped_run(workspace, base)
    assert said(workspace, run) == "Cancelled on request."
    n_steps = training.run_curve(workspace, run)["steps"][-1]["step"]
    job = continuing.resume(workspace, run, by="Ann")["job"]
    assert wait_for(workspace, job, "step")["step"] == n_steps + 1
    (resumed,) = training.run_curve(workspace, run)["resumed"]
    assert (resumed["step"], resumed["sentence"]) == (n_steps, f"Goes on from step {n_steps:,}.")
    jobs.cancel_job(workspace, job, by="Ann")
    assert finish(workspace, job)["state"] == "cancelled"
    # It is told when the job's folder is gone, too.
    shutil.rmtree(workspace.supervisor.folder(job).root)
    assert [one["sentence"] for one in training.run_curve(workspace, run)["resumed"]] == [resumed["sentence"]]


def test_a_broken_checkpoint_is_said_when_its_run_is_resumed(workspace: Workspace, base: Path) -> None:
    run = stopped_run(workspace, base)
    state = run_folder(workspace, run) / "checkpoint" / STATE
    state.write_bytes(state.read_bytes()[:100])
    reason = resumed(workspace, run)
    assert reason.startswith("The checkpoint of this run cannot be read: ")
    assert reason.endswith(" Restore the folder `runs` from a backup, or start a new run.")


def test_a_base_model_that_is_gone_is_said_at_the_start_and_at_the_resuming(workspace: Workspace, base: Path) -> None:
    run = stopped_run(workspace, base)
    queued = training.start_run(workspace, "voice", "v1", by="Ann", settings=SETTINGS | {"base": str(base)})
    shutil.rmtree(base)
    sentence = (
        f"The base model '{base}' is not there. Put it back, or name a folder that holds a model in safetensors form."
    )
    with pytest.raises(ModelMissing) as refused:
        training.start_run(workspace, "voice", "v1", by="Ann", settings=SETTINGS | {"base": str(base)})
    assert str(refused.value) == sentence
    with pytest.raises(ModelMissing) as refused:
        continuing.resume(workspace, run, by="Ann")
    assert str(refused.value) == sentence
    # It was there when the run was queued, and not when its turn came.
    assert finish(workspace, queued["job"])["state"] == "failed"
    assert said(workspace, queued["run"]) == sentence


def test_a_base_model_that_was_replaced_is_said_when_a_run_is_resumed_which_goes_on_when_it_is_back(
    workspace: Workspace, base: Path, tmp_path: Path
) -> None:
    kept = shutil.copytree(base, tmp_path / "kept")
    run = stopped_run(workspace, base)
    replace_weights(base / "model.safetensors")
    reason = resumed(workspace, run)
    assert reason.startswith("The base model in base has the SHA-256 ")
    assert reason.endswith(" Put the base model back that the run was begun on and resume it, or start a new run.")
    shutil.copytree(kept, base, dirs_exist_ok=True)
    job = continuing.resume(workspace, run, by="Ann")["job"]
    assert wait_for(workspace, job, "step")["step"] > 1
    jobs.cancel_job(workspace, job, by="Ann")
    assert finish(workspace, job)["state"] == "cancelled"


@pytest.mark.parametrize("systems", [["tuned"], ["base"]])
def test_drafts_on_a_base_model_that_was_replaced_are_refused(
    workspace: Workspace, base: Path, systems: list[str]
) -> None:
    replace_weights(base / "model.safetensors")
    ended = drafted(workspace, systems)
    assert ended["state"] == "failed"
    assert ended["reason"].startswith("The base model in base has the SHA-256 ")
    assert ended["reason"].endswith(" Put the base model back that the run was trained on, or train again.")


def test_drafts_are_written_where_all_is_as_it_was_trained(workspace: Workspace, base: Path) -> None:
    ended = drafted(workspace, ["tuned", "base"])
    assert (ended["state"], ended["reason"]) == ("done", "")


def test_weights_that_are_not_the_adapters_own_write_no_drafts(workspace: Workspace, base: Path) -> None:
    replace_weights(workspace.folder.runs / "r_1" / "adapter" / WEIGHTS)
    ended = drafted(workspace, ["tuned"])
    assert ended["state"] == "failed"
    assert ended["reason"].startswith("The adapter's weights have the SHA-256 ")
    assert ended["reason"].endswith(" The file was changed after training; train again or restore it from a backup.")


def test_another_runs_adapter_writes_no_drafts(workspace: Workspace, base: Path) -> None:
    folder = workspace.folder.runs / "r_1" / "adapter"
    replace_weights(folder / WEIGHTS)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["weights_sha256"] = file_sha256(folder / WEIGHTS)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ended = drafted(workspace, ["tuned"])
    assert ended["state"] == "failed"
    assert ended["reason"].startswith("The adapter has the SHA-256 ")
    assert ended["reason"].endswith(
        " It is another run's, or was changed since. Restore it from a backup, or train again."
    )
