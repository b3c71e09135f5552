"""Freeze a dataset version: preview what a recipe chooses, queue the job, take the version over."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.curate.recipes import Candidate, Recipe, choose, parse_recipe, reason_against
from core.curate.versions import FrozenVersion, read_version
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.nouns import RecordStatus, Use
from core.store import records as record_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.training.base_models import EMBEDDED, base_name, model_folder
from core.workflows.gates import sources_that_forbid
from core.workflows.workspace import Workspace, checked_name, checked_person, new_job_folder, project_named, queue_job

DEFAULT_SEED = 17
DEFAULT_MAX_LENGTH = 1024


@dataclass(slots=True)
class Taking:
    """What a recipe takes of a project. left_out: records by reason. by_source: records taken, by source."""

    n_records: int = 0
    n_words: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)

    def take(self, source: str, n: int, n_words: int) -> None:
        self.n_records += n
        self.n_words += n_words
        self.by_source[source] += n


def preview_recipe(workspace: Workspace, project: str, recipe: str, *, seed: int = DEFAULT_SEED) -> dict[str, Any]:
    """How many records a recipe takes, how many it leaves out for which reason, and what forbids it. Nothing is stored."""
    taking = _taking(workspace, project_named(workspace, project), parse_recipe(recipe), seed)
    used = source_rows.sources_by_id(workspace.store, list(taking.by_source))
    return {
        "obstacles": sources_that_forbid(used, Use.TRAIN, utc_now().date()),
        "n_records": taking.n_records,
        "dropped": dict(taking.left_out.most_common()),
        "n_words": taking.n_words,
    }


def _taking(workspace: Workspace, project: Row, recipe: Recipe, seed: int) -> Taking:
    """What the recipe takes, told from counts: without a look at each of a hundred thousand records."""
    taking = Taking()
    if recipe.size:
        longest = recipe.name == "longest"
        for group in record_rows.drawn_groups(
            workspace.store, project["id"], longest=longest, seed=seed, size=recipe.size
        ):
            if group["what"] == "taken":
                taking.take(group["source_id"], group["n"], group["n_words"])
            else:
                taking.left_out[group["what"]] += group["n"]
        return taking
    doubtful = {row["id"]: row for row in record_rows.candidates_in_clusters(workspace.store, project["id"])}
    chosen, dropped = choose([_candidate(row) for row in doubtful.values()], recipe, seed=seed)
    for record in chosen:
        taking.take(doubtful[record]["source_id"], 1, doubtful[record]["n_words"])
    taking.left_out.update(one.reason for one in dropped)
    for group in record_rows.candidate_groups(workspace.store, project["id"]):
        some = Candidate("", "", RecordStatus(group["status"]), tuple(group["defects"]), 0)
        reason = reason_against(some, recipe)
        if reason:
            taking.left_out[reason[0]] += group["n"]
        else:
            taking.take(group["source_id"], group["n"], group["n_words"])
    return taking


def freeze_version(
    workspace: Workspace,
    project: str,
    *,
    name: str,
    by: str,
    recipe: str = "recommended",
    seed: int = DEFAULT_SEED,
    max_length_tokens: int = DEFAULT_MAX_LENGTH,
    base: str = EMBEDDED,
) -> dict[str, str]:
    """Queue the freezing. Returns the ids of version and job.

    Raises Invalid, Conflict when the name is taken, Refused when a source does not allow training.
    """
    person = checked_person(by)
    checked_name(name, "version")
    parsed = parse_recipe(recipe)
    row = project_named(workspace, project)
    if version_rows.version_named(workspace.store, row["id"], name):
        raise Conflict(
            f"A version called {name!r} exists already.", remedy="A frozen version never changes; choose another name."
        )
    if not 64 <= max_length_tokens <= 32_768:
        raise Invalid(f"A length of {max_length_tokens} tokens is not possible.", remedy="Choose 64 to 32,768.")
    folder_of_base = model_folder(base, workspace.folder.models)
    taking = _taking(workspace, row, parsed, seed)
    if not taking.n_records:
        raise Refused(
            f"The recipe {recipe} chooses no record of {row['name']}.", remedy="Keep some records in Curate first."
        )
    used = source_rows.sources_by_id(workspace.store, list(taking.by_source))
    forbidding = sources_that_forbid(used, "train", utc_now().date())
    if forbidding:
        raise Refused(" ".join(forbidding), remedy="Reject its records, or take the source out.")
    version_id = new_id("v_")
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    card = {
        "name": name,
        "project": row["name"],
        "goal": row["goal"],
        "recipe": recipe,
        "seed": seed,
        "base": base_name(folder_of_base),
        "frozen_by": person,
        "frozen_at": utc_now().isoformat() + "Z",
        "sources": [_source_facts(source) | {"n_records": taking.by_source[source["id"]]} for source in used],
    }
    settings = {
        "recipe": recipe,
        "seed": seed,
        "base": base,
        "models": str(workspace.folder.models),
        "max_length_tokens": max_length_tokens,
        "train_only_sources": [source["id"] for source in used if Use.EVALUATE not in source["uses"]],
        "card": card,
    }
    with workspace.store.transaction() as tx:
        record_rows.copy_to(tx, row["id"], folder.inputs / "records.parquet")
        queue_job(
            tx, folder, project_id=row["id"], kind="freeze", settings=settings,
            facts={"version": version_id, "name": name, "recipe": recipe, "seed": seed}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"version": version_id, "job": job_id}


def collect_version(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Copy the version's folder to its place, and register it."""
    facts = job["facts"]
    target = version_folder(workspace, facts["version"])
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.out / "version", target)
    version_rows.insert_version(
        tx, facts["version"], project_id=job["project_id"], name=facts["name"], recipe=facts["recipe"], seed=facts["seed"],
        content_sha256=result["content_sha256"], n_records=result["n_records"], n_examples=result["n_examples"],
        n_train_tokens=result["n_tokens"]["train"], card=folder.spec()["settings"]["card"] | result, by=job["created_by"],
    )  # fmt: skip
    version_rows.insert_trace_from(
        tx, facts["version"], folder.out / "trace.parquet", folder.out / "version" / "left_out" / "dropped.parquet"
    )
    tx.event(
        "frozen", "version", facts["version"], by=job["created_by"], project_id=job["project_id"],
        content_sha256=result["content_sha256"],
    )  # fmt: skip


def version_folder(workspace: Workspace, version_id: str) -> Path:
    return workspace.folder.versions / version_id


def read_frozen(workspace: Workspace, project: str, version: str) -> FrozenVersion:
    """The examples of a version, their hash checked. Raises NotFound, Invalid."""
    row = version_named(workspace, project, version)
    return read_version(version_folder(workspace, row["id"]), expected_sha256=row["content_sha256"])


def list_versions(workspace: Workspace, project: str) -> list[Row]:
    return version_rows.versions(workspace.store, project_named(workspace, project)["id"])


def version_named(workspace: Workspace, project: str, name: str) -> Row:
    """One version by name or id. Raises NotFound naming those that there are."""
    row = project_named(workspace, project)
    version = version_rows.version_named(workspace.store, row["id"], name)
    if version is None:
        names = ", ".join(v["name"] for v in version_rows.versions(workspace.store, row["id"])) or "none yet"
        raise NotFound(f"There is no version {name!r} in {row['name']}.", remedy=f"Versions: {names}.")
    return version


def version_details(workspace: Workspace, project: str, name: str) -> dict[str, Any]:
    """A version with its counts and what was left out, by reason and row by row."""
    version = version_named(workspace, project, name)
    return version | {
        "dropped": version_rows.dropped_counts(workspace.store, version["id"]),
        "left_out": version_rows.dropped(workspace.store, version["id"]),
    }


def compare_versions(workspace: Workspace, project: str, older: str, newer: str) -> dict[str, int]:
    first, second = version_named(workspace, project, older), version_named(workspace, project, newer)
    return version_rows.difference(workspace.store, first["id"], second["id"])


def export_version(
    workspace: Workspace, project: str, name: str, *, target: Path, by: str, form: str = "parquet"
) -> Path:
    """Copy a version's folder, card and all, to a folder that must not exist. Returns the folder.

    form: parquet, or jsonl for one JSON object an example, which this studio imports again as chats.
    """
    if form not in ("parquet", "jsonl"):
        raise Invalid(f"A version cannot be exported as {form!r}.", remedy="Choose parquet or jsonl.")
    version = version_named(workspace, project, name)
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a folder that does not.")
    shutil.copytree(version_folder(workspace, version["id"]), target)
    if form == "jsonl":
        _as_json_lines(target)
    with workspace.store.transaction() as tx:
        tx.event("exported", "version", version["id"], by=checked_person(by), project_id=version["project_id"])
    return target


def _as_json_lines(folder: Path) -> None:
    """Replace each split's Parquet by JSON Lines with the same examples, and say so in the card."""
    frozen = read_version(folder)
    for split, examples in frozen.examples.items():
        lines = [
            json.dumps(
                {
                    "id": e.id,
                    "external_id": e.external_id,
                    "title": e.title,
                    "tags": list(e.tags),
                    "messages": list(e.messages),
                },
                ensure_ascii=False,
            )
            for e in examples
        ]
        (folder / f"{split.value}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        (folder / f"{split.value}.parquet").unlink()
    card = folder / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace(".parquet\n", ".jsonl\n"), encoding="utf-8")


def _candidate(row: Row) -> Candidate:
    return Candidate(
        row["id"],
        row["external_id"],
        RecordStatus(row["status"]),
        tuple(row["defects"]),
        row["n_characters"],
        row["cluster"] or "",
        row["is_canonical"],
    )


def _source_facts(source: Row) -> dict[str, Any]:
    return {
        "id": source["id"],
        "name": source["name"],
        "owner": source["owner"],
        "basis": source["basis"],
        "purpose": source["purpose"],
        "uses": source["uses"],
        "expires_on": source["expires_on"].isoformat() if source["expires_on"] else None,
        "licence": source["licence"],
    }
