"""Is it worth choosing the records? 200 chosen by the studio against 200 at random, the 200 longest, and all, on real threads.

Everything that the help desk has is pooled: solved, unsolved and spam threads, and those in other languages. Held out are answers that
somebody of the team wrote, that were accepted and found helpful; what says the same as one of those is not learnt from. The
studio measures the records as for a user, nobody decides anything, and its choice is what the recommended recipe takes with the highest
scores. Every run reads as many tokens with the preset's settings, or, with --answer-tokens, learns as many: those of the answers, which are
what the loss counts. Both counts are told of every run, over all its steps.

    .venv/bin/python -m tests.benchmarks.clean_vs_messy --data FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from core.config import DataFolder, offline_environment
from core.curate.versions import read_version
from core.nouns import Example, Goal, Split, System
from core.training.base_models import EMBEDDED, context_tokens
from core.training.batches import TrainingRow, tokenise_examples
from core.training.chat_format import ChatFormat, chat_format
from core.training.chosen_examples import chosen_examples
from core.training.draft_voice import drafts_of_held_out, voice_of_drafts
from core.training.evaluation import HoldOutLoss, evaluate
from core.training.loop import train
from core.training.loss_intervals import difference_estimate, loss_estimate
from core.training.models import load_base, ready_model_folder, with_new_adapter
from core.training.presets import TrainConfig, config_from, preset
from core.training.progress import Silent
from core.workflows import curating, deciding, freezing, importing, projects
from core.workflows.workspace import Workspace, open_workspace
from tests.benchmarks.asker_model import POOL
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted.bases import TICKETS, helpful_threads
from tests.jobs_by_hand import finish

RESULT = Path(__file__).with_suffix(".json")
PROJECT, HELD, CHOSEN, ALL = "support", "held", "chosen", "all"
N_HELD_FROM, N_CHOSEN = 350, 200
SEEDS = (17, 18, 19)
N_DRAFTS = 16
MOST_TOKENS = 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a data folder; versions that it has are taken from it"
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--tokens", type=int, default=40_000, help="that each run reads")
    budget.add_argument("--answer-tokens", type=int, default=0, help="that each run learns, in place of --tokens")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    parser.add_argument("--to", type=Path, default=RESULT)
    parser.add_argument("--resume", action="store_true", help="take over the runs that the result file has")
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    budgeted = (
        {"train_answer_tokens": arguments.answer_tokens}
        if arguments.answer_tokens
        else {"train_tokens": arguments.tokens}
    )
    result: dict[str, Any] = circumstances() | {"budget": budgeted, "seeds": arguments.seeds}
    runs = kept_runs(arguments.to, budgeted) if arguments.resume else []
    folder = DataFolder(arguments.data)
    workspace = open_workspace(folder)
    result["data"] = frozen(workspace)
    versions = {name: read(workspace, name) for name in (CHOSEN, ALL)}
    workspace.close()
    measured = Measuring(ready_model_folder(EMBEDDED, folder.models), versions, budgeted)
    result["base"] = measured.base_told()
    result["runs"] = runs
    there = {(run["arm"], run["seed"]) for run in result["runs"]}
    for seed in arguments.seeds:
        for name, (version, take) in arms().items():
            if (name, seed) in there:
                continue
            result["runs"].append({"arm": name, "seed": seed} | measured.run(versions[version], take, seed))
            told = result["runs"][-1]
            counts = f"{told['n_train_tokens']:,} tokens read, {told['n_answer_tokens']:,} of answers learnt"
            print(f"{name}, seed {seed}: {told['loss']:.4f}; {counts}", file=sys.stderr, flush=True)
            result["summary"] = summary(measured, result["runs"])
            arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result["summary"], indent=2))


def kept_runs(file: Path, budgeted: dict[str, int]) -> list[dict[str, Any]]:
    """The runs of a result file, which must have had the same budget: others cannot be compared with them."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    if kept.get("budget") != budgeted:
        raise SystemExit(
            f"{file} was made with {kept.get('budget', 'a budget that it does not name')}, not with {budgeted}."
        )
    runs: list[dict[str, Any]] = kept["runs"]
    return runs


def arms() -> dict[str, tuple[str, str]]:
    """Version and which of its examples, by name."""
    return {
        "chosen": (CHOSEN, f"random:{N_CHOSEN}"),
        "random": (ALL, f"random:{N_CHOSEN}"),
        "longest": (ALL, f"longest:{N_CHOSEN}"),
        "everything": (ALL, ""),
    }


def frozen(workspace: Workspace) -> dict[str, Any]:
    """Import, measure and freeze what is not there yet. Counts of what each version has."""
    if not [one for one in projects.list_projects(workspace) if one["name"] == PROJECT]:
        projects.create_project(workspace, name=PROJECT, goal=Goal.SUPPORT.value, by="Ann")
        terms = importing.Terms(
            owner="Mozilla contributors", basis="legitimate_interest", purpose="benchmark", expires_on=None
        )
        for name in POOL:
            upload = importing.keep_upload(workspace, f"{name}.jsonl", (TICKETS / f"{name}.jsonl").read_bytes())
            done(workspace, importing.import_files(workspace, PROJECT, [upload], terms, name=name, by="Ann")["job"])
        job = curating.measure_records(workspace, PROJECT, by="Ann")
        assert job is not None
        done(workspace, job)
    there = {one["name"] for one in freezing.list_versions(workspace, PROJECT)}
    if HELD not in there:
        hold_out(workspace)
    if CHOSEN not in there:
        recipe = {"take": "recommended", "max_length_tokens": MOST_TOKENS, "min_score": highest_scores(workspace)}
        freeze(workspace, CHOSEN, recipe=recipe, hold_out=HELD)
        freeze(workspace, ALL, recipe={"take": "everything", "max_length_tokens": MOST_TOKENS}, hold_out=HELD)
    told = {}
    for name in (HELD, CHOSEN, ALL):
        details = freezing.version_details(workspace, PROJECT, name)
        told[name] = {key: details[key] for key in ("n_records", "n_train", "n_validation", "n_test", "dropped")}
        told[name]["min_score"] = details["card"]["recipe_settings"]["min_score"]
    return told


def hold_out(workspace: Workspace) -> None:
    """A version of answers that the team wrote and somebody found helpful; only its hold-out is used."""
    helpful = sorted(record.external_id for record in helpful_threads())
    random.Random(SEEDS[0]).shuffle(helpful)
    chosen = helpful[:N_HELD_FROM]
    for name in chosen:
        deciding.decide(workspace, PROJECT, name, "keep", by="Ann")
    others = {row["external_id"] for row in records(workspace)} - set(chosen)
    for name in others:
        deciding.decide(workspace, PROJECT, name, "reject", by="Ann")
    freeze(workspace, HELD, recipe={"take": "recommended", "max_length_tokens": MOST_TOKENS, "per_cluster": 1})
    for name in [*chosen, *others]:
        deciding.decide(workspace, PROJECT, name, "undo", by="Ann")


def highest_scores(workspace: Workspace) -> float:
    """The score above which the recommended recipe takes about half as many again as are learnt from, as some are held out."""
    taken = [row["score"] for row in records(workspace) if row["score"] is not None and not row["is_defect"]]
    return float(sorted(taken, reverse=True)[min(len(taken), round(1.5 * N_CHOSEN)) - 1])


def records(workspace: Workspace) -> list[dict[str, Any]]:
    (project,) = workspace.store.read("SELECT id FROM projects")
    return workspace.store.read(
        """SELECT r.external_id, s.score, EXISTS (SELECT 1 FROM flags f WHERE f.record_id = r.id AND f.is_defect) AS is_defect
           FROM records r LEFT JOIN scores s ON s.record_id = r.id WHERE r.project_id = ? ORDER BY r.external_id""",
        [project["id"]],
    )


def freeze(workspace: Workspace, name: str, **options: Any) -> None:
    done(workspace, freezing.freeze_version(workspace, PROJECT, name=name, seed=SEEDS[0], by="Ann", **options)["job"])


def done(workspace: Workspace, job: str) -> None:
    progress = finish(workspace, job, seconds=3_600)
    assert progress["state"] == "done", progress["reason"]


def read(workspace: Workspace, name: str) -> dict[Split, tuple[Example, ...]]:
    version = freezing.version_named(workspace, PROJECT, name)
    return read_version(freezing.version_folder(workspace, version["id"])).examples


class Measuring:
    """One base model, one hold-out; each run is trained anew and measured on it."""

    def __init__(
        self, base: Path, versions: dict[str, dict[Split, tuple[Example, ...]]], budgeted: dict[str, int]
    ) -> None:
        self._base, self._budgeted = base, budgeted
        self._form: ChatFormat = chat_format(base)
        examples = versions[ALL]
        self._held = [*examples[Split.TEST], *examples[Split.VALIDATION]]
        self._rows = self._tokenised(self._held)
        self._model = load_base(base)
        blank = with_new_adapter(self._model, TrainConfig())
        loss = evaluate(blank, self._rows, Silent(), phase="base", use_adapter=False)
        assert loss is not None
        self.base_loss: HoldOutLoss = loss
        self._drafts = self._written(blank, versions[CHOSEN][Split.TRAIN], (System.BASE, System.BASE_FEWSHOT))
        self._model = blank.unload()

    def base_told(self) -> dict[str, Any]:
        return {"n_held_out": len(self._rows), "loss": self.base_loss.mean}

    def run(self, examples: dict[Split, tuple[Example, ...]], take: str, seed: int) -> dict[str, Any]:
        settings = {
            "seed": seed,
            "take": take,
            "max_length_tokens": MOST_TOKENS,
            "n_evaluations": 0,
            "keep_best": False,
        }
        config = config_from(settings | self._budgeted, base=preset(Goal.SUPPORT, n_examples=N_CHOSEN))
        torch.manual_seed(seed)
        model = with_new_adapter(load_base(self._base), config)
        chosen = chosen_examples(examples[Split.TRAIN], config)
        rows = self._tokenised(chosen)
        with tempfile.TemporaryDirectory(prefix="proofroom-clean-") as checkpoint:
            done = train(
                model, config, train_rows=rows, validation_rows=[], test_rows=[], checkpoint=Path(checkpoint),
                progress=Silent(),
            )  # fmt: skip
        loss = evaluate(model, self._rows, Silent(), phase="tuned")
        assert loss is not None
        written = self._written(model, chosen, (System.TUNED,))
        merged = [a | {"drafts": b["drafts"] | a["drafts"]} for a, b in zip(written, self._drafts, strict=True)]
        return {
            "n_examples": len(rows),
            "n_train_tokens": done.n_train_tokens,
            "n_answer_tokens": done.n_answer_tokens,
            "n_answer_tokens_of_a_pass": sum(row.n_target_tokens for row in rows),
            "n_steps": done.n_steps,
            "tokens_per_second": round(done.tokens_per_second, 1),
            "loss": loss.mean,
            "interval": asdict(loss_estimate(told(loss))),  # type: ignore[arg-type]
            "examples": told(loss),
            "voice": voice_of_drafts(merged, self._held),
        }

    def _tokenised(self, examples: Any) -> list[TrainingRow]:
        rows, _ = tokenise_examples(examples, self._form, max_length_tokens=MOST_TOKENS)
        return rows

    def _written(self, model: Any, examples: Any, systems: tuple[System, ...]) -> list[dict[str, Any]]:
        return drafts_of_held_out(
            model, self._form, train=examples, held_out=self._held, n_requests=N_DRAFTS, seed=SEEDS[0],
            max_position=context_tokens(self._base), progress=Silent(), systems=systems,
        )  # fmt: skip


def told(loss: HoldOutLoss) -> list[dict[str, Any]]:
    return [
        {
            "example_id": one.example_id,
            "n_target_tokens": one.n_target_tokens,
            "tuned": round(one.nats / one.n_target_tokens, 5),
        }
        for one in loss.examples
    ]


def summary(measured: Measuring, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """By arm: the loss as the mean of its seeds, their spread, the difference from what was chosen on the same texts, and the voice."""
    found: dict[str, Any] = {}
    for name in arms():
        own = [run for run in runs if run["arm"] == name]
        if not own:
            continue
        losses = [run["loss"] for run in own]
        distances = [run["voice"]["tuned"]["distance"] for run in own if run["voice"]]
        found[name] = {
            "n": len(own),
            "loss": round(statistics.mean(losses), 4),
            "lowest": round(min(losses), 4),
            "highest": round(max(losses), 4),
            "change": round(statistics.mean(losses) / measured.base_loss.mean - 1, 4),
            "voice_distance": round(statistics.mean(distances), 3) if distances else None,
            "n_examples": own[0]["n_examples"],
            "n_train_tokens": round(statistics.mean(run["n_train_tokens"] for run in own)),
            "n_answer_tokens": round(statistics.mean(run["n_answer_tokens"] for run in own)),
        }
        if name != "chosen" and len(own) == len([run for run in runs if run["arm"] == "chosen"]):
            difference = difference_estimate(mean_of(own), mean_of([run for run in runs if run["arm"] == "chosen"]))
            assert difference is not None
            found[name]["against_chosen"] = {k: round(v, 4) for k, v in asdict(difference).items()}
    return found


def mean_of(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The examples with the mean of their losses over the runs."""
    return [
        {k: rows[0][k] for k in ("example_id", "n_target_tokens")}
        | {"tuned": statistics.mean(row["tuned"] for row in rows)}
        for rows in zip(*(run["examples"] for run in runs), strict=True)
    ]


if __name__ == "__main__":
    main()
