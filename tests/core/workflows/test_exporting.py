"""A run's model on its way out: the job with a real worker, what forbids it, and the way to the folder that somebody named."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.errors import Conflict, Invalid, NotFound, ProofroomError, Refused
from core.jobs.context import JobContext
from core.jobs.handlers import export_job
from core.jobs.handlers.export_job import LIMITS
from core.nouns import JobState
from core.store.connection import Row
from core.training.base_models import EMBEDDED, converted_folder, file_sha256
from core.workflows import exported, exporting, model_card, upkeep
from core.workflows.training import run_named
from core.workflows.workspace import Workspace
from tests.core.workflows.finished_run import finished_run
from tests.jobs_by_hand import finish

LONG_AGO = date(2020, 1, 1)


def done_here(workspace: Workspace, job: str) -> None:
    """Do a queued job's work in this process, which has the libraries loaded; the ledger takes it over as any other."""
    context = JobContext(workspace.supervisor.folder(job))
    context.out.mkdir()
    try:
        result = export_job.run(context)
    except ProofroomError as error:
        context.finish(JobState.FAILED, reason=str(error))
        return
    context.out.rename(context.folder.out)
    context.finish(JobState.DONE, result=result)


def made(workspace: Workspace, form: str, *, in_worker: bool = False, **more: Any) -> dict[str, Any]:
    started = exporting.start_export(workspace, "v1-1", form=form, by="Ann", project="voice", **more)
    if started["job"]:
        if not in_worker:
            done_here(workspace, started["job"])
        ended = finish(workspace, started["job"])
        assert ended["state"] == "done", ended["reason"]
    return exported.export_summary(workspace, started["export"])


def events(workspace: Workspace, action: str) -> list[Row]:
    return workspace.store.read("SELECT * FROM events WHERE action = ? ORDER BY seq", [action])


def test_an_adapter_is_there_at_once_with_card_and_hashes(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    one = made(workspace, "adapter")
    assert (one["status"], one["job"]) == ("done", "")
    assert one["files"] == [
        "MODEL_CARD.md",
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "export.json",
        "manifest.json",
    ]
    folder = Path(one["folder"])
    told = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert (
        told["files"]["adapter_model.safetensors"]
        == told["weights_sha256"]
        == file_sha256(folder / "adapter_model.safetensors")
    )
    assert "--max-lora-rank 8" in one["command"]
    assert not any(str(tmp_path) in file.read_text(encoding="latin-1") for file in folder.iterdir())
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert card.startswith("# v1-1\n\nModel card, written on ")
    assert f"`{told['weights_sha256']}`" in card
    assert [e["facts"]["format"] for e in events(workspace, "exported")] == ["adapter"]


def test_a_gguf_file_is_made_checked_and_copied_out(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    one = made(workspace, "gguf", kind="f16", in_worker=True)
    assert one["files"] == ["MODEL_CARD.md", "Modelfile", "README.md", "export.json", "v1-1-f16.gguf"]
    assert 0 < one["largest_difference"] < LIMITS["f16"]
    assert (one["n_prompts"], one["n_positions"] > 50) == (12, True)
    assert one["merging_difference"] < 1e-4
    out = tmp_path / "out" / "mine"
    copy = exported.copy_export(workspace, one["export"], target=out, by="Ben")
    assert (copy["folder"], copy["files"]) == (str(out), one["files"])
    assert copy["command"] == f"ollama create v1-1 -f {out}/Modelfile"
    told = json.loads((out / "export.json").read_text(encoding="utf-8"))
    assert told["files"] == {name: file_sha256(out / name) for name in told["files"]}
    assert (told["run"], told["version"], told["largest_difference"]) == ("r_1", "v1", one["largest_difference"])
    assert not any(
        str(tmp_path) in (out / name).read_text(encoding="utf-8")
        for name in ("export.json", "README.md", "MODEL_CARD.md")
    )
    AutoModelForCausalLM.from_pretrained(out, gguf_file="v1-1-f16.gguf")


def test_exports_are_told_before_the_embedded_base_model_is_made_ready(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished_run(workspace, tmp_path)
    config = run_named(workspace, run)["config"] | {"base": EMBEDDED}
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET config = ? WHERE id = ?", [config, run])
    monkeypatch.setenv("PROOFROOM_MODELS", str(tmp_path / "models"))
    one = made(workspace, "adapter")
    assert one["command"].startswith(f"vllm serve {converted_folder(tmp_path / 'models')} --enable-lora ")


def test_a_merged_folder_loads_with_transformers_alone(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path, architecture="qwen2")
    one = made(workspace, "merged")
    assert one["type"] == "float32"
    assert one["largest_difference"] < LIMITS["float32"]
    assert one["command"] == f"vllm serve {one['folder']} --served-model-name v1-1"
    AutoModelForCausalLM.from_pretrained(one["folder"])
    assert AutoTokenizer.from_pretrained(one["folder"]).apply_chat_template(
        [{"role": "user", "content": "bike"}], tokenize=False
    )


def test_files_that_say_something_else_are_not_kept(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished_run(workspace, tmp_path)
    monkeypatch.setitem(LIMITS, "q8_0", 1e-9)
    started = exporting.start_export(workspace, "v1-1", form="gguf", kind="q8_0", by="Ann")
    done_here(workspace, started["job"])
    ended = finish(workspace, started["job"])
    assert ended["state"] == "failed"
    assert re.search(r"off from the run's own model after a prompt, and .* up to 1e-09 is allowed", ended["reason"])
    (one,) = exported.list_exports(workspace, "v1-1")
    assert (one["status"], one["reason"], one["folder"]) == ("failed", ended["reason"], None)
    assert not exporting.export_folder(workspace, one["export"]).exists()
    assert not workspace.supervisor.folder(started["job"]).unfinished.exists()


def test_an_adapter_of_another_base_model_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    with (tmp_path / "base" / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    started = exporting.start_export(workspace, "v1-1", form="merged", by="Ann")
    done_here(workspace, started["job"])
    assert finish(workspace, started["job"])["reason"].startswith("The base model in base has the SHA-256")


def test_what_gguf_cannot_say_is_refused_before_a_job_begins(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    config = tmp_path / "base" / "config.json"
    told = json.loads(config.read_text(encoding="utf-8")) | {"model_type": "gpt_neox"}
    config.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(Invalid, match="supported are Llama and Qwen2"):
        exporting.start_export(workspace, "v1-1", form="gguf", by="Ann")
    assert exported.list_exports(workspace, "v1-1") == []


def test_an_expired_source_forbids_an_export_until_somebody_says_why(workspace: Workspace, tmp_path: Path) -> None:
    run = finished_run(workspace, tmp_path, expires_on=LONG_AGO)
    (obstacle,) = exporting.export_obstacles(workspace, run_named(workspace, run))
    assert obstacle.startswith("The source posts expired on 2020-01-01")
    with pytest.raises(Refused, match="The source posts expired on 2020-01-01"):
        made(workspace, "adapter")
    with pytest.raises(Invalid, match="The reason to export all the same is empty"):
        made(workspace, "adapter", override="  ")
    one = made(workspace, "adapter", override="The contract was renewed by mail.")
    (event,) = events(workspace, "overridden")
    assert (event["done_by"], event["object_id"]) == ("Ann", one["export"])
    (kept,) = workspace.store.read("SELECT id, reason, obstacles FROM overrides")
    assert (kept["reason"], kept["obstacles"]) == ("The contract was renewed by mail.", [obstacle])
    assert event["facts"] == {"override": kept["id"], "n_obstacles": 1, "n_characters": 33, "run": "r_1"}
    assert "Exported all the same by Ann" in (Path(one["folder"]) / "README.md").read_text(encoding="utf-8")
    with pytest.raises(Refused, match="expired"):
        exported.copy_export(workspace, one["export"], target=tmp_path / "out", by="Ben")
    exported.copy_export(workspace, one["export"], target=tmp_path / "out", by="Ben", override="As above.")
    assert [e["done_by"] for e in events(workspace, "overridden")] == ["Ann", "Ben"]


def test_what_was_learnt_by_heart_forbids_an_export_until_somebody_says_why(
    workspace: Workspace, tmp_path: Path
) -> None:
    run = finished_run(workspace, tmp_path)
    limits = {"n_given": 32, "n_asked": 48, "long_run": 24}
    heart = {"n": 20, "n_tuned": 5, "n_base": 1, "n_new": 4, "longest": 48, "limits": limits}
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [{"by_heart": heart}, run])
    with pytest.raises(Refused, match="wrote on word for word"):
        made(workspace, "adapter")
    assert made(workspace, "adapter", override="All of it is public.")["override_reason"] == "All of it is public."


def test_a_reason_that_nothing_asks_for_is_not_kept(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    assert made(workspace, "adapter", override="Just so.")["override_reason"] == ""
    assert events(workspace, "overridden") == []


@pytest.mark.parametrize(
    ("form", "kind", "words"),
    [("onnx", "", "cannot be exported as 'onnx'"), ("gguf", "q4_0", "'q4_0' is not possible"), ("merged", "f16", "Leave the type out")],
)  # fmt: skip
def test_a_form_that_there_is_not_is_refused(
    workspace: Workspace, tmp_path: Path, form: str, kind: str, words: str
) -> None:
    finished_run(workspace, tmp_path)
    with pytest.raises(Invalid) as refused:
        exporting.start_export(workspace, "v1-1", form=form, kind=kind, by="Ann")
    assert words in str(refused.value)


def test_the_same_export_twice_is_one_job(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    first = exporting.start_export(workspace, "v1-1", form="gguf", by="Ann")
    assert exporting.start_export(workspace, "v1-1", form="gguf", by="Ben") == first
    assert exporting.start_export(workspace, "v1-1", form="gguf", kind="f16", by="Ben") != first


def taken_over_and_killed(workspace: Workspace, job_id: str) -> None:
    folder = workspace.supervisor.folder(job_id)
    with workspace.store.transaction() as tx:
        (job,) = tx.read("SELECT * FROM jobs WHERE id = ?", [job_id])
        exporting.collect_export(workspace, tx, job, folder, folder.status()["result"])
        raise RuntimeError("killed")


def test_a_server_that_ends_while_it_takes_the_files_over_finds_them_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    finished_run(workspace, tmp_path)
    started = exporting.start_export(workspace, "v1-1", form="gguf", by="Ann")
    folder = workspace.supervisor.folder(started["job"])
    (folder.out / "export").mkdir(parents=True)
    (folder.out / "export" / "a.gguf").write_bytes(b"x")
    folder.write_status({"state": "done", "result": {"format": "gguf", "files": {"a.gguf": "h"}}})
    with pytest.raises(RuntimeError, match="killed"):
        taken_over_and_killed(workspace, started["job"])
    assert exported.export_summary(workspace, started["export"])["folder"] is None
    assert finish(workspace, started["job"])["state"] == "done"
    one = exported.export_summary(workspace, started["export"])
    assert (one["files"], one["n_bytes"]) == (["a.gguf", "export.json"], 1)


def test_a_folder_that_exists_or_cannot_be_written_is_refused_and_left(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    one = made(workspace, "adapter")
    with pytest.raises(Conflict, match="exists already"):
        exported.copy_export(workspace, one["export"], target=tmp_path, by="Ann")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(Invalid, match="cannot be written"):
        exported.copy_export(workspace, one["export"], target=tmp_path / "file" / "out", by="Ann")
    with pytest.raises(NotFound, match="no export 'ex_0'"):
        exported.copy_export(workspace, "ex_0", target=tmp_path / "out", by="Ann")
    assert not (tmp_path / "out").exists()


def test_an_export_whose_files_a_backup_left_out_says_so(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    one = made(workspace, "adapter")
    shutil.rmtree(one["folder"])
    assert exported.export_summary(workspace, one["export"])["folder"] is None
    with pytest.raises(Refused, match="not on this machine"):
        exported.copy_export(workspace, one["export"], target=tmp_path / "out", by="Ann")
    assert upkeep.examine(workspace)["problems"] == []


def test_an_adapter_that_was_changed_since_is_not_exported(workspace: Workspace, tmp_path: Path) -> None:
    finished_run(workspace, tmp_path)
    with (workspace.folder.runs / "r_1" / "adapter" / "adapter_model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Invalid, match="The file was changed after training"):
        made(workspace, "adapter")
    assert exported.list_exports(workspace, "v1-1") == []


@pytest.mark.parametrize("name", ["manifest.json", "adapter_model.safetensors"])
@pytest.mark.parametrize("form", ["adapter", "merged"])
def test_an_adapter_that_is_gone_from_the_disk_is_not_exported(
    workspace: Workspace, tmp_path: Path, name: str, form: str
) -> None:
    finished_run(workspace, tmp_path)
    (workspace.folder.runs / "r_1" / "adapter" / name).unlink()
    with pytest.raises(Invalid, match=f"The {name} of the adapter is gone from the disk"):
        exporting.start_export(workspace, "v1-1", form=form, by="Ann")
    assert exported.list_exports(workspace, "v1-1") == []


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_manifest_that_cannot_be_read_is_a_sentence_for_cards_and_the_doctor(
    workspace: Workspace, tmp_path: Path, content: str
) -> None:
    finished_run(workspace, tmp_path)
    (workspace.folder.runs / "r_1" / "adapter" / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match=r"The manifest\.json of the adapter cannot be read"):
        model_card.card(workspace, "v1-1")
    (problem,) = upkeep.examine(workspace)["problems"]
    assert problem.startswith(
        "The adapter of the run v1-1 is not as it was trained. The manifest.json of the adapter cannot be read"
    )
