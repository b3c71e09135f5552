"""Bring in a newer export of a source: only what changed is replaced, the earlier texts stay, and all of it can be undone.

Rows are matched with the source's records by external id. A decision is on a text: once that text is replaced the record
is undecided again, and the decision is shown as made on the earlier text; undoing the update brings both back. What the
export no longer has is listed and kept. Frozen versions hold their texts by value and do not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.records.field_names import KNOWN_NAMES, PARTS, simple_name
from core.store import sources as source_rows
from core.store import updates as update_rows
from core.store.connection import Row, Transaction, new_id
from core.workflows.duplicates import recluster
from core.workflows.importing import (
    Upload,
    drop_unused,
    import_settings,
    record_files,
    refuse_while_in_use,
    seen_before,
    source_named,
    today,
)
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job


def update_source(
    workspace: Workspace,
    project: str,
    source: str,
    uploads: list[Upload],
    *,
    by: str,
    mapping: Mapping[str, str] | None = None,
    file_mappings: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, str]:
    """Queue the job that reads a newer export of a source, on the source's terms. Returns ids of source and job.

    source: its id, or its name where only one is called so. mapping, file_mappings: as for an import; over those that the source was read with.
    Raises NotFound, Conflict when the source was taken out, Refused when it has expired.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    found = source_called(workspace, row, source)
    if found["undone_at"] is not None:
        raise Conflict(f"{found['name']} was taken out again.", remedy="Import the files as a source of their own.")
    if found["expires_on"] is not None and found["expires_on"] < today():
        raise Refused(
            f"{found['name']} expired on {found['expires_on']}.",
            remedy="Import the newer export as a source of its own, on terms that hold today.",
        )
    if found["kind"] != "files":
        raise Refused(
            f"{found['name']} came out of reviews, not of files.", remedy="Take over what was signed off since instead."
        )
    source_id = found["id"]
    if not uploads:
        raise Invalid("There is no file to import.", remedy="Choose at least one file.")
    elsewhere = {
        seen["sha256"]: f"{seen['path']} of the source {seen['source']}"
        for seen in seen_before(workspace, project, uploads)
        if seen["source_id"] != source_id
    }
    update_id = new_id("u_")
    job_id, folder = new_job_folder(workspace)
    chosen = {**_mapping_of(workspace, source_id), **(mapping or {})}
    settings = import_settings(
        workspace, row, source_id, uploads, known=elsewhere, mapping=chosen, file_mappings=file_mappings
    )
    with workspace.store.transaction() as tx:
        queue_job(
            tx, folder, project_id=row["id"], kind="import", settings=settings | {"update_id": update_id},
            facts={"source": source_id, "update": update_id, "n_files": len(uploads)}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"source": source_id, "job": job_id}


def collect_update(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Join what the job read of a newer export to the database."""
    source_id, update_id, project_id = job["facts"]["source"], job["facts"]["update"], job["project_id"]
    source_rows.insert_files_from(tx, folder.out / "files.parquet", update_id=update_id)
    source_rows.insert_rejected_rows_from(tx, folder.out / "rejected.parquet")
    update_rows.match_rows(tx, record_files(folder), project_id=project_id, source_id=source_id)
    counts: dict[str, int | None] = {**update_rows.counts(tx)}
    # What stands in a file that could not be read is not gone.
    knows_missing = not result["n_refused_files"]
    if not knows_missing:
        counts["n_missing"] = None
    update_rows.take_over(tx, update_id, knows_missing=knows_missing)
    update_rows.drop_match(tx)
    update_rows.insert_update(
        tx, update_id, source_id=source_id, project_id=project_id, counts=counts, by=job["created_by"]
    )
    recluster(tx, project_id)
    tx.event("updated", "source", source_id, by=job["created_by"], project_id=project_id, update=update_id, **counts)


def undo_update(workspace: Workspace, source_id: str, *, by: str) -> dict[str, int]:
    """Take the newest export of a source back. Returns how many records went and how many have their earlier text again.

    Raises NotFound, Conflict when there is none, Refused when a frozen version holds records that came with it.
    """
    person = checked_person(by)
    source = source_named(workspace, source_id)
    update = next((u for u in update_rows.updates_of(workspace.store, source_id) if u["undone_at"] is None), None)
    if update is None or source["undone_at"] is not None:
        raise Conflict(f"{source['name']} has no newer export that could be taken back.")
    versions = update_rows.versions_with_new_records(workspace.store, update["id"])
    if versions:
        raise Refused(
            f"The frozen version {', '.join(versions)} holds records that came with this export.",
            remedy="A frozen version keeps what it was made of; reject the records instead, and freeze a new one.",
        )
    files = [f for f in source_rows.files_of(workspace.store, source_id) if f["update_id"] == update["id"]]
    with workspace.store.transaction() as tx:
        refuse_while_in_use(tx, source)
        update_rows.put_back(tx, update["id"], by=person)
        recluster(tx, source["project_id"])
        tx.event(
            "update_undone", "source", source_id, by=person, project_id=source["project_id"], update=update["id"],
            n_updated=update["n_updated"], n_new=update["n_new"],
        )  # fmt: skip
    drop_unused(workspace, [workspace.folder.uploads / file["sha256"] for file in files])
    return {"n_removed": update["n_new"], "n_restored": update["n_updated"]}


def source_called(workspace: Workspace, project: Row, source: str) -> Row:
    """A source of the project by id, or by its name. Raises NotFound, Conflict where several have the name."""
    rows = source_rows.sources(workspace.store, project["id"])
    found = [row for row in rows if row["id"] == source]
    found = found or [row for row in rows if row["name"] == source and row["undone_at"] is None]
    if not found:
        raise NotFound(f"There is no source {source!r} in {project['name']}.", remedy="See `proofroom sources list`.")
    if len(found) > 1:
        raise Conflict(
            f"{len(found)} sources are called {source!r}.", remedy="Use its id, as `proofroom sources list` shows it."
        )
    return found[0]


def _mapping_of(workspace: Workspace, source_id: str) -> dict[str, str]:
    """How the source's newest table was read: its parts and id, and the facts whose columns no name would tell."""
    tables = [f for f in source_rows.files_of(workspace.store, source_id) if f["mapping"] and f["status"] == "imported"]
    if not tables:
        return {}
    mapping: dict[str, str] = max(tables, key=lambda f: (f["update_id"] is not None, f["path"]))["mapping"]
    return {
        field: column
        for field, column in mapping.items()
        if field in PARTS or field == "id" or simple_name(column) not in KNOWN_NAMES[field]
    }
