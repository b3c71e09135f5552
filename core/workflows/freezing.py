"""Freeze a dataset version: preview what a recipe chooses, queue the job, take the version over."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.curate.recipe_words import settings_in_words
from core.curate.recipes import Recipe, recipe_as_json
from core.curate.version_card import from_reviews_in_words, with_header_for
from core.curate.versions import EXAMPLES, FrozenVersion, example_as_row, read_version
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.nouns import Use
from core.store import fact_store as moved_rows
from core.store import selection
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Snapshot, Transaction, new_id, utc_now
from core.training.base_models import EMBEDDED, base_name, model_folder
from core.whole_files import cannot_be_written, whole_folder
from core.workflows import personal_data
from core.workflows.gates import against_hold_out, against_version, passed, sources_that_forbid
from core.workflows.readiness import readiness_with
from core.workflows.recipes import DEFAULT_SEED, Taking, as_recipe, source_names, taking
from core.workflows.workspace import (
    Workspace,
    checked_name,
    checked_person,
    job_spec,
    new_job_folder,
    project_named,
    register_job,
)

__all__ = ["from_reviews_in_words"]


def preview_recipe(
    workspace: Workspace, project: str, recipe: str | Mapping[str, Any] | Recipe, *, seed: int = DEFAULT_SEED
) -> dict[str, Any]:
    """How many records a recipe takes, how many each rule leaves out for which reason, and what forbids it. Nothing is stored."""
    row = project_named(workspace, project)
    taken = taking(workspace.store, row["id"], as_recipe(workspace, row, recipe), seed=seed)
    return {
        "obstacles": [] if taken.n_records else _forbidding(workspace, row),
        "n_all": taken.n_all,
        "n_records": taken.n_records,
        "dropped": dict(taken.left_out.most_common()),
        "n_words": taken.n_words,
        "funnel": [asdict(step) for step in taken.funnel()],
        "readiness": asdict(readiness_with(workspace, row, taken)),
    }


def freeze_version(
    workspace: Workspace,
    project: str,
    *,
    name: str,
    by: str,
    recipe: str | Mapping[str, Any] | Recipe = "recommended",
    seed: int = DEFAULT_SEED,
    max_length_tokens: int | None = None,
    base: str = EMBEDDED,
    hold_out: str | None = None,
) -> dict[str, str]:
    """Queue the freezing of what the recipe takes at this moment. Returns the ids of version and job.

    max_length_tokens: over the recipe's own. hold_out: a version whose validation and test examples this one shall have,
    so that runs on both are measured on the same texts; None to draw them anew. Raises Invalid, Conflict when the name is taken, Refused when a source
    does not allow training.
    """
    person = checked_person(by)
    checked_name(name, "version")
    row = project_named(workspace, project)
    chosen = as_recipe(workspace, row, recipe)
    if max_length_tokens is not None:
        chosen = as_recipe(workspace, row, recipe_as_json(chosen) | {"max_length_tokens": max_length_tokens})
    _refuse_taken_name(workspace, row, name)
    held = _hold_out(workspace, row, hold_out)
    folder_of_base = model_folder(base, workspace.folder.models)
    # The name of the base alone, where nothing else was set or saved: what scripts ask for is what they read back.
    label = recipe if isinstance(recipe, str) else chosen.take
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    snapshot = workspace.store.snapshot()
    try:
        card = {
            "name": name,
            "project": row["name"],
            "goal": row["goal"],
            "recipe": label,
            "recipe_settings": recipe_as_json(chosen),
            "recipe_in_words": settings_in_words(chosen, source_names(workspace, row["id"])),
            "seed": seed,
            "base": base_name(folder_of_base),
            "max_length_tokens": chosen.max_length_tokens,
            "hold_out": _hold_out_facts(held) if held else None,
            "frozen_by": person,
            "frozen_at": utc_now().isoformat() + "Z",
        }
        write = _writing(workspace, snapshot, row, chosen, recipe, seed, folder, base, card, held)
    except BaseException:
        snapshot.close()
        raise
    # A hundred thousand records take over a second to write; the click ends before, with what it saw pinned.
    workspace.supervisor.prepare(job_id, write)
    version_id = new_id("v_")
    facts = {"version": version_id, "name": name, "recipe": label, "seed": seed}
    with workspace.store.transaction() as tx:
        register_job(tx, job_id, project_id=row["id"], kind="freeze", facts=facts, by=person)
    workspace.supervisor.wake()
    return {"version": version_id, "job": job_id}


def _writing(
    workspace: Workspace,
    snapshot: Snapshot,
    project: Row,
    recipe: Recipe,
    asked: object,
    seed: int,
    folder: JobFolder,
    base: str,
    card: dict[str, Any],
    held: Row | None,
) -> Callable[[], None]:
    """What writes the job's inputs and its spec, once the sources are known to allow it. asked: the recipe as it was named."""
    taken = taking(snapshot, project["id"], recipe, seed=seed)
    used = _checked_sources(workspace, project, taken, asked)
    told = [source_facts(source) | {"n_records": taken.by_source[source["id"]]} for source in used]
    told += _held_sources(workspace, held, {source["id"] for source in used})
    settings = {
        "recipe": recipe_as_json(recipe),
        "seed": seed,
        "base": base,
        "models": str(workspace.folder.models),
        "card": card | {"sources": told},
        "hold_out": _hold_out_facts(held) | {"folder": str(version_folder(workspace, held["id"]))} if held else None,
        "personal_data": personal_data.treatment(snapshot, project["id"]),
    }

    def write() -> None:
        try:
            selection.copy_selected_to(snapshot, project["id"], recipe, folder.inputs / "records.parquet", seed=seed)
            if settings["personal_data"]:
                personal_data.write_decided(workspace, snapshot, project["id"], folder.inputs)
        finally:
            snapshot.close()
        folder.create(job_spec(folder, project_id=project["id"], kind="freeze", settings=settings))

    return write


def _hold_out(workspace: Workspace, project: Row, name: str | None) -> Row | None:
    """The version whose hold-out is asked for. Raises NotFound, Refused where it holds nothing out."""
    if name is None:
        return None
    version = version_named(workspace, project["id"], name)
    if not version["n_test"]:
        raise Refused(f"The version {version['name']} has no test example.", remedy="Name another, or draw them anew.")
    lapsed = against_hold_out(workspace, version)
    if lapsed:
        raise Refused(" ".join(lapsed), remedy="Draw the hold-out anew.")
    return version


def _hold_out_facts(version: Row) -> dict[str, str]:
    """What a card says of the version whose hold-out it has."""
    return {"name": version["name"], "content_sha256": version["content_sha256"]}


def _held_sources(workspace: Workspace, version: Row | None, known: set[str]) -> list[dict[str, Any]]:
    """The sources that give held-out records alone, so that their terms bind the version too."""
    if version is None:
        return []
    counts = version_rows.held_by_source(workspace.store, version["id"])
    of_version = {source["id"]: source for source in version["card"]["sources"]}
    return [of_version[i] | {"n_records": n} for i, n in counts.items() if i in of_version and i not in known]


def _refuse_taken_name(workspace: Workspace, project: Row, name: str) -> None:
    if version_rows.version_named(workspace.store, project["id"], name):
        raise Conflict(
            f"A version called {name!r} exists already.", remedy="A frozen version never changes; choose another name."
        )


def _checked_sources(workspace: Workspace, project: Row, taken: Taking, recipe: object) -> list[Row]:
    """The sources that give a record. Raises Refused when there is none, with what sources forbid."""
    if not taken.n_records:
        named = f"The recipe {recipe}" if isinstance(recipe, str) else "The recipe"
        forbidding = _forbidding(workspace, project)
        raise Refused(
            " ".join([f"{named} chooses no record of {project['name']}.", *forbidding]),
            remedy="Renew the terms, or bring in other texts." if forbidding else "Keep some records in Curate first.",
        )
    return source_rows.sources_by_id(workspace.store, list(taken.by_source))


def _forbidding(workspace: Workspace, project: Row) -> list[str]:
    """What the sources of a project say against training, today."""
    standing = [one for one in source_rows.sources(workspace.store, project["id"]) if one["undone_at"] is None]
    return sources_that_forbid(standing, Use.TRAIN, utc_now().date())


def collect_version(
    workspace: Workspace,
    tx: Transaction,
    job: Row,
    folder: JobFolder,
    result: dict[str, Any],
    *,
    action: str = "frozen",
) -> None:
    """Copy the version's folder to its place, and register it. action: what the trail says of it."""
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
    moved = folder.out / "moved.parquet"
    # A version that is taken back brings placeholders along, and no passages.
    if moved.exists():
        moved_rows.insert_moved_from(tx, facts["version"], moved, project_id=job["project_id"], by=job["created_by"])
    tx.event(
        action, "version", facts["version"], by=job["created_by"], project_id=job["project_id"],
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


def export_version(
    workspace: Workspace, project: str, name: str, *, target: Path, by: str, form: str = "parquet", override: str = ""
) -> Path:
    """Copy a version's folder, card and all, to a folder that must not exist. Returns the folder.

    form: parquet, or jsonl for one JSON object an example, which this studio imports again as chats. override: why it is taken
    away although a source forbids training today. Raises Refused with what the sources say, Conflict, Invalid.
    """
    person = checked_person(by)
    if form not in ("parquet", "jsonl"):
        raise Invalid(f"A version cannot be exported as {form!r}.", remedy="Choose parquet or jsonl.")
    version = version_named(workspace, project, name)
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a folder that does not.")
    taken = passed(against_version(workspace, version), override, by=person)
    try:
        with whole_folder(target) as unfinished:
            shutil.copytree(version_folder(workspace, version["id"]), unfinished)
            if form == "jsonl":
                _as_json_lines(unfinished)
    except OSError as error:
        raise cannot_be_written(target, error) from error
    with workspace.store.transaction() as tx:
        tx.event("exported", "version", version["id"], by=person, project_id=version["project_id"])
        taken.note(tx, "version", version["id"], project_id=version["project_id"])
    return target


def _as_json_lines(folder: Path) -> None:
    """Replace each split's Parquet by JSON Lines with the same examples, and say so in the card."""
    frozen = read_version(folder)
    for split, examples in frozen.examples.items():
        lines = [json.dumps(example_as_row(e), ensure_ascii=False) for e in examples]
        (folder / f"{split.value}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        (folder / f"{split.value}.parquet").unlink()
    card = folder / "README.md"
    counts = {split.value: len(examples) for split, examples in frozen.examples.items()}
    text = with_header_for(card.read_text(encoding="utf-8"), counts, schema=EXAMPLES, ending="jsonl")
    card.write_text(text, encoding="utf-8")


def source_facts(source: Row) -> dict[str, Any]:
    return {
        "id": source["id"],
        "name": source["name"],
        "owner": source["owner"],
        "basis": source["basis"],
        "purpose": source["purpose"],
        "uses": source["uses"],
        "expires_on": source["expires_on"].isoformat() if source["expires_on"] else None,
        "licence": source["licence"],
        "controller": source["controller"],
        "special_categories": source["special_categories"],
        "special_condition": source["special_condition"],
        "reference": source["reference"],
        "retention": source["retention"],
    }
