"""A person or a source in the versions, and in the models that were made of them: versions are written anew without it, runs that learnt it marked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from core.curate.version_erasing import Erasing, Rewritten, rewrite_version_without, without_source
from core.privacy.person import Person
from core.store import erasures as erasure_rows
from core.store.connection import Row, Transaction
from core.workflows.erasure_journal import RECORDS, Journal
from core.workflows.freezing import version_folder
from core.workflows.review_pairs import PAIRS
from core.workflows.training import run_folder
from core.workflows.workspace import Workspace

# What the folder of a version that was written anew ends with until it is in its place.
REWRITTEN = ".rewritten"


def out_of_versions_and_models(
    workspace: Workspace, tx: Transaction, journal: Journal, gone: list[str], masked: dict[str, bool], learnt: Collection[str]
) -> tuple[dict[str, Rewritten], list[Row]]:  # fmt: skip
    """Write versions anew without what went, and mark the runs that learnt it. learnt: those that are known to have. Returns both."""
    rewritten = _versions(workspace, tx, journal, gone, masked)
    runs = erasure_rows.trained_runs(tx)
    by_version = {
        run["id"] for run in runs if run["version_id"] in rewritten and rewritten[run["version_id"]].has_learnt
    }
    marked = _with_those_that_went_on(runs, {*learnt, *by_version})
    for run in marked:
        erasure_rows.mark_run(tx, journal.id, project_id=run["project_id"], run_id=run["id"])
    return rewritten, marked


def swap_versions(workspace: Workspace, erasure_id: str) -> None:
    """Put the versions that were rewritten into their places; those that are there already stay."""
    for row in erasure_rows.rewritten_versions(workspace.store, erasure_id):
        folder = version_folder(workspace, row["version_id"])
        new = _beside(folder)
        if new.exists():
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)


def has_rewritten(workspace: Workspace) -> bool:
    """Whether a version was written anew and is not in its place yet."""
    return any(workspace.folder.versions.glob(f"*{REWRITTEN}"))


def drop_rewritten(workspace: Workspace) -> None:
    """Remove what was written beside versions by an erasure that did not come about."""
    for folder in workspace.folder.versions.glob(f"*{REWRITTEN}"):
        shutil.rmtree(folder, ignore_errors=True)


def _versions(
    workspace: Workspace, tx: Transaction, journal: Journal, gone: list[str], masked: dict[str, bool]
) -> dict[str, Rewritten]:
    """Write the versions that hold the person anew, beside their folders, and register them. Returns them by id."""
    left = {key.partition(":")[2] for key in journal.choices.leaves if key.startswith(f"{RECORDS}:")}
    mark = {"erasure": journal.id, "at": journal.started_at}
    source = journal.source.source if journal.source else ""
    erasing = Erasing(journal.person, frozenset(gone), masked, left, journal.whole, mark, source)
    rewritten = {}
    for version in erasure_rows.every_version(tx):
        folder = version_folder(workspace, version["id"])
        new = _beside(folder)
        shutil.rmtree(new, ignore_errors=True)
        # An example of a record that nobody knows may be the source's, which must go on binding the version then.
        named = source if source and not erasure_rows.holds_unknown_records(tx, version["id"]) else ""
        made = rewrite_version_without(folder, new, replace(erasing, source=named)) if folder.exists() else None
        if made is None:
            continue
        card = without_source(version["card"], named) | {
            "content_sha256": made.content_sha256, "n_examples": made.n_examples, "n_records": made.n_records,
            "erased": [*version["card"].get("erased", []), made.mark],
        }  # fmt: skip
        erasure_rows.rewrite_version(
            tx, journal.id, version, sha256=made.content_sha256, card=card, n_records=made.n_records, n_examples=made.n_examples,
            gone=made.gone, n_masked=len(made.masked),
        )  # fmt: skip
        rewritten[version["id"]] = made
    return rewritten


def _beside(folder: Path) -> Path:
    return folder.with_name(folder.name + REWRITTEN)


def runs_by_pairs(workspace: Workspace, tx: Transaction, person: Person, gone: Collection[str]) -> set[str]:
    """Runs that went on with verdicts on an erased record, or with a pair whose words name the person."""
    records, found = set(gone), set()
    for run in erasure_rows.trained_runs(tx):
        pairs = run_folder(workspace, run["id"]) / PAIRS
        has_record = bool(records & set((run["continues"] or {}).get("records", [])))
        if has_record or (pairs.exists() and person.certain(_as_read(pairs))):
            found.add(run["id"])
    return found


def _as_read(lines: Path) -> str:
    """What a file of JSON lines says: letters that are written as their numbers as themselves."""
    rows = map(json.loads, lines.read_text(encoding="utf-8").splitlines())
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def _with_those_that_went_on(runs: list[Row], learnt: set[str]) -> list[Row]:
    """Those of the runs that have an adapter and learnt it, or went on from one that did. runs: oldest first."""
    known = set(learnt)
    for run in runs:
        if run["continues"] and run["continues"]["run"] in known:
            known.add(run["id"])
    return [run for run in runs if run["id"] in known and run["adapter"]]
